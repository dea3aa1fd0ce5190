//! Networks at the daemon's start: the predefined ones, and those that are there from before.

use ipnet::IpNet;
use sorted::SortedMap;

use super::subnets;
use crate::api::{Ipam, IpamPool, NetworkCreateRequest};
use crate::daemon::Engine;
use crate::drivers::{self, Claim, Host, NetworkSpec};
use crate::error::Result;
use crate::ipam::strict_net;

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
        let config = self.state().config.clone();
        if config.bridge == "none" {
            return Ok(());
        }
        let option = |name: &str, value: String| (format!("com.docker.network.{name}"), value);
        let mut pool = IpamPool::default();
        if let Some(net) =
            strict_net(&config.bip).or_else(|| self.address_kept_by_docker0(&config.fixed_cidr))
        {
            pool.subnet = net.trunc().to_string();
            pool.gateway = net.addr().to_string();
        }
        if !pool.subnet.is_empty() {
            pool.ip_range.clone_from(&config.fixed_cidr);
        } else if !config.fixed_cidr.is_empty() {
            pool.subnet.clone_from(&config.fixed_cidr);
        }
        let mut pools: Vec<IpamPool> = Some(pool)
            .into_iter()
            .filter(|p| !p.subnet.is_empty())
            .collect();
        if config.ipv6 && !config.fixed_cidr_v6.is_empty() {
            pools.push(IpamPool {
                subnet: config.fixed_cidr_v6.clone(),
                ip_range: config.fixed_cidr_v6.clone(),
                ..IpamPool::default()
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
                option("bridge.name", "docker0".into()),
                option("driver.mtu", config.mtu.to_string()),
            ]),
            ..NetworkCreateRequest::default()
        };
        // The default bridge is made anew at every start, with its old id and containers' references.
        let old = self
            .state()
            .networks
            .values()
            .find(|n| n.name == "bridge")
            .map(|n| n.id.clone());
        if let Some(id) = &old {
            let ns = self.ns();
            self.with(|state, kernel| {
                let Some(network) = state.networks.shift_remove(id) else {
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
                if let Some(driver) = &network.driver {
                    driver.withdraw(&mut host);
                }
                for pool in &network.pools {
                    state.space.release_pool(&pool.id);
                }
            });
        }
        let id = self.make_network(&request, true)?;
        if let Some(old) = old {
            let mut state = self.state();
            if let Some(mut network) = state.networks.shift_remove(&id) {
                network.id.clone_from(&old);
                state.networks.insert(old, network);
            }
        }
        Ok(())
    }

    /// Returns the IPv4 address that docker0 has from an earlier run of the daemon, which keeps it, unless
    /// `fixed_cidr` lies elsewhere. Source: moby `daemon/daemon_unix.go`, `selectBIP`.
    fn address_kept_by_docker0(&self, fixed_cidr: &str) -> Option<IpNet> {
        let ns = self.ns();
        let wanted = strict_net(fixed_cidr);
        self.with(|_, kernel| {
            let link = kernel.link_by_name(ns, "docker0")?;
            let addrs = kernel.addrs(link);
            let nets = addrs
                .iter()
                .filter(|a| a.addr.is_ipv4())
                .filter_map(|a| IpNet::new(a.addr, a.prefix).ok());
            nets.into_iter()
                .find(|net| wanted.is_none_or(|wanted| net.contains(&wanted.trunc())))
        })
    }

    /// Makes the kernel's part of user networks again after a restart of the daemon.
    pub(crate) fn restore_networks(&self) -> Result<()> {
        let ns = self.ns();
        self.with(|state, kernel| {
            let config = state.config.clone();
            for network in state.networks.values_mut() {
                network.endpoints.clear();
                if network.is_predefined() || network.config_only {
                    continue;
                }
                let spec = NetworkSpec {
                    id: &network.id,
                    options: &network.options,
                    internal: network.internal,
                    ipv4: network.ipv4,
                    ipv6: network.ipv6,
                };
                let before: Vec<Claim> = network.driver.iter().map(|d| d.claim()).collect();
                let mut driver = drivers::open(&network.driver_name, spec, &config)?;
                let subnets = subnets(&network.pools);
                let mut host = Host {
                    kernel,
                    ns,
                    firewall: &mut state.firewall,
                    config: &config,
                    others: if driver.name() == "bridge" {
                        &[]
                    } else {
                        &before
                    },
                };
                driver.create(&mut host, &subnets)?;
                network.driver = Some(driver);
            }
            Ok(())
        })
    }
}
