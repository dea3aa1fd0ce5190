//! Images.

use sorted::SortedMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::container::{Empty, GraphDriver, HealthConfig};

/// What an image says about containers made from it. The engine writes it as a map, sorted by key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ImageConfig {
    /// Command.
    pub cmd: Option<Vec<String>>,
    /// Entrypoint; `null` when empty.
    #[serde(serialize_with = "list_or_null", deserialize_with = "null_or")]
    pub entrypoint: Vec<String>,
    /// Environment, `NAME=value`; `null` when empty.
    #[serde(serialize_with = "list_or_null", deserialize_with = "null_or")]
    pub env: Vec<String>,
    /// Ports such as `80/tcp`; left out when empty.
    #[serde(skip_serializing_if = "SortedMap::is_empty")]
    pub exposed_ports: SortedMap<String, Empty>,
    /// How health is probed; left out if the image does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub healthcheck: Option<HealthConfig>,
    /// Labels; `null` when empty.
    #[serde(serialize_with = "map_or_null", deserialize_with = "null_or")]
    pub labels: SortedMap<String, String>,
    /// What to do when another image is built on it.
    pub on_build: Option<Vec<String>>,
    /// Signal that stops a container; left out when empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub stop_signal: String,
    /// User to run as.
    pub user: String,
    /// Places for volumes.
    pub volumes: Option<SortedMap<String, Empty>>,
    /// Working directory.
    pub working_dir: String,
}

pub(super) fn list_or_null<T: Serialize, S: Serializer>(
    list: &[T],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    Some(list).filter(|l| !l.is_empty()).serialize(serializer)
}

pub(super) fn null_or<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

fn map_or_null<S: Serializer>(
    map: &SortedMap<String, String>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    Some(map).filter(|m| !m.is_empty()).serialize(serializer)
}

/// The layers of an image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct RootFs {
    /// `layers`.
    #[serde(rename = "Type")]
    pub kind: String,
    /// Their digests.
    pub layers: Vec<String>,
}

/// What the engine itself knows of an image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ImageMetadata {
    /// When it was last given a name, RFC 3339.
    pub last_tag_time: String,
}

/// `GET /images/{name}/json`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ImageInspect {
    /// `sha256:` and 64 hexadecimal digits.
    pub id: String,
    /// Names with tags.
    pub repo_tags: Vec<String>,
    /// Names with digests.
    pub repo_digests: Vec<String>,
    /// Image that it was built on, or empty.
    pub parent: String,
    /// Free text.
    pub comment: String,
    /// When it was made, RFC 3339.
    pub created: String,
    /// The engine that made it.
    pub docker_version: String,
    /// Who made it.
    pub author: String,
    /// `amd64`.
    pub architecture: String,
    /// `linux`.
    pub os: String,
    /// Bytes.
    pub size: u64,
    /// Storage.
    pub graph_driver: GraphDriver,
    /// Layers.
    #[serde(rename = "RootFS")]
    pub root_fs: RootFs,
    /// What the engine itself knows.
    pub metadata: ImageMetadata,
    /// What it says about containers.
    pub config: ImageConfig,
}

/// One image of `GET /images/json`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ImageSummary {
    /// Number of containers that use it; -1 if not counted.
    pub containers: i64,
    /// When it was made, seconds since 1970.
    pub created: i64,
    /// `sha256:` and 64 hexadecimal digits.
    pub id: String,
    /// Labels.
    pub labels: Option<SortedMap<String, String>>,
    /// Id of the parent, or empty.
    pub parent_id: String,
    /// Names with digests.
    pub repo_digests: Vec<String>,
    /// Names with tags.
    pub repo_tags: Vec<String>,
    /// -1 if not counted.
    pub shared_size: i64,
    /// Bytes.
    pub size: u64,
}

/// One step of `GET /images/{name}/history`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct HistoryResponseItem {
    /// The image that it ended with; `<missing>` if that is not here.
    pub id: String,
    /// When, seconds since 1970.
    pub created: i64,
    /// The command.
    pub created_by: String,
    /// Free text.
    pub comment: String,
    /// Bytes that it added.
    pub size: u64,
    /// Names of the image.
    pub tags: Vec<String>,
}

/// `POST /images/prune`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ImagesPruneReport {
    /// What was removed; `null` when it is nothing.
    #[serde(serialize_with = "list_or_null")]
    pub images_deleted: Vec<ImageDeleteResponse>,
    /// Bytes.
    pub space_reclaimed: u64,
}

/// `POST /commit`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommitOptions {
    /// Name for the image, or empty.
    pub reference: String,
    /// Free text.
    pub comment: String,
    /// Who makes it.
    pub author: String,
    /// Instructions of a Dockerfile, to be applied to the configuration.
    pub changes: Vec<String>,
    /// Whether the container's processes wait meanwhile.
    pub pause: bool,
}

/// `POST /images/create` with an archive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportOptions {
    /// Name for the image, or empty.
    pub reference: String,
    /// Free text.
    pub message: String,
    /// Instructions of a Dockerfile, to be applied to the configuration.
    pub changes: Vec<String>,
}

/// What became of one name or layer of `DELETE /images/{name}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ImageDeleteResponse {
    /// The name that is gone, or empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub untagged: String,
    /// The digest of what is gone, or empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub deleted: String,
}

impl ImageDeleteResponse {
    /// Tells of a name.
    pub fn untagged(name: String) -> Self {
        Self {
            untagged: name,
            ..Self::default()
        }
    }

    /// Tells of a digest.
    pub fn deleted(digest: String) -> Self {
        Self {
            deleted: digest,
            ..Self::default()
        }
    }
}

/// One line of the progress of a pull.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PullProgress {
    /// Layer, or empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// What happens.
    pub status: String,
}
