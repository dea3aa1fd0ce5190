//! `netstat`.

use std::net::{IpAddr, SocketAddr};

use kernel::net::Link;
use kernel::sock::{SockType, SocketInfo};
use kernel::sys::Sys;

use super::{Hosts, ifconfig, route};
use crate::Flavour;
use crate::args::{self, Wrong};
use crate::inspect::{ip, ss};
use crate::net::services;
use crate::usage;

/// What it tells of itself. Source: net-tools 2.10.
const USAGE: &str = include_str!("netstat.txt");

/// The letters that are options of net-tools' program, modelled or not.
const LETTERS: &str = "rigsMvWnNepoclaFCZtuUSwx46AVhT";

/// Prints the multicast groups of each device, of one family after the other.
async fn groups(sys: &Sys, mut hosts: Hosts) {
    sys.out("IPv6/IPv4 Group Memberships\nInterface       RefCnt Group\n--------------- ------ ---------------------\n");
    let ns = sys.netns();
    let rows: Vec<(String, IpAddr)> = sys.kernel(|k| {
        let links: Vec<&Link> = k
            .links(ns)
            .into_iter()
            .filter_map(|id| k.link(id))
            .collect();
        let of = |v6: bool| {
            links.iter().flat_map(move |link| {
                let groups = ip::groups(link, v6).into_iter();
                groups.map(|group| (link.name.to_string(), group))
            })
        };
        of(false).chain(of(true)).collect()
    });
    for (device, group) in rows {
        let name = hosts.name(sys, group).await;
        let group = name.unwrap_or_else(|| group.to_string());
        sys.out(&format!("{device:<15} 1      {group}\n"));
    }
}

/// The `netstat` program.
pub(super) async fn main(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let busybox = flavour == Flavour::Busybox;
    if busybox && args.iter().any(|word| word == "--help") {
        return usage::refuse(&sys, "netstat", "--help");
    }
    let long = [
        ("route", 'r'),
        ("groups", 'g'),
        ("interfaces", 'i'),
        ("all", 'a'),
        ("listening", 'l'),
        ("tcp", 't'),
        ("udp", 'u'),
        ("raw", 'w'),
        ("unix", 'x'),
        ("extend", 'e'),
        ("numeric", 'n'),
        ("programs", 'p'),
        ("wide", 'W'),
        ("inet", '4'),
        ("inet6", '6'),
        ("version", 'V'),
    ];
    let known = if busybox {
        "raltuwxen"
    } else {
        "rgailtuwxenpWv46V"
    };
    let parsed = match args::parse(&args, known, &long) {
        Ok(parsed) => parsed,
        Err(Wrong::Unknown(option)) if busybox => {
            return usage::refuse(&sys, "netstat", &option);
        }
        Err(Wrong::Unknown(option)) if option.starts_with("--") && !USAGE.contains(&option) => {
            sys.err(&format!("netstat: unrecognized option '{option}'\n{USAGE}"));
            return 3;
        }
        Err(Wrong::Unknown(option)) if !option.starts_with("--") => {
            let letter = option.trim_start_matches('-');
            if LETTERS.contains(letter) {
                return crate::not_modelled(&sys, "netstat", &option);
            }
            sys.err(&format!("netstat: invalid option -- '{letter}'\n{USAGE}"));
            return 3;
        }
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    if parsed.has('V') {
        sys.out("net-tools 2.10\n");
        return 0;
    }
    if parsed.has('r') && parsed.has('6') {
        return crate::not_modelled(&sys, "netstat", "-r -6");
    }
    if parsed.has('r') {
        route::table(&sys, parsed.has('n'), true, busybox).await;
        return 0;
    }
    if parsed.has('g') {
        groups(&sys, Hosts::new(parsed.has('n'))).await;
        return 0;
    }
    if parsed.has('i') {
        let table = if parsed.has('e') {
            ifconfig::listing(&sys, parsed.has('a'), false)
        } else {
            "Iface             MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg\n"
                .to_owned()
                + &ifconfig::counters(&sys)
        };
        sys.out(&format!("Kernel Interface table\n{table}"));
        return 0;
    }
    let some_kind = ['t', 'u', 'w', 'x'].iter().any(|kind| parsed.has(*kind));
    let wants = |kind: char| !some_kind || parsed.has(kind);
    let which = if parsed.has('l') {
        "(only servers)"
    } else if parsed.has('a') {
        "(servers and established)"
    } else {
        "(w/o servers)"
    };
    let programs = parsed.has('p');
    if ['t', 'u', 'w'].into_iter().any(wants) {
        let blank = if busybox { " " } else { "" };
        let last = if programs {
            " PID/Program name    "
        } else {
            ""
        };
        sys.out(&format!(
            "Active Internet connections {which}\nProto Recv-Q Send-Q Local Address           Foreign Address         State      {blank}{last}\n"
        ));
        let ns = sys.netns();
        let family = |s: &SocketInfo| {
            let (v4, v6) = (parsed.has('4'), parsed.has('6'));
            v4 == v6 || v6 == s.local.is_ipv6()
        };
        let sockets: Vec<(SocketInfo, String)> = sys.kernel(|k| {
            let mut sockets = k.sock_list(ns);
            sockets.retain(|s| {
                let kind = match s.kind {
                    SockType::Stream => wants('t') && s.local.port() != 0,
                    SockType::Datagram => wants('u') && s.local.port() != 0,
                    SockType::Raw(_) => wants('w'),
                    SockType::Ping | SockType::Packet(_) => false,
                };
                let waits = matches!(s.state, "LISTEN" | "UNCONN");
                kind && family(s) && (parsed.has('a') || waits == parsed.has('l'))
            });
            sorted::sort_by_key(&mut sockets, |s| (proto(s), s.local.is_ipv6()));
            let holder = |s: &SocketInfo| {
                let first = ss::holders(k, sys.id(), s.id).into_iter().next();
                first.map_or_else(|| "-".to_owned(), |(name, pid, _)| format!("{pid}/{name}"))
            };
            sockets
                .into_iter()
                .map(|s| (s.clone(), holder(&s)))
                .collect()
        });
        let mut shown = Shown {
            hosts: Hosts::new(parsed.has('n')),
            services: services::read(&sys),
            wide: parsed.has('W'),
            busybox,
        };
        for (socket, program) in &sockets {
            let mut line = shown.line(&sys, socket, busybox).await;
            if programs {
                line.push_str(&format!(" {program:<20}"));
            }
            sys.out(&(line + "\n"));
        }
    }
    if wants('x') {
        // Daemons here offer values and not AF_UNIX sockets, so that there is never one to list.
        let last = match (busybox, programs) {
            (true, _) => "Path",
            (false, true) => "  PID/Program name     Path",
            (false, false) => "  Path",
        };
        sys.out(&format!(
            "Active UNIX domain sockets {which}\nProto RefCnt Flags       Type       State         I-Node {last}\n"
        ));
    }
    0
}

const fn proto(s: &SocketInfo) -> &'static str {
    match s.kind {
        SockType::Stream => "tcp",
        SockType::Datagram => "udp",
        _ => "w",
    }
}

