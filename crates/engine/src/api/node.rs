//! Nodes of a swarm.

use sorted::SortedMap;

use serde::{Deserialize, Serialize};

use super::{ObjectVersion, is_default};

/// A node by its address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Peer {
    /// Its id.
    #[serde(rename = "NodeID")]
    pub node_id: String,
    /// Where it is reached, `address:port`.
    #[serde(rename = "Addr")]
    pub addr: String,
}

/// Whom a node trusts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct TlsInfo {
    /// The root certificate; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub trust_root: String,
    /// Who signed, base64; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub cert_issuer_subject: String,
    /// The signer's key, base64; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub cert_issuer_public_key: String,
}

/// What a node is to be like.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct NodeSpec {
    /// A name; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub name: String,
    /// Labels.
    pub labels: SortedMap<String, String>,
    /// `worker` or `manager`.
    pub role: String,
    /// `active`, `pause` or `drain`.
    pub availability: String,
}

/// What a machine is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Platform {
    /// `x86_64`; left out when empty.
    #[serde(rename = "Architecture", skip_serializing_if = "is_default")]
    pub architecture: String,
    /// `linux`; left out when empty.
    #[serde(rename = "OS", skip_serializing_if = "is_default")]
    pub os: String,
}

/// Processors and memory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Resources {
    /// Billionths of a processor; left out when 0.
    #[serde(rename = "NanoCPUs", skip_serializing_if = "is_default")]
    pub nano_cpus: i64,
    /// Bytes; left out when 0.
    #[serde(rename = "MemoryBytes", skip_serializing_if = "is_default")]
    pub memory_bytes: i64,
}

/// A plug-in of an engine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct PluginDescription {
    /// `Log`, `Network` or `Volume`.
    #[serde(rename = "Type")]
    pub kind: String,
    /// Its name.
    pub name: String,
}

/// A node's engine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct EngineDescription {
    /// Its version.
    pub engine_version: String,
    /// Its labels; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub labels: SortedMap<String, String>,
    /// Its plug-ins.
    pub plugins: Vec<PluginDescription>,
}

/// What a node says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct NodeDescription {
    /// Name of the machine.
    pub hostname: String,
    /// What it is.
    pub platform: Platform,
    /// What it has.
    pub resources: Resources,
    /// Its engine.
    pub engine: EngineDescription,
    /// Whom it trusts.
    #[serde(rename = "TLSInfo")]
    pub tls_info: TlsInfo,
}

/// How a node is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct NodeStatus {
    /// `unknown`, `down`, `ready` or `disconnected`.
    pub state: String,
    /// Why; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub message: String,
    /// Its address; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub addr: String,
}

/// A manager's part in leading.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ManagerStatus {
    /// Whether it leads; left out if not.
    #[serde(skip_serializing_if = "is_default")]
    pub leader: bool,
    /// `unknown`, `unreachable` or `reachable`.
    pub reachability: String,
    /// Where other managers reach it.
    pub addr: String,
}

/// A node of a swarm.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct SwarmNode {
    /// Its id.
    #[serde(rename = "ID")]
    pub id: String,
    /// Which change it comes from.
    pub version: ObjectVersion,
    /// When it joined, RFC 3339.
    pub created_at: String,
    /// When it was changed, RFC 3339.
    pub updated_at: String,
    /// What it is to be like.
    pub spec: NodeSpec,
    /// What it says of itself.
    pub description: NodeDescription,
    /// How it is.
    pub status: NodeStatus,
    /// Its part in leading; left out for workers.
    #[serde(skip_serializing_if = "is_default")]
    pub manager_status: Option<ManagerStatus>,
}
