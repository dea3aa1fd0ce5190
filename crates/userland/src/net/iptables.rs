//! iptables, ip6tables and their -save and -restore companions.
//!
//! A command line becomes a command (`parse`, with the options of `matches` and `targets`), which is carried out on the
//! namespace's tables (`run`); `list` prints them for people.
//! Texts and exit codes are measured against iptables v1.8.13 (nf_tables).

mod addresses;
mod allowed;
mod fail;
mod list;
mod matches;
mod numbers;
mod parse;
mod ports;
mod restore;
mod run;
mod targets;
mod values;

#[cfg(test)]
mod tests;

use kernel::netfilter::{Family, Netfilter, TableName};
use kernel::sys::Sys;
use sorted::SortedSet;
use std::cell::RefCell;
use std::net::IpAddr;

use crate::Flavour;
use crate::args::Wrong;
use crate::io::Input;
use crate::net::resolv;
use fail::{Fail, VERSION};
use parse::{Known, Parsed};
use run::Context;

const WORDS: &[&str] = &[
    "-L",
    "-S",
    "-A",
    "-I",
    "-D",
    "-F",
    "-N",
    "-X",
    "-P",
    "-t",
    "-n",
    "-v",
    "--line-numbers",
    "-j",
];

crate::programs! {
    /// The programs of this group.
    pub const PROGRAMS;
    gnu "iptables", "change and list IPv4 packet filter rules", WORDS, iptables;
    gnu "ip6tables", "change and list IPv6 packet filter rules", WORDS, ip6tables;
    plain gnu "iptables-save", "print IPv4 rules for iptables-restore", &["-t", "-c"], save_v4;
    plain gnu "ip6tables-save", "print IPv6 rules for ip6tables-restore", &["-t", "-c"], save_v6;
    gnu "iptables-restore", "read IPv4 rules", &["-n", "-c"], restore_v4;
    gnu "ip6tables-restore", "read IPv6 rules", &["-n", "-c"], restore_v6;
    gnu "iptables-nft", "iptables by its full name", WORDS, iptables;
    gnu "ip6tables-nft", "ip6tables by its full name", WORDS, ip6tables;
    plain gnu "iptables-nft-save", "iptables-save by its full name", &["-t", "-c"], save_v4;
    plain gnu "ip6tables-nft-save", "ip6tables-save by its full name", &["-t", "-c"], save_v6;
    gnu "iptables-nft-restore", "iptables-restore by its full name", &["-n", "-c"], restore_v4;
    gnu "ip6tables-nft-restore", "ip6tables-restore by its full name", &["-n", "-c"], restore_v6;
}

/// iptables.
pub async fn iptables(sys: Sys, args: Vec<String>, _: Flavour) -> i32 {
    tables(sys, args, Family::V4, "iptables").await
}

/// ip6tables.
pub async fn ip6tables(sys: Sys, args: Vec<String>, _: Flavour) -> i32 {
    tables(sys, args, Family::V6, "ip6tables").await
}

/// iptables-save.
pub fn save_v4(sys: Sys, args: Vec<String>, _: Flavour) -> i32 {
    save(sys, args, Family::V4, "iptables-save")
}

/// ip6tables-save.
pub fn save_v6(sys: Sys, args: Vec<String>, _: Flavour) -> i32 {
    save(sys, args, Family::V6, "ip6tables-save")
}

/// iptables-restore.
pub async fn restore_v4(sys: Sys, args: Vec<String>, _: Flavour) -> i32 {
    restore_all(sys, args, Family::V4, "iptables-restore").await
}

/// ip6tables-restore.
pub async fn restore_v6(sys: Sys, args: Vec<String>, _: Flavour) -> i32 {
    restore_all(sys, args, Family::V6, "ip6tables-restore").await
}

/// Names and addresses in /etc/hosts.
fn hosts(sys: &Sys) -> Vec<(IpAddr, String)> {
    let text = sys
        .read_text("/etc/hosts")
        .unwrap_or_else(|_| "127.0.0.1 localhost\n".to_owned());
    let lines = text
        .lines()
        .map(|line| line.split('#').next().unwrap_or_default());
    let mut all = Vec::new();
    for line in lines {
        let mut words = line.split_whitespace();
        let Some(addr) = words.next().and_then(|addr| addr.parse().ok()) else {
            continue;
        };
        all.extend(words.map(|name| (addr, name.to_owned())));
    }
    all
}

/// Lets `work` change the namespace's rules, if this process may.
fn with_rules<T>(
    sys: &Sys,
    work: impl FnOnce(&mut Netfilter) -> Result<T, Fail>,
) -> Result<T, Fail> {
    if !sys.may_admin_net() {
        return Err(Fail::refused(
            "Could not fetch rule set generation id: Permission denied (you must be root)",
        ));
    }
    let ns = sys.netns();
    let gone =
        || Fail::refused("Could not fetch rule set generation id: No such file or directory");
    sys.kernel(|k| work(&mut k.net.netns_mut(ns).ok_or_else(gone)?.nf))
}

