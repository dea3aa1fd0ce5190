//! A network that is being made: what it takes of addresses and of the machine.

use std::net::IpAddr;

use ipnet::IpNet;
use kernel::Kernel;
use kernel::ids::NetnsId;

use super::subnets;
use crate::api::{Ipam, IpamPool, NetworkCreateRequest};
use crate::drivers::{Claim, Driver, Host, NetworkSpec};
use crate::error::{Error, Result};
use crate::ipam::{PoolId, strict_net};
use crate::state::{Listed, Network, Pool, State};

/// A network that is being made.
pub(super) struct Plan<'a> {
    pub(super) request: &'a NetworkCreateRequest,
    pub(super) id: String,
    pub(super) ipv4: bool,
    pub(super) ipv6: bool,
}

impl Plan<'_> {
    pub(super) fn spec(&self) -> NetworkSpec<'_> {
        NetworkSpec {
            id: &self.id,
            options: &self.request.options,
            internal: self.request.internal,
            ipv4: self.ipv4,
            ipv6: self.ipv6,
            vtep: None,
        }
    }

    fn network(&self, created: i64, config: Option<Vec<IpamPool>>) -> Network {
        let asked = self.request.ipam.as_ref();
        Network {
            id: self.id.clone(),
            name: self.request.name.clone(),
            created,
            scope: match self.request.scope.as_str() {
                "" => "local".to_owned(),
                other => other.to_owned(),
            },
            driver_name: if self.request.driver.is_empty() {
                "bridge".into()
            } else {
                self.request.driver.clone()
            },
            driver: None,
            ipv4: self.ipv4,
            ipv6: self.ipv6,
            ipam: Ipam {
                driver: "default".into(),
                options: asked.and_then(|i| i.options.clone()),
                config,
            },
            pools: Vec::new(),
            internal: self.request.internal,
            attachable: self.request.attachable,
            ingress: false,
            config_only: self.request.config_only,
            config_from: self
                .request
                .config_from
                .as_ref()
                .map(|c| c.network.clone())
                .unwrap_or_default(),
            options: self.request.options.clone(),
            labels: self.request.labels.clone(),
            endpoints: Listed::default(),
        }
    }

    /// A network that only holds a configuration.
    pub(super) fn configuration(&self, created: i64, pools: Vec<IpamPool>) -> Network {
        let mut network = self.network(created, Some(pools));
        network.driver_name = "null".into();
        network
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "each is a different part of the engine, lent for this one call"
    )]
    pub(super) fn build(
        &self,
        state: &mut State,
        kernel: &mut Kernel,
        ns: NetnsId,
        mut driver: Box<dyn Driver>,
        wanted: Vec<IpamPool>,
        reserved: &[IpNet],
        created: i64,
        predefined: bool,
    ) -> Result<Network> {
        if !driver.has_addresses() {
            let mut network = self.network(created, None);
            network.ipam.options = None;
            network.driver = Some(driver);
            return Ok(network);
        }
        let of_nobody = self
            .request
            .ipam
            .as_ref()
            .is_some_and(|i| i.driver == "null");
        if of_nobody && wanted.is_empty() && self.ipv4 {
            // What gives no addresses gives no pool either.
            return Err(Error::internal("ipv4 pool is empty"));
        }
        let mut shown = wanted;
        let pools = self.allocate(state, driver.as_ref(), &mut shown, reserved)?;
        let release =
            |state: &mut State| pools.iter().for_each(|p| state.space.release_pool(&p.id));
        let others: Vec<Claim> = state
            .networks
            .values()
            .filter(|n| n.driver_name == driver.name())
            .filter_map(|n| n.driver.as_ref().map(|d| d.claim()))
            .collect();
        let config = state.config.clone();
        let made = {
            let mut host = Host {
                kernel,
                ns,
                firewall: &mut state.firewall,
                config: &config,
                others: &others,
            };
            driver.create(&mut host, &subnets(&pools))
        };
        if let Err(error) = made {
            release(state);
            return Err(error);
        }
        let mut network = self.network(created, Some(shown));
        if predefined {
            // The default bridge shows its gateway even where it was given by `bip`.
            network.ipam.options = None;
        }
        network.pools = pools;
        network.driver = Some(driver);
        Ok(network)
    }

    /// Takes the pools and gateways of both families; what was chosen automatically is added to `shown`.
    fn allocate(
        &self,
        state: &mut State,
        driver: &dyn Driver,
        shown: &mut Vec<IpamPool>,
        reserved: &[IpNet],
    ) -> Result<Vec<Pool>> {
        let mut pools = Vec::new();
        let mut take_all = || {
            for (v6, on) in [(false, self.ipv4), (true, self.ipv6)] {
                if !on {
                    continue;
                }
                let given: Vec<(IpNet, IpamPool)> = shown
                    .iter()
                    .filter_map(|p| Some((strict_net(&p.subnet)?, p.clone())))
                    .filter(|(net, _)| net.addr().is_ipv6() == v6)
                    .collect();
                for (net, pool) in &given {
                    take_given(state, driver, *net, pool, &mut pools)?;
                }
                if given.is_empty() {
                    let id = state
                        .space
                        .request_predefined_pool(v6, reserved)
                        .map_err(|e| Error::not_found(e.to_string()))?;
                    pools.push(Pool {
                        id,
                        gateway: None,
                        is_static: false,
                    });
                    let gateway = take_gateway(state, driver, &id, "")?;
                    if let Some(last) = pools.last_mut() {
                        last.gateway = gateway;
                    }
                    shown.push(IpamPool {
                        subnet: id.subnet.to_string(),
                        gateway: gateway.map(|g| g.to_string()).unwrap_or_default(),
                        ..IpamPool::default()
                    });
                }
            }
            Ok(())
        };
        if let Err(error) = take_all() {
            for pool in &pools {
                state.space.release_pool(&pool.id);
            }
            return Err(error);
        }
        Ok(pools)
    }
}

