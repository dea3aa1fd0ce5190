//! Tasks of a swarm: what they are to be like and how they are.

use sorted::SortedMap;

use serde::{Deserialize, Serialize};

use super::{
    HealthConfig, Mount, NetworkAttachmentConfig, ObjectVersion, Platform, PortConfig, Resources,
    SecretReference, SwarmConfigReference, SwarmDriver, is_default,
};

/// How a task's container resolves names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct DnsConfig {
    /// Servers; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub nameservers: Vec<String>,
    /// Search domains; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub search: Vec<String>,
    /// Options; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub options: Vec<String>,
}

/// What a task's container is to be like.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ContainerSpec {
    /// The image, with its digest if that is known; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub image: String,
    /// Labels of the container; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub labels: SortedMap<String, String>,
    /// In place of the image's entrypoint; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub command: Vec<String>,
    /// Its arguments; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub args: Vec<String>,
    /// Host name, which may be a template; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub hostname: String,
    /// Environment, `NAME=value`; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub env: Vec<String>,
    /// Working directory; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub dir: String,
    /// User; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub user: String,
    /// Further groups; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub groups: Vec<String>,
    /// What it may do beyond others; left out unless given.
    #[serde(skip_serializing_if = "is_default")]
    pub privileges: Option<Privileges>,
    /// Whether a small init runs as process 1; left out unless given.
    #[serde(skip_serializing_if = "is_default")]
    pub init: Option<bool>,
    /// Signal that stops it; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub stop_signal: String,
    /// Whether it has a terminal; left out if not.
    #[serde(rename = "TTY", skip_serializing_if = "is_default")]
    pub tty: bool,
    /// Whether its input stays open; left out if not.
    #[serde(skip_serializing_if = "is_default")]
    pub open_stdin: bool,
    /// Whether its root file system is read-only; left out if not.
    #[serde(skip_serializing_if = "is_default")]
    pub read_only: bool,
    /// What is mounted; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub mounts: Vec<Mount>,
    /// Time until it is killed, nanoseconds; left out unless given.
    #[serde(skip_serializing_if = "is_default")]
    pub stop_grace_period: Option<i64>,
    /// How its health is probed; left out unless given.
    #[serde(skip_serializing_if = "is_default")]
    pub healthcheck: Option<HealthConfig>,
    /// Lines of its hosts file, `address name`; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub hosts: Vec<String>,
    /// How it resolves names; left out unless given.
    #[serde(rename = "DNSConfig", skip_serializing_if = "is_default")]
    pub dns_config: Option<DnsConfig>,
    /// Secrets; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub secrets: Vec<SecretReference>,
    /// Configs; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub configs: Vec<SwarmConfigReference>,
    /// Isolation, `default`; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub isolation: String,
    /// Kernel settings; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub sysctls: SortedMap<String, String>,
    /// Capabilities added; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub capability_add: Vec<String>,
    /// Capabilities dropped; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub capability_drop: Vec<String>,
    /// Limits of its processes; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub ulimits: Vec<Ulimit>,
    /// How soon it goes when memory runs out; left out when 0.
    #[serde(skip_serializing_if = "is_default")]
    pub oom_score_adj: i64,
}

/// What a task's container may do beyond others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Privileges {
    /// Always empty here.
    #[serde(rename = "CredentialSpec")]
    pub credential_spec: Option<String>,
    /// Always empty here.
    #[serde(rename = "SELinuxContext")]
    pub selinux_context: Option<String>,
    /// Whether nothing may be gained.
    #[serde(rename = "NoNewPrivileges")]
    pub no_new_privileges: bool,
}

/// A limit of a container's processes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Ulimit {
    /// What is limited.
    pub name: String,
    /// The most that may be asked for.
    pub hard: i64,
    /// The most that holds.
    pub soft: i64,
}

/// A container that a user started and that is on networks of the swarm.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NetworkAttachmentSpec {
    /// Its id.
    #[serde(rename = "ContainerID")]
    pub container_id: String,
}

