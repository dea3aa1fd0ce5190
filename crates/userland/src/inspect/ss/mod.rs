//! `ss` (iproute2): the sockets of a namespace.
//!
//! Here is what may be asked; `table` lays out the answer, `details` is what is told beyond its columns, `filter` what
//! sockets have to fulfil, and `inet` and `local` are their lines. Checked against iproute2 7.

use super::netns::named;
use super::say::{Fail, Said, Words, say};
use crate::Flavour;
use crate::net::services;
use details::Details;
use filter::Filter;
use kernel::fs::procfs::visible_pid;
use kernel::ids::{NetnsId, ProcessId, SocketId};
use kernel::process::files::{FileId, FileKind};
use kernel::process::local::LocalSocket;
use kernel::sock::{SockType, SocketInfo};
use kernel::sys::Sys;
use kernel::{Errno, Kernel};
use table::{Row, Shape};

mod details;
mod filter;
mod inet;
mod local;
mod table;

/// Words for completion.
pub const WORDS: &[&str] = &[
    "-t", "-u", "-x", "-l", "-n", "-p", "-a", "-e", "-i", "-m", "-o", "-s", "-K", "-4", "-6", "-A",
    "-H", "-N", "-tlnp", "-tulpn", "state", "exclude", "sport", "dport", "src", "dst",
];

/// What is to be listed.
#[derive(Default)]
struct Wish {
    tcp: bool,
    udp: bool,
    raw: bool,
    all: bool,
    listening: bool,
    numeric: bool,
    processes: bool,
    details: Details,
    summary: bool,
    help: bool,
    version: bool,
    /// Ends the connections that are listed.
    kills: bool,
    unix: bool,
    /// Kinds of sockets that there are none of here; true if they come in several.
    none: Option<bool>,
    no_header: bool,
    no_queues: bool,
    family: Option<bool>,
    /// The states asked for; `None` if the letters decide.
    states: Option<Vec<&'static str>>,
    /// The name of another namespace.
    netns: Option<String>,
    filter: Option<Filter>,
}

/// What `ss` says about itself. Source: iproute2 7.2.
const USAGE: &str = include_str!("usage.txt");

/// The `ss` program.
pub fn main(sys: Sys, args: Vec<String>, _flavour: Flavour) -> i32 {
    let said = run(&sys, args.get(1..).unwrap_or_default());
    say(&sys, said)
}

fn run(sys: &Sys, args: &[String]) -> Said {
    let services = services::read(sys);
    let wish = read(args, &services)?;
    if wish.help {
        return Ok(USAGE.to_owned());
    }
    if wish.version {
        return Ok("ss utility, iproute2-7.2.0\n".to_owned());
    }
    let services = if wish.numeric { "" } else { &services };
    let ns = match &wish.netns {
        None => sys.netns(),
        Some(name) => {
            let found = named(sys).into_iter().find(|(known, _)| known == name);
            found.map(|(_, ns)| ns).ok_or_else(|| {
                Fail::new(
                    1,
                    format_args!(
                        "Cannot open network namespace \"{name}\": {}",
                        Errno::ENOENT
                    ),
                )
            })?
        }
    };
    if wish.summary {
        return Ok(summary(&sys.kernel(|k| k.sock_list(ns))));
    }
    let mut rows = local_rows(sys, &wish, ns);
    rows.extend(inet_rows(sys, &wish, ns, services));
    Ok(wish.shape().table(&rows))
}

/// The lines of a namespace's sockets of AF_UNIX.
fn local_rows(sys: &Sys, wish: &Wish, ns: NetnsId) -> Vec<Row> {
    if !wish.unix {
        return Vec::new();
    }
    sys.kernel(|k| {
        let mut sockets = k.local_list(ns);
        sockets.retain(|socket| wish.takes_local(socket));
        let row = |socket: &LocalSocket| Row {
            users: wish.users(|| holders(k, sys.id(), |file| socket.file == file)),
            details: wish.details.of_local(socket),
            ..local::row(socket)
        };
        sockets.iter().map(row).collect()
    })
}

