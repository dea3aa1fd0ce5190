//! The engine itself.

use serde::{Deserialize, Serialize, Serializer};
use sorted::SortedMap;

use super::SwarmInfo;

/// A part of the engine and its version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Component {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Further facts, in the order in which they are shown.
    #[serde(serialize_with = "as_map")]
    pub details: Vec<(String, String)>,
}

fn as_map<S: Serializer>(pairs: &[(String, String)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().map(|(key, value)| (key, value)))
}

/// `GET /version`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Version {
    /// Parts: Engine, containerd, runc, docker-init.
    pub components: Vec<Component>,
    /// Version of the engine.
    pub version: String,
    /// Newest API version.
    pub api_version: String,
    /// Oldest API version.
    #[serde(rename = "MinAPIVersion")]
    pub min_api_version: String,
    /// Commit.
    pub git_commit: String,
    /// Version of Go.
    pub go_version: String,
    /// `linux`.
    pub os: String,
    /// `amd64`.
    pub arch: String,
    /// Version of Linux.
    pub kernel_version: String,
    /// When it was built.
    pub build_time: String,
}

/// Plug-ins by kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Plugins {
    /// Volume drivers.
    pub volume: Vec<String>,
    /// Network drivers.
    pub network: Vec<String>,
    /// Authorisation.
    pub authorization: Option<Vec<String>>,
    /// Log drivers.
    pub log: Vec<String>,
}

/// What filters packets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct FirewallInfo {
    /// `iptables`.
    pub driver: String,
    /// Facts about it; left out when empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub info: Vec<(String, String)>,
}

/// A runtime that starts containers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Runtime {
    /// Its program.
    pub path: String,
}

/// The commit that a program was built from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CommitInfo {
    /// Its id.
    #[serde(rename = "ID")]
    pub id: String,
}

/// Where containerd keeps what is the engine's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ContainerdNamespaces {
    /// That of containers.
    pub containers: String,
    /// That of plug-ins.
    pub plugins: String,
}

/// The containerd that the engine uses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ContainerdInfo {
    /// Its socket.
    pub address: String,
    /// Its namespaces.
    pub namespaces: ContainerdNamespaces,
}

/// A registry, as the engine goes about with it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct IndexInfo {
    /// What is asked instead.
    pub mirrors: Vec<String>,
    /// Its name.
    pub name: String,
    /// Whether it is Docker's own.
    pub official: bool,
    /// Whether certificates are checked.
    pub secure: bool,
}

/// Settings for registries.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct RegistryConfig {
    /// Those that are known, by name.
    pub index_configs: SortedMap<String, IndexInfo>,
    /// Where certificates are not checked.
    #[serde(rename = "InsecureRegistryCIDRs")]
    pub insecure_registry_cidrs: Vec<String>,
    /// What is asked instead of Docker's own.
    pub mirrors: Option<Vec<String>>,
}

/// `GET /info`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Info {
    /// The engine's id.
    #[serde(rename = "ID")]
    pub id: String,
    /// Containers in all.
    pub containers: u64,
    /// Containers that run.
    pub containers_running: u64,
    /// Containers that are paused.
    pub containers_paused: u64,
    /// Containers that do not run.
    pub containers_stopped: u64,
    /// Images.
    pub images: u64,
    /// Storage driver.
    pub driver: String,
    /// Facts about it, in the order in which they are shown.
    pub driver_status: Vec<(String, String)>,
    /// Plug-ins.
    pub plugins: Plugins,
    /// Whether memory can be limited.
    pub memory_limit: bool,
    /// Whether swap can be limited.
    pub swap_limit: bool,
    /// Whether the memory of TCP's buffers can be limited.
    #[serde(rename = "KernelMemoryTCP")]
    pub kernel_memory_tcp: bool,
    /// Whether processors can be handed out in periods,
    pub cpu_cfs_period: bool,
    /// by quotas,
    pub cpu_cfs_quota: bool,
    /// by weights,
    #[serde(rename = "CPUShares")]
    pub cpu_shares: bool,
    /// or by number.
    #[serde(rename = "CPUSet")]
    pub cpu_set: bool,
    /// Whether processes can be limited.
    pub pids_limit: bool,
    /// True if IPv4 packets are forwarded.
    #[serde(rename = "IPv4Forwarding")]
    pub ipv4_forwarding: bool,
    /// True if the engine is in debug mode.
    pub debug: bool,
    /// Files that the engine has open; not simulated.
    #[serde(rename = "NFd")]
    pub n_fd: u64,
    /// Whether the out-of-memory killer can be off.
    pub oom_kill_disable: bool,
    /// What runs in the engine; not simulated.
    #[serde(rename = "NGoroutines")]
    pub n_goroutines: u64,
    /// The engine's time.
    pub system_time: String,
    /// Log driver.
    pub logging_driver: String,
    /// `systemd` or `cgroupfs`.
    pub cgroup_driver: String,
    /// `1` or `2`.
    pub cgroup_version: String,
    /// Those who listen to events; not simulated.
    #[serde(rename = "NEventsListener")]
    pub n_events_listener: u64,
    /// Version of Linux.
    pub kernel_version: String,
    /// Name of the system.
    pub operating_system: String,
    /// Its version.
    #[serde(rename = "OSVersion")]
    pub os_version: String,
    /// `linux`.
    #[serde(rename = "OSType")]
    pub os_type: String,
    /// `x86_64`.
    pub architecture: String,
    /// Docker's registry.
    pub index_server_address: String,
    /// Settings for registries.
    pub registry_config: RegistryConfig,
    /// CPUs.
    #[serde(rename = "NCPU")]
    pub ncpu: u64,
    /// Memory, bytes.
    pub mem_total: u64,
    /// What else a swarm may hand out.
    pub generic_resources: Option<Vec<String>>,
    /// Where the engine keeps its data.
    pub docker_root_dir: String,
    /// Proxies between the engine and registries.
    pub http_proxy: String,
    /// The same for HTTPS.
    pub https_proxy: String,
    /// Who is asked without.
    pub no_proxy: String,
    /// Name of the machine.
    pub name: String,
    /// Labels of the engine.
    pub labels: Vec<String>,
    /// True if experimental functions are on.
    pub experimental_build: bool,
    /// Version of the engine.
    pub server_version: String,
    /// What starts containers, by name.
    pub runtimes: SortedMap<String, Runtime>,
    /// The default runtime, `runc`.
    pub default_runtime: String,
    /// The swarm.
    pub swarm: SwarmInfo,
    /// True if containers outlive the engine.
    pub live_restore_enabled: bool,
    /// Windows only.
    pub isolation: String,
    /// What runs as first process where one is asked for.
    pub init_binary: String,
    /// Commits of what the engine is built on.
    pub containerd_commit: CommitInfo,
    /// The same for runc,
    pub runc_commit: CommitInfo,
    /// and for the init.
    pub init_commit: CommitInfo,
    /// What confines containers.
    pub security_options: Vec<String>,
    /// Blocks of automatic subnets, where they are not Docker's own; left out otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_address_pools: Option<Vec<AddressPoolInfo>>,
    /// What filters packets.
    pub firewall_backend: FirewallInfo,
    /// Where devices are described.
    #[serde(rename = "CDISpecDirs")]
    pub cdi_spec_dirs: Vec<String>,
    /// The containerd that the engine uses.
    pub containerd: ContainerdInfo,
    /// Things to warn of.
    pub warnings: Option<Vec<String>>,
}

/// A block that automatic subnets are cut from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct AddressPoolInfo {
    /// The block.
    pub base: String,
    /// Prefix length of the pieces.
    pub size: u8,
}
