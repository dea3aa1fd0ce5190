//! Overlay networks: on each machine a namespace with a bridge for the containers there, and a VXLAN device on it that leads to
//! those on other machines.
//!
//! Who is behind which machine the control plane says ([`Driver::add_peer`]): the device then answers ARP in their names.
//! Source: moby `libnetwork/drivers/overlay`.

use sorted::SortedMap;
use std::net::IpAddr;

use ipnet::IpNet;
use kernel::Errno;
use kernel::fs::Node;
use kernel::ids::{LinkId, NetnsId};
use kernel::net::dev::vxlan::OVERHEAD;
use kernel::net::{AddrSpec, LinkSpec, LinkSpecKind, NeighState, VxlanSpec};
use wire::MacAddr;

use super::{Driver, EndpointSpec, Host, NetworkSpec, Peer, Subnet, adding, os_error};
use crate::daemon::NETNS_DIR;
use crate::endpoints::free_name;
use crate::error::{Error, Result};
use crate::names::hex;

/// The option that names the network identifiers, one for each subnet.
pub(crate) const VNIS: &str = "com.docker.network.driver.overlay.vxlanid_list";
const MTU: &str = "com.docker.network.driver.mtu";
/// The option of a network whose datagrams are encrypted, which here only takes its room.
const ENCRYPTED: &str = "encrypted";
/// By how much encryption makes packets larger. Source: moby `drivers/overlay/encryption.go`, `pktExpansion`.
const EXPANSION: u32 = 26;
const DEFAULT_MTU: u32 = 1500;

/// One overlay network, as this machine has it.
pub(super) struct Overlay {
    id: String,
    vnis: Vec<u32>,
    mtu: u32,
    encrypted: bool,
    vtep: Option<IpAddr>,
    /// The namespace with the bridges, and its file.
    home: Option<(NetnsId, String)>,
    parts: Vec<Part>,
    ports: SortedMap<String, (LinkId, String)>,
}

/// What stands for one subnet.
struct Part {
    net: IpNet,
    bridge: LinkId,
    vxlan: LinkId,
}

impl Overlay {
    /// Understands a network's options. Errors: in the engine's words.
    pub(super) fn new(spec: NetworkSpec<'_>) -> Result<Self> {
        let list = spec.options.get(VNIS).map_or("", String::as_str);
        let vnis = list.split(',').filter(|text| !text.is_empty());
        let vnis = vnis.map(|text| {
            text.parse().map_err(|_bad| {
                Error::internal(format!("invalid vxlan id value \"{text}\" passed"))
            })
        });
        let mtu = match spec.options.get(MTU) {
            None => 0,
            Some(text) => text.parse().map_err(|_bad| {
                Error::internal(format!("failed to parse {text}: {text} is not a valid MTU"))
            })?,
        };
        Ok(Self {
            id: spec.id.to_owned(),
            vnis: vnis.collect::<Result<_>>()?,
            mtu,
            encrypted: spec.options.contains_key(ENCRYPTED),
            vtep: spec.vtep,
            home: None,
            parts: Vec::new(),
            ports: SortedMap::new(),
        })
    }

    /// The MTU within: what is left of the one given, or of an Ethernet's. Source: moby `ov_network.go`, `maxMTU`.
    fn inner_mtu(&self) -> u32 {
        let outer = if self.mtu == 0 { DEFAULT_MTU } else { self.mtu };
        let inner = outer.saturating_sub(OVERHEAD);
        match self.encrypted {
            true => inner.saturating_sub(EXPANSION) / 4 * 4,
            false => inner,
        }
    }

    fn part_of(&self, addr: IpAddr) -> Option<&Part> {
        self.parts.iter().find(|part| part.net.contains(&addr))
    }

