//! `nft` 1.1.7, for looking at what `iptables` wrote: both speak of the same rules in the kernel.
//!
//! Listing and flushing are here; writing rules in nft's own language is not modelled, and says so.

mod rule;

use kernel::Errno;
use kernel::netfilter::{Chain, Family, Hook, Table, TableName};
use kernel::sys::Sys;

use crate::Flavour;

crate::programs! {
    /// The programs of this group.
    pub const PROGRAMS;
    plain gnu "nft", "show the packet filter's rules", &["list", "ruleset", "tables", "chains", "table", "chain", "ip", "ip6", "flush"], main;
}

const VERSION: &str = "nftables v1.1.7 (Commodore Bullmoose #8)\n";

/// The tables in the order in which dockerd makes them; iptables' users add mangle.
const ORDER: [(Family, TableName); 10] = [
    (Family::V4, TableName::Nat),
    (Family::V4, TableName::Filter),
    (Family::V6, TableName::Nat),
    (Family::V6, TableName::Filter),
    (Family::V4, TableName::Raw),
    (Family::V6, TableName::Raw),
    (Family::V4, TableName::Mangle),
    (Family::V6, TableName::Mangle),
    (Family::V4, TableName::Security),
    (Family::V6, TableName::Security),
];

/// The `nft` program.
pub fn main(sys: Sys, args: Vec<String>, _: Flavour) -> i32 {
    let (mut listing, mut dry) = (Listing::default(), false);
    let mut words: Vec<String> = Vec::new();
    for word in args.iter().skip(1) {
        match word.as_str() {
            "-v" | "--version" => {
                sys.out(VERSION);
                return 0;
            }
            "-s" | "--stateless" => listing.stateless = true,
            "-c" | "--check" => dry = true,
            "-n" | "-nn" | "--numeric" | "-y" | "--numeric-priority" => listing.numbers = true,
            "-N" | "-p" => {}
            option if option.starts_with('-') && words.is_empty() => {
                return crate::not_modelled(&sys, "nft", option);
            }
            // The whole command may be one argument.
            word => words.extend(word.split_whitespace().map(str::to_owned)),
        }
    }
    if words.is_empty() {
        sys.err("nft: no command specified\n");
        return 1;
    }
    if !sys.may_admin_net() {
        let text = format!("{} (you must be root)\n", Errno::EPERM);
        sys.err(&text);
        return 1;
    }
    match run(&sys, &words, listing, dry) {
        Ok(said) => {
            for part in said {
                sys.err(&part.warning);
                sys.out(&part.text);
            }
            0
        }
        Err(text) => {
            sys.err(&text);
            1
        }
    }
}

/// Something to print, and what is said on standard error before it.
#[derive(Default)]
struct Part {
    warning: String,
    text: String,
}

impl From<String> for Part {
    fn from(text: String) -> Self {
        Self {
            warning: String::new(),
            text,
        }
    }
}

