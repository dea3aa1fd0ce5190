//! The engine's own settings, from `/etc/docker/daemon.json`.

use sorted::SortedMap;

use serde::Deserialize;

use crate::error::{Error, Result};

/// Where the settings stand on a machine.
pub const FILE: &str = "/etc/docker/daemon.json";

/// A block of automatic subnets.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct AddressPool {
    /// The block.
    pub base: String,
    /// Length of the prefix of each subnet.
    pub size: u8,
}

/// The settings that are modelled; others are accepted and do nothing.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Config {
    /// True if the engine writes iptables rules.
    pub iptables: bool,
    /// True if the engine writes ip6tables rules.
    pub ip6tables: bool,
    /// True if the engine turns IPv4 forwarding on.
    pub ip_forward: bool,
    /// True if turning forwarding on does not set the FORWARD policy to DROP.
    pub ip_forward_no_drop: bool,
    /// True if packets that leave the default bridge are masqueraded.
    pub ip_masq: bool,
    /// True if docker-proxy carries published ports.
    pub userland_proxy: bool,
    /// True if containers on the default bridge may talk to each other.
    pub icc: bool,
    /// True if containers may be reached directly from outside.
    pub allow_direct_routing: bool,
    /// Address that ports of the default bridge are published on.
    pub ip: String,
    /// Address and prefix of docker0.
    pub bip: String,
    /// IPv6 address and prefix of docker0.
    pub bip6: String,
    /// Subnet that the default bridge's containers draw from.
    pub fixed_cidr: String,
    /// The same for IPv6.
    #[serde(rename = "fixed-cidr-v6")]
    pub fixed_cidr_v6: String,
    /// True if the default bridge has IPv6.
    pub ipv6: bool,
    /// MTU of the default bridge.
    pub mtu: u32,
    /// `none` for no default bridge.
    pub bridge: String,
    /// Name servers for containers that name none.
    pub dns: Vec<String>,
    /// Search domains for containers that name none.
    pub dns_search: Vec<String>,
    /// Resolver options for containers that name none.
    pub dns_opts: Vec<String>,
    /// What `host-gateway` stands for; the default bridge's address if empty.
    pub host_gateway_ips: Vec<String>,
    /// One address for the same, the older form.
    pub host_gateway_ip: String,
    /// Blocks of automatic subnets in place of Docker's.
    pub default_address_pools: Vec<AddressPool>,
    /// Options that networks of a driver get by default.
    pub default_network_opts: SortedMap<String, SortedMap<String, String>>,
    /// True if containers outlive the engine.
    pub live_restore: bool,
    /// Labels of the engine.
    pub labels: Vec<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            iptables: true,
            ip6tables: true,
            ip_forward: true,
            ip_forward_no_drop: false,
            ip_masq: true,
            userland_proxy: true,
            icc: true,
            allow_direct_routing: false,
            ip: "0.0.0.0".to_owned(),
            bip: String::new(),
            bip6: String::new(),
            fixed_cidr: String::new(),
            fixed_cidr_v6: String::new(),
            ipv6: false,
            mtu: 1500,
            bridge: String::new(),
            dns: Vec::new(),
            dns_search: Vec::new(),
            dns_opts: Vec::new(),
            host_gateway_ips: Vec::new(),
            host_gateway_ip: String::new(),
            default_address_pools: Vec::new(),
            default_network_opts: SortedMap::new(),
            live_restore: false,
            labels: Vec::new(),
        }
    }
}

impl Config {
    /// Reads the settings. Errors: `Invalid`, in the engine's words.
    pub fn parse(text: &str) -> Result<Self> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        serde_json::from_str(text).map_err(|e| {
            Error::invalid(format!(
                "unable to configure the Docker daemon with file {FILE}: {e}"
            ))
        })
    }

    /// Returns the addresses that were given for `host-gateway`.
    pub fn host_gateways(&self) -> Vec<&str> {
        let one = Some(self.host_gateway_ip.as_str()).filter(|ip| !ip.is_empty());
        self.host_gateway_ips
            .iter()
            .map(String::as_str)
            .chain(one)
            .collect()
    }
}
