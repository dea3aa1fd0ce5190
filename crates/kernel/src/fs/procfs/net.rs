//! `/proc/net`: what the kernel tells of a namespace's devices, routes, neighbours and sockets.

use crate::net::{LinkKind, Scope};
use crate::netfilter::ServiceKey;
use crate::process::Process;
use crate::sock::{SockType, SocketInfo};
use crate::state::Kernel;
use crate::time::Instant;
use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};

const NAMES: [&str; 11] = [
    "arp", "dev", "fib_trie", "if_inet6", "route", "tcp", "tcp6", "udp", "udp6", "unix", "vlan",
];

/// The files.
pub(super) fn names() -> Vec<String> {
    let all = NAMES.iter().chain(&super::snmp::NAMES);
    all.map(|name| (*name).to_owned()).collect()
}

/// The files of `/proc/net/vlan`.
pub(super) const VLAN_NAMES: [&str; 1] = ["config"];

pub(super) fn file(kernel: &Kernel, me: &Process, file: &str) -> Option<String> {
    match file {
        "route" => Some(route_table(kernel, me)),
        "dev" => Some(device_table(kernel, me)),
        "tcp" | "tcp6" | "udp" | "udp6" => Some(socket_table(kernel, me, file)),
        "fib_trie" => Some(super::fib_trie::text(kernel, me)),
        "arp" => Some(arp_table(kernel, me)),
        "if_inet6" => Some(addresses6(kernel, me)),
        "ip_vs" => virtual_services(kernel, me),
        "vlan/config" => Some(vlans(kernel, me)),
        "unix" => Some(super::unix::table(kernel, me)),
        _ => match file.strip_prefix("xt_recent/") {
            Some(name) => recent_list(kernel, me, name),
            None => super::snmp::file(kernel, me, file),
        },
    }
}

/// `/proc/net/route`: addresses as the machine's words, so byte-swapped on x86, each line padded to 127 characters.
fn route_table(kernel: &Kernel, me: &Process) -> String {
    let swapped = |ip: IpAddr| match ip {
        IpAddr::V4(ip) => u32::from_le_bytes(ip.octets()),
        IpAddr::V6(_) => 0,
    };
    let head =
        "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT";
    let mut out = format!("{head:<127}\n");
    for route in kernel.routes(me.netns, false, Some(crate::net::TableId::MAIN)) {
        let name = route
            .link
            .and_then(|l| kernel.link(l))
            .map_or("*", |l| &*l.name);
        let flags =
            1 + u32::from(route.via.is_some()) * 2 + u32::from(route.dst.prefix_len() == 32) * 4;
        let line = format!(
            "{name}\t{:08X}\t{:08X}\t{flags:04X}\t0\t0\t{}\t{:08X}\t0\t0\t0",
            swapped(route.dst.network()),
            route.via.map_or(0, swapped),
            route.metric,
            swapped(route.dst.netmask()),
        );
        let _ = writeln!(out, "{line:<127}");
    }
    out
}

fn device_table(kernel: &Kernel, me: &Process) -> String {
    let mut out = String::from(
        "Inter-|   Receive                                                |  Transmit\n face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n",
    );
    for link in kernel
        .links(me.netns)
        .into_iter()
        .filter_map(|l| kernel.link(l))
    {
        let s = &link.stats;
        let _ = writeln!(
            out,
            "{:>6}: {:>7} {:>7}    0 {:>4}    0     0          0         0 {:>8} {:>7}    0 {:>4}    0     0       0          0",
            link.name,
            s.rx_bytes,
            s.rx_packets,
            s.rx_dropped,
            s.tx_bytes,
            s.tx_packets,
            s.tx_dropped
        );
    }
    out
}

fn arp_table(kernel: &Kernel, me: &Process) -> String {
    let mut out = String::from(
        "IP address       HW type     Flags       HW address            Mask     Device\n",
    );
    for n in kernel
        .neighbours(me.netns)
        .into_iter()
        .filter(|n| n.ip.is_ipv4())
    {
        let device = kernel.link(n.link).map_or("*", |l| &*l.name);
        let (flags, mac) = n.mac.map_or((0, wire::MacAddr::ZERO), |mac| (2, mac));
        let _ = writeln!(
            out,
            "{:<16} 0x1         0x{flags:<10x}{mac}     *        {device}",
            n.ip
        );
    }
    out
}

fn socket_table(kernel: &Kernel, me: &Process, file: &str) -> String {
    let v6 = file.ends_with('6');
    let kind = if file.starts_with("tcp") {
        SockType::Stream
    } else {
        SockType::Datagram
    };
    // Source: Linux `tcp4_seq_show` and its three siblings; IPv4's lines have a fixed width.
    let (more, width) = match kind {
        SockType::Stream => ("", 149),
        _ => (" ref pointer drops", 127),
    };
    let (local, remote, width) = if v6 {
        (38, "remote_address                        ", 0)
    } else {
        (14, "rem_address   ", width)
    };
    let head = format!(
        "  sl  {:<local$}{remote}st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode{more}",
        "local_address"
    );
    let mut out = format!("{head:<width$}\n");
    let rows = kernel
        .sock_list(me.netns)
        .into_iter()
        .filter(|s| s.kind == kind && s.local.is_ipv6() == v6 && s.local.port() != 0);
    for (i, s) in rows.enumerate() {
        let _ = writeln!(
            out,
            "{i:>4}: {} {} {:02X} {:08X}:{:08X} 00:00000000 00000000     0        0 {}",
            hex_addr(s.local),
            hex_addr(s.remote),
            state_number(&s),
            // A listening socket's are the limit and the length of its queue of connections.
            if s.state == "LISTEN" { 0 } else { s.send_queue },
            s.recv_queue,
            s.id
        );
    }
    out
}

