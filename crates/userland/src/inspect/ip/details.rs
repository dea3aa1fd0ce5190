//! What `ip -d` adds to a device, as text and as JSON.

use kernel::net::dev::bridge::{Bridge, BridgePort, FdbKind};
use kernel::net::{Link, LinkKind};
use kernel::state::Kernel;
use std::fmt::Write as _;

use super::{Context, Json, stacked};
use crate::inspect::bridge::path_cost;

/// A setting: its name in text, its name in JSON (empty: only in text), and its value.
type Setting = (&'static str, &'static str, Json);

/// A bridge's id as `ip` writes it: hardware address bytes without leading zeros.
fn bridge_id(link: &Link) -> String {
    let bytes: Vec<String> = link.mac.0.iter().map(|byte| format!("{byte:x}")).collect();
    format!("8000.{}", bytes.join(":"))
}

/// Hundredths of a second as `ip` writes timers.
fn timer(hundredths: u128) -> Json {
    Json::Raw(format!("{}.{:02}", hundredths / 100, hundredths % 100))
}

/// A bridge's settings. Of those that are not modelled the values are a new bridge's. Seen with iproute2 7, Linux 6.19.
fn bridge(k: &Kernel, link: &Link, bridge: &Bridge) -> Vec<Setting> {
    let id = bridge_id(link);
    let ageing = (bridge.ageing.as_millis() / 10).max(1);
    let elapsed = k.now.as_nanos() / 10_000_000;
    let learned = k.fdb(link.id);
    let learned = learned.iter().filter(|e| e.kind == FdbKind::Learned);
    let mut out: Vec<Setting> = vec![
        ("forward_delay", "forward_delay", 1500_u32.into()),
        ("hello_time", "hello_time", 200_u32.into()),
        ("max_age", "max_age", 2000_u32.into()),
        ("ageing_time", "ageing_time", (ageing as u64).into()),
        ("stp_state", "stp_state", u32::from(bridge.stp).into()),
        ("priority", "priority", 32768_u32.into()),
        ("vlan_filtering", "vlan_filtering", 0_u32.into()),
        ("bridge_id", "bridge_id", id.clone().into()),
        ("designated_root", "root_id", id.into()),
        ("root_port", "root_port", 0_u32.into()),
        ("root_path_cost", "root_path_cost", 0_u32.into()),
        ("topology_change", "topology_change", 0_u32.into()),
        (
            "topology_change_detected",
            "topology_change_detected",
            0_u32.into(),
        ),
        ("hello_timer", "hello_timer", timer(0)),
        ("tcn_timer", "tcn_timer", timer(0)),
        ("topology_change_timer", "topology_change_timer", timer(0)),
        (
            "gc_timer",
            "gc_timer",
            timer(ageing - u128::from(elapsed) % ageing),
        ),
        (
            "fdb_n_learned",
            "fdb_n_learned",
            (learned.count() as u64).into(),
        ),
        ("fdb_max_learned", "fdb_max_learned", 0_u32.into()),
        ("group_fwd_mask", "group_fwd_mask", "0".into()),
        ("group_address", "group_addr", "01:80:c2:00:00:00".into()),
    ];
    let numbers: [(&str, &str, u32); 22] = [
        ("mcast_snooping", "", 1),
        ("no_linklocal_learn", "", 0),
        ("mcast_vlan_snooping", "", 0),
        ("mst_enabled", "", 0),
        ("mdb_offload_fail_notification", "", 0),
        ("fdb_local_vlan_0", "", 0),
        ("mcast_router", "", 1),
        ("mcast_query_use_ifaddr", "", 0),
        ("mcast_querier", "", 0),
        ("mcast_hash_elasticity", "", 16),
        ("mcast_hash_max", "", 4096),
        ("mcast_last_member_count", "mcast_last_member_cnt", 2),
        ("mcast_startup_query_count", "mcast_startup_query_cnt", 2),
        ("mcast_last_member_interval", "mcast_last_member_intvl", 100),
        (
            "mcast_membership_interval",
            "mcast_membership_intvl",
            26_000,
        ),
        ("mcast_querier_interval", "mcast_querier_intvl", 25_500),
        ("mcast_query_interval", "mcast_query_intvl", 12_500),
        (
            "mcast_query_response_interval",
            "mcast_query_response_intvl",
            1000,
        ),
        (
            "mcast_startup_query_interval",
            "mcast_startup_query_intvl",
            3124,
        ),
        ("mcast_stats_enabled", "", 0),
        ("mcast_igmp_version", "", 2),
        ("mcast_mld_version", "", 1),
    ];
    out.extend(numbers.map(|(text, json, value)| {
        (
            text,
            if json.is_empty() { text } else { json },
            value.into(),
        )
    }));
    out.extend(
        ["nf_call_iptables", "nf_call_ip6tables", "nf_call_arptables"]
            .map(|name| (name, name, 0_u32.into())),
    );
    out
}

