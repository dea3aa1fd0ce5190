//! What a container uses. Processor, memory and disks are not simulated and read 0.

use serde::{Deserialize, Serialize};
use sorted::SortedMap;

/// Answer to `GET /containers/{id}/stats`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StatsResponse {
    /// The name with a slash; left out when empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The id; left out when empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// When this was read, RFC 3339; year 1 if the container does not run.
    pub read: String,
    /// When the reading before was made.
    pub preread: String,
    /// Its processes.
    pub pids_stats: PidsStats,
    /// What it did with disks.
    pub blkio_stats: BlkioStats,
    /// Windows only.
    pub num_procs: u32,
    /// Windows only.
    pub storage_stats: super::Empty,
    /// Processor time.
    pub cpu_stats: CpuStats,
    /// The same of the reading before.
    pub precpu_stats: CpuStats,
    /// Memory.
    pub memory_stats: MemoryStats,
    /// Traffic by interface; left out if the container has none.
    #[serde(skip_serializing_if = "SortedMap::is_empty")]
    pub networks: SortedMap<String, NetworkStats>,
}

/// Processes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PidsStats {
    /// How many there are; left out when 0.
    #[serde(skip_serializing_if = "super::is_default")]
    pub current: u64,
}

/// Disks: always `null`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BlkioStats {
    pub io_service_bytes_recursive: Option<()>,
    pub io_serviced_recursive: Option<()>,
    pub io_queue_recursive: Option<()>,
    pub io_service_time_recursive: Option<()>,
    pub io_wait_time_recursive: Option<()>,
    pub io_merged_recursive: Option<()>,
    pub io_time_recursive: Option<()>,
    pub sectors_recursive: Option<()>,
}

/// Processor time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CpuStats {
    /// The container's, nanoseconds.
    pub cpu_usage: CpuUsage,
    /// Processors; left out when 0.
    #[serde(skip_serializing_if = "super::is_default")]
    pub online_cpus: u64,
    /// How often it had to wait for its share.
    pub throttling_data: ThrottlingData,
}

/// A container's processor time, nanoseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CpuUsage {
    /// All of it.
    pub total_usage: u64,
    /// That in the kernel.
    pub usage_in_kernelmode: u64,
    /// That in its programs.
    pub usage_in_usermode: u64,
}

/// How often a container had to wait for its share of the processor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ThrottlingData {
    /// Periods in which it ran.
    pub periods: u64,
    /// Those in which it had to wait.
    pub throttled_periods: u64,
    /// How long, nanoseconds.
    pub throttled_time: u64,
}

/// Memory, bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MemoryStats {
    /// What it has; left out if the container does not run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<u64>,
    /// The most that it may have; left out when 0.
    #[serde(skip_serializing_if = "super::is_default")]
    pub limit: u64,
}

/// One interface's traffic.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NetworkStats {
    /// Bytes received.
    pub rx_bytes: u64,
    /// Frames received.
    pub rx_packets: u64,
    /// Always 0.
    pub rx_errors: u64,
    /// Frames received and dropped.
    pub rx_dropped: u64,
    /// Bytes sent.
    pub tx_bytes: u64,
    /// Frames sent.
    pub tx_packets: u64,
    /// Always 0.
    pub tx_errors: u64,
    /// Frames that could not be sent.
    pub tx_dropped: u64,
}
