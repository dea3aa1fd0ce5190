//! The list of recordings that a run does not reproduce yet.

use std::collections::BTreeMap;
use std::path::Path;

/// The list's name, in the folder of the recordings.
pub(crate) const FILE: &str = "known-differences.txt";

/// Recordings by file name, each with the reason why it differs.
pub(crate) type Known = BTreeMap<String, String>;

/// Reads the list; without the file nothing may differ.
pub(crate) fn read(file: &Path) -> Result<Known, String> {
    if !file.exists() {
        return Ok(Known::new());
    }
    let text = std::fs::read_to_string(file).map_err(|e| format!("{}: {e}", file.display()))?;
    parse(&text).map_err(|e| format!("{}: {e}", file.display()))
}

/// Lines of `NAME: REASON`, with comments after `#` at a line's start.
fn parse(text: &str) -> Result<Known, String> {
    let lines = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| match line.split_once(": ") {
            Some((name, reason)) if !reason.trim().is_empty() => {
                Ok((name.to_owned(), reason.trim().to_owned()))
            }
            _ => Err(format!("no reason in: {line}")),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn every_entry_needs_a_reason() {
        let list = parse("# why\n\n001-a.txt: no swarm yet\n").expect("a good list");
        assert_eq!(
            list.get("001-a.txt").map(String::as_str),
            Some("no swarm yet")
        );
        assert!(parse("001-a.txt").is_err());
        assert!(parse("001-a.txt: ").is_err());
    }
}
