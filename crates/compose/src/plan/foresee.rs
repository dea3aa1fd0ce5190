//! What `up` would do, told before it is done.

use sorted::SortedMap;

use super::{
    Container, Found, NetworkStep, Recreate, Step, Wanted, by_name_after_dependencies,
    container_name, is_orphan, network_step, share_namespaces, steps,
};
use crate::config::{network_hash, service_hash};
use crate::model::Project;

/// What an engine holds that matters to a project.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Networks by name.
    pub networks: SortedMap<String, Found>,
    /// Labels of volumes by name.
    pub volumes: SortedMap<String, SortedMap<String, String>>,
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

/// What `up -d` would do: each deed with a name, networks first, then volumes, then services in their order.
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
    for volume in project.volumes.values() {
        let found = seen.volumes.get(&volume.name);
        let deed = match (volume.external, found) {
            (true, Some(_)) => continue,
            (true, None) => Deed::Refuse,
            (false, None) => Deed::Create,
            // One whose definition has changed stays, unless somebody says yes when asked.
            (false, Some(_)) => Deed::Keep,
        };
        deeds.push((deed, volume.name.clone()));
    }
    // Services whose first container will be another one.
    let mut renewed: Vec<&str> = Vec::new();
    let mut by_name: SortedMap<&str, Vec<(Deed, String)>> = SortedMap::new();
    for name in by_name_after_dependencies(project) {
        let Some(service) = project.services.get(name) else {
            continue;
        };
        let restarts = |need: &&str| service.depends_on.get(*need).is_some_and(|n| n.restart);
        let restarted = renewed.iter().any(restarts);
        let mut service = service.clone();
        // Who shares a namespace is fingerprinted by the container that holds it, which may be still to come.
        let holder = |other: &str| {
            if renewed.contains(&other) {
                return Some(String::new());
            }
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
            .filter(|c| c.service == name && !c.one_off)
            .cloned()
            .collect();
        // Those on a network that is made anew are stopped, put on the new one and started.
        let stopped = service
            .networks
            .keys()
            .any(|key| replaced.contains(&key.as_str()));
        let steps = steps(&wanted, &own);
        if steps.iter().any(|step| matches!(step, Step::Recreate(_))) {
            renewed.push(name);
        }
        let own = steps.into_iter().map(|step| match step {
            Step::Create(number) => (Deed::Create, container_name(project, &service, number, '-')),
            Step::Recreate(container) => (Deed::Recreate, container.name),
            Step::Running(container) if stopped || restarted => (Deed::Start, container.name),
            Step::Running(container) => (Deed::Keep, container.name),
            Step::Keep(container) | Step::Start(container) => (Deed::Start, container.name),
            Step::Remove(container) => (Deed::Remove, container.name),
        });
        by_name.insert(name, own.collect());
    }
    deeds.extend(by_name.into_iter().flat_map(|(_, own)| own));
    let orphans = seen
        .containers
        .iter()
        .filter(|container| is_orphan(project, container));
    deeds.extend(orphans.map(|container| (Deed::Orphan, container.name.clone())));
    deeds
}
