//! `net.*` sysctls: typed where the stack reads them, text for the programs that list and set them.

use super::Net;
use crate::errno::Errno;
use crate::ids::{LinkId, NetnsId};
use crate::netfilter::Conntrack;
use crate::state::Kernel;
use sorted::SortedMap;

/// Makes a struct of integer settings that can also be reached by name.
macro_rules! settings {
    ($(#[$doc:meta])* $name:ident { $($field:ident = $default:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Debug)]
        pub struct $name {
            $(#[doc = concat!("`", stringify!($field), "`, by default ", stringify!($default), ".")] pub $field: i32,)*
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default,)* }
            }
        }

        impl $name {
            /// The names, as in the last part of a sysctl's path, in alphabetical order.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($field),)*];

            /// The setting called `name`.
            #[must_use]
            pub fn get(&self, name: &str) -> Option<i32> {
                match name {
                    $(stringify!($field) => Some(self.$field),)*
                    _ => None,
                }
            }

            fn get_mut(&mut self, name: &str) -> Option<&mut i32> {
                match name {
                    $(stringify!($field) => Some(&mut self.$field),)*
                    _ => None,
                }
            }
        }
    };
}

settings! {
    /// `net.ipv4.conf.DEVICE.*`. Defaults: Linux 6.12 `devinet.c`.
    Conf4 {
        accept_local = 0,
        accept_redirects = 1,
        accept_source_route = 1,
        arp_accept = 0,
        arp_announce = 0,
        arp_evict_nocarrier = 1,
        arp_filter = 0,
        arp_ignore = 0,
        arp_notify = 0,
        bc_forwarding = 0,
        bootp_relay = 0,
        disable_policy = 0,
        disable_xfrm = 0,
        drop_gratuitous_arp = 0,
        drop_unicast_in_l2_multicast = 0,
        force_igmp_version = 0,
        forwarding = 0,
        igmpv2_unsolicited_report_interval = 10000,
        igmpv3_unsolicited_report_interval = 1000,
        ignore_routes_with_linkdown = 0,
        log_martians = 0,
        mc_forwarding = 0,
        medium_id = 0,
        promote_secondaries = 0,
        proxy_arp = 0,
        proxy_arp_pvlan = 0,
        route_localnet = 0,
        rp_filter = 0,
        secure_redirects = 1,
        send_redirects = 1,
        shared_media = 1,
        src_valid_mark = 0,
        tag = 0,
    }
}

settings! {
    /// `net.ipv6.conf.DEVICE.*`. Defaults: Linux 6.12 `addrconf.c`.
    Conf6 {
        accept_dad = 1,
        accept_ra = 1,
        accept_redirects = 1,
        accept_source_route = 0,
        addr_gen_mode = 0,
        autoconf = 1,
        dad_transmits = 1,
        disable_ipv6 = 0,
        forwarding = 0,
        hop_limit = 64,
        keep_addr_on_down = 0,
        max_addresses = 16,
        ndisc_notify = 0,
        proxy_ndp = 0,
        router_solicitations = -1,
        use_tempaddr = 0,
    }
}

settings! {
    /// Settings of a namespace that the IP layer reads; all under `net.ipv4`.
    Conf {
        icmp_echo_ignore_all = 0,
        icmp_echo_ignore_broadcasts = 1,
        icmp_errors_use_inbound_ifaddr = 0,
        icmp_ratelimit = 1000,
        ip_default_ttl = 64,
        ip_nonlocal_bind = 0,
        ip_unprivileged_port_start = 1024,
    }
}

