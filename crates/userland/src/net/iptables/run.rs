//! Carrying commands out on tables.

use kernel::netfilter::Tables;
use kernel::netfilter::table::Entry;
use kernel::netfilter::{Chain, Counters, Family, Policy, RuleError, Table, TableName, print};
use std::net::IpAddr;

use super::fail::Fail;
use super::list::Style;
use super::parse::{Command, Verb};

/// What commands work with.
pub(crate) struct Context<'a> {
    pub(crate) family: Family,
    /// The name of an address, where it has one.
    pub(crate) name_of: &'a dyn Fn(IpAddr) -> Option<String>,
}

/// Carries a command out and returns what it prints.
pub(crate) fn run(
    command: &Command,
    tables: &mut Tables,
    context: &Context<'_>,
) -> Result<String, Fail> {
    let creates = matches!(
        command.verb,
        Verb::Append | Verb::Insert(_) | Verb::New | Verb::Policy(_)
    );
    if creates || tables.get(command.table).is_some() {
        return on_table(command, tables.get_mut(command.table), context);
    }
    // A table that nobody has used looks empty, and stays unmade.
    on_table(command, &mut Table::new(command.table), context)
}

fn on_table(command: &Command, table: &mut Table, context: &Context<'_>) -> Result<String, Fail> {
    let style = Style {
        family: context.family,
        numeric: command.numeric,
        verbose: command.verbose,
        exact: command.exact,
        line_numbers: command.line_numbers,
        name_of: context.name_of,
    };
    let chain = command.chain.as_deref();
    match &command.verb {
        Verb::List(number) => list(table, chain, *number, &style),
        Verb::Show(number) => show(table, chain, *number, context.family, command.verbose),
        Verb::Flush => {
            let named =
                |table: &Table| chain.map_or_else(|| names(table), |chain| vec![chain.to_owned()]);
            let said = names_verbose(command, named(table), "Flushing");
            table.flush(chain).map_err(no_chain)?;
            Ok(said)
        }
        Verb::Zero(number) => {
            table.zero(chain, *number).map_err(|error| match error {
                RuleError::BadIndex => no_rule(),
                other => no_chain(other),
            })?;
            Ok(String::new())
        }
        Verb::DeleteChain => delete_chains(command, table, chain),
        verb => change(command, verb, table, chain.unwrap_or_default(), &style),
    }
}

fn change(
    command: &Command,
    verb: &Verb,
    table: &mut Table,
    chain: &str,
    style: &Style<'_>,
) -> Result<String, Fail> {
    let mut said = String::new();
    match verb {
        Verb::Append | Verb::Insert(_) | Verb::Replace(_) => {
            let what = match verb {
                Verb::Append => "RULE_APPEND",
                Verb::Insert(_) => "RULE_INSERT",
                _ => "RULE_REPLACE",
            };
            for (nth, rule) in command.rules.iter().enumerate() {
                if command.verbose {
                    said += &style.added(rule);
                }
                let rule = rule.clone();
                let done = match verb {
                    Verb::Append => {
                        table.restore(chain, rule, command.counters.unwrap_or_default())
                    }
                    Verb::Insert(number) => table.insert(chain, number + nth, rule),
                    Verb::Replace(number) => table.replace(chain, *number, rule),
                    _ => Ok(()),
                };
                done.map_err(|error| match (error, verb) {
                    (RuleError::NoChain, _) => no_chain(error),
                    (RuleError::BadIndex, Verb::Insert(_)) => {
                        Fail::sentence("Index of insertion too big.")
                    }
                    (RuleError::BadIndex, _) => Fail::sentence("Index of replacement too big."),
                    (error, _) => {
                        Fail::refused(format!(" {what} failed ({error}): rule in chain {chain}"))
                    }
                })?;
            }
        }
        Verb::Delete => {
            for rule in &command.rules {
                table.delete_same(chain, rule).map_err(|_none| no_rule())?;
            }
        }
        Verb::Check => {
            for rule in &command.rules {
                table.position(chain, rule).ok_or_else(no_rule)?;
            }
        }
        Verb::DeleteNumber(number) => {
            table.delete(chain, *number).map_err(|error| match error {
                RuleError::BadIndex => Fail::sentence("Index of deletion too big."),
                other => no_chain(other),
            })?;
        }
        Verb::New => table
            .new_chain(chain)
            .ok()
            .ok_or_else(|| Fail::sentence("Chain already exists."))?,
        Verb::Rename(new) => table
            .rename_chain(chain, new)
            .map_err(|error| match error {
                RuleError::ChainExists => Fail::sentence("File exists."),
                other => no_chain(other),
            })?,
        Verb::Policy(policy) => {
            let bad_chain = || Fail::sentence("Bad built-in chain name.");
            let policy = read_policy(policy).ok_or_else(|| {
                Fail::sentence("Bad policy name. Run `dmesg' for more information.")
            })?;
            table
                .set_policy(chain, policy, command.counters)
                .ok()
                .ok_or_else(bad_chain)?;
        }
        Verb::List(_) | Verb::Show(_) | Verb::Flush | Verb::Zero(_) | Verb::DeleteChain => {}
    }
    Ok(said)
}

