//! Sandboxes: a container's network namespace, its default routes, and the files that tell it about names.

use std::net::IpAddr;

use ipnet::IpNet;
use kernel::Errno;
use kernel::Kernel;
use kernel::fs::Node;
use kernel::ids::{MountId, NetnsId};
use kernel::net::route::RouteMatch;
use kernel::net::{Route, Scope};

use crate::daemon::{Engine, NETNS_DIR, put_file};
use crate::drivers::os_error;
use crate::error::{Error, Result};
use crate::gateway::{self, Candidate};
use crate::hosts::{self, Record};
use crate::names::{random_id, short_id};
use crate::overlays::GATEWAY_BRIDGE;
use crate::resolvconf::{self, Overrides, ResolvConf};
use crate::state::{Container, DefaultRoute, Sandbox, State};

/// Name in `--add-host` that stands for the machine.
pub(crate) const HOST_GATEWAY: &str = "host-gateway";

impl Engine {
    /// Makes a container's sandbox with all of its networks. Leaves nothing behind if that fails.
    pub(crate) fn make_sandbox(&self, container: &str) -> Result<()> {
        let (mode, mut networks, sysctls) = {
            let mut state = self.state();
            let has_bridge = state.config.has_bridge();
            let c = state
                .containers
                .get_mut(container)
                .ok_or_else(|| Error::no_such_container(container))?;
            let there = |key: &&String| key.as_str() != "bridge" || has_bridge;
            let networks: Vec<String> = match c.config.network_disabled {
                true => Vec::new(),
                false => c.endpoints.keys().filter(there).cloned().collect(),
            };
            // Without a default bridge, whoever is to be on it is on none, and stays without networks from its next start
            // on. Source: moby `daemon/container_operations.go`, `connectToNetwork`.
            c.config.network_disabled |= !has_bridge && c.endpoints.contains_key("bridge");
            (
                c.network_mode().to_owned(),
                networks,
                c.host_config.sysctls.clone(),
            )
        };
        let is_host = mode == "host";
        // The network that the container is named after comes first; the real engine's order is left to chance.
        sorted::sort_by_key(&mut networks, |n| *n != mode);
        let (ns, machine) = (self.ns(), self.machine());
        self.with(|state, kernel| {
            let id = random_id(&mut kernel.rng);
            let netns = if is_host {
                ns
            } else {
                kernel.netns_add(machine)
            };
            if !is_host {
                if let Some(lo) = kernel.link_by_name(netns, "lo") {
                    let _ = kernel.link_set_up(lo);
                }
                // Everybody may take any port in a container. Source: moby `daemon/oci_linux.go`, `WithSysctls`.
                let free = "net.ipv4.ip_unprivileged_port_start";
                let _ = kernel.sysctl_set(netns, free, "0");
                for (name, value) in &sysctls {
                    let _ = kernel.sysctl_set(netns, name, value);
                }
            }
            let key = format!(
                "{NETNS_DIR}/{}",
                if is_host { "default" } else { short_id(&id) }
            );
            let now = kernel.now;
            let path = kernel.destination(self.root(), &key);
            if let Some(tree) = kernel.tree_mut(self.root()) {
                tree.put(&path, Node::Netns(netns), 0o444, now);
            }
            if let Some(c) = state.containers.get_mut(container) {
                c.sandbox = Some(Sandbox {
                    id,
                    key,
                    netns,
                    is_host,
                    joined: Vec::new(),
                    gateway_v4: None,
                    gateway_v6: None,
                    resolver: None,
                    published: Vec::new(),
                    publishes_on: [None, None],
                    link_rules: Vec::new(),
                    own_hosts: Vec::new(),
                });
            }
        });
        self.write_first_hosts(container);
        self.forget_resolv_conf(container);
        let mut joined = Vec::new();
        let all = networks.iter().try_for_each(|n| {
            joined.push(self.join_network(container, n)?);
            Ok(())
        });
        let made = all
            .clone()
            .and_then(|()| self.after_change(container, false));
        // Ports are part of the last step: where they fail, no network counts as joined.
        if made.is_ok() || all.is_err() {
            for network in &joined {
                self.network_event("connect", network, Some(container));
            }
        }
        self.open_links(container);
        self.tell_linking(container);
        if made.is_err() {
            self.drop_sandbox(container, false);
            self.say_disconnected(container);
        }
        made
    }