/// A bridge port's settings.
fn port(k: &Kernel, link: &Link, port: &BridgePort) -> Vec<Setting> {
    let master = link.master.and_then(|id| k.link(id));
    let running = link.is_running() && master.is_some_and(|master| master.admin_up);
    let state = if running { "forwarding" } else { "disabled" };
    let id = master.map(bridge_id).unwrap_or_default();
    let off = || Json::Bool(false);
    vec![
        ("state", "state", state.into()),
        ("priority", "priority", 32_u32.into()),
        ("cost", "cost", path_cost(link).into()),
        ("hairpin", "hairpin", Json::Bool(port.hairpin)),
        ("guard", "guard", off()),
        ("root_block", "root_block", off()),
        ("fastleave", "fastleave", off()),
        ("learning", "learning", Json::Bool(port.learning)),
        ("flood", "flood", Json::Bool(port.flood)),
        ("port_id", "id", format!("0x80{:02x}", port.number).into()),
        ("port_no", "no", format!("0x{:x}", port.number).into()),
        (
            "designated_port",
            "designated_port",
            (0x8000 + u32::from(port.number)).into(),
        ),
        ("designated_cost", "designated_cost", 0_u32.into()),
        ("designated_bridge", "bridge_id", id.clone().into()),
        ("designated_root", "root_id", id.into()),
        ("hold_timer", "hold_timer", timer(0)),
        ("message_age_timer", "message_age_timer", timer(0)),
        ("forward_delay_timer", "forward_delay_timer", timer(0)),
        ("topology_change_ack", "topology_change_ack", 0_u32.into()),
        ("config_pending", "config_pending", 0_u32.into()),
        ("proxy_arp", "proxy_arp", off()),
        ("proxy_arp_wifi", "proxy_arp_wifi", off()),
        ("mcast_router", "multicast_router", 1_u32.into()),
        ("mcast_fast_leave", "", off()),
        ("mcast_flood", "mcast_flood", Json::Bool(port.mcast_flood)),
        ("bcast_flood", "bcast_flood", Json::Bool(port.bcast_flood)),
        ("mcast_to_unicast", "mcast_to_unicast", off()),
        ("neigh_suppress", "neigh_suppress", off()),
        ("neigh_vlan_suppress", "neigh_vlan_suppress", off()),
        ("group_fwd_mask", "group_fwd_mask", "0".into()),
        ("group_fwd_mask_str", "group_fwd_mask_str", "0x0".into()),
        ("vlan_tunnel", "vlan_tunnel", off()),
        ("isolated", "isolated", Json::Bool(port.isolated)),
        ("locked", "locked", off()),
        ("mab", "mab", off()),
    ]
}

fn write(out: &mut String, settings: Vec<Setting>) {
    for (name, _, value) in settings {
        let _ = match value {
            Json::Bool(on) => write!(out, "{name} {} ", if on { "on" } else { "off" }),
            Json::Number(number) => write!(out, "{name} {number} "),
            // Timers have a width.
            Json::Raw(text) => write!(out, "{name} {text:>7} "),
            Json::Text(text) => write!(out, "{name} {text} "),
            Json::List(_) | Json::Map(_) => Ok(()),
        };
    }
}

fn map(settings: Vec<Setting>) -> Json {
    let named = settings.into_iter().filter(|(_, name, _)| !name.is_empty());
    Json::Map(named.map(|(_, name, value)| (name, value)).collect())
}

