//! `/sys/class/net`: what a device says of itself, a file for each thing.

use crate::ids::{LinkId, NetnsId};
use crate::net::{Link, LinkKind, OperState};
use crate::state::Kernel;

/// What every device has.
const FILES: [&str; 16] = [
    "addr_assign_type",
    "addr_len",
    "address",
    "broadcast",
    "carrier",
    "dev_id",
    "duplex",
    "flags",
    "ifindex",
    "iflink",
    "mtu",
    "operstate",
    "speed",
    "statistics",
    "tx_queue_len",
    "type",
];

const STATISTICS: [&str; 7] = [
    "multicast",
    "rx_bytes",
    "rx_dropped",
    "rx_packets",
    "tx_bytes",
    "tx_dropped",
    "tx_packets",
];

/// What a bridge has below `bridge`, with the values that nothing here changes. Source: Linux `br_sysfs_br.c`.
const BRIDGE: [(&str, &str); 12] = [
    ("ageing_time", ""),
    ("bridge_id", ""),
    ("forward_delay", "1500"),
    ("group_addr", "01:80:c2:00:00:00"),
    ("group_fwd_mask", "0x0"),
    ("hello_time", "200"),
    ("max_age", "2000"),
    ("multicast_snooping", "1"),
    ("priority", "32768"),
    ("root_id", ""),
    ("stp_state", ""),
    ("vlan_filtering", "0"),
];

/// What a bridge's port has below `brport`. Source: Linux `br_sysfs_if.c`.
const PORT: [&str; 9] = [
    "broadcast_flood",
    "hairpin_mode",
    "isolated",
    "learning",
    "multicast_flood",
    "port_id",
    "port_no",
    "state",
    "unicast_flood",
];

/// A device's file.
pub(super) fn file(kernel: &Kernel, id: LinkId, file: &str) -> Option<String> {
    let link = kernel.link(id)?;
    if let Some((port, setting)) = below_bridge(kernel, link, file) {
        return Some(of_port(port, setting)? + "\n");
    }
    let text = if let Some(counter) = file.strip_prefix("statistics/") {
        counted(link, counter)?.to_string()
    } else if let Some(setting) = file.strip_prefix("bridge/") {
        of_bridge(link, setting)?
    } else if let Some(setting) = file.strip_prefix("brport/") {
        of_port(link, setting)?
    } else {
        of_device(kernel, id, link, file)?
    };
    Some(text + "\n")
}

fn of_device(kernel: &Kernel, id: LinkId, link: &Link, file: &str) -> Option<String> {
    Some(match file {
        // NET_ADDR_PERM, NET_ADDR_RANDOM, NET_ADDR_STOLEN, NET_ADDR_SET. Source: Linux `uapi/linux/netdevice.h`.
        "addr_assign_type" => match link.kind {
            _ if link.mac_set => "3",
            LinkKind::Loopback | LinkKind::Nic(_) | LinkKind::Ipvlan(_) => "0",
            LinkKind::Vlan(_) => "2",
            _ => "1",
        }
        .to_owned(),
        "addr_len" => "6".to_owned(),
        "address" => link.mac.to_string(),
        "broadcast" => if link.is_loopback() {
            "00:00:00:00:00:00"
        } else {
            "ff:ff:ff:ff:ff:ff"
        }
        .to_owned(),
        "dev_id" => format!("0x{:x}", link.dev_id()),
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
        "flags" => format!("0x{:x}", flags(link)),
        // ARPHRD_LOOPBACK and ARPHRD_ETHER.
        "type" => if link.is_loopback() { "772" } else { "1" }.to_owned(),
        "speed" => speed(kernel, link)?.to_string(),
        "duplex" => match link.kind {
            LinkKind::Veth(_) | LinkKind::Nic(_) => "full",
            LinkKind::Loopback => return None,
            _ => "unknown",
        }
        .to_owned(),
        "tx_queue_len" => link.txqlen.to_string(),
        _ => return None,
    })
}

/// `IFF_UP`, `IFF_BROADCAST`, `IFF_LOOPBACK`, `IFF_PROMISC`, `IFF_ALLMULTI`, `IFF_MULTICAST`: those that somebody set, and
/// those of the kind, without what the moment adds.
fn flags(link: &Link) -> u32 {
    let of_kind = if link.is_loopback() { 0x8 } else { 0x1002 };
    of_kind
        + u32::from(link.admin_up)
        + 0x100 * u32::from(link.promisc)
        + 0x200 * u32::from(link.labels.allmulti)
}

/// Megabits a second: a veth says ten thousand, and a bridge what the fastest of its running ports says.
fn speed(kernel: &Kernel, link: &Link) -> Option<i32> {
    match &link.kind {
        LinkKind::Veth(_) | LinkKind::Nic(_) => Some(10_000),
        LinkKind::Bridge(bridge) => {
            let ports = bridge.ports.iter().filter_map(|id| kernel.link(*id));
            let running = ports.filter(|port| port.operstate == OperState::Up);
            Some(
                running
                    .filter_map(|port| speed(kernel, port))
                    .max()
                    .unwrap_or(-1),
            )
        }
        _ => None,
    }
}

