//! Types of the Docker Engine API, version 1.51, with its names, key order and habits of `null` and empty.
//!
//! Serialising one of these gives the keys in the order in which the real engine writes them, so anything that prints
//! them must go through the type itself or a JSON value that keeps order. Maps are sorted by key, as Go sorts them.
//! Fields that the real engine writes as `null` are `Option`s; fields that it leaves out when empty say so.

mod container;
mod event;
mod exec;
mod host_config;
mod image;
mod network;
mod node;
mod secret;
mod service;
mod stats;
mod swarm;
mod system;
mod task;
mod volume;

pub use container::{
    ContainerConfig, ContainerCreateRequest, ContainerCreateResponse, ContainerInspect,
    ContainerListOptions, ContainerState, ContainerSummary, ContainersPruneReport, Empty,
    FilesystemChange, GraphDriver, HealthConfig, HealthLog, HealthState, LogsOptions, MountPoint,
    NetworkSettings, PortSummary, RemoveOptions, Sizes, StopOptions, SummaryHostConfig,
    SummaryNetworkSettings, TopResponse, UpdateRequest, UpdateResponse, WaitCondition,
    WaitResponse,
};
pub use event::{EventActor, EventMessage, EventType, EventsOptions};
pub use exec::{
    ExecCreateRequest, ExecCreateResponse, ExecInspect, ExecProcessConfig, ExecStartRequest,
};
pub use host_config::{
    BindOptions, DeviceMapping, DeviceRequest, DriverConfig, HostConfig, LogConfig, Mount,
    PortBinding, PortMap, RestartPolicy, ThrottleDevice, TmpfsOptions, VolumeOptions, WeightDevice,
};
pub use image::{
    CommitOptions, HistoryResponseItem, ImageConfig, ImageDeleteResponse, ImageInspect,
    ImageMetadata, ImageSummary, ImagesPruneReport, ImportOptions, PullProgress, RootFs,
};
pub use network::{
    ConfigReference, EndpointIpamConfig, EndpointResource, EndpointSettings, Ipam, IpamPool,
    NetworkConnectRequest, NetworkCreateRequest, NetworkCreateResponse, NetworkDisconnectRequest,
    NetworkInspect, NetworkService, NetworkSummary, NetworkTask, NetworkingConfig,
    NetworksPruneReport, PeerInfo,
};
pub use node::{
    EngineDescription, ManagerStatus, NodeDescription, NodeSpec, NodeStatus, Peer, Platform,
    PluginDescription, Resources, SwarmNode, TlsInfo,
};
pub use secret::{
    ConfigSpec, FileTarget, Secret, SecretReference, SecretSpec, SwarmConfig, SwarmConfigReference,
};
pub use service::{
    EndpointSpec, EveryNode, JobStatus, NetworkAttachmentConfig, PortConfig, Replicated,
    ReplicatedJob, Service, ServiceEndpoint, ServiceMode, ServiceSpec, ServiceStatus, UpdateConfig,
    UpdateStatus, VirtualIp,
};
pub use stats::{MemoryStats, NetworkStats, StatsResponse};
pub use swarm::{
    CaConfig, DispatcherConfig, EncryptionConfig, ExternalCa, JoinTokens, ObjectVersion,
    OrchestrationConfig, RaftConfig, Swarm, SwarmChange, SwarmChanged, SwarmDriver, SwarmInfo,
    SwarmInitRequest, SwarmJoinRequest, SwarmSpec, TaskDefaults,
};
pub use system::{
    AddressPoolInfo, CommitInfo, Component, ContainerdInfo, ContainerdNamespaces, FirewallInfo,
    IndexInfo, Info, Plugins, RegistryConfig, Runtime, Version,
};
pub use task::{
    ContainerSpec, ContainerStatus, DnsConfig, Limit, NetworkAttachment, NetworkAttachmentSpec,
    Placement, PlacementPreference, PortStatus, Privileges, ResourceRequirements, SpreadOver,
    SwarmIpam, SwarmNetwork, SwarmNetworkSpec, Task, TaskFrame, TaskRestartPolicy, TaskSpec,
    TaskStatus, Ulimit,
};
pub use volume::{Volume, VolumeCreateRequest, VolumesPruneReport};

use sorted::SortedMap;

/// The version of the API that these types follow.
pub const API_VERSION: &str = "1.51";
/// The oldest API version that the engine says it speaks.
pub const MIN_API_VERSION: &str = "1.24";
/// The version of Docker Engine that is modelled.
pub const ENGINE_VERSION: &str = "28.5.2";

/// Filters of a list request: name to accepted values, as in `{"label": ["a=1"]}`.
pub type Filters = SortedMap<String, Vec<String>>;

/// Whether something says nothing, so that it is left out.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
