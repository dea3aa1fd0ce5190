//! Containers: what is asked for and what is told about them.

use sorted::SortedMap;

use serde::{Deserialize, Serialize};

use super::{EndpointSettings, HostConfig, NetworkingConfig, PortBinding, PortMap, RestartPolicy};

/// How to find out whether a container is healthy. Times are nanoseconds; 0 is the default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct HealthConfig {
    /// `["NONE"]`, `["CMD", ...]` or `["CMD-SHELL", line]`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub test: Vec<String>,
    /// Time between two probes.
    #[serde(skip_serializing_if = "is_zero")]
    pub interval: i64,
    /// Time that a probe may take.
    #[serde(skip_serializing_if = "is_zero")]
    pub timeout: i64,
    /// Time in which failures do not count.
    #[serde(skip_serializing_if = "is_zero")]
    pub start_period: i64,
    /// Time between two probes in the start period.
    #[serde(skip_serializing_if = "is_zero")]
    pub start_interval: i64,
    /// Failures in a row that make a container unhealthy.
    #[serde(skip_serializing_if = "is_zero")]
    pub retries: i64,
}

/// The portable part of a container's configuration.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ContainerConfig {
    /// Host name inside the container; the short id if empty.
    pub hostname: String,
    /// Domain name inside the container.
    pub domainname: String,
    /// User to run as.
    pub user: String,
    /// True if the client is attached to standard input.
    pub attach_stdin: bool,
    /// True if the client is attached to standard output.
    pub attach_stdout: bool,
    /// True if the client is attached to standard error.
    pub attach_stderr: bool,
    /// Ports such as `80/tcp`; left out when empty.
    #[serde(skip_serializing_if = "SortedMap::is_empty")]
    pub exposed_ports: SortedMap<String, Empty>,
    /// True if standard streams are a terminal.
    pub tty: bool,
    /// True if standard input stays open.
    pub open_stdin: bool,
    /// True if standard input closes when its first client leaves.
    pub stdin_once: bool,
    /// Environment, `NAME=value`.
    pub env: Option<Vec<String>>,
    /// Command, or arguments of the entrypoint.
    pub cmd: Option<Vec<String>>,
    /// How health is probed; left out unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub healthcheck: Option<HealthConfig>,
    /// The image as it was named.
    pub image: String,
    /// Anonymous volumes.
    pub volumes: Option<SortedMap<String, Empty>>,
    /// Working directory.
    pub working_dir: String,
    /// Entrypoint; `Some([""])` in a request clears the image's.
    pub entrypoint: Option<Vec<String>>,
    /// True if the container gets no network at all; left out when false.
    #[serde(skip_serializing_if = "is_false")]
    pub network_disabled: bool,
    /// Deprecated place of the address; left out when empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub mac_address: String,
    /// Build triggers.
    pub on_build: Option<Vec<String>>,
    /// Labels.
    pub labels: SortedMap<String, String>,
    /// Signal that stops the container; left out when empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub stop_signal: String,
    /// Seconds until it is killed; left out unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop_timeout: Option<i64>,
}

/// The `{}` that Go programs use as the value of a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Empty {}

/// `POST /containers/create`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ContainerCreateRequest {
    /// The portable part.
    #[serde(flatten)]
    pub config: ContainerConfig,
    /// The machine's part.
    pub host_config: HostConfig,
    /// The networks.
    pub networking_config: NetworkingConfig,
}

/// Answer to `POST /containers/create`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ContainerCreateResponse {
    /// The new container's id.
    pub id: String,
    /// Sentences for the user.
    pub warnings: Vec<String>,
}

/// One probe of a container's health.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct HealthLog {
    /// When it began, RFC 3339.
    pub start: String,
    /// When it ended, RFC 3339.
    pub end: String,
    /// Exit code of the probe; 0 is healthy.
    pub exit_code: i64,
    /// What it printed.
    pub output: String,
}

