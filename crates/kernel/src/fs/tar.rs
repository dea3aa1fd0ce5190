//! Archives as `tar` writes them: files and directories as one run of bytes.
//!
//! Source: POSIX.1-2017 `pax`, "ustar Interchange Format"; GNU tar's long names.

use super::tree::{Metadata, Node};
use crate::time::{Duration, Instant};
use bytes::Bytes;

const BLOCK: usize = 512;
/// What a program's file holds here before the key that it stands under.
const PROGRAM: &[u8] = b"\x7fELF\0";
/// Kind of a header whose contents are the next one's name. GNU.
const LONG_NAME: u8 = b'L';

/// How times and owners are written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Style {
    /// Seconds since 1970 at the beginning of the simulation.
    pub epoch: u64,
    /// Whether owners are named, as GNU tar and busybox do.
    pub named: bool,
    /// Whether directories' names go without a slash, as some programs write them.
    pub bare: bool,
}

/// Why bytes are no archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A header is none.
    NoArchive,
    /// They end too early.
    Short,
}

/// Writes entries and the two empty blocks that end an archive. A directory's name gets its slash.
#[must_use]
pub fn write<'a>(
    entries: impl IntoIterator<Item = (&'a str, &'a Metadata)>,
    style: Style,
) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, meta) in entries {
        let (kind, link, data) = match &meta.node {
            Node::Dir => (b'5', "", Bytes::new()),
            Node::File(data) => (b'0', "", data.clone()),
            Node::Program(key) => (b'0', "", Bytes::from([PROGRAM, key.as_bytes()].concat())),
            Node::Symlink(target) => (b'2', &**target, Bytes::new()),
            Node::Device(name) => (b'3', &**name, Bytes::new()),
            // As tar says it itself: a socket is left out.
            Node::Netns(_) | Node::Socket(_) => continue,
        };
        let mut name = name.to_owned();
        if kind == b'5' && !style.bare && !name.ends_with('/') {
            name.push('/');
        }
        if name.len() > 100 {
            header(
                &mut out,
                "././@LongLink",
                (LONG_NAME, ""),
                name.len() + 1,
                None,
                style,
            );
            contents(&mut out, &[name.as_bytes(), b"\0"].concat());
        }
        header(&mut out, &name, (kind, link), data.len(), Some(meta), style);
        contents(&mut out, &data);
    }
    out.resize(out.len() + 2 * BLOCK, 0);
    out
}

fn contents(out: &mut Vec<u8>, data: &[u8]) {
    out.extend_from_slice(data);
    out.resize(out.len().next_multiple_of(BLOCK), 0);
}

fn header(
    out: &mut Vec<u8>,
    name: &str,
    (kind, link): (u8, &str),
    size: usize,
    meta: Option<&Metadata>,
    style: Style,
) {
    let (mode, uid) = meta.map_or((0, 0), |meta| (meta.mode & 0o7777, meta.uid));
    let modified = meta.map_or(0, |meta| {
        style.epoch + meta.modified.as_nanos() / 1_000_000_000
    });
    let owner = if style.named && uid == 0 { "root" } else { "" };
    let mut block = Vec::with_capacity(BLOCK);
    let mut put = |text: &[u8], width: usize| {
        let kept = text.get(..width).unwrap_or(text);
        block.extend_from_slice(kept);
        block.resize(block.len() + width - kept.len(), 0);
    };
    put(name.as_bytes(), 100);
    put(format!("{mode:07o}").as_bytes(), 8);
    put(format!("{uid:07o}").as_bytes(), 8);
    put(format!("{uid:07o}").as_bytes(), 8);
    put(format!("{size:011o}").as_bytes(), 12);
    put(format!("{modified:011o}").as_bytes(), 12);
    put(b"        ", 8);
    put(&[kind], 1);
    put(link.as_bytes(), 100);
    // GNU tar and busybox write the sign of an older form.
    put(
        if style.named {
            b"ustar  \0"
        } else {
            b"ustar\x0000"
        },
        8,
    );
    put(owner.as_bytes(), 32);
    put(owner.as_bytes(), 32);
    // Numbers of a device: Go writes them also where there is none.
    let device: &[u8] = if style.named { b"" } else { b"0000000" };
    put(device, 8);
    put(device, 8);
    put(b"", BLOCK - 345);
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block.splice(148..156, format!("{sum:06o}\0 ").into_bytes());
    out.append(&mut block);
}

/// One that was read: its name as written, and what it is.
pub type Entry = (String, Metadata);