async fn tables(sys: Sys, args: Vec<String>, family: Family, program: &str) -> i32 {
    let words = args.get(1..).unwrap_or_default();
    let mut hosts = hosts(&sys);
    let mut asked = Asked::default();
    let run = |hosts: &[(IpAddr, String)], asked: &mut Asked| {
        with_rules(&sys, |nf| execute(words, family, program, hosts, asked, nf))
    };
    let mut done = run(&hosts, &mut asked);
    // What only a name server knows is asked for, and the command is carried out, or its answer told, with that.
    let zeroes = words.iter().any(|word| word == "-Z" || word == "--zero");
    if let (Err(_), Some(name)) = (&done, asked.name.take()) {
        let wanted = match family {
            Family::V4 => kernel::sock::Family::V4,
            Family::V6 => kernel::sock::Family::V6,
        };
        if let Ok(found) = resolv::lookup(&sys, &name, Some(wanted)).await {
            hosts.extend(found.addresses.iter().map(|addr| (*addr, name.clone())));
            done = run(&hosts, &mut asked);
        }
    } else if done.is_ok() && !zeroes && !asked.addresses.is_empty() {
        for addr in std::mem::take(&mut asked.addresses) {
            if let Some(name) = resolv::reverse(&sys, addr).await {
                hosts.push((addr, name));
            }
        }
        done = run(&hosts, &mut asked);
    }
    finish(&sys, program, done)
}

/// What a command named that `/etc/hosts` does not know.
#[derive(Default)]
struct Asked {
    name: Option<String>,
    addresses: SortedSet<IpAddr>,
}

fn finish(sys: &Sys, program: &str, done: Result<String, Fail>) -> i32 {
    match done {
        Ok(text) => {
            sys.out(&text);
            0
        }
        Err(fail) => {
            sys.err(&fail.render(program));
            fail.code()
        }
    }
}

/// One command line, on the rules of one namespace.
fn execute(
    args: &[String],
    family: Family,
    program: &str,
    hosts: &[(IpAddr, String)],
    asked: &mut Asked,
    nf: &mut Netfilter,
) -> Result<String, Fail> {
    let asked = RefCell::new(asked);
    let find = |name: &str| {
        let fits = |addr: &IpAddr| addr.is_ipv6() == (family == Family::V6);
        hosts
            .iter()
            .find(|(addr, known)| known == name && fits(addr))
            .map(|(addr, _)| *addr)
            .or_else(|| {
                asked.borrow_mut().name = Some(name.to_owned());
                None
            })
    };
    let parsed = {
        let nf = &*nf;
        let chain_exists = |table: TableName, chain: &str| match nf.table(family, table) {
            Some(table) => table.chain(chain).is_some(),
            None => table.hooks().iter().any(|hook| hook.name() == chain),
        };
        parse::parse(
            args,
            &Known {
                restored: None,
                family,
                chain_exists: &chain_exists,
                hosts: &find,
            },
        )?
    };
    match parsed {
        Parsed::Version => Ok(format!("{program} {VERSION}\n")),
        Parsed::Help => Ok(help(program)),
        Parsed::Command(command) => {
            let name_of = |wanted: IpAddr| {
                hosts
                    .iter()
                    .find(|(addr, _)| *addr == wanted)
                    .map(|(_, name)| name.clone())
                    .or_else(|| {
                        asked.borrow_mut().addresses.insert(wanted);
                        None
                    })
            };
            let context = Context {
                family,
                name_of: &name_of,
            };
            let reads = matches!(
                command.verb,
                parse::Verb::List(_) | parse::Verb::Show(_) | parse::Verb::Check
            );
            if reads && nf.table(family, command.table).is_none() {
                // Looking must not make a namespace track its flows.
                return run::run(
                    &command,
                    &mut kernel::netfilter::Tables::default(),
                    &context,
                );
            }
            run::run(&command, nf.tables_mut(family), &context)
        }
    }
}

fn help(program: &str) -> String {
    format!(
        "{program} {VERSION}\n\n\
         Usage: {program} -[ACD] chain rule-specification [options]\n       \
         {program} -I chain [rulenum] rule-specification [options]\n       \
         {program} -R chain rulenum rule-specification [options]\n       \
         {program} -D chain rulenum [options]\n       \
         {program} -[LS] [chain [rulenum]] [options]\n       \
         {program} -[FZ] [chain] [options]\n       \
         {program} -[NX] chain\n       \
         {program} -E old-chain-name new-chain-name\n       \
         {program} -P chain target [options]\n       \
         {program} -h (print this help information)\n"
    )
}

/// The date as iptables-save writes it: `Mon Nov 10 09:00:00 2025`.
fn date(sys: &Sys) -> String {
    let (seconds, nanos) = sys.wall_clock();
    let seconds = i64::try_from(seconds).unwrap_or(0);
    crate::system::date::format("%a %b %e %H:%M:%S %Y", seconds, nanos)
}

