//! The engine itself.

use serde::{Deserialize, Serialize};

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
    pub details: Vec<(String, String)>,
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
    /// True if IPv4 packets are forwarded.
    #[serde(rename = "IPv4Forwarding")]
    pub ipv4_forwarding: bool,
    /// True if the engine is in debug mode.
    pub debug: bool,
    /// Log driver.
    pub logging_driver: String,
    /// `systemd` or `cgroupfs`.
    pub cgroup_driver: String,
    /// `1` or `2`.
    pub cgroup_version: String,
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
    /// CPUs.
    #[serde(rename = "NCPU")]
    pub ncpu: u64,
    /// Memory, bytes.
    pub mem_total: u64,
    /// Where the engine keeps its data.
    pub docker_root_dir: String,
    /// Name of the machine.
    pub name: String,
    /// Labels of the engine.
    pub labels: Vec<String>,
    /// Blocks of automatic subnets, where they are not Docker's own.
    pub default_address_pools: Option<Vec<AddressPoolInfo>>,
    /// True if experimental functions are on.
    pub experimental_build: bool,
    /// Version of the engine.
    pub server_version: String,
    /// The default runtime, `runc`.
    pub default_runtime: String,
    /// The swarm.
    pub swarm: SwarmInfo,
    /// True if containers outlive the engine.
    pub live_restore_enabled: bool,
    /// What filters packets.
    pub firewall_backend: FirewallInfo,
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
