//! `/proc` and `/sys`: views of the kernel that look like files.
//!
//! What is here is what people and scripts read when they look at a network: interface lists, routes, sockets, sysctls, and
//! each process's own folder. Anything else does not exist.

use super::{DirEntry, Metadata, Node, nsfs};
use crate::errno::Errno;
use crate::ids::{LinkId, NetnsId, ProcessId};
use crate::net::OperState;
use crate::process::{Process, ProcessState};
use crate::sock::{SockType, SocketInfo};
use crate::state::Kernel;
use crate::time::Instant;
use crate::trace::Note;
use bytes::Bytes;
use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};

/// Whether a path is answered here and not stored.
#[must_use]
pub fn covers(path: &str) -> bool {
    ["/proc", "/sys"].iter().any(|root| {
        path.strip_prefix(root)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// A file's text as `who` sees it.
/// # Errors
/// `ENOENT`, `EISDIR`.
pub fn read(kernel: &Kernel, who: ProcessId, path: &str) -> Result<Bytes, Errno> {
    let me = kernel.proc.get(who).ok_or(Errno::ESRCH)?;
    let text = text_of(kernel, me, path).ok_or(Errno::ENOENT);
    match text {
        Err(_) if list(kernel, who, path).is_ok() => Err(Errno::EISDIR),
        text => text.map(Bytes::from),
    }
}

fn text_of(kernel: &Kernel, me: &Process, path: &str) -> Option<String> {
    if let Some(name) = path.strip_prefix("/proc/sys/") {
        return kernel.sysctl_get(me.netns, name).map(|v| format!("{v}\n"));
    }
    if let Some(rest) = path.strip_prefix("/sys/class/net/") {
        let (name, file) = rest.split_once('/')?;
        return link_file(kernel, kernel.link_by_name(me.netns, name)?, file);
    }
    let rest = path.strip_prefix("/proc/")?;
    if let Some(file) = rest.strip_prefix("net/") {
        return net_file(kernel, me, file);
    }
    if let Some((pid, file)) = rest.split_once('/') {
        let process = by_name(kernel, me, pid)?;
        return match file.strip_prefix("net/") {
            Some(file) => net_file(kernel, process, file),
            None => process_file(kernel, process, file),
        };
    }
    match rest {
        "uptime" => Some(format!(
            "{}.{:02} 0.00\n",
            kernel.now.0 / 1_000_000_000,
            kernel.now.0 / 10_000_000 % 100
        )),
        "version" => Some("Linux version 6.12.0-drydock (simulated)\n".into()),
        "loadavg" => Some("0.00 0.00 0.00 1/100 1\n".into()),
        _ => None,
    }
}

/// The process that a folder of `/proc` is about, if `me` may see it.
fn by_name<'a>(kernel: &'a Kernel, me: &'a Process, name: &str) -> Option<&'a Process> {
    if name == "self" || name == "thread-self" {
        return Some(me);
    }
    let pid: u32 = name.parse().ok()?;
    kernel
        .proc
        .of(me.machine)
        .find(|p| visible_pid(me, p) == Some(pid))
}

/// The pid under which `me` sees another process; `None` if it is outside of its pid namespace.
#[must_use]
pub fn visible_pid(me: &Process, other: &Process) -> Option<u32> {
    match me.pid_ns {
        None => Some(other.pid),
        Some(ns) if other.pid_ns == Some(ns) => Some(other.ns_pid),
        Some(_) => None,
    }
}

fn process_file(kernel: &Kernel, p: &Process, file: &str) -> Option<String> {
    let nul = |parts: &[String]| parts.iter().fold(String::new(), |s, part| s + part + "\0");
    match file {
        "cmdline" => Some(nul(&p.argv)),
        "environ" => Some(nul(&p
            .env
            .iter()
            .map(|(k, v)| format!("{k}={v}"))
            .collect::<Vec<_>>())),
        "comm" => Some(format!("{}\n", p.comm())),
        "status" => {
            let state = match p.state {
                ProcessState::Running => "S (sleeping)",
                ProcessState::Paused => "D (disk sleep)",
                ProcessState::Zombie(_) => "Z (zombie)",
            };
            let parent = p
                .parent
                .and_then(|id| kernel.proc.get(id))
                .map_or(0, |q| q.pid);
            let (name, pid, uid, inner) = (p.comm(), p.pid, p.uid, p.ns_pid);
            let ids = format!("Uid:\t{uid}\t{uid}\t{uid}\t{uid}\n");
            Some(format!(
                "Name:\t{name}\nState:\t{state}\nPid:\t{pid}\nPPid:\t{parent}\n{ids}NSpid:\t{pid}\t{inner}\n"
            ))
        }
        _ => None,
    }
}

fn link_file(kernel: &Kernel, id: LinkId, file: &str) -> Option<String> {
    let link = kernel.link(id)?;
    let text = match file {
        "address" => link.mac.to_string(),
        "mtu" => link.mtu.to_string(),
        "ifindex" => link.index.to_string(),
        "iflink" => kernel
            .link_lower(id)
            .map_or(link.index, |(index, _)| index)
            .to_string(),
        "operstate" => match link.operstate {
            OperState::Unknown => "unknown",
            OperState::Up => "up",
            OperState::Down => "down",
            OperState::LowerLayerDown => "lowerlayerdown",
        }
        .to_owned(),
        // Reading the carrier of a device that is down fails with EINVAL; an empty line is the closest that a file can say.
        "carrier" => u8::from(link.admin_up && link.carrier).to_string(),
        "tx_queue_len" => link.txqlen.to_string(),
        "statistics/rx_packets" => link.stats.rx_packets.to_string(),
        "statistics/tx_packets" => link.stats.tx_packets.to_string(),
        "statistics/rx_bytes" => link.stats.rx_bytes.to_string(),
        "statistics/tx_bytes" => link.stats.tx_bytes.to_string(),
        _ => return None,
    };
    Some(text + "\n")
}

fn net_file(kernel: &Kernel, me: &Process, file: &str) -> Option<String> {
    match file {
        "route" => Some(route_table(kernel, me)),
        "dev" => Some(device_table(kernel, me)),
        "tcp" | "tcp6" | "udp" | "udp6" => Some(socket_table(kernel, me, file)),
        "arp" => Some(arp_table(kernel, me)),
        _ => None,
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
    let mut out = String::from(
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n",
    );
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
            s.send_queue,
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

/// Writes to a file.
/// # Errors
/// `EROFS` in a container without privilege, `ENOENT`, `EACCES`, `EINVAL`.
pub fn write(kernel: &mut Kernel, who: ProcessId, path: &str, data: &[u8]) -> Result<(), Errno> {
    let me = kernel.proc.get(who).ok_or(Errno::ESRCH)?;
    let (ns, privileged) = (me.netns, me.caps.sys_admin);
    let Some(name) = path.strip_prefix("/proc/sys/") else {
        return Err(if stat(kernel, who, path).is_ok() {
            Errno::EACCES
        } else {
            Errno::ENOENT
        });
    };
    if kernel.sysctl_get(ns, name).is_none() {
        return Err(Errno::ENOENT);
    }
    if !privileged {
        kernel.trace_note(ns, Note::Lacks("SYS_ADMIN"));
        return Err(Errno::EROFS);
    }
    kernel.sysctl_set(ns, name, String::from_utf8_lossy(data).trim())
}

/// The process and the file's name for a path below `/proc/PID/ns`.
fn namespace_link<'a>(
    kernel: &'a Kernel,
    who: ProcessId,
    path: &'a str,
) -> Option<(&'a Process, &'a str)> {
    let (pid, name) = path.strip_prefix("/proc/")?.split_once("/ns/")?;
    let me = kernel.proc.get(who)?;
    Some((by_name(kernel, me, pid)?, name))
}

/// The network namespace that a path is a handle of: `/proc/PID/ns/net`.
#[must_use]
pub fn network_namespace(kernel: &Kernel, who: ProcessId, path: &str) -> Option<NetnsId> {
    let (process, name) = namespace_link(kernel, who, path)?;
    (name == "net").then_some(process.netns)
}

/// What stands at a path.
/// # Errors
/// `ENOENT`.
pub fn stat(kernel: &Kernel, who: ProcessId, path: &str) -> Result<Metadata, Errno> {
    if let Some((process, name)) = namespace_link(kernel, who, path)
        && let Some(target) = nsfs::target(process, name)
    {
        return Ok(Metadata {
            node: Node::Symlink(target.into()),
            mode: 0o777,
            uid: 0,
            modified: Instant::ZERO,
        });
    }
    let (node, mode) = match read(kernel, who, path) {
        Ok(data) => (
            Node::File(data),
            if path.starts_with("/proc/sys/") {
                0o644
            } else {
                0o444
            },
        ),
        Err(_) => (list(kernel, who, path).map(|_| Node::Dir)?, 0o555),
    };
    Ok(Metadata {
        node,
        mode,
        uid: 0,
        modified: Instant::ZERO,
    })
}

/// The names in a directory.
/// # Errors
/// `ENOENT`.
pub fn list(kernel: &Kernel, who: ProcessId, path: &str) -> Result<Vec<DirEntry>, Errno> {
    let me = kernel.proc.get(who).ok_or(Errno::ESRCH)?;
    let names: Vec<String> = match path {
        "/sys" => vec!["class".into()],
        "/sys/class" => vec!["net".into()],
        "/sys/class/net" => kernel
            .links(me.netns)
            .into_iter()
            .filter_map(|l| kernel.link(l))
            .map(|l| l.name.to_string())
            .collect(),
        "/proc/net" => ["arp", "dev", "route", "tcp", "tcp6", "udp", "udp6"]
            .map(str::to_owned)
            .to_vec(),
        "/proc" => {
            let pids = kernel
                .proc
                .of(me.machine)
                .filter_map(|p| visible_pid(me, p))
                .map(|pid| pid.to_string());
            pids.chain(["loadavg", "net", "self", "sys", "uptime", "version"].map(str::to_owned))
                .collect()
        }
        _ => {
            if let Some(rest) = path.strip_prefix("/sys/class/net/") {
                kernel.link_by_name(me.netns, rest).ok_or(Errno::ENOENT)?;
                [
                    "address",
                    "carrier",
                    "ifindex",
                    "iflink",
                    "mtu",
                    "operstate",
                    "tx_queue_len",
                ]
                .map(str::to_owned)
                .to_vec()
            } else if path == "/proc/sys" || path.starts_with("/proc/sys/") {
                sysctl_names(kernel, me, path)?
            } else {
                let rest = path.strip_prefix("/proc/").ok_or(Errno::ENOENT)?;
                let (pid, namespaces) = match rest.strip_suffix("/ns") {
                    Some(pid) => (pid, true),
                    None => (rest, false),
                };
                by_name(kernel, me, pid).ok_or(Errno::ENOENT)?;
                if namespaces {
                    nsfs::names()
                } else {
                    ["cmdline", "comm", "environ", "net", "ns", "status"]
                        .map(str::to_owned)
                        .to_vec()
                }
            }
        }
    };
    let mut entries: Vec<DirEntry> = names
        .into_iter()
        .map(|name| {
            let meta = Metadata {
                node: Node::File(Bytes::new()),
                mode: 0o444,
                uid: 0,
                modified: Instant::ZERO,
            };
            DirEntry { name, meta }
        })
        .collect();
    sorted::sort_by(&mut entries, |a, b| a.name.cmp(&b.name));
    Ok(entries)
}

/// The names below a folder of `/proc/sys`, from the flat list of sysctls.
fn sysctl_names(kernel: &Kernel, me: &Process, path: &str) -> Result<Vec<String>, Errno> {
    let prefix = path
        .strip_prefix("/proc/sys")
        .unwrap_or_default()
        .trim_start_matches('/')
        .to_owned();
    let prefix = if prefix.is_empty() {
        prefix
    } else {
        prefix + "/"
    };
    let mut names: Vec<String> = kernel
        .sysctl_list(me.netns)
        .iter()
        .filter_map(|name| {
            name.strip_prefix(&prefix)?
                .split('/')
                .next()
                .map(str::to_owned)
        })
        .collect();
    sorted::sort(&mut names);
    names.dedup();
    if names.is_empty() {
        Err(Errno::ENOENT)
    } else {
        Ok(names)
    }
}
