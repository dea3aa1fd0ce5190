//! `netstat`: sockets, and what else it shows of the network; `local` has those of AF_UNIX, `statistics` the counters.

mod local;
mod statistics;

use std::net::{IpAddr, SocketAddr};

use kernel::net::Link;
use kernel::sock::{SockType, SocketInfo};
use kernel::sys::Sys;
use kernel::time::{Duration, Instant};

use super::{Hosts, ifconfig, route};
use crate::Flavour;
use crate::args::{self, Wrong};
use crate::inspect::{ip, ss};
use crate::net::services;
use crate::system::identity::user_name;
use crate::usage;

/// What it tells of itself. Source: net-tools 2.10.
const USAGE: &str = include_str!("usage.txt");

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
        ("statistics", 's'),
        ("timers", 'o'),
        ("continuous", 'c'),
        ("inet", '4'),
        ("inet6", '6'),
        ("version", 'V'),
    ];
    let known = if busybox {
        "raltuwxen"
    } else {
        "rgailtuwxenpWv46Vsoc"
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
    if parsed.has('s') {
        if parsed.has('6') {
            return crate::not_modelled(&sys, "netstat", "-s -6");
        }
        if parsed.has('x') {
            sys.err("netstat: No statistics support for specified address family: unix\n");
            return 1;
        }
        let [tcp, udp, raw] = ['t', 'u', 'w'].map(|kind| parsed.has(kind));
        statistics::print(&sys, statistics::Protocols { tcp, udp, raw });
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
    let asked = |kind: char| parsed.has(kind);
    let wish = Wish {
        kinds: ['t', 'u', 'w', 'x'].map(asked),
        families: (asked('4'), asked('6')),
        all: asked('a'),
        listening: asked('l'),
        programs: asked('p'),
        extended: asked('e') && !busybox,
        timers: asked('o'),
        numeric: asked('n'),
        busybox,
    };
    let mut shown = Shown {
        hosts: Hosts::new(parsed.has('n')),
        services: services::read(&sys),
        wide: parsed.has('W'),
        busybox,
    };
    loop {
        sockets(&sys, wish, &mut shown).await;
        if !parsed.has('c') || sys.sleep(Duration::from_secs(1)).await.is_err() {
            return 0;
        }
    }
}

/// Which sockets are listed, and what of them.
#[derive(Clone, Copy)]
struct Wish {
    /// TCP, UDP, raw and AF_UNIX; all if none.
    kinds: [bool; 4],
    /// IPv4 and IPv6; both if none.
    families: (bool, bool),
    all: bool,
    listening: bool,
    programs: bool,
    extended: bool,
    timers: bool,
    numeric: bool,
    busybox: bool,
}

impl Wish {
    fn wants(self, kind: usize) -> bool {
        self.kinds == [false; 4] || self.kinds.get(kind) == Some(&true)
    }

    /// Whether sockets that wait for others are listed, or those that do not.
    const fn takes(self, waits: bool) -> bool {
        self.all || waits == self.listening
    }

    fn takes_socket(self, s: &SocketInfo) -> bool {
        let kind = match s.kind {
            SockType::Stream => self.wants(0) && s.local.port() != 0,
            SockType::Datagram => self.wants(1) && s.local.port() != 0,
            SockType::Raw(_) => self.wants(2),
            SockType::Ping | SockType::Packet(_) => false,
        };
        let (v4, v6) = self.families;
        let family = v4 == v6 || v6 == s.local.is_ipv6();
        kind && family && self.takes(matches!(s.state, "LISTEN" | "UNCONN"))
    }
}

/// The tables of sockets.
async fn sockets(sys: &Sys, wish: Wish, shown: &mut Shown) {
    let which = if wish.listening {
        "(only servers)"
    } else if wish.all {
        "(servers and established)"
    } else {
        "(w/o servers)"
    };
    if (0..3).any(|kind| wish.wants(kind)) {
        let mut head = String::from(if wish.busybox { " " } else { "" });
        if wish.extended {
            head += " User       Inode     ";
        }
        if wish.programs {
            head += " PID/Program name    ";
        }
        if wish.timers {
            head += " Timer";
        }
        sys.out(&format!(
            "Active Internet connections {which}\nProto Recv-Q Send-Q Local Address           Foreign Address         State      {head}\n"
        ));
        for socket in &listed(sys, wish) {
            let line = shown.line(sys, &socket.info, wish.busybox).await;
            sys.out(&format!("{line}{}\n", socket.rest));
        }
    }
    if wish.wants(3) {
        local::table(sys, wish, which);
    }
}

/// A socket, and what follows its state.
struct Listed {
    info: SocketInfo,
    rest: String,
}

fn listed(sys: &Sys, wish: Wish) -> Vec<Listed> {
    let ns = sys.netns();
    let named = |uid: u32| user_name(sys, uid).filter(|_| !wish.numeric);
    let users = |uid: u32| named(uid).unwrap_or_else(|| uid.to_string());
    let found: Vec<(SocketInfo, u32, String)> = sys.kernel(|k| {
        let mut sockets = k.sock_list(ns);
        sockets.retain(|s| wish.takes_socket(s));
        sorted::sort_by_key(&mut sockets, |s| (proto(s), s.local.is_ipv6()));
        let each = sockets.into_iter().map(|s| {
            let owner = s.owner.and_then(|owner| k.proc.get(owner));
            let holders = ss::socket_holders(k, sys.id(), s.id);
            let timer = timer(&s, k.now);
            let mut tail = String::new();
            if wish.programs {
                tail += &format!(" {:<20}", program(holders));
            }
            if wish.timers {
                tail += &format!(" {timer}");
            }
            (s, owner.map_or(0, |process| process.uid), tail)
        });
        each.collect()
    });
    let rest = |(info, uid, tail): (SocketInfo, u32, String)| {
        let mut rest = String::new();
        if wish.extended {
            // What only waits for stragglers is no program's any more.
            let inode = if info.state == "TIME-WAIT" {
                0
            } else {
                info.id.0
            };
            rest += &format!(" {:<10} {inode:<10}", users(uid));
        }
        rest += &tail;
        Listed { info, rest }
    };
    found.into_iter().map(rest).collect()
}

/// The first of those who have a socket open, as `7/nginx`.
fn program(holders: Vec<ss::Holder>) -> String {
    let first = holders.into_iter().next();
    first.map_or_else(|| "-".to_owned(), |(name, pid, _)| format!("{pid}/{name}"))
}

/// A socket's timer: what it is for, seconds that are left, and how often it ran out.
fn timer(s: &SocketInfo, now: Instant) -> String {
    let Some((name, at, retries)) = s.timer else {
        return "off (0.00/0/0)".to_owned();
    };
    let centiseconds = at.since(now).as_millis() / 10;
    format!(
        "{name} ({}.{:02}/{retries}/0)",
        centiseconds / 100,
        centiseconds % 100
    )
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