/// Everything else under `net` that a namespace has, by whole path, with the defaults of Linux 6.12. The parts of the
/// kernel that use one read it with [`Kernel::sysctl_get`].
const TEXTS: &[(&str, &str)] = &[
    ("net/bridge/bridge-nf-call-arptables", "1"),
    ("net/bridge/bridge-nf-call-ip6tables", "0"),
    ("net/bridge/bridge-nf-call-iptables", "0"),
    ("net/bridge/bridge-nf-filter-pppoe-tagged", "0"),
    ("net/bridge/bridge-nf-filter-vlan-tagged", "0"),
    ("net/bridge/bridge-nf-pass-vlan-input-dev", "0"),
    ("net/core/optmem_max", "131072"),
    ("net/core/rmem_default", "212992"),
    ("net/core/rmem_max", "4194304"),
    ("net/core/somaxconn", "4096"),
    ("net/core/wmem_default", "212992"),
    ("net/core/wmem_max", "4194304"),
    ("net/ipv4/fib_multipath_hash_policy", "0"),
    ("net/ipv4/icmp_ignore_bogus_error_responses", "1"),
    ("net/ipv4/icmp_msgs_burst", "50"),
    ("net/ipv4/icmp_msgs_per_sec", "1000"),
    ("net/ipv4/igmp_max_memberships", "20"),
    ("net/ipv4/ip_dynaddr", "0"),
    ("net/ipv4/ip_early_demux", "1"),
    ("net/ipv4/ip_forward_update_priority", "1"),
    ("net/ipv4/ip_forward_use_pmtu", "0"),
    ("net/ipv4/ip_local_port_range", "32768\t60999"),
    ("net/ipv4/ip_local_reserved_ports", ""),
    ("net/ipv4/ip_no_pmtu_disc", "0"),
    ("net/ipv4/ipfrag_time", "30"),
    // Everybody may ping, as systemd has it on a machine and container engines have it in a container.
    ("net/ipv4/ping_group_range", "0\t2147483647"),
    ("net/ipv4/tcp_abort_on_overflow", "0"),
    ("net/ipv4/tcp_allowed_congestion_control", "reno cubic"),
    ("net/ipv4/tcp_available_congestion_control", "reno cubic"),
    ("net/ipv4/tcp_base_mss", "1024"),
    ("net/ipv4/tcp_congestion_control", "cubic"),
    ("net/ipv4/tcp_dsack", "1"),
    ("net/ipv4/tcp_early_retrans", "3"),
    ("net/ipv4/tcp_ecn", "2"),
    ("net/ipv4/tcp_fastopen", "1"),
    ("net/ipv4/tcp_fin_timeout", "60"),
    ("net/ipv4/tcp_frto", "2"),
    ("net/ipv4/tcp_keepalive_intvl", "75"),
    ("net/ipv4/tcp_keepalive_probes", "9"),
    ("net/ipv4/tcp_keepalive_time", "7200"),
    ("net/ipv4/tcp_max_syn_backlog", "1024"),
    ("net/ipv4/tcp_max_tw_buckets", "8192"),
    ("net/ipv4/tcp_moderate_rcvbuf", "1"),
    ("net/ipv4/tcp_mtu_probing", "0"),
    ("net/ipv4/tcp_no_metrics_save", "0"),
    ("net/ipv4/tcp_notsent_lowat", "4294967295"),
    ("net/ipv4/tcp_orphan_retries", "0"),
    ("net/ipv4/tcp_reordering", "3"),
    ("net/ipv4/tcp_retries1", "3"),
    ("net/ipv4/tcp_retries2", "15"),
    ("net/ipv4/tcp_rfc1337", "0"),
    ("net/ipv4/tcp_rmem", "4096\t131072\t6291456"),
    ("net/ipv4/tcp_sack", "1"),
    ("net/ipv4/tcp_slow_start_after_idle", "1"),
    ("net/ipv4/tcp_syn_linear_timeouts", "4"),
    ("net/ipv4/tcp_syn_retries", "6"),
    ("net/ipv4/tcp_synack_retries", "5"),
    ("net/ipv4/tcp_syncookies", "1"),
    ("net/ipv4/tcp_timestamps", "1"),
    ("net/ipv4/tcp_tw_reuse", "2"),
    ("net/ipv4/tcp_window_scaling", "1"),
    ("net/ipv4/tcp_wmem", "4096\t16384\t4194304"),
    ("net/ipv4/vs/conn_reuse_mode", "1"),
    ("net/ipv4/vs/conntrack", "0"),
    ("net/ipv4/vs/expire_nodest_conn", "0"),
    ("net/ipv4/vs/expire_quiescent_template", "0"),
    ("net/ipv6/auto_flowlabels", "1"),
    ("net/ipv6/bindv6only", "0"),
    ("net/ipv6/ip_nonlocal_bind", "0"),
    ("net/ipv6/route/max_size", "2147483647"),
    ("net/netfilter/nf_conntrack_acct", "0"),
    ("net/netfilter/nf_conntrack_buckets", "65536"),
    ("net/netfilter/nf_conntrack_checksum", "1"),
    ("net/netfilter/nf_conntrack_count", "0"),
    ("net/netfilter/nf_conntrack_events", "2"),
    ("net/netfilter/nf_conntrack_expect_max", "4096"),
    ("net/netfilter/nf_conntrack_generic_timeout", "600"),
    ("net/netfilter/nf_conntrack_icmp_timeout", "30"),
    ("net/netfilter/nf_conntrack_icmpv6_timeout", "30"),
    ("net/netfilter/nf_conntrack_log_invalid", "0"),
    ("net/netfilter/nf_conntrack_max", "262144"),
    ("net/netfilter/nf_conntrack_tcp_be_liberal", "0"),
    ("net/netfilter/nf_conntrack_tcp_loose", "1"),
    ("net/netfilter/nf_conntrack_tcp_timeout_close", "10"),
    ("net/netfilter/nf_conntrack_tcp_timeout_close_wait", "60"),
    (
        "net/netfilter/nf_conntrack_tcp_timeout_established",
        "432000",
    ),
    ("net/netfilter/nf_conntrack_tcp_timeout_fin_wait", "120"),
    ("net/netfilter/nf_conntrack_tcp_timeout_last_ack", "30"),
    ("net/netfilter/nf_conntrack_tcp_timeout_max_retrans", "300"),
    ("net/netfilter/nf_conntrack_tcp_timeout_syn_recv", "60"),
    ("net/netfilter/nf_conntrack_tcp_timeout_syn_sent", "120"),
    ("net/netfilter/nf_conntrack_tcp_timeout_time_wait", "120"),
    (
        "net/netfilter/nf_conntrack_tcp_timeout_unacknowledged",
        "300",
    ),
    ("net/netfilter/nf_conntrack_timestamp", "0"),
    ("net/netfilter/nf_conntrack_udp_timeout", "30"),
    ("net/netfilter/nf_conntrack_udp_timeout_stream", "120"),
    ("net/unix/max_dgram_qlen", "512"),
];