/// The lines of a namespace's sockets of the IP families. With `-K` these are ended, and only those that were.
fn inet_rows(sys: &Sys, wish: &Wish, ns: NetnsId, services: &str) -> Vec<Row> {
    let (sockets, rows): (Vec<SocketId>, Vec<Row>) = sys.kernel(|k| {
        let mut sockets = k.sock_list(ns);
        // The kernel is asked once for each protocol and family.
        sorted::sort_by_key(&mut sockets, |s| (s.kind, s.family));
        let fitting = sockets.iter().filter(|s| wish.takes(s));
        let row = |s: &SocketInfo| Row {
            users: wish.users(|| holders(k, sys.id(), |file| holds(k, file, s.id))),
            details: wish.details.of(k, s),
            ..inet::row(s, services)
        };
        fitting.map(|s| (s.id, row(s))).unzip()
    });
    if wish.kills && !sockets.is_empty() {
        if !sys.has_net_admin() {
            sys.err(&format!("SOCK_DESTROY answers: {}\n", Errno::EPERM));
            return Vec::new();
        }
        sys.kernel(|k| sockets.iter().for_each(|id| k.sock_destroy(*id)));
    }
    rows
}

/// How many sockets there are of each kind and state.
fn summary(sockets: &[SocketInfo]) -> String {
    let count = |wanted: &dyn Fn(&SocketInfo) -> bool| sockets.iter().filter(|s| wanted(s)).count();
    let stream = |s: &SocketInfo| s.kind == SockType::Stream && s.local.port() != 0;
    let row = |name: &str, kind: &dyn Fn(&SocketInfo) -> bool| {
        let (all, v6) = (count(kind), count(&|s| kind(s) && s.local.is_ipv6()));
        format!("{name}\t  {all:<9} {:<9} {v6:<9}\n", all - v6)
    };
    let tcp = count(&stream);
    let open = count(&|s| stream(s) && s.state != "TIME-WAIT");
    let raw = |s: &SocketInfo| matches!(s.kind, SockType::Raw(_) | SockType::Ping);
    let udp = |s: &SocketInfo| s.kind == SockType::Datagram;
    let open_stream = |s: &SocketInfo| stream(s) && s.state != "TIME-WAIT";
    let inet = |s: &SocketInfo| raw(s) || udp(s) || open_stream(s);
    format!(
        "Total: {}\nTCP:   {tcp} (estab {}, closed {}, orphaned 0, timewait {})\n\nTransport Total     IP        IPv6\n{}{}{}{}{}\n",
        sockets.len() - (tcp - open),
        count(&|s| stream(s) && s.state == "ESTAB"),
        tcp - open,
        tcp - open,
        row("RAW", &raw),
        row("UDP", &udp),
        row("TCP", &open_stream),
        row("INET", &inet),
        row("FRAG", &|_| false),
    )
}

