//! The project: what one `docker compose` command works on.

use sorted::SortedMap;

use super::network::{Network, Volume};
use super::read::Reader;
use super::service::Service;
use crate::value::Map;

/// A loaded project.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Project {
    /// The project's name, normalised.
    pub name: String,
    /// The directory that relative paths start from, absolute.
    pub working_dir: String,
    /// The files that it was read from, absolute, in order.
    pub compose_files: Vec<String>,
    /// The variables that interpolation could see.
    pub environment: SortedMap<String, String>,
    /// The profiles that are on.
    pub profiles: Vec<String>,
    /// The services, by name.
    pub services: SortedMap<String, Service>,
    /// Services that are off, because none of their profiles is on.
    pub disabled_services: SortedMap<String, Service>,
    /// The networks that some service uses, by key.
    pub networks: SortedMap<String, Network>,
    /// The volumes, by key.
    pub volumes: SortedMap<String, Volume>,
    /// Whether resources that no service uses stay.
    pub all_resources: bool,
    /// The finished file without its services, networks and volumes: `secrets`, `configs`, `x-...`.
    pub tree: Map,
}

impl Project {
    /// Reads a finished tree.
    pub(crate) fn from_tree(mut tree: Map) -> Self {
        let mut take = |key: &str| match tree.remove(key) {
            Some(crate::value::Value::Map(map)) => map,
            _ => Map::new(),
        };
        let read = |map: Map| -> Vec<(String, Map)> {
            map.into_iter()
                .map(|(key, value)| (key, value.as_map().cloned().unwrap_or_default()))
                .collect()
        };
        let services = read(take("services"));
        let networks = read(take("networks"));
        let volumes = read(take("volumes"));
        Self {
            name: Reader(&tree).text("name").unwrap_or_default(),
            services: services
                .into_iter()
                .map(|(name, tree)| (name.clone(), Service::from_tree(&name, tree)))
                .collect(),
            networks: networks
                .into_iter()
                .map(|(key, tree)| (key.clone(), Network::from_tree(&key, tree)))
                .collect(),
            volumes: volumes
                .into_iter()
                .map(|(key, tree)| (key, Volume::from_tree(tree)))
                .collect(),
            tree,
            ..Self::default()
        }
    }
}
