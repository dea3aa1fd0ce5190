//! `CREATE TABLE`: columns, their types, and what must hold in them.

use super::catalog::Catalog;
use super::expression::Parser;
use super::sql::{Outcome, Session, SqlError, not_modelled};
use super::tables::{Column, Default, Key, Table, Type, full_name};
use super::tokens::{Token, syntax};
use super::verbs::Tokens;

/// `CREATE TABLE`.
pub(super) fn create(
    tokens: &Tokens,
    session: &Session,
    catalog: &mut Catalog,
) -> Result<Outcome, SqlError> {
    let mut parser = Parser::new(tokens, session, catalog);
    parser.expect("table")?;
    let lenient = parser.word("if");
    if lenient {
        parser.expect("not")?;
        parser.expect("exists")?;
    }
    let name = parser.name()?.0;
    if parser.word("as") {
        return Err(not_modelled("CREATE TABLE AS"));
    }
    if !parser.sign('(') {
        return Err(parser.misplaced());
    }
    let mut table = Table {
        database: session.database.clone(),
        owner: session.user.clone(),
        name,
        columns: Vec::new(),
        keys: Vec::new(),
        rows: Vec::new(),
    };
    while !parser.sign(')') {
        parser.definition(&mut table)?;
        if !parser.sign(',') {
            if parser.sign(')') {
                break;
            }
            return Err(parser.misplaced());
        }
    }
    parser.end()?;
    let name = &table.name;
    if catalog.table(&session.database, name).is_some() {
        let text = format!("relation \"{name}\" already exists");
        return match lenient {
            true => Ok(Outcome::Noted(
                format!("{text}, skipping"),
                "CREATE TABLE".into(),
            )),
            false => Err(SqlError::new("42P07", text)),
        };
    }
    catalog.add(table);
    Ok(Outcome::done("CREATE TABLE"))
}

impl Parser<'_> {
    /// A column, or what must hold in one.
    fn definition(&mut self, table: &mut Table) -> Result<(), SqlError> {
        let name = self.name()?.0;
        match name.as_str() {
            "primary" | "unique" => {
                let primary = name == "primary";
                if primary {
                    self.expect("key")?;
                }
                let columns = self.targets(table)?.unwrap_or_default();
                return match columns.as_slice() {
                    [(column, _)] => {
                        table.key(*column, primary);
                        Ok(())
                    }
                    _ => Err(not_modelled("keys of several columns")),
                };
            }
            "constraint" | "foreign" | "check" | "like" | "exclude" => {
                return Err(not_modelled(&name.to_ascii_uppercase()));
            }
            _ => {}
        }
        if table.columns.iter().any(|column| column.name == name) {
            let text = format!("column \"{name}\" specified more than once");
            return Err(SqlError::new("42701", text));
        }
        let (of, serial) = self.kind()?;
        let place = table.columns.len();
        table.columns.push(Column {
            name,
            of,
            required: serial,
            default: if serial {
                Default::Serial(1)
            } else {
                Default::Null
            },
        });
        loop {
            let told = if self.word("primary") {
                self.expect("key")?;
                table.key(place, true);
                None
            } else if self.word("unique") {
                table.key(place, false);
                None
            } else if self.word("not") {
                self.expect("null")?;
                Some((true, None))
            } else if self.word("null") {
                None
            } else if self.word("default") {
                Some((false, Some(self.default()?)))
            } else {
                break;
            };
            let Some((required, default)) = told else {
                continue;
            };
            if let Some(column) = table.columns.get_mut(place) {
                column.required |= required;
                if let Some(default) = default {
                    column.default = match default {
                        Default::Value(value) => {
                            Default::Value(column.of.take(value, &column.name, 0)?)
                        }
                        other => other,
                    };
                }
            }
        }
        if self.word("references") || self.word("check") || self.word("generated") {
            return Err(not_modelled("REFERENCES, CHECK and GENERATED"));
        }
        Ok(())
    }

    /// A type, and whether it numbers rows by itself.
    fn kind(&mut self) -> Result<(Type, bool), SqlError> {
        let (word, at) = self.name()?;
        let with = self.word("with");
        let name = if word == "character" && self.word("varying") {
            "character varying"
        } else if with || self.word("without") {
            self.expect("time")?;
            self.expect("zone")?;
            full_name(if with { "timestamptz" } else { "timestamp" }).unwrap_or_default()
        } else {
            full_name(&word).ok_or_else(|| {
                let text = format!("type \"{word}\" does not exist");
                SqlError::new("42704", text).at(at)
            })?
        };
        let mut limit = None;
        if self.sign('(') {
            limit = match self.next() {
                Some((Token::Number(n), _)) => usize::try_from(n).ok(),
                other => return Err(syntax(other)),
            };
            if self.sign(',') || name == "numeric" {
                return Err(not_modelled("numbers with places behind a point"));
            }
            if !self.sign(')') {
                return Err(self.misplaced());
            }
        }
        Ok((Type { name, limit }, word.ends_with("serial")))
    }

    fn default(&mut self) -> Result<Default, SqlError> {
        let start = self.at;
        if self.word("now") && self.sign('(') && self.sign(')') || self.word("current_timestamp") {
            return Ok(Default::Now);
        }
        self.at = start;
        Ok(Default::Value(self.expression()?.0))
    }
}

impl Table {
    /// Makes the values of a column differ.
    fn key(&mut self, column: usize, primary: bool) {
        let Some(known) = self.columns.get_mut(column) else {
            return;
        };
        known.required |= primary;
        let name = match primary {
            true => format!("{}_pkey", self.name),
            false => format!("{}_{}_key", self.name, known.name),
        };
        self.keys.push(Key {
            name,
            column,
            primary,
        });
    }
}
