//! Overlay networks on this machine, as the control plane asks for them, and the bridge by which their containers reach what is
//! outside.
//!
//! Source: moby `libnetwork/default_gateway.go`, `network.go`, `agent.go`.

use sorted::SortedMap;
use std::net::IpAddr;

use ipnet::IpNet;
use kernel::ids::NetnsId;
use kernel::net::Route;

use crate::api::{Ipam, NetworkCreateRequest};
use crate::clock::UnixNanos;
use crate::daemon::Engine;
use crate::drivers::{self, Host, NetworkSpec, Peer};
use crate::endpoints::{Plug, plug};
use crate::error::{Error, Result};
use crate::ipam::{PoolId, strict_net};
use crate::names::short_id;
use crate::networks::subnets;
use crate::state::{Attachment, Listed, Network, Pool, State};

/// The network by which containers of overlay networks reach what is outside, and are reached by published ports.
pub(crate) const GATEWAY_BRIDGE: &str = "docker_gwbridge";

/// An overlay network that a machine is to have.
pub(crate) struct OverlayPlan {
    /// The network's id in the swarm.
    pub(crate) id: String,
    /// Its name.
    pub(crate) name: String,
    /// When the swarm made it.
    pub(crate) created: UnixNanos,
    /// As inspect tells it: every subnet with its gateway.
    pub(crate) ipam: Ipam,
    /// The driver's options, the network identifiers among them ([`crate::drivers::overlay::VNIS`]).
    pub(crate) options: SortedMap<String, String>,
    /// Its labels.
    pub(crate) labels: SortedMap<String, String>,
    pub(crate) internal: bool,
    pub(crate) attachable: bool,
    /// Whether it is the ingress network.
    pub(crate) ingress: bool,
    /// The address that this machine advertises.
    pub(crate) vtep: IpAddr,
    /// The address of the network's balancer on this machine. `None`: it has none.
    pub(crate) balancer: Option<IpNet>,
}

impl Engine {
    /// Makes an overlay network on this machine, with its balancer. One that is there stays as it is.
    pub(crate) fn overlay_make(&self, plan: OverlayPlan) -> Result<()> {
        let (id, balancer) = (plan.id.clone(), plan.balancer);
        if self.state().networks.contains_key(&id) {
            return Ok(());
        }
        let ns = self.ns();
        self.with(|state, kernel| {
            let asked = plan.ipam.config.iter().flatten();
            let (mut pools, mut gateways) = (Vec::new(), Vec::new());
            for pool in asked {
                let Some(subnet) = strict_net(&pool.subnet) else {
                    continue;
                };
                pools.push(Pool {
                    id: PoolId {
                        subnet,
                        range: strict_net(&pool.ip_range),
                    },
                    gateway: None,
                    is_static: true,
                });
                gateways.push(pool.gateway.parse::<IpAddr>().ok());
            }
            let has = |v6: bool| pools.iter().any(|p| p.id.subnet.addr().is_ipv6() == v6);
            let (ipv4, ipv6) = (has(false), has(true));
            let spec = NetworkSpec {
                id: &plan.id,
                options: &plan.options,
                internal: plan.internal,
                ipv4,
                ipv6,
                vtep: Some(plan.vtep),
            };
            let config = state.config.clone();
            let mut driver = drivers::open("overlay", spec, &config)?;
            let mut host = Host {
                kernel,
                ns,
                firewall: &mut state.firewall,
                config: &config,
                others: &[],
            };
            let mut subnets = subnets(&pools);
            for (subnet, gateway) in subnets.iter_mut().zip(gateways) {
                // The bridge has it, and it leads nowhere: no endpoint is told of it.
                subnet.gateway = gateway;
            }
            driver.create(&mut host, &subnets)?;
            let network = Network {
                id: plan.id.clone(),
                name: plan.name,
                created: plan.created,
                scope: "swarm".to_owned(),
                driver_name: "overlay".to_owned(),
                driver: Some(driver),
                ipv4,
                ipv6,
                ipam: plan.ipam,
                pools,
                internal: plan.internal,
                attachable: plan.attachable,
                ingress: plan.ingress,
                config_only: false,
                config_from: String::new(),
                options: plan.options,
                labels: plan.labels,
                endpoints: Listed::default(),
            };
            state.networks.insert(plan.id, network);
            Ok::<_, Error>(())
        })?;
        match balancer {
            Some(addr) => self.open_balancer(&id, addr),
            None => Ok(()),
        }
    }

    /// Removes an overlay network from this machine, with its balancer. Containers have left it.
    pub(crate) fn overlay_remove(&self, id: &str) {
        self.close_balancer(id);
        let ns = self.ns();
        self.with(|state, kernel| {
            let config = state.config.clone();
            let Some(mut network) = state.networks.shift_remove(id) else {
                return;
            };
            let mut host = Host {
                kernel,
                ns,
                firewall: &mut state.firewall,
                config: &config,
                others: &[],
            };
            if let Some(driver) = &mut network.driver {
                driver.delete(&mut host);
            }
        });
    }

    /// Drops what an earlier run of the daemon left of overlay networks: who manages the swarm asks for them again.
    pub(crate) fn forget_overlays(&self) {
        let overlays: Vec<String> = {
            let state = self.state();
            let overlays = state.networks.values().filter(|n| n.is_overlay());
            overlays.map(|n| n.id.clone()).collect()
        };
        for id in overlays {
            self.overlay_remove(&id);
        }
        self.state().balancer = crate::balancer::Balancer::default();
    }

    /// Takes in that an endpoint of an overlay network is there, on any machine.
    pub(crate) fn overlay_peer_add(&self, network: &str, peer: &Peer) {
        self.with_overlay(network, |driver, host| driver.add_peer(host, peer));
    }

