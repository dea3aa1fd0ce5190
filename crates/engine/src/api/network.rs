//! Networks and endpoints.

use sorted::SortedMap;

use serde::{Deserialize, Serialize};

/// Which addresses an endpoint is to have; only what the user gave.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EndpointIpamConfig {
    /// Fixed IPv4 address; left out when empty.
    #[serde(rename = "IPv4Address", skip_serializing_if = "String::is_empty")]
    pub ipv4_address: String,
    /// Fixed IPv6 address; left out when empty.
    #[serde(rename = "IPv6Address", skip_serializing_if = "String::is_empty")]
    pub ipv6_address: String,
    /// Link-local addresses; left out when empty.
    #[serde(rename = "LinkLocalIPs", skip_serializing_if = "Vec::is_empty")]
    pub link_local_ips: Vec<String>,
}

/// A container's attachment to one network: what was asked for, and what came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct EndpointSettings {
    /// Addresses asked for; `None` if none were.
    #[serde(rename = "IPAMConfig")]
    pub ipam_config: Option<EndpointIpamConfig>,
    /// Links, `name:alias`, private to this container.
    pub links: Option<Vec<String>>,
    /// Further names on this network, as the user gave them.
    pub aliases: Option<Vec<String>>,
    /// The interface's address; given by the user in a request.
    pub mac_address: String,
    /// Options for the driver.
    pub driver_opts: Option<SortedMap<String, String>>,
    /// Higher becomes the default gateway first.
    pub gw_priority: i64,
    /// The network's id.
    #[serde(rename = "NetworkID")]
    pub network_id: String,
    /// The endpoint's id; empty while the container is stopped.
    #[serde(rename = "EndpointID")]
    pub endpoint_id: String,
    /// IPv4 gateway of the network.
    pub gateway: String,
    /// IPv4 address.
    #[serde(rename = "IPAddress")]
    pub ip_address: String,
    /// Length of the IPv4 prefix.
    #[serde(rename = "IPPrefixLen")]
    pub ip_prefix_len: u8,
    /// IPv6 gateway of the network.
    #[serde(rename = "IPv6Gateway")]
    pub ipv6_gateway: String,
    /// IPv6 address.
    #[serde(rename = "GlobalIPv6Address")]
    pub global_ipv6_address: String,
    /// Length of the IPv6 prefix.
    #[serde(rename = "GlobalIPv6PrefixLen")]
    pub global_ipv6_prefix_len: u8,
    /// Every name that the embedded DNS server answers for this endpoint; `None` where it has none.
    #[serde(rename = "DNSNames")]
    pub dns_names: Option<Vec<String>>,
}

/// The networks that a container is created with, by name or id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct NetworkingConfig {
    /// Network name or id to the wanted attachment.
    pub endpoints_config: SortedMap<String, EndpointSettings>,
}

/// One address pool of a network.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct IpamPool {
    /// The subnet; left out when empty.
    #[serde(rename = "Subnet", skip_serializing_if = "String::is_empty")]
    pub subnet: String,
    /// The part of the subnet that containers draw from; left out when empty.
    #[serde(rename = "IPRange", skip_serializing_if = "String::is_empty")]
    pub ip_range: String,
    /// The gateway; left out when empty, which it is where the user gave a subnet without one.
    #[serde(rename = "Gateway", skip_serializing_if = "String::is_empty")]
    pub gateway: String,
    /// Addresses set aside, by name; left out when empty.
    #[serde(
        rename = "AuxiliaryAddresses",
        skip_serializing_if = "SortedMap::is_empty"
    )]
    pub auxiliary_addresses: SortedMap<String, String>,
}

/// How a network's addresses are managed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Ipam {
    /// The address manager, `default`.
    pub driver: String,
    /// Its options; `null` for the predefined networks.
    pub options: Option<SortedMap<String, String>>,
    /// The pools; `null` for `host` and `none`.
    pub config: Option<Vec<IpamPool>>,
}

impl Default for Ipam {
    fn default() -> Self {
        Self {
            driver: "default".into(),
            options: Some(SortedMap::new()),
            config: Some(Vec::new()),
        }
    }
}

/// The name of the network whose configuration another one uses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ConfigReference {
    /// Empty if the network has its own.
    pub network: String,
}

/// `POST /networks/create`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct NetworkCreateRequest {
    /// The name, nearly free text.
    pub name: String,
    /// The driver; `bridge` if empty.
    pub driver: String,
    /// `local`, `swarm` or empty for the driver's own.
    pub scope: String,
    /// Whether IPv4 is on; `None` is on.
    #[serde(rename = "EnableIPv4")]
    pub enable_ipv4: Option<bool>,
    /// Whether IPv6 is on; `None` is off.
    #[serde(rename = "EnableIPv6")]
    pub enable_ipv6: Option<bool>,
    /// Address pools; `None` takes the next free one.
    #[serde(rename = "IPAM")]
    pub ipam: Option<Ipam>,
    /// True if nothing leaves or enters the network.
    pub internal: bool,
    /// True if containers outside services may join (swarm).
    pub attachable: bool,
    /// True if it carries the routing mesh (swarm).
    pub ingress: bool,
    /// True if it only holds a configuration for others.
    pub config_only: bool,
    /// Take the configuration from this network.
    pub config_from: Option<ConfigReference>,
    /// Options for the driver.
    pub options: SortedMap<String, String>,
    /// Labels.
    pub labels: SortedMap<String, String>,
}

