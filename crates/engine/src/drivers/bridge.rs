//! Bridge networks: a Linux bridge on the machine, a veth pair for each container.

use sorted::SortedMap;
use std::net::IpAddr;

use ipnet::IpNet;
use kernel::Errno;
use kernel::ids::{LinkId, NetnsId};
use kernel::net::link::MAX_NAME;
use kernel::net::{AddrSpec, LinkKind, LinkSpec, LinkSpecKind};

use super::{Claim, Driver, EndpointSpec, Host, NetworkSpec, Subnet, adding, os_error};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::firewall::bridge::{self as rules, GatewayMode, NetworkRules, PortRule, Settings};
use crate::firewall::rule::{Family, Placed};
use crate::ipam::{LINK_LOCAL, unfit_v6};
use crate::names::{hex, short_id};
use crate::ports::ContainerPort;

/// Prefix of the options that only this driver knows.
const OPTION: &str = "com.docker.network.bridge.";
const MTU: &str = "com.docker.network.driver.mtu";

/// The user's options, understood.
#[derive(Clone, Debug)]
struct Options {
    is_default: bool,
    /// Whether its bridge was named, or got a name of its own.
    named: bool,
    bridge: String,
    mtu: Option<u32>,
    icc: bool,
    masquerade: bool,
    inhibit_ipv4: bool,
    publish_on: Option<IpAddr>,
    mode_v4: GatewayMode,
    mode_v6: GatewayMode,
    snat_v4: Option<IpAddr>,
    snat_v6: Option<IpAddr>,
    interface_prefix: String,
    trusted: Vec<String>,
}

/// What joins one endpoint to the bridge.
struct Cable {
    /// The end that is the bridge's port.
    outer: LinkId,
    /// What the other end is called while it is not in the container.
    inner_name: String,
    /// What it was called there.
    name: String,
}

/// One bridge network.
pub(super) struct Bridge {
    id: String,
    internal: bool,
    options: Options,
    link: Option<LinkId>,
    /// Whether the device was there before the network, which then leaves it behind.
    taken_over: bool,
    families: Vec<NetworkRules>,
    ports: SortedMap<String, Cable>,
}

impl Bridge {
    /// Understands a network's options. Errors: `Invalid`, in the engine's words.
    pub(super) fn new(spec: NetworkSpec<'_>, _config: &Config) -> Result<Self> {
        if !spec.ipv4 && !spec.ipv6 {
            return Err(Error::invalid("IPv4 or IPv6 must be enabled"));
        }
        let options = Options::parse(spec)?;
        let modes = [options.mode_v4, options.mode_v6];
        if modes.contains(&GatewayMode::Isolated) && !spec.internal {
            return Err(Error::invalid(
                "gateway mode 'isolated' can only be used for an internal network",
            ));
        }
        if options.bridge.len() > MAX_NAME {
            return Err(Error::internal("numerical result out of range"));
        }
        Ok(Self {
            id: spec.id.to_owned(),
            internal: spec.internal,
            options,
            link: None,
            taken_over: false,
            families: Vec::new(),
            ports: SortedMap::new(),
        })
    }

    fn mode(&self, v6: bool) -> GatewayMode {
        if v6 {
            self.options.mode_v6
        } else {
            self.options.mode_v4
        }
    }

    fn family(&self, v6: bool) -> Option<&NetworkRules> {
        self.families
            .iter()
            .find(|f| f.subnet.addr().is_ipv6() == v6)
    }

    /// The Linux bridge, by its name: somebody may have taken the one that was made.
    fn device(&self, host: &Host<'_>) -> Option<LinkId> {
        host.kernel.link_by_name(host.ns, &self.options.bridge)
    }

