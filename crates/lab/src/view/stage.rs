//! What stands on the stage.

use serde::{Deserialize, Serialize};
use std::rc::Rc;

/// Everything that stands on the stage.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Topology {
    /// Machines in the scenario's order.
    pub machines: Vec<Rc<Machine>>,
    /// LAN segments in the scenario's order.
    pub lans: Vec<Lan>,
}

/// A segment that machines are plugged into.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Lan {
    /// [`lan`](super::place::lan) of it.
    pub id: String,
    /// Its name, such as `LAN`.
    pub name: String,
    /// Its subnet, such as `192.168.1.0/24`; empty when machines agree on none.
    pub subnet: String,
}

/// What a machine is for, which decides its icon and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MachineKind {
    /// Runs a Docker engine and is drawn opened up.
    Docker,
    /// A user's computer on the LAN.
    #[default]
    Laptop,
    /// Forwards between the LAN and elsewhere.
    Router,
    /// Stands for everything beyond the router.
    Internet,
    /// Anything else on the LAN.
    Server,
}

/// A simulated Linux machine.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Machine {
    /// [`machine`](super::place::machine) of it.
    pub id: String,
    /// Its host name.
    pub name: String,
    /// What it is for.
    pub kind: MachineKind,
    /// A short caption: `Docker Engine 28.5.2`, `DNS 1.1.1.1`; may be empty.
    pub note: String,
    /// False when it is switched off or unplugged.
    pub online: bool,
    /// Whether a person may open a terminal on it.
    pub has_terminal: bool,
    /// Its physical interfaces (for outside machines the first address is shown in the box).
    pub interfaces: Vec<Interface>,
    /// The stations of its root namespace in the order a forwarded packet meets them; empty for outside machines.
    pub hooks: Vec<Hook>,
    /// Its networks in order of creation, `bridge` first; `host` and `none` are not listed.
    pub networks: Vec<Network>,
    /// Its containers in order of creation, stopped ones too.
    pub containers: Vec<Rc<Container>>,
    /// Its published ports in order of publishing.
    pub published: Vec<PublishedPort>,
}

/// A network interface with what a person needs to recognise it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Interface {
    /// Its name in its namespace, such as `eth0`.
    pub name: String,
    /// Its addresses with prefix length, IPv4 first.
    pub addresses: Vec<String>,
    /// Its MAC address.
    pub mac: String,
    /// Whether it is up.
    pub up: bool,
    /// For a physical interface: the LAN's place id.
    pub lan: Option<String>,
    /// For a container's interface: the network's place id.
    pub network: Option<String>,
    /// For one end of a cable whose other end is in another namespace that is drawn, with nothing between: that one's place id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer: Option<String>,
}

/// One station of a namespace's IP layer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Hook {
    /// [`hook`](super::place::hook) of it.
    pub id: String,
    /// `PREROUTING`, `ROUTE`, `FORWARD`, `POSTROUTING`, `INPUT` or `OUTPUT`.
    pub name: String,
    /// The tables that hold rules at this hook, in the order they are asked; for `ROUTE` the word `FIB`.
    pub tables: Vec<String>,
}

/// A Docker network as one machine sees it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Network {
    /// [`network`](super::place::network) of it.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its driver: `bridge`, `macvlan`, `ipvlan`, `overlay`.
    pub driver: String,
    /// The device in the root namespace, such as `docker0` or `br-9c1f04d2a7be`; empty where there is none.
    pub interface: String,
    /// The device of the root namespace that its containers' interfaces stand on, such as `eth0` or `eth0.10`; empty for a
    /// network with a bridge.
    pub parent: String,
    /// How they stand on it: `bridge`, `private`, `vepa`, `passthru`; `l2`, `l3`, `l3s`; empty for a network with a bridge.
    pub driver_mode: String,
    /// The VLAN that the parent stands for.
    pub vlan: Option<u16>,
    /// Its first subnet, such as `172.18.0.0/16`.
    pub subnet: String,
    /// The gateway's address without prefix length; empty for a network without one.
    pub gateway: String,
    /// Whether it was created with `--internal`.
    pub internal: bool,
    /// For an overlay network: its number in the tunnels between machines.
    pub vni: Option<u32>,
    /// A number given at creation and never used again in this lab, from 0: it decides hue and mark for life.
    pub mark: u32,
}

/// What a container's main process is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ContainerState {
    /// Created and never started.
    Created,
    /// Running.
    #[default]
    Running,
    /// Frozen by `docker pause`.
    Paused,
    /// Between two runs by its restart policy.
    Restarting,
    /// Ended.
    Exited,
}

/// How a container relates to network namespaces.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "mode", content = "of")]
pub enum NetworkMode {
    /// A namespace of its own, on zero or more networks.
    #[default]
    Own,
    /// The machine's root namespace.
    Host,
    /// A namespace of its own with only a loopback.
    None,
    /// Another container's namespace: that container's place id.
    Container(String),
}

/// A container.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Container {
    /// [`container`](super::place::container) of it.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its image as given on the command line, such as `nginx`.
    pub image: String,
    /// What its main process is doing.
    pub state: ContainerState,
    /// Whose namespace it lives in.
    pub mode: NetworkMode,
    /// Its interfaces in the order of their names, without `lo`; empty unless it runs.
    pub interfaces: Vec<Interface>,
    /// The networks it is configured for, in the order they were joined: the place ids, also while it is stopped.
    pub networks: Vec<String>,
    /// One line about what it does, such as `listens on :80` or `runs sleep 3600`.
    pub activity: String,
    /// Whether 127.0.0.11 answers in its namespace, so that [`resolver`](super::place::resolver) is drawn in it.
    pub resolver: bool,
}

/// A port published on a machine.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PublishedPort {
    /// [`published`](super::place::published) of it.
    pub id: String,
    /// Where it listens, such as `0.0.0.0:8080`.
    pub binding: String,
    /// `tcp` or `udp`.
    pub protocol: String,
    /// Where it leads, such as `web:80`.
    pub target: String,
    /// The container's place id; empty where a service of a swarm is behind it.
    pub container: String,
    /// True when it is bound to a loopback address only.
    pub loopback: bool,
}
