//! `SELECT`: what is shown, of what, and in which order.

use super::expression::{Parser, Scope};
use super::sql::{Outcome, SqlError, not_modelled};
use super::tokens::{Token, syntax};
use super::value::{Value, truth};
use std::rc::Rc;

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
        let width = self.scope.as_ref().map_or(0, |scope| scope.columns.len());
        let sample = || vec![Value::Null; width];
        // Once without a row, too, so that what follows is read.
        let mut read = rows.clone();
        if read.is_empty() {
            read.push(sample());
        }
        for row in read {
            self.at = behind;
            self.enter(&row);
            let fits = !self.word("where") || truth(&self.expression()?.0, "WHERE")? == Some(true);
            if fits && !rows.is_empty() {
                kept.push(row);
            }
            rest = self.at;
        }
        self.group = Rc::new(kept.clone());
        // Names and mistakes are there without any row, too.
        let none = kept.is_empty();
        if none {
            kept.push(sample());
        }
        let (mut names, mut out) = (Vec::new(), Vec::new());
        let mut range = (0, usize::MAX);
        for row in &kept {
            self.at = start;
            self.enter(row);
            let (named, values) = self.items()?;
            if self.at != from {
                return Err(self.misplaced());
            }
            self.at = rest;
            out.push((self.keys(&values)?, values));
            range = self.range()?;
            self.end()?;
            names = named;
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
        let out = out.into_iter().map(|(_, values)| values);
        let out = out.skip(range.0).take(range.1).collect();
        Ok(Outcome::Rows(names, out))
    }

    /// The relation after `FROM`, and what it is called.
    fn source(&mut self) -> Result<Vec<Vec<Value>>, SqlError> {
        let mut name = self.relation_name()?;
        let at = name.1;
        let schema = matches!(
            name.0.as_str(),
            "pg_catalog" | "information_schema" | "public"
        );
        if schema && self.sign('.') {
            let inner = self.relation_name()?;
            name.0 = match name.0.as_str() {
                "information_schema" => format!("information_schema.{}", inner.0),
                _ => inner.0,
            };
        }
        let name = name.0;
        let found = self.catalog.relation(&self.session.database, &name);
        let relation = found.ok_or_else(|| {
            if name.starts_with("pg_") || name.contains('.') {
                return not_modelled(&format!("the system's {name}"));
            }
            let text = format!("relation \"{name}\" does not exist");
            SqlError::new("42P01", text).at(at)
        })?;
        let alias = self.label()?;
        if self.sign(',') {
            return Err(not_modelled("queries over several tables"));
        }
        self.scope = Some(Scope {
            alias: alias.unwrap_or(name),
            columns: relation.columns,
            row: Vec::new(),
        });
        Ok(relation.rows)
    }

    fn relation_name(&mut self) -> Result<(String, usize), SqlError> {
        match self.next() {
            Some((Token::Word(name), at)) => Ok((name.to_ascii_lowercase(), at)),
            other => Err(syntax(other)),
        }
    }

    /// `OFFSET` and `LIMIT`: how many rows are left out, and how many are shown.
    fn range(&mut self) -> Result<(usize, usize), SqlError> {
        let mut range = (0, usize::MAX);
        loop {
            let skips = self.word("offset");
            if !skips && !self.word("limit") {
                return Ok(range);
            }
            let number = match self.next() {
                Some((Token::Number(n), _)) => usize::try_from(n).unwrap_or(0),
                Some((Token::Word(all), _)) if all.eq_ignore_ascii_case("all") => usize::MAX,
                other => return Err(syntax(other)),
            };
            match skips {
                true => range.0 = number,
                false => range.1 = number,
            }
        }
    }

    /// Takes a row's columns as those that are meant.
    pub(super) fn enter(&mut self, row: &[Value]) {
        if let Some(scope) = &mut self.scope {
            row.clone_into(&mut scope.row);
        }
    }

    /// What is shown: names and values.
    fn items(&mut self) -> Result<(Vec<String>, Vec<Value>), SqlError> {
        let (mut names, mut values) = (Vec::new(), Vec::new());
        let (mut plain, mut counted) = (false, false);
        loop {
            self.counts = false;
            if let Some(scope) = &self.scope
                && self
                    .tokens
                    .get(self.at)
                    .is_some_and(|(token, _)| *token == Token::Sign('*'))
            {
                names.extend(scope.columns.iter().cloned());
                values.extend(scope.row.iter().cloned());
                self.at += 1;
            } else {
                let (value, name) = self.expression()?;
                names.push(self.label()?.unwrap_or(name));
                values.push(value);
            }
            plain |= !self.counts;
            counted |= self.counts;
            if !self.sign(',') {
                break;
            }
        }
        self.counts = counted;
        match plain && counted {
            true => Err(not_modelled("aggregates beside other columns")),
            false => Ok((names, values)),
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
                        note: None,
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

    pub(super) fn end(&mut self) -> Result<(), SqlError> {
        if self.at < self.tokens.len() {
            return Err(self.misplaced());
        }
        Ok(())
    }
}