    fn check_conflicts(&self, host: &Host<'_>, subnets: &[Subnet]) -> Result<()> {
        let conflict = |other: &Claim, why: &str| {
            Err(Error::forbidden(format!(
                "cannot create network {} ({}): conflicts with network {} ({}): {why}",
                self.id, self.options.bridge, other.id, other.bridge
            )))
        };
        for other in host.others.iter().filter(|other| other.id != self.id) {
            // Whose bridge is docker0 by default has none by name.
            if other.bridge == self.options.bridge && self.options.named {
                return conflict(other, "networks have same bridge name");
            }
            let overlap = |net: &IpNet| {
                other
                    .subnets
                    .iter()
                    .any(|o| o.contains(&net.network()) || net.contains(&o.network()))
            };
            match subnets.iter().find(|s| overlap(&s.net)) {
                Some(s) if s.net.addr().is_ipv4() => {
                    return conflict(other, "networks have overlapping IPv4");
                }
                Some(_) => return conflict(other, "networks have overlapping IPv6"),
                None => {}
            }
        }
        Ok(())
    }

    /// Makes the Linux bridge, or takes one over that exists under the name.
    fn make_bridge(&mut self, host: &mut Host<'_>) -> Result<LinkId> {
        let name = &self.options.bridge;
        let refused = |e: Errno| Error::internal(e.text().to_ascii_lowercase());
        if let Some(link) = host.kernel.link_by_name(host.ns, name) {
            let kind = host.kernel.link(link).map(|link| &link.kind);
            if !matches!(kind, Some(LinkKind::Bridge(_))) {
                return Err(Error::invalid(format!(
                    "existing interface {name} is not a bridge"
                )));
            }
            if let Some(mtu) = self.options.mtu {
                host.kernel.link_set_mtu(link, mtu).map_err(refused)?;
            }
            self.taken_over = !host.made_before(&self.id);
            return Ok(link);
        }
        if self.options.is_default && name != "docker0" {
            return Err(Error::invalid(format!(
                "bridge device with non default name {name} must be created manually"
            )));
        }
        let mac = host.kernel.random_mac();
        let mut spec = LinkSpec::new(name.clone(), LinkSpecKind::Bridge);
        spec.mac = Some(mac);
        spec.txqlen = Some(0);
        let link = host.kernel.link_add(host.ns, spec).map_err(refused)?;
        if let Some(mtu) = self.options.mtu {
            // Recorded: a device that takes no such MTU stays behind.
            host.kernel.link_set_mtu(link, mtu).map_err(refused)?;
        }
        Ok(link)
    }

    fn settings(config: &Config) -> Settings {
        Settings {
            userland_proxy: config.userland_proxy,
            allow_direct_routing: config.allow_direct_routing,
        }
    }
}

