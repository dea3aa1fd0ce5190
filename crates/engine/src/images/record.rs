//! What an image's JSON says, whose digest is the image's id. Source: moby `image/image.go`.

use serde::{Deserialize, Serialize};

use super::layer::Layer;
use crate::api::{ContainerConfig, ENGINE_VERSION, ImageConfig};
use crate::clock::{self, UnixNanos};
use std::rc::Rc;

/// One step in the making of an image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct HistoryItem {
    /// When, RFC 3339.
    pub created: String,
    /// By whom.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub author: String,
    /// By which command.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub created_by: String,
    /// Free text.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub comment: String,
    /// Whether it made no layer.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub empty_layer: bool,
}

/// What is read of the JSON.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Record {
    pub(super) author: String,
    pub(super) config: ImageConfig,
    pub(super) created: String,
    pub(super) history: Vec<HistoryItem>,
    pub(super) rootfs: Layers,
}

/// The layers' digests, the lowest first.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Layers {
    pub(super) diff_ids: Vec<String>,
}

/// What an image is made from, to be written as JSON.
pub(super) struct Making<'a> {
    pub(super) author: &'a str,
    pub(super) config: &'a ContainerConfig,
    /// The container that it was made from, and its configuration.
    pub(super) container: Option<(&'a str, &'a ContainerConfig)>,
    pub(super) created: UnixNanos,
    pub(super) history: &'a [HistoryItem],
    pub(super) layers: &'a [Rc<Layer>],
}

impl Making<'_> {
    /// Writes it, the keys in the engine's order.
    pub(super) fn json(&self) -> String {
        let author = match self.author {
            "" => String::new(),
            author => format!("\"author\":{},", json(author)),
        };
        let from = self.container.map_or_else(String::new, |(id, config)| {
            let config = json(config);
            format!("\"container\":\"{id}\",\"container_config\":{config},")
        });
        let layers: Vec<&str> = self.layers.iter().map(|l| l.digest.as_str()).collect();
        format!(
            "{{\"architecture\":\"amd64\",{author}\"config\":{},{from}\"created\":\"{}\",\"docker_version\":\"{ENGINE_VERSION}\",\
             \"history\":{},\"os\":\"linux\",\"rootfs\":{{\"type\":\"layers\",\"diff_ids\":{}}}}}",
            json(self.config),
            clock::rfc3339(self.created),
            json(self.history),
            json(&layers),
        )
    }
}

/// Writes a value that can always be written.
pub(super) fn json<T: Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// What an image says about containers, as the configuration of one.
pub(super) fn to_container(config: ImageConfig) -> ContainerConfig {
    let some = |list: Vec<String>| Some(list).filter(|l| !l.is_empty());
    ContainerConfig {
        cmd: config.cmd,
        entrypoint: some(config.entrypoint),
        env: some(config.env),
        exposed_ports: config.exposed_ports,
        healthcheck: config.healthcheck,
        labels: config.labels,
        on_build: config.on_build,
        stop_signal: config.stop_signal,
        user: config.user,
        volumes: config.volumes,
        working_dir: config.working_dir,
        ..ContainerConfig::default()
    }
}

/// What of a container's configuration goes into an image made of it.
pub(super) fn of_container(config: ContainerConfig) -> ImageConfig {
    ImageConfig {
        cmd: config.cmd,
        entrypoint: config.entrypoint.unwrap_or_default(),
        env: config.env.unwrap_or_default(),
        exposed_ports: config.exposed_ports,
        healthcheck: config.healthcheck,
        labels: config.labels,
        on_build: config.on_build,
        stop_signal: config.stop_signal,
        user: config.user,
        volumes: config.volumes,
        working_dir: config.working_dir,
    }
}
