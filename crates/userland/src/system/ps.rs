//! `ps`.

use kernel::process::ProcessState;
use kernel::sys::Sys;

use crate::Flavour;
use crate::process::{self, Listed};

pub(super) fn command_line(p: &Listed) -> String {
    if p.argv.is_empty() || matches!(p.state, ProcessState::Zombie(_)) {
        format!("[{}]", p.comm)
    } else {
        p.argv.join(" ")
    }
}

pub(super) fn state(p: &Listed, me: kernel::ids::ProcessId) -> &'static str {
    match p.state {
        ProcessState::Running if p.id == me => "R",
        ProcessState::Running => "S",
        ProcessState::Paused => "T",
        ProcessState::Zombie(_) => "Z",
    }
}

fn tty(p: &Listed) -> String {
    p.tty
        .map_or_else(|| "?".to_owned(), |number| format!("pts/{number}"))
}

pub(super) fn owner(p: &Listed) -> String {
    p.owner.clone()
}

/// The columns of procps' `ps -o` that have a value here.
const KNOWN: [&str; 35] = [
    "pid", "ppid", "user", "uid", "euser", "comm", "ucmd", "args", "cmd", "command", "stat", "s",
    "state", "tty", "tt", "time", "etime", "cputime", "pgid", "sid", "pgrp", "sess", "tid", "lwp",
    "%cpu", "pcpu", "%mem", "pmem", "rss", "rsz", "vsz", "vsize", "ni", "nice", "nlwp",
];

/// The `ps` program: procps' `ps`, `ps -e`, `ps -ef`, `ps aux`, `-o`, and busybox' list.
pub fn main(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let me = sys.id();
    let all = process::visible(&sys);
    if flavour == Flavour::Busybox {
        return super::ps_busybox::main(&sys, &args, &all);
    }
    let words = args.get(1..).unwrap_or_default();
    let (mut every, mut full, mut bsd) = (false, false, false);
    let mut columns = None;
    let mut only: Option<Vec<u32>> = None;
    let (mut heads, mut stat, mut bsd_only) = (true, false, false);
    let (mut command, mut parent, mut sort) = (None::<String>, None::<u32>, None::<String>);
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        match word.as_str() {
            "-o" | "-eo" | "-Ao" | "-axo" | "axo" | "o" | "-ao" | "--format" => {
                every |= word.contains(['e', 'A', 'x']);
                let more = rest.next().cloned().unwrap_or_default();
                columns = Some(match columns.take() {
                    Some(before) => format!("{before},{more}"),
                    None => more,
                });
            }
            "--no-headers" | "--no-heading" | "h" => heads = false,
            "-C" => {
                command = rest.next().cloned();
                every = true;
            }
            "--ppid" => {
                parent = rest.next().and_then(|text| text.parse().ok());
                every = true;
            }
            "-u" | "-U" => {
                rest.next();
                every = true;
            }
            "u" => bsd_only = true,
            "w" | "ww" | "-w" | "-ww" | "--forest" => {}
            word if word.starts_with("--sort=") => {
                sort = word.strip_prefix("--sort=").map(str::to_owned);
            }
            "-p" | "p" | "-q" | "-fp" | "--pid" => {
                full |= word == "-fp";
                only = rest
                    .next()
                    .map(|list| list.split(',').filter_map(|pid| pid.parse().ok()).collect());
            }
            "aux" | "auxw" | "auxww" | "-aux" | "auxf" | "faux" => bsd = true,
            "ax" | "-ax" | "axw" | "axf" | "x" => {
                every = true;
                stat = true;
            }
            flags
                if flags.starts_with('-')
                    && flags.chars().skip(1).all(|flag| "eAfFwl".contains(flag))
                    && flags.len() > 1 =>
            {
                every |= flags.contains(['e', 'A']);
                full |= flags.contains(['f', 'F', 'l']);
            }
            other => return crate::not_modelled(&sys, "ps", other),
        }
    }
    let own_tty = sys.me(|p| p.tty.map(|tty| tty.0)).flatten();
    bsd |= bsd_only;
    let mut chosen: Vec<&Listed> = all
        .iter()
        .filter(|p| command.as_ref().is_none_or(|name| *name == p.comm))
        .filter(|p| parent.is_none_or(|pid| pid == p.parent))
        .filter(|p| match &only {
            Some(pids) => pids.contains(&p.pid),
            None => every || bsd || p.tty == own_tty,
        })
        .collect();
    if let Some(sort) = sort {
        let key = sort.trim_start_matches(['-', '+']);
        sorted::sort_by_key(&mut chosen, |p| match key {
            "ppid" => u64::from(p.parent),
            "start_time" | "start" | "lstart" => p.started.as_nanos(),
            _ => u64::from(p.pid),
        });
        if sort.starts_with('-') {
            chosen.reverse();
        }
    }
    let missing = chosen.is_empty();
    let epoch = sys.kernel(|k| k.epoch);
    let clock = |p: &Listed| {
        super::date::format(
            "%H:%M",
            i64::try_from(epoch + p.started.as_nanos() / 1_000_000_000).unwrap_or(0),
            0,
        )
    };
    let mut out = String::new();
    if let Some(columns) = columns {
        if let Some(unknown) = print_columns(&columns, &chosen, me, heads, &mut out) {
            sys.err(&format!("error: unknown user-defined format specifier \"{unknown}\"\n\nUsage:\n ps [options]\n\n Try 'ps --help <simple|list|output|threads|misc|all>'\n  or 'ps --help <s|l|o|t|m|a>'\n for additional help text.\n\nFor more details see ps(1).\n"));
            return 1;
        }
    } else if bsd {
        push_head(
            &mut out,
            heads,
            "USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND\n",
        );
        for p in chosen {
            out.push_str(&format!(
                "{:<8} {:>7}  0.0  0.0   4364  3312 {:<8} {:<4} {}   0:00 {}\n",
                owner(p),
                p.pid,
                tty(p),
                state(p, me),
                clock(p),
                command_line(p)
            ));
        }
    } else if stat && !full {
        push_head(&mut out, heads, "    PID TTY      STAT   TIME COMMAND\n");
        for p in chosen {
            let (pid, tty, state, line) = (p.pid, tty(p), state(p, me), command_line(p));
            out.push_str(&format!("{pid:>7} {tty:<8} {state:<6} 0:00 {line}\n"));
        }
    } else if full {
        push_head(
            &mut out,
            heads,
            "UID          PID    PPID  C STIME TTY          TIME CMD\n",
        );
        for p in chosen {
            out.push_str(&format!(
                "{:<8} {:>7} {:>7}  0 {} {:<8} 00:00:00 {}\n",
                owner(p),
                p.pid,
                p.parent,
                clock(p),
                tty(p),
                command_line(p)
            ));
        }
    } else {
        push_head(&mut out, heads, "    PID TTY          TIME CMD\n");
        for p in chosen {
            out.push_str(&format!("{:>7} {:<8} 00:00:00 {}\n", p.pid, tty(p), p.comm));
        }
    }
    sys.out(&out);
    i32::from(missing)
}