impl Driver for Bridge {
    fn name(&self) -> &'static str {
        "bridge"
    }

    /// None where nothing would ever lead to it. Source: moby `libnetwork/drivers/bridge/bridge_linux.go`, `GetSkipGwAlloc`.
    fn wants_gateway(&self, v6: bool) -> bool {
        let leads_nowhere = !v6 && self.options.inhibit_ipv4 && self.internal;
        self.mode(v6) != GatewayMode::Isolated && !leads_nowhere
    }

    fn publishes_ports(&self) -> bool {
        !self.internal
    }

    fn publish_address(&self) -> Option<IpAddr> {
        self.options.publish_on
    }

    fn is_routed(&self, v6: bool) -> bool {
        self.mode(v6) == GatewayMode::Routed
    }

    fn interface_prefix(&self) -> &str {
        &self.options.interface_prefix
    }

    fn claim(&self) -> Claim {
        Claim {
            id: self.id.clone(),
            bridge: self.options.bridge.clone(),
            made_device: !self.taken_over,
            subnets: self.families.iter().map(|f| f.subnet).collect(),
            ..Claim::default()
        }
    }

    fn create(&mut self, host: &mut Host<'_>, subnets: &[Subnet]) -> Result<()> {
        let sixes = subnets.iter().filter(|s| s.net.addr().is_ipv6()).count();
        if sixes > 1 || subnets.len() - sixes > 1 {
            return Err(Error::forbidden(
                "bridge driver doesn't support multiple subnets",
            ));
        }
        for subnet in subnets {
            let own = subnet.gateway.unwrap_or(subnet.net.addr());
            let net = IpNet::new(own, subnet.net.prefix_len()).unwrap_or(subnet.net);
            if let Some(why) = unfit_v6(&net) {
                return Err(Error::invalid(why));
            }
        }
        self.check_conflicts(host, subnets)?;
        let link = self.make_bridge(host)?;
        self.link = Some(link);
        self.families.clear();
        for subnet in subnets {
            let v6 = subnet.net.addr().is_ipv6();
            host.enable_forwarding(v6);
            let inhibited = !v6 && self.options.inhibit_ipv4;
            if let Some(gateway) = subnet.gateway.filter(|_| !inhibited) {
                let mut addr = AddrSpec::new(gateway, subnet.net.prefix_len()).with_broadcast();
                addr.flags.nodad = v6;
                host.forget_addresses(link, &addr);
                // The address is there already on a bridge that was taken over.
                let _ = host.kernel.addr_add(link, addr);
            }
            self.families.push(NetworkRules {
                bridge: self.options.bridge.clone(),
                subnet: subnet.net,
                mode: self.mode(v6),
                icc: self.options.icc,
                internal: self.internal,
                masquerade: self.options.masquerade,
                snat_to: if v6 {
                    self.options.snat_v6
                } else {
                    self.options.snat_v4
                },
                trusted: self.options.trusted.clone(),
            });
        }
        // Routers are not listened to. Source: moby `libnetwork/drivers/bridge/setup_device_linux.go`, `setupDefaultSysctl`.
        let name = format!("net.ipv6.conf.{}.accept_ra", self.options.bridge);
        let _ = host.kernel.sysctl_set(host.ns, &name, "0");
        if !host.config.userland_proxy {
            let name = format!("net.ipv4.conf.{}.route_localnet", self.options.bridge);
            let _ = host.kernel.sysctl_set(host.ns, &name, "1");
        }
        if !self.options.icc || !host.config.userland_proxy {
            let ipv6 = subnets.iter().any(|s| s.net.addr().is_ipv6()) && host.config.ip6tables;
            let names = [
                "net.bridge.bridge-nf-call-iptables",
                "net.bridge.bridge-nf-call-ip6tables",
            ];
            for name in names.into_iter().take(1 + usize::from(ipv6)) {
                let _ = host.kernel.sysctl_set(host.ns, name, "1");
            }
        }
        host.kernel
            .link_set_up(link)
            .map_err(|e| os_error("failed to set bridge up", e))?;
        let written = self
            .families
            .iter()
            .enumerate()
            .try_for_each(|(n, family)| {
                if host.config.userland_proxy {
                    let left = rules::hairpin(family);
                    host.firewall.remove(host.kernel, host.ns, &left);
                }
                let placed = rules::network(family, Self::settings(host.config));
                let added = host.firewall.add(host.kernel, host.ns, &placed);
                added.map_err(|error| (n, error))
            });
        written.map_err(|(done, error)| {
            self.families.truncate(done);
            self.delete(host);
            error
        })
    }

    fn withdraw(&self, host: &mut Host<'_>) {
        for family in &self.families {
            host.firewall.remove(
                host.kernel,
                host.ns,
                &rules::network(family, Self::settings(host.config)),
            );
        }
    }

    fn delete(&mut self, host: &mut Host<'_>) {
        self.withdraw(host);
        if let Some(link) = self.link.take()
            && (self.options.is_default && self.options.named || !self.taken_over)
        {
            let _ = host.kernel.link_del(link);
        }
    }

    fn create_endpoint(&mut self, host: &mut Host<'_>, endpoint: &mut EndpointSpec) -> Result<()> {
        if self.device(host).is_none() {
            let (port, bridge) = (veth_name(host), &self.options.bridge);
            return Err(Error::internal(format!(
                "adding interface {port} to bridge {bridge} failed: Device does not exist"
            )));
        }
        let mac = endpoint.mac.unwrap_or_else(|| host.kernel.random_mac());
        endpoint.mac = Some(mac);
        for addr in &endpoint.addrs {
            if let Some(family) = self.family(addr.addr().is_ipv6()) {
                let placed = rules::endpoint(family, addr.addr(), Self::settings(host.config));
                host.firewall.add(host.kernel, host.ns, &placed)?;
            }
        }
        Ok(())
    }

    fn leave(&mut self, host: &mut Host<'_>, endpoint: &EndpointSpec) {
        if let Some(cable) = self.ports.get(&endpoint.id) {
            give_back(host, cable);
        }
    }

    fn delete_endpoint(&mut self, host: &mut Host<'_>, endpoint: &EndpointSpec) {
        for addr in &endpoint.addrs {
            if let Some(family) = self.family(addr.addr().is_ipv6()) {
                let placed = rules::endpoint(family, addr.addr(), Self::settings(host.config));
                host.firewall.remove(host.kernel, host.ns, &placed);
            }
        }
        // Looked for by its name on the machine, so that an interface which could not be set up stays where it is: in the
        // container, until that ends. Source: moby `libnetwork/drivers/bridge/bridge_linux.go`, `DeleteEndpoint`.
        if let Some(cable) = self.ports.remove(&endpoint.id)
            && host
                .kernel
                .link_by_name(host.ns, &cable.inner_name)
                .is_some()
        {
            let _ = host.kernel.link_del(cable.outer);
        }
    }

    fn join(
        &mut self,
        host: &mut Host<'_>,
        endpoint: &EndpointSpec,
        sandbox: NetnsId,
        name: &str,
    ) -> Result<Option<LinkId>> {
        let (outer_name, inner_name) = (veth_name(host), veth_name(host));
        let before = adding(&inner_name);
        let fail = |e| os_error(&before, e);
        let kind = LinkSpecKind::Veth {
            peer_name: inner_name.clone(),
            peer_ns: if endpoint.moved { host.ns } else { sandbox },
            peer_mac: None,
        };
        let mut spec = LinkSpec::new(outer_name, kind);
        spec.txqlen = Some(0);
        let outer = host.kernel.link_add(host.ns, spec).map_err(fail)?;
        let cable = Cable {
            outer,
            inner_name: inner_name.clone(),
            name: name.to_owned(),
        };
        self.ports.insert(endpoint.id.clone(), cable);
        if endpoint.moved
            && let Some(inner) = host.kernel.link_by_name(host.ns, &inner_name)
        {
            host.kernel.link_set_netns(inner, sandbox).map_err(fail)?;
        }
        let inner = host
            .kernel
            .link_by_name(sandbox, &inner_name)
            .ok_or_else(|| fail(Errno::ENODEV))?;
        let _ = host.kernel.link_set_txqlen(inner, 0);
        if let Some(mtu) = self.options.mtu {
            host.kernel.link_set_mtu(outer, mtu).map_err(fail)?;
            host.kernel.link_set_mtu(inner, mtu).map_err(fail)?;
        }
        let bridge = self.device(host);
        host.kernel.link_set_master(outer, bridge).map_err(fail)?;
        if !host.config.userland_proxy {
            host.kernel
                .bridge_port_set(outer, |port| port.hairpin = true)
                .map_err(fail)?;
        }
        host.kernel.link_set_up(outer).map_err(fail)?;
        host.kernel.link_set_name(inner, name).map_err(|e| {
            let why = format!("error renaming interface \"{inner_name}\" to \"{name}\"");
            // The kernel's attribute for a name has no room for a longer one.
            let e = if name.len() > MAX_NAME {
                Errno::ERANGE
            } else {
                e
            };
            os_error(&why, e).within(&before)
        })?;
        if let Some(mac) = endpoint.mac {
            host.kernel.link_set_mac(inner, mac).map_err(|e| {
                let why = format!("error setting interface \"{inner_name}\" MAC to \"{mac}\"");
                os_error(&why, e).within(&before)
            })?;
        }
        Ok(Some(inner))
    }

    fn source_name(&self, endpoint: &EndpointSpec) -> String {
        let cable = self.ports.get(&endpoint.id);
        cable.map_or_else(String::new, |cable| cable.inner_name.clone())
    }

    fn port_rules(&self, port: &PortRule, config: &Config) -> Vec<Placed> {
        let family = self.family(port.container.is_ipv6());
        family
            .map(|f| rules::port(f, port, Self::settings(config)))
            .unwrap_or_default()
    }

    fn link_rules(&self, parent: IpAddr, child: IpAddr, port: ContainerPort) -> Vec<Placed> {
        // Where containers may talk to each other anyway, a link opens nothing.
        if self.options.icc {
            return Vec::new();
        }
        rules::link(&self.options.bridge, child, parent, port.port, port.proto)
    }
}

