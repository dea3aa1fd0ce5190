//! Endpoints: attaching containers to networks and detaching them.

mod checks;
mod interface;
mod plug;

use std::net::IpAddr;

use ipnet::IpNet;
use wire::MacAddr;

use crate::api::{EndpointSettings, NetworkConnectRequest, NetworkDisconnectRequest};
use crate::daemon::Engine;
use crate::drivers::{EndpointSpec, Host};
use crate::error::{Error, Result};
use crate::ipam;
use crate::names::short_id;
use crate::state::{Attachment, Container, Network, State, not_blank};

use checks::{check_connect, is_user_mode};
pub(crate) use checks::{check_settings, check_settings_unseen, check_together};
pub(crate) use interface::free_name;
use plug::addressed;
pub(crate) use plug::{Plug, plug};

const SHARED: &str = "container sharing network namespace with another container or host cannot be connected to any other network";

impl Engine {
    /// `POST /networks/{id}/connect`.
    pub(crate) fn network_connect(
        &self,
        network: String,
        request: NetworkConnectRequest,
    ) -> Result<()> {
        not_blank("network", &network)?;
        unless_named(&request.container)?;
        let mut settings = request.endpoint_config.unwrap_or_default();
        let (container, name, running) = {
            let state = self.state();
            let c = state.find_container(&request.container)?;
            let name = match state.find_network(&network) {
                Ok(n) => {
                    let mode = c.network_mode();
                    if c.state.lives() && is_user_mode(mode) {
                        state.find_network(mode).map_err(|e| {
                            e.within(format!(
                                "could not find a network matching network mode {mode}"
                            ))
                        })?;
                    }
                    let attached = c.endpoints.keys();
                    let attached = attached.filter(|key| state.network_of(c, key).is_ok());
                    check_connect(c, n, &settings, attached.count())?;
                    settings.dns_names = dns_names(c, n, &settings);
                    n.name.clone()
                }
                // Asked for a default bridge that it was told not to have, the engine does nothing. Source: moby
                // `daemon/container_operations.go`, `connectToNetwork`.
                Err(_) if network == "bridge" && !state.config.has_bridge() && c.state.lives() => {
                    return Ok(());
                }
                Err(error) if c.state.lives() => return Err(error),
                // One that does not run is only written down for.
                Err(_) => network,
            };
            (c.id.clone(), name, c.state.lives())
        };
        let attachment = Attachment {
            wanted_mac: settings.mac_address.clone(),
            settings,
            given: false,
        };
        {
            let mut state = self.state();
            // One that does not run keeps what it had asked of the network, unless that network is gone.
            let kept = !running
                && state.containers.get(&container).is_some_and(|c| {
                    c.endpoints.contains_key(&name) && state.network_of(c, &name).is_ok()
                });
            if let Some(c) = state.containers.get_mut(&container).filter(|_| !kept) {
                c.endpoints.insert(name.clone(), attachment);
            }
        }
        if !running {
            self.save_container("connect", &container);
            return Ok(());
        }
        let joined = self.join_network(&container, &name).and_then(|id| {
            self.after_change(&container, false)?;
            if name == "bridge" {
                self.open_links(&container);
            }
            Ok(id)
        });
        // Where that fails, what was asked for stays written down, as in the real engine.
        self.network_event("connect", &joined?, Some(&container));
        self.save_container("connect", &container);
        Ok(())
    }

    /// `POST /networks/{id}/disconnect`.
    pub(crate) fn network_disconnect(
        &self,
        network: String,
        request: NetworkDisconnectRequest,
    ) -> Result<()> {
        let (container, key, network_id, running) = {
            let state = self.state();
            not_blank("network", &network)?;
            let c = match state.find_container(&request.container) {
                Ok(c) => c,
                // By force only the network is asked, which knows endpoints and no containers.
                Err(_) if request.force => {
                    state.find_network(&network)?;
                    return Err(Error::not_found(format!(
                        "endpoint {} not found",
                        request.container
                    )));
                }
                Err(error) => return Err(error),
            };
            let found = state.find_network(&network);
            // A network that is gone may still be named, which is looked at for a container that does not run, or by force.
            let runs = c.state.lives() && !(request.force && found.is_err());
            let (key, id) = match &found {
                Ok(n) => (n.name.clone(), n.id.clone()),
                Err(error) if runs => return Err(error.clone()),
                Err(_) => (network.clone(), String::new()),
            };
            if key == "host" && c.network_mode() == "host" && c.state.running {
                return Err(Error::invalid(
                    "cannot disconnect container from host network - container was created in host network mode",
                ));
            }
            let is_on = match &found {
                Ok(n) if c.state.lives() => n.endpoints.contains_key(&c.id),
                _ => c.endpoints.contains_key(&key),
            };
            if !is_on {
                let the = if runs { "" } else { "the " };
                return Err(Error::internal(format!(
                    "container {} is not connected to {the}network {key}",
                    c.id
                )));
            }
            (c.id.clone(), key, id, runs)
        };
        if running {
            self.leave_network(&container, &network_id, true);
            self.network_event("disconnect", &network_id, Some(&container));
        }
        if let Some(c) = self.state().containers.get_mut(&container) {
            c.endpoints.shift_remove(&key);
        }
        let done = match running {
            true => self.after_change(&container, true),
            false => Ok(()),
        };
        self.save_container("disconnect", &container);
        done
    }