/// The most that a task may use.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limit {
    /// Billionths of a processor; left out when 0.
    #[serde(rename = "NanoCPUs", skip_serializing_if = "is_default")]
    pub nano_cpus: i64,
    /// Bytes; left out when 0.
    #[serde(rename = "MemoryBytes", skip_serializing_if = "is_default")]
    pub memory_bytes: i64,
    /// Processes; left out when 0.
    #[serde(rename = "Pids", skip_serializing_if = "is_default")]
    pub pids: i64,
}

/// What a task may use, and what is kept free for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ResourceRequirements {
    /// The most; left out unless given.
    #[serde(skip_serializing_if = "is_default")]
    pub limits: Option<Limit>,
    /// What is kept free; left out unless given.
    #[serde(skip_serializing_if = "is_default")]
    pub reservations: Option<Resources>,
}

/// What is done when a task ends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct TaskRestartPolicy {
    /// `none`, `on-failure` or `any`; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub condition: String,
    /// Time before, nanoseconds; left out unless given.
    #[serde(skip_serializing_if = "is_default")]
    pub delay: Option<i64>,
    /// How often; left out unless given.
    #[serde(skip_serializing_if = "is_default")]
    pub max_attempts: Option<u64>,
    /// In which time, nanoseconds; left out unless given.
    #[serde(skip_serializing_if = "is_default")]
    pub window: Option<i64>,
}

/// A wish that tasks be spread over what differs in something.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct SpreadOver {
    /// A label, such as `node.labels.zone`.
    pub spread_descriptor: String,
}

/// A wish for where tasks go.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct PlacementPreference {
    /// What they are spread over.
    pub spread: Option<SpreadOver>,
}

/// Where tasks may go.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Placement {
    /// What a node has to be, such as `node.role==worker`; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub constraints: Vec<String>,
    /// Wishes; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub preferences: Vec<PlacementPreference>,
    /// The most on one node; left out when 0.
    #[serde(skip_serializing_if = "is_default")]
    pub max_replicas: u64,
    /// What the image runs on; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub platforms: Vec<Platform>,
}

/// What a task is to be like.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct TaskSpec {
    /// Its container; left out if it has none of its own.
    #[serde(skip_serializing_if = "is_default")]
    pub container_spec: Option<ContainerSpec>,
    /// The container that it stands for; left out otherwise.
    #[serde(skip_serializing_if = "is_default")]
    pub network_attachment_spec: Option<NetworkAttachmentSpec>,
    /// What it may use; left out unless given.
    #[serde(skip_serializing_if = "is_default")]
    pub resources: Option<ResourceRequirements>,
    /// What is done when it ends; left out unless given.
    #[serde(skip_serializing_if = "is_default")]
    pub restart_policy: Option<TaskRestartPolicy>,
    /// Where it may go; left out unless given.
    #[serde(skip_serializing_if = "is_default")]
    pub placement: Option<Placement>,
    /// Its networks; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub networks: Vec<NetworkAttachmentConfig>,
    /// Where its output goes; left out unless given.
    #[serde(skip_serializing_if = "is_default")]
    pub log_driver: Option<SwarmDriver>,
    /// Grows when tasks are to be exchanged though nothing changed.
    pub force_update: u64,
    /// `container` or `attachment`; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub runtime: String,
}

/// A task's container.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ContainerStatus {
    /// Its id.
    #[serde(rename = "ContainerID")]
    pub container_id: String,
    /// Its first process; 0 while it does not run.
    #[serde(rename = "PID")]
    pub pid: u64,
    /// Its exit code.
    #[serde(rename = "ExitCode")]
    pub exit_code: i64,
}

/// Ports that a task has on its node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct PortStatus {
    /// The ports; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub ports: Vec<PortConfig>,
}

/// How a task is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct TaskStatus {
    /// Since when, RFC 3339.
    pub timestamp: String,
    /// `new`, `pending`, `assigned`, `accepted`, `preparing`, `ready`, `starting`, `running`, `complete`, `shutdown`,
    /// `failed`, `rejected`, `remove` or `orphaned`.
    pub state: String,
    /// What is to be said of it; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub message: String,
    /// What went wrong; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub err: String,
    /// Its container; left out without one.
    #[serde(skip_serializing_if = "is_default")]
    pub container_status: Option<ContainerStatus>,
    /// Its ports.
    pub port_status: PortStatus,
}

