//! The swarm itself: what it is made with, what is told of it, and what managers are asked to change.

use sorted::SortedMap;

use serde::{Deserialize, Serialize};

use super::{
    ConfigSpec, NetworkCreateRequest, NodeSpec, Peer, SecretSpec, ServiceSpec, TlsInfo, is_default,
};

/// The index of the change that an object of a swarm comes from; whoever changes it has to name it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ObjectVersion {
    /// The index; left out when 0.
    #[serde(skip_serializing_if = "is_default")]
    pub index: u64,
}

/// A plug-in of some kind and its options.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct SwarmDriver {
    /// Its name; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub name: String,
    /// Its options; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub options: SortedMap<String, String>,
}

/// How orchestration works.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct OrchestrationConfig {
    /// How many ended tasks of a slot are kept; left out unless given.
    #[serde(skip_serializing_if = "is_default")]
    pub task_history_retention_limit: Option<i64>,
}

/// How managers keep their log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct RaftConfig {
    /// Entries between two snapshots; left out when 0.
    #[serde(skip_serializing_if = "is_default")]
    pub snapshot_interval: u64,
    /// Old snapshots kept; left out unless given.
    #[serde(skip_serializing_if = "is_default")]
    pub keep_old_snapshots: Option<u64>,
    /// Entries kept for those who lag; left out when 0.
    #[serde(skip_serializing_if = "is_default")]
    pub log_entries_for_slow_followers: u64,
    /// Ticks after which a manager that hears nothing of the leader stands for election.
    pub election_tick: i64,
    /// Ticks between two signs of life.
    pub heartbeat_tick: i64,
}

/// How managers talk to nodes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct DispatcherConfig {
    /// Time between two signs of life, nanoseconds; left out when 0.
    #[serde(skip_serializing_if = "is_default")]
    pub heartbeat_period: i64,
}

/// An authority that signs certificates elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ExternalCa {
    /// `cfssl`.
    #[serde(rename = "Protocol")]
    pub protocol: String,
    /// Where it is asked.
    #[serde(rename = "URL")]
    pub url: String,
    /// Options; left out when empty.
    #[serde(rename = "Options", skip_serializing_if = "is_default")]
    pub options: SortedMap<String, String>,
    /// Its certificate.
    #[serde(rename = "CACert")]
    pub ca_cert: String,
}

/// How certificates are made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CaConfig {
    /// How long a node's certificate lasts, nanoseconds; left out when 0.
    #[serde(rename = "NodeCertExpiry", skip_serializing_if = "is_default")]
    pub node_cert_expiry: i64,
    /// Authorities elsewhere; left out when empty.
    #[serde(rename = "ExternalCAs", skip_serializing_if = "is_default")]
    pub external_cas: Vec<ExternalCa>,
    /// A certificate to sign with; left out when empty.
    #[serde(rename = "SigningCACert", skip_serializing_if = "is_default")]
    pub signing_ca_cert: String,
    /// Its key; left out when empty.
    #[serde(rename = "SigningCAKey", skip_serializing_if = "is_default")]
    pub signing_ca_key: String,
    /// Grows when a rotation is forced; left out when 0.
    #[serde(rename = "ForceRotate", skip_serializing_if = "is_default")]
    pub force_rotate: u64,
}

/// What is given to tasks that say nothing of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct TaskDefaults {
    /// Where their output goes; left out unless given.
    #[serde(skip_serializing_if = "is_default")]
    pub log_driver: Option<SwarmDriver>,
}

/// How managers guard what is on their disks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct EncryptionConfig {
    /// Whether a manager that restarts has to be unlocked.
    pub auto_lock_managers: bool,
}

/// What a swarm is to be like.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SwarmSpec {
    /// The name, `default`; left out when empty.
    #[serde(rename = "Name", skip_serializing_if = "is_default")]
    pub name: String,
    /// Labels.
    #[serde(rename = "Labels")]
    pub labels: SortedMap<String, String>,
    /// Orchestration.
    #[serde(rename = "Orchestration")]
    pub orchestration: OrchestrationConfig,
    /// The managers' log.
    #[serde(rename = "Raft")]
    pub raft: RaftConfig,
    /// Talking to nodes.
    #[serde(rename = "Dispatcher")]
    pub dispatcher: DispatcherConfig,
    /// Certificates.
    #[serde(rename = "CAConfig")]
    pub ca_config: CaConfig,
    /// Defaults of tasks.
    #[serde(rename = "TaskDefaults")]
    pub task_defaults: TaskDefaults,
    /// Guarding what is on disks.
    #[serde(rename = "EncryptionConfig")]
    pub encryption_config: EncryptionConfig,
}

/// What lets others join.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct JoinTokens {
    /// For workers.
    pub worker: String,
    /// For managers.
    pub manager: String,
}

/// `GET /swarm`; in `GET /info` without the tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Swarm {
    /// Its id.
    #[serde(rename = "ID")]
    pub id: String,
    /// Which change it comes from.
    pub version: ObjectVersion,
    /// When it was made, RFC 3339.
    pub created_at: String,
    /// When it was changed, RFC 3339.
    pub updated_at: String,
    /// What it is to be like.
    pub spec: SwarmSpec,
    /// Its root certificate.
    #[serde(rename = "TLSInfo")]
    pub tls_info: TlsInfo,
    /// Whether the root certificate is being changed.
    pub root_rotation_in_progress: bool,
    /// Blocks that networks' subnets are cut from; `null` unless given.
    pub default_addr_pool: Option<Vec<String>>,
    /// Prefix length of the pieces.
    pub subnet_size: u32,
    /// UDP port of tunnels between nodes.
    pub data_path_port: u32,
    /// What lets others join; `None` in `GET /info`.
    #[serde(skip_serializing_if = "is_default")]
    pub join_tokens: Option<JoinTokens>,
}