fn read(args: &[String], services: &str) -> Result<Wish, Fail> {
    let mut wish = Wish::default();
    let mut words = Words::new(args);
    // Letters may stand anywhere; the rest is states, then an expression.
    let mut rest = Vec::new();
    while let Some(word) = words.next() {
        let long = word.strip_prefix("--");
        let letters = match (long, word.strip_prefix('-')) {
            (Some(_), _) => letter_of(word)?.to_string(),
            (None, Some(letters)) if !letters.is_empty() => letters.to_owned(),
            _ => {
                rest.push(word);
                continue;
            }
        };
        let mut letters = letters.chars();
        while let Some(letter) = letters.next() {
            if "AfN".contains(letter) {
                let attached = word.split_once('=').filter(|_| long.is_some());
                let attached = attached.map_or_else(|| letters.as_str(), |(_, value)| value);
                let value = if attached.is_empty() {
                    words.next().ok_or_else(|| {
                        Fail::new(
                            255,
                            format_args!("ss: option requires an argument -- '{letter}'"),
                        )
                    })?
                } else {
                    attached
                };
                wish.valued(letter, value)?;
                break;
            }
            wish.letter(letter)?;
        }
    }
    let mut rest = rest.as_slice();
    while let [word @ ("state" | "exclude"), after @ ..] = rest {
        let [name, after @ ..] = after else {
            return Err(Fail::new(
                255,
                "Command line is not complete. Try option \"help\"",
            ));
        };
        let named = states(name)
            .ok_or_else(|| Fail::new(255, format_args!("ss: wrong state name: {name}")))?;
        if *word == "state" {
            wish.states.get_or_insert_default().extend(named);
        } else {
            let kept = wish.states.get_or_insert_with(|| ALL_STATES.to_vec());
            kept.retain(|state| !named.contains(state));
        }
        rest = after;
    }
    if !rest.is_empty() {
        wish.filter = Some(Filter::read(rest, services)?);
    }
    if !wish.tcp && !wish.udp && !wish.raw && !wish.unix && wish.none.is_none() {
        (wish.tcp, wish.udp, wish.unix) = (true, true, wish.family.is_none());
    }
    Ok(wish)
}

fn letter_of(long: &str) -> Result<char, Fail> {
    Ok(match long.split('=').next().unwrap_or_default() {
        "--tcp" => 't',
        "--udp" => 'u',
        "--raw" => 'w',
        "--all" => 'a',
        "--listening" => 'l',
        "--numeric" => 'n',
        "--processes" => 'p',
        "--no-header" => 'H',
        "--no-queues" => 'Q',
        "--ipv4" => '4',
        "--ipv6" => '6',
        "--query" | "--socket" => 'A',
        "--family" => 'f',
        "--net" => 'N',
        "--oneline" => 'O',
        "--options" => 'o',
        "--summary" => 's',
        "--version" => 'V',
        "--resolve" => 'r',
        "--kill" => 'K',
        "--unix" => 'x',
        "--context" => 'Z',
        "--extended" => 'e',
        "--info" => 'i',
        "--memory" => 'm',
        "--threads" => 'T',
        "--bpf" => 'b',
        "--mptcp" => 'M',
        "--sctp" => 'S',
        "--dccp" => 'd',
        "--vsock" | "--tipc" | "--xdp" => 'v',
        "--help" => 'h',
        other if USAGE.contains(&format!("{other} ")) => {
            return Err(Fail::not_modelled("ss", other));
        }
        other => {
            return Err(Fail {
                text: format!("ss: unrecognized option '{other}'\n{USAGE}"),
                code: 255,
            });
        }
    })
}

/// Every state of a socket, as listed.
const ALL_STATES: [&str; 11] = [
    "ESTAB",
    "SYN-SENT",
    "SYN-RECV",
    "FIN-WAIT-1",
    "FIN-WAIT-2",
    "TIME-WAIT",
    "UNCONN",
    "CLOSE-WAIT",
    "LAST-ACK",
    "LISTEN",
    "CLOSING",
];

/// [`ALL_STATES`] without some.
fn without(states: &[&str]) -> Vec<&'static str> {
    let all = ALL_STATES.iter().copied();
    all.filter(|state| !states.contains(state)).collect()
}

fn states(name: &str) -> Option<Vec<&'static str>> {
    Some(match name {
        "established" => vec!["ESTAB"],
        "listening" | "listen" => vec!["LISTEN"],
        "time-wait" => vec!["TIME-WAIT"],
        "syn-sent" => vec!["SYN-SENT"],
        "syn-recv" => vec!["SYN-RECV"],
        "fin-wait-1" => vec!["FIN-WAIT-1"],
        "fin-wait-2" => vec!["FIN-WAIT-2"],
        "close-wait" => vec!["CLOSE-WAIT"],
        "last-ack" => vec!["LAST-ACK"],
        "closing" => vec!["CLOSING"],
        "closed" | "unconnected" => vec!["UNCONN"],
        "all" => ALL_STATES.to_vec(),
        "connected" => without(&["UNCONN", "LISTEN"]),
        "synchronized" => without(&["UNCONN", "LISTEN", "SYN-SENT"]),
        "bucket" => vec!["SYN-RECV", "TIME-WAIT"],
        "big" => without(&["SYN-RECV", "TIME-WAIT"]),
        _ => return None,
    })
}

