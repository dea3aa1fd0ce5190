//! The networks that a swarm makes for itself: they say nothing until a packet passes them.

use std::rc::Rc;

use lab::view::{Network, Topology};

/// Whether a swarm made a network for itself.
pub(crate) fn is_own(network: &Network) -> bool {
    matches!(network.name.as_str(), "ingress" | "docker_gwbridge")
}

/// Such networks of a topology.
pub(crate) fn of(topology: &Topology) -> impl Iterator<Item = &Network> {
    let all = topology.machines.iter().flat_map(|m| &m.networks);
    all.filter(|n| is_own(n))
}

/// The topology without them; `None` if it has none.
pub(super) fn without(topology: &Topology) -> Option<Topology> {
    let own: Vec<&str> = of(topology).map(|n| n.id.as_str()).collect();
    if own.is_empty() {
        return None;
    }
    let mut topology = topology.clone();
    for machine in &mut topology.machines {
        let machine = Rc::make_mut(machine);
        machine.networks.retain(|n| !is_own(n));
        for container in &mut machine.containers {
            if container.networks.iter().any(|n| own.contains(&n.as_str())) {
                let container = Rc::make_mut(container);
                container.networks.retain(|n| !own.contains(&n.as_str()));
                container.interfaces.retain(|i| {
                    let network = i.network.as_deref().unwrap_or_default();
                    !own.contains(&network)
                });
            }
        }
    }
    Some(topology)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn a_swarms_own_networks_go_with_their_interfaces() {
        let all = sample::swarm();
        assert_eq!(of(&all).count(), 4);
        let left = without(&all).unwrap();
        assert_eq!(of(&left).count(), 0);
        for container in left.machines.iter().flat_map(|m| &m.containers) {
            assert_eq!(container.networks.len(), container.interfaces.len());
        }
        assert!(without(&left).is_none());
    }
}
