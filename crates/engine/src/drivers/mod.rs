//! Network drivers: how a network and its endpoints come to be in the kernel.
//!
//! One trait, one file each. A driver value is one network; it holds what the driver knows of it.
//! [`open`] is the registry: a new driver is added there and touches no other.

mod bare;
pub(crate) mod bridge;
mod ipvlan;
mod macvlan;
pub(crate) mod overlay;
mod parent;

use sorted::SortedMap;
use std::net::IpAddr;

use ipnet::IpNet;
use kernel::Kernel;
use kernel::ids::{LinkId, NetnsId};
use wire::MacAddr;

use self::bare::Bare;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::firewall::Firewall;
use crate::firewall::bridge::PortRule;
use crate::firewall::rule::Placed;
use crate::ports::ContainerPort;

/// What a driver gets to know about the network it is to make.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NetworkSpec<'a> {
    /// The network's id.
    pub(crate) id: &'a str,
    /// The user's options.
    pub(crate) options: &'a SortedMap<String, String>,
    /// True if nothing leaves or enters.
    pub(crate) internal: bool,
    /// Whether it has IPv4.
    pub(crate) ipv4: bool,
    /// Whether it has IPv6.
    pub(crate) ipv6: bool,
    /// The address by which other machines of a swarm reach this one's tunnels.
    pub(crate) vtep: Option<IpAddr>,
}

/// An endpoint of a network that spans machines.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Peer {
    /// Its address, with the prefix of its subnet.
    pub(crate) ip: IpNet,
    /// Its hardware address.
    pub(crate) mac: MacAddr,
    /// The machine that it is on, as that machine advertises itself.
    pub(crate) vtep: IpAddr,
}

/// What a network holds, so that a new one does not take it too.
#[derive(Clone, Debug, Default)]
pub(crate) struct Claim {
    /// Id of the network.
    pub(crate) id: String,
    /// The Linux bridge.
    pub(crate) bridge: String,
    /// The device of the machine that it stands on.
    pub(crate) parent: String,
    /// How its interfaces stand on that device.
    pub(crate) mode: &'static str,
    /// Whether it lets no other network onto that device.
    pub(crate) alone: bool,
    /// Whether the engine made that device.
    pub(crate) made_device: bool,
    /// Its subnets.
    pub(crate) subnets: Vec<IpNet>,
}

/// The machine as drivers see it.
pub(crate) struct Host<'a> {
    /// The kernel's calls.
    pub(crate) kernel: &'a mut Kernel,
    /// The machine's own namespace.
    pub(crate) ns: NetnsId,
    /// The packet filter.
    pub(crate) firewall: &'a mut Firewall,
    /// The engine's settings.
    pub(crate) config: &'a Config,
    /// What networks of the same driver hold; where one is made again after a restart, what it held itself before.
    pub(crate) others: &'a [Claim],
}

impl Host<'_> {
    /// The machine's file tree, and where in it `path` leads.
    fn tree(&mut self, path: &str) -> Option<(&mut kernel::fs::Tree, String)> {
        let machine = self.kernel.netns(self.ns)?.machine;
        let root = self.kernel.machine(machine)?.root;
        let path = self.kernel.destination(root, path);
        Some((self.kernel.tree_mut(root)?, path))
    }

    /// Whether the engine had made the device of a network before it restarted.
    fn made_before(&self, network: &str) -> bool {
        self.others
            .iter()
            .any(|claim| claim.id == network && claim.made_device)
    }
}

/// One family of a network: its subnet, and the gateway's address in it if it has one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subnet {
    /// The subnet.
    pub(crate) net: IpNet,
    /// The gateway.
    pub(crate) gateway: Option<IpAddr>,
}

/// What a driver gets to know about an endpoint.
#[derive(Clone, Debug, Default)]
pub(crate) struct EndpointSpec {
    /// The endpoint's id.
    pub(crate) id: String,
    /// The endpoint's addresses.
    pub(crate) addrs: Vec<IpNet>,
    /// Link-local addresses that the user gave beside them.
    pub(crate) link_local: Vec<IpNet>,
    /// Hardware address; filled in by the driver if the user gave none.
    pub(crate) mac: Option<MacAddr>,
    /// Whether its interface is made on the machine and then moved, rather than made in the sandbox: the number that it gets
    /// shows it.
    pub(crate) moved: bool,
}

/// One network of some kind. Methods that a kind has no use for do nothing.
pub(crate) trait Driver {
    /// Returns the driver's name.
    fn name(&self) -> &'static str;

