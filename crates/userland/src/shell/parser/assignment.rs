//! Assignments: what a word has to look like to be one, and the lists of arrays.

use super::super::ast::{Assigned, Assignment, Element, Piece, Word};
use super::super::error::SyntaxError;
use super::super::lexer::{Token, is_name};
use super::Parser;

/// Reads `NAME=value`, `NAME+=value` or `NAME[index]=value` out of a word.
pub(super) fn assignment(word: &Word) -> Option<Assignment> {
    let Piece::Bare(text) = word.pieces.first()? else {
        return None;
    };
    let end = text.find(['=', '+', '['])?;
    let name = text.get(..end).filter(|name| is_name(name))?.to_owned();
    let (index, append, value) = if text.get(end..)?.starts_with('[') {
        let (index, append, value) = indexed(&cut(word, end + 1))?;
        (Some(index), append, value)
    } else {
        let append = text.get(end..)?.starts_with("+=");
        if !append && !text.get(end..)?.starts_with('=') {
            return None;
        }
        (None, append, cut(word, end + 1 + usize::from(append)))
    };
    Some(Assignment {
        name,
        index,
        append,
        late: false,
        value: Assigned::Word(value),
    })
}

/// The word without the first bytes of its first piece.
fn cut(word: &Word, bytes: usize) -> Word {
    let mut pieces = word.pieces.clone();
    if let Some(Piece::Bare(text)) = pieces.first_mut() {
        text.drain(..bytes.min(text.len()));
        if text.is_empty() {
            pieces.remove(0);
        }
    }
    Word { pieces }
}

/// Splits `index]=value`, its opening bracket gone.
fn indexed(word: &Word) -> Option<(Word, bool, Word)> {
    let mut depth = 0_usize;
    for (at, piece) in word.pieces.iter().enumerate() {
        let Piece::Bare(text) = piece else { continue };
        for (offset, c) in text.char_indices() {
            match c {
                '[' => depth += 1,
                ']' if depth > 0 => depth -= 1,
                ']' => {
                    let after = text.get(offset + 1..)?;
                    let append = after.starts_with("+=");
                    let value = after.strip_prefix(if append { "+=" } else { "=" })?;
                    let bare = |text: &str| {
                        let piece = Piece::Bare(text.to_owned());
                        (!text.is_empty()).then_some(piece)
                    };
                    let before = word.pieces.get(..at)?.iter().cloned();
                    let index = before.chain(bare(text.get(..offset)?)).collect();
                    let rest = word.pieces.get(at + 1..)?.iter().cloned();
                    let value = bare(value).into_iter().chain(rest).collect();
                    return Some((Word { pieces: index }, append, Word { pieces: value }));
                }
                _ => {}
            }
        }
    }
    None
}

impl Parser {
    /// Reads the list of an array, its parentheses included.
    pub(super) fn elements(&mut self) -> Result<Vec<Element>, SyntaxError> {
        self.expect_op("(")?;
        let before = std::mem::replace(&mut self.in_list, true);
        let mut out = Vec::new();
        loop {
            self.skip_newlines()?;
            let Token::Word(word) = &self.peek()?.token else {
                break;
            };
            let word = word.clone();
            self.next()?;
            let opened =
                matches!(word.pieces.first(), Some(Piece::Bare(text)) if text.starts_with('['));
            let found = if opened {
                indexed(&cut(&word, 1))
            } else {
                None
            };
            out.push(match found {
                Some((index, append, value)) => Element {
                    index: Some(index),
                    append,
                    value,
                },
                None => Element {
                    index: None,
                    append: false,
                    value: word,
                },
            });
        }
        self.in_list = before;
        self.expect_op(")")?;
        Ok(out)
    }
}
