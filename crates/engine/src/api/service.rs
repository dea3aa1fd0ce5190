//! Services of a swarm: what they are to be like and what is told of them.

use sorted::SortedMap;

use serde::{Deserialize, Serialize};

use super::{ObjectVersion, TaskSpec, is_default};

/// A wish for a number of tasks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Replicated {
    /// How many; left out unless given, and 1 then.
    #[serde(skip_serializing_if = "is_default")]
    pub replicas: Option<u64>,
}

/// A wish for a number of tasks that end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ReplicatedJob {
    /// How many at once; left out unless given, and 1 then.
    #[serde(skip_serializing_if = "is_default")]
    pub max_concurrent: Option<u64>,
    /// How many in all; left out unless given.
    #[serde(skip_serializing_if = "is_default")]
    pub total_completions: Option<u64>,
}

/// The `{}` of a mode that has nothing to say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EveryNode {}

/// How many tasks a service has: exactly one of these.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ServiceMode {
    /// A number of them.
    #[serde(skip_serializing_if = "is_default")]
    pub replicated: Option<Replicated>,
    /// One on every node.
    #[serde(skip_serializing_if = "is_default")]
    pub global: Option<EveryNode>,
    /// A number of them that end.
    #[serde(skip_serializing_if = "is_default")]
    pub replicated_job: Option<ReplicatedJob>,
    /// One that ends on every node.
    #[serde(skip_serializing_if = "is_default")]
    pub global_job: Option<EveryNode>,
}

/// How tasks are exchanged for new ones.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct UpdateConfig {
    /// How many at once; 0 is all.
    pub parallelism: u64,
    /// Time between two of them, nanoseconds; left out when 0.
    #[serde(skip_serializing_if = "is_default")]
    pub delay: i64,
    /// `pause`, `continue` or `rollback`; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub failure_action: String,
    /// How long a new task is watched, nanoseconds; left out when 0.
    #[serde(skip_serializing_if = "is_default")]
    pub monitor: i64,
    /// The share of tasks that may fail.
    pub max_failure_ratio: f32,
    /// `stop-first` or `start-first`.
    pub order: String,
}

/// A network that tasks are on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct NetworkAttachmentConfig {
    /// The network's id, or name in a request; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub target: String,
    /// Further names there; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub aliases: Vec<String>,
    /// Options for the driver; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub driver_opts: SortedMap<String, String>,
}

/// A port that a service publishes.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct PortConfig {
    /// A name; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub name: String,
    /// `tcp`, `udp` or `sctp`.
    pub protocol: String,
    /// The port of the tasks; left out when 0.
    #[serde(skip_serializing_if = "is_default")]
    pub target_port: u32,
    /// The port of the nodes; left out when 0: the swarm chooses.
    #[serde(skip_serializing_if = "is_default")]
    pub published_port: u32,
    /// `ingress` or `host`; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub publish_mode: String,
}

/// How a service is reached.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct EndpointSpec {
    /// `vip` or `dnsrr`; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub mode: String,
    /// What it publishes; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub ports: Vec<PortConfig>,
}

/// What a service is to be like.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ServiceSpec {
    /// Its name; left out when empty, and made up then.
    #[serde(skip_serializing_if = "is_default")]
    pub name: String,
    /// Labels.
    pub labels: SortedMap<String, String>,
    /// What its tasks are to be like.
    pub task_template: TaskSpec,
    /// How many there are.
    pub mode: ServiceMode,
    /// How they are exchanged; left out unless given.
    #[serde(skip_serializing_if = "is_default")]
    pub update_config: Option<UpdateConfig>,
    /// How they are exchanged on the way back; left out unless given.
    #[serde(skip_serializing_if = "is_default")]
    pub rollback_config: Option<UpdateConfig>,
    /// Networks, in the old place; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub networks: Vec<NetworkAttachmentConfig>,
    /// How it is reached; left out unless given.
    #[serde(skip_serializing_if = "is_default")]
    pub endpoint_spec: Option<EndpointSpec>,
}

/// A service's address on a network.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct VirtualIp {
    /// The network.
    #[serde(rename = "NetworkID", skip_serializing_if = "is_default")]
    pub network_id: String,
    /// The address, with prefix length; left out when empty.
    #[serde(rename = "Addr", skip_serializing_if = "is_default")]
    pub addr: String,
}

/// How a service is reached in the end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ServiceEndpoint {
    /// What was asked for.
    #[serde(rename = "Spec")]
    pub spec: EndpointSpec,
    /// Ports with what was chosen; left out when empty.
    #[serde(rename = "Ports", skip_serializing_if = "is_default")]
    pub ports: Vec<PortConfig>,
    /// Addresses; left out when empty.
    #[serde(rename = "VirtualIPs", skip_serializing_if = "is_default")]
    pub virtual_ips: Vec<VirtualIp>,
}

/// How far an update is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct UpdateStatus {
    /// `updating`, `paused`, `completed`, `rollback_started`, `rollback_paused` or `rollback_completed`.
    #[serde(skip_serializing_if = "is_default")]
    pub state: String,
    /// When it began, RFC 3339; left out before.
    #[serde(skip_serializing_if = "is_default")]
    pub started_at: Option<String>,
    /// When it ended, RFC 3339; left out before.
    #[serde(skip_serializing_if = "is_default")]
    pub completed_at: Option<String>,
    /// What is to be said of it; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub message: String,
}

/// How many tasks of a service there are, where it was asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ServiceStatus {
    /// Those that run.
    pub running_tasks: u64,
    /// Those that are to run.
    pub desired_tasks: u64,
    /// Those of a job that have ended well.
    pub completed_tasks: u64,
}

/// How far a job is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct JobStatus {
    /// Which run it is.
    pub job_iteration: ObjectVersion,
    /// When that began, RFC 3339; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub last_execution: String,
}

/// A service.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Service {
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
    pub spec: ServiceSpec,
    /// What it was to be like before; left out if it never was otherwise.
    #[serde(skip_serializing_if = "is_default")]
    pub previous_spec: Option<ServiceSpec>,
    /// How it is reached.
    pub endpoint: ServiceEndpoint,
    /// How far its update is; left out if it had none.
    #[serde(skip_serializing_if = "is_default")]
    pub update_status: Option<UpdateStatus>,
    /// How many tasks there are; left out unless asked for.
    #[serde(skip_serializing_if = "is_default")]
    pub service_status: Option<ServiceStatus>,
    /// How far it is; left out unless it is a job.
    #[serde(skip_serializing_if = "is_default")]
    pub job_status: Option<JobStatus>,
}
