//! A balancer's namespace: its making, its end, and what is written in it.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use ipnet::IpNet;
use kernel::net::AddrSpec;
use kernel::sock::{Family, SockType};

use super::{Backend, IngressPort, Sandbox, Service};
use crate::api::{EndpointIpamConfig, EndpointSettings};
use crate::daemon::{Engine, NETNS_DIR};
use crate::drivers::Host;
use crate::drivers::overlay::{put_netns, remove_netns};
use crate::endpoints::{Plug, plug};
use crate::error::{Error, Result};
use crate::firewall::ingress;
use crate::overlays::GATEWAY_BRIDGE;
use crate::ports::Proto;
use crate::state::Attachment;

/// As the Go runtime asks for.
const BACKLOG: u32 = 4096;

type Told = (Service, Vec<Backend>);

/// How a balancer's namespace treats what its table of connections holds: a port that is used again is a new connection, and
/// what leads to a server that is gone ends. Source: moby `libnetwork/osl/namespace_linux.go`.
const SETTINGS: [(&str, &str); 3] = [
    ("net.ipv4.vs.conn_reuse_mode", "0"),
    ("net.ipv4.vs.expire_nodest_conn", "1"),
    ("net.ipv4.vs.expire_quiescent_template", "1"),
];

impl Engine {
    /// Makes the balancer's namespace of a network that this machine has just got, with its endpoint at `addr`, and lets it
    /// balance what is known.
    pub(crate) fn open_balancer(&self, network_id: &str, addr: IpNet) -> Result<()> {
        let (ns, machine) = (self.ns(), self.machine());
        let (owner, netns, is_ingress) = self.with(|state, kernel| {
            let network = state
                .networks
                .get(network_id)
                .ok_or_else(|| Error::no_such_network(network_id))?;
            let is_ingress = network.ingress;
            let (owner, file) = if is_ingress {
                ("ingress-sbox".to_owned(), "ingress_sbox".to_owned())
            } else {
                let id = network_id.get(..9).unwrap_or(network_id);
                (format!("lb-{}", network.name), format!("lb_{id}"))
            };
            let name = format!("{}-endpoint", network.name);
            let netns = kernel.netns_add(machine);
            if let Some(lo) = kernel.link_by_name(netns, "lo") {
                let _ = kernel.link_set_up(lo);
            }
            for (name, value) in SETTINGS {
                let _ = kernel.sysctl_set(netns, name, value);
            }
            let key = format!("{NETNS_DIR}/{file}");
            let attachment = at_address(addr.addr());
            let made = plug(
                state,
                kernel,
                Plug {
                    ns,
                    network: network_id,
                    called: network_id,
                    owner: &owner,
                    name,
                    netns,
                    attachment: &attachment,
                    ipv6: false,
                    moved: true,
                    dns_names: Vec::new(),
                },
            );
            if let Err(error) = made {
                kernel.netns_del(netns);
                return Err(error);
            }
            let config = state.config.clone();
            let mut host = Host {
                kernel,
                ns,
                firewall: &mut state.firewall,
                config: &config,
                others: &[],
            };
            put_netns(&mut host, &key, netns);
            let sandbox = Sandbox {
                owner: owner.clone(),
                key,
                netns,
                addr,
                gateway: None,
                resolver: None,
            };
            let sandboxes = &mut state.balancer.sandboxes;
            sandboxes.insert(network_id.to_owned(), sandbox);
            Ok((owner, netns, is_ingress))
        })?;
        self.announce_endpoint(&owner, network_id);
        let resolver = crate::dns::Resolver::start(self, &owner, netns, Vec::new(), false);
        let gateway = match is_ingress {
            true => self.plug_gateway(&owner, &owner, netns)?,
            false => None,
        };
        let told: Vec<Told> = {
            let mut state = self.state();
            if let Some(sandbox) = state.balancer.sandboxes.get_mut(network_id) {
                (sandbox.resolver, sandbox.gateway) = (resolver, gateway);
            }
            let services = state.balancer.services.iter();
            let of_network = services.filter(|(key, _)| key.0 == network_id);
            of_network.map(|(_, told)| told.clone()).collect()
        };
        for told in &told {
            self.program(None, Some(told));
        }
        Ok(())
    }

    /// Removes the balancer's namespace of a network, with its endpoints.
    pub(crate) fn close_balancer(&self, network_id: &str) {
        let told: Vec<Told> = {
            let state = self.state();
            let services = state.balancer.services.iter();
            let of_network = services.filter(|(key, _)| key.0 == network_id);
            of_network.map(|(_, told)| told.clone()).collect()
        };
        for told in &told {
            self.program(Some(told), None);
        }
        let sandbox = self.state().balancer.sandboxes.remove(network_id);
        let Some(sandbox) = sandbox else { return };
        if let Some(resolver) = &sandbox.resolver {
            resolver.stop();
        }
        let gateway_bridge = self.gateway_bridge_id();
        for network in gateway_bridge
            .iter()
            .map(String::as_str)
            .chain([network_id])
        {
            self.leave_network(&sandbox.owner, network, true);
        }
        let ns = self.ns();
        self.with(|state, kernel| {
            kernel.netns_del(sandbox.netns);
            let config = state.config.clone();
            let mut host = Host {
                kernel,
                ns,
                firewall: &mut state.firewall,
                config: &config,
                others: &[],
            };
            remove_netns(&mut host, &sandbox.key);
        });
    }

