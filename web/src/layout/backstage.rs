//! The networks that a swarm makes for itself: they say nothing until a packet passes them.

use std::rc::Rc;

use lab::view::{Container, Network, Topology};

/// Whether a swarm made a network for itself.
pub(crate) fn is_own(network: &Network) -> bool {
    matches!(network.name.as_str(), "ingress" | "docker_gwbridge")
}

/// Such networks of a topology.
pub(crate) fn of(topology: &Topology) -> impl Iterator<Item = &Network> {
    let all = topology.machines.iter().flat_map(|m| &m.networks);
    all.filter(|n| is_own(n))
}

/// Whether a container is on such networks only, and they were left out.
pub(super) fn holds(container: &Container) -> bool {
    container.networks.is_empty() && container.interfaces.iter().any(|i| i.network.is_some())
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
                // Who is on no others keeps its interfaces, which tell it from those that are on none.
                if !container.networks.is_empty() {
                    container.interfaces.retain(|i| {
                        let network = i.network.as_deref().unwrap_or_default();
                        !own.contains(&network)
                    });
                }
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

    #[test]
    fn who_is_on_a_swarms_own_networks_only_is_not_on_none() {
        let mut all = sample::swarm();
        let ingress = of(&all).find(|n| n.name == "ingress").unwrap().id.clone();
        let host = Rc::make_mut(&mut all.machines[0]);
        let [task, .., vault] = host.containers.as_mut_slice() else {
            panic!("too few containers")
        };
        assert!(!holds(vault));
        let task = Rc::make_mut(task);
        task.networks = vec![ingress.clone()];
        task.interfaces.truncate(1);
        task.interfaces[0].network = Some(ingress);
        let left = without(&all).unwrap();
        let told: Vec<bool> = left.machines[0]
            .containers
            .iter()
            .map(|c| holds(c))
            .collect();
        assert_eq!(told, [true, false, false]);
    }
}
