//! Networks at the daemon's start: the predefined ones, and those that are there from before.

use ipnet::IpNet;
use kernel::net::Scope;
use sorted::SortedMap;

use super::subnets;
use crate::api::{Ipam, IpamPool, NetworkCreateRequest};
use crate::config::address_of;
use crate::daemon::Engine;
use crate::drivers::{self, Claim, Driver, Host, NetworkSpec, Subnet};
use crate::error::Result;
use crate::ipam::LINK_LOCAL;

impl Engine {
    /// Makes `none`, `host` and `bridge`, unless they are there.
    pub(crate) fn make_predefined_networks(&self) -> Result<()> {
        for (name, driver) in [("none", "null"), ("host", "host")] {
            if self.state().networks.values().any(|n| n.name == name) {
                continue;
            }
            let request = NetworkCreateRequest {
                name: name.into(),
                driver: driver.into(),
                ..NetworkCreateRequest::default()
            };
            self.make_network(&request, true)?;
        }
        if self.has_live() {
            // What containers are on stays as it is. Source: moby `daemon/daemon_unix.go`, `initNetworkController`.
            return Ok(());
        }
        let config = self.state().config.clone();
        if !config.has_bridge() {
            // With its device.
            self.take_default_bridge(|driver, host| driver.delete(host));
            return Ok(());
        }
        // With pools of addresses set, the device of an earlier run goes, and what it had goes with it.
        let anew = !config.default_address_pools.is_empty()
            && !config.live_restore
            && self.state().networks.values().any(|n| n.name == "bridge");
        let option = |name: &str, value: String| (format!("com.docker.network.{name}"), value);
        let device = match config.bridge.as_str() {
            "" => "docker0",
            name => name,
        };
        let mut pools = Vec::new();
        for v6 in [false, true].into_iter().filter(|v6| !v6 || config.ipv6) {
            let (name, bip, range_name, range, via) = if v6 {
                (
                    "bip6",
                    &config.bip6,
                    "fixed-cidr-v6",
                    &config.fixed_cidr_v6,
                    &config.default_gateway_v6,
                )
            } else {
                (
                    "bip",
                    &config.bip,
                    "fixed-cidr",
                    &config.fixed_cidr,
                    &config.default_gateway,
                )
            };
            // Whether the range lies in the subnet, nobody checks.
            let range = address_of(range_name, range)?.map(|range| range.trunc());
            let kept = || match anew {
                true => None,
                false => self.address_kept(device, range, v6),
            };
            let net = address_of(name, bip)?.or_else(kept);
            let Some(subnet) = net.map(|net| net.trunc()).or(range) else {
                continue;
            };
            let family = if v6 { 6 } else { 4 };
            let via = Some(via.clone()).filter(|via| !via.is_empty());
            let via = via.map(|via| (format!("DefaultGatewayIPv{family}"), via));
            pools.push(IpamPool {
                subnet: subnet.to_string(),
                ip_range: range.map(|range| range.to_string()).unwrap_or_default(),
                gateway: net.map(|net| net.addr().to_string()).unwrap_or_default(),
                auxiliary_addresses: via.into_iter().collect(),
            });
        }
        let request = NetworkCreateRequest {
            name: "bridge".into(),
            driver: "bridge".into(),
            enable_ipv6: Some(config.ipv6),
            ipam: Some(Ipam {
                options: None,
                config: Some(pools),
                ..Ipam::default()
            }),
            options: SortedMap::from([
                option("bridge.default_bridge", "true".into()),
                option("bridge.enable_icc", config.icc.to_string()),
                option("bridge.enable_ip_masquerade", config.ip_masq.to_string()),
                option("bridge.host_binding_ipv4", config.ip),
                option("bridge.name", device.into()),
                option("driver.mtu", config.mtu.to_string()),
            ]),
            ..NetworkCreateRequest::default()
        };
        self.take_default_bridge(|driver, host| {
            driver.withdraw(host);
            if anew && let Some(device) = host.kernel.link_by_name(host.ns, "docker0") {
                let _ = host.kernel.link_del(device);
            }
        });
        self.make_network(&request, true)
            .map_err(|e| e.within("error creating default \"bridge\" network"))?;
        Ok(())
    }