    /// Says that a container left its networks, as the engine does when it clears up after one that it could not start.
    pub(crate) fn say_disconnected(&self, id: &str) {
        let networks: Vec<String> = {
            let state = self.state();
            let Some(c) = state.containers.get(id) else {
                return;
            };
            let known = c
                .endpoints
                .keys()
                .filter_map(|key| state.network_of(c, key).ok());
            known.map(|n| n.id.clone()).collect()
        };
        for network in networks {
            self.network_event("disconnect", &network, Some(id));
        }
    }

    /// Removes a container's sandbox with everything in it, and says that it left its networks.
    pub(crate) fn remove_sandbox(&self, container: &str) {
        let had_one = self
            .state()
            .containers
            .get(container)
            .is_some_and(|c| c.sandbox.is_some());
        self.drop_sandbox(container, true);
        if had_one {
            self.say_disconnected(container);
        }
    }

    /// Removes a container's sandbox with everything in it. Where it was never wholly made, its interfaces go with it.
    fn drop_sandbox(&self, container: &str, whole: bool) {
        let joined = {
            let mut state = self.state();
            let sandbox = state
                .containers
                .get_mut(container)
                .and_then(|c| c.sandbox.as_mut());
            if let Some(resolver) = sandbox.as_ref().and_then(|s| s.resolver.as_ref()) {
                resolver.stop();
            }
            sandbox.map(|s| s.joined.clone()).unwrap_or_default()
        };
        self.unpublish(container, &|_| true);
        for network in &joined {
            self.leave_network(container, network, whole);
        }
        // Whoever shares the namespace goes on to read the file: recording 1798.
        self.update_hosts(container);
        self.with(|state, kernel| {
            let Some(sandbox) = state
                .containers
                .get_mut(container)
                .and_then(|c| c.sandbox.take())
            else {
                return;
            };
            let keep = sandbox.is_host
                && state
                    .containers
                    .values()
                    .any(|c| c.sandbox.as_ref().is_some_and(|s| s.is_host));
            let shared = state
                .containers
                .values()
                .any(|c| c.id != container && c.netns == Some(sandbox.netns));
            if !sandbox.is_host && !shared && !is_named(kernel, self.root(), sandbox.netns) {
                kernel.netns_del(sandbox.netns);
            }
            let path = kernel.destination(self.root(), &sandbox.key);
            if let (Some(tree), false) = (kernel.tree_mut(self.root()), keep) {
                let _ = tree.remove(&path);
            }
        });
    }

    /// Removes a namespace that containers shared, once all of them have left it.
    pub(crate) fn release_netns(&self, netns: NetnsId) {
        let ns = self.ns();
        self.with(|state, kernel| {
            let used = |c: &Container| {
                c.netns == Some(netns) || c.sandbox.as_ref().is_some_and(|s| s.netns == netns)
            };
            let used = state.containers.values().any(used);
            if netns != ns && !used && !is_named(kernel, self.root(), netns) {
                kernel.netns_del(netns);
            }
        });
    }

