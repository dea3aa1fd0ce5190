//! `kill`, `killall`, `pgrep`, `pkill` and `pidof`: finding processes and signalling them.

use kernel::process::ProcessState;
use kernel::process::signal::Signal;
use kernel::sys::Sys;

use super::ps::command_line;
use crate::args::{self, program};
use crate::text::regex::Regex;
use crate::{Flavour, process};

/// The `pgrep` and `pkill` programs.
pub fn pgrep(sys: Sys, args: Vec<String>, _flavour: Flavour) -> i32 {
    let name = program(&args).to_owned();
    let kills = name == "pkill";
    let mut signal = Signal::TERM;
    let mut words = args.clone();
    if kills
        && let Some(found) = words
            .get(1)
            .and_then(|word| word.strip_prefix('-'))
            .and_then(Signal::parse)
    {
        signal = found;
        words.remove(1);
    }
    let parsed = match args::parse(
        &words,
        "cflaxno",
        &[
            ("full", 'f'),
            ("exact", 'x'),
            ("list-name", 'l'),
            ("list-full", 'a'),
            ("count", 'c'),
            ("newest", 'n'),
            ("oldest", 'o'),
        ],
    ) {
        Ok(parsed) => parsed,
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    let Some(pattern) = parsed.operands.first() else {
        sys.err(&format!(
            "{name}: no matching criteria specified\nTry `{name} --help' for more information.\n"
        ));
        return 2;
    };
    let Ok(regex) = Regex::extended(
        &if parsed.has('x') {
            format!("^({pattern})$")
        } else {
            pattern.clone()
        },
        false,
    ) else {
        sys.err(&format!("{name}: invalid pattern '{pattern}'\n"));
        return 2;
    };
    let mut found = 0;
    let visible = process::visible(&sys);
    let fits = |p: &&process::Listed| {
        let line = command_line(p);
        let alive = p.id != sys.id() && !matches!(p.state, ProcessState::Zombie(_));
        alive && regex.is_match(if parsed.has('f') { &line } else { &p.comm })
    };
    let mut all: Vec<_> = visible.iter().filter(fits).collect();
    // Numbers are given in the order in which processes begin.
    sorted::sort_by_key(&mut all, |p| p.pid);
    if parsed.has('o') {
        all.truncate(1);
    } else if parsed.has('n') {
        all = all.pop().into_iter().collect();
    }
    for p in all {
        let line = command_line(p);
        found += 1;
        if parsed.has('c') {
            continue;
        }
        if kills {
            // A process that has just ended needs no signal.
            let _: Result<(), kernel::Errno> = sys.kill(p.id, signal);
        } else if parsed.has('a') {
            sys.out(&format!("{} {line}\n", p.pid));
        } else if parsed.has('l') {
            sys.out(&format!("{} {}\n", p.pid, p.comm));
        } else {
            sys.out(&format!("{}\n", p.pid));
        }
    }
    if parsed.has('c') {
        sys.out(&format!("{found}\n"));
    }
    i32::from(found == 0)
}

/// The `pidof` program.
pub fn pidof(sys: Sys, args: Vec<String>, _flavour: Flavour) -> i32 {
    let all = process::visible(&sys);
    let pids: Vec<String> = all
        .iter()
        .rev()
        .filter(|p| args.iter().skip(1).any(|name| *name == p.comm))
        .map(|p| p.pid.to_string())
        .collect();
    if pids.is_empty() {
        return 1;
    }
    sys.out(&(pids.join(" ") + "\n"));
    0
}

/// The `kill` program.
pub fn kill(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let mut words = args.into_iter().skip(1).peekable();
    let mut signal = Some(Signal::TERM);
    if let Some(flag) = words.next_if(|word| word.starts_with('-')) {
        if flag == "-l" {
            let names: Vec<String> = (1..=31)
                .filter_map(Signal::from_number)
                .map(Signal::name)
                .collect();
            sys.out(&(names.join(" ") + "\n"));
            return 0;
        }
        let name = if flag == "-s" {
            words.next().unwrap_or_default()
        } else {
            flag.trim_start_matches('-').to_owned()
        };
        signal = Signal::parse(&name);
        if signal.is_none() && name != "0" {
            let text = if flavour == Flavour::Gnu {
                format!("kill: ‘{name}’: invalid signal\n")
            } else {
                format!("kill: bad signal name '{name}'\n")
            };
            sys.err(&text);
            return 1;
        }
    }
    let mut status = 0;
    for word in words {
        let target = word.parse().ok().and_then(|pid| process::by_pid(&sys, pid));
        let sent = match (target, signal) {
            (Some(target), Some(signal)) => sys.kill(target, signal),
            (Some(_), None) => Ok(()),
            (None, _) => Err(kernel::Errno::ESRCH),
        };
        if let Err(error) = sent {
            let text = if flavour == Flavour::Gnu {
                format!("kill: sending signal to {word} failed: {error}\n")
            } else {
                format!("kill: can't kill pid {word}: {error}\n")
            };
            sys.err(&text);
            status = 1;
        }
    }
    status
}

/// The `killall` program.
pub fn killall(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let mut words = args.get(1..).unwrap_or_default().iter().peekable();
    let (mut signal, mut quiet) = (Signal::TERM, false);
    while let Some(flag) = words.next_if(|word| word.starts_with('-')) {
        if flag == "-q" {
            quiet = true;
            continue;
        }
        let name = match flag.trim_start_matches('-') {
            "s" => words.next().map_or("", String::as_str),
            name => name,
        };
        let Some(known) = Signal::parse(name) else {
            sys.err(&match flavour {
                Flavour::Gnu => {
                    format!("{name}: unknown signal; killall -l lists signals.\n")
                }
                Flavour::Busybox => format!("killall: bad signal name '{name}'\n"),
            });
            return 1;
        };
        signal = known;
    }
    let mut status = 0;
    for name in words {
        let all = process::visible(&sys);
        let named = all
            .iter()
            .filter(|p| p.comm == *name && !matches!(p.state, ProcessState::Zombie(_)));
        let killed = named.filter(|p| sys.kill(p.id, signal).is_ok()).count();
        if killed == 0 {
            status = 1;
            if !quiet {
                sys.err(&match flavour {
                    Flavour::Gnu => format!("{name}: no process found\n"),
                    Flavour::Busybox => format!("killall: {name}: no process killed\n"),
                });
            }
        }
    }
    status
}