impl Conf4 {
    /// What `net.ipv4.conf.all` begins with.
    pub(super) fn for_all() -> Self {
        Self {
            accept_source_route: 0,
            ..Self::default()
        }
    }
}

impl Conf6 {
    /// What `net.ipv6.conf.all` begins with.
    pub(super) fn for_all() -> Self {
        Self {
            accept_dad: 0,
            ..Self::default()
        }
    }

    /// What a loopback device begins with: no temporary addresses, no duplicates to look for.
    pub(super) fn for_loopback(default: &Self) -> Self {
        Self {
            accept_dad: -1,
            use_tempaddr: -1,
            ..default.clone()
        }
    }
}

/// Settings of a namespace as a whole.
#[derive(Clone, Default, Debug)]
pub struct NsConf {
    /// Those that the IP layer reads.
    pub ip: Conf,
    /// Whether bridged IPv4 packets meet iptables (`bridge-nf-call-iptables`).
    pub bridge_nf_v4: bool,
    /// Whether bridged IPv6 packets meet ip6tables (`bridge-nf-call-ip6tables`).
    pub bridge_nf_v6: bool,
    /// Values of [`TEXTS`] that differ from the default.
    texts: SortedMap<&'static str, String>,
}

/// How the value for all devices and a device's own combine. Source: Linux `inetdevice.h`, `IN_DEV_*`.
impl Net {
    fn both(&self, link: LinkId, read: impl Fn(&Conf4) -> i32) -> (i32, i32) {
        let Some(found) = self.link(link) else {
            return (0, 0);
        };
        (
            self.netns(found.ns).map_or(0, |ns| read(&ns.conf4_all)),
            read(&found.conf4),
        )
    }