/// What a network of a swarm is to be like.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SwarmNetworkSpec {
    /// Its name.
    #[serde(rename = "Name")]
    pub name: String,
    /// Labels.
    #[serde(rename = "Labels")]
    pub labels: SortedMap<String, String>,
    /// Its driver.
    #[serde(rename = "DriverConfiguration", skip_serializing_if = "is_default")]
    pub driver_configuration: Option<SwarmDriver>,
    /// Whether it has IPv6; left out if not.
    #[serde(rename = "IPv6Enabled", skip_serializing_if = "is_default")]
    pub ipv6_enabled: bool,
    /// Whether nothing leaves or enters; left out if not.
    #[serde(rename = "Internal", skip_serializing_if = "is_default")]
    pub internal: bool,
    /// Whether containers outside services may join; left out if not.
    #[serde(rename = "Attachable", skip_serializing_if = "is_default")]
    pub attachable: bool,
    /// Whether it carries the routing mesh; left out if not.
    #[serde(rename = "Ingress", skip_serializing_if = "is_default")]
    pub ingress: bool,
    /// How its addresses are given.
    #[serde(rename = "IPAMOptions", skip_serializing_if = "is_default")]
    pub ipam_options: Option<SwarmIpam>,
    /// `swarm`; left out when empty.
    #[serde(rename = "Scope", skip_serializing_if = "is_default")]
    pub scope: String,
}

/// How a network's addresses are given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct SwarmIpam {
    /// The address manager.
    pub driver: SwarmDriver,
    /// The pools; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub configs: Vec<super::IpamPool>,
}

/// A network of a swarm as tasks tell it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SwarmNetwork {
    /// Its id.
    #[serde(rename = "ID")]
    pub id: String,
    /// Which change it comes from.
    #[serde(rename = "Version")]
    pub version: ObjectVersion,
    /// When it was made, RFC 3339.
    #[serde(rename = "CreatedAt")]
    pub created_at: String,
    /// When it was changed, RFC 3339.
    #[serde(rename = "UpdatedAt")]
    pub updated_at: String,
    /// What it is to be like.
    #[serde(rename = "Spec")]
    pub spec: SwarmNetworkSpec,
    /// Its driver, with what was chosen.
    #[serde(rename = "DriverState")]
    pub driver_state: SwarmDriver,
    /// Its addresses, with what was chosen.
    #[serde(rename = "IPAMOptions", skip_serializing_if = "is_default")]
    pub ipam_options: Option<SwarmIpam>,
}

/// A task's place on a network.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct NetworkAttachment {
    /// The network.
    pub network: SwarmNetwork,
    /// Its addresses there, with prefix lengths.
    pub addresses: Vec<String>,
}

/// A task.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Task {
    /// Its id.
    #[serde(rename = "ID")]
    pub id: String,
    /// Which change it comes from.
    pub version: ObjectVersion,
    /// When it was made, RFC 3339.
    pub created_at: String,
    /// When it was changed, RFC 3339.
    pub updated_at: String,
    /// Its name; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub name: String,
    /// Labels.
    pub labels: SortedMap<String, String>,
    /// What it is to be like.
    pub spec: TaskSpec,
    /// Its service; left out when empty.
    #[serde(rename = "ServiceID", skip_serializing_if = "is_default")]
    pub service_id: String,
    /// Its number among the service's; left out when 0.
    #[serde(skip_serializing_if = "is_default")]
    pub slot: u64,
    /// Its node; left out until it has one.
    #[serde(rename = "NodeID", skip_serializing_if = "is_default")]
    pub node_id: String,
    /// How it is.
    pub status: TaskStatus,
    /// How it is to be.
    pub desired_state: String,
    /// Its networks; left out when empty.
    #[serde(skip_serializing_if = "is_default")]
    pub networks_attachments: Vec<NetworkAttachment>,
    /// Which run of a job it belongs to; left out otherwise.
    #[serde(skip_serializing_if = "is_default")]
    pub job_iteration: Option<ObjectVersion>,
    /// Always empty here.
    pub volumes: Option<Vec<String>>,
}

/// A piece of what a service's tasks printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskFrame {
    /// The task.
    pub task_id: String,
    /// Its node.
    pub node_id: String,
    /// What was printed.
    pub frame: crate::stream::Frame,
}
