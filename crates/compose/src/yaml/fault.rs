//! go-yaml's sentences for what the parser found wrong.

use saphyr_parser::{Marker, ScanError};

use crate::error::{LoadError, Position};

/// The parser's words, go-yaml's words, and which line go-yaml names.
const SENTENCES: [(&str, &str, Line); 19] = [
    (
        "before directive",
        "found unknown directive name",
        Line::Scanned,
    ),
    (
        "expected comment or line break",
        "did not find expected comment or line break",
        Line::Scanned,
    ),
    (
        "plain scalar, found a tab",
        "found a tab character that violates indentation",
        Line::Scanned,
    ),
    (
        "misplaced bracket",
        "did not find expected node content",
        Line::Parsed,
    ),
    (
        "simple key expect",
        "could not find expected ':'",
        Line::Parsed,
    ),
    (
        "mapping values are not allowed",
        "mapping values are not allowed in this context",
        Line::Scanned,
    ),
    (
        "block sequence entries are not allowed",
        "block sequence entries are not allowed in this context",
        Line::Scanned,
    ),
    (
        "unexpected character",
        "found character that cannot start any token",
        Line::Scanned,
    ),
    (
        "tabs disallowed",
        "found character that cannot start any token",
        Line::Scanned,
    ),
    (
        "unknown escape",
        "found unknown escape character",
        Line::Scanned,
    ),
    (
        "unexpected end of stream",
        "found unexpected end of stream",
        Line::Scanned,
    ),
    (
        "invalid indentation in quoted",
        "found unexpected end of stream",
        Line::Parsed,
    ),
    (
        "invalid trailing content",
        "did not find expected key",
        Line::Collection,
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
        "did not find expected node content",
        "did not find expected node content",
        Line::Parsed,
    ),
    (
        "invalid indentation",
        "did not find expected key",
        Line::Collection,
    ),
];

/// Which line a sentence names. go-yaml counts from zero, names no first line, and adds one for what its scanner finds.
#[derive(Clone, Copy)]
enum Line {
    /// The fault's own, found by the scanner.
    Scanned,
    /// The fault's own, found by the parser, or the one before it, found by the scanner.
    Parsed,
    /// That of the innermost collection, or if that is the first the fault's own.
    Collection,
}

/// Words a parser's fault.
pub(super) fn parse(error: &ScanError, open: &[Position], source: &str) -> LoadError {
    let at = position(*error.marker());
    let info = error.info();
    if info.contains("unknown anchor") {
        return unknown_anchor(at, source);
    }
    if info.contains("recursion limit") {
        return too_deep(at);
    }
    let known = SENTENCES.iter().find(|(words, ..)| info.contains(words));
    let (text, line) = known.map_or((info, Line::Scanned), |(_, text, line)| (*text, *line));
    let line = match line {
        Line::Scanned if at.line > 1 => at.line,
        Line::Scanned => 0,
        Line::Parsed => at.line.saturating_sub(1),
        Line::Collection => match open.last().map(|start| start.line) {
            Some(line) if line > 1 => line - 1,
            _ => at.line.saturating_sub(1),
        },
    };
    let line = match line {
        0 => String::new(),
        line => format!("line {line}: "),
    };
    LoadError::at(format!("yaml: {line}{text}"), at)
}

fn unknown_anchor(at: Position, source: &str) -> LoadError {
    let line = source
        .lines()
        .nth(at.line.saturating_sub(1))
        .unwrap_or_default();
    let name: String = line
        .chars()
        .skip(at.column)
        .take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
        .collect();
    LoadError::at(format!("yaml: unknown anchor '{name}' referenced"), at)
}

/// Words a document that nests too deeply.
pub(super) fn too_deep(at: Position) -> LoadError {
    LoadError::at("yaml: exceeded max depth of 10000", at)
}

pub(super) fn position(mark: Marker) -> Position {
    Position {
        line: mark.line(),
        column: mark.col() + 1,
    }
}