fn hex_addr(addr: SocketAddr) -> String {
    let words: String = match addr.ip() {
        IpAddr::V4(ip) => format!("{:08X}", u32::from_le_bytes(ip.octets())),
        IpAddr::V6(ip) => ip
            .octets()
            .chunks(4)
            .map(|c| {
                c.iter()
                    .rev()
                    .fold(String::new(), |s, b| s + &format!("{b:02X}"))
            })
            .collect(),
    };
    format!("{words}:{:04X}", addr.port())
}

/// Source: Linux `include/net/tcp_states.h`; datagram sockets use 7 and 1.
fn state_number(s: &SocketInfo) -> u8 {
    match s.state {
        "ESTAB" => 1,
        "SYN-SENT" => 2,
        "SYN-RECV" => 3,
        "FIN-WAIT-1" => 4,
        "FIN-WAIT-2" => 5,
        "TIME-WAIT" => 6,
        "CLOSE-WAIT" => 8,
        "LAST-ACK" => 9,
        "LISTEN" => 10,
        "CLOSING" => 11,
        _ => 7,
    }
}

/// `/proc/net/if_inet6`. Source: Linux `addrconf.c`, `if6_seq_show`.
fn addresses6(kernel: &Kernel, me: &Process) -> String {
    let mut out = String::new();
    let links = kernel.links(me.netns).into_iter();
    for link in links.filter_map(|id| kernel.link(id)) {
        for spec in &link.addrs {
            let IpAddr::V6(ip) = spec.addr else {
                continue;
            };
            let scope = match spec.scope {
                Scope::Host => 0x10,
                Scope::Link => 0x20,
                Scope::Site => 0x40,
                Scope::Global | Scope::Nowhere => 0,
            };
            let digits: String = ip.octets().iter().map(|b| format!("{b:02x}")).collect();
            // IFA_F_PERMANENT and IFA_F_NODAD.
            let flags = 0x80 + 0x02 * u8::from(spec.flags.nodad);
            let _ = writeln!(
                out,
                "{digits} {:02x} {:02x} {scope:02x} {flags:02x} {:>8}",
                link.index, spec.prefix, link.name
            );
        }
    }
    out
}

/// `/proc/net/vlan/config`. Source: Linux `net/8021q/vlanproc.c`, `vlan_seq_show`.
fn vlans(kernel: &Kernel, me: &Process) -> String {
    let mut out =
        String::from("VLAN Dev name\t | VLAN ID\nName-Type: VLAN_NAME_TYPE_RAW_PLUS_VID_NO_PAD\n");
    let links = kernel.links(me.netns).into_iter();
    for link in links.filter_map(|id| kernel.link(id)) {
        let LinkKind::Vlan(vlan) = &link.kind else {
            continue;
        };
        let lower = kernel.link(vlan.lower).map_or("", |lower| &*lower.name);
        let _ = writeln!(out, "{:<15}| {}  | {lower}", link.name, vlan.id);
    }
    out
}

/// The names of the lists of `-m recent` in rules.
pub(super) fn recent_names(kernel: &Kernel, me: &Process) -> Option<Vec<String>> {
    let lists = kernel.netns(me.netns)?.nf.recent_lists();
    Some(lists.keys().map(|name| name.to_string()).collect())
}

/// `/proc/net/xt_recent/NAME`. Source: Linux xt_recent, `recent_seq_show`.
fn recent_list(kernel: &Kernel, me: &Process, name: &str) -> Option<String> {
    let lists = kernel.netns(me.netns)?.nf.recent_lists();
    let mut out = String::new();
    for (address, listed) in lists.get(name)? {
        let times: Vec<String> = listed.times.iter().map(|at| jiffies(*at)).collect();
        let _ = writeln!(
            out,
            "src={address} ttl: {} last_seen: {} oldest_pkt: {} {}",
            listed.ttl,
            times.last().map_or("0", String::as_str),
            times.len(),
            times.join(", ")
        );
    }
    Some(out)
}

/// A moment in the kernel's ticks, of which there are 250 in a second; they begin five minutes before their lower half
/// overflows. Source: Linux `INITIAL_JIFFIES`.
fn jiffies(at: Instant) -> String {
    let start = u64::from(u32::MAX) + 1 - 300 * 250;
    (start + at.as_nanos() / 4_000_000).to_string()
}

/// `/proc/net/ip_vs`, which is there once something is balanced. Source: Linux `ip_vs_ctl.c`, `ip_vs_info_seq_show`.
fn virtual_services(kernel: &Kernel, me: &Process) -> Option<String> {
    kernel.netns(me.netns)?.nf.ipvs()?;
    let mut out = String::from(
        "IP Virtual Server version 1.2.1 (size=256)\nProt LocalAddress:Port Scheduler Flags\n  -> RemoteAddress:Port Forward Weight ActiveConn InActConn\n",
    );
    let place = |ip: IpAddr, port: u16| match ip {
        IpAddr::V4(ip) => format!("{:08X}:{port:04X}", u32::from(ip)),
        IpAddr::V6(_) => SocketAddr::new(ip, port).to_string(),
    };
    for (key, servers) in kernel.ipvs_list(me.netns) {
        let _ = match key {
            ServiceKey::Mark(mark) => writeln!(out, "FWM  {mark:08X} rr "),
            ServiceKey::Address(proto, addr) => {
                let proto = proto.to_string().to_uppercase();
                writeln!(out, "{proto:<4} {} rr ", place(addr.ip(), addr.port()))
            }
        };
        for (server, active, inactive) in servers {
            let _ = writeln!(
                out,
                "  -> {}      Masq    {:<6} {active:<10} {inactive:<10}",
                place(server.addr, server.port),
                server.weight,
            );
        }
    }
    Some(out)
}