const fn counted(link: &Link, counter: &str) -> Option<u64> {
    let stats = &link.stats;
    Some(match counter.as_bytes() {
        b"multicast" => stats.multicast,
        b"rx_bytes" => stats.rx_bytes,
        b"rx_dropped" => stats.rx_dropped,
        b"rx_packets" => stats.rx_packets,
        b"tx_bytes" => stats.tx_bytes,
        b"tx_dropped" => stats.tx_dropped,
        b"tx_packets" => stats.tx_packets,
        b"collisions" | b"rx_errors" | b"tx_errors" => 0,
        _ => return None,
    })
}

fn of_bridge(link: &Link, setting: &str) -> Option<String> {
    let LinkKind::Bridge(bridge) = &link.kind else {
        return None;
    };
    let (_, fixed) = BRIDGE.iter().find(|(name, _)| *name == setting)?;
    Some(match setting {
        // Hundredths of a second.
        "ageing_time" => (bridge.ageing.as_millis() / 10).to_string(),
        "bridge_id" | "root_id" => {
            let digits: String = link.mac.0.iter().map(|b| format!("{b:02x}")).collect();
            format!("8000.{digits}")
        }
        "stp_state" => u8::from(bridge.stp).to_string(),
        _ => (*fixed).to_owned(),
    })
}

/// The port of a bridge, and its setting, that `brif/PORT/SETTING` names.
fn below_bridge<'k, 'p>(
    kernel: &'k Kernel,
    link: &Link,
    path: &'p str,
) -> Option<(&'k Link, &'p str)> {
    let LinkKind::Bridge(bridge) = &link.kind else {
        return None;
    };
    let (name, setting) = path.strip_prefix("brif/")?.split_once('/')?;
    let mut ports = bridge.ports.iter().filter_map(|id| kernel.link(*id));
    Some((ports.find(|port| &*port.name == name)?, setting))
}

fn of_port(link: &Link, setting: &str) -> Option<String> {
    let port = link.port.as_deref()?;
    let on = match setting {
        "port_id" => return Some(format!("0x{:x}", 0x8000 + u32::from(port.number))),
        "port_no" => return Some(format!("0x{:x}", port.number)),
        // BR_STATE_FORWARDING and BR_STATE_DISABLED.
        "state" => return Some(if link.is_running() { "3" } else { "0" }.to_owned()),
        "broadcast_flood" => port.bcast_flood,
        "multicast_flood" => port.mcast_flood,
        "hairpin_mode" => port.hairpin,
        "isolated" => port.isolated,
        "learning" => port.learning,
        "unicast_flood" => port.flood,
        _ => return None,
    };
    Some(u8::from(on).to_string())
}

/// The names in a folder below `/sys/class/net`.
pub(super) fn names(kernel: &Kernel, ns: NetnsId, path: &str) -> Option<Vec<String>> {
    let (device, folder) = path.split_once('/').unwrap_or((path, ""));
    let link = kernel.link(kernel.link_by_name(ns, device)?)?;
    let bridge = match &link.kind {
        LinkKind::Bridge(bridge) => Some(bridge),
        _ => None,
    };
    let names: Vec<&str> = match folder {
        "" => {
            let mut names = FILES.to_vec();
            if bridge.is_some() {
                names.extend(["bridge", "brif"]);
            }
            if link.port.is_some() {
                names.extend(["brport", "master"]);
            }
            names
        }
        "statistics" => STATISTICS.to_vec(),
        "bridge" => {
            bridge?;
            BRIDGE.iter().map(|(name, _)| *name).collect()
        }
        "brif" => {
            let ports = bridge?.ports.iter().filter_map(|id| kernel.link(*id));
            ports.map(|port| &*port.name).collect()
        }
        "brport" => {
            link.port.as_ref()?;
            PORT.to_vec()
        }
        port if port.starts_with("brif/") => {
            let within = format!("{port}/");
            let (_, below) = below_bridge(kernel, link, &within)?;
            below.is_empty().then(|| PORT.to_vec())?
        }
        _ => return None,
    };
    Some(names.into_iter().map(str::to_owned).collect())
}

/// Where a symbolic link below `/sys/class/net` leads.
pub(super) fn link(kernel: &Kernel, ns: NetnsId, path: &str) -> Option<String> {
    let (device, rest) = path.split_once('/').unwrap_or((path, ""));
    let link = kernel.link(kernel.link_by_name(ns, device)?)?;
    match rest {
        "" => Some(format!("../../devices/virtual/net/{device}")),
        "master" => Some(format!("../{}", kernel.link(link.master?)?.name)),
        _ => None,
    }
}