    /// Brings a service's part of the balancer's namespace from what was told before to what is told now.
    pub(super) fn program(&self, before: Option<&Told>, after: Option<&Told>) {
        let balanced = |told: Option<&Told>| {
            let (service, backends) = told?;
            let vip = service.vip.filter(IpAddr::is_ipv4)?;
            (!backends.is_empty()).then(|| (service.clone(), backends.clone(), vip))
        };
        let (before, after) = (balanced(before), balanced(after));
        let network = before.as_ref().or(after.as_ref());
        let Some(network) = network.map(|(service, ..)| service.network_id.clone()) else {
            return;
        };
        let Some((netns, addr, gateway)) = self
            .state()
            .balancer
            .sandboxes
            .get(&network)
            .map(|s| (s.netns, s.addr, s.gateway))
        else {
            return;
        };
        let same = match (&before, &after) {
            (Some((old, ..)), Some((new, ..))) => {
                (old.vip, old.mark, &old.ports) == (new.vip, new.mark, &new.ports)
            }
            _ => false,
        };
        if let (Some((old, _, vip)), false) = (&before, same) {
            self.sys().kernel(|k| {
                k.ipvs_del_service(netns, old.mark);
                ingress::unmark(k, netns, *vip, old.mark, &old.ports);
                if let Some(link) = k.link_by_name(netns, "eth0") {
                    let _ = k.addr_del(link, *vip, 32);
                }
            });
            if let Some(gateway) = gateway {
                self.close_ports(gateway, &old.ports);
            }
        }
        let Some((new, backends, vip)) = &after else {
            return;
        };
        if !same {
            self.sys().kernel(|k| {
                if let Some(link) = k.link_by_name(netns, "eth0") {
                    let _ = k.addr_add(link, AddrSpec::new(*vip, 32));
                }
            });
            if let Some(gateway) = gateway {
                self.open_ports(gateway, &new.ports);
            }
            self.sys().kernel(|k| {
                ingress::mark(k, netns, *vip, new.mark, &new.ports, addr);
                k.ipvs_add_service(netns, new.mark);
            });
        }
        let weights: Vec<(IpAddr, u32)> = backends
            .iter()
            .map(|b| (b.ip, u32::from(!b.disabled)))
            .collect();
        self.sys()
            .kernel(|k| k.ipvs_set_destinations(netns, new.mark, &weights));
    }

    /// Lets published ports of the machine lead to the ingress network, and keeps them from others.
    fn open_ports(&self, gateway: IpAddr, ports: &[IngressPort]) {
        let ns = self.ns();
        self.sys()
            .kernel(|k| ingress::open(k, ns, GATEWAY_BRIDGE, gateway, ports));
        for port in ports {
            let kind = match port.proto {
                Proto::Tcp => SockType::Stream,
                Proto::Udp => SockType::Datagram,
                Proto::Sctp => continue,
            };
            let sys = self.sys();
            let bound = sys.socket(Family::V6, kind).and_then(|fd| {
                let any = SocketAddr::new(Ipv6Addr::UNSPECIFIED.into(), port.published);
                let listens = kind == SockType::Stream;
                let heard = sys.bind(fd, any).and_then(|()| match listens {
                    true => sys.listen(fd, BACKLOG),
                    false => Ok(()),
                });
                if heard.is_err() {
                    sys.close(fd);
                }
                heard.map(|()| fd)
            });
            // A port that somebody has already is translated all the same.
            if let Ok(fd) = bound {
                let key = (port.published, port.proto);
                self.state().balancer.held.insert(key, fd);
            }
        }
    }

    fn close_ports(&self, gateway: IpAddr, ports: &[IngressPort]) {
        let ns = self.ns();
        self.sys().kernel(|k| ingress::close(k, ns, gateway, ports));
        for port in ports {
            let key = (port.published, port.proto);
            let held = self.state().balancer.held.remove(&key);
            if let Some(fd) = held {
                self.sys().close(fd);
            }
        }
    }
}

/// An attachment at a given address.
fn at_address(addr: IpAddr) -> Attachment {
    let ipam_config = EndpointIpamConfig {
        ipv4_address: addr.to_string(),
        ..EndpointIpamConfig::default()
    };
    Attachment {
        settings: EndpointSettings {
            ipam_config: Some(ipam_config),
            ..EndpointSettings::default()
        },
        ..Attachment::default()
    }
}