fn save(sys: Sys, args: Vec<String>, family: Family, program: &str) -> i32 {
    let wanted = match crate::args::parse(
        &args,
        "t:cVf:M:",
        &[
            ("table", 't'),
            ("counters", 'c'),
            ("version", 'V'),
            ("file", 'f'),
            ("modprobe", 'M'),
        ],
    ) {
        Ok(parsed) => parsed,
        Err(wrong) => {
            let what = match wrong {
                Wrong::Unknown(option) => match option.strip_prefix("--") {
                    Some(_) => format!("unrecognized option '{option}'"),
                    None => format!("invalid option -- '{}'", option.trim_start_matches('-')),
                },
                Wrong::Missing(letter) => format!("option requires an argument -- '{letter}'"),
            };
            sys.err(&format!(
                "{program}: {what}\nLook at manual page `{program}.8' for more information.\n"
            ));
            return 1;
        }
    };
    if !wanted.operands.is_empty() {
        sys.err("Unknown arguments found on commandline\n");
        return 1;
    }
    if wanted.has('V') {
        sys.out(&format!("{program} {VERSION}\n"));
        return 0;
    }
    let only = match wanted
        .value('t')
        .map(|name| (name, TableName::from_name(name)))
    {
        Some((name, None)) => {
            sys.err(&format!("Table `{name}' does not exist\n"));
            return 1;
        }
        Some((_, found)) => found,
        None => None,
    };
    let now = date(&sys);
    let done = with_rules(&sys, |nf| {
        Ok(save_text(nf, family, only, wanted.has('c'), program, &now))
    });
    if let (Some(file), Ok(text)) = (wanted.value('f'), &done) {
        return match sys.write_file(file, text.as_bytes()) {
            Ok(()) => 0,
            Err(error) => {
                sys.err(&format!("Failed to open file, error: {error}\n"));
                1
            }
        };
    }
    finish(&sys, program, done)
}

/// What iptables-save prints.
fn save_text(
    nf: &Netfilter,
    family: Family,
    only: Option<TableName>,
    counters: bool,
    program: &str,
    now: &str,
) -> String {
    let mut out = String::new();
    for name in run::SAVE_ORDER {
        let empty = kernel::netfilter::Table::new(name);
        let table = match (nf.table(family, name), only) {
            (Some(table), None) => table,
            // A table that is asked for by name is shown even if nobody has used it.
            (found, Some(only)) if only == name => found.unwrap_or(&empty),
            _ => continue,
        };
        let text = run::save(table, family, counters);
        out +=
            &format!("# Generated by {program} {VERSION} on {now}\n{text}# Completed on {now}\n");
    }
    out
}

async fn restore_all(sys: Sys, args: Vec<String>, family: Family, program: &str) -> i32 {
    let long = [
        ("noflush", 'n'),
        ("counters", 'c'),
        ("test", 't'),
        ("table", 'T'),
        ("wait", 'w'),
        ("verbose", 'v'),
        ("version", 'V'),
    ];
    let wanted = match crate::args::parse(&args, "ncwvtVT:", &long) {
        Ok(parsed) => parsed,
        Err(crate::args::Wrong::Unknown(option)) => {
            sys.err(&format!("{program}: unrecognized option '{option}'\nTry `{program} -h' for more information.\n"));
            return 1;
        }
        Err(wrong) => return crate::args::refuse(&sys, &args, wrong),
    };
    let options = restore::Options {
        keep: wanted.has('n'),
        counters: wanted.has('c'),
        only: wanted.value('T').and_then(TableName::from_name),
    };
    let path = wanted.operands.first().map_or("-", String::as_str);
    let mut input = match Input::open(&sys, path) {
        Ok(input) => input,
        Err(error) => {
            sys.err(&format!("Can't open {path}: {error}\n"));
            return 1;
        }
    };
    let text = String::from_utf8_lossy(&input.rest().await).into_owned();
    input.close();
    let done = restore_with(&sys, &text, family, options, wanted.has('t'));
    finish(&sys, program, done)
}

fn restore_with(
    sys: &Sys,
    text: &str,
    family: Family,
    options: restore::Options,
    only_test: bool,
) -> Result<String, Fail> {
    let known_hosts = hosts(sys);
    let find = |name: &str| {
        known_hosts
            .iter()
            .find(|(_, known)| known == name)
            .map(|(addr, _)| *addr)
    };
    with_rules(sys, |nf| {
        let tables = restore::restore(text, &nf.tables(family), family, options, &find)?;
        if !only_test {
            nf.set_tables(family, tables);
        }
        Ok(String::new())
    })
}

/// What `iptables-restore -n` does, for programs that write rules themselves.
/// # Errors
/// What it would say.
pub(crate) fn restore_text(sys: &Sys, text: &str, family: Family) -> Result<(), String> {
    let options = restore::Options {
        keep: true,
        ..restore::Options::default()
    };
    let done = restore_with(sys, text, family, options, false);
    done.map(|_| ())
        .map_err(|fail| fail.render("iptables-restore"))
}
