//! `\d` and its like: what tables there are, and of what one is made.

use super::listings::{Columns, Rows};
use super::print::{Print, table, titled};
use super::query::rows;
use crate::net::stream::Stream;
use kernel::sys::Sys;

/// What one of the commands lists: a query for name and owner, and what such a thing is called.
const KINDS: [(char, &str, &str); 3] = [
    (
        't',
        "select tablename, 'table', tableowner from pg_catalog.pg_tables",
        "tables",
    ),
    (
        's',
        "select sequencename, 'sequence', sequenceowner from pg_catalog.pg_sequences",
        "sequences",
    ),
    (
        'i',
        "select i.indexname, 'index', i.tablename from pg_catalog.pg_indexes i",
        "indexes",
    ),
];

/// `\dt`, `\ds`, `\di` and `\d` without a name or with that of one thing; the exit code.
pub(super) async fn list(
    sys: &Sys,
    stream: &mut Stream,
    letters: &str,
    name: Option<&str>,
    print: &Print,
) -> i32 {
    let wanted = |letter: char| match letters {
        "" => letter != 'i',
        letters => letters.contains(letter),
    };
    let mut found = Rows::new();
    let owners = rows(
        sys,
        stream,
        "select tablename, tableowner from pg_catalog.pg_tables",
        print,
    )
    .await;
    for (letter, query, _) in KINDS.iter().filter(|(letter, ..)| wanted(*letter)) {
        for row in rows(sys, stream, query, print).await {
            let [thing, kind, owner] = row.as_slice() else {
                continue;
            };
            let mut cells = vec![
                "public".to_owned(),
                thing.clone(),
                kind.clone(),
                owner.clone(),
            ];
            // An index belongs to whom its table belongs.
            if *letter == 'i' {
                let its = owners.iter().find(|row| row.first() == Some(owner));
                if let (Some(cell), Some(its)) = (cells.last_mut(), its.and_then(|row| row.last()))
                {
                    its.clone_into(cell);
                }
                cells.push(owner.clone());
            }
            found.push(cells);
        }
    }
    found.retain(|row| name.is_none_or(|name| row.get(1).is_some_and(|thing| thing == name)));
    sorted::sort_by(&mut found, |a, b| a.get(1).cmp(&b.get(1)));
    let kinds: Vec<&str> = KINDS
        .iter()
        .filter(|(letter, ..)| letters.chars().eq([*letter]))
        .map(|(.., kind)| *kind)
        .collect();
    let what = kinds.first().copied().unwrap_or("relations");
    if found.is_empty() {
        let one = name
            .map(|name| format!(" named \"{name}\""))
            .unwrap_or_default();
        sys.err(&format!("Did not find any {what}{one}.\n"));
        return 0;
    }
    let mut heads = vec!["Schema", "Name", "Type", "Owner"];
    if what == "indexes" {
        heads.push("Table");
    }
    let columns: Columns = heads
        .into_iter()
        .map(|head| (head.to_owned(), false))
        .collect();
    let title = format!("List of {what}");
    let text = table(&columns, &found, print);
    sys.out(&titled(&title, text, &columns, &found, print));
    0
}

/// `\d NAME`: a table's columns and keys; the exit code.
pub(super) async fn describe(sys: &Sys, stream: &mut Stream, name: &str, print: &Print) -> i32 {
    let quoted = name.replace('\'', "''");
    let query = format!(
        "select column_name, data_type, character_maximum_length, is_nullable, column_default \
         from information_schema.columns where table_name = '{quoted}' order by ordinal_position"
    );
    let found = rows(sys, stream, &query, print).await;
    if found.is_empty() {
        sys.err(&format!("Did not find any relation named \"{name}\".\n"));
        return 1;
    }
    let cells = found.iter().filter_map(|row| {
        let [name, of, limit, nullable, default] = row.as_slice() else {
            return None;
        };
        let of = match limit.is_empty() {
            true => of.clone(),
            false => format!("{of}({limit})"),
        };
        let required = if nullable == "NO" { "not null" } else { "" };
        Some(vec![
            name.clone(),
            of,
            String::new(),
            required.to_owned(),
            default.clone(),
        ])
    });
    let cells: Rows = cells.collect();
    let heads = ["Column", "Type", "Collation", "Nullable", "Default"];
    let columns: Columns = heads.map(|head| (head.to_owned(), false)).to_vec();
    let mut text = table(&columns, &cells, print);
    // Instead of how many there are, it says what holds for them.
    if let Some(at) = text.rfind('(').filter(|_| print.aligned && !print.tuples) {
        text.truncate(at);
    }
    let query = format!(
        "select indexname, indexdef from pg_catalog.pg_indexes where tablename = '{quoted}' order by indexname"
    );
    let mut keys = rows(sys, stream, &query, print).await;
    // The primary one comes first.
    sorted::sort_by_key(&mut keys, |row| {
        !row.first().is_some_and(|name| name.ends_with("_pkey"))
    });
    if !keys.is_empty() {
        text.push_str("Indexes:\n");
    }
    for key in &keys {
        let [name, definition] = key.as_slice() else {
            continue;
        };
        let kind = match name.ends_with("_pkey") {
            true => "PRIMARY KEY",
            false => "UNIQUE CONSTRAINT",
        };
        let by = definition.split_once(" USING ").map_or("", |(_, by)| by);
        text.push_str(&format!("    \"{name}\" {kind}, {by}\n"));
    }
    text.push('\n');
    let title = format!("Table \"public.{name}\"");
    sys.out(&titled(&title, text, &columns, &cells, print));
    0
}