    /// Returns whether a network of this kind needs a gateway address of a family.
    fn wants_gateway(&self, _v6: bool) -> bool {
        false
    }

    /// Returns whether the default route leads to the interface itself rather than to a gateway.
    fn routes_by_device(&self) -> bool {
        false
    }

    /// Returns whether addresses are managed at all.
    fn has_addresses(&self) -> bool {
        true
    }

    /// Returns whether containers on it can have published ports.
    fn publishes_ports(&self) -> bool {
        false
    }

    /// Returns the address that ports are published on where the user names none.
    fn publish_address(&self) -> Option<IpAddr> {
        None
    }

    /// Returns whether published ports of a family are opened at the container's address rather than translated.
    fn is_routed(&self, _v6: bool) -> bool {
        false
    }

    /// Returns the prefix of interface names in containers.
    fn interface_prefix(&self) -> &str {
        "eth"
    }

    /// Returns what it holds that others may not take.
    fn claim(&self) -> Claim {
        Claim::default()
    }

    /// Makes the network.
    fn create(&mut self, host: &mut Host<'_>, subnets: &[Subnet]) -> Result<()>;

    /// Removes the network's rules and leaves its devices.
    fn withdraw(&self, _host: &mut Host<'_>) {}

    /// Removes the network.
    fn delete(&mut self, _host: &mut Host<'_>) {}

    /// Prepares an endpoint, before it has an interface.
    fn create_endpoint(
        &mut self,
        _host: &mut Host<'_>,
        _endpoint: &mut EndpointSpec,
    ) -> Result<()> {
        Ok(())
    }

    /// Takes the endpoint's interface out of its sandbox.
    fn leave(&mut self, _host: &mut Host<'_>, _endpoint: &EndpointSpec) {}

    /// Undoes [`Driver::create_endpoint`].
    fn delete_endpoint(&mut self, _host: &mut Host<'_>, _endpoint: &EndpointSpec) {}

    /// Makes the endpoint's interface in a sandbox. `None` if the kind has none.
    fn join(
        &mut self,
        host: &mut Host<'_>,
        endpoint: &EndpointSpec,
        sandbox: NetnsId,
        name: &str,
    ) -> Result<Option<LinkId>>;

    /// Returns what the endpoint's interface was called before it got its name in the container.
    fn source_name(&self, endpoint: &EndpointSpec) -> String {
        format!("veth{}", endpoint.id.get(..7).unwrap_or_default())
    }

    /// Takes in that an endpoint is there on some machine.
    fn add_peer(&mut self, _host: &mut Host<'_>, _peer: &Peer) {}

    /// Forgets an endpoint.
    fn remove_peer(&mut self, _host: &mut Host<'_>, _peer: &Peer) {}

    /// Returns the namespace, the bridge and the tunnel of each subnet.
    fn tunnels(&self) -> Vec<(NetnsId, LinkId, LinkId)> {
        Vec::new()
    }

    /// Returns the rules that a published port needs.
    fn port_rules(&self, _port: &PortRule, _config: &Config) -> Vec<Placed> {
        Vec::new()
    }

    /// Returns the rules that let the container at `parent` reach a port of the one at `child` that it links to.
    fn link_rules(&self, _parent: IpAddr, _child: IpAddr, _port: ContainerPort) -> Vec<Placed> {
        Vec::new()
    }
}

/// Checks the options of a network and returns its driver. Errors: `NotFound` if there is no such driver.
pub(crate) fn open(
    driver: &str,
    spec: NetworkSpec<'_>,
    config: &Config,
) -> Result<Box<dyn Driver>> {
    match driver {
        "" | "bridge" => Ok(Box::new(bridge::Bridge::new(spec, config)?)),
        "host" => Ok(Box::new(Bare { name: "host" })),
        "null" => Ok(Box::new(Bare { name: "null" })),
        "macvlan" => Ok(Box::new(macvlan::Macvlan::new(spec)?)),
        "ipvlan" => Ok(Box::new(ipvlan::Ipvlan::new(spec)?)),
        "overlay" => Ok(Box::new(overlay::Overlay::new(spec)?)),
        other => Err(Error::not_found(format!("plugin \"{other}\" not found"))),
    }
}

/// Returns what is put before an error of setting up the interface that was called so.
pub(crate) fn adding(interface: &str) -> String {
    format!("failed to add interface {interface} to sandbox")
}

/// Turns a kernel's error into the engine's.
pub(crate) fn os_error(what: &str, errno: kernel::Errno) -> Error {
    Error::internal(format!("{what}: {}", errno.text().to_ascii_lowercase()))
}