/// Carries a command out; `dry`: changes nothing.
fn run(sys: &Sys, words: &[String], listing: Listing, dry: bool) -> Result<Vec<Part>, String> {
    let mut rest = words.iter().map(String::as_str);
    let (verb, object) = (rest.next().unwrap_or_default(), rest.next());
    let mut names: Vec<&str> = rest.collect();
    let family = match names.first() {
        Some(&"ip") => Some(Family::V4),
        Some(&"ip6") => Some(Family::V6),
        Some(&("inet" | "arp" | "bridge" | "netdev")) => {
            return if matches!(object, Some("ruleset" | "tables" | "chains")) {
                Ok(Vec::new())
            } else {
                Err(no_such(words, names.get(1).copied()))
            };
        }
        _ => None,
    };
    if family.is_some() {
        names.remove(0);
    }
    let of_family = |one: Family| family.is_none_or(|wanted| wanted == one);
    match (verb, object, names.as_slice()) {
        ("list", Some("ruleset"), []) => Ok(tables(sys, of_family)
            .iter()
            .map(|(family, table)| listing.table(*family, table, &born(table), true))
            .collect()),
        ("list", Some("tables"), []) => Ok(tables(sys, of_family)
            .iter()
            .map(|(family, table)| {
                format!("table {} {}\n", prefix(*family), table.name.name()).into()
            })
            .collect()),
        // A table that is named is not looked at.
        ("list", Some("chains"), [] | [_]) => Ok(tables(sys, of_family)
            .iter()
            .map(|(family, table)| listing.heads(*family, table).into())
            .collect()),
        // iptables makes none of these; nft still names the tables it looked into, for counters not even that.
        ("list", Some("sets" | "flowtables" | "meters"), []) => Ok(tables(sys, of_family)
            .iter()
            .map(|(family, table)| listing.table(*family, table, &[], false))
            .collect()),
        ("list", Some("counters"), []) => Ok(Vec::new()),
        ("list", Some("table"), [name]) => {
            let (family, table) =
                find(sys, family, name).ok_or_else(|| no_such(words, Some(name)))?;
            Ok(vec![listing.table(family, &table, &born(&table), true)])
        }
        ("list", Some("chain"), [name, chain]) => {
            let (family, table) =
                find(sys, family, name).ok_or_else(|| no_such(words, Some(name)))?;
            let found = born(&table)
                .into_iter()
                .find(|known| *known.name == **chain)
                .ok_or_else(|| no_such(words, Some(chain)))?;
            Ok(vec![listing.table(family, &table, &[found], true)])
        }
        ("flush", Some("ruleset"), []) => change(sys, dry, |nf| {
            for family in [Family::V4, Family::V6]
                .into_iter()
                .filter(|f| of_family(*f))
            {
                nf.set_tables(family, kernel::netfilter::Tables::default());
            }
            Ok(())
        }),
        ("flush", Some("table"), [name]) => {
            let (family, table) =
                find(sys, family, name).ok_or_else(|| unprocessed(words, name))?;
            change(sys, dry, |nf| nf.table_mut(family, table.name).flush(None))
        }
        ("flush", Some("chain"), [name, chain]) => {
            let (family, table) =
                find(sys, family, name).ok_or_else(|| unprocessed(words, name))?;
            let lost = unprocessed(words, chain);
            change(sys, dry, |nf| {
                nf.table_mut(family, table.name).flush(Some(chain))
            })
            .or(Err(lost))
        }
        ("delete" | "destroy", Some("table"), [name]) => match find(sys, family, name) {
            Some((family, table)) => change(sys, dry, |nf| {
                nf.tables_mut(family).remove(table.name);
                Ok(())
            }),
            None if verb == "destroy" => Ok(Vec::new()),
            None => Err(unprocessed(words, name)),
        },
        ("delete", Some("chain"), [name, chain]) => {
            let (family, table) =
                find(sys, family, name).ok_or_else(|| unprocessed(words, name))?;
            let why = match born(&table).iter().any(|known| *known.name == **chain) {
                true => Errno::EBUSY,
                false => Errno::ENOENT,
            };
            change(sys, dry, |nf| {
                nf.table_mut(family, table.name).delete_chain(chain)
            })
            .map_err(|_inner| refused(words, chain, why))
        }
        ("list", Some("chain" | "table"), names)
            if names.len() < 1 + usize::from(object == Some("chain")) =>
        {
            Err(unfinished(words))
        }
        ("list", None, _) => Err(expected(words, &LISTED.join(", "))),
        ("list", Some("hooks"), _) => Ok(Vec::new()),
        ("list", Some(other), _) if !LISTED.contains(&other) => Err(pointed(
            words,
            other,
            &format!(
                "syntax error, unexpected {}\nexpected any of: {}",
                if other == "hook" { other } else { "string" },
                LISTED.join(", ")
            ),
        )),
        (
            "add" | "insert" | "create" | "delete" | "destroy" | "replace" | "rename" | "reset"
            | "monitor" | "describe" | "import" | "export" | "list" | "flush",
            ..,
        ) => Err(format!(
            "nft: {} is not modelled in Drydock: rules are written with iptables\n",
            words.join(" ")
        )),
        _ => Err(unfinished(words)),
    }
}

/// What `list` lists, in the order in which nft names it.
const LISTED: [&str; 28] = [
    "synproxy",
    "hooks",
    "table",
    "tables",
    "chain",
    "chains",
    "sets",
    "set",
    "map",
    "maps",
    "flowtable",
    "ruleset",
    "flow",
    "meter",
    "meters",
    "flowtables",
    "ct",
    "counter",
    "tunnel",
    "counters",
    "quotas",
    "limits",
    "tunnels",
    "synproxys",
    "limit",
    "quota",
    "secmark",
    "secmarks",
];

/// nft's complaint about a command that ends too early.
fn unfinished(words: &[String]) -> String {
    expected(words, "<string>, last")
}

/// The same with the words that could follow.
fn expected(words: &[String], which: &str) -> String {
    let line = words.join(" ");
    format!(
        "Error: syntax error, unexpected newline\nexpected any of: {which}\n{line}\n{}^\n",
        " ".repeat(line.len())
    )
}

/// nft's complaint about a name, with the name underlined.
fn no_such(words: &[String], name: Option<&str>) -> String {
    pointed(words, name.unwrap_or_default(), &Errno::ENOENT.to_string())
}

/// The kernel's complaint about a name in a change.
fn refused(words: &[String], name: &str, why: Errno) -> String {
    pointed(words, name, &format!("Could not process rule: {why}"))
}

/// The same about one that is not there.
fn unprocessed(words: &[String], name: &str) -> String {
    refused(words, name, Errno::ENOENT)
}

fn pointed(words: &[String], name: &str, why: &str) -> String {
    let line = words.join(" ");
    let at = line.rfind(name).unwrap_or(0);
    format!(
        "Error: {why}\n{line}\n{}{}\n",
        " ".repeat(at),
        "^".repeat(name.len())
    )
}

