//! Statements that make tables and change what is in them.

use super::catalog::Catalog;
use super::expression::{Parser, Scope};
use super::sql::{Outcome, Session, SqlError, not_modelled};
use super::tables::Table;
use super::tokens::{Token, syntax};
use super::value::{Value, truth};

/// The parts of a statement, with their places.
pub(super) type Tokens = [(Token, usize)];

/// A value that is given for a column, with its place; `None` is the column's default.
type Given = (Option<Value>, usize);

/// `INSERT INTO`.
pub(super) fn insert(
    tokens: &Tokens,
    session: &Session,
    catalog: &mut Catalog,
) -> Result<Outcome, SqlError> {
    let mut parser = Parser::new(tokens, session, catalog);
    parser.expect("into")?;
    let table = parser.table()?;
    let targets = parser.targets(table)?;
    let (name, width) = (table.name.clone(), table.columns.len());
    let given = parser.rows()?;
    parser.end()?;
    let targets = targets.unwrap_or_else(|| (0..width).map(|column| (column, 0)).collect());
    let table = catalog.table_mut(&session.database, &name)?;
    let mut added = Vec::new();
    for row in given {
        if let Some((_, at)) = row.get(targets.len()) {
            let text = "INSERT has more expressions than target columns";
            return Err(SqlError::new("42601", text).at(*at));
        }
        if let Some((_, at)) = targets.get(row.len()).filter(|(_, at)| *at > 0) {
            let text = "INSERT has more target columns than expressions";
            return Err(SqlError::new("42601", text).at(*at));
        }
        let mut given = vec![None; width];
        for ((column, _), cell) in targets.iter().zip(row) {
            if let Some(place) = given.get_mut(*column) {
                *place = Some(cell);
            }
        }
        // What is given is read before a sequence counts, so that a mistake costs no number.
        let mut taken = Vec::new();
        for (column, cell) in given.into_iter().enumerate() {
            taken.push(match (cell, table.columns.get(column)) {
                (Some((Some(value), at)), Some(known)) => {
                    Some(known.of.take(value, &known.name, at)?)
                }
                _ => None,
            });
        }
        let mut full = Vec::new();
        for (column, cell) in taken.into_iter().enumerate() {
            full.push(match cell {
                Some(value) => value,
                None => table.fill(column, &session.now)?,
            });
        }
        table.allows(&full, &table.rows)?;
        table.allows(&full, &added)?;
        added.push(full);
    }
    let count = added.len();
    table.rows.extend(added);
    Ok(Outcome::done(format!("INSERT 0 {count}")))
}

/// `UPDATE`: what was changed lies behind the other rows afterwards.
pub(super) fn update(
    tokens: &Tokens,
    session: &Session,
    catalog: &mut Catalog,
) -> Result<Outcome, SqlError> {
    let mut parser = Parser::new(tokens, session, catalog);
    let table = parser.table()?;
    parser.expect("set")?;
    let start = parser.at;
    let (mut kept, mut changed) = (Vec::new(), Vec::new());
    parser.each(table, start, |parser, row| {
        let mut new = row.to_vec();
        loop {
            let (column, at) = parser.name()?;
            let place = table.column(&column, at)?;
            if !parser.sign('=') {
                return Err(parser.misplaced());
            }
            let at = parser.place();
            let value = parser.expression()?.0;
            if let (Some(column), Some(cell)) = (table.columns.get(place), new.get_mut(place)) {
                *cell = column.of.take(value, &column.name, at)?;
            }
            if !parser.sign(',') {
                break;
            }
        }
        let fits = parser.condition()?;
        match row {
            [] => {}
            _ if fits => changed.push(new),
            _ => kept.push(row.to_vec()),
        }
        Ok(())
    })?;
    for (at, row) in changed.iter().enumerate() {
        table.allows(row, &kept)?;
        table.allows(row, changed.get(..at).unwrap_or_default())?;
    }
    let (name, count) = (table.name.clone(), changed.len());
    kept.extend(changed);
    catalog.table_mut(&session.database, &name)?.rows = kept;
    Ok(Outcome::done(format!("UPDATE {count}")))
}

/// `DELETE FROM`.
pub(super) fn delete(
    tokens: &Tokens,
    session: &Session,
    catalog: &mut Catalog,
) -> Result<Outcome, SqlError> {
    let mut parser = Parser::new(tokens, session, catalog);
    parser.expect("from")?;
    let table = parser.table()?;
    let (start, mut kept) = (parser.at, Vec::new());
    parser.each(table, start, |parser, row| {
        if !parser.condition()? && !row.is_empty() {
            kept.push(row.to_vec());
        }
        Ok(())
    })?;
    let (name, count) = (
        table.name.clone(),
        table.rows.len().saturating_sub(kept.len()),
    );
    catalog.table_mut(&session.database, &name)?.rows = kept;
    Ok(Outcome::done(format!("DELETE {count}")))
}

