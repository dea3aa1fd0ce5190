//! From words to arguments: parameters, command substitution, splitting, file names.

use super::ast::{Piece, Word};
use super::expand::{self, Field, Part};
use super::glob::Pattern;
use super::state::{Abort, Boxed, Shell};
use super::{Flavour, arith};

impl Shell {
    /// Expands words into arguments, fully.
    pub(crate) fn words<'a>(
        &'a mut self,
        words: &'a [Word],
    ) -> Boxed<'a, Result<Vec<String>, Abort>> {
        Box::pin(async move {
            let mut out = Vec::new();
            for word in words {
                let words = match self.flavour {
                    Flavour::Bash => expand::braces(word),
                    _ => vec![word.clone()],
                };
                for word in words {
                    let mut parts = Vec::new();
                    self.parts(&word.pieces, false, &mut parts).await?;
                    let ifs = self.variable("IFS").unwrap_or_else(|| " \t\n".to_owned());
                    for field in expand::fields(&parts, &ifs) {
                        self.file_names(&field, &mut out);
                    }
                }
            }
            Ok(out)
        })
    }

    /// Expands a word into one string, neither split nor matched.
    pub(crate) async fn single(&mut self, word: &Word) -> Result<String, Abort> {
        Ok(expand::text(&self.unsplit(word).await?))
    }

    /// Expands a word into a pattern.
    pub(crate) async fn pattern(&mut self, word: &Word) -> Result<Pattern, Abort> {
        Ok(Pattern::quoted(&self.unsplit(word).await?))
    }

    /// Expands a word without splitting, keeping what was quoted.
    pub(crate) async fn unsplit(&mut self, word: &Word) -> Result<Field, Abort> {
        let mut parts = Vec::new();
        self.parts(&word.pieces, false, &mut parts).await?;
        Ok(expand::unsplit(&parts))
    }

    /// Expands and evaluates arithmetic.
    pub(crate) async fn arithmetic(&mut self, word: &Word) -> Result<i64, Abort> {
        let text = self.single(word).await?;
        self.calculate(&text)
    }

    /// Evaluates arithmetic.
    pub(crate) fn calculate(&mut self, text: &str) -> Result<i64, Abort> {
        let result = match self.flavour {
            Flavour::Dash if arith::beyond_posix(text) => {
                Err(arith::ArithError::OperandExpected(text.to_owned()))
            }
            _ => arith::evaluate(text, self),
        };
        match result {
            Ok(value) => Ok(value),
            Err(error) => {
                let shown = text.trim_start();
                match (self.flavour, &error) {
                    (Flavour::Bash, error) => {
                        let within = if self.in_arithmetic { "((: " } else { "" };
                        self.complain(&format!("{within}{shown}: {}", error.bash()));
                    }
                    (Flavour::Dash, arith::ArithError::DivisionByZero(_)) => {
                        self.complain(&format!(
                            "arithmetic expression: division by zero: \"{text}\""
                        ));
                    }
                    (Flavour::Dash, _) => {
                        self.complain(&format!(
                            "arithmetic expression: expecting primary: \"{text}\""
                        ));
                    }
                    (Flavour::Ash, arith::ArithError::DivisionByZero(_)) => {
                        self.complain("divide by zero");
                    }
                    (Flavour::Ash, _) => self.complain("arithmetic syntax error"),
                }
                self.status = if self.flavour == Flavour::Bash { 1 } else { 2 };
                Err(Abort)
            }
        }
    }

    /// Replaces tilde, parameters, commands and arithmetic in pieces.
    pub(super) fn parts<'a>(
        &'a mut self,
        pieces: &'a [Piece],
        quoted: bool,
        out: &'a mut Vec<Part>,
    ) -> Boxed<'a, Result<(), Abort>> {
        Box::pin(async move {
            let result = |text: String| {
                if quoted {
                    Part::Quoted(text)
                } else {
                    Part::Split(text)
                }
            };
            for (index, piece) in pieces.iter().enumerate() {
                match piece {
                    Piece::Bare(text) if quoted => out.push(Part::Quoted(text.clone())),
                    Piece::Bare(text) if index == 0 && text.starts_with('~') => {
                        self.tilde(text, out);
                    }
                    Piece::Bare(text) => out.push(Part::Bare(text.clone())),
                    Piece::Quoted(text) => out.push(Part::Quoted(text.clone())),
                    Piece::Double(inner) => {
                        // "$@" without arguments is no word at all; any other quotes are one.
                        let vanishes = matches!(inner.as_slice(), [Piece::Param(param)] if self.is_nothing(param));
                        if !vanishes {
                            out.push(Part::Quoted(String::new()));
                        }
                        self.parts(inner, true, out).await?;
                    }
                    Piece::Param(param) => self.parameter(param, quoted, out).await?,
                    Piece::Command(script) => {
                        let text = self.substitute(script).await?;
                        out.push(result(text));
                    }
                    Piece::Arith(word) => {
                        let value = self.arithmetic(word).await?;
                        out.push(result(value.to_string()));
                    }
                    Piece::Process { read, script } => {
                        let name = self.substitute_process(*read, script).await?;
                        out.push(Part::Quoted(name));
                    }
                }
            }
            Ok(())
        })
    }

    fn tilde(&self, text: &str, out: &mut Vec<Part>) {
        let (who, rest) = text
            .find('/')
            .and_then(|at| text.split_at_checked(at))
            .unwrap_or((text, ""));
        let home = match who {
            "~" => self.variable("HOME"),
            "~+" => self.variable("PWD"),
            "~-" => self.variable("OLDPWD"),
            "~root" => Some("/root".to_owned()),
            _ => None,
        };
        match home {
            Some(home) => {
                out.push(Part::Quoted(home));
                out.push(Part::Bare(rest.to_owned()));
            }
            None => out.push(Part::Bare(text.to_owned())),
        }
    }

    /// Adds the file names that a field matches, or the field itself if it has no pattern or matches nothing.
    fn file_names(&self, field: &[(char, bool)], out: &mut Vec<String>) {
        let text = expand::text(field);
        if self.options.noglob || !Pattern::quoted(field).is_special() {
            out.push(text);
            return;
        }
        let mut found = vec![String::new()];
        for (index, part) in field.split(|(c, _)| *c == '/').enumerate() {
            let pattern = Pattern::quoted(part);
            let mut next = Vec::new();
            for base in &found {
                let joined = |name: &str| {
                    if index == 0 {
                        name.to_owned()
                    } else {
                        format!("{base}/{name}")
                    }
                };
                if !pattern.is_special() {
                    let path = joined(&expand::text(part));
                    let last = field.iter().filter(|(c, _)| *c == '/').count() == index;
                    if path.is_empty() || !last || self.sys.exists(&path) {
                        next.push(path);
                    }
                    continue;
                }
                let dir = match (index, base.as_str()) {
                    (0, _) => ".",
                    (_, "") => "/",
                    (_, base) => base,
                };
                let entries = self.sys.read_dir(dir).unwrap_or_default();
                let hidden = pattern.starts_with_dot();
                next.extend(
                    entries
                        .iter()
                        .filter(|entry| hidden || !entry.name.starts_with('.'))
                        .filter(|entry| pattern.matches(&entry.name))
                        .map(|entry| joined(&entry.name)),
                );
            }
            found = next;
        }
        if found.is_empty() {
            if !self.shopts.contains("nullglob") {
                out.push(text);
            }
        } else {
            out.append(&mut found);
        }
    }
}