/// ACCEPT or DROP.
pub(crate) fn read_policy(name: &str) -> Option<Policy> {
    [Policy::Accept, Policy::Drop]
        .into_iter()
        .find(|policy| policy.name() == name)
}

fn no_chain(_: RuleError) -> Fail {
    Fail::sentence("No chain/target/match by that name.")
}

/// Said also where there is no such chain.
fn no_rule() -> Fail {
    Fail::sentence("Bad rule (does a matching rule exist in that chain?).")
}

fn names(table: &Table) -> Vec<String> {
    table.chains().map(|chain| chain.name.to_string()).collect()
}

fn names_verbose(command: &Command, names: Vec<String>, doing: &str) -> String {
    if !command.verbose {
        return String::new();
    }
    names
        .into_iter()
        .map(|name| format!("{doing} chain `{name}'\n"))
        .collect()
}

fn delete_chains(
    command: &Command,
    table: &mut Table,
    chain: Option<&str>,
) -> Result<String, Fail> {
    let own = |table: &Table| {
        table
            .chains()
            .filter(|chain| chain.hook.is_none())
            .map(|chain| chain.name.to_string())
            .collect()
    };
    let chosen: Vec<String> = chain.map_or_else(|| own(table), |chain| vec![chain.to_owned()]);
    for name in &chosen {
        table.delete_chain(name).map_err(|error| match error {
            RuleError::Busy => Fail::refused(format!(" CHAIN_DEL failed ({error}): chain {name}")),
            RuleError::Drops => Fail::sentence("Directory not empty."),
            other => no_chain(other),
        })?;
    }
    Ok(names_verbose(command, chosen, "Deleting"))
}

fn chosen<'a>(table: &'a Table, chain: Option<&str>) -> Result<Vec<&'a Chain>, Fail> {
    match chain {
        Some(name) => Ok(vec![
            table
                .chain(name)
                .ok_or(RuleError::NoChain)
                .map_err(no_chain)?,
        ]),
        None => Ok(table.chains().collect()),
    }
}

fn list(
    table: &Table,
    chain: Option<&str>,
    number: Option<usize>,
    style: &Style<'_>,
) -> Result<String, Fail> {
    let chains = chosen(table, chain)?;
    if let Some(number) = number {
        let entries = chains
            .first()
            .and_then(|chain| chain.rules().get(number.saturating_sub(1)));
        return Ok(entries
            .map(|entry| style.entry(number, entry))
            .unwrap_or_default());
    }
    Ok(chains
        .into_iter()
        .map(|chain| style.chain(chain))
        .collect::<Vec<_>>()
        .join("\n"))
}

fn show(
    table: &Table,
    chain: Option<&str>,
    number: Option<usize>,
    family: Family,
    counters: bool,
) -> Result<String, Fail> {
    let chains = chosen(table, chain)?;
    let line = |chain: &Chain, entry: &Entry| {
        let text = print::rule(&chain.name, &entry.rule, family);
        if !counters {
            return text + "\n";
        }
        // Counters stand in front of the target.
        let count = count(entry.counters);
        match text.rfind(" -j ").or_else(|| text.rfind(" -g ")) {
            Some(at) => format!(
                "{}{count}{}\n",
                text.get(..at).unwrap_or_default(),
                text.get(at..).unwrap_or_default()
            ),
            None => text + &count + "\n",
        }
    };
    if let Some(number) = number {
        let entry = chains
            .first()
            .and_then(|chain| Some((chain, chain.rules().get(number.saturating_sub(1))?)));
        return Ok(entry
            .map(|(chain, entry)| line(chain, entry))
            .unwrap_or_default());
    }
    let mut out = String::new();
    for chain in &chains {
        let count = if counters && chain.hook.is_some() {
            count(chain.counters)
        } else {
            String::new()
        };
        out += &match chain.hook {
            Some(_) => format!("-P {} {}{count}\n", chain.name, chain.policy.name()),
            None => format!("-N {}\n", chain.name),
        };
    }
    for chain in chains {
        out.extend(chain.rules().iter().map(|entry| line(chain, entry)));
    }
    Ok(out)
}

fn count(counters: Counters) -> String {
    format!(" -c {} {}", counters.packets, counters.bytes)
}

/// What iptables-save prints of one table.
pub(crate) fn save(table: &Table, family: Family, counters: bool) -> String {
    let mut out = format!("*{}\n", table.name.name());
    for chain in table.chains() {
        let policy = if chain.hook.is_some() {
            chain.policy.name()
        } else {
            "-"
        };
        out += &format!(
            ":{} {policy} [{}:{}]\n",
            chain.name, chain.counters.packets, chain.counters.bytes
        );
    }
    for chain in table.chains() {
        for entry in chain.rules() {
            if counters {
                out += &format!("[{}:{}] ", entry.counters.packets, entry.counters.bytes);
            }
            out += &print::rule(&chain.name, &entry.rule, family);
            out.push('\n');
        }
    }
    out + "COMMIT\n"
}

/// The order in which iptables-save prints tables.
pub(crate) const SAVE_ORDER: [TableName; 5] = [
    TableName::Security,
    TableName::Mangle,
    TableName::Raw,
    TableName::Filter,
    TableName::Nat,
];