    /// The larger of the two, for settings such as `rp_filter`, `arp_ignore`, `arp_announce`.
    pub(super) fn conf4_max(&self, link: LinkId, read: impl Fn(&Conf4) -> i32) -> i32 {
        let (all, own) = self.both(link, read);
        all.max(own)
    }

    /// Whether either is on, for settings such as `accept_local`, `route_localnet`, `log_martians`.
    pub(super) fn conf4_or(&self, link: LinkId, read: impl Fn(&Conf4) -> i32) -> bool {
        let (all, own) = self.both(link, read);
        all != 0 || own != 0
    }
}

/// A sysctl's path, taken apart.
enum Place<'a> {
    Conf4(&'a str, &'a str),
    Conf6(&'a str, &'a str),
    Ip(&'a str),
    Forward,
    Text(&'static str),
}

/// Turns `net.ipv4.conf.eth0/20.rp_filter` or `net/ipv4/conf/eth0.20/rp_filter` into the second form: the separator that
/// comes first is the separator, the other one is part of names. Source: sysctl(8).
fn path(name: &str) -> String {
    let name = name.trim_start_matches("/proc/sys/");
    match name.find(['.', '/']).and_then(|at| name.get(at..=at)) {
        Some(".") => name
            .chars()
            .map(|c| {
                if c == '.' {
                    '/'
                } else if c == '/' {
                    '.'
                } else {
                    c
                }
            })
            .collect(),
        _ => name.to_owned(),
    }
}

fn place(path: &str) -> Option<Place<'_>> {
    if path == "net/ipv4/ip_forward" {
        return Some(Place::Forward);
    }
    for (prefix, v6) in [("net/ipv4/conf/", false), ("net/ipv6/conf/", true)] {
        if let Some((device, key)) = path
            .strip_prefix(prefix)
            .and_then(|rest| rest.rsplit_once('/'))
        {
            return Some(if v6 {
                Place::Conf6(device, key)
            } else {
                Place::Conf4(device, key)
            });
        }
    }
    if let Some(key) = path
        .strip_prefix("net/ipv4/")
        .filter(|key| Conf::NAMES.contains(key))
    {
        return Some(Place::Ip(key));
    }
    TEXTS
        .binary_search_by_key(&path, |(name, _)| name)
        .ok()
        .and_then(|at| TEXTS.get(at))
        .map(|(name, _)| Place::Text(name))
}

impl Kernel {
    /// The value of a sysctl under `net`, named as `sysctl` or `/proc/sys` name it; `None` if there is no such one.
    #[must_use]
    pub fn sysctl_get(&self, ns: NetnsId, name: &str) -> Option<String> {
        let netns = self.net.netns(ns)?;
        match place(&path(name))? {
            Place::Forward => Some(netns.conf4_all.forwarding.to_string()),
            Place::Ip(key) => netns.conf.ip.get(key).map(|v| v.to_string()),
            Place::Conf4("all", key) => netns.conf4_all.get(key).map(|v| v.to_string()),
            Place::Conf4("default", key) => netns.conf4_default.get(key).map(|v| v.to_string()),
            Place::Conf4(device, key) => self
                .net
                .link(*netns.by_name.get(device)?)?
                .conf4
                .get(key)
                .map(|v| v.to_string()),
            Place::Conf6("all", key) => netns.conf6_all.get(key).map(|v| v.to_string()),
            Place::Conf6("default", key) => netns.conf6_default.get(key).map(|v| v.to_string()),
            Place::Conf6(device, key) => self
                .net
                .link(*netns.by_name.get(device)?)?
                .conf6
                .get(key)
                .map(|v| v.to_string()),
            Place::Text("net/netfilter/nf_conntrack_count") => {
                let count = netns.nf.conntrack().map_or(0, Conntrack::count);
                Some(count.to_string())
            }
            Place::Text(name) => {
                let default = || {
                    TEXTS
                        .iter()
                        .find(|(key, _)| *key == name)
                        .map(|(_, text)| (*text).to_owned())
                };
                netns.conf.texts.get(name).cloned().or_else(default)
            }
        }
    }

