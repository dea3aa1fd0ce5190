//! Tables: their columns, what must hold in them, and their rows.

use super::sql::{Note, SqlError};
use super::value::Value;

/// A column's type, as PostgreSQL calls it in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Type {
    pub(super) name: &'static str,
    /// The most characters that a text may have.
    pub(super) limit: Option<usize>,
}

/// The names of types, and what they stand for. A serial number is told apart by the parser.
const TYPES: &[(&str, &str)] = &[
    ("int", "integer"),
    ("integer", "integer"),
    ("int4", "integer"),
    ("serial", "integer"),
    ("bigint", "bigint"),
    ("int8", "bigint"),
    ("bigserial", "bigint"),
    ("smallint", "smallint"),
    ("int2", "smallint"),
    ("numeric", "numeric"),
    ("decimal", "numeric"),
    ("text", "text"),
    ("varchar", "character varying"),
    ("char", "character"),
    ("character", "character"),
    ("bool", "boolean"),
    ("boolean", "boolean"),
    ("timestamp", "timestamp without time zone"),
    ("timestamptz", "timestamp with time zone"),
    ("date", "date"),
    ("json", "json"),
    ("jsonb", "jsonb"),
    ("inet", "inet"),
    ("cidr", "cidr"),
    ("uuid", "uuid"),
];

/// The full name of a type.
pub(super) fn full_name(name: &str) -> Option<&'static str> {
    let found = TYPES
        .iter()
        .find(|(known, full)| [*known, *full].contains(&name));
    found.map(|(_, full)| *full)
}

impl Type {
    /// `character varying(20)`.
    pub(super) fn shown(&self) -> String {
        match self.limit {
            Some(limit) => format!("{}({limit})", self.name),
            None => self.name.to_owned(),
        }
    }

    fn is_number(&self) -> bool {
        matches!(self.name, "integer" | "bigint" | "smallint" | "numeric")
    }

    /// A value as a column of this type keeps it. `literal` is a quoted text, which takes any type.
    pub(super) fn take(&self, value: Value, column: &str, at: usize) -> Result<Value, SqlError> {
        let wrong = |text: &str| {
            let text = format!("invalid input syntax for type {}: \"{text}\"", self.name);
            SqlError::new("22P02", text).at(at)
        };
        let taken = match (value, self.name) {
            (Value::Null, _) => Value::Null,
            (Value::Text(text), _) if self.is_number() => {
                Value::Int(text.trim().parse().map_err(|_bad| wrong(&text))?)
            }
            (Value::Text(text), "boolean") => match text.trim().to_ascii_lowercase().as_str() {
                "t" | "true" | "y" | "yes" | "on" | "1" => Value::Bool(true),
                "f" | "false" | "n" | "no" | "off" | "0" => Value::Bool(false),
                _ => return Err(wrong(&text)),
            },
            (Value::Text(text), "timestamp without time zone") => {
                Value::Text(text.trim_end_matches("+00").to_owned())
            }
            (Value::Text(text), "date") => Value::Text(text.chars().take(10).collect()),
            (value @ Value::Text(_), _) => value,
            (value @ Value::Int(_), _) if self.is_number() => value,
            (value @ Value::Bool(_), "boolean") => value,
            (value, "text" | "character varying" | "character") => {
                Value::Text(value.text().unwrap_or_default())
            }
            (value, _) => {
                let text = format!(
                    "column \"{column}\" is of type {} but expression is of type {}",
                    self.name,
                    value.kind()
                );
                let hint = "You will need to rewrite or cast the expression.";
                return Err(SqlError::new("42804", text)
                    .at(at)
                    .noted(Note::Hint(hint.into())));
            }
        };
        match (&taken, self.limit) {
            (Value::Text(text), Some(limit)) if text.chars().count() > limit => {
                let text = format!("value too long for type {}", self.shown());
                Err(SqlError::new("22001", text))
            }
            _ => Ok(taken),
        }
    }
}

/// What a column gets that is not named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Default {
    Null,
    /// The next number of a sequence.
    Serial(i64),
    Now,
    Value(Value),
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) of: Type,
    pub(super) required: bool,
    pub(super) default: Default,
}

/// A column whose values must differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) name: String,
    pub(super) column: usize,
    pub(super) primary: bool,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) database: String,
    pub(super) name: String,
    pub(super) owner: String,
    pub(super) columns: Vec<Column>,
    pub(super) keys: Vec<Key>,
    /// In the order in which they lie; what was changed lies behind the others.
    pub(super) rows: Vec<Vec<Value>>,
}

impl Table {
    /// The place of a column. Errors: there is none of that name.
    pub(super) fn column(&self, name: &str, at: usize) -> Result<usize, SqlError> {
        let found = self.columns.iter().position(|column| column.name == name);
        found.ok_or_else(|| {
            let text = format!(
                "column \"{name}\" of relation \"{}\" does not exist",
                self.name
            );
            SqlError::new("42703", text).at(at)
        })
    }

    /// The name of the sequence that numbers a column.
    pub(super) fn sequence(&self, column: &Column) -> Option<String> {
        let numbered = matches!(column.default, Default::Serial(_));
        numbered.then(|| format!("{}_{}_seq", self.name, column.name))
    }

    /// What a column gets that is not named.
    pub(super) fn fill(&mut self, column: usize, now: &str) -> Result<Value, SqlError> {
        let Some(column) = self.columns.get_mut(column) else {
            return Ok(Value::Null);
        };
        let value = match &mut column.default {
            Default::Null => Value::Null,
            Default::Serial(next) => {
                *next += 1;
                Value::Int(*next - 1)
            }
            Default::Now => Value::Text(now.to_owned()),
            Default::Value(value) => value.clone(),
        };
        column.of.take(value, &column.name, 0)
    }

    /// Whether a row may stand beside others. Errors: what it breaks.
    pub(super) fn allows(&self, row: &[Value], others: &[Vec<Value>]) -> Result<(), SqlError> {
        for (column, value) in self.columns.iter().zip(row) {
            if column.required && *value == Value::Null {
                let text = format!(
                    "null value in column \"{}\" of relation \"{}\" violates not-null constraint",
                    column.name, self.name
                );
                let cells = row
                    .iter()
                    .map(|value| value.text().unwrap_or_else(|| "null".into()));
                let cells: Vec<String> = cells.collect();
                let detail = format!("Failing row contains ({}).", cells.join(", "));
                return Err(SqlError::new("23502", text).noted(Note::Detail(detail)));
            }
        }
        for key in &self.keys {
            let Some(value) = row.get(key.column).filter(|value| **value != Value::Null) else {
                continue;
            };
            if others
                .iter()
                .any(|other| other.get(key.column) == Some(value))
            {
                let text = format!(
                    "duplicate key value violates unique constraint \"{}\"",
                    key.name
                );
                let name = self
                    .columns
                    .get(key.column)
                    .map_or("", |column| &column.name);
                let value = value.text().unwrap_or_default();
                let detail = format!("Key ({name})=({value}) already exists.");
                return Err(SqlError::new("23505", text).noted(Note::Detail(detail)));
            }
        }
        Ok(())
    }
}