impl Wish {
    fn letter(&mut self, letter: char) -> Result<(), Fail> {
        match letter {
            't' => self.tcp = true,
            'u' => self.udp = true,
            'w' => self.raw = true,
            'a' => self.all = true,
            'l' => self.listening = true,
            'n' => self.numeric = true,
            'H' => self.no_header = true,
            'Q' => self.no_queues = true,
            's' => self.summary = true,
            'V' => self.version = true,
            '4' => self.family = Some(false),
            '6' => self.family = Some(true),
            'o' => self.details.timers = true,
            'e' => self.details.extended = true,
            'm' => self.details.memory = true,
            'i' => self.details.internal = true,
            'O' => self.details.one_line = true,
            'p' | 'T' => self.processes = true,
            'M' | 'S' | 'd' => self.none = Some(false),
            'v' => self.none = Some(true),
            // Only more detail, of a kind that simulated sockets have none of.
            'r' | 'b' => {}
            'K' => self.kills = true,
            'x' => self.unix = true,
            'h' => self.help = true,
            'Z' | 'z' => return Err(Fail::new(1, "ss: SELinux is not enabled.")),
            other if USAGE.contains(&format!("-{other}, ")) => {
                return Err(Fail::not_modelled("ss", &format!("-{other}")));
            }
            other => {
                return Err(Fail {
                    text: format!("ss: invalid option -- '{other}'\n{USAGE}"),
                    code: 255,
                });
            }
        }
        Ok(())
    }

    /// An option with a value.
    fn valued(&mut self, letter: char, value: &str) -> Result<(), Fail> {
        match (letter, value) {
            ('f', "inet") => self.family = Some(false),
            ('f', "inet6") => self.family = Some(true),
            ('f', "unix") => self.unix = true,
            ('f', "vsock" | "tipc" | "xdp") => self.none = Some(true),
            ('f', "link" | "netlink") => {
                return Err(Fail::not_modelled("ss", &format!("-f {value}")));
            }
            ('f', other) => {
                return Err(Fail::new(
                    255,
                    format_args!("ss: \"{other}\" is invalid family"),
                ));
            }
            ('A', tables) => {
                for table in tables.split(',') {
                    match table {
                        "tcp" => self.tcp = true,
                        "udp" => self.udp = true,
                        "raw" => self.raw = true,
                        "inet" => (self.tcp, self.udp, self.raw) = (true, true, true),
                        "unix" | "unix_stream" => self.unix = true,
                        "mptcp" | "dccp" | "sctp" => self.none = Some(false),
                        "unix_dgram" | "unix_seqpacket" | "vsock_stream" | "vsock_dgram"
                        | "tipc" | "xdp" => self.none = Some(true),
                        "all" | "packet" | "packet_raw" | "packet_dgram" | "netlink" => {
                            return Err(Fail::not_modelled("ss", &format!("-A {table}")));
                        }
                        other => {
                            return Err(Fail::new(
                                255,
                                format_args!("ss: \"{other}\" is illegal socket table id"),
                            ));
                        }
                    }
                }
            }
            (_, name) => self.netns = Some(name.to_owned()),
        }
        Ok(())
    }

