//! Here-documents: the lines behind a command that are its input.

use std::cell::OnceCell;
use std::rc::Rc;

use crate::shell::ast::{Piece, Word};
use crate::shell::error::SyntaxError;
use crate::shell::parser::Parser;

/// A here-document whose body has not been reached.
#[derive(Debug)]
pub(in crate::shell) struct PendingHereDoc {
    pub(in crate::shell) delimiter: String,
    /// True if the delimiter was quoted, and nothing in the body is expanded.
    pub(in crate::shell) quoted: bool,
    /// True for `<<-`: leading tabs are dropped.
    pub(in crate::shell) strip: bool,
    pub(in crate::shell) body: Rc<OnceCell<Word>>,
}

impl Parser {
    pub(super) fn read_here_documents(&mut self) -> Result<(), SyntaxError> {
        for pending in std::mem::take(&mut self.pending) {
            let line = self.line;
            let mut text = String::new();
            let mut found = false;
            while self.peek_char().is_some() {
                let start = self.position;
                while self.peek_char().is_some_and(|c| c != '\n') {
                    self.bump();
                }
                let mut row = self.text(start, self.position);
                self.bump();
                if pending.strip {
                    row = row.trim_start_matches('\t').to_owned();
                }
                if row == pending.delimiter {
                    found = true;
                    break;
                }
                text.push_str(&row);
                text.push('\n');
            }
            self.open_here_document |= !found;
            if !found {
                self.unended = Some((line.saturating_sub(1).max(1), pending.delimiter));
            }
            let word = if pending.quoted {
                Word {
                    pieces: vec![Piece::Quoted(text)],
                }
            } else {
                self.expandable(&text, line)?
            };
            // A cell is filled once: each redirection registers its own.
            let _: Result<(), Word> = pending.body.set(word);
        }
        Ok(())
    }
}
