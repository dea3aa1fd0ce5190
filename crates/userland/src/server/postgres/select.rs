//! `SELECT`: what is shown, of what, and in which order.

use super::expression::{Parser, Scope};
use super::sql::{Outcome, SqlError, not_modelled};
use super::tokens::{Token, syntax};
use super::value::{Value, truth};

/// What a row is sorted by; whether the highest comes first.
type Keys = Vec<(Value, bool)>;

impl Parser<'_> {
    /// Reads what follows `SELECT`. It is read anew for each row, so that each is computed with its own columns.
    pub(super) fn select(&mut self) -> Result<Outcome, SqlError> {
        let from = |(token, _): &(Token, usize)| matches!(token, Token::Word(w) if w.eq_ignore_ascii_case("from"));
        let (start, Some(from)) = (self.at, self.tokens.iter().position(from)) else {
            let (names, row) = self.items()?;
            self.end()?;
            return Ok(Outcome::Rows(names, vec![row]));
        };
        self.at = from + 1;
        let rows = self.source()?;
        let (behind, mut rest) = (self.at, self.at);
        let mut kept = Vec::new();
        let sample = rows.first().cloned().unwrap_or_default();
        for row in rows {
            self.at = behind;
            self.enter(&row);
            if !self.word("where") || truth(&self.expression()?.0, "WHERE")? == Some(true) {
                kept.push(row);
            }
            rest = self.at;
        }
        self.total = kept.len();
        // Names and mistakes are there without any row, too.
        let none = kept.is_empty();
        if none {
            kept.push(sample);
        }
        let (mut names, mut out) = (Vec::new(), Vec::new());
        for row in &kept {
            self.at = start;
            self.enter(row);
            let (named, values) = self.items()?;
            if self.at != from {
                return Err(self.misplaced());
            }
            self.at = rest;
            out.push((self.keys(&values)?, values));
            self.end()?;
            names = named;
        }
        if self.counts && names.len() > 1 {
            return Err(not_modelled("count(*) beside other columns"));
        }
        if self.counts {
            out.truncate(1);
        } else if none {
            out.clear();
        }
        out.sort_by(|(a, _), (b, _)| {
            let mut orders = a.iter().zip(b).map(
                |((a, falls), (b, _))| {
                    if *falls { b.cmp(a) } else { a.cmp(b) }
                },
            );
            orders
                .find(|order| order.is_ne())
                .unwrap_or(std::cmp::Ordering::Equal)
        });
        Ok(Outcome::Rows(
            names,
            out.into_iter().map(|(_, values)| values).collect(),
        ))
    }

    /// The relation after `FROM`, and what it is called.
    fn source(&mut self) -> Result<Vec<Vec<Value>>, SqlError> {
        if self.word("pg_catalog") && !self.sign('.') {
            return Err(self.misplaced());
        }
        let name = match self.next() {
            Some((Token::Word(name), _)) => name.to_ascii_lowercase(),
            other => return Err(syntax(other)),
        };
        let relation = self
            .catalog
            .relation(&name)
            .ok_or_else(|| not_modelled("tables"))?;
        self.scope = Some(Scope {
            alias: self.label()?.unwrap_or(name),
            columns: relation.columns,
            row: Vec::new(),
        });
        Ok(relation.rows)
    }

    /// Takes a row's columns as those that are meant.
    fn enter(&mut self, row: &[Value]) {
        if let Some(scope) = &mut self.scope {
            row.clone_into(&mut scope.row);
        }
    }

    /// What is shown: names and values.
    fn items(&mut self) -> Result<(Vec<String>, Vec<Value>), SqlError> {
        let (mut names, mut values) = (Vec::new(), Vec::new());
        loop {
            if let Some(scope) = &self.scope
                && self
                    .tokens
                    .get(self.at)
                    .is_some_and(|(token, _)| *token == Token::Sign('*'))
            {
                names.extend(scope.columns.iter().map(|name| (*name).to_owned()));
                values.extend(scope.row.iter().cloned());
                self.at += 1;
            } else {
                let (value, name) = self.expression()?;
                names.push(self.label()?.unwrap_or(name));
                values.push(value);
            }
            if !self.sign(',') {
                return Ok((names, values));
            }
        }
    }

    /// `ORDER BY`: columns by their numbers, or expressions.
    fn keys(&mut self, shown: &[Value]) -> Result<Keys, SqlError> {
        let mut keys = Vec::new();
        if !self.word("order") {
            return Ok(keys);
        }
        if !self.word("by") {
            return Err(self.misplaced());
        }
        loop {
            let value = match self.tokens.get(self.at) {
                Some((Token::Number(n), at)) => {
                    let column = usize::try_from(*n)
                        .ok()
                        .and_then(|n| shown.get(n.checked_sub(1)?));
                    self.at += 1;
                    column.cloned().ok_or_else(|| SqlError {
                        code: "42P10",
                        text: format!("ORDER BY position {n} is not in select list"),
                        position: Some(*at),
                    })?
                }
                _ => self.expression()?.0,
            };
            let falls = self.word("desc");
            if !falls {
                self.word("asc");
            }
            keys.push((value, falls));
            if !self.sign(',') {
                return Ok(keys);
            }
        }
    }

    fn end(&mut self) -> Result<(), SqlError> {
        if self.at < self.tokens.len() {
            return Err(self.misplaced());
        }
        Ok(())
    }
}
