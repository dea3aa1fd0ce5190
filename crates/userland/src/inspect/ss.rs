//! `ss` (iproute2): the sockets of a namespace.
//!
//! Each column is as wide as its longest entry; addresses stand right and end in a colon, ports stand left behind it, and
//! the last column is not padded. Checked against iproute2 7.

use kernel::fs::procfs::visible_pid;
use kernel::ids::{ProcessId, SocketId};
use kernel::process::files::FileKind;
use kernel::sock::{SockType, SocketInfo};
use kernel::sys::Sys;
use kernel::time::Instant;
use kernel::{Errno, Kernel};
use std::net::{IpAddr, SocketAddr};

use super::netns::named;
use super::say::{Fail, Said, Words, say};
use super::ss_filter::Filter;
use crate::Flavour;
use crate::net::services;

/// Words for completion.
pub const WORDS: &[&str] = &[
    "-t", "-u", "-l", "-n", "-p", "-a", "-4", "-6", "-A", "-H", "-N", "-tlnp", "-tulpn", "state",
    "exclude", "sport", "dport", "src", "dst",
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
    timers: bool,
    summary: bool,
    help: bool,
    version: bool,
    /// Ends the connections that are listed.
    kills: bool,
    /// Daemons here offer values and not AF_UNIX sockets, so that there is never one to list.
    unix: bool,
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
const USAGE: &str = include_str!("ss.txt");

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
    let rows = sys.kernel(|k| {
        let mut sockets = k.sock_list(ns);
        // The kernel is asked once for each protocol and family.
        sorted::sort_by_key(&mut sockets, |s| (s.kind, s.family));
        let fitting = sockets.iter().filter(|s| wish.takes(s));
        fitting
            .map(|s| {
                wish.row(
                    s,
                    services,
                    [
                        wish.processes.then(|| users(k, sys.id(), s.id)),
                        s.timer.filter(|_| wish.timers).map(|t| timer(t, k.now)),
                    ]
                    .into_iter()
                    .flatten()
                    .collect(),
                )
            })
            .collect::<Vec<_>>()
    });
    if wish.kills && !rows.is_empty() {
        return Err(Fail::not_modelled("ss", "-K of a connection"));
    }
    Ok(wish.table(&rows))
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
        sockets.len(),
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
    if !wish.tcp && !wish.udp && !wish.raw && !wish.unix {
        (wish.tcp, wish.udp) = (true, true);
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
            'p' => self.processes = true,
            'H' => self.no_header = true,
            'Q' => self.no_queues = true,
            's' => self.summary = true,
            'V' => self.version = true,
            '4' => self.family = Some(false),
            '6' => self.family = Some(true),
            'o' => self.timers = true,
            // Only more detail, of a kind that simulated sockets have none of.
            'O' | 'r' => {}
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
            ('f', "unix" | "link" | "netlink" | "vsock" | "tipc" | "xdp") => {
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
                        "all" | "mptcp" | "packet" | "packet_raw" | "packet_dgram" | "netlink"
                        | "dccp" | "sctp" | "vsock_stream" | "vsock_dgram" | "tipc" | "xdp"
                        | "unix" | "unix_dgram" | "unix_stream" | "unix_seqpacket" => {
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

    fn row(&self, s: &SocketInfo, list: &str, users: String) -> Vec<String> {
        let proto = if s.kind == SockType::Stream {
            "tcp"
        } else {
            "udp"
        };
        let port = |port: u16| match port {
            0 => "*".to_owned(),
            port => {
                services::name(list, port, proto).map_or_else(|| port.to_string(), str::to_owned)
            }
        };
        // A socket that takes both families shows neither.
        let any = |addr: SocketAddr| s.local.is_ipv6() && !s.v6_only && addr.ip().is_unspecified();
        let address = |addr: SocketAddr| match addr.ip() {
            _ if any(addr) => "*:".to_owned(),
            IpAddr::V4(ip) => format!("{ip}:"),
            IpAddr::V6(ip) => format!("[{ip}]:"),
        };
        vec![
            match s.kind {
                SockType::Stream => "tcp",
                SockType::Datagram => "udp",
                _ => "p_raw",
            }
            .to_owned(),
            s.state.to_owned(),
            s.recv_queue.to_string(),
            s.send_queue.to_string(),
            address(s.local),
            port(s.local.port()),
            address(s.remote),
            port(s.remote.port()),
            users,
        ]
    }

    fn table(&self, rows: &[Vec<String>]) -> String {
        const HEADS: [&str; 9] = [
            "Netid",
            "State",
            "Recv-Q",
            "Send-Q",
            "Local Address:",
            "Port",
            "Peer Address:",
            "Port",
            "Process",
        ];
        let asked = [self.tcp, self.udp, self.raw, self.unix];
        let several = self.unix || asked.into_iter().filter(|asked| *asked).count() > 1;
        // Datagram and raw sockets are only asked for when connected, unless the letters say more.
        let one_state = match &self.states {
            Some(states) => states.len() == 1,
            None => !self.tcp && !self.unix && !self.all && !self.listening,
        };
        let shown = |column: usize| match column {
            0 => several,
            1 => !one_state,
            2 | 3 => !self.no_queues,
            8 => self.processes || self.timers,
            _ => true,
        };
        let columns: Vec<usize> = (0..HEADS.len()).filter(|c| shown(*c)).collect();
        let mut head: Vec<String> = HEADS.map(str::to_owned).to_vec();
        if !self.processes {
            head.truncate(8);
        }
        let cell = |row: &Vec<String>, column: usize| row.get(column).cloned().unwrap_or_default();
        let width = |column: usize| {
            let heads = if self.no_header && column > 3 {
                0
            } else {
                cell(&head, column).len()
            };
            rows.iter()
                .map(|row| cell(row, column).len())
                .max()
                .unwrap_or(0)
                .max(heads)
        };
        let widths: Vec<usize> = (0..HEADS.len()).map(width).collect();
        let line = |row: &Vec<String>| {
            let mut out = String::new();
            for (i, column) in columns.iter().enumerate() {
                let text = cell(row, *column);
                let width = widths.get(*column).copied().unwrap_or(0);
                // Ports follow their address, and the processes bring their own blank.
                if i > 0 && !matches!(column, 5 | 7 | 8) {
                    out.push(' ');
                }
                let last = i + 1 == columns.len();
                match column {
                    4 | 6 => out.push_str(&format!("{text:>width$}")),
                    _ if last => out.push_str(&text),
                    _ => out.push_str(&format!("{text:<width$}")),
                }
            }
            out + "\n"
        };
        let head = (!self.no_header).then(|| line(&head));
        head.into_iter().chain(rows.iter().map(line)).collect()
    }
}

/// A socket's timer, as ` timer:(timewait,59sec,0)`.
fn timer((name, at, retries): (&str, Instant, u32), now: Instant) -> String {
    let ms = at.since(now).as_millis();
    let (minutes, seconds, ms) = (ms / 60_000, ms / 1000 % 60, ms % 1000);
    let mut left = String::new();
    if minutes > 0 {
        left.push_str(&format!("{minutes}min"));
    }
    let seconds = if minutes > 9 { 0 } else { seconds };
    let ms = if minutes > 0 || seconds > 9 { 0 } else { ms };
    if seconds > 0 {
        left.push_str(&format!("{seconds}{}", if ms > 0 { "." } else { "sec" }));
    }
    if ms > 0 {
        left.push_str(&format!("{ms:03}ms"));
    }
    format!(" timer:({name},{left},{retries})")
}

/// Who has a socket open, as ` users:(("nginx",pid=7,fd=6))`; empty if nobody that `me` can see.
fn users(k: &Kernel, me: ProcessId, socket: SocketId) -> String {
    let found: Vec<String> = holders(k, me, socket)
        .into_iter()
        .map(|(name, pid, fd)| format!("(\"{name}\",pid={pid},fd={fd})"))
        .collect();
    if found.is_empty() {
        String::new()
    } else {
        format!(" users:({})", found.join(","))
    }
}

/// Who has a socket open, of those that `me` can see: name, pid and descriptor.
pub(crate) fn holders(k: &Kernel, me: ProcessId, socket: SocketId) -> Vec<(String, u32, u32)> {
    let Some(me) = k.proc.get(me) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for process in k.proc.of(me.machine) {
        let Some(pid) = visible_pid(me, process) else {
            continue;
        };
        let holds = process.fds.iter().filter(|(_, file)| matches!(k.proc.files.kind(**file), Some(FileKind::Socket(s)) if *s == socket));
        found.extend(holds.map(|(fd, _)| (process.comm(), pid, fd.0)));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(args: &[&str]) -> Wish {
        let args: Vec<String> = args.iter().map(|a| (*a).to_owned()).collect();
        read(&args, "").unwrap_or_default()
    }

    fn row(local: &str, port: &str, users: &str) -> Vec<String> {
        [
            "tcp", "LISTEN", "0", "511", local, port, "0.0.0.0:", "*", users,
        ]
        .map(str::to_owned)
        .to_vec()
    }

    #[test]
    fn columns_are_as_wide_as_their_longest_entry() {
        let table = wish(&["-ltn"]).table(&[row("0.0.0.0:", "6379", "")]);
        assert_eq!(
            table,
            "State  Recv-Q Send-Q Local Address:Port Peer Address:Port\nLISTEN 0      511          0.0.0.0:6379      0.0.0.0:*\n"
        );
        let table =
            wish(&["-ltnp"]).table(&[row("127.0.0.11:", "40123", " users:((\"x\",pid=1,fd=3))")]);
        assert_eq!(
            table,
            "State  Recv-Q Send-Q Local Address:Port  Peer Address:PortProcess\nLISTEN 0      511       127.0.0.11:40123      0.0.0.0:*    users:((\"x\",pid=1,fd=3))\n"
        );
        assert_eq!(
            wish(&["-tln"]).table(&[]),
            "State Recv-Q Send-Q Local Address:Port Peer Address:Port\n"
        );
    }
}