/// `TRUNCATE`.
pub(super) fn truncate(
    tokens: &Tokens,
    session: &Session,
    catalog: &mut Catalog,
) -> Result<Outcome, SqlError> {
    let mut parser = Parser::new(tokens, session, catalog);
    parser.word("table");
    let name = parser.table()?.name.clone();
    parser.end()?;
    catalog.table_mut(&session.database, &name)?.rows.clear();
    Ok(Outcome::done("TRUNCATE TABLE"))
}

/// `DROP TABLE`.
pub(super) fn drop_table(
    tokens: &Tokens,
    session: &Session,
    catalog: &mut Catalog,
) -> Result<Outcome, SqlError> {
    let mut parser = Parser::new(tokens, session, catalog);
    parser.expect("table")?;
    let lenient = parser.word("if");
    if lenient {
        parser.expect("exists")?;
    }
    let mut names = vec![parser.name()?.0];
    while parser.sign(',') {
        names.push(parser.name()?.0);
    }
    let _ = parser.word("cascade") || parser.word("restrict");
    parser.end()?;
    let mut notices = Vec::new();
    for name in &names {
        let text = format!("table \"{name}\" does not exist");
        match catalog.table(&session.database, name) {
            Some(_) => {}
            None if lenient => notices.push(format!("{text}, skipping")),
            None => return Err(SqlError::new("42P01", text)),
        }
    }
    catalog.forget(&session.database, &names);
    let tag = "DROP TABLE".to_owned();
    Ok(match notices.into_iter().next() {
        Some(notice) => Outcome::Noted(notice, tag),
        None => Outcome::Done(tag),
    })
}

impl<'a> Parser<'a> {
    /// A name, with the schema that everything is in here before it or not.
    pub(super) fn name(&mut self) -> Result<(String, usize), SqlError> {
        loop {
            let (name, at) = match self.next() {
                Some((Token::Word(name), at)) => (name.to_ascii_lowercase(), at),
                other => return Err(syntax(other)),
            };
            if name != "public" || !self.sign('.') {
                return Ok((name, at));
            }
        }
    }

    /// The table that is named.
    fn table(&mut self) -> Result<&'a Table, SqlError> {
        let (name, at) = self.name()?;
        let found = self.catalog.table(&self.session.database, &name);
        found.ok_or_else(|| {
            let text = format!("relation \"{name}\" does not exist");
            SqlError::new("42P01", text).at(at)
        })
    }

    /// The columns that values are for, with their places; `None` for all.
    pub(super) fn targets(
        &mut self,
        table: &Table,
    ) -> Result<Option<Vec<(usize, usize)>>, SqlError> {
        if !self.sign('(') {
            return Ok(None);
        }
        let mut targets = Vec::new();
        loop {
            let (name, at) = self.name()?;
            targets.push((table.column(&name, at)?, at));
            if !self.sign(',') {
                break;
            }
        }
        match self.sign(')') {
            true => Ok(Some(targets)),
            false => Err(self.misplaced()),
        }
    }

    /// What follows `VALUES`, or a query's rows.
    fn rows(&mut self) -> Result<Vec<Vec<Given>>, SqlError> {
        if self.word("select") {
            return match self.select()? {
                Outcome::Rows(_, rows) => {
                    let cells = |row: Vec<Value>| row.into_iter().map(|v| (Some(v), 0)).collect();
                    Ok(rows.into_iter().map(cells).collect())
                }
                _ => Ok(Vec::new()),
            };
        }
        if self.word("default") {
            self.expect("values")?;
            return Ok(vec![Vec::new()]);
        }
        self.expect("values")?;
        let mut rows = Vec::new();
        loop {
            if !self.sign('(') {
                return Err(self.misplaced());
            }
            let mut row = Vec::new();
            loop {
                let at = self.place();
                let value = match self.word("default") {
                    true => None,
                    false => Some(self.expression()?.0),
                };
                row.push((value, at));
                if !self.sign(',') {
                    break;
                }
            }
            if !self.sign(')') {
                return Err(self.misplaced());
            }
            rows.push(row);
            if !self.sign(',') {
                break;
            }
        }
        if self.word("returning") || self.word("on") {
            return Err(not_modelled("INSERT with RETURNING or ON CONFLICT"));
        }
        Ok(rows)
    }

    /// Reads the rest of the statement once for each row of a table, and once for none at all, so that mistakes are
    /// seen: then the row is empty.
    fn each(
        &mut self,
        table: &Table,
        start: usize,
        mut read: impl FnMut(&mut Self, &[Value]) -> Result<(), SqlError>,
    ) -> Result<(), SqlError> {
        let columns = table.columns.iter().map(|column| column.name.clone());
        self.scope = Some(Scope {
            alias: table.name.clone(),
            columns: columns.collect(),
            row: vec![Value::Null; table.columns.len()],
        });
        if table.rows.is_empty() {
            self.at = start;
            read(self, &[])?;
        }
        for row in &table.rows {
            self.at = start;
            self.enter(row);
            read(self, row)?;
        }
        self.end()
    }

    /// Whether `WHERE`, if it is there, holds.
    fn condition(&mut self) -> Result<bool, SqlError> {
        Ok(!self.word("where") || truth(&self.expression()?.0, "WHERE")? == Some(true))
    }
}
