//! How a container is to be run on its machine.

use sorted::SortedMap;

use serde::{Deserialize, Serialize};

use super::task::Ulimit;

/// Container ports, such as `80/tcp`, and where they are published; `None` is exposed but not published.
pub type PortMap = SortedMap<String, Option<Vec<PortBinding>>>;

/// One place on the machine at which a container port is published.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct PortBinding {
    /// Address on the machine; empty means every address of both families.
    pub host_ip: String,
    /// Port or range of ports on the machine; empty means any free one.
    pub host_port: String,
}

/// What to do when the container's first process ends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct RestartPolicy {
    /// `no`, `always`, `unless-stopped` or `on-failure`; empty is `no`.
    pub name: String,
    /// Greatest number of restarts for `on-failure`; 0 is without limit.
    pub maximum_retry_count: i64,
}

/// Where the container's output goes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct LogConfig {
    /// The log driver; `json-file` if empty.
    #[serde(rename = "Type")]
    pub kind: String,
    /// Options of the driver.
    pub config: SortedMap<String, String>,
}

/// A device of the machine that is handed in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct DeviceMapping {
    /// Its path on the machine.
    pub path_on_host: String,
    /// Its path in the container.
    pub path_in_container: String,
    /// What may be done with it: some of `rwm`.
    pub cgroup_permissions: String,
}

/// How fast a device may be read or written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ThrottleDevice {
    /// Its path on the machine.
    pub path: String,
    /// Bytes or operations a second.
    pub rate: u64,
}

/// Which share of a device's time a container is given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct WeightDevice {
    /// Its path on the machine.
    pub path: String,
    /// From 10 to 1000; 0 is none.
    pub weight: u16,
}

/// A wish for devices that a driver finds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct DeviceRequest {
    /// The driver, or empty.
    pub driver: String,
    /// How many; -1 is all of them.
    pub count: i64,
    /// Which ones.
    #[serde(rename = "DeviceIDs")]
    pub device_ids: Option<Vec<String>>,
    /// What they have to be able to do: one of these sets.
    pub capabilities: Option<Vec<Vec<String>>>,
    /// Options for the driver.
    pub options: SortedMap<String, String>,
}

/// Something to mount, in the long form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Mount {
    /// `bind`, `volume` or `tmpfs`.
    #[serde(rename = "Type")]
    pub kind: String,
    /// A path on the machine or a volume's name; left out when empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// Where it is seen in the container.
    pub target: String,
    /// Whether it can only be read there; left out if not.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub read_only: bool,
    /// Details of a path on the machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bind_options: Option<BindOptions>,
    /// Details of a volume.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume_options: Option<VolumeOptions>,
    /// Details of what lives in memory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tmpfs_options: Option<TmpfsOptions>,
}

/// How a path on the machine is mounted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct BindOptions {
    /// How mounts propagate; left out when empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub propagation: String,
    /// Whether what is mounted below the path is left out; left out if not.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub non_recursive: bool,
    /// Whether a path that is missing is made; left out if not.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub create_mountpoint: bool,
}

/// How a volume is mounted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct VolumeOptions {
    /// Whether an empty volume stays empty; left out if not.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub no_copy: bool,
    /// The part of the volume that is mounted; left out when empty: all of it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub subpath: String,
    /// Labels for a volume that is made; left out when empty.
    #[serde(skip_serializing_if = "SortedMap::is_empty")]
    pub labels: SortedMap<String, String>,
    /// The driver for a volume that is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub driver_config: Option<DriverConfig>,
}

/// The driver of a volume.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct DriverConfig {
    /// Its name; left out when empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Its options; left out when empty.
    #[serde(skip_serializing_if = "SortedMap::is_empty")]
    pub options: SortedMap<String, String>,
}

/// What lives in memory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct TmpfsOptions {
    /// The greatest size, bytes; left out if none is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size_bytes: Option<i64>,
    /// Permission bits of its directory; left out if none are given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<u32>,
}