    /// Makes the endpoint of a container that has a sandbox, and its interface there.
    /// Returns the network's id.
    pub(crate) fn join_network(&self, container: &str, key: &str) -> Result<String> {
        let ns = self.ns();
        let network_id = self.with(|state, kernel| {
            let c = state
                .containers
                .get(container)
                .ok_or_else(|| Error::no_such_container(container))?;
            let network = state.network_of(c, key)?;
            if network.config_only {
                return Err(Error::forbidden(
                    "cannot create endpoint on configuration-only network",
                ));
            }
            let (network_id, name) = (network.id.clone(), network.name.clone());
            let attachment = c
                .endpoints
                .get(key)
                .or_else(|| c.endpoints.get(&name))
                .cloned()
                .unwrap_or_default();
            let sandbox = c.sandbox.as_ref().ok_or_else(|| {
                Error::not_found(format!(
                    "network sandbox for container {container} not found"
                ))
            })?;
            let (netns, dns_names) = (sandbox.netns, dns_names(c, network, &attachment.settings));
            let ipv6 = c.has_ipv6();
            let (container_id, dns_names_known) = (c.id.clone(), dns_names.clone());
            let container_name = c.name.clone();
            if let Some(c) = state.containers.get_mut(&container_id)
                && let Some(known) = c.endpoints.get_mut(key)
            {
                known.settings.dns_names = dns_names_known;
            }
            let given = attachment.settings.ipam_config.iter();
            for text in given.flat_map(|ipam| &ipam.link_local_ips) {
                if !text.parse().is_ok_and(is_link_local) {
                    let fault = format!("invalid link local IP address: {text}");
                    return Err(Error::invalid(fault));
                }
            }
            let spec = plug(
                state,
                kernel,
                Plug {
                    ns,
                    network: &network_id,
                    called: key,
                    owner: container,
                    name: container_name,
                    netns,
                    attachment: &attachment,
                    ipv6,
                    moved: false,
                    dns_names: dns_names.clone().unwrap_or_default(),
                },
            )?;
            let network = state
                .networks
                .get(&network_id)
                .ok_or_else(|| Error::no_such_network(key))?;
            let (v4, v6) = (addressed(&spec, false), addressed(&spec, true));
            let gateway = |of: Option<IpNet>| of.and_then(|of| network.gateway(of));
            let (gateway_v4, gateway_v6) = (gateway(v4), gateway(v6));
            if network.ingress
                && let (Some(addr), Some(c)) = (v4, state.containers.get(container))
            {
                crate::firewall::ingress::redirect(kernel, netns, addr.addr(), &c.ingress_ports);
            }
            if let Some(c) = state.containers.get_mut(container) {
                if let Some(sandbox) = c.sandbox.as_mut() {
                    sandbox.joined.push(network_id.clone());
                }
                if key != name
                    && let Some(moved) = c.endpoints.shift_remove(key)
                {
                    c.endpoints.insert(name.clone(), moved);
                }
                let settings = &mut c.endpoints.entry(name).or_default().settings;
                let text = |gw: Option<IpAddr>| gw.map(|g| g.to_string()).unwrap_or_default();
                settings.network_id.clone_from(&network_id);
                settings.endpoint_id.clone_from(&spec.id);
                settings.mac_address = spec.mac.map(|m| m.to_string()).unwrap_or_default();
                settings.gateway = text(gateway_v4);
                settings.ipv6_gateway = text(gateway_v6);
                settings.ip_address = v4.map(|n| n.addr().to_string()).unwrap_or_default();
                settings.ip_prefix_len = v4.map_or(0, |n| n.prefix_len());
                settings.global_ipv6_address = v6.map(|n| n.addr().to_string()).unwrap_or_default();
                settings.global_ipv6_prefix_len = v6.map_or(0, |n| n.prefix_len());
                settings.dns_names = dns_names;
            }
            Ok(network_id)
        })?;
        self.announce_endpoint(container, &network_id);
        self.gateway_endpoint(container)?;
        self.gossip(container);
        Ok(network_id)
    }