fn take_given(
    state: &mut State,
    driver: &dyn Driver,
    net: IpNet,
    asked: &IpamPool,
    pools: &mut Vec<Pool>,
) -> Result<()> {
    let mapped = matches!(net.addr(), IpAddr::V6(addr) if addr.to_ipv4_mapped().is_some());
    if mapped {
        // Such a pool is made, but not found again when its gateway is taken: its text is read as IPv4's. Recorded.
        return Err(Error::not_found(format!(
            "failed to allocate gateway ({}): cannot find address pool for poolID:{net}/invalid Prefix",
            asked.gateway
        )));
    }
    let id = state
        .space
        .request_pool(net, strict_net(&asked.ip_range))
        .map_err(|e| Error::forbidden(e.to_string()))?;
    pools.push(Pool {
        id,
        gateway: None,
        is_static: true,
    });
    let gateway = take_gateway(state, driver, &id, &asked.gateway)?;
    if let Some(last) = pools.last_mut() {
        last.gateway = gateway;
    }
    for (name, addr) in &asked.auxiliary_addresses {
        let Ok(addr) = addr.parse::<IpAddr>() else {
            continue;
        };
        if !net.contains(&addr) {
            return Err(Error::forbidden(format!(
                "auxiliary address: ({name}:{addr}) must belong to the master pool: {net}"
            )));
        }
        state.space.request_address(&id, addr).map_err(|e| {
            Error::internal(format!(
                "failed to allocate secondary ip address ({name}:{addr}): {e}"
            ))
        })?;
    }
    Ok(())
}

fn take_gateway(
    state: &mut State,
    driver: &dyn Driver,
    id: &PoolId,
    given: &str,
) -> Result<Option<IpAddr>> {
    let wanted = driver.wants_gateway(id.subnet.addr().is_ipv6());
    let taken = match given.parse::<IpAddr>() {
        // One that the user names is set aside even where it leads nowhere.
        Ok(addr) => state.space.request_address(id, addr),
        Err(_) if !wanted => return Ok(None),
        Err(_) => state.space.request_next(id, false),
    };
    taken
        .map(|net| Some(net.addr()).filter(|_| wanted))
        .map_err(|e| Error::internal(format!("failed to allocate gateway ({given}): {e}")))
}
