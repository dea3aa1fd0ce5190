//! Legacy links on the default bridge: a name for another container, and environment variables about it.
//!
//! Source: moby `daemon/links/links.go`.

use std::net::IpAddr;

use crate::daemon::{Engine, put_file};
use crate::firewall::rule::Placed;
use crate::hosts;
use crate::ports::{ContainerPort, exposed};
use crate::state::State;

/// A link from a container to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    /// Id of the container linked to.
    pub(crate) child: String,
    /// The name it had when the link was made, for messages after it is gone.
    pub(crate) name: String,
    /// The name it has in the container that links.
    pub(crate) alias: String,
}

/// Returns the environment of one link. `parent` is the container that links, `own` the environment of the other.
pub(crate) fn environment(
    parent: &str,
    alias: &str,
    addr: IpAddr,
    mut ports: Vec<ContainerPort>,
    own: &[String],
) -> Vec<String> {
    let prefix = alias.replace('-', "_").to_ascii_uppercase();
    // TCP before UDP, then by number.
    sorted::sort_by_key(&mut ports, |p| (p.proto, p.port));
    let mut env = Vec::new();
    let url = |p: &ContainerPort| format!("{}://{addr}:{}", p.proto, p.port);
    if let Some(first) = ports.first() {
        env.push(format!("{prefix}_PORT={}", url(first)));
    }
    let named = |p: &ContainerPort| {
        let proto = p.proto.to_string().to_ascii_uppercase();
        format!("{prefix}_PORT_{}_{proto}", p.port)
    };
    for p in &ports {
        let name = named(p);
        env.push(format!("{name}={}", url(p)));
        env.push(format!("{name}_ADDR={addr}"));
        env.push(format!("{name}_PORT={}", p.port));
        env.push(format!("{name}_PROTO={}", p.proto));
    }
    // Ports in a row are told as a range besides.
    let follows = |a: &ContainerPort, b: &ContainerPort| {
        a.proto == b.proto && a.port.checked_add(1) == Some(b.port)
    };
    for row in ports.chunk_by(follows) {
        if let [first, .., last] = row {
            let name = named(first);
            env.push(format!("{name}_START={}", url(first)));
            env.push(format!("{name}_PORT_START={}", first.port));
            env.push(format!("{name}_END={}", url(last)));
            env.push(format!("{name}_PORT_END={}", last.port));
        }
    }
    env.push(format!("{prefix}_NAME=/{parent}/{alias}"));
    let told = own
        .iter()
        .filter_map(|v| v.split_once('='))
        .filter(|(k, _)| *k != "HOME" && *k != "PATH");
    env.extend(told.map(|(key, value)| format!("{prefix}_ENV_{key}={value}")));
    env
}

impl Engine {
    /// Opens the exposed ports of the containers that a container links to, where its network closes them.
    /// Source: moby `libnetwork/drivers/bridge/link.go`.
    pub(crate) fn open_links(&self, container: &str) {
        let ns = self.ns();
        self.with(|state, kernel| {
            let rules = link_rules(state, container).unwrap_or_default();
            for (_, rules) in &rules {
                let _ = state.firewall.add(kernel, ns, rules);
            }
            let sandbox = state.containers.get_mut(container);
            if let Some(sandbox) = sandbox.and_then(|c| c.sandbox.as_mut()) {
                sandbox.link_rules = rules;
            }
        });
    }

    /// Closes them again. Where a container has left the network since, by a restart too, the engine does not find its
    /// endpoint any more and gives up: that rule and those after it stay.
    pub(crate) fn close_links(&self, container: &str) {
        let ns = self.ns();
        self.with(|state, kernel| {
            let sandbox = state.containers.get_mut(container);
            let Some(sandbox) = sandbox.and_then(|c| c.sandbox.as_mut()) else {
                return;
            };
            let rules = std::mem::take(&mut sandbox.link_rules);
            let bridge = state.networks.values().find(|n| n.name == "bridge");
            let there =
                |id: &str| bridge.is_some_and(|n| n.endpoints.values().any(|e| e.spec.id == id));
            let found = rules.iter().take_while(|(child, _)| there(child));
            for (_, rules) in found {
                state.firewall.remove(kernel, ns, rules);
            }
        });
    }
}