    /// Tells those on a network where a new endpoint's addresses are.
    pub(crate) fn announce_endpoint(&self, container: &str, network_id: &str) {
        let told = {
            let state = self.state();
            state.networks.get(network_id).and_then(|n| {
                let endpoint = n.endpoints.get(container)?;
                let addrs = endpoint.spec.addrs.iter().map(IpNet::addr).collect();
                let manner = crate::announce::manner(&n.options).ok()?;
                Some((endpoint.interface?, addrs, manner))
            })
        };
        if let Some((link, addrs, manner)) = told {
            self.announce(link, addrs, manner);
        }
    }

    /// Removes a container's endpoint on a network, its interface and its address.
    /// The interface is given back to the machine first, unless the container's sandbox could not be set up.
    pub(crate) fn leave_network(&self, container: &str, network_id: &str, give_back: bool) {
        self.unpublish(container, &|p| p.network == network_id);
        let was_gateway = self.state().containers.get(container).is_some_and(|c| {
            let on = c.sandbox.iter().flat_map(|s| &s.publishes_on);
            on.flatten().any(|id| id == network_id)
        });
        if was_gateway {
            self.forget_flows(container, network_id);
        }
        let leaves_default = self
            .state()
            .networks
            .get(network_id)
            .is_some_and(Network::is_predefined);
        if leaves_default {
            self.close_links(container);
        }
        let ns = self.ns();
        self.with(|state, kernel| {
            let config = state.config.clone();
            let Some(network) = state.networks.get_mut(network_id) else {
                return;
            };
            let name = network.name.clone();
            let Some(endpoint) = network.endpoints.shift_remove(container) else {
                return;
            };
            if let Some(driver) = network.driver.as_mut() {
                let mut host = Host {
                    kernel,
                    ns,
                    firewall: &mut state.firewall,
                    config: &config,
                    others: &[],
                };
                if give_back {
                    driver.leave(&mut host, &endpoint.spec);
                }
                driver.delete_endpoint(&mut host, &endpoint.spec);
            }
            release(state, network_id, &endpoint.spec);
            if let Some(c) = state.containers.get_mut(container) {
                if let Some(sandbox) = c.sandbox.as_mut() {
                    sandbox.joined.retain(|id| id != network_id);
                }
                if let Some(attachment) = c.endpoints.get_mut(&name) {
                    attachment.settings = forget_addresses(&attachment.settings);
                    if std::mem::take(&mut attachment.given) {
                        attachment.settings.ipam_config = None;
                    }
                }
            }
        });
        self.detach_network(container, network_id);
    }

    /// Brings routes, ports, files and names of a running container in line with its networks. Whether one that is `leaving`
    /// a network finds another way out is no reason to keep it.
    pub(crate) fn after_change(&self, container: &str, leaving: bool) -> Result<()> {
        self.gateway_endpoint(container)?;
        self.update_gateway(container, leaving)?;
        self.update_hosts(container);
        self.update_resolver(container);
        Ok(())
    }
}

/// Refuses a request without a container.
fn unless_named(container: &str) -> Result<()> {
    match container.is_empty() {
        true => Err(Error::invalid("invalid name or ID supplied: \"\"")),
        false => Ok(()),
    }
}

/// Keeps what the user asked for and drops what came of it.
fn forget_addresses(settings: &EndpointSettings) -> EndpointSettings {
    EndpointSettings {
        ipam_config: settings.ipam_config.clone(),
        links: settings.links.clone(),
        aliases: settings.aliases.clone(),
        driver_opts: settings.driver_opts.clone(),
        gw_priority: settings.gw_priority,
        network_id: settings.network_id.clone(),
        dns_names: settings.dns_names.clone(),
        ..EndpointSettings::default()
    }
}

/// Returns the names that the DNS server answers for a container: its own, its aliases, the short id, the host name.
pub(crate) fn dns_names(
    c: &Container,
    network: &Network,
    settings: &EndpointSettings,
) -> Option<Vec<String>> {
    network.is_user_defined().then(|| all_names(c, settings))
}

/// The names of a container, whether anybody answers for them or not.
pub(crate) fn all_names(c: &Container, settings: &EndpointSettings) -> Vec<String> {
    let mut names = vec![c.name.clone()];
    names.extend(settings.aliases.iter().flatten().cloned());
    names.push(short_id(&c.id).to_owned());
    names.push(c.config.hostname.clone());
    let mut seen = sorted::SortedSet::new();
    names.retain(|n| !n.is_empty() && seen.insert(n.clone()));
    names
}

/// The digits of a hardware address.
fn digits_of(mac: &str) -> impl Iterator<Item = u8> {
    mac.bytes().filter(u8::is_ascii_hexdigit)
}

/// Whether a hardware address is longer than those of Ethernet.
fn is_long(mac: &str) -> bool {
    digits_of(mac).count() > 12
}