    /// Forgets an endpoint of an overlay network.
    pub(crate) fn overlay_peer_remove(&self, network: &str, peer: &Peer) {
        self.with_overlay(network, |driver, host| driver.remove_peer(host, peer));
    }

    fn with_overlay(
        &self,
        network: &str,
        act: impl FnOnce(&mut dyn drivers::Driver, &mut Host<'_>),
    ) {
        let ns = self.ns();
        self.with(|state, kernel| {
            let config = state.config.clone();
            let driver = state
                .networks
                .get_mut(network)
                .and_then(|n| n.driver.as_mut());
            let mut host = Host {
                kernel,
                ns,
                firewall: &mut state.firewall,
                config: &config,
                others: &[],
            };
            if let Some(driver) = driver {
                act(driver.as_mut(), &mut host);
            }
        });
    }

    /// The id of the gateway bridge, if it is there.
    pub(crate) fn gateway_bridge_id(&self) -> Option<String> {
        let state = self.state();
        let bridge = state.networks.values().find(|n| n.name == GATEWAY_BRIDGE);
        bridge.map(|n| n.id.clone())
    }

    /// Makes the gateway bridge unless it is there, and returns its id.
    pub(crate) fn gateway_bridge(&self) -> Result<String> {
        if let Some(id) = self.gateway_bridge_id() {
            return Ok(id);
        }
        let option = |name: &str, value: &str| {
            (
                format!("com.docker.network.bridge.{name}"),
                value.to_owned(),
            )
        };
        let request = NetworkCreateRequest {
            name: GATEWAY_BRIDGE.into(),
            driver: "bridge".into(),
            options: SortedMap::from([
                option("enable_icc", "false"),
                option("enable_ip_masquerade", "true"),
                option("name", GATEWAY_BRIDGE),
            ]),
            ..NetworkCreateRequest::default()
        };
        self.make_network(&request, true)
    }

    /// Gives a container the endpoint on the gateway bridge that it needs, or takes it away if it needs none any more.
    pub(crate) fn gateway_endpoint(&self, container: &str) -> Result<()> {
        let (needed, present, netns, sandbox) = {
            let state = self.state();
            let sandbox = state
                .containers
                .get(container)
                .and_then(|c| c.sandbox.as_ref())
                .filter(|s| !s.is_host);
            let Some(sandbox) = sandbox else {
                return Ok(());
            };
            let joined = || {
                sandbox
                    .joined
                    .iter()
                    .filter_map(|id| state.networks.get(id))
            };
            let present = joined().any(|n| n.name == GATEWAY_BRIDGE);
            let needed = needs_gateway(joined().filter(|n| n.name != GATEWAY_BRIDGE), container);
            (needed, present, sandbox.netns, sandbox.id.clone())
        };
        match (needed, present) {
            (true, false) => {
                self.plug_gateway(container, short_id(&sandbox), netns)?;
                let bridge = self.gateway_bridge_id();
                let mut state = self.state();
                let sandbox = state
                    .containers
                    .get_mut(container)
                    .and_then(|c| c.sandbox.as_mut());
                if let (Some(sandbox), Some(bridge)) = (sandbox, bridge) {
                    sandbox.joined.push(bridge);
                }
            }
            (false, true) => {
                if let Some(bridge) = self.gateway_bridge_id() {
                    self.leave_network(container, &bridge, true);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Makes an endpoint on the gateway bridge for a sandbox that is called `name`, and returns its address. Sandboxes that are no
    /// container's get their default route with it.
    pub(crate) fn plug_gateway(
        &self,
        owner: &str,
        name: &str,
        netns: NetnsId,
    ) -> Result<Option<IpAddr>> {
        let bridge = self.gateway_bridge()?;
        let ns = self.ns();
        let addr = self.with(|state, kernel| {
            let spec = plug(
                state,
                kernel,
                Plug {
                    ns,
                    network: &bridge,
                    called: GATEWAY_BRIDGE,
                    owner,
                    name: format!("gateway_{name}"),
                    netns,
                    attachment: &Attachment::default(),
                    ipv6: false,
                    moved: true,
                    dns_names: Vec::new(),
                },
            )?;
            if !state.containers.contains_key(owner) {
                route_out(state, kernel, &bridge, owner, netns);
            }
            Ok::<_, Error>(spec.addrs.first().map(IpNet::addr))
        })?;
        self.announce_endpoint(owner, &bridge);
        Ok(addr)
    }
}

/// Whether a sandbox on these networks has no other way out. Source: moby `needDefaultGW`.
fn needs_gateway<'a>(networks: impl Iterator<Item = &'a Network>, owner: &str) -> bool {
    let mut needed = false;
    for network in networks.filter(|n| !n.internal) {
        let endpoint = network.endpoints.get(owner);
        if endpoint.is_some_and(|e| network.default_route(e, false).is_some()) {
            return false;
        }
        needed |= network.is_overlay();
    }
    needed
}

/// Puts the default route of a sandbox that is no container's.
fn route_out(
    state: &State,
    kernel: &mut kernel::Kernel,
    bridge: &str,
    owner: &str,
    netns: NetnsId,
) {
    let network = state.networks.get(bridge);
    let found = network.and_then(|n| {
        let endpoint = n.endpoints.get(owner)?;
        Some((n.gateway(endpoint.addr(false)?)?, endpoint.interface?))
    });
    if let (Some((via, link)), Ok(any)) = (found, "0.0.0.0/0".parse::<IpNet>()) {
        let mut route = Route::new(any);
        (route.via, route.link) = (Some(via), Some(link));
        let _ = kernel.route_add(netns, route);
    }
}

#[cfg(test)]
mod tests;
