//! Networks: making, finding, listing, removing.

use sorted::SortedMap;

use ipnet::IpNet;
use kernel::Kernel;
use kernel::net::{Scope, TableId};

use crate::announce;
use crate::api::{
    ConfigReference, EndpointResource, EventType, Filters, IpamPool, NetworkCreateRequest,
    NetworkCreateResponse, NetworkInspect, NetworkSummary, NetworksPruneReport,
};
use crate::clock::rfc3339;
use crate::daemon::Engine;
use crate::drivers::bridge::go_bool;
use crate::drivers::{self, Host, Subnet};
use crate::error::{Error, Result};
use crate::filters::{boolean_filter, check_filters, has_labels, is_before_until, matches_name};
use crate::ipam::check_pools;
use crate::names::short_id;
use crate::resolvconf::ResolvConf;
use crate::state::{Network, Pool};

mod plan;
mod startup;

use self::plan::Plan;

/// Checks what networks that hold a configuration, or take one, may be given beside it.
/// Source: moby `libnetwork/network.go`, `validateConfiguration`.
fn check_configuration(request: &NetworkCreateRequest) -> Result<()> {
    let operated =
        request.ingress || request.internal || request.attachable || !request.scope.is_empty();
    if request.config_only && operated {
        return Err(Error::forbidden(
            "configuration network can only contain network specific fields. Network operator fields like \
             [ ingress | internal | attachable | scope ] are not supported.",
        ));
    }
    let takes = request.config_from.as_ref();
    if takes.is_none_or(|from| from.network.is_empty()) {
        return Ok(());
    }
    if request.config_only {
        return Err(Error::forbidden(
            "a configuration network cannot depend on another configuration network",
        ));
    }
    let ipam = request.ipam.as_ref();
    let has_own = request.enable_ipv6 == Some(true)
        || request.enable_ipv4 == Some(false)
        || !request.labels.is_empty()
        || ipam.is_some_and(|i| {
            !matches!(i.driver.as_str(), "" | "default")
                || i.options.as_ref().is_some_and(|o| !o.is_empty())
                || i.config.as_ref().is_some_and(|c| !c.is_empty())
        });
    if has_own {
        return Err(Error::forbidden(
            "user specified configurations are not supported if the network depends on a configuration network",
        ));
    }
    if !request.options.is_empty() {
        return Err(Error::forbidden(
            "network driver options are not supported if the network depends on a configuration network",
        ));
    }
    Ok(())
}

/// Checks a network's name.
fn check_name(request: &NetworkCreateRequest) -> Result<()> {
    if matches!(
        request.name.as_str(),
        "bridge" | "host" | "none" | "default"
    ) {
        return Err(Error::forbidden(format!(
            "operation is not permitted on predefined {} network ",
            request.name
        )));
    }
    if request.name.trim().is_empty() {
        return Err(Error::invalid("invalid name: name is empty"));
    }
    Ok(())
}

/// Checks a network of a swarm as far as it can be checked without managers.
pub(crate) fn check_request(request: &NetworkCreateRequest) -> Result<()> {
    check_name(request)?;
    check_families(request)
}

impl Engine {
    /// `POST /networks/create`.
    pub(crate) fn network_create(
        &self,
        request: NetworkCreateRequest,
    ) -> Result<NetworkCreateResponse> {
        check_name(&request)?;
        if request.scope == "swarm" {
            return Err(Error::forbidden(
                "cannot create a swarm scoped network when swarm is not active",
            ));
        }
        let mut request = request;
        self.add_default_options(&mut request);
        // Addresses that make no sense are told of before a name that is taken.
        check_families(&request)?;
        self.check_network_name_free(&request.name)?;
        if request.ingress {
            return Err(Error::forbidden(
                "Ingress network can only be global scope network",
            ));
        }
        let ipam_driver = request.ipam.as_ref().map_or("", |ipam| &ipam.driver);
        if !matches!(ipam_driver, "" | "default" | "null") {
            return Err(Error::not_found(format!(
                "plugin \"{ipam_driver}\" not found"
            )));
        }
        check_configuration(&request)?;
        if let Some(from) = request
            .config_from
            .clone()
            .filter(|c| !c.network.is_empty())
        {
            self.take_configuration(&mut request, &from.network)?;
        }
        let id = self.make_network(&request, false)?;
        self.network_event("create", &id, None);
        Ok(NetworkCreateResponse {
            id,
            warning: String::new(),
        })
    }