fn push_head(out: &mut String, wanted: bool, text: &str) {
    if wanted {
        out.push_str(text);
    }
}

/// Prints the columns asked for; gives the first that is unknown instead.
fn print_columns(
    columns: &str,
    chosen: &[&Listed],
    me: kernel::ids::ProcessId,
    heads: bool,
    out: &mut String,
) -> Option<String> {
    let names: Vec<(&str, Option<&str>)> = columns
        .split([',', ' '])
        .filter(|column| !column.is_empty())
        .map(|column| {
            column
                .split_once('=')
                .map_or((column, None), |(name, head)| (name, Some(head)))
        })
        .collect();
    let unknown = names.iter().find(|(name, _)| !KNOWN.contains(name));
    if let Some((name, _)) = unknown {
        return Some((*name).to_owned());
    }
    let value = |name: &str, p: &Listed| match name {
        "pid" => p.pid.to_string(),
        "ppid" => p.parent.to_string(),
        "user" | "euser" => owner(p),
        "uid" => p.uid.to_string(),
        "comm" | "ucmd" => p.comm.clone(),
        "args" | "cmd" | "command" => command_line(p),
        "stat" | "s" | "state" => state(p, me).to_owned(),
        "tty" | "tt" => tty(p),
        "time" | "etime" | "cputime" => "00:00:00".to_owned(),
        "pgid" | "sid" | "pgrp" | "sess" | "tid" | "lwp" => p.pid.to_string(),
        "%cpu" | "pcpu" | "%mem" | "pmem" => "0.0".to_owned(),
        "rss" | "rsz" => "3312".to_owned(),
        "vsz" | "vsize" => "4364".to_owned(),
        "ni" | "nice" => "0".to_owned(),
        "nlwp" => "1".to_owned(),
        _ => "-".to_owned(),
    };
    let head = |name: &str| match name {
        "comm" => "COMMAND".to_owned(),
        "args" | "command" => "COMMAND".to_owned(),
        "tty" | "tt" => "TT".to_owned(),
        "s" => "S".to_owned(),
        "pcpu" => "%CPU".to_owned(),
        "pmem" => "%MEM".to_owned(),
        "etime" => "ELAPSED".to_owned(),
        name => name.to_ascii_uppercase(),
    };
    let numeric = |name: &str| {
        matches!(
            name,
            "pid"
                | "ppid"
                | "pgid"
                | "sid"
                | "%cpu"
                | "pcpu"
                | "%mem"
                | "pmem"
                | "rss"
                | "vsz"
                | "ni"
                | "nlwp"
                | "etime"
        )
    };
    let width = |name: &str| match name {
        "pid" | "ppid" | "pgid" | "sid" | "pgrp" | "sess" => 7,
        "%cpu" | "pcpu" | "%mem" | "pmem" | "nlwp" => 4,
        "rss" => 5,
        "vsz" => 6,
        "ni" => 3,
        "etime" => 11,
        "user" | "uid" | "tty" | "tt" | "time" => 8,
        "comm" => 15,
        "stat" => 4,
        _ => 0,
    };
    let row = |cell: &dyn Fn(&str, Option<&str>) -> String| {
        let cells: Vec<String> = names
            .iter()
            .enumerate()
            .map(|(index, (name, title))| {
                let text = cell(name, *title);
                let width = width(name);
                if numeric(name) {
                    format!("{text:>width$}")
                } else if index + 1 == names.len() {
                    text
                } else {
                    format!("{text:<width$}")
                }
            })
            .collect();
        cells.join(" ") + "\n"
    };
    if heads && names.iter().any(|(_, title)| *title != Some("")) {
        out.push_str(&row(&|name, title| {
            title.map_or_else(|| head(name), str::to_owned)
        }));
    }
    for p in chosen {
        out.push_str(&row(&|name, _| value(name, p)));
    }
    None
}
