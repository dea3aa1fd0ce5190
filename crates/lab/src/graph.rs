//! The stage as a graph: what hangs on what, for questions about the way from here to there.
//!
//! It is derived from the topology and serves the picture and sentences only; forwarding never asks it.

use crate::view::{Topology, place};
use petgraph::algo::astar;
use petgraph::graph::{NodeIndex, UnGraph};
use sorted::SortedMap;

/// Things on the stage, joined by the cables that packets can take between them.
pub(crate) struct StageGraph {
    graph: UnGraph<String, ()>,
    nodes: SortedMap<String, NodeIndex>,
    names: SortedMap<String, String>,
}

impl StageGraph {
    /// The graph of a stage.
    pub(crate) fn new(topology: &Topology) -> Self {
        let mut this = Self {
            graph: UnGraph::default(),
            nodes: SortedMap::new(),
            names: SortedMap::new(),
        };
        for machine in &topology.machines {
            let inside = if machine.hooks.is_empty() {
                machine.id.clone()
            } else {
                place::local(&machine.name)
            };
            this.names.insert(inside.clone(), machine.name.clone());
            for interface in &machine.interfaces {
                let edge = if machine.hooks.is_empty() {
                    inside.clone()
                } else {
                    place::port(&machine.name, &interface.name)
                };
                this.names
                    .entry(edge.clone())
                    .or_insert_with(|| format!("{} of {}", interface.name, machine.name));
                this.join(&inside, &edge);
                if let Some(lan) = &interface.lan {
                    this.names.insert(lan.clone(), "the LAN".to_owned());
                    this.join(&edge, lan);
                }
            }
            for network in &machine.networks {
                this.names.insert(network.id.clone(), network.name.clone());
                let base = match network.parent.split('.').next() {
                    Some("") | None => inside.clone(),
                    Some(parent) => place::port(&machine.name, parent),
                };
                this.join(&base, &network.id);
            }
            for container in &machine.containers {
                this.names
                    .insert(container.id.clone(), container.name.clone());
                // A bridge, or who is at the other end of a cable.
                for interface in &container.interfaces {
                    for next in interface.network.iter().chain(&interface.peer) {
                        this.join(next, &container.id);
                    }
                }
            }
        }
        this
    }

    fn node(&mut self, id: &str) -> NodeIndex {
        if let Some(node) = self.nodes.get(id) {
            return *node;
        }
        let node = self.graph.add_node(id.to_owned());
        self.nodes.insert(id.to_owned(), node);
        node
    }

    fn join(&mut self, a: &str, b: &str) {
        if a != b {
            let (a, b) = (self.node(a), self.node(b));
            self.graph.update_edge(a, b, ());
        }
    }

    /// What lies on the shortest way from one place to another, in words, the beginning left out.
    ///
    /// Stations of the root namespace count as its inside; from one of them, those that follow are named too. Empty if
    /// there is no way.
    pub(crate) fn ahead(&self, from: &str, to: &str) -> Vec<String> {
        let inside = |id: &str| match id
            .strip_prefix("hook:")
            .and_then(|rest| rest.split_once('/'))
        {
            Some((machine, _)) => place::local(machine),
            None => id.to_owned(),
        };
        // What is passed on meets these, one after the other.
        const HOOKS: &[&str] = &["PREROUTING", "routing", "FORWARD", "POSTROUTING"];
        let here = from.rsplit('/').next().unwrap_or_default();
        let after = HOOKS.iter().position(|hook| *hook == here);
        let hooks = after.and_then(|i| HOOKS.get(i + 1..)).unwrap_or_default();
        let (Some(from), Some(to)) = (self.nodes.get(&inside(from)), self.nodes.get(&inside(to)))
        else {
            return Vec::new();
        };
        let way = astar(&self.graph, *from, |node| node == *to, |_| 1, |_| 0);
        let Some((_, nodes)) = way else {
            return Vec::new();
        };
        let names = nodes
            .iter()
            .skip(1)
            .filter_map(|n| self.names.get(self.graph.node_weight(*n)?).cloned());
        hooks.iter().map(|h| (*h).to_owned()).chain(names).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::{Container, Hook, Interface, Lan, Machine, Network};

    #[test]
    fn the_way_ahead_leads_over_bridge_and_cable() {
        let lan = place::lan("LAN");
        let nic = |name: &str| Interface {
            name: name.into(),
            lan: Some(lan.clone()),
            ..Interface::default()
        };
        let network = place::network("hostA", "n1");
        let topology = Topology {
            machines: vec![
                Machine {
                    id: place::machine("laptop"),
                    name: "laptop".into(),
                    interfaces: vec![nic("eth0")],
                    ..Machine::default()
                }
                .into(),
                Machine {
                    id: place::machine("hostA"),
                    name: "hostA".into(),
                    interfaces: vec![nic("eth0")],
                    hooks: vec![Hook::default()],
                    networks: vec![Network {
                        id: network.clone(),
                        name: "front".into(),
                        ..Network::default()
                    }],
                    containers: vec![
                        Container {
                            id: place::container("hostA", "c1"),
                            name: "web".into(),
                            interfaces: vec![Interface {
                                network: Some(network),
                                ..Interface::default()
                            }],
                            ..Container::default()
                        }
                        .into(),
                    ],
                    ..Machine::default()
                }
                .into(),
            ],
            lans: vec![Lan::default()],
        };
        let graph = StageGraph::new(&topology);
        let web = place::container("hostA", "c1");
        assert_eq!(
            graph.ahead(&place::hook("hostA", "FORWARD"), &web),
            ["POSTROUTING", "front", "web"]
        );
        assert_eq!(
            graph.ahead(&place::machine("laptop"), &web),
            ["the LAN", "eth0 of hostA", "hostA", "front", "web"]
        );
        assert!(graph.ahead("nowhere", &web).is_empty());
    }
}