    /// Refuses a name that a network of this machine, or of the swarm, has.
    pub(crate) fn check_network_name_free(&self, name: &str) -> Result<()> {
        let state = self.state();
        let mut here = state.networks.values();
        match here.any(|n| n.name == name) || state.membership.names_network(name) {
            true => Err(Error::conflict(format!(
                "network with name {name} already exists"
            ))),
            false => Ok(()),
        }
    }

    /// Adds the options that `daemon.json` gives every network of a driver, where the request has no others. Source:
    /// moby `daemon/network.go`, `createNetwork`.
    fn add_default_options(&self, request: &mut NetworkCreateRequest) {
        let driver = match request.driver.as_str() {
            "" => "bridge",
            driver => driver,
        };
        if request.config_from.is_some() {
            return;
        }
        let state = self.state();
        let defaults = state.config.default_network_opts.get(driver);
        for (name, value) in defaults.into_iter().flatten() {
            // A family that was asked for, or not, by itself has no option beside that.
            let decided = match name.strip_prefix("com.docker.network.enable_") {
                Some("ipv4") => request.enable_ipv4.is_some(),
                Some("ipv6") => request.enable_ipv6.is_some(),
                _ => false,
            };
            if decided {
                continue;
            }
            let option = request.options.entry(name.clone());
            option.or_insert_with(|| value.clone());
        }
    }

    /// Fills a request in from a network that only holds a configuration.
    fn take_configuration(&self, request: &mut NetworkCreateRequest, from: &str) -> Result<()> {
        let state = self.state();
        let config = state
            .networks
            .values()
            .find(|n| n.name == from && n.config_only);
        let config = config.ok_or_else(|| {
            Error::not_found(format!("configuration network \"{from}\" does not exist"))
        })?;
        request.ipam = Some(config.ipam.clone());
        request.options.clone_from(&config.options);
        for (key, value) in &config.labels {
            request
                .labels
                .entry(key.clone())
                .or_insert_with(|| value.clone());
        }
        request.enable_ipv6 = Some(config.ipv6);
        request.enable_ipv4 = Some(config.ipv4);
        request.internal = config.internal;
        Ok(())
    }

    pub(crate) fn make_network(
        &self,
        request: &NetworkCreateRequest,
        predefined: bool,
    ) -> Result<String> {
        let (ipv4, ipv6, wanted) = families(request)?;
        announce::manner(&request.options)?;
        let created = self.now();
        let nameservers = self.sys().read_text("/etc/resolv.conf").unwrap_or_default();
        let plan = Plan {
            request,
            id: self.new_id(),
            ipv4,
            ipv6,
        };
        let ns = self.ns();
        self.with(|state, kernel| {
            let mut reserved = on_link_subnets(kernel, ns);
            reserved.extend(ResolvConf::parse(&nameservers).servers().map(IpNet::from));
            let network = if request.config_only {
                plan.configuration(created, wanted)
            } else {
                if matches!(request.driver.as_str(), "host" | "null")
                    && state
                        .networks
                        .values()
                        .any(|n| n.driver_name == request.driver)
                {
                    return Err(Error::forbidden(format!(
                        "only one instance of \"{}\" network is allowed",
                        request.driver
                    )));
                }
                let config = state.config.clone();
                let driver = drivers::open(&request.driver, plan.spec(), &config)?;
                plan.build(
                    state, kernel, ns, driver, wanted, &reserved, created, predefined,
                )?
            };
            let id = network.id.clone();
            state.networks.insert(id.clone(), network);
            Ok(id)
        })
    }

    /// `GET /networks/{id}`.
    pub(crate) fn network_inspect(&self, network: String, verbose: bool) -> Result<NetworkInspect> {
        let found = self.state().find_network(&network).map(|n| n.inspect(true));
        let found = found.map(|mut network| {
            network.peers = self.network_peers(&network.id);
            if verbose {
                network.services = self.network_services(&network.id);
            }
            network
        });
        found.or_else(|error| self.swarm_network_inspect(&network).ok_or(error))
    }

