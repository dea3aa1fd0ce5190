//! The hashes that Compose keeps in labels, to see what has changed. Source: docker/compose v2.40.3, pkg/compose/hash.go.

use super::{json, tree};
use crate::model::{Network, Service, Volume};
use crate::value::{Map, Value};

/// What changes without a container having to be made anew.
const LEFT_OUT: [&str; 5] = ["build", "pull_policy", "scale", "depends_on", "profiles"];

/// Returns the hash of a service's configuration, as `com.docker.compose.config-hash` holds it.
pub fn service(service: &Service) -> String {
    let mut tree = service.tree.clone();
    for key in LEFT_OUT {
        tree.remove(key);
    }
    if let Some(deploy) = tree.get_mut("deploy").and_then(Value::as_map_mut) {
        deploy.remove("replicas");
    }
    engine::sha256::hex(json::compact(&tree::service(&tree)).as_bytes())
}

/// Returns the hash of a network's definition.
pub fn network(network: &Network) -> String {
    engine::sha256::hex(json::compact(&tree::network(&network.tree)).as_bytes())
}

/// Returns the hash of a volume's definition.
pub fn volume(volume: &Volume) -> String {
    let mut tree: Map = volume.tree.clone();
    tree.entry("driver".into()).or_insert("local".into());
    engine::sha256::hex(json::compact(&tree::volume(&tree)).as_bytes())
}
