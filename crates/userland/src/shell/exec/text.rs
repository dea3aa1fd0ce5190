//! Running a text: what was typed, a file, `-c`, `eval`, a trap; and what is said of one that can't be read.

use super::MAX_DEPTH;
use crate::shell::Flavour;
use crate::shell::error::{SyntaxError, SyntaxErrorKind};
use crate::shell::parser::Parser;
use crate::shell::state::{Boxed, Flow, Shell};

impl Shell {
    /// Parses and runs a text in this shell, as `eval` does.
    pub(crate) fn evaluate<'a>(&'a mut self, text: &'a str) -> Boxed<'a, Flow> {
        let within = ("eval".to_owned(), Some(self.line_told()));
        self.run_within(text, within)
    }

    /// The same with a file that `.` reads, of which ash tells the lines.
    pub(crate) fn read_script<'a>(&'a mut self, text: &'a str, path: &str) -> Boxed<'a, Flow> {
        self.run_within(text, (path.to_owned(), None))
    }

    fn run_within<'a>(
        &'a mut self,
        text: &'a str,
        within: (String, Option<u32>),
    ) -> Boxed<'a, Flow> {
        Box::pin(async move {
            if self.depth >= MAX_DEPTH {
                self.complain("maximum eval nesting level exceeded");
                self.status = 1;
                return self.abandon();
            }
            self.depth += 1;
            let (line, within) = (self.line, self.within.replace(within));
            let flow = self.run_text(text, "eval").await;
            (self.line, self.within) = (line, within);
            self.depth -= 1;
            flow
        })
    }

    /// Runs a text line by line; `what` names it in a syntax error (`-c`, `eval`, or empty).
    pub(crate) async fn run_text(&mut self, text: &str, what: &str) -> Flow {
        let mut parser = Parser::new(text, self.flavour);
        self.run_lines(&mut parser, what).await
    }

    /// The same with what is left of a text.
    pub(in crate::shell) async fn run_lines(&mut self, parser: &mut Parser, what: &str) -> Flow {
        loop {
            match parser.next_line() {
                Ok(None) => return Flow::Next,
                Ok(Some(script)) => {
                    self.warn_unended(parser);
                    let flow = self.run(&script).await;
                    if flow != Flow::Next {
                        return flow;
                    }
                }
                Err(error) => {
                    self.syntax_error(&error, what, &parser.source_line(error.line));
                    self.status = 2;
                    return if what == "eval" && self.flavour == Flavour::Bash {
                        Flow::Next
                    } else {
                        self.abandon()
                    };
                }
            }
        }
    }

    /// Tells of a here-document that ran into the end of the text.
    pub(in crate::shell) fn warn_unended(&self, parser: &mut Parser) {
        if let Some((line, wanted)) = parser.unended.take()
            && self.flavour == Flavour::Bash
        {
            self.complain(&format!(
                "warning: here-document at line {line} delimited by end-of-file (wanted `{wanted}')"
            ));
        }
    }

    fn syntax_error(&mut self, error: &SyntaxError, what: &str, source: &str) {
        let message = error.message(self.flavour);
        if self.flavour != Flavour::Bash {
            // Only bash counts the end of an argument as a line of its own.
            let at_end = matches!(
                error.kind,
                SyntaxErrorKind::UnexpectedEnd { .. } | SyntaxErrorKind::Unterminated(')')
            ) && (self.from_argument || !what.is_empty());
            self.line = error.line.saturating_sub(u32::from(at_end)).max(1);
            return self.complain(&message);
        }
        let place = if self.interactive && what.is_empty() {
            format!("{}: ", self.name)
        } else if what.is_empty() {
            format!("{}: line {}: ", self.name, error.line)
        } else {
            format!("{}: {what}: line {}: ", self.name, error.line)
        };
        let mut text = format!("{place}{message}\n");
        if matches!(error.kind, SyntaxErrorKind::Unexpected { .. }) && !self.interactive {
            text.push_str(&format!("{place}`{source}'\n"));
        }
        self.sys.err(&text);
    }
}