    /// `GET /networks`.
    pub(crate) fn network_list(&self, filters: Filters) -> Result<Vec<NetworkSummary>> {
        check_filters(
            &filters,
            &["dangling", "driver", "id", "label", "name", "scope", "type"],
        )?;
        // Source: moby `daemon/network/filter.go`, `NewFilter`.
        if filters.get("dangling").is_some_and(|given| given.len() > 1) {
            let fault = "got more than one value for filter key \"dangling\"";
            return Err(Error::invalid(fault));
        }
        let dangling = boolean_filter(&filters, "dangling")?;
        if let Some(bad) = filters
            .get("type")
            .and_then(|t| t.iter().find(|v| *v != "custom" && *v != "builtin"))
        {
            // No code of its own, so that the API answers 500.
            return Err(Error::internal(format!("invalid filter: 'type'='{bad}'")));
        }
        let of_swarm = self.swarm_networks();
        let state = self.state();
        let any = |key: &str, test: &dyn Fn(&str) -> bool| {
            filters
                .get(key)
                .is_none_or(|values| values.iter().any(|v| test(v)))
        };
        let none = SortedMap::new();
        let wanted = |n: &NetworkSummary| {
            let predefined = matches!(n.name.as_str(), "bridge" | "host" | "none");
            let labels = n.labels.as_ref().unwrap_or(&none);
            any("driver", &|v| v == n.driver)
                && any("id", &|v| n.id.starts_with(v))
                && any("name", &|v| matches_name(v, &n.name))
                && any("scope", &|v| v == n.scope)
                && any("type", &|v| (v == "builtin") == predefined)
                && has_labels(&filters, "label", labels)
                // A list knows no endpoints, so that every user network counts as without. Seen.
                && dangling.is_none_or(|d| d != predefined)
        };
        let here = state.networks.values().map(|n| n.inspect(false));
        Ok(here.chain(of_swarm).filter(wanted).collect())
    }

    /// `DELETE /networks/{id}`.
    pub(crate) fn network_remove(&self, network: String) -> Result<()> {
        let id = {
            let state = self.state();
            let n = state.find_network(&network)?;
            if n.is_predefined() {
                return Err(Error::forbidden(format!(
                    "{} is a pre-defined network and cannot be removed",
                    n.name
                )));
            }
            if n.config_only
                && state
                    .networks
                    .values()
                    .any(|other| other.config_from == n.name)
            {
                return Err(Error::forbidden(format!(
                    "error while removing network: configuration network \"{}\" is in use",
                    n.name
                )));
            }
            if !n.endpoints.is_empty() {
                let list: Vec<_> = n
                    .endpoints
                    .values()
                    .map(|e| format!("name:\"{}\" id:\"{}\"", e.name, short_id(&e.spec.id)))
                    .collect();
                return Err(Error::forbidden(format!(
                    "error while removing network: network {} has active endpoints ({})",
                    n.name,
                    list.join(", ")
                )));
            }
            n.id.clone()
        };
        self.delete_network(&id);
        Ok(())
    }

    /// `POST /networks/prune`.
    pub(crate) fn network_prune(
        &self,
        filters: Filters,
        of_swarm: Vec<String>,
    ) -> Result<NetworksPruneReport> {
        check_filters(&filters, &["label", "label!", "until"])?;
        is_before_until(&filters, 0)?;
        let unused: Vec<(String, String)> = {
            let state = self.state();
            let wanted = |n: &&Network| {
                n.is_user_defined()
                    && n.scope != "swarm"
                    && !n.config_only
                    && n.endpoints.is_empty()
                    && is_before_until(&filters, n.created).unwrap_or(false)
                    && has_labels(&filters, "label", &n.labels)
                    && (!filters.contains_key("label!")
                        || !has_labels(&filters, "label!", &n.labels))
            };
            state
                .networks
                .values()
                .filter(wanted)
                .map(|n| (n.id.clone(), n.name.clone()))
                .collect()
        };
        let mut report = NetworksPruneReport {
            networks_deleted: of_swarm,
        };
        for (id, name) in unused {
            self.delete_network(&id);
            report.networks_deleted.push(name);
        }
        self.event(
            EventType::Network,
            "prune",
            "",
            SortedMap::from([("reclaimed".to_owned(), "0".to_owned())]),
        );
        Ok(report)
    }

    fn delete_network(&self, id: &str) {
        let ns = self.ns();
        self.network_event("destroy", id, None);
        self.with(|state, kernel| {
            let Some(mut network) = state.networks.shift_remove(id) else {
                return;
            };
            let config = state.config.clone();
            if let Some(driver) = &mut network.driver {
                let mut host = Host {
                    kernel,
                    ns,
                    firewall: &mut state.firewall,
                    config: &config,
                    others: &[],
                };
                driver.delete(&mut host);
            }
            for pool in &network.pools {
                state.space.release_pool(&pool.id);
            }
        });
    }