/// Reads an archive up to its end. What is neither a file, a directory nor a symbolic link is passed over.
/// # Errors
/// [`Fault`].
pub fn read(bytes: &[u8], epoch: u64) -> Result<Vec<Entry>, Fault> {
    let mut entries = Vec::new();
    let mut long = None;
    let mut rest = bytes;
    while !rest.is_empty() {
        let (block, after) = rest.split_at_checked(BLOCK).ok_or(Fault::Short)?;
        rest = after;
        if block.iter().all(|byte| *byte == 0) {
            break;
        }
        let field = |from: usize, width: usize| block.get(from..from + width).unwrap_or_default();
        let text = |from, width| {
            let field = field(from, width).split(|byte| *byte == 0).next();
            String::from_utf8_lossy(field.unwrap_or_default()).into_owned()
        };
        let number = |from, width| {
            let text = text(from, width);
            u64::from_str_radix(text.trim_matches([' ', '\0']), 8).ok()
        };
        let sum: u64 = block
            .iter()
            .enumerate()
            .map(|(at, byte)| match at {
                148..156 => 32,
                _ => u64::from(*byte),
            })
            .sum();
        if number(148, 8) != Some(sum) {
            return Err(Fault::NoArchive);
        }
        let size = number(124, 12).unwrap_or(0);
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let data = rest.get(..size).ok_or(Fault::Short)?;
        rest = rest.get(size.next_multiple_of(BLOCK)..).unwrap_or_default();
        let prefix = text(345, 155);
        let mut name = long.take().unwrap_or_else(|| text(0, 100));
        if !prefix.is_empty() {
            name = format!("{prefix}/{name}");
        }
        let node = match field(156, 1) {
            [LONG_NAME] => {
                let text = String::from_utf8_lossy(data);
                long = Some(text.trim_end_matches('\0').to_owned());
                continue;
            }
            b"0" | b"\0" => match data.strip_prefix(PROGRAM).map(std::str::from_utf8) {
                Some(Ok(key)) => Node::Program(key.into()),
                _ => Node::File(Bytes::copy_from_slice(data)),
            },
            b"5" => Node::Dir,
            b"2" => Node::Symlink(text(157, 100).into()),
            b"3" => Node::Device(text(157, 100).into()),
            _ => continue,
        };
        let seconds = number(136, 12).unwrap_or(0).saturating_sub(epoch);
        let small = |number: Option<u64>| number.and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
        entries.push((
            name,
            Metadata {
                node,
                mode: small(number(100, 8)),
                uid: small(number(108, 8)),
                modified: Instant::ZERO + Duration::from_secs(seconds),
            },
        ));
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(node: Node, mode: u32) -> Metadata {
        Metadata {
            node,
            mode,
            uid: 7,
            modified: Instant::ZERO + Duration::from_secs(5),
        }
    }

    #[test]
    fn what_was_written_is_read() {
        let long = "deep/".repeat(30);
        let all = [
            ("dir".to_owned(), of(Node::Dir, 0o755)),
            (
                "dir/file".to_owned(),
                of(Node::File(Bytes::from_static(b"hello\n")), 0o640),
            ),
            (
                format!("{long}file"),
                of(Node::File(Bytes::from(vec![b'x'; 1000])), 0o644),
            ),
            (
                "link".to_owned(),
                of(Node::Symlink("dir/file".into()), 0o777),
            ),
            (
                "bin/ls".to_owned(),
                of(Node::Program("busybox:ls".into()), 0o755),
            ),
        ];
        let style = Style {
            epoch: 1000,
            named: true,
            ..Style::default()
        };
        let written = write(all.iter().map(|(name, meta)| (name.as_str(), meta)), style);
        assert_eq!(written.len() % BLOCK, 0);
        let read = read(&written, 1000).unwrap();
        assert_eq!(read.len(), all.len());
        for ((name, meta), (read, seen)) in all.iter().zip(&read) {
            assert_eq!(name, read.trim_end_matches('/'));
            assert_eq!(format!("{meta:?}"), format!("{seen:?}"));
        }
    }

    #[test]
    fn what_is_no_archive_is_refused() {
        assert_eq!(read(b"hello\n", 0).unwrap_err(), Fault::Short);
        assert_eq!(read(&[b'x'; 512], 0).unwrap_err(), Fault::NoArchive);
        let meta = of(Node::File(Bytes::from(vec![b'x'; 600])), 0o644);
        let written = write([("file", &meta)], Style::default());
        assert_eq!(read(&written[..1000], 0).unwrap_err(), Fault::Short);
        assert!(read(b"", 0).unwrap().is_empty());
    }

    #[test]
    fn damage_is_a_fault_or_another_archive() {
        let meta = of(Node::File(Bytes::from_static(b"hello\n")), 0o644);
        let long = "deep/".repeat(30);
        let entries = [("file", &meta), (long.as_str(), &meta)];
        let written = write(entries, Style::default());
        for at in 0..written.len() {
            let _any: Result<_, _> = read(&written[..at], 0);
            for byte in [0, b'7', 0xff] {
                let mut damaged = written.clone();
                damaged[at] = byte;
                let _any: Result<_, _> = read(&damaged, 0);
            }
        }
    }
}
