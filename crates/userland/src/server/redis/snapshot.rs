//! What outlives a server: its keys in a file of Redis's own form (RDB), with the plainest encoding of each type.
//!
//! Source: redis `rdb.c`, `rdb.h` (version 12 of the form). The checksum is left out, which the form allows.

use super::store::{Bytes, Database, Hash, List, Set, Sorted, Stored};
use super::{State, VERSION};
use kernel::sys::Sys;
use kernel::time::{Duration, Instant};

/// As `INFO` tells it.
const USED_MEMORY: u64 = 703_384;
const MAGIC: &[u8] = b"REDIS0012";
const REMARK: u8 = 0xFA;
const EXPIRES_MS: u8 = 0xFC;
const SELECT: u8 = 0xFE;
const END: u8 = 0xFF;

/// Where a server keeps its file.
pub(super) fn path(state: &State) -> String {
    format!("{}/{}", state.setting("dir"), state.setting("dbfilename"))
}

/// Writes the file; false if that cannot be.
pub(super) fn save(sys: &Sys, state: &mut State) -> bool {
    let (now, unix) = (sys.now(), milliseconds(sys));
    let mut out = MAGIC.to_vec();
    for (name, value) in [
        ("redis-ver", VERSION.to_owned()),
        ("ctime", (unix / 1000).to_string()),
        ("used-mem", USED_MEMORY.to_string()),
    ] {
        out.push(REMARK);
        text(&mut out, name.as_bytes());
        text(&mut out, value.as_bytes());
    }
    for (number, database) in (0_u8..).zip(state.databases()) {
        database.expire(now);
        if !database.keys.is_empty() {
            out.extend([SELECT, number]);
        }
        for (key, stored) in database.keys.iter() {
            if let Some(end) = database.ends.get(key) {
                let left = u64::try_from((*end - now).as_millis()).unwrap_or(u64::MAX);
                out.push(EXPIRES_MS);
                out.extend(unix.saturating_add(left).to_le_bytes());
            }
            put(&mut out, key, stored);
        }
    }
    out.push(END);
    out.extend([0; 8]);
    sys.write_file(&path(state), &out).is_ok()
}

/// Takes in the file, if there is one, and tells about it as Redis does.
/// # Errors
/// If it is not such a file; the text says what Redis says.
pub(super) fn load(sys: &Sys, state: &mut State) -> Result<Vec<String>, &'static str> {
    let Ok(file) = sys.read_file(&path(state)) else {
        return Ok(Vec::new());
    };
    let mut rest = Rest(
        file.strip_prefix(MAGIC)
            .ok_or("Wrong signature trying to load DB from file")?,
    );
    let (now, unix) = (sys.now(), milliseconds(sys));
    rest.keys(state, now, unix)
        .ok_or("Unexpected EOF reading RDB file")
}

fn milliseconds(sys: &Sys) -> u64 {
    let (seconds, nanos) = sys.wall_clock();
    seconds * 1000 + u64::from(nanos / 1_000_000)
}

fn length(out: &mut Vec<u8>, length: usize) {
    // A first byte of 128 says that four bytes follow.
    match u8::try_from(length) {
        Ok(short) if short < 64 => out.push(short),
        _ => {
            out.push(0x80);
            out.extend(u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
        }
    }
}

fn text(out: &mut Vec<u8>, bytes: &[u8]) {
    length(out, bytes.len());
    out.extend(bytes);
}

/// One key: its type, its name, and what it holds.
fn put(out: &mut Vec<u8>, key: &[u8], stored: &Stored) {
    let (kind, count) = match stored {
        Stored::Text(_) => (0, None),
        Stored::List(items) => (1, Some(items.len())),
        Stored::Set(members) => (2, Some(members.len())),
        Stored::Hash(fields) => (4, Some(fields.len())),
        Stored::Sorted(members) => (5, Some(members.len())),
    };
    out.push(kind);
    text(out, key);
    if let Some(count) = count {
        length(out, count);
    }
    match stored {
        Stored::Text(value) => text(out, value),
        Stored::List(items) => items.iter().for_each(|item| text(out, item)),
        Stored::Set(members) => members.iter().for_each(|member| text(out, member)),
        Stored::Hash(fields) => fields.iter().for_each(|(field, value)| {
            text(out, field);
            text(out, value);
        }),
        Stored::Sorted(members) => members.iter().for_each(|(member, score)| {
            text(out, member);
            out.extend(score.to_le_bytes());
        }),
    }
}

/// What is still to be read.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*first)
    }

    fn length(&mut self) -> Option<usize> {
        match self.byte()? {
            short @ 0..64 => Some(short.into()),
            0x80 => usize::try_from(u32::from_be_bytes(self.array()?)).ok(),
            _ => None,
        }
    }

    fn text(&mut self) -> Option<Bytes> {
        let length = self.length()?;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(text.to_vec())
    }

    fn stored(&mut self, kind: u8) -> Option<Stored> {
        if kind == 0 {
            return Some(Stored::Text(self.text()?));
        }
        let count = self.length()?;
        let each = 0..count;
        Some(match kind {
            1 => Stored::List(each.map(|_| self.text()).collect::<Option<List>>()?),
            2 => Stored::Set(each.map(|_| self.text()).collect::<Option<Set>>()?),
            4 => Stored::Hash(
                each.map(|_| Some((self.text()?, self.text()?)))
                    .collect::<Option<Hash>>()?,
            ),
            5 => Stored::Sorted(
                each.map(|_| Some((self.text()?, f64::from_le_bytes(self.array()?))))
                    .collect::<Option<Sorted>>()?,
            ),
            _ => return None,
        })
    }

    fn keys(&mut self, state: &mut State, now: Instant, unix: u64) -> Option<Vec<String>> {
        let mut told = Vec::new();
        let (mut number, mut end) = (0, None);
        let (mut taken, mut over) = (0, 0);
        loop {
            match self.byte()? {
                END => break,
                REMARK => {
                    let (name, value) = (self.text()?, self.text()?);
                    told.extend(remark(&name, &String::from_utf8_lossy(&value), unix));
                }
                SELECT => number = self.length()?,
                EXPIRES_MS => end = Some(u64::from_le_bytes(self.array()?)),
                kind => {
                    let (key, stored) = (self.text()?, self.stored(kind)?);
                    let database: &mut Database = state.database(number);
                    match end.take() {
                        Some(end) if end <= unix => {
                            over += 1;
                            continue;
                        }
                        Some(end) => {
                            let left = Duration::from_millis(end - unix);
                            database.ends.insert(key.clone(), now + left);
                        }
                        None => {}
                    }
                    database.keys.insert(key, stored);
                    taken += 1;
                }
            }
        }
        told.push(format!(
            "Done loading RDB, keys loaded: {taken}, keys expired: {over}."
        ));
        told.push("DB loaded from disk: 0.000 seconds".to_owned());
        Some(told)
    }
}

/// What is said about a remark of the file.
fn remark(name: &[u8], value: &str, unix: u64) -> Option<String> {
    let number = || value.parse::<u64>().ok();
    Some(match name {
        b"redis-ver" => format!("Loading RDB produced by version {value}"),
        b"ctime" => format!(
            "RDB age {} seconds",
            (unix / 1000).saturating_sub(number()?)
        ),
        b"used-mem" => {
            let megabytes = number()? as f64 / (1024.0 * 1024.0);
            format!("RDB memory usage when created {megabytes:.2} Mb")
        }
        _ => return None,
    })
}
