//! What `up` would do, told before it is done.

use sorted::SortedMap;

use super::{
    Container, Found, NetworkStep, Recreate, Step, Wanted, container_name, is_orphan, network_step,
    share_namespaces, steps,
};
use crate::config::{network_hash, service_hash};
use crate::model::Project;

/// What an engine holds that matters to a project.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Networks by name.
    pub networks: SortedMap<String, Found>,
    /// The project's containers, running or not.
    pub containers: Vec<Container>,
    /// Ids of images by the names that the project calls them by.
    pub images: SortedMap<String, String>,
}

/// What is done with something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deed {
    /// It stays as it is.
    Keep,
    /// It is made.
    Create,
    /// It is there and is started.
    Start,
    /// Another takes its place.
    Recreate,
    /// It goes.
    Remove,
    /// It stays although the file knows nothing of it.
    Orphan,
    /// It is in the way, and nothing is done.
    Refuse,
}

/// What `up -d` would do: each deed with a name, networks first, then services in their order.
pub fn foresee(project: &Project, seen: &Seen) -> Vec<(Deed, String)> {
    let mut deeds = Vec::new();
    let mut ids: SortedMap<&str, &str> = SortedMap::new();
    let mut replaced: Vec<&str> = Vec::new();
    for (key, network) in &project.networks {
        let found = seen.networks.get(&network.name);
        if let Some(found) = found {
            ids.insert(key, &found.id);
        }
        let deed = match (network.external, found) {
            (true, Some(_)) => continue,
            (true, None) => Deed::Refuse,
            (false, _) => {
                let hash = network_hash(network);
                match network_step(&project.name, key, &network.name, &hash, found).1 {
                    NetworkStep::Create => Deed::Create,
                    NetworkStep::Use(_) => Deed::Keep,
                    NetworkStep::Refuse(_) => Deed::Refuse,
                    NetworkStep::Replace(_) => {
                        replaced.push(key);
                        Deed::Recreate
                    }
                }
            }
        };
        deeds.push((deed, network.name.clone()));
    }
    for (name, service) in &project.services {
        let mut service = service.clone();
        // Who shares a namespace is fingerprinted by the container that holds it, which may be still to come.
        let holder = |other: &str| {
            let holders = seen.containers.iter().filter(|c| c.service == other);
            let first = holders.min_by(|a, b| a.name.cmp(&b.name));
            Some(first.map(|c| c.id.clone()).unwrap_or_default())
        };
        let _always_found = share_namespaces(&mut service, holder);
        let wanted = Wanted {
            scale: usize::try_from(service.scale()).unwrap_or(0),
            config_hash: service_hash(&service),
            image: service
                .image
                .as_ref()
                .and_then(|image| seen.images.get(image))
                .cloned()
                .unwrap_or_default(),
            networks: service
                .networks
                .keys()
                .map(|key| ids.get(key.as_str()).copied().unwrap_or_default())
                .collect(),
            recreate: Recreate::Diverged,
        };
        let own: Vec<Container> = seen
            .containers
            .iter()
            .filter(|c| c.service == *name && !c.one_off)
            .cloned()
            .collect();
        // Those on a network that is made anew are stopped, put on the new one and started.
        let stopped = service
            .networks
            .keys()
            .any(|key| replaced.contains(&key.as_str()));
        deeds.extend(steps(&wanted, &own).into_iter().map(|step| match step {
            Step::Create(number) => (Deed::Create, container_name(project, &service, number, '-')),
            Step::Recreate(container) => (Deed::Recreate, container.name),
            Step::Running(container) if stopped => (Deed::Start, container.name),
            Step::Running(container) => (Deed::Keep, container.name),
            Step::Keep(container) | Step::Start(container) => (Deed::Start, container.name),
            Step::Remove(container) => (Deed::Remove, container.name),
        }));
    }
    let orphans = seen
        .containers
        .iter()
        .filter(|container| is_orphan(project, container));
    deeds.extend(orphans.map(|container| (Deed::Orphan, container.name.clone())));
    deeds
}