    /// The value of a numeric sysctl; `default` if there is none or it is not a number.
    #[must_use]
    pub fn sysctl_number(&self, ns: NetnsId, name: &str, default: i64) -> i64 {
        self.sysctl_get(ns, name)
            .and_then(|text| text.trim().parse().ok())
            .unwrap_or(default)
    }

    /// Sets a sysctl under `net`, with what follows from it: `ip_forward` and `all` reach every device where Linux lets
    /// them, `disable_ipv6` takes addresses away or brings them back.
    /// # Errors
    /// `ENOENT`: there is no such sysctl. `EINVAL`: the value does not fit.
    pub fn sysctl_set(&mut self, ns: NetnsId, name: &str, value: &str) -> Result<(), Errno> {
        let path = path(name);
        let value = value.trim();
        let number = || value.parse::<i32>().or(Err(Errno::EINVAL));
        match place(&path).ok_or(Errno::ENOENT)? {
            Place::Text("net/netfilter/nf_conntrack_count") => Err(Errno::EACCES),
            Place::Forward => self.set_conf4(ns, "all", "forwarding", number()?),
            Place::Conf4(device, key) => self.set_conf4(ns, device, key, number()?),
            Place::Conf6(device, key) => self.set_conf6(ns, device, key, number()?),
            Place::Ip(key) => {
                let netns = self.net.netns_mut(ns).ok_or(Errno::ENOENT)?;
                *netns.conf.ip.get_mut(key).ok_or(Errno::ENOENT)? = number()?;
                Ok(())
            }
            Place::Text(name) => {
                let netns = self.net.netns_mut(ns).ok_or(Errno::ENOENT)?;
                let default = TEXTS
                    .iter()
                    .find(|(key, _)| *key == name)
                    .map_or("", |(_, text)| text);
                let words: Vec<&str> = value.split_ascii_whitespace().collect();
                let numeric = |word: &str| word.parse::<i64>().is_ok();
                let shape: Vec<&str> = default.split_ascii_whitespace().collect();
                let numbers = !shape.is_empty() && shape.iter().all(|w| numeric(w));
                let fits = !words.is_empty()
                    && words.len() <= shape.len()
                    && words.iter().all(|w| numeric(w));
                if numbers && !fits {
                    return Err(Errno::EINVAL);
                }
                match name {
                    "net/bridge/bridge-nf-call-iptables" => netns.conf.bridge_nf_v4 = value != "0",
                    "net/bridge/bridge-nf-call-ip6tables" => netns.conf.bridge_nf_v6 = value != "0",
                    _ => {
                        let tracked = name.strip_prefix("net/netfilter/nf_conntrack_");
                        if let (Some(name), Ok(value)) = (tracked, value.parse()) {
                            netns.nf.conntrack_mut().set(name, value);
                        }
                    }
                }
                netns.conf.texts.insert(name, words.join("\t"));
                Ok(())
            }
        }
    }

    /// The paths of all sysctls under `net` in `ns`, in the form `net/ipv4/ip_forward`, sorted.
    #[must_use]
    pub fn sysctl_list(&self, ns: NetnsId) -> Vec<String> {
        let Some(netns) = self.net.netns(ns) else {
            return Vec::new();
        };
        let mut all: Vec<String> = TEXTS.iter().map(|(name, _)| (*name).to_owned()).collect();
        all.push("net/ipv4/ip_forward".into());
        all.extend(Conf::NAMES.iter().map(|key| format!("net/ipv4/{key}")));
        let devices = ["all", "default"]
            .into_iter()
            .chain(netns.by_name.keys().map(|name| &**name));
        for device in devices {
            all.extend(
                Conf4::NAMES
                    .iter()
                    .map(|key| format!("net/ipv4/conf/{device}/{key}")),
            );
            all.extend(
                Conf6::NAMES
                    .iter()
                    .map(|key| format!("net/ipv6/conf/{device}/{key}")),
            );
        }
        sorted::sort(&mut all);
        all
    }