/// Answer to `POST /networks/create`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct NetworkCreateResponse {
    /// The new network's id.
    pub id: String,
    /// A warning, or empty.
    pub warning: String,
}

/// A running container as a network lists it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct EndpointResource {
    /// The container's name, without a slash.
    pub name: String,
    /// The endpoint's id.
    #[serde(rename = "EndpointID")]
    pub endpoint_id: String,
    /// The interface's address.
    pub mac_address: String,
    /// IPv4 address with prefix length, or empty.
    #[serde(rename = "IPv4Address")]
    pub ipv4_address: String,
    /// IPv6 address with prefix length, or empty.
    #[serde(rename = "IPv6Address")]
    pub ipv6_address: String,
}

/// `GET /networks/{id}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct NetworkInspect {
    /// The name.
    pub name: String,
    /// The id, 64 hexadecimal digits.
    pub id: String,
    /// When it was made, RFC 3339 with nanoseconds.
    pub created: String,
    /// `local`, `swarm` or `global`.
    pub scope: String,
    /// The driver.
    pub driver: String,
    /// Whether it has IPv4.
    #[serde(rename = "EnableIPv4")]
    pub enable_ipv4: bool,
    /// Whether it has IPv6.
    #[serde(rename = "EnableIPv6")]
    pub enable_ipv6: bool,
    /// Its address pools.
    #[serde(rename = "IPAM")]
    pub ipam: Ipam,
    /// True if nothing leaves or enters it.
    pub internal: bool,
    /// True if containers outside services may join.
    pub attachable: bool,
    /// True if it carries the routing mesh.
    pub ingress: bool,
    /// Where its configuration comes from.
    pub config_from: ConfigReference,
    /// True if it only holds a configuration.
    pub config_only: bool,
    /// Running containers by id; `null` for a network of the swarm that is not on this machine.
    pub containers: Option<SortedMap<String, EndpointResource>>,
    /// Options of the driver; `null` where a network was created by request without any.
    pub options: Option<SortedMap<String, String>>,
    /// Labels; `null` for a network of the swarm that has none and is not on this machine.
    pub labels: Option<SortedMap<String, String>>,
    /// Nodes of the swarm that have it too; left out when empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub peers: Vec<PeerInfo>,
    /// Services on it, where all is to be told; left out when empty.
    #[serde(skip_serializing_if = "SortedMap::is_empty")]
    pub services: SortedMap<String, NetworkService>,
}

/// A service on a network.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NetworkService {
    /// Its address there, or `<nil>`.
    #[serde(rename = "VIP")]
    pub vip: String,
    /// Its published ports, where it is the ingress network.
    #[serde(rename = "Ports")]
    pub ports: Vec<String>,
    /// The mark by which this machine balances it, or 0.
    #[serde(rename = "LocalLBIndex")]
    pub mark: u32,
    /// Its endpoints.
    #[serde(rename = "Tasks")]
    pub tasks: Vec<NetworkTask>,
}

/// An endpoint of a service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NetworkTask {
    /// Its name.
    #[serde(rename = "Name")]
    pub name: String,
    /// The endpoint's id.
    #[serde(rename = "EndpointID")]
    pub endpoint_id: String,
    /// Its address.
    #[serde(rename = "EndpointIP")]
    pub endpoint_ip: String,
    /// What the driver tells of it.
    #[serde(rename = "Info")]
    pub info: SortedMap<String, String>,
}

/// A node that has a network of the swarm.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PeerInfo {
    /// What it is called among those who talk of endpoints.
    #[serde(rename = "Name")]
    pub name: String,
    /// Its address.
    #[serde(rename = "IP")]
    pub ip: String,
}

/// One network of `GET /networks`: the same as inspect, with `Containers` left empty.
pub type NetworkSummary = NetworkInspect;

/// `POST /networks/{id}/connect`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct NetworkConnectRequest {
    /// Name or id of the container.
    pub container: String,
    /// How it is to be attached.
    pub endpoint_config: Option<EndpointSettings>,
}

/// `POST /networks/{id}/disconnect`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct NetworkDisconnectRequest {
    /// Name or id of the container.
    pub container: String,
    /// True if the endpoint goes even where the container is no longer known.
    pub force: bool,
}

/// Answer to `POST /networks/prune`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct NetworksPruneReport {
    /// Names of the networks removed; `null` when there are none.
    #[serde(
        serialize_with = "super::image::list_or_null",
        deserialize_with = "super::image::null_or"
    )]
    pub networks_deleted: Vec<String>,
}
