//! What outlives a server: databases and tables, in a file of its data directory. The form is our own; a line is one
//! thing, its cells as `COPY` writes them.

use super::catalog::Catalog;
use super::tables::{Column, Default, Key, Table, Type, full_name};
use super::value::Value;
use kernel::sys::Sys;

/// Where a server keeps its file.
fn path(sys: &Sys) -> String {
    let home = sys.env("PGDATA").filter(|home| !home.is_empty());
    let home = home.unwrap_or_else(|| "/var/lib/postgresql/data".to_owned());
    format!("{home}/tables")
}

/// Writes the file. Where it cannot be, tables live as long as their server.
pub(super) fn save(sys: &Sys, catalog: &Catalog) {
    let mut out = String::new();
    for (name, owner) in catalog.own_databases() {
        out.push_str(&line(&["database", &name, &owner]));
    }
    for table in &catalog.tables {
        out.push_str(&line(&[
            "table",
            &table.database,
            &table.name,
            &table.owner,
        ]));
        for column in &table.columns {
            let limit = column
                .of
                .limit
                .map_or_else(String::new, |limit| limit.to_string());
            let required = if column.required { "required" } else { "" };
            let (kind, default) = match &column.default {
                Default::Null => ("null", String::new()),
                Default::Serial(next) => ("serial", next.to_string()),
                Default::Now => ("now", String::new()),
                Default::Value(value) => ("value", value.text().unwrap_or_default()),
            };
            out.push_str(&line(&[
                "column",
                &column.name,
                column.of.name,
                &limit,
                required,
                kind,
                &default,
            ]));
        }
        for key in &table.keys {
            let (column, primary) = (key.column.to_string(), key.primary.to_string());
            out.push_str(&line(&["key", &key.name, &column, &primary]));
        }
        for row in &table.rows {
            let cells = row.iter().map(|value| match value.text() {
                Some(text) => escaped(&text),
                None => "\\N".to_owned(),
            });
            let cells: Vec<String> = std::iter::once("row".to_owned()).chain(cells).collect();
            out.push_str(&(cells.join("\t") + "\n"));
        }
    }
    let _ = sys.write_file(&path(sys), out.as_bytes());
}

/// Reads the file into a new server's catalogue; lines that say nothing are passed over.
pub(super) fn load(sys: &Sys, catalog: &mut Catalog) {
    let text = sys.read_text(&path(sys)).unwrap_or_default();
    for line in text.lines() {
        let cells: Vec<&str> = line.split('\t').collect();
        match cells.as_slice() {
            ["database", name, owner] if !catalog.has_database(name) => {
                catalog.add_database(&plain(name), &plain(owner));
            }
            ["table", database, name, owner] => catalog.tables.push(Table {
                database: plain(database),
                name: plain(name),
                owner: plain(owner),
                columns: Vec::new(),
                keys: Vec::new(),
                rows: Vec::new(),
            }),
            [kind, rest @ ..] => {
                if let Some(table) = catalog.tables.last_mut() {
                    part(table, kind, rest);
                }
            }
            [] => {}
        }
    }
}

/// A line about a table.
fn part(table: &mut Table, kind: &str, cells: &[&str]) {
    match (kind, cells) {
        ("column", [name, of, limit, required, default, value]) => {
            let of = Type {
                name: full_name(of).unwrap_or("text"),
                limit: limit.parse().ok(),
            };
            let default = match *default {
                "serial" => Default::Serial(value.parse().unwrap_or(1)),
                "now" => Default::Now,
                "value" => Default::Value(kept(&of, value)),
                _ => Default::Null,
            };
            table.columns.push(Column {
                name: plain(name),
                of,
                required: !required.is_empty(),
                default,
            });
        }
        ("key", [name, column, primary]) => table.keys.push(Key {
            name: plain(name),
            column: column.parse().unwrap_or(0),
            primary: *primary == "true",
        }),
        ("row", cells) => {
            let columns = table.columns.iter().zip(cells);
            let row = columns.map(|(column, cell)| match *cell {
                "\\N" => Value::Null,
                text => kept(&column.of, text),
            });
            table.rows.push(row.collect());
        }
        _ => {}
    }
}

/// A cell's value, in its column's type.
fn kept(of: &Type, cell: &str) -> Value {
    of.take(Value::Text(plain(cell)), "", 0)
        .unwrap_or(Value::Null)
}

fn line(cells: &[&str]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| escaped(cell)).collect();
    cells.join("\t") + "\n"
}

fn escaped(cell: &str) -> String {
    let cell = cell.replace('\\', "\\\\");
    cell.replace('\t', "\\t").replace('\n', "\\n")
}

fn plain(cell: &str) -> String {
    let mut out = String::new();
    let mut letters = cell.chars();
    while let Some(letter) = letters.next() {
        out.push(match letter {
            '\\' => match letters.next() {
                Some('t') => '\t',
                Some('n') => '\n',
                other => other.unwrap_or('\\'),
            },
            letter => letter,
        });
    }
    out
}