/// `POST /swarm/init`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct SwarmInitRequest {
    /// Where it listens: address or interface, with a port or without.
    pub listen_addr: String,
    /// How others reach it: address or interface, with a port or without; empty finds out.
    pub advertise_addr: String,
    /// Address or interface of tunnels between nodes; empty is the advertised one.
    pub data_path_addr: String,
    /// UDP port of tunnels between nodes; 0 is 4789.
    pub data_path_port: u32,
    /// Whether a cluster is made again from what this node knows.
    pub force_new_cluster: bool,
    /// What the swarm is to be like.
    pub spec: SwarmSpec,
    /// Whether a manager that restarts has to be unlocked.
    pub auto_lock_managers: bool,
    /// `active`, `pause` or `drain`.
    pub availability: String,
    /// Blocks that networks' subnets are cut from; empty is `10.0.0.0/8`.
    pub default_addr_pool: Vec<String>,
    /// Prefix length of the pieces; 0 is 24.
    pub subnet_size: u32,
}

/// `POST /swarm/join`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct SwarmJoinRequest {
    /// Where it listens, if it becomes a manager.
    pub listen_addr: String,
    /// How others reach it; empty finds out.
    pub advertise_addr: String,
    /// Address or interface of tunnels between nodes; empty is the advertised one.
    pub data_path_addr: String,
    /// Managers to ask, as `host:port`.
    pub remote_addrs: Vec<String>,
    /// What lets it join.
    pub join_token: String,
    /// `active`, `pause` or `drain`.
    pub availability: String,
}

/// Something that managers are asked to change. Each is a request of its own in the real API; here they travel one way,
/// from a manager that does not lead to the one that does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum SwarmChange {
    /// `POST /swarm/update`.
    Swarm {
        /// The version that is changed.
        version: u64,
        /// What it is to be like.
        spec: Box<SwarmSpec>,
        /// Whether workers need a new token.
        rotate_worker: bool,
        /// Whether managers need a new token.
        rotate_manager: bool,
        /// Whether managers need a new key to be unlocked.
        rotate_key: bool,
    },
    /// `POST /nodes/{id}/update`.
    Node {
        /// Id of the node.
        id: String,
        /// The version that is changed.
        version: u64,
        /// What it is to be like.
        spec: NodeSpec,
    },
    /// `DELETE /nodes/{id}`.
    NodeRemove {
        /// Id, or name, of the node.
        id: String,
        /// Whether it goes though it is there.
        force: bool,
    },
    /// `POST /services/create`. Answers with the id.
    ServiceCreate {
        /// What it is to be like.
        spec: Box<ServiceSpec>,
        /// Whether a registry is asked for the image's digest.
        query_registry: bool,
    },
    /// `POST /services/{id}/update`.
    Service {
        /// Id of the service.
        id: String,
        /// The version that is changed.
        version: u64,
        /// What it is to be like.
        spec: Box<ServiceSpec>,
        /// Whether it goes back to what it was before.
        rollback: bool,
        /// Whether a registry is asked for the image's digest.
        query_registry: bool,
    },
    /// `DELETE /services/{id}`.
    ServiceRemove {
        /// Id, or name, of the service.
        id: String,
    },
    /// `POST /secrets/create`. Answers with the id.
    SecretCreate(SecretSpec),
    /// `POST /secrets/{id}/update`.
    Secret {
        /// Id of the secret.
        id: String,
        /// The version that is changed.
        version: u64,
        /// What it is to be like.
        spec: SecretSpec,
    },
    /// `DELETE /secrets/{id}`.
    SecretRemove {
        /// Id, or name, of the secret.
        id: String,
    },
    /// `POST /configs/create`. Answers with the id.
    ConfigCreate(ConfigSpec),
    /// `POST /configs/{id}/update`.
    Config {
        /// Id of the config.
        id: String,
        /// The version that is changed.
        version: u64,
        /// What it is to be like.
        spec: ConfigSpec,
    },
    /// `DELETE /configs/{id}`.
    ConfigRemove {
        /// Id, or name, of the config.
        id: String,
    },
    /// `POST /networks/create` of a network of the swarm. Answers with the id. Part of [`crate::Client::network_create`].
    NetworkCreate(Box<NetworkCreateRequest>),
    /// `DELETE /networks/{id}` of a network of the swarm. Part of [`crate::Client::network_remove`].
    NetworkRemove {
        /// Id of the network.
        id: String,
    },
}

/// What came of a change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SwarmChanged {
    /// Id of what was made, or else of what was changed.
    pub id: String,
    /// Sentences for the user.
    pub warnings: Vec<String>,
}

/// The swarm that the engine is in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct SwarmInfo {
    /// Id of this node, or empty.
    #[serde(rename = "NodeID")]
    pub node_id: String,
    /// Address of this node, or empty.
    pub node_addr: String,
    /// `inactive`, `pending`, `active`, `error` or `locked`.
    pub local_node_state: String,
    /// True on managers.
    pub control_available: bool,
    /// Why it does not work, or empty.
    pub error: String,
    /// The managers that are known; `None` outside of a swarm.
    pub remote_managers: Option<Vec<Peer>>,
    /// Nodes in all; told by managers, left out when 0.
    #[serde(skip_serializing_if = "is_default")]
    pub nodes: u64,
    /// Managers among them; left out when 0.
    #[serde(skip_serializing_if = "is_default")]
    pub managers: u64,
    /// The swarm, as managers know it.
    #[serde(skip_serializing_if = "is_default")]
    pub cluster: Option<Swarm>,
    /// Things to warn of; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub warnings: Vec<String>,
}