impl Engine {
    /// Tells the containers that link to this one, as long as they run, where it is by now: in their `/etc/hosts`.
    /// Source: moby `daemon/container_operations.go`, `libnetwork/etchosts`.
    pub(crate) fn tell_linking(&self, container: &str) {
        let told: Vec<(String, String, IpAddr)> = {
            let state = self.state();
            let bridge = state.networks.values().find(|n| n.name == "bridge");
            let endpoint = bridge.and_then(|n| n.endpoints.get(container));
            let Some(addr) = endpoint.and_then(|e| e.addr(false)) else {
                return;
            };
            let running = state.containers.values().filter(|c| c.sandbox.is_some());
            let linking = running.flat_map(|c| c.links.iter().map(move |link| (c, link)));
            let linking = linking.filter(|(_, link)| link.child == container);
            let told = linking.map(|(c, link)| {
                let path = format!("{}/hosts", c.dir);
                (path, link.alias.clone(), addr.addr())
            });
            told.collect()
        };
        for (path, alias, addr) in told {
            let text = self.sys().read_text(&path).unwrap_or_default();
            let text = hosts::update(&text, &alias, addr);
            self.sys().kernel(|k| put_file(k, self.sys(), &path, &text));
        }
    }
}

fn link_rules(state: &State, container: &str) -> Option<Vec<(String, Vec<Placed>)>> {
    let network = state.networks.values().find(|n| n.name == "bridge")?;
    let driver = network.driver.as_ref()?;
    let addr = |id: &str| {
        let endpoint = network.endpoints.get(id)?;
        Some((endpoint.spec.id.clone(), endpoint.addr(false)?.addr()))
    };
    let (_, parent) = addr(container)?;
    let links = &state.containers.get(container)?.links;
    let rules = links.iter().filter_map(|link| {
        let (endpoint, at) = addr(&link.child)?;
        let ports = exposed(&state.containers.get(&link.child)?.config).into_iter();
        let rules = ports.flat_map(|(_, port)| driver.link_rules(parent, at, port));
        Some((endpoint, rules.collect()))
    });
    Some(rules.collect())
}

/// Splits `name:alias` or `name`.
pub(crate) fn parse(text: &str) -> (&str, &str) {
    match text.split_once(':') {
        Some((name, alias)) => (name, alias.rsplit('/').next().unwrap_or(alias)),
        None => (text, text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_tells_where_the_other_listens() {
        let ports = vec!["6379/tcp".parse().unwrap()];
        let env = environment(
            "app",
            "database",
            "172.17.0.2".parse().unwrap(),
            ports,
            &["PATH=/bin".into()],
        );
        assert_eq!(
            env,
            [
                "DATABASE_PORT=tcp://172.17.0.2:6379",
                "DATABASE_PORT_6379_TCP=tcp://172.17.0.2:6379",
                "DATABASE_PORT_6379_TCP_ADDR=172.17.0.2",
                "DATABASE_PORT_6379_TCP_PORT=6379",
                "DATABASE_PORT_6379_TCP_PROTO=tcp",
                "DATABASE_NAME=/app/database",
            ]
        );
    }

    #[test]
    fn ports_in_a_row_are_told_as_a_range_too() {
        let ports = ["80/tcp", "8001/tcp", "8000/tcp", "8001/udp"];
        let ports = ports.map(|p| p.parse().unwrap()).to_vec();
        let env = environment("app", "web", "172.17.0.2".parse().unwrap(), ports, &[]);
        let range = env
            .into_iter()
            .filter(|v| v.contains("START=") || v.contains("END="));
        assert_eq!(
            range.collect::<Vec<_>>(),
            [
                "WEB_PORT_8000_TCP_START=tcp://172.17.0.2:8000",
                "WEB_PORT_8000_TCP_PORT_START=8000",
                "WEB_PORT_8000_TCP_END=tcp://172.17.0.2:8001",
                "WEB_PORT_8000_TCP_PORT_END=8001",
            ]
        );
    }
}
