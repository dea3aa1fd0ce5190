//! Where captured frames go: to standard output as text, or to a file; and reading such a file.

use kernel::process::files::{Fd, OpenOptions};
use kernel::sys::Sys;
use wire::pcap::{self, LinkType, Reader};

use super::options::Options;
use super::print::Printer;
use super::shot::Shot;
use crate::io::Input;

/// How much text is held back when nobody reads it line by line, bytes: as the C library does.
const BUFFER: usize = 4096;

/// The largest capture that is read, bytes.
const LARGEST: usize = 64 << 20;

/// Where captured frames go.
pub(super) struct Out {
    file: Option<Fd>,
    prints: bool,
    /// Text that is not written yet.
    text: Vec<u8>,
    line_buffered: bool,
}

impl Out {
    /// Opens the file that `-w` names. `Err` is the exit code, after saying why.
    pub(super) async fn open(
        sys: &Sys,
        options: &Options,
        link_type: LinkType,
    ) -> Result<Self, i32> {
        let file = match options.write.as_deref() {
            None => None,
            Some("-") => Some(Fd::STDOUT),
            Some(path) => match sys.open(path, OpenOptions::WRITE) {
                Ok(fd) => Some(fd),
                Err(error) => {
                    sys.err(&format!("tcpdump: {path}: {error}\n"));
                    return Err(1);
                }
            },
        };
        if let Some(fd) = file {
            // A reader that has gone shows at the first packet.
            let _ = sys.write(fd, &pcap::file_header(link_type)).await;
        }
        Ok(Self {
            file,
            prints: file.is_none() || options.print,
            text: Vec::new(),
            line_buffered: options.line_buffered || sys.is_tty(Fd::STDOUT),
        })
    }

    /// Whether somebody looks on: at a terminal, or a program that gets each line.
    pub(super) fn is_awaited(&self) -> bool {
        self.prints && self.line_buffered
    }

    /// Takes a frame. False if nobody reads any more.
    pub(super) async fn put(&mut self, sys: &Sys, printer: &mut Printer, shot: &Shot) -> bool {
        if let Some(fd) = self.file
            && sys
                .write(fd, &pcap::record(shot.at, &shot.bytes()))
                .await
                .is_err()
        {
            return false;
        }
        if !self.prints {
            return true;
        }
        self.text.extend(printer.text(sys, shot).await);
        if self.line_buffered || self.text.len() >= BUFFER {
            return self.flush(sys).await;
        }
        true
    }

    /// A signal came: tcpdump ends the line that it might have been in.
    pub(super) fn interrupted(&mut self) {
        if self.file.is_none() {
            self.text.push(b'\n');
        }
    }

    /// Writes what was held back. False if nobody reads any more.
    pub(super) async fn flush(&mut self, sys: &Sys) -> bool {
        let text = std::mem::take(&mut self.text);
        sys.write(Fd::STDOUT, &text).await.is_ok()
    }
}

/// A whole capture file; `-` is standard input.
pub(super) async fn contents(sys: &Sys, path: &str) -> Result<Vec<u8>, String> {
    let mut input = Input::open(sys, path).map_err(|error| format!("{path}: {error}"))?;
    let mut bytes = Vec::new();
    while let Some(piece) = input.piece().await {
        bytes.extend(piece);
        if bytes.len() > LARGEST {
            return Err(crate::not_modelled!(
                "tcpdump",
                "{path}: captures of more than {} MiB",
                LARGEST >> 20
            ));
        }
    }
    input.close();
    Ok(bytes)
}

/// Whether a file begins like a capture of either byte order.
fn is_pcap(bytes: &[u8]) -> bool {
    const MAGIC: u32 = 0xa1b2_c3d4;
    let first = bytes.first_chunk().map(|first| u32::from_le_bytes(*first));
    first == Some(MAGIC) || first == Some(MAGIC.swap_bytes())
}

/// Begins to read a capture.
pub(super) fn reader(bytes: &[u8]) -> Result<Reader<'_>, String> {
    let truncated = |wanted: usize, len: usize| {
        format!("truncated dump file; tried to read {wanted} file header bytes, only got {len}")
    };
    match Reader::new(bytes) {
        Ok(reader) => Ok(reader),
        // The first four bytes tell the kind of file, and only then is the rest of the header wanted.
        Err(_) if bytes.len() < 4 => Err(truncated(4, bytes.len())),
        Err(_) if bytes.len() < 24 && is_pcap(bytes) => Err(truncated(24, bytes.len() - 4)),
        Err(_) => Err("unknown file format".to_owned()),
    }
}