    /// Lets the default routes go through the right networks, and moves published ports there. A route that cannot be set is
    /// an error unless the container is `leaving` a network.
    pub(crate) fn update_gateway(&self, container: &str, leaving: bool) -> Result<()> {
        let chosen = self.with(|state, kernel| {
            let Some(sandbox) = state
                .containers
                .get(container)
                .and_then(|c| c.sandbox.as_ref())
            else {
                return Ok(None);
            };
            let netns = sandbox.netns;
            let joined: Vec<String> = sandbox
                .joined
                .iter()
                .filter(|id| state.networks.contains_key(*id))
                .cloned()
                .collect();
            let candidates: Vec<Candidate> = joined
                .iter()
                .filter_map(|id| state.networks.get(id).map(|n| n.candidate(container)))
                .collect();
            let (at_v4, at_v6) = gateway::choose(&candidates);
            let pick = |at: Option<usize>| at.and_then(|at| joined.get(at)).cloned();
            let (v4, v6) = (pick(at_v4), pick(at_v6));
            let mut set = |network: &Option<String>, family_v6| {
                let network = network.as_deref();
                set_default_route(state, kernel, container, netns, network, family_v6)
            };
            let (set_v4, set_v6) = (set(&v4, false), set(&v6, true));
            if let Some(s) = state
                .containers
                .get_mut(container)
                .and_then(|c| c.sandbox.as_mut())
            {
                // Only what was set here is taken away again.
                s.gateway_v4 = v4.clone().filter(|_| set_v4.is_ok());
                s.gateway_v6 = v6.clone().filter(|_| set_v6.is_ok());
            }
            if !leaving {
                set_v4.and(set_v6)?;
            }
            // Without a gateway of its own, IPv6's addresses of the machine lead where IPv4's do.
            let v6 = v6.or_else(|| v4.clone());
            Ok(Some([v4, v6]))
        })?;
        let published = chosen.map_or(Ok(()), |networks| self.publish_on(container, networks));
        // Left without its ports, a container has left its network all the same. Source: moby `libnetwork/endpoint.go`,
        // `sbLeave`, which only writes that into the log.
        if leaving { Ok(()) } else { published }
    }

    /// Writes `/etc/hosts` as it is before any network: localhost, the user's entries, links.
    fn write_first_hosts(&self, container: &str) {
        let machine_hosts = self.sys().read_text("/etc/hosts").unwrap_or_default();
        let state = self.state();
        let Some(c) = state.containers.get(container) else {
            return;
        };
        let extra = extra_hosts(&state, c);
        let links = link_records(&state, c);
        let ipv6 = c.has_ipv6();
        let text = if c.network_mode() == "host" && extra.is_empty() {
            machine_hosts
        } else {
            hosts::build(ipv6, &[extra, links].concat())
        };
        let path = format!("{}/hosts", c.dir);
        drop(state);
        self.sys().kernel(|k| put_file(k, self.sys(), &path, &text));
    }

    /// A sandbox begins with a resolv.conf of its own, whatever was written into the last one's.
    fn forget_resolv_conf(&self, container: &str) {
        let dir = self
            .state()
            .containers
            .get(container)
            .map(|c| c.dir.clone());
        if let Some(dir) = dir {
            let path = format!("{dir}/resolv.conf");
            self.sys().kernel(|k| put_file(k, self.sys(), &path, ""));
        }
    }

    /// Writes a running container's `/etc/hosts` anew, without links.
    pub(crate) fn renew_hosts(&self, container: &str) {
        let mut state = self.state();
        let Some(c) = state.containers.get(container) else {
            return;
        };
        let text = hosts::build(c.has_ipv6(), &extra_hosts(&state, c));
        let path = format!("{}/hosts", c.dir);
        let sandbox = state.containers.get_mut(container);
        let Some(sandbox) = sandbox.and_then(|c| c.sandbox.as_mut()) else {
            return;
        };
        sandbox.own_hosts.clear();
        drop(state);
        self.sys().kernel(|k| put_file(k, self.sys(), &path, &text));
        self.update_hosts(container);
    }

    /// Keeps the container's own lines in its hosts file in line with its addresses.
    pub(crate) fn update_hosts(&self, container: &str) {
        let mut state = self.state();
        let Some(c) = state.containers.get(container) else {
            return;
        };
        let Some(sandbox) = c.sandbox.as_ref().filter(|s| !s.is_host) else {
            return;
        };
        let names = hosts::own_names(&c.config.hostname, &c.config.domainname);
        // Neither the ingress network nor the way out of overlay networks gives a name to anybody.
        let told = |n: &&crate::state::Network| !n.ingress && n.name != GATEWAY_BRIDGE;
        let endpoints = sandbox.joined.iter().filter_map(|id| {
            let network = state.networks.get(id).filter(told)?;
            network.endpoints.get(container)
        });
        let wanted: Vec<Record> = endpoints
            .flat_map(|e| e.spec.addrs.iter())
            .map(|net| Record {
                addr: net.addr(),
                names: names.clone(),
            })
            .collect();
        let had = sandbox.own_hosts.clone();
        let path = format!("{}/hosts", c.dir);
        let gone: Vec<Record> = had
            .iter()
            .filter(|r| !wanted.contains(r))
            .cloned()
            .collect();
        let new: Vec<Record> = wanted
            .iter()
            .filter(|r| !had.contains(r))
            .cloned()
            .collect();
        if let Some(s) = state
            .containers
            .get_mut(container)
            .and_then(|c| c.sandbox.as_mut())
        {
            s.own_hosts = wanted;
        }
        drop(state);
        let text = self.sys().read_text(&path).unwrap_or_default();
        let text = hosts::add(hosts::remove(&text, &gone), &new);
        self.sys().kernel(|k| put_file(k, self.sys(), &path, &text));
    }