/// Reads a hardware address as Go's `net.ParseMAC` does, also without anything between its digits. Of the longer ones of
/// FireWire and InfiniBand comes what an Ethernet device takes of them.
pub(crate) fn hardware_address(text: &str) -> Result<MacAddr> {
    let text = match (text.len(), is_long(text)) {
        (23 | 59, true) => text.get(..17).unwrap_or(text),
        (19 | 49, true) => text.get(..14).unwrap_or(text),
        _ => text,
    };
    let halves = text.split_at_checked(4);
    let bare = halves.and_then(|(a, rest)| rest.split_at_checked(4).map(|(b, c)| [a, b, c]));
    let dotted = bare.filter(|_| text.len() == 12);
    let parsed: std::result::Result<MacAddr, _> = match dotted {
        Some(fours) => fours.join(".").parse(),
        None => text.parse(),
    };
    parsed.map_err(|_bad| Error::invalid(format!("invalid MAC address: {text}")))
}

/// Takes an address of each family that the network has.
fn allocate(
    state: &mut State,
    network_id: &str,
    wanted: &Attachment,
    id: String,
    ipv6: bool,
) -> Result<EndpointSpec> {
    let network = state
        .networks
        .get(network_id)
        .ok_or_else(|| Error::no_such_network(network_id))?;
    let ipam = wanted.settings.ipam_config.clone().unwrap_or_default();
    let mac = match wanted.wanted_mac.as_str() {
        "" => None,
        text => Some(hardware_address(text)?),
    };
    let mut spec = EndpointSpec {
        id,
        addrs: Vec::new(),
        link_local: ipam
            .link_local_ips
            .iter()
            .filter_map(|t| link_local(t))
            .collect(),
        mac,
        moved: false,
    };
    if network.is_overlay() {
        // Addresses come from who manages the swarm, together with the network.
        let given = [&ipam.ipv4_address, &ipam.ipv6_address];
        let given = given
            .into_iter()
            .filter_map(|text| text.parse::<IpAddr>().ok());
        let with_prefix = |addr| {
            let pool = network.pools.iter().find(|p| p.id.subnet.contains(&addr))?;
            IpNet::new(addr, pool.id.subnet.prefix_len()).ok()
        };
        spec.addrs = given.filter_map(with_prefix).collect();
        return Ok(spec);
    }
    for (v6, asked) in [(false, &ipam.ipv4_address), (true, &ipam.ipv6_address)] {
        let pools: Vec<_> = network.pools_of(v6).map(|p| p.id).collect();
        if pools.is_empty() || (v6 && !ipv6) {
            continue;
        }
        let taken = match asked.parse::<IpAddr>() {
            Ok(addr) => {
                let addr = addr.to_canonical();
                let pool = pools.iter().find(|p| p.subnet.contains(&addr));
                pool.map_or(Err(ipam::Error::IpOutOfRange), |p| {
                    state.space.request_address(p, addr)
                })
            }
            // The first pool that isn't full.
            Err(_) => pools
                .iter()
                .map(|p| state.space.request_next(p, false))
                .find(|taken| *taken != Err(ipam::Error::NoAvailableIps))
                .unwrap_or(Err(ipam::Error::NoAvailableIps)),
        };
        match taken {
            Ok(net) => spec.addrs.push(net),
            Err(error) => {
                let family = if v6 { "IPv6" } else { "IPv4" };
                let error = if error == ipam::Error::NoAvailableIps {
                    Error::unavailable(format!(
                        "no available {family} addresses on this network's address pools: {} ({})",
                        network.name, network.id
                    ))
                } else {
                    Error::forbidden(error.to_string())
                };
                // An IPv4 address that was taken before stays taken, as in the real engine, until the network goes.
                return Err(error);
            }
        }
    }
    Ok(spec)
}

/// Whether an address is valid on its link only.
fn is_link_local(addr: IpAddr) -> bool {
    match addr {
        IpAddr::V4(addr) => addr.is_link_local(),
        IpAddr::V6(addr) => addr.is_unicast_link_local(),
    }
}

/// Returns a link-local address with the prefix that it gets. Source: moby `libnetwork/endpoint.go`.
fn link_local(text: &str) -> Option<IpNet> {
    let addr: IpAddr = text.parse().ok()?;
    let prefix = if addr.is_ipv4() { 16 } else { 64 };
    IpNet::new(addr, prefix).ok()
}

fn release(state: &mut State, network_id: &str, spec: &EndpointSpec) {
    let Some(network) = state.networks.get(network_id) else {
        return;
    };
    if network.is_overlay() {
        return;
    }
    for addr in &spec.addrs {
        if let Some(pool) = network
            .pools
            .iter()
            .find(|p| p.id.subnet.contains(&addr.addr()))
        {
            state.space.release_address(&pool.id, addr.addr());
        }
    }
}
