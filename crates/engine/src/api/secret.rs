//! Secrets and configs of a swarm: files that tasks get.

use sorted::SortedMap;

use serde::{Deserialize, Serialize};

use super::{ObjectVersion, SwarmDriver, is_default};

/// What a secret is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct SecretSpec {
    /// Its name; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub name: String,
    /// Labels.
    pub labels: SortedMap<String, String>,
    /// The contents, base64; never told by managers, left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub data: String,
    /// Who holds it, if not the swarm.
    #[serde(skip_serializing_if = "is_default")]
    pub driver: Option<SwarmDriver>,
    /// What fills in what the contents leave open.
    #[serde(skip_serializing_if = "is_default")]
    pub templating: Option<SwarmDriver>,
}

/// A secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Secret {
    /// Its id.
    #[serde(rename = "ID")]
    pub id: String,
    /// Which change it comes from.
    pub version: ObjectVersion,
    /// When it was made, RFC 3339.
    pub created_at: String,
    /// When it was changed, RFC 3339.
    pub updated_at: String,
    /// What it is.
    pub spec: SecretSpec,
}

/// What a config is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ConfigSpec {
    /// Its name; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub name: String,
    /// Labels.
    pub labels: SortedMap<String, String>,
    /// The contents, base64; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub data: String,
    /// What fills in what the contents leave open.
    #[serde(skip_serializing_if = "is_default")]
    pub templating: Option<SwarmDriver>,
}

/// A config.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct SwarmConfig {
    /// Its id.
    #[serde(rename = "ID")]
    pub id: String,
    /// Which change it comes from.
    pub version: ObjectVersion,
    /// When it was made, RFC 3339.
    pub created_at: String,
    /// When it was changed, RFC 3339.
    pub updated_at: String,
    /// What it is.
    pub spec: ConfigSpec,
}

/// Where a secret or a config is seen in a task's containers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FileTarget {
    /// The file.
    #[serde(rename = "Name")]
    pub name: String,
    /// Its owner.
    #[serde(rename = "UID")]
    pub uid: String,
    /// Its group.
    #[serde(rename = "GID")]
    pub gid: String,
    /// Its permission bits.
    #[serde(rename = "Mode")]
    pub mode: u32,
}

/// A secret that a task gets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SecretReference {
    /// Where it is seen.
    #[serde(rename = "File")]
    pub file: Option<FileTarget>,
    /// Its id.
    #[serde(rename = "SecretID")]
    pub secret_id: String,
    /// Its name.
    #[serde(rename = "SecretName")]
    pub secret_name: String,
}

/// A config that a task gets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SwarmConfigReference {
    /// Where it is seen.
    #[serde(rename = "File", skip_serializing_if = "is_default")]
    pub file: Option<FileTarget>,
    /// Its id.
    #[serde(rename = "ConfigID")]
    pub config_id: String,
    /// Its name.
    #[serde(rename = "ConfigName")]
    pub config_name: String,
}