/// What is known about a container's health.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct HealthState {
    /// `starting`, `healthy` or `unhealthy`.
    pub status: String,
    /// Failures in a row.
    pub failing_streak: i64,
    /// The last five probes.
    pub log: Vec<HealthLog>,
}

/// Where a container is in its life.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ContainerState {
    /// `created`, `running`, `paused`, `restarting`, `removing`, `exited` or `dead`.
    pub status: String,
    /// True if it runs, paused or not.
    pub running: bool,
    /// True if it is paused.
    pub paused: bool,
    /// True if it waits to be restarted.
    pub restarting: bool,
    /// True if the kernel killed it for want of memory.
    #[serde(rename = "OOMKilled")]
    pub oom_killed: bool,
    /// True if its removal failed.
    pub dead: bool,
    /// Process id on the machine; 0 while it does not run.
    pub pid: u64,
    /// Exit code of the last run.
    pub exit_code: i64,
    /// Why the last start failed.
    pub error: String,
    /// When it last started, RFC 3339; year 1 if never.
    pub started_at: String,
    /// When it last ended, RFC 3339; year 1 if never.
    pub finished_at: String,
    /// Health; left out without a health check.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub health: Option<HealthState>,
}

impl ContainerState {
    /// Whether the engine counts it as running: also between two restarts. Source: moby `container/state.go`.
    pub(crate) fn lives(&self) -> bool {
        self.running || self.restarting
    }
}

/// Which driver holds a container's layers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct GraphDriver {
    /// Directories by role.
    pub data: Option<SortedMap<String, String>>,
    /// The driver, `overlay2`.
    pub name: String,
}

/// Something mounted in a container.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct MountPoint {
    /// `bind`, `volume` or `tmpfs`.
    #[serde(rename = "Type")]
    pub kind: String,
    /// The volume's name; left out when empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Where it comes from.
    pub source: String,
    /// Where it is.
    pub destination: String,
    /// The volume's driver; left out when empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub driver: String,
    /// Mode as given.
    pub mode: String,
    /// True if it may be written to.
    #[serde(rename = "RW")]
    pub rw: bool,
    /// How mounts propagate.
    pub propagation: String,
    /// Whether nobody gave the volume a name, so that it may go with its container.
    #[serde(skip)]
    pub unnamed: bool,
}

/// The network part of `docker inspect`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct NetworkSettings {
    /// Always empty.
    pub bridge: String,
    /// Id of the sandbox; empty while stopped.
    #[serde(rename = "SandboxID")]
    pub sandbox_id: String,
    /// File of the network namespace; empty while stopped.
    pub sandbox_key: String,
    /// Ports as they are really published.
    pub ports: PortMap,
    /// Always false.
    pub hairpin_mode: bool,
    /// Always empty.
    #[serde(rename = "LinkLocalIPv6Address")]
    pub link_local_ipv6_address: String,
    /// Always 0.
    #[serde(rename = "LinkLocalIPv6PrefixLen")]
    pub link_local_ipv6_prefix_len: u8,
    /// Always `null`.
    #[serde(rename = "SecondaryIPAddresses")]
    pub secondary_ip_addresses: Option<Vec<String>>,
    /// Always `null`.
    #[serde(rename = "SecondaryIPv6Addresses")]
    pub secondary_ipv6_addresses: Option<Vec<String>>,
    /// As the endpoint on the default bridge; this and the next seven are empty elsewhere.
    #[serde(rename = "EndpointID")]
    pub endpoint_id: String,
    /// As the endpoint on the default bridge.
    pub gateway: String,
    /// As the endpoint on the default bridge.
    #[serde(rename = "GlobalIPv6Address")]
    pub global_ipv6_address: String,
    /// As the endpoint on the default bridge.
    #[serde(rename = "GlobalIPv6PrefixLen")]
    pub global_ipv6_prefix_len: u8,
    /// As the endpoint on the default bridge.
    #[serde(rename = "IPAddress")]
    pub ip_address: String,
    /// As the endpoint on the default bridge.
    #[serde(rename = "IPPrefixLen")]
    pub ip_prefix_len: u8,
    /// As the endpoint on the default bridge.
    #[serde(rename = "IPv6Gateway")]
    pub ipv6_gateway: String,
    /// As the endpoint on the default bridge.
    pub mac_address: String,
    /// Attachments by network name.
    pub networks: SortedMap<String, EndpointSettings>,
}