    fn takes(&self, s: &SocketInfo) -> bool {
        let kind = match s.kind {
            SockType::Stream => self.tcp,
            SockType::Datagram => self.udp,
            SockType::Raw(_) => self.raw,
            SockType::Ping | SockType::Packet(_) => false,
        };
        let waits = matches!(s.state, "LISTEN" | "UNCONN");
        let passing = matches!(s.state, "TIME-WAIT" | "SYN-RECV");
        let state = match &self.states {
            None => self.all || (waits == self.listening && !passing),
            Some(states) => states.contains(&s.state),
        };
        let family = self.family.is_none_or(|v6| s.local.is_ipv6() == v6);
        let filter = self.filter.as_ref();
        // A stream socket that was only opened has no place in the kernel's tables.
        let known = s.kind != SockType::Stream || s.local.port() != 0;
        kind && state
            && family
            && known
            && filter.is_none_or(|filter| filter.takes(s.local, s.remote))
    }

    fn takes_local(&self, socket: &LocalSocket) -> bool {
        let waits = socket.peer.is_none();
        let state = match &self.states {
            None => self.all || waits == self.listening,
            Some(states) => states.contains(&local::state(socket)),
        };
        let filter = self.filter.as_ref();
        state && filter.is_none_or(|filter| filter.takes_path(socket.path.as_deref()))
    }

    /// Who has a socket open, if that is to be told, as ` users:(("nginx",pid=7,fd=6))`; empty for nobody.
    fn users(&self, found: impl Fn() -> Vec<Holder>) -> String {
        let found = if self.processes { found() } else { Vec::new() };
        let each = found.iter();
        let each: Vec<String> = each
            .map(|(name, pid, fd)| format!("(\"{name}\",pid={pid},fd={fd})"))
            .collect();
        if each.is_empty() {
            String::new()
        } else {
            format!(" users:({})", each.join(","))
        }
    }

    fn shape(&self) -> Shape {
        let asked = [self.tcp, self.udp, self.raw, self.none == Some(false)];
        let several = self.unix || self.none == Some(true);
        // Datagram and raw sockets are only asked for when connected, unless the letters say more.
        let datagrams = (self.udp || self.raw) && !self.tcp && !self.unix && self.none.is_none();
        let one_state = match &self.states {
            Some(states) => states.len() == 1,
            None => datagrams && !self.all && !self.listening,
        };
        Shape {
            kind: several || asked.into_iter().filter(|asked| *asked).count() > 1,
            state: !one_state,
            queues: !self.no_queues,
            users: self.processes,
            header: !self.no_header,
        }
    }
}

/// Whether an open file is a certain socket.
fn holds(k: &Kernel, file: FileId, socket: SocketId) -> bool {
    matches!(k.proc.files.kind(file), Some(FileKind::Socket(id)) if *id == socket)
}

/// Who has a socket open, of those that `me` can see: name, pid and descriptor.
pub(crate) fn socket_holders(k: &Kernel, me: ProcessId, socket: SocketId) -> Vec<Holder> {
    holders(k, me, |file| holds(k, file, socket))
}

/// A program's name, its pid and a descriptor of it.
pub(crate) type Holder = (String, u32, u32);

/// Who has an open file, of those that `me` can see.
pub(crate) fn holders(k: &Kernel, me: ProcessId, wanted: impl Fn(FileId) -> bool) -> Vec<Holder> {
    let Some(me) = k.proc.get(me) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for process in k.proc.of(me.machine) {
        let Some(pid) = visible_pid(me, process) else {
            continue;
        };
        let open = process.fds.iter().filter(|(_, file)| wanted(**file));
        found.extend(open.map(|(fd, _)| (process.comm(), pid, fd.0)));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(args: &[&str]) -> Shape {
        let args: Vec<String> = args.iter().map(|a| (*a).to_owned()).collect();
        read(&args, "").unwrap_or_default().shape()
    }

    #[test]
    fn what_all_lines_would_say_has_no_column() {
        assert!(!shape(&["-tln"]).kind && shape(&["-tuln"]).kind && shape(&["-x"]).kind);
        assert!(!shape(&["-u"]).state && shape(&["-ua"]).state && shape(&["-x"]).state);
        assert!(!shape(&["-t", "state", "established"]).state);
        assert!(!shape(&["-tQ"]).queues && shape(&["-tp"]).users);
    }
}
