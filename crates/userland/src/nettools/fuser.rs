//! `fuser` (psmisc 23.7): which processes hold a port.

use kernel::ids::ProcessId;
use kernel::process::signal::Signal;
use kernel::sock::{Family, SockType, SocketInfo};
use kernel::sys::Sys;

use crate::args;
use crate::inspect::ss;
use crate::net::resolv;
use crate::{Flavour, process};

/// How wide the column of names is. Source: fuser.c, `NAME_FIELD`.
const NAME_FIELD: usize = 20;

/// What is asked about.
struct Wish {
    /// Without a word on what nobody uses, and without any at all.
    silent: bool,
    verbose: bool,
    users: bool,
    /// Also names that nobody uses.
    all: bool,
    kill: Option<Signal>,
    family: Option<Family>,
}

/// A process that holds a socket.
struct Holder {
    id: ProcessId,
    pid: u32,
    owner: String,
    comm: String,
}

/// The `fuser` program.
pub(super) fn main(sys: Sys, args: Vec<String>, _flavour: Flavour) -> i32 {
    let mut words = args.clone();
    let mut signal = Signal::KILL;
    words.retain(|word| {
        let named = word.strip_prefix('-').filter(|rest| rest.len() > 1);
        match named.and_then(Signal::parse) {
            Some(found) => signal = found,
            None => return true,
        }
        false
    });
    let parsed = match args::parse(&words, "asvuk46n:", &[]) {
        Ok(parsed) => parsed,
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    if parsed.operands.is_empty() {
        sys.err("No process specification given\n");
        return 1;
    }
    let wish = Wish {
        silent: parsed.has('s'),
        verbose: parsed.has('v'),
        users: parsed.has('u'),
        all: parsed.has('a'),
        kill: parsed.has('k').then_some(signal),
        family: match parsed.last_of("46") {
            Some('4') => Some(Family::V4),
            Some(_) => Some(Family::V6),
            None => None,
        },
    };
    let mut found = false;
    let mut headed = false;
    for operand in &parsed.operands {
        let (port, space) = match (parsed.value('n'), operand.split_once('/')) {
            (Some(space @ ("tcp" | "udp")), _) => (operand.as_str(), space),
            (None, Some((port, space @ ("tcp" | "udp")))) => (port, space),
            (Some("file") | None, _) if sys.exists(operand) => {
                sys.err("fuser: files are not modelled in Drydock, only ports such as 80/tcp\n");
                return 1;
            }
            (Some("file") | None, _) => {
                sys.err(&format!("Specified filename {operand} does not exist.\n"));
                continue;
            }
            (Some(_), _) => {
                sys.err("Invalid namespace name\n");
                return 1;
            }
        };
        let Some(number) = resolv::port(&sys, port) else {
            sys.err(&format!("{operand}: unknown service\n"));
            continue;
        };
        let kind = if space == "tcp" {
            SockType::Stream
        } else {
            SockType::Datagram
        };
        let holders = holders(&sys, number, kind, wish.family);
        found |= !holders.is_empty();
        if !wish.silent && (wish.all || !holders.is_empty()) {
            if wish.verbose && !headed {
                sys.err(&format!(
                    "{:NAME_FIELD$} USER        PID ACCESS COMMAND\n",
                    ""
                ));
                headed = true;
            }
            tell(&sys, &wish, &format!("{port}/{space}:"), &holders);
        }
        for holder in holders.iter().filter(|holder| holder.id != sys.id()) {
            if let Some(signal) = wish.kill {
                // One that has just ended needs no signal.
                let _: Result<(), kernel::Errno> = sys.kill(holder.id, signal);
            }
        }
    }
    i32::from(!found)
}

/// Who holds sockets with a local port, in the order of the numbers of the processes.
fn holders(sys: &Sys, port: u16, kind: SockType, family: Option<Family>) -> Vec<Holder> {
    let fits = |s: &SocketInfo| {
        s.local.port() == port && s.kind == kind && family.is_none_or(|f| f == s.family)
    };
    let ns = sys.netns();
    let mut pids: Vec<u32> = sys.kernel(|k| {
        let sockets = k.sock_list(ns);
        let fitting = sockets.iter().filter(|s| fits(s));
        fitting
            .flat_map(|s| ss::socket_holders(k, sys.id(), s.id))
            .map(|(_, pid, _)| pid)
            .collect()
    });
    sorted::sort(&mut pids);
    pids.dedup();
    let listed = process::visible(sys);
    pids.iter()
        .filter_map(|pid| listed.iter().find(|p| p.pid == *pid))
        .map(|p| Holder {
            id: p.id,
            pid: p.pid,
            owner: p.owner.clone(),
            comm: p.comm.clone(),
        })
        .collect()
}

/// Prints one name: numbers to the output, all else beside it.
fn tell(sys: &Sys, wish: &Wish, name: &str, holders: &[Holder]) {
    sys.err(&format!("{name:NAME_FIELD$}"));
    for (nth, holder) in holders.iter().enumerate() {
        if wish.verbose {
            let indent = if nth == 0 { 0 } else { NAME_FIELD };
            sys.err(&format!("{:indent$} {:<8.8} ", "", holder.owner));
            sys.out(&format!("{:>6}", holder.pid));
            sys.err(&format!(" F.... {}\n", holder.comm));
        } else {
            sys.out(&format!(" {:>5}", holder.pid));
            if wish.users {
                sys.err(&format!("({})", holder.owner));
            }
        }
    }
    if !wish.verbose || holders.is_empty() {
        sys.err("\n");
    }
}
