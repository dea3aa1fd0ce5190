//! Images.

use sorted::SortedMap;

use serde::{Deserialize, Serialize};

use super::container::{Empty, HealthConfig};

/// What an image says about containers made from it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ImageConfig {
    /// User to run as.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub user: String,
    /// Ports such as `80/tcp`; left out when empty.
    #[serde(skip_serializing_if = "SortedMap::is_empty")]
    pub exposed_ports: SortedMap<String, Empty>,
    /// Environment, `NAME=value`.
    pub env: Vec<String>,
    /// Entrypoint; left out when empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub entrypoint: Vec<String>,
    /// Command.
    pub cmd: Option<Vec<String>>,
    /// Working directory; left out when empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub working_dir: String,
    /// Labels; left out when empty.
    #[serde(skip_serializing_if = "SortedMap::is_empty")]
    pub labels: SortedMap<String, String>,
    /// How health is probed; left out if the image does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub healthcheck: Option<HealthConfig>,
    /// Signal that stops a container; left out when empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub stop_signal: String,
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
    /// Free text.
    pub comment: String,
    /// When it was made, RFC 3339.
    pub created: String,
    /// Who made it.
    pub author: String,
    /// What it says about containers.
    pub config: ImageConfig,
    /// `amd64`.
    pub architecture: String,
    /// `linux`.
    pub os: String,
    /// Bytes.
    pub size: u64,
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
