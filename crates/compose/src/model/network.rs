//! Networks and volumes at the top level.

use sorted::SortedMap;

use super::read::Reader;
use crate::value::Map;

/// A network of the project.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Network {
    /// Its key in the file.
    pub key: String,
    /// The name that the engine knows it by.
    pub name: String,
    /// The driver; `None` leaves it to the engine.
    pub driver: Option<String>,
    /// The driver's options.
    pub driver_opts: SortedMap<String, String>,
    /// The IPAM driver.
    pub ipam_driver: Option<String>,
    /// The IPAM driver's options: none, since Compose 2.40.3 reads them and has no place for them.
    pub ipam_options: SortedMap<String, String>,
    /// The pools of addresses.
    pub ipam: Vec<IpamPool>,
    /// Whether it has to be there already.
    pub external: bool,
    /// Whether it is cut off from the outside.
    pub internal: bool,
    /// Whether containers outside a service may attach (Swarm).
    pub attachable: bool,
    /// Whether it has IPv4; `None` leaves it to the engine.
    pub enable_ipv4: Option<bool>,
    /// Whether it has IPv6; `None` leaves it to the engine.
    pub enable_ipv6: Option<bool>,
    /// The labels of the file; Compose adds its own.
    pub labels: SortedMap<String, String>,
    /// All of it, as `config` prints it.
    pub tree: Map,
}

/// One pool of addresses of a network.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IpamPool {
    /// The subnet, as written.
    pub subnet: Option<String>,
    /// The gateway, as written.
    pub gateway: Option<String>,
    /// The range to give addresses from, as written.
    pub ip_range: Option<String>,
    /// Addresses that are kept free, by name.
    pub aux_addresses: SortedMap<String, String>,
}

impl Network {
    pub(super) fn from_tree(key: &str, tree: Map) -> Self {
        let read = Reader(&tree);
        let none = Map::new();
        let ipam = read.map("ipam").unwrap_or(Reader(&none));
        Self {
            key: key.into(),
            name: read.text("name").unwrap_or_default(),
            driver: read.text("driver"),
            driver_opts: read.pairs("driver_opts"),
            ipam_driver: ipam.text("driver"),
            ipam_options: ipam.pairs("options"),
            ipam: ipam.maps("config").map(IpamPool::read).collect(),
            external: read.is_set("external"),
            internal: read.is_set("internal"),
            attachable: read.is_set("attachable"),
            enable_ipv4: read.flag("enable_ipv4"),
            enable_ipv6: read.flag("enable_ipv6"),
            labels: read.pairs("labels"),
            tree,
        }
    }
}

impl IpamPool {
    fn read(pool: Reader<'_>) -> Self {
        Self {
            subnet: pool.text("subnet"),
            gateway: pool.text("gateway"),
            ip_range: pool.text("ip_range"),
            aux_addresses: pool.pairs("aux_addresses"),
        }
    }
}

/// A volume of the project.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Volume {
    /// The name that the engine knows it by.
    pub name: String,
    /// The driver; `None` leaves it to the engine.
    pub driver: Option<String>,
    /// Options of the driver.
    pub driver_opts: SortedMap<String, String>,
    /// Whether it has to be there already.
    pub external: bool,
    /// The labels of the file.
    pub labels: SortedMap<String, String>,
    /// All of it, as `config` prints it.
    pub tree: Map,
}

impl Volume {
    pub(super) fn from_tree(tree: Map) -> Self {
        let read = Reader(&tree);
        Self {
            name: read.text("name").unwrap_or_default(),
            driver: read.text("driver"),
            driver_opts: read.pairs("driver_opts"),
            external: read.is_set("external"),
            labels: read.pairs("labels"),
            tree,
        }
    }
}