/// The least and the largest MTU as `ip` shows them: 0 for a kind that sets no upper limit.
const fn mtu_limits(link: &Link) -> (u32, u32) {
    let most = link.kind.max_mtu();
    (
        link.kind.min_mtu(),
        if most == i32::MAX as u32 { 0 } else { most },
    )
}

/// What the stack and the driver can do. A dummy has the old limit of one packet, others that of the stack. Seen on Linux 6.19.
fn limits(link: &Link) -> [(&'static str, &'static str, u32); 9] {
    let tso = if matches!(link.kind, LinkKind::Dummy | LinkKind::Vxlan(_)) {
        65_536
    } else {
        524_280
    };
    // A cable has a queue for each processor.
    let queues = match link.kind {
        LinkKind::Veth(_) => 2,
        _ => 1,
    };
    [
        ("numtxqueues", "num_tx_queues", queues),
        ("numrxqueues", "num_rx_queues", queues),
        ("gso_max_size", "gso_max_size", 65_536),
        ("gso_max_segs", "gso_max_segs", 65_535),
        ("tso_max_size", "tso_max_size", tso),
        ("tso_max_segs", "tso_max_segs", 65_535),
        ("gro_max_size", "gro_max_size", 65_536),
        ("gso_ipv4_max_size", "gso_ipv4_max_size", 65_536),
        ("gro_ipv4_max_size", "gro_ipv4_max_size", 65_536),
    ]
}

/// Whether all multicasts are taken: asked for, or as a bridge's port.
fn allmulti(link: &Link) -> u32 {
    u32::from(link.labels.allmulti) + u32::from(link.port.is_some())
}

/// The text. `mode`: for `ip link`, which also tells how addresses are made.
pub(super) fn text(k: &Kernel, context: &Context, link: &Link, mode: bool) -> String {
    let (least, most) = mtu_limits(link);
    let mut out = format!(
        " promiscuity {} allmulti {} minmtu {least} maxmtu {most} ",
        link.promiscuity(),
        allmulti(link)
    );
    if !link.kind.is_movable() {
        out.push_str("netns-immutable ");
    }
    let kind = link.kind.text();
    if !kind.is_empty() {
        let _ = write!(out, "{}    {kind} ", context.line());
    }
    out.push_str(&stacked::details(k, link).unwrap_or_default());
    if let LinkKind::Bridge(part) = &link.kind {
        write(&mut out, bridge(k, link, part));
    }
    if let Some(part) = &link.port {
        let _ = write!(out, "{}    bridge_slave ", context.line());
        write(&mut out, port(k, link, part));
    }
    if mode {
        out.push_str("addrgenmode eui64 ");
    }
    for (name, _, value) in limits(link) {
        let _ = write!(out, "{name} {value} ");
    }
    out
}

/// The members for JSON.
pub(super) fn json(k: &Kernel, link: &Link, out: &mut Vec<(&'static str, Json)>, mode: bool) {
    let (least, most) = mtu_limits(link);
    out.extend([
        ("promiscuity", link.promiscuity().into()),
        ("allmulti", allmulti(link).into()),
        ("min_mtu", least.into()),
        ("max_mtu", most.into()),
    ]);
    if !link.kind.is_movable() {
        out.push(("netns-immutable", Json::Bool(true)));
    }
    let mut info: Vec<(&'static str, Json)> = Vec::new();
    if !link.kind.text().is_empty() {
        info.push(("info_kind", link.kind.text().into()));
    }
    info.extend(stacked::data(k, link).map(|data| ("info_data", data)));
    if let LinkKind::Bridge(part) = &link.kind {
        info.push(("info_data", map(bridge(k, link, part))));
    }
    if let Some(part) = &link.port {
        info.push(("info_slave_kind", "bridge".into()));
        info.push(("info_slave_data", map(port(k, link, part))));
    }
    if !info.is_empty() {
        out.push(("linkinfo", Json::Map(info)));
    }
    if mode {
        out.push(("inet6_addr_gen_mode", "eui64".into()));
    }
    out.extend(limits(link).map(|(_, name, value)| (name, value.into())));
}