    /// Makes the bridge and the tunnel of one subnet.
    fn build(&self, host: &mut Host<'_>, home: NetnsId, subnet: &Subnet, vni: u32) -> Result<Part> {
        let fail = |e| os_error("subnet sandbox join failed", e);
        let kernel = &mut *host.kernel;
        let mut spec = LinkSpec::new(free_name(kernel, home, "br"), LinkSpecKind::Bridge);
        spec.txqlen = Some(0);
        let bridge = kernel.link_add(home, spec).map_err(fail)?;
        if let Some(gateway) = subnet.gateway {
            let addr = AddrSpec::new(gateway, subnet.net.prefix_len()).with_broadcast();
            kernel.addr_add(bridge, addr).map_err(fail)?;
        }
        kernel.link_set_up(bridge).map_err(fail)?;
        let tunnel = VxlanSpec {
            proxy: true,
            l2miss: true,
            l3miss: true,
            ..VxlanSpec::new(vni)
        };
        let name = format!("vx-{vni:06x}-{}", self.id.get(..5).unwrap_or_default());
        let mut spec = LinkSpec::new(name, LinkSpecKind::Vxlan(tunnel));
        (spec.mtu, spec.txqlen) = (Some(self.inner_mtu()), Some(0));
        // Its datagrams go on travelling where it is made.
        let vxlan = kernel.link_add(host.ns, spec).map_err(fail)?;
        let part = Part {
            net: subnet.net,
            bridge,
            vxlan,
        };
        into_home(kernel, home, bridge, vxlan, "vxlan").map_err(fail)?;
        Ok(part)
    }

    /// Does something with a peer's hardware address on the tunnel that leads to it.
    fn with_tunnel(
        &self,
        host: &mut Host<'_>,
        peer: &Peer,
        act: impl FnOnce(&mut kernel::Kernel, NetnsId, LinkId) -> std::result::Result<(), Errno>,
    ) {
        // What this machine has itself is on the bridge.
        if self.vtep == Some(peer.vtep) {
            return;
        }
        if let (Some((home, _)), Some(part)) = (&self.home, self.part_of(peer.ip.addr())) {
            let _ = act(host.kernel, *home, part.vxlan);
        }
    }
}

