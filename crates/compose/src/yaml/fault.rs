//! go-yaml's sentences for what the parser found wrong.

use saphyr_parser::ScanError;

use super::compose::position;
use crate::error::{LoadError, Position};

/// The parser's words, go-yaml's words, and which line go-yaml names.
const SENTENCES: [(&str, &str, Line); 8] = [
    (
        "simple key expect",
        "could not find expected ':'",
        Line::Own,
    ),
    (
        "mapping values are not allowed",
        "mapping values are not allowed in this context",
        Line::Own,
    ),
    (
        "unexpected character",
        "found character that cannot start any token",
        Line::Own,
    ),
    (
        "did not find expected key",
        "did not find expected key",
        Line::Collection,
    ),
    (
        "did not find expected '-'",
        "did not find expected '-' indicator",
        Line::Collection,
    ),
    (
        "expected ',' or ']'",
        "did not find expected ',' or ']'",
        Line::Collection,
    ),
    (
        "expected ',' or '}'",
        "did not find expected ',' or '}'",
        Line::Collection,
    ),
    (
        "unknown escape",
        "found unknown escape character",
        Line::Own,
    ),
];

/// Which line a sentence names.
#[derive(Clone, Copy)]
enum Line {
    /// That of the fault.
    Own,
    /// The one before the innermost collection's first, as go-yaml counts there from zero.
    Collection,
}

/// Words a parser's fault.
pub(super) fn parse(error: &ScanError, open: &[Position]) -> LoadError {
    let at = position(*error.marker());
    let info = error.info();
    let known = SENTENCES.iter().find(|(words, ..)| info.contains(words));
    let (text, line) = known.map_or((info, Line::Own), |(_, text, line)| (*text, *line));
    let line = match line {
        Line::Own => at.line,
        Line::Collection => match open.last().map(|start| start.line) {
            Some(line) if line > 1 => line - 1,
            _ => at.line.saturating_sub(1),
        },
    };
    LoadError::at(format!("yaml: line {line}: {text}"), at)
}

/// Words a document that nests too deeply.
pub(super) fn too_deep(at: Position) -> LoadError {
    LoadError::at("yaml: exceeded max depth of 10000", at)
}