/// The part of a container's configuration that belongs to the machine it runs on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct HostConfig {
    /// Bind mounts, as `source:target:mode`.
    pub binds: Option<Vec<String>>,
    /// File that is to hold the container's id.
    #[serde(rename = "ContainerIDFile")]
    pub container_id_file: String,
    /// Where output goes.
    pub log_config: LogConfig,
    /// `bridge`, `host`, `none`, `container:ID`, `default` or a network's name or id.
    pub network_mode: String,
    /// Ports to publish.
    pub port_bindings: Option<PortMap>,
    /// What to do when the first process ends.
    pub restart_policy: RestartPolicy,
    /// True if the container is removed when it ends.
    pub auto_remove: bool,
    /// Volume driver.
    pub volume_driver: String,
    /// Containers whose volumes to mount.
    pub volumes_from: Option<Vec<String>>,
    /// Height and width of the terminal at creation.
    pub console_size: [u32; 2],
    /// Free annotations; left out when empty.
    #[serde(skip_serializing_if = "SortedMap::is_empty")]
    pub annotations: SortedMap<String, String>,
    /// Capabilities added.
    pub cap_add: Option<Vec<String>>,
    /// Capabilities dropped.
    pub cap_drop: Option<Vec<String>>,
    /// `private` or `host`.
    pub cgroupns_mode: String,
    /// Name servers given by the user.
    pub dns: Option<Vec<String>>,
    /// Resolver options given by the user.
    pub dns_options: Option<Vec<String>>,
    /// Search domains given by the user.
    pub dns_search: Option<Vec<String>>,
    /// Lines for `/etc/hosts`, as `name:address`.
    pub extra_hosts: Option<Vec<String>>,
    /// Additional groups.
    pub group_add: Option<Vec<String>>,
    /// IPC namespace.
    pub ipc_mode: String,
    /// Control group.
    pub cgroup: String,
    /// Legacy links: `name:alias` in a request, `/name:/own/alias` in an answer.
    pub links: Option<Vec<String>>,
    /// Adjustment for the out-of-memory killer.
    pub oom_score_adj: i64,
    /// Process namespace.
    pub pid_mode: String,
    /// True if the container has every capability.
    pub privileged: bool,
    /// True if every exposed port is published on a port chosen by the engine.
    pub publish_all_ports: bool,
    /// True if the root file system is read-only.
    pub readonly_rootfs: bool,
    /// Security options.
    pub security_opt: Option<Vec<String>>,
    /// Storage options; left out when empty.
    #[serde(skip_serializing_if = "SortedMap::is_empty")]
    pub storage_opt: SortedMap<String, String>,
    /// Temporary file systems; left out when empty.
    #[serde(skip_serializing_if = "SortedMap::is_empty")]
    pub tmpfs: SortedMap<String, String>,
    /// UTS namespace.
    #[serde(rename = "UTSMode")]
    pub uts_mode: String,
    /// User namespace.
    pub userns_mode: String,
    /// Size of `/dev/shm`, bytes.
    pub shm_size: i64,
    /// Kernel settings of the container's namespaces; left out when empty.
    #[serde(skip_serializing_if = "SortedMap::is_empty")]
    pub sysctls: SortedMap<String, String>,
    /// The runtime, `runc`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub runtime: String,
    /// Isolation, Windows only.
    pub isolation: String,
    /// Relative weight of CPU shares.
    pub cpu_shares: i64,
    /// Limit of memory, bytes; 0 is without limit.
    pub memory: i64,
    /// Limit of CPU time, in billionths of a CPU.
    pub nano_cpus: i64,
    /// Parent control group.
    pub cgroup_parent: String,
    /// Weight of block input and output.
    pub blkio_weight: u16,
    /// Weights of single devices.
    pub blkio_weight_device: Option<Vec<WeightDevice>>,
    /// Bytes a second that may be read.
    pub blkio_device_read_bps: Option<Vec<ThrottleDevice>>,
    /// Bytes a second that may be written.
    pub blkio_device_write_bps: Option<Vec<ThrottleDevice>>,
    /// Reads a second.
    #[serde(rename = "BlkioDeviceReadIOps")]
    pub blkio_device_read_iops: Option<Vec<ThrottleDevice>>,
    /// Writes a second.
    #[serde(rename = "BlkioDeviceWriteIOps")]
    pub blkio_device_write_iops: Option<Vec<ThrottleDevice>>,
    /// CPU period, microseconds.
    pub cpu_period: i64,
    /// CPU quota, microseconds.
    pub cpu_quota: i64,
    /// Realtime period, microseconds.
    pub cpu_realtime_period: i64,
    /// Realtime budget, microseconds.
    pub cpu_realtime_runtime: i64,
    /// CPUs to use, such as `0-3`.
    pub cpuset_cpus: String,
    /// Memory nodes to use.
    pub cpuset_mems: String,
    /// Devices handed in.
    pub devices: Option<Vec<DeviceMapping>>,
    /// Rules of the device control group.
    pub device_cgroup_rules: Option<Vec<String>>,
    /// Requests for devices.
    pub device_requests: Option<Vec<DeviceRequest>>,
    /// Soft limit of memory, bytes.
    pub memory_reservation: i64,
    /// Limit of memory and swap, bytes.
    pub memory_swap: i64,
    /// Willingness to swap; `None` is the default.
    pub memory_swappiness: Option<i64>,
    /// True if the out-of-memory killer is off.
    pub oom_kill_disable: Option<bool>,
    /// Greatest number of processes.
    pub pids_limit: Option<i64>,
    /// Resource limits.
    pub ulimits: Option<Vec<Ulimit>>,
    /// CPUs, Windows only.
    pub cpu_count: i64,
    /// CPU share, Windows only.
    pub cpu_percent: i64,
    /// Windows only.
    #[serde(rename = "IOMaximumIOps")]
    pub io_maximum_iops: u64,
    /// Windows only.
    #[serde(rename = "IOMaximumBandwidth")]
    pub io_maximum_bandwidth: u64,
    /// What is mounted, in the long form; left out when empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mounts: Vec<Mount>,
    /// Paths hidden inside the container.
    pub masked_paths: Option<Vec<String>>,
    /// Paths that are read-only inside the container.
    pub readonly_paths: Option<Vec<String>>,
    /// True if a small init runs as process 1; left out unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub init: Option<bool>,
}

impl HostConfig {
    /// Container ports that are to be published, and where.
    pub fn published(&self) -> impl Iterator<Item = (&String, &[PortBinding])> {
        let all = self.port_bindings.iter().flatten();
        all.map(|(port, bindings)| (port, bindings.as_deref().unwrap_or_default()))
    }
}