fn veth_name(host: &mut Host<'_>) -> String {
    format!("veth{}", hex(&mut host.kernel.rng, 7))
}

/// Takes the container's end of a cable back into the machine's namespace before it is deleted, where it gets a number of its
/// own: that is why numbers skip one on a real machine. One that somebody has renamed is not found, and stays.
/// Source: moby `libnetwork/osl`, `RemoveInterface`.
fn give_back(host: &mut Host<'_>, cable: &Cable) {
    let inner = match host.kernel.link(cable.outer).map(|link| &link.kind) {
        Some(LinkKind::Veth(cable)) => cable.peer,
        _ => return,
    };
    if host
        .kernel
        .link(inner)
        .is_none_or(|found| *found.name != *cable.name)
    {
        return;
    }
    let _ = host.kernel.link_set_down(inner);
    let _ = host.kernel.link_set_name(inner, &cable.inner_name);
    let _ = host.kernel.link_set_netns(inner, host.ns);
}

impl Options {
    fn parse(spec: NetworkSpec<'_>) -> Result<Self> {
        let get = |name: &str| {
            spec.options
                .get(&format!("{OPTION}{name}"))
                .map(String::as_str)
        };
        let flag = |name: &str, default: bool| {
            match get(name) {
            None => Ok(default),
            Some(text) => go_bool(text).ok_or_else(|| {
                Error::invalid(format!(
                    "failed to parse {OPTION}{name} value: {text} (strconv.ParseBool: parsing \"{text}\": invalid syntax)"
                ))
            }),
        }
        };
        let mode = |family: &str| match get(&format!("gateway_mode_{family}")) {
            None | Some("nat") => Ok(GatewayMode::Nat),
            Some("nat-unprotected") => Ok(GatewayMode::NatUnprotected),
            Some("routed") => Ok(GatewayMode::Routed),
            Some("isolated") => Ok(GatewayMode::Isolated),
            Some(text) => Err(Error::invalid(format!(
                "failed to parse {OPTION}gateway_mode_{family} value: {text} (unknown gateway mode {text})"
            ))),
        };
        let address = |option: &str| match spec.options.get(option) {
            None => Ok(None),
            Some(text) => text.parse::<IpAddr>().map(Some).map_err(|_bad| {
                Error::invalid(format!("failed to parse {option} value: {text} (nil ip)"))
            }),
        };
        let mtu = match spec.options.get(MTU) {
            None => None,
            Some(text) => match text.parse::<i64>() {
                Ok(0) => None,
                Ok(n) if n > 0 => u32::try_from(n).ok(),
                Ok(n) => return Err(Error::invalid(format!("invalid MTU number: {n}"))),
                Err(_) => {
                    return Err(Error::invalid(format!(
                        "failed to parse {MTU} value: {text} (strconv.Atoi: parsing \"{text}\": invalid syntax)"
                    )));
                }
            },
        };
        let named = get("name").filter(|name| !name.is_empty());
        let prefix = spec
            .options
            .get("com.docker.network.container_iface_prefix")
            .filter(|p| !p.is_empty());
        let trusted = get("trusted_host_interfaces").unwrap_or_default();
        let is_default = flag("default_bridge", false)?;
        // A network of one's own that says so takes docker0 away from the default one. Recording 2011.
        let unnamed = || match is_default {
            true => "docker0".to_owned(),
            false => format!("br-{}", short_id(spec.id)),
        };
        Ok(Self {
            is_default,
            named: named.is_some() || !is_default,
            bridge: named.map_or_else(unnamed, str::to_owned),
            mtu,
            icc: flag("enable_icc", true)?,
            masquerade: flag("enable_ip_masquerade", true)?,
            inhibit_ipv4: flag("inhibit_ipv4", false)?,
            publish_on: address(&format!("{OPTION}host_binding_ipv4"))?,
            mode_v4: mode("ipv4")?,
            mode_v6: mode("ipv6")?,
            snat_v4: address("com.docker.network.host_ipv4")?,
            snat_v6: address("com.docker.network.host_ipv6")?,
            interface_prefix: prefix.cloned().unwrap_or_else(|| "eth".to_owned()),
            trusted: trusted
                .split(':')
                .filter(|t| !t.is_empty())
                .map(str::to_owned)
                .collect(),
        })
    }
}