/// `GET /containers/{id}/json`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ContainerInspect {
    /// The id, 64 hexadecimal digits.
    pub id: String,
    /// When it was made, RFC 3339 with nanoseconds.
    pub created: String,
    /// Program that runs.
    pub path: String,
    /// Its arguments.
    pub args: Vec<String>,
    /// Where it is in its life.
    pub state: ContainerState,
    /// Id of the image.
    pub image: String,
    /// File on the machine.
    pub resolv_conf_path: String,
    /// File on the machine.
    pub hostname_path: String,
    /// File on the machine.
    pub hosts_path: String,
    /// File on the machine.
    pub log_path: String,
    /// The name, with a slash before it.
    pub name: String,
    /// How often the restart policy acted.
    pub restart_count: u64,
    /// Storage driver, `overlay2`.
    pub driver: String,
    /// `linux`.
    pub platform: String,
    /// Always empty.
    pub mount_label: String,
    /// Always empty.
    pub process_label: String,
    /// AppArmor profile, or empty.
    pub app_armor_profile: String,
    /// Commands running beside the first process; `null` if none.
    #[serde(rename = "ExecIDs")]
    pub exec_ids: Option<Vec<String>>,
    /// The machine's part of the configuration.
    pub host_config: HostConfig,
    /// Storage.
    pub graph_driver: GraphDriver,
    /// Bytes that the container has written; only where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size_rw: Option<u64>,
    /// The same with its image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size_root_fs: Option<u64>,
    /// What is mounted.
    pub mounts: Vec<MountPoint>,
    /// The portable part of the configuration.
    pub config: ContainerConfig,
    /// Networking as it is now.
    pub network_settings: NetworkSettings,
}

/// One port in a list of containers.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct PortSummary {
    /// Address on the machine; left out when only exposed.
    #[serde(rename = "IP", skip_serializing_if = "String::is_empty")]
    pub ip: String,
    /// Port in the container.
    pub private_port: u16,
    /// Port on the machine; left out when 0.
    #[serde(skip_serializing_if = "is_zero_port")]
    pub public_port: u16,
    /// `tcp`, `udp` or `sctp`.
    #[serde(rename = "Type")]
    pub protocol: String,
}

/// The machine's part in a list of containers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct SummaryHostConfig {
    /// The network mode.
    pub network_mode: String,
}

/// The networks in a list of containers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct SummaryNetworkSettings {
    /// Attachments by network name.
    pub networks: SortedMap<String, EndpointSettings>,
}

/// One container of `GET /containers/json`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ContainerSummary {
    /// The id.
    pub id: String,
    /// The name with a slash, then names that links give it, such as `/app/db`.
    pub names: Vec<String>,
    /// The image as it was named.
    pub image: String,
    /// Id of the image.
    #[serde(rename = "ImageID")]
    pub image_id: String,
    /// Program and arguments, joined by blanks.
    pub command: String,
    /// When it was made, seconds since 1970.
    pub created: i64,
    /// Exposed and published ports.
    pub ports: Vec<PortSummary>,
    /// Labels.
    pub labels: SortedMap<String, String>,
    /// As `State.Status` of inspect.
    pub state: String,
    /// For people, such as `Up 3 minutes`.
    pub status: String,
    /// The machine's part.
    pub host_config: SummaryHostConfig,
    /// The networks.
    pub network_settings: SummaryNetworkSettings,
    /// What is mounted.
    pub mounts: Vec<MountPoint>,
}