    /// Records an event about a network, and about a container on it if one is named.
    pub(crate) fn network_event(&self, action: &str, id: &str, container: Option<&str>) {
        let mut attributes = SortedMap::new();
        if let Some(n) = self.state().networks.get(id) {
            attributes.insert("name".to_owned(), n.name.clone());
            attributes.insert("type".to_owned(), n.driver_name.clone());
        }
        if let Some(container) = container {
            attributes.insert("container".to_owned(), container.to_owned());
        }
        self.event(EventType::Network, action, id, attributes);
    }
}

pub(crate) fn subnets(pools: &[Pool]) -> Vec<Subnet> {
    pools
        .iter()
        .map(|p| Subnet {
            net: p.id.subnet,
            gateway: p.gateway,
        })
        .collect()
}

/// Returns what the machine reaches without a router, which automatic pools keep clear of: by the main table's routes, so
/// an address without a route of its own keeps nothing. Source: moby libnetwork/netutils/utils_linux.go:85.
fn on_link_subnets(kernel: &Kernel, ns: kernel::ids::NetnsId) -> Vec<IpNet> {
    let routes = kernel.routes(ns, false, Some(TableId::MAIN)).into_iter();
    let direct = routes.filter(|r| r.scope == Scope::Link && r.dst.prefix_len() > 0);
    direct.map(|r| r.dst).collect()
}

impl Network {
    /// Tells everything about the network; a list leaves its containers out.
    pub(crate) fn inspect(&self, with_containers: bool) -> NetworkInspect {
        let with_prefix = |net: Option<IpNet>| net.map(|n| n.to_string()).unwrap_or_default();
        let resource = |e: &crate::state::Endpoint| EndpointResource {
            name: e.name.clone(),
            endpoint_id: e.spec.id.clone(),
            mac_address: e.spec.mac.map(|m| m.to_string()).unwrap_or_default(),
            ipv4_address: with_prefix(e.addr(false)),
            ipv6_address: with_prefix(e.addr(true)),
        };
        let endpoints = self.endpoints.iter().filter(|_| with_containers);
        NetworkInspect {
            name: self.name.clone(),
            id: self.id.clone(),
            created: rfc3339(self.created),
            scope: self.scope.clone(),
            driver: self.driver_name.clone(),
            enable_ipv4: self.ipv4,
            enable_ipv6: self.ipv6,
            ipam: self.ipam.clone(),
            internal: self.internal,
            attachable: self.attachable,
            ingress: self.ingress,
            config_from: ConfigReference {
                network: self.config_from.clone(),
            },
            config_only: self.config_only,
            containers: Some(endpoints.map(|(id, e)| (id.clone(), resource(e))).collect()),
            options: Some(self.options.clone()),
            labels: Some(self.labels.clone()),
            ..NetworkInspect::default()
        }
    }
}

/// Checks the pools of a request as far as its families are asked for; those of the engine's own networks are taken as they are.
fn check_families(request: &NetworkCreateRequest) -> Result<()> {
    let (ipv4, ipv6, wanted) = families(request)?;
    check_pools(&wanted, ipv4, ipv6)
}

/// Returns whether IPv4 and IPv6 are asked for, and the pools, those of IPv4 first as the engine keeps them. Source: moby
/// `daemon/network.go`, `getIpamConfig`.
fn families(request: &NetworkCreateRequest) -> Result<(bool, bool, Vec<IpamPool>)> {
    let ipv4 = family(request, request.enable_ipv4, "enable_ipv4")?.unwrap_or(true);
    let ipv6 = family(request, request.enable_ipv6, "enable_ipv6")?.unwrap_or(false);
    let wanted = request.ipam.as_ref().and_then(|i| i.config.clone());
    let mut wanted = wanted.unwrap_or_default();
    sorted::sort_by_key(&mut wanted, |pool| pool.subnet.contains(':'));
    Ok((ipv4, ipv6, wanted))
}

/// Returns whether a family was asked for, by the request itself or else by a driver option. Source: moby `daemon/network.go`.
fn family(
    request: &NetworkCreateRequest,
    given: Option<bool>,
    option: &str,
) -> Result<Option<bool>> {
    let option = format!("com.docker.network.{option}");
    match (given, request.options.get(&option)) {
        (None, Some(text)) => match go_bool(text) {
            Some(on) => Ok(Some(on)),
            None => Err(Error::invalid(format!(
                "driver-opt \"{option}\" is not a valid bool"
            ))),
        },
        _ => Ok(given),
    }
}