fn change(
    sys: &Sys,
    dry: bool,
    change: impl FnOnce(&mut kernel::netfilter::Netfilter) -> Result<(), kernel::netfilter::RuleError>,
) -> Result<Vec<Part>, String> {
    if dry {
        return Ok(Vec::new());
    }
    let ns = sys.netns();
    let done = sys.kernel(|k| k.net.netns_mut(ns).map(|netns| change(&mut netns.nf)));
    match done {
        Some(Ok(())) => Ok(Vec::new()),
        Some(Err(error)) => Err(format!("Error: Could not process rule: {error}\n")),
        None => Err(format!("Error: {}\n", Errno::ENOENT)),
    }
}

/// The tables that somebody has written to.
fn tables(sys: &Sys, wanted: impl Fn(Family) -> bool) -> Vec<(Family, Table)> {
    let ns = sys.netns();
    sys.kernel(|k| {
        let Some(netns) = k.net.netns(ns) else {
            return Vec::new();
        };
        ORDER
            .iter()
            .filter(|(family, _)| wanted(*family))
            .filter_map(|(family, name)| Some((*family, netns.nf.table(*family, *name)?.clone())))
            .filter(|(_, table)| !born(table).is_empty())
            .collect()
    })
}

fn find(sys: &Sys, family: Option<Family>, name: &str) -> Option<(Family, Table)> {
    let family = family.unwrap_or(Family::V4);
    tables(sys, |one| one == family)
        .into_iter()
        .find(|(_, table)| table.name.name() == name)
}

/// The chains that are there for nft, in the order in which they came to be: a built-in one is made when it is first used.
fn born(table: &Table) -> Vec<&Chain> {
    let mut chains: Vec<&Chain> = table
        .chains()
        .filter(|chain| chain.born().is_some())
        .collect();
    sorted::sort_by_key(&mut chains, |chain| chain.born());
    chains
}

const fn prefix(family: Family) -> &'static str {
    match family {
        Family::V4 => "ip",
        Family::V6 => "ip6",
    }
}

/// How things are listed.
#[derive(Clone, Copy, Default)]
struct Listing {
    /// Without the counters' values.
    stateless: bool,
    /// With numbers for the names of priorities.
    numbers: bool,
}

impl Listing {
    /// A table with those of its chains.
    fn table(&self, family: Family, table: &Table, chains: &[&Chain], warn: bool) -> Part {
        let name = format!("{} {}", prefix(family), table.name.name());
        let mut compat = false;
        let texts: Vec<String> = chains
            .iter()
            .map(|chain| {
                let mut text = format!("\tchain {} {{\n", chain.name);
                if let Some(head) = self.head(table.name, chain) {
                    text.push_str(&format!("\t\t{head}\n"));
                }
                for entry in chain.rules() {
                    let (line, foreign) = rule::text(entry, family, self.stateless);
                    compat |= foreign;
                    text.push_str(&format!("\t\t{line}\n"));
                }
                text + "\t}\n"
            })
            .collect();
        // nft notices extensions that only iptables has.
        let warning = if warn && compat {
            format!("# Warning: table {name} is managed by iptables-nft, do not touch!\n")
        } else {
            String::new()
        };
        Part {
            warning,
            text: format!("table {name} {{\n{}}}\n", texts.join("\n")),
        }
    }

    /// What a built-in chain begins with.
    fn head(self, table: TableName, chain: &Chain) -> Option<String> {
        let hook = chain.hook?;
        let (kind, priority, number) = match (table, hook) {
            (TableName::Nat, Hook::Prerouting | Hook::Output) => ("nat", "dstnat", -100),
            (TableName::Nat, _) => ("nat", "srcnat", 100),
            (TableName::Mangle, Hook::Output) => ("route", "mangle", -150),
            (TableName::Mangle, _) => ("filter", "mangle", -150),
            (TableName::Raw, _) => ("filter", "raw", -300),
            (TableName::Filter, _) => ("filter", "filter", 0),
            (TableName::Security, _) => ("filter", "150", 150),
        };
        let priority = match self.numbers {
            true => number.to_string(),
            false => priority.to_owned(),
        };
        Some(format!(
            "type {kind} hook {} priority {priority}; policy {};",
            hook.name().to_ascii_lowercase(),
            chain.policy.name().to_ascii_lowercase()
        ))
    }

    /// A table with its chains' first lines.
    fn heads(&self, family: Family, table: &Table) -> String {
        let chains = born(table).into_iter().map(|chain| {
            let head = self.head(table.name, chain);
            let head = head.map(|head| format!("\t\t{head}\n")).unwrap_or_default();
            format!("\tchain {} {{\n{head}\t}}\n", chain.name)
        });
        format!(
            "table {} {} {{\n{}}}\n",
            prefix(family),
            table.name.name(),
            chains.collect::<String>()
        )
    }
}