/// `GET /containers/json`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContainerListOptions {
    /// True if those that do not run are listed too.
    pub all: bool,
    /// At most so many, newest first; implies `all`.
    pub limit: Option<usize>,
    /// Filters.
    pub filters: super::Filters,
}

/// `POST /containers/{id}/stop` and `restart`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StopOptions {
    /// Signal; the container's own if `None`.
    pub signal: Option<String>,
    /// Seconds until SIGKILL; the container's own, or 10, if `None`; negative waits without end.
    pub timeout: Option<i64>,
}

/// `DELETE /containers/{id}`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RemoveOptions {
    /// True if a running one is killed first.
    pub force: bool,
    /// True if anonymous volumes go too.
    pub volumes: bool,
    /// True if the link of this name goes instead of the container.
    pub link: bool,
}

/// `GET /containers/{id}/logs`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogsOptions {
    /// True if standard output is wanted.
    pub stdout: bool,
    /// True if standard error is wanted.
    pub stderr: bool,
    /// True if new lines follow as they come.
    pub follow: bool,
    /// True if each line begins with its time.
    pub timestamps: bool,
    /// True if each line begins with what its logging driver notes of it, which is nothing here, and a blank.
    pub details: bool,
    /// Only the last so many lines; `None` is all.
    pub tail: Option<usize>,
    /// Only lines from this instant on, nanoseconds since 1970.
    pub since: Option<i64>,
    /// Only lines up to this instant, nanoseconds since 1970.
    pub until: Option<i64>,
}

/// `POST /containers/{id}/update`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct UpdateRequest {
    /// The new restart policy; an empty name leaves it as it is.
    pub restart_policy: RestartPolicy,
    /// New limits; what is zero or empty leaves a limit as it is. Nothing but limits is read.
    pub limits: HostConfig,
}

/// Answer to `POST /containers/{id}/update`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct UpdateResponse {
    /// Sentences for the user; `null` when there are none.
    #[serde(serialize_with = "super::image::list_or_null")]
    pub warnings: Vec<String>,
}

/// What `POST /containers/{id}/wait` waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WaitCondition {
    /// Not running now, or no longer.
    #[default]
    NotRunning,
    /// The next end, even if it does not run yet.
    NextExit,
    /// Its removal.
    Removed,
}

/// Answer to `POST /containers/{id}/wait`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct WaitResponse {
    /// Exit code.
    pub status_code: i64,
}

/// Answer to `GET /containers/{id}/top`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct TopResponse {
    /// Rows of values.
    pub processes: Vec<Vec<String>>,
    /// Heads of the columns.
    pub titles: Vec<String>,
}

/// Answer to `POST /containers/prune`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ContainersPruneReport {
    /// Ids of the containers removed; `null` when there are none.
    #[serde(serialize_with = "super::image::list_or_null")]
    pub containers_deleted: Vec<String>,
    /// Bytes freed.
    pub space_reclaimed: u64,
}

impl NetworkSettings {
    /// Returns the bindings of a container port such as `80/tcp`, empty if it is not published.
    pub fn bindings(&self, port: &str) -> &[PortBinding] {
        self.ports
            .get(port)
            .and_then(Option::as_deref)
            .unwrap_or_default()
    }
}

fn is_zero(n: &i64) -> bool {
    *n == 0
}

fn is_zero_port(n: &u16) -> bool {
    *n == 0
}

fn is_false(b: &bool) -> bool {
    !*b
}

/// The bytes of a container's files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sizes {
    /// Those that it has written.
    pub written: u64,
    /// The same with its image.
    pub all: u64,
}

/// One file of `GET /containers/{id}/changes`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct FilesystemChange {
    /// Where it is.
    pub path: String,
    /// `A`, `C` or `D`: added, changed, deleted; a number in the API.
    #[serde(serialize_with = "number_of_change")]
    pub kind: char,
}

/// Source: moby `api/types/container/change_type.go`.
fn number_of_change<S: serde::Serializer>(kind: &char, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u8(match kind {
        'C' => 0,
        'A' => 1,
        _ => 2,
    })
}