    /// Takes the default bridge of an earlier run of the daemon off the list, and what it holds of the machine as `undo` says.
    /// Source: moby `daemon/daemon_unix.go`, `initNetworkController`.
    fn take_default_bridge(&self, undo: impl FnOnce(&mut dyn Driver, &mut Host<'_>)) {
        let ns = self.ns();
        self.with(|state, kernel| {
            let bridge = state.networks.values().find(|n| n.name == "bridge");
            let id = bridge.map(|n| n.id.clone());
            let Some(mut network) = id.and_then(|id| state.networks.shift_remove(&id)) else {
                return;
            };
            let config = state.config.clone();
            let mut host = Host {
                kernel,
                ns,
                firewall: &mut state.firewall,
                config: &config,
                others: &[],
            };
            if let Some(driver) = network.driver.as_mut() {
                undo(driver.as_mut(), &mut host);
            }
            for pool in &network.pools {
                state.space.release_pool(&pool.id);
            }
        });
    }

    /// Returns the address that the default bridge's device keeps, unless `range` lies elsewhere: what an earlier run of the daemon
    /// gave it, which is there again if somebody took it away, or what it has from whoever made it. A link-local one, which the
    /// kernel gave it, is meant only by a range of those.
    /// Source: moby `daemon/daemon_unix.go`, `selectBIP`; `libnetwork/drivers/bridge/bridge_store.go`, `populateNetworks`.
    fn address_kept(&self, device: &str, range: Option<IpNet>, v6: bool) -> Option<IpNet> {
        let ns = self.ns();
        self.with(|state, kernel| {
            let earlier = state.networks.values().find(|n| {
                let named = n.options.get("com.docker.network.bridge.name");
                n.name == "bridge" && named.is_some_and(|name| name == device)
            });
            let given = earlier
                .into_iter()
                .flat_map(|n| n.pools_of(v6))
                .filter_map(|p| IpNet::new(p.gateway?, p.id.subnet.prefix_len()).ok());
            let addrs = match kernel.link_by_name(ns, device) {
                Some(link) => kernel.addrs(link),
                None => Vec::new(),
            };
            let present = addrs
                .iter()
                .filter(|a| a.addr.is_ipv6() == v6 && (v6 || a.scope != Scope::Link))
                .filter_map(|a| IpNet::new(a.addr, a.prefix).ok());
            let local = IpNet::V6(LINK_LOCAL);
            given.chain(present).find(|net| match range {
                Some(range) => net.contains(&range),
                None => !local.contains(net),
            })
        })
    }

    /// Makes the kernel's part of user networks again after a restart of the daemon.
    pub(crate) fn restore_networks(&self) -> Result<()> {
        let ns = self.ns();
        self.forget_overlays();
        self.with(|state, kernel| {
            let config = state.config.clone();
            let containers = &state.containers;
            let lives = |id: &String| containers.get(id).is_some_and(|c| c.held.is_some());
            let any = containers.keys().any(&lives);
            // The default bridge comes last, as where it is made anew.
            let (predefined, own): (Vec<_>, Vec<_>) = state
                .networks
                .values_mut()
                .partition(|network| network.is_predefined());
            for network in own.into_iter().chain(predefined) {
                network.endpoints.retain(|id, _| lives(id));
                let is_made_anew = network.is_predefined() && !(any && network.name == "bridge");
                if is_made_anew || network.config_only {
                    continue;
                }
                let spec = NetworkSpec {
                    id: &network.id,
                    options: &network.options,
                    internal: network.internal,
                    ipv4: network.ipv4,
                    ipv6: network.ipv6,
                    vtep: None,
                };
                let before: Vec<Claim> = network.driver.iter().map(|d| d.claim()).collect();
                // One that containers are on knows their ports.
                let known = network
                    .driver
                    .take()
                    .filter(|_| !network.endpoints.is_empty());
                let mut driver = match known {
                    Some(driver) => driver,
                    None => drivers::open(&network.driver_name, spec, &config)?,
                };
                let subnets = subnets(&network.pools);
                let mut host = Host {
                    kernel,
                    ns,
                    firewall: &mut state.firewall,
                    config: &config,
                    others: &before,
                };
                driver.create(&mut host, &subnets)?;
                network.driver = Some(driver);
                network.ipam.config = network
                    .ipam
                    .config
                    .take()
                    .map(|config| kept(config, &subnets));
            }
            Ok(())
        })
    }
}

/// What inspect tells of a network's pools once they were read back: IPv4 first, and every gateway, also those that the engine
/// chose. Source: moby `libnetwork/network.go`, `IpamConf.UnmarshalJSON`.
fn kept(mut config: Vec<IpamPool>, subnets: &[Subnet]) -> Vec<IpamPool> {
    for pool in config.iter_mut().filter(|pool| pool.gateway.is_empty()) {
        let held = subnets
            .iter()
            .find(|held| held.net.trunc().to_string() == pool.subnet);
        if let Some(gateway) = held.and_then(|held| held.gateway) {
            pool.gateway = gateway.to_string();
        }
    }
    let (v6, mut v4): (Vec<_>, Vec<_>) = config
        .into_iter()
        .partition(|pool| pool.subnet.contains(':'));
    v4.extend(v6);
    v4
}