impl Driver for Overlay {
    fn name(&self) -> &'static str {
        "overlay"
    }

    fn create(&mut self, host: &mut Host<'_>, subnets: &[Subnet]) -> Result<()> {
        let Some(machine) = host.kernel.netns(host.ns).map(|ns| ns.machine) else {
            return Ok(());
        };
        let home = host.kernel.netns_add(machine);
        let key = format!("{NETNS_DIR}/1-{}", self.id.get(..10).unwrap_or(&self.id));
        put_netns(host, &key, home);
        self.home = Some((home, key));
        // As a starting point no interface has IPv6. Source: moby `libnetwork/osl/namespace_linux.go`, `NewSandbox`.
        let _ = host
            .kernel
            .sysctl_set(home, "net.ipv6.conf.default.disable_ipv6", "1");
        if let Some(lo) = host.kernel.link_by_name(home, "lo") {
            let _ = host.kernel.link_set_up(lo);
        }
        for (subnet, vni) in subnets.iter().zip(self.vnis.clone()) {
            match self.build(host, home, subnet, vni) {
                Ok(part) => self.parts.push(part),
                Err(error) => {
                    self.delete(host);
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    fn delete(&mut self, host: &mut Host<'_>) {
        self.parts.clear();
        if let Some((home, key)) = self.home.take() {
            host.kernel.netns_del(home);
            remove_netns(host, &key);
        }
    }

    fn tunnels(&self) -> Vec<(NetnsId, LinkId, LinkId)> {
        let home = self.home.as_ref().map(|(ns, _)| *ns);
        let parts = self.parts.iter();
        let each = parts.filter_map(|part| Some((home?, part.bridge, part.vxlan)));
        each.collect()
    }

    fn add_peer(&mut self, host: &mut Host<'_>, peer: &Peer) {
        let (ip, mac, vtep) = (peer.ip.addr(), peer.mac, peer.vtep);
        self.with_tunnel(host, peer, |kernel, home, vxlan| {
            kernel.neigh_add(home, vxlan, ip, mac, NeighState::Permanent)?;
            kernel.vxlan_add(vxlan, mac, vtep, true)
        });
    }

    fn remove_peer(&mut self, host: &mut Host<'_>, peer: &Peer) {
        let (ip, mac, vtep) = (peer.ip.addr(), peer.mac, peer.vtep);
        self.with_tunnel(host, peer, |kernel, home, vxlan| {
            kernel.vxlan_del(vxlan, mac, Some(vtep))?;
            kernel.neigh_del(home, vxlan, ip)
        });
        // What the bridge has learnt goes, too. Source: moby `libnetwork/osl/neigh_linux.go`, `DeleteNeighbor`.
        if let Some(part) = self.part_of(ip).filter(|_| self.vtep != Some(vtep)) {
            let _ = host.kernel.fdb_del(part.bridge, mac);
        }
    }

    fn create_endpoint(&mut self, _host: &mut Host<'_>, endpoint: &mut EndpointSpec) -> Result<()> {
        let v4 = endpoint.addrs.iter().find_map(|net| match net.addr() {
            IpAddr::V4(ip) => Some(ip.octets()),
            IpAddr::V6(_) => None,
        });
        let Some([a, b, c, d]) = v4 else {
            return Err(Error::internal(
                "create endpoint was not passed interface IP address",
            ));
        };
        endpoint.mac = endpoint.mac.or(Some(MacAddr([0x02, 0x42, a, b, c, d])));
        Ok(())
    }

    fn delete_endpoint(&mut self, host: &mut Host<'_>, endpoint: &EndpointSpec) {
        if let Some((outer, _)) = self.ports.remove(&endpoint.id) {
            // Gone already if the container's namespace went first.
            let _ = host.kernel.link_del(outer);
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
        let addr = endpoint.addrs.first().map(IpNet::addr);
        let bridge = addr.and_then(|addr| Some(self.part_of(addr)?.bridge));
        let home = self.home.as_ref().map(|(home, _)| *home);
        let (Some(home), Some(bridge)) = (home, bridge) else {
            return Err(Error::internal("could not find subnet for endpoint"));
        };
        // Both ends are made on the machine and go where they belong from there.
        let kind = LinkSpecKind::Veth {
            peer_name: inner_name.clone(),
            peer_ns: host.ns,
            peer_mac: None,
        };
        let mut spec = LinkSpec::new(outer_name, kind);
        (spec.txqlen, spec.mtu) = (Some(0), Some(self.inner_mtu()));
        let kernel = &mut *host.kernel;
        let outer = kernel.link_add(host.ns, spec).map_err(fail)?;
        self.ports
            .insert(endpoint.id.clone(), (outer, inner_name.clone()));
        into_home(kernel, home, bridge, outer, "veth").map_err(fail)?;
        let inner = kernel.link_by_name(host.ns, &inner_name);
        let inner = inner.ok_or_else(|| fail(Errno::ENODEV))?;
        kernel.link_set_netns(inner, sandbox).map_err(fail)?;
        kernel.link_set_name(inner, name).map_err(fail)?;
        if let Some(mac) = endpoint.mac {
            kernel.link_set_mac(inner, mac).map_err(fail)?;
        }
        Ok(Some(inner))
    }

    fn source_name(&self, endpoint: &EndpointSpec) -> String {
        let port = self.ports.get(&endpoint.id);
        port.map_or_else(String::new, |(_, inner)| inner.clone())
    }
}

/// Moves a device into the network's namespace, onto the bridge of its subnet, and sets it up there.
fn into_home(
    kernel: &mut kernel::Kernel,
    home: NetnsId,
    bridge: LinkId,
    link: LinkId,
    prefix: &str,
) -> std::result::Result<(), Errno> {
    kernel.link_set_netns(link, home)?;
    let name = free_name(kernel, home, prefix);
    kernel.link_set_name(link, &name)?;
    kernel.link_set_master(link, Some(bridge))?;
    kernel.link_set_up(link)
}

fn veth_name(host: &mut Host<'_>) -> String {
    format!("veth{}", hex(&mut host.kernel.rng, 7))
}

/// Puts a file for a namespace where the engine keeps them.
pub(crate) fn put_netns(host: &mut Host<'_>, key: &str, netns: NetnsId) {
    let now = host.kernel.now;
    if let Some((tree, path)) = host.tree(key) {
        tree.put(&path, Node::Netns(netns), 0o444, now);
    }
}

/// Removes such a file.
pub(crate) fn remove_netns(host: &mut Host<'_>, key: &str) {
    if let Some((tree, path)) = host.tree(key) {
        let _ = tree.remove(&path);
    }
}