    /// Writes resolv.conf in the form that the container's networks ask for, and starts the embedded DNS server where
    /// it is needed. A file that somebody edited is left alone.
    pub(crate) fn update_resolver(&self, container: &str) {
        let machine_conf = self.sys().read_text(resolvconf::FILE);
        let mut state = self.state();
        let config = state.config.clone();
        let Some(c) = state.containers.get(container) else {
            return;
        };
        let Some(sandbox) = c.sandbox.as_ref() else {
            return;
        };
        let on_user_network = sandbox
            .joined
            .iter()
            .filter_map(|id| state.networks.get(id))
            .any(crate::state::Network::is_user_defined);
        let pick = |own: &Option<Vec<String>>, default: &Vec<String>| {
            own.clone()
                .filter(|list| !list.is_empty())
                .unwrap_or_else(|| default.clone())
        };
        let servers = pick(&c.host_config.dns, &config.dns);
        let search = pick(&c.host_config.dns_search, &config.dns_search);
        let options = pick(&c.host_config.dns_options, &config.dns_opts);
        let conf = machine_conf.map(|text| ResolvConf::parse(&text));
        let conf = conf.unwrap_or_default().with(Overrides {
            servers: &servers,
            search: &search,
            options: &options,
        });
        let ipv6 = sandbox
            .joined
            .iter()
            .filter_map(|id| state.networks.get(id)?.endpoints.get(container))
            .any(|e| e.addr(true).is_some());
        let (netns, was_internal, is_host) =
            (sandbox.netns, sandbox.resolver.is_some(), sandbox.is_host);
        let dir = c.dir.clone();
        let path = format!("{dir}/resolv.conf");
        let present = self.sys().read_text(&path).unwrap_or_default();
        let bare = sandbox.joined.is_empty() && !was_internal;
        if bare && !present.is_empty() {
            // What the last network asked for stays when the container leaves it.
            return;
        }
        let mut upstream = None;
        let text = if is_host || bare {
            // Without a network nothing is changed for one.
            conf.plain()
        } else if on_user_network || was_internal {
            // Once embedded, always embedded: nothing puts the old form back.
            let (text, ext) = conf.internal();
            upstream = Some((ext, conf.ndots_is_given()));
            text
        } else {
            conf.legacy(ipv6)
        };
        let last = c.resolv_conf.clone();
        if let Some(c) = state.containers.get_mut(container) {
            c.resolv_conf.clone_from(&text);
        }
        drop(state);
        if present.is_empty() || present == last {
            self.sys().kernel(|k| put_file(k, self.sys(), &path, &text));
            self.save_resolver_hash(&dir, &text);
        }
        if let (Some((ext, ndots)), false) = (upstream, was_internal) {
            let resolver = crate::dns::Resolver::start(self, container, netns, ext, ndots);
            let mut state = self.state();
            if let Some(s) = state
                .containers
                .get_mut(container)
                .and_then(|c| c.sandbox.as_mut())
            {
                s.resolver = resolver;
            }
        }
    }

    /// Writes the file that holds the container's host name.
    pub(crate) fn write_hostname(&self, container: &str) {
        let Some((dir, name)) = self
            .state()
            .containers
            .get(container)
            .map(|c| (c.dir.clone(), c.config.hostname.clone()))
        else {
            return;
        };
        let text = format!("{name}\n");
        self.sys()
            .kernel(|k| put_file(k, self.sys(), &format!("{dir}/hostname"), &text));
    }
}

