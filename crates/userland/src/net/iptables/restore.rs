//! iptables-restore: reads what iptables-save wrote.

use kernel::netfilter::{Counters, Family, RuleError, Table, TableName, Tables};
use std::net::IpAddr;

use super::fail::Fail;
use super::parse::{self, Known, Parsed};
use super::run::{self, Context};

/// What was asked for.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Options {
    /// `-n`: what is there stays.
    pub(crate) keep: bool,
    /// `-c`: counters are restored.
    pub(crate) counters: bool,
    /// `-T`: only this table.
    pub(crate) only: Option<TableName>,
}

/// Reads a file into a copy of the tables. Nothing counts until its COMMIT.
pub(crate) fn restore(
    text: &str,
    before: &Tables,
    family: Family,
    options: Options,
    hosts: &dyn Fn(&str) -> Option<IpAddr>,
) -> Result<Tables, Fail> {
    let mut done = before.clone();
    let mut open: Option<(TableName, Tables)> = None;
    let mut number = 0;
    for line in text.lines() {
        number += 1;
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(name) = line.strip_prefix('*') {
            let program = program(family);
            let unknown = || {
                Fail::parameter(format!(
                    "{program}: line {number} table name '{name}' invalid"
                ))
                .at_line(number)
            };
            let name = TableName::from_name(name.trim()).ok_or_else(unknown)?;
            let mut tables = done.clone();
            if !options.keep {
                *tables.get_mut(name) = Table::new(name);
            }
            open = Some((name, tables));
            continue;
        }
        let Some((name, tables)) = &mut open else {
            return Err(Fail::sentence(format!("line {number} failed")));
        };
        if line == "COMMIT" {
            if options.only.is_none_or(|only| only == *name) {
                done = tables.clone();
            }
            open = None;
        } else if let Some(chain) = line.strip_prefix(':') {
            declare(chain, tables.get_mut(*name), options).map_err(|fail| fail.at_line(number))?;
        } else {
            command(line, *name, tables, family, options, hosts).map_err(|fail| {
                // A jump is only followed once the whole table is there.
                let end = text.lines().skip(number).position(|l| l.trim() == "COMMIT");
                let missing = fail.is_missing_target();
                fail.at_line(match end {
                    Some(more) if missing => number + more + 1,
                    _ => number,
                })
            })?;
        }
    }
    match open {
        Some(_) => Err(Fail::sentence(format!(
            "COMMIT expected at line {}",
            number + 1
        ))),
        None => Ok(done),
    }
}

const fn program(family: Family) -> &'static str {
    match family {
        Family::V4 => "iptables-restore",
        Family::V6 => "ip6tables-restore",
    }
}

fn declare(text: &str, table: &mut Table, options: Options) -> Result<(), Fail> {
    let mut words = text.split_whitespace();
    let (name, policy) = (
        words.next().unwrap_or_default(),
        words.next().unwrap_or("-"),
    );
    let counters = words
        .next()
        .and_then(read_counters)
        .filter(|_| options.counters);
    if policy == "-" {
        return match table.new_chain(name) {
            Ok(()) => Ok(()),
            // Naming a chain that is there empties it.
            Err(RuleError::ChainExists) => table
                .flush(Some(name))
                .map_err(|error| Fail::refused(error.to_string())),
            Err(error) => Err(Fail::refused(error.to_string())),
        };
    }
    let policy = run::read_policy(policy)
        .ok_or_else(|| Fail::parameter(format!("Bad policy name `{policy}'")))?;
    table
        .set_policy(name, policy, counters)
        .ok()
        .ok_or_else(|| Fail::parameter("Bad built-in chain name"))
}

fn read_counters(text: &str) -> Option<Counters> {
    let (packets, bytes) = text.strip_prefix('[')?.strip_suffix(']')?.split_once(':')?;
    Some(Counters {
        packets: packets.parse().ok()?,
        bytes: bytes.parse().ok()?,
    })
}

fn command(
    line: &str,
    name: TableName,
    tables: &mut Tables,
    family: Family,
    options: Options,
    hosts: &dyn Fn(&str) -> Option<IpAddr>,
) -> Result<(), Fail> {
    let mut words = split(line);
    let counters = words.first().and_then(|word| read_counters(word));
    if counters.is_some() {
        words.remove(0);
    }
    let parsed = {
        let chain_exists = |table: TableName, chain: &str| {
            tables
                .get(table)
                .is_some_and(|table| table.chain(chain).is_some())
        };
        parse::parse(
            &words,
            &Known {
                restored: Some((name, program(family))),
                family,
                chain_exists: &chain_exists,
                hosts,
            },
        )?
    };
    if let Parsed::Command(mut command) = parsed {
        command.counters = command.counters.or(counters.filter(|_| options.counters));
        run::run(
            &command,
            tables,
            &Context {
                family,
                name_of: &|_| None,
            },
        )?;
    }
    Ok(())
}

/// Splits a line at spaces, except in quotes.
fn split(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut letters = line.chars();
    while let Some(c) = letters.next() {
        match (quote, c) {
            (Some(_), '\\') => word.get_or_insert_default().extend(letters.next()),
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_in_quotes_stay_together() {
        assert_eq!(
            split(r#"-A X --log-prefix "a \"b\" " -j 'c d'"#),
            ["-A", "X", "--log-prefix", "a \"b\" ", "-j", "c d"]
        );
    }
}
