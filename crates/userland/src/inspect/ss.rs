//! `ss` (iproute2): the sockets of a namespace.
//!
//! Each column is as wide as its longest entry; addresses stand right and end in a colon, ports stand left behind it, and
//! the last column is not padded. Checked against iproute2 7.

use kernel::Kernel;
use kernel::fs::procfs::visible_pid;
use kernel::ids::{ProcessId, SocketId};
use kernel::process::files::FileKind;
use kernel::sock::{SockType, SocketInfo};
use kernel::sys::Sys;
use std::net::{IpAddr, SocketAddr};

use super::say::{Fail, Said, say};
use crate::Flavour;

/// Words for completion.
pub const WORDS: &[&str] = &[
    "-t", "-u", "-l", "-n", "-p", "-a", "-4", "-6", "-H", "-tlnp", "-tulpn", "state", "sport",
    "dport",
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
    no_header: bool,
    family: Option<bool>,
    states: Vec<&'static str>,
    /// Ports asked for: local or remote, and the number; any of them suffices.
    ports: Vec<(bool, u16)>,
}

/// The `ss` program.
pub async fn main(sys: Sys, args: Vec<String>, _flavour: Flavour) -> i32 {
    let said = run(&sys, args.get(1..).unwrap_or_default());
    say(&sys, said).await
}

fn run(sys: &Sys, args: &[String]) -> Said {
    let wish = read(args)?;
    let services = if wish.numeric {
        String::new()
    } else {
        sys.read_text("/etc/services").unwrap_or_default()
    };
    let ns = sys.netns();
    let rows = sys.kernel(|k| {
        let mut sockets = k.sock_list(ns);
        // The kernel is asked once for each protocol and family.
        sorted::sort_by_key(&mut sockets, |s| (s.kind, s.family));
        let fitting = sockets.iter().filter(|s| wish.takes(s));
        fitting
            .map(|s| {
                wish.row(
                    s,
                    &services,
                    if wish.processes {
                        users(k, sys.id(), s.id)
                    } else {
                        String::new()
                    },
                )
            })
            .collect::<Vec<_>>()
    });
    Ok(wish.table(&rows))
}

fn read(args: &[String]) -> Result<Wish, Fail> {
    let mut wish = Wish::default();
    let mut words = args.iter().map(String::as_str).peekable();
    while let Some(word) = words.next() {
        match word {
            "state" => {
                let name = words.next().unwrap_or_default();
                wish.states.extend(
                    states(name).ok_or_else(|| {
                        Fail::new(255, format_args!("ss: wrong state name: {name}"))
                    })?,
                );
                wish.all = true;
            }
            "sport" | "dport" => {
                let value = words
                    .find(|w| !matches!(*w, "=" | "==" | "eq"))
                    .unwrap_or_default();
                let port = value.rsplit(':').next().and_then(|p| p.parse().ok());
                let port = port.ok_or_else(|| {
                    Fail::new(
                        255,
                        format_args!("Error: an inet prefix is expected rather than \"{value}\"."),
                    )
                })?;
                wish.ports.push((word == "sport", port));
            }
            "(" | ")" | "or" | "and" => {}
            long if long.starts_with("--") => wish.letter(letter_of(long)?)?,
            short if short.starts_with('-') => {
                for letter in short.chars().skip(1) {
                    wish.letter(letter)?;
                }
            }
            other => {
                return Err(Fail::new(
                    255,
                    format_args!("Error: an inet prefix is expected rather than \"{other}\"."),
                ));
            }
        }
    }
    if !wish.tcp && !wish.udp && !wish.raw {
        (wish.tcp, wish.udp) = (true, true);
    }
    Ok(wish)
}

fn letter_of(long: &str) -> Result<char, Fail> {
    Ok(match long {
        "--tcp" => 't',
        "--udp" => 'u',
        "--raw" => 'w',
        "--all" => 'a',
        "--listening" => 'l',
        "--numeric" => 'n',
        "--processes" => 'p',
        "--no-header" => 'H',
        "--ipv4" => '4',
        "--ipv6" => '6',
        other => return Err(Fail::not_modelled("ss", other)),
    })
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
        "unconnected" => vec!["UNCONN"],
        "all" => Vec::new(),
        "connected" => vec![
            "ESTAB",
            "SYN-SENT",
            "SYN-RECV",
            "FIN-WAIT-1",
            "FIN-WAIT-2",
            "TIME-WAIT",
            "CLOSE-WAIT",
            "LAST-ACK",
            "CLOSING",
        ],
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
            '4' => self.family = Some(false),
            '6' => self.family = Some(true),
            // Only more detail, of a kind that simulated sockets have none of.
            'O' | 'r' => {}
            other => return Err(Fail::not_modelled("ss", &format!("-{other}"))),
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
        let state = if self.states.is_empty() {
            self.all || waits == self.listening
        } else {
            self.states.contains(&s.state)
        };
        let family = self.family.is_none_or(|v6| s.local.is_ipv6() == v6);
        let port = |(local, port): &(bool, u16)| {
            if *local {
                s.local.port() == *port
            } else {
                s.remote.port() == *port
            }
        };
        // A stream socket that was only opened has no place in the kernel's tables.
        let known = s.kind != SockType::Stream || s.local.port() != 0;
        kind && state && family && known && (self.ports.is_empty() || self.ports.iter().any(port))
    }

    fn row(&self, s: &SocketInfo, services: &str, users: String) -> Vec<String> {
        let proto = if s.kind == SockType::Stream {
            "tcp"
        } else {
            "udp"
        };
        let port = |port: u16| match port {
            0 => "*".to_owned(),
            port => service(services, port, proto).unwrap_or_else(|| port.to_string()),
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
        let several = usize::from(self.tcp) + usize::from(self.udp) + usize::from(self.raw) > 1;
        let shown = |column: usize| match column {
            0 => several,
            1 => self.states.len() != 1,
            8 => self.processes,
            _ => true,
        };
        let columns: Vec<usize> = (0..HEADS.len()).filter(|c| shown(*c)).collect();
        let head: Vec<String> = HEADS.map(str::to_owned).to_vec();
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

/// The name of a port in `/etc/services`.
pub(crate) fn service(services: &str, port: u16, proto: &str) -> Option<String> {
    let wanted = format!("{port}/{proto}");
    services.lines().find_map(|line| {
        let mut words = line.split('#').next()?.split_whitespace();
        let name = words.next()?;
        (words.next()? == wanted).then(|| name.to_owned())
    })
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
        read(&args.iter().map(|a| (*a).to_owned()).collect::<Vec<_>>()).unwrap_or_default()
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
