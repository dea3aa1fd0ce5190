//! The labels of containers and networks.

use sorted::SortedMap;

use super::{VERSION, labels};
use crate::model::{Condition, Dependency, Network, Project, Service, Volume};

/// What sets one container apart from others of its service.
#[derive(Clone, Debug, Default)]
pub struct Identity {
    /// Its number; `None` for a container of `run`.
    pub number: Option<i64>,
    /// Fingerprint of the service.
    pub config_hash: String,
    /// Id of the image.
    pub image: String,
    /// What it takes the place of, as `service-number`.
    pub replaces: Option<String>,
    /// The throw-away name, for a container of `run`.
    pub slug: Option<String>,
    /// The files given with `--env-file`.
    pub env_files: Vec<String>,
}

/// Returns all labels of a container, those of the file included.
pub fn container_labels(
    project: &Project,
    service: &Service,
    identity: &Identity,
) -> SortedMap<String, String> {
    let mut all = service.labels.clone();
    let mut add = |key: &str, value: String| {
        all.insert(key.to_owned(), value);
    };
    add(labels::PROJECT, project.name.clone());
    add(labels::SERVICE, service.name.clone());
    add(labels::VERSION, VERSION.into());
    add(labels::WORKING_DIR, project.working_dir.clone());
    add(labels::CONFIG_FILES, project.compose_files.join(","));
    add(labels::CONFIG_HASH, identity.config_hash.clone());
    add(labels::IMAGE, identity.image.clone());
    add(labels::DEPENDS_ON, dependencies_label(&service.depends_on));
    let one_off = identity.slug.is_some();
    add(
        labels::ONE_OFF,
        if one_off { "True" } else { "False" }.into(),
    );
    if !identity.env_files.is_empty() {
        add(labels::ENVIRONMENT_FILE, identity.env_files.join(","));
    }
    if let Some(number) = identity.number {
        add(labels::NUMBER, number.to_string());
    }
    if let Some(replaced) = &identity.replaces {
        add(labels::REPLACE, replaced.clone());
    }
    if let Some(slug) = &identity.slug {
        add(labels::SLUG, slug.clone());
    }
    all
}

/// Returns all labels of a network, those of the file included.
pub fn network_labels(
    project: &str,
    network: &Network,
    config_hash: String,
) -> SortedMap<String, String> {
    let mut all = network.labels.clone();
    all.insert(labels::PROJECT.into(), project.into());
    all.insert(labels::NETWORK.into(), network.key.clone());
    all.insert(labels::VERSION.into(), VERSION.into());
    all.insert(labels::CONFIG_HASH.into(), config_hash);
    all
}

/// Returns all labels of the volume `key`, those of the file included.
pub fn volume_labels(
    project: &str,
    key: &str,
    volume: &Volume,
    config_hash: String,
) -> SortedMap<String, String> {
    let mut all = volume.labels.clone();
    all.insert(labels::PROJECT.into(), project.into());
    all.insert(labels::VOLUME.into(), key.into());
    all.insert(labels::VERSION.into(), VERSION.into());
    all.insert(labels::CONFIG_HASH.into(), config_hash);
    all
}

fn dependencies_label(needs: &SortedMap<String, Dependency>) -> String {
    let parts: Vec<String> = needs
        .iter()
        .map(|(name, need)| {
            let condition = match need.condition {
                Condition::Started => "service_started",
                Condition::Healthy => "service_healthy",
                Condition::Completed => "service_completed_successfully",
            };
            format!("{name}:{condition}:{}", need.restart)
        })
        .collect();
    parts.join(",")
}

/// Reads back the needs that a container's label tells of.
pub fn dependencies_from_label(label: &str) -> SortedMap<String, Dependency> {
    let read = |part: &str| {
        let mut fields = part.split(':');
        let name = fields.next().filter(|name| !name.is_empty())?.to_owned();
        let condition = match fields.next() {
            Some("service_healthy") => Condition::Healthy,
            Some("service_completed_successfully") => Condition::Completed,
            _ => Condition::Started,
        };
        let restart = fields.next() == Some("true");
        let need = Dependency {
            condition,
            restart,
            required: true,
        };
        Some((name, need))
    };
    label.split(',').filter_map(read).collect()
}