impl Host<'_> {
    /// Takes away the addresses that a bridge which is there already has in place of the one that it is to have: of IPv4 one, that
    /// of the same subnet or else the first, of IPv6 all but link-local ones. Source: moby `libnetwork/drivers/bridge`,
    /// `setup_ipv4_linux.go`, `programIPv6Addresses`.
    fn forget_addresses(&mut self, link: LinkId, wanted: &AddrSpec) {
        let v6 = wanted.addr.is_ipv6();
        let present = self.kernel.addrs(link);
        let others = || {
            let family = present.iter().filter(move |a| a.addr.is_ipv6() == v6);
            family.filter(|a| !IpNet::V6(LINK_LOCAL).contains(&a.addr))
        };
        let near = others().find(|a| a.subnet().is_some_and(|net| net.contains(&wanted.addr)));
        let gone: Vec<&AddrSpec> = match v6 {
            true => others().collect(),
            false => near.or(others().next()).into_iter().collect(),
        };
        for old in gone {
            if (old.addr, old.prefix) != (wanted.addr, wanted.prefix) {
                let _ = self.kernel.addr_del(link, old.addr, old.prefix);
            }
        }
    }

    /// Turns a family's forwarding on where it is off, which is seen to at the start and with every network that is made; nobody else's
    /// packets are then to be forwarded. Source: moby `libnetwork/drivers/bridge/setup_ip_forwarding.go`.
    pub(crate) fn enable_forwarding(&mut self, v6: bool) {
        let (family, names): (_, &[&str]) = if v6 {
            let names = &[
                "net.ipv6.conf.default.forwarding",
                "net.ipv6.conf.all.forwarding",
            ];
            (Family::V6, names)
        } else {
            (Family::V4, &["net.ipv4.ip_forward"])
        };
        let off = |name: &&str| self.kernel.sysctl_number(self.ns, name, 0) == 0;
        if !self.config.ip_forward || !names.last().is_some_and(off) {
            return;
        }
        for name in names {
            let _ = self.kernel.sysctl_set(self.ns, name, "1");
        }
        if !self.config.ip_forward_no_drop {
            self.firewall.drop_forwarded(self.kernel, self.ns, family);
        }
    }
}

/// Reads a boolean as Go does.
pub(crate) fn go_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}
