//! `docker network create`.

use crate::args::{ArgRule, Command, Flag};
use crate::program::Action;

pub(crate) static COMMAND: Command = Command {
    name: "create",
    usage: "[OPTIONS] NETWORK",
    short: "Create a network",
    flags: &[&[
        Flag::bool("attachable", "Enable manual container attachment"),
        Flag::map(
            "aux-address",
            "Auxiliary IPv4 or IPv6 addresses used by Network driver",
        )
        .default("map[]"),
        Flag::text(
            "config-from",
            "The network from which to copy the configuration",
        ),
        Flag::bool("config-only", "Create a configuration only network"),
        Flag::text("driver", "Driver to manage the Network")
            .short('d')
            .default("bridge"),
        Flag::strings("gateway", "IPv4 or IPv6 Gateway for the master subnet"),
        Flag::bool("ingress", "Create swarm routing-mesh network"),
        Flag::bool("internal", "Restrict external access to the network"),
        Flag::strings("ip-range", "Allocate container ip from a sub-range"),
        Flag::text("ipam-driver", "IP Address Management Driver").default("default"),
        Flag::map("ipam-opt", "Set IPAM driver specific options").default("map[]"),
        Flag::bool("ipv4", "Enable or disable IPv4 address assignment").default("true"),
        Flag::bool("ipv6", "Enable or disable IPv6 address assignment"),
        Flag::list("label", "Set metadata on a network"),
        Flag::map("opt", "Set driver specific options")
            .short('o')
            .default("map[]"),
        Flag::text("scope", "Control the network's scope"),
        Flag::strings(
            "subnet",
            "Subnet in CIDR format that represents a network segment",
        ),
    ]],
    args: ArgRule::Exactly(1),
    action: Action::NotModelled,
    ..Command::BLANK
};