    fn set_conf4(&mut self, ns: NetnsId, device: &str, key: &str, value: i32) -> Result<(), Errno> {
        let netns = self.net.netns_mut(ns).ok_or(Errno::ENOENT)?;
        match device {
            "all" => {
                *netns.conf4_all.get_mut(key).ok_or(Errno::ENOENT)? = value;
                // Source: Linux `inet_forward_change`: the default and every device follow.
                if key == "forwarding" {
                    netns.conf4_default.forwarding = value;
                    // A router does not let itself be redirected.
                    netns.conf4_all.accept_redirects = i32::from(value == 0);
                    for link in self.links(ns) {
                        if let Some(found) = self.net.link_mut(link) {
                            found.conf4.forwarding = value;
                        }
                    }
                }
            }
            "default" => *netns.conf4_default.get_mut(key).ok_or(Errno::ENOENT)? = value,
            device => {
                let link = *netns.by_name.get(device).ok_or(Errno::ENOENT)?;
                let found = self.net.link_mut(link).ok_or(Errno::ENOENT)?;
                *found.conf4.get_mut(key).ok_or(Errno::ENOENT)? = value;
            }
        }
        Ok(())
    }

    fn set_conf6(&mut self, ns: NetnsId, device: &str, key: &str, value: i32) -> Result<(), Errno> {
        let netns = self.net.netns_mut(ns).ok_or(Errno::ENOENT)?;
        match device {
            "all" => {
                *netns.conf6_all.get_mut(key).ok_or(Errno::ENOENT)? = value;
                // Source: Linux `addrconf_disable_ipv6`, `addrconf_fixup_forwarding`.
                if matches!(key, "forwarding" | "disable_ipv6") {
                    if let Some(default) = netns.conf6_default.get_mut(key) {
                        *default = value;
                    }
                    for link in self.links(ns) {
                        self.set_device_conf6(link, key, value)?;
                    }
                }
                Ok(())
            }
            "default" => {
                *netns.conf6_default.get_mut(key).ok_or(Errno::ENOENT)? = value;
                Ok(())
            }
            device => {
                let link = *netns.by_name.get(device).ok_or(Errno::ENOENT)?;
                self.set_device_conf6(link, key, value)
            }
        }
    }

    fn set_device_conf6(&mut self, link: LinkId, key: &str, value: i32) -> Result<(), Errno> {
        let found = self.net.link_mut(link).ok_or(Errno::ENOENT)?;
        let old = std::mem::replace(found.conf6.get_mut(key).ok_or(Errno::ENOENT)?, value);
        if key == "disable_ipv6" && (old != 0) != (value != 0) {
            self.addrs_on_ipv6_switched(link, value == 0);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_and_paths_take_both_separators() {
        assert!(TEXTS.is_sorted_by_key(|(name, _)| *name));
        assert_eq!(
            path("net.ipv4.conf.eth0/20.rp_filter"),
            "net/ipv4/conf/eth0.20/rp_filter"
        );
        assert_eq!(
            path("net/ipv4/conf/eth0.20/rp_filter"),
            "net/ipv4/conf/eth0.20/rp_filter"
        );
        assert_eq!(path("/proc/sys/net/ipv4/ip_forward"), "net/ipv4/ip_forward");
    }

    #[test]
    fn forwarding_reaches_every_device_and_namespaces_inherit_it() {
        let mut k = Kernel::new(1);
        let m = k.add_machine("a");
        let root = k.machine(m).unwrap().root_ns;
        assert_eq!(
            k.sysctl_get(root, "net.ipv4.ip_forward").as_deref(),
            Some("0")
        );
        k.sysctl_set(root, "net.ipv4.ip_forward", "1").unwrap();
        assert_eq!(
            k.sysctl_get(root, "net.ipv4.conf.lo.forwarding").as_deref(),
            Some("1")
        );
        let ns = k.netns_add(m);
        assert_eq!(
            k.sysctl_get(ns, "net.ipv4.ip_forward").as_deref(),
            Some("1")
        );
        assert_eq!(k.sysctl_set(ns, "net.ipv4.nosuch", "1"), Err(Errno::ENOENT));
        assert_eq!(
            k.sysctl_set(ns, "net.ipv4.ip_forward", "x"),
            Err(Errno::EINVAL)
        );
    }
}
