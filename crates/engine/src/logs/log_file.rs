//! The file of the log driver `json-file`: one JSON object a line. Source: moby `daemon/logger/jsonfilelog/jsonlog`.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use sorted::SortedMap;

use crate::clock::{UnixNanos, rfc3339};
use crate::go_json;
use crate::stream::Channel;

/// A log's file, as far as the engine wrote it.
#[derive(Debug, Default)]
pub(crate) struct LogFile {
    pub(super) path: String,
    attributes: SortedMap<String, String>,
    /// What is to be written next.
    pub(super) unsaved: Vec<u8>,
    /// How long the file is by what was written, bytes.
    pub(super) saved: usize,
}

/// A line of the file.
#[derive(Serialize, Deserialize)]
struct Entry {
    #[serde(default)]
    log: String,
    #[serde(default)]
    stream: String,
    #[serde(default, rename = "attrs", skip_serializing_if = "SortedMap::is_empty")]
    attributes: SortedMap<String, String>,
    #[serde(default)]
    time: String,
}

impl LogFile {
    /// One that is so long already.
    pub(crate) fn new(path: String, attributes: SortedMap<String, String>, saved: usize) -> Self {
        Self {
            path,
            attributes,
            unsaved: Vec::new(),
            saved,
        }
    }

    pub(super) fn add(&mut self, at: UnixNanos, channel: Channel, data: &[u8]) {
        let stream = match channel {
            Channel::Stdout => "stdout",
            Channel::Stderr => "stderr",
        };
        let entry = Entry {
            log: String::from_utf8_lossy(data).into_owned(),
            stream: stream.to_owned(),
            attributes: self.attributes.clone(),
            time: rfc3339(at),
        };
        self.unsaved.extend(go_json::line(&entry));
    }
}

/// Reads a file; what is no entry is left out.
pub(super) fn read(text: &[u8]) -> impl Iterator<Item = (UnixNanos, Channel, Bytes)> {
    let lines = text.split(|byte| *byte == b'\n');
    lines.filter_map(|line| {
        let entry: Entry = serde_json::from_slice(line).ok()?;
        let channel = match entry.stream.as_str() {
            "stderr" => Channel::Stderr,
            _ => Channel::Stdout,
        };
        let at = crate::clock::read(&entry.time).unwrap_or_default();
        Some((at, channel, Bytes::from(entry.log)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_again() {
        let attributes = SortedMap::from([("tag".to_owned(), "x".to_owned())]);
        let mut file = LogFile::new("/log".to_owned(), attributes, 0);
        file.add(1_500_000_000, Channel::Stderr, b"a <b>\n");
        let text = r#"{"log":"a \u003cb\u003e\n","stream":"stderr","attrs":{"tag":"x"},"time":"1970-01-01T00:00:01.5Z"}"#;
        assert_eq!(file.unsaved, format!("{text}\n").into_bytes());
        let read: Vec<_> = read(&file.unsaved).collect();
        let line = (
            1_500_000_000,
            Channel::Stderr,
            Bytes::from_static(b"a <b>\n"),
        );
        assert_eq!(read, [line]);
    }
}
