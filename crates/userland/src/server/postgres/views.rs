//! What the system's views tell of tables.

use super::catalog::{Catalog, Relation};
use super::tables::{Default, Table};
use super::value::Value;

/// A view of the tables of a database; what this server has nothing of has no column.
pub(super) fn view(catalog: &Catalog, database: &str, name: &str) -> Option<Relation> {
    let each = |row: &dyn Fn(&Table) -> Vec<Vec<Value>>| {
        let tables = catalog.tables_of(database);
        tables.flat_map(row).collect::<Vec<_>>()
    };
    let (columns, rows) = match name {
        "pg_tables" => (
            "schemaname tablename tableowner tablespace hasindexes hasrules hastriggers rowsecurity",
            each(&|table| {
                let mut row = vec![
                    text("public"),
                    text(&table.name),
                    text(&table.owner),
                    Value::Null,
                ];
                row.push(Value::Bool(!table.keys.is_empty()));
                row.extend([false; 3].map(Value::Bool));
                vec![row]
            }),
        ),
        "pg_indexes" => (
            "schemaname tablename indexname tablespace indexdef",
            each(&indexes),
        ),
        "pg_sequences" => (
            "schemaname sequencename sequenceowner data_type start_value",
            each(&sequences),
        ),
        "information_schema.tables" => (
            "table_catalog table_schema table_name table_type",
            each(&|table| {
                vec![vec![
                    text(database),
                    text("public"),
                    text(&table.name),
                    text("BASE TABLE"),
                ]]
            }),
        ),
        "information_schema.columns" => (
            "table_catalog table_schema table_name column_name ordinal_position column_default is_nullable \
             data_type character_maximum_length",
            each(&|table| columns(table, database)),
        ),
        _ => return None,
    };
    Some(Relation {
        columns: columns.split_whitespace().map(str::to_owned).collect(),
        rows,
    })
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn indexes(table: &Table) -> Vec<Vec<Value>> {
    let keys = table.keys.iter();
    keys.map(|key| {
        let column = table
            .columns
            .get(key.column)
            .map_or("", |column| &column.name);
        let definition = format!(
            "CREATE UNIQUE INDEX {} ON public.{} USING btree ({column})",
            key.name, table.name
        );
        vec![
            text("public"),
            text(&table.name),
            text(&key.name),
            Value::Null,
            text(&definition),
        ]
    })
    .collect()
}

fn sequences(table: &Table) -> Vec<Vec<Value>> {
    let numbered = table.columns.iter();
    numbered
        .filter_map(|column| {
            let name = table.sequence(column)?;
            Some(vec![
                text("public"),
                text(&name),
                text(&table.owner),
                text(column.of.name),
                Value::Int(1),
            ])
        })
        .collect()
}

fn columns(table: &Table, database: &str) -> Vec<Vec<Value>> {
    let numbered = (1..).zip(&table.columns);
    numbered
        .map(|(number, column)| {
            let default = match &column.default {
                Default::Null => Value::Null,
                Default::Serial(_) => {
                    let sequence = table.sequence(column).unwrap_or_default();
                    text(&format!("nextval('{sequence}'::regclass)"))
                }
                Default::Now => text("now()"),
                Default::Value(Value::Text(value)) => text(&format!(
                    "'{}'::{}",
                    value.replace('\'', "''"),
                    column.of.name
                )),
                Default::Value(Value::Bool(value)) => text(if *value { "true" } else { "false" }),
                Default::Value(value) => text(&value.text().unwrap_or_default()),
            };
            let limit = column.of.limit.and_then(|limit| i64::try_from(limit).ok());
            vec![
                text(database),
                text("public"),
                text(&table.name),
                text(&column.name),
                Value::Int(number),
                default,
                text(if column.required { "NO" } else { "YES" }),
                text(column.of.name),
                limit.map_or(Value::Null, Value::Int),
            ]
        })
        .collect()
}