/// How the states that `ss` names are called here.
fn state(ss: &str) -> String {
    match ss {
        "ESTAB" => "ESTABLISHED".to_owned(),
        "UNCONN" => String::new(),
        "FIN-WAIT-1" => "FIN_WAIT1".to_owned(),
        "FIN-WAIT-2" => "FIN_WAIT2".to_owned(),
        other => other.replace('-', "_"),
    }
}

struct Shown {
    hosts: Hosts,
    services: String,
    wide: bool,
    busybox: bool,
}

impl Shown {
    async fn line(&mut self, sys: &Sys, socket: &SocketInfo, busybox: bool) -> String {
        // busybox tells both families by one name.
        let family = if socket.local.is_ipv6() && !busybox {
            "6"
        } else {
            ""
        };
        let proto = format!(
            "{}{family}",
            if proto(socket) == "w" {
                "raw"
            } else {
                proto(socket)
            }
        );
        let local = self.address(sys, socket.local, socket).await;
        let remote = self.address(sys, socket.remote, socket).await;
        let queue = if socket.state == "LISTEN" {
            // A listener's limit is not what is waiting to be sent.
            0
        } else {
            socket.send_queue
        };
        let width = if busybox { 12 } else { 11 };
        format!(
            "{proto:<5} {:>6} {queue:>6} {local:<23} {remote:<23} {:<width$}",
            socket.recv_queue,
            state(socket.state)
        )
    }

    async fn address(&mut self, sys: &Sys, addr: SocketAddr, socket: &SocketInfo) -> String {
        let port = match addr.port() {
            0 => "*".to_owned(),
            port if self.hosts.numeric => port.to_string(),
            port => services::name(&self.services, port, proto(socket))
                .map_or_else(|| port.to_string(), str::to_owned),
        };
        let ip = match addr.ip() {
            IpAddr::V6(ip) => ip.to_ipv4_mapped().map_or(IpAddr::V6(ip), IpAddr::V4),
            ip => ip,
        };
        let name = match ip {
            ip if ip.is_unspecified()
                && socket.local.is_ipv6()
                && !self.hosts.numeric
                && !self.busybox =>
            {
                "[::]".to_owned()
            }
            ip if ip.is_unspecified() && socket.local.is_ipv6() => "::".to_owned(),
            ip if ip.is_unspecified() => ip.to_string(),
            ip => self
                .hosts
                .name(sys, ip)
                .await
                .unwrap_or_else(|| ip.to_string()),
        };
        let room = 23usize.saturating_sub(port.len() + 1);
        let name: String = if self.wide {
            name
        } else {
            name.chars().take(room).collect()
        };
        format!("{name}:{port}")
    }
}