/// Makes one family's default route go through a network, or nowhere. Leaves it alone if it does already.
fn set_default_route(
    state: &State,
    kernel: &mut Kernel,
    container: &str,
    netns: NetnsId,
    network: Option<&str>,
    v6: bool,
) -> Result<()> {
    let any = if v6 { "::/0" } else { "0.0.0.0/0" };
    let Ok(any) = any.parse::<IpNet>() else {
        return Ok(());
    };
    let through = |id: &str| {
        let n = state.networks.get(id)?;
        let endpoint = n.endpoints.get(container)?;
        let via = match n.default_route(endpoint, v6)? {
            DefaultRoute::Via(gateway) => Some(gateway),
            DefaultRoute::Device => None,
        };
        Some((via, endpoint.interface?))
    };
    let containers = &state.containers;
    let before = containers.get(container).and_then(|c| {
        let sandbox = c.sandbox.as_ref()?;
        let gateway = if v6 {
            &sandbox.gateway_v6
        } else {
            &sandbox.gateway_v4
        };
        gateway.as_deref()
    });
    let (wanted, present) = (network.and_then(through), before.and_then(through));
    if wanted == present {
        return Ok(());
    }
    if let Some((via, link)) = present {
        let mut which = RouteMatch::new(any);
        (which.via, which.link) = (via, Some(link));
        let _ = kernel.route_del(netns, &which);
    }
    if let Some((via, link)) = wanted {
        let mut route = Route::new(any);
        route.via = via;
        route.link = Some(link);
        if via.is_none() && !v6 {
            route.scope = Scope::Link;
        }
        kernel.route_add(netns, route).map_err(|e| {
            let what = "updating gateway endpoint: failed to set gateway";
            match via {
                // Of somebody else's making, which the engine leaves alone.
                _ if e == Errno::EEXIST => os_error(what, e),
                Some(gw) => os_error(
                    &format!("{what}: route for the gateway {gw} could not be found"),
                    e,
                ),
                None => os_error(what, e),
            }
        })?;
    }
    Ok(())
}

/// Returns the addresses that `host-gateway` stands for.
pub(crate) fn host_gateways(state: &State) -> Vec<IpAddr> {
    let given = state.config.host_gateways();
    if !given.is_empty() {
        return given;
    }
    let bridge = state.networks.values().find(|n| n.name == "bridge");
    bridge
        .map(|n| n.pools.iter().filter_map(|p| p.gateway).collect())
        .unwrap_or_default()
}

fn extra_hosts(state: &State, c: &Container) -> Vec<Record> {
    let mut records = Vec::new();
    for entry in c.host_config.extra_hosts.iter().flatten() {
        let Some((name, addr)) = entry.split_once([':', '=']) else {
            continue;
        };
        let addrs = if addr == HOST_GATEWAY {
            host_gateways(state)
        } else {
            addr.trim_matches(['[', ']']).parse().into_iter().collect()
        };
        records.extend(addrs.into_iter().map(|addr| Record {
            addr,
            names: name.to_owned(),
        }));
    }
    records
}

/// Returns the lines for legacy links: alias, host name and name of the other container.
fn link_records(state: &State, c: &Container) -> Vec<Record> {
    let bridge = state.networks.values().find(|n| n.name == "bridge");
    let record = |link: &crate::links::Link, v6: bool| {
        let child = state.containers.get(&link.child)?;
        let endpoint = bridge?.endpoints.get(&link.child)?;
        let name = if link.alias == child.name {
            String::new()
        } else {
            format!(" {}", child.name)
        };
        let addr = endpoint.addr(v6)?.addr();
        Some(Record {
            addr,
            names: format!("{} {}{name}", link.alias, child.config.hostname),
        })
    };
    let both = |link| {
        [false, true]
            .into_iter()
            .filter_map(move |v6| record(link, v6))
    };
    c.links.iter().flat_map(both).collect()
}

/// Whether somebody has given a namespace a name of his own, as `ip netns attach` does, which holds it.
fn is_named(kernel: &Kernel, root: MountId, netns: NetnsId) -> bool {
    let names = kernel.list(root, "/run/netns");
    names
        .iter()
        .any(|name| matches!(name.meta.node, Node::Netns(named) if named == netns))
}
