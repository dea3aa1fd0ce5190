//! `docker swarm`: its commands and their flags.

use super::{join, settings};
use crate::args::{ArgRule, Command, Flag, Kind, Section, verb};

pub(crate) static COMMAND: Command = Command {
    name: "swarm",
    short: "Manage Swarm",
    sections: &[Section {
        title: "Commands",
        commands: &[
            &CA,
            &INIT,
            &JOIN,
            &JOIN_TOKEN,
            &LEAVE,
            &UNLOCK,
            &UNLOCK_KEY,
            &UPDATE,
        ],
    }],
    args: ArgRule::None,
    ..Command::BLANK
};

/// What whoever makes or changes a swarm may say of its certificates.
const CERTIFICATES: &[Flag] = &[
    Flag::new(
        Kind::Duration,
        "cert-expiry",
        "Validity period for node certificates (ns|us|ms|s|m|h)",
    )
    .default("2160h0m0s"),
    Flag::new(
        Kind::List("external-ca"),
        "external-ca",
        "Specifications of one or more certificate signing endpoints",
    )
    .check(settings::check_external_ca),
];

/// What both `init` and `update` set.
const SETTINGS: &[Flag] = &[
    Flag::new(
        Kind::Duration,
        "dispatcher-heartbeat",
        "Dispatcher heartbeat period (ns|us|ms|s|m|h)",
    )
    .default("5s"),
    Flag::new(
        Kind::Uint(64),
        "max-snapshots",
        "Number of additional Raft snapshots to retain",
    ),
    Flag::new(
        Kind::Uint(64),
        "snapshot-interval",
        "Number of log entries between Raft snapshots",
    )
    .default("10000"),
    Flag::int("task-history-limit", "Task history retention limit").default("5"),
];

pub(crate) static CA: Command = Command {
    name: "ca",
    usage: "[OPTIONS]",
    short: "Display and rotate the root CA",
    flags: &[
        CERTIFICATES,
        &[
            Flag::new(
                Kind::Special("pem-file"),
                "ca-cert",
                "Path to the PEM-formatted root CA certificate to use for the new cluster",
            ),
            Flag::new(
                Kind::Special("pem-file"),
                "ca-key",
                "Path to the PEM-formatted root CA key to use for the new cluster",
            ),
            Flag::bool(
                "detach",
                "Exit immediately instead of waiting for the root rotation to converge",
            )
            .short('d'),
            Flag::bool("quiet", "Suppress progress output").short('q'),
            Flag::bool(
                "rotate",
                "Rotate the swarm CA - if no certificate or key are provided, new ones will be generated",
            ),
        ],
    ],
    args: ArgRule::None,
    action: verb!(settings::ca),
    swarm_only: true,
    ..Command::BLANK
};

pub(crate) static INIT: Command = Command {
    name: "init",
    usage: "[OPTIONS]",
    short: "Initialize a swarm",
    flags: &[
        CERTIFICATES,
        SETTINGS,
        &[
            Flag::text(
                "advertise-addr",
                "Advertised address (format: \"<ip|interface>[:port]\")",
            ),
            Flag::bool(
                "autolock",
                "Enable manager autolocking (requiring an unlock key to start a stopped manager)",
            ),
            Flag::text(
                "availability",
                "Availability of the node (\"active\", \"pause\", \"drain\")",
            )
            .default("active"),
            Flag::text(
                "data-path-addr",
                "Address or interface to use for data path traffic (format: \"<ip|interface>\")",
            ),
            Flag::new(
                Kind::Uint(32),
                "data-path-port",
                "Port number to use for data path traffic (1024 - 49151). If no value is set or is set to 0, the default port (4789) is used.",
            ),
            Flag::new(
                Kind::List("ipNetSlice"),
                "default-addr-pool",
                "default address pool in CIDR format",
            )
            .default("[]")
            .check(join::check_blocks),
            Flag::new(
                Kind::Uint(32),
                "default-addr-pool-mask-length",
                "default address pool subnet mask length",
            )
            .default("24"),
            Flag::bool(
                "force-new-cluster",
                "Force create a new cluster from current state",
            ),
            Flag::new(
                Kind::Special("node-addr"),
                "listen-addr",
                "Listen address (format: \"<ip|interface>[:port]\")",
            )
            .default("0.0.0.0:2377"),
        ],
    ],
    args: ArgRule::None,
    action: verb!(join::init),
    ..Command::BLANK
};

pub(crate) static JOIN: Command = Command {
    name: "join",
    usage: "[OPTIONS] HOST:PORT",
    short: "Join a swarm as a node and/or manager",
    flags: &[&[
        Flag::text(
            "advertise-addr",
            "Advertised address (format: \"<ip|interface>[:port]\")",
        ),
        Flag::text(
            "availability",
            "Availability of the node (\"active\", \"pause\", \"drain\")",
        )
        .default("active"),
        Flag::text(
            "data-path-addr",
            "Address or interface to use for data path traffic (format: \"<ip|interface>\")",
        ),
        Flag::new(
            Kind::Special("node-addr"),
            "listen-addr",
            "Listen address (format: \"<ip|interface>[:port]\")",
        )
        .default("0.0.0.0:2377"),
        Flag::text("token", "Token for entry into the swarm"),
    ]],
    args: ArgRule::Exactly(1),
    action: verb!(join::join),
    ..Command::BLANK
};

pub(crate) static JOIN_TOKEN: Command = Command {
    name: "join-token",
    usage: "[OPTIONS] (worker|manager)",
    short: "Manage join tokens",
    flags: &[&[
        Flag::bool("quiet", "Only display token").short('q'),
        Flag::bool("rotate", "Rotate join token"),
    ]],
    args: ArgRule::Exactly(1),
    action: verb!(join::join_token),
    swarm_only: true,
    ..Command::BLANK
};

pub(crate) static LEAVE: Command = Command {
    name: "leave",
    usage: "[OPTIONS]",
    short: "Leave the swarm",
    flags: &[&[Flag::bool(
        "force",
        "Force this node to leave the swarm, ignoring warnings",
    )
    .short('f')]],
    args: ArgRule::None,
    action: verb!(join::leave),
    swarm_only: true,
    on_workers: true,
    ..Command::BLANK
};

pub(crate) static UNLOCK: Command = Command {
    name: "unlock",
    short: "Unlock swarm",
    args: ArgRule::None,
    action: verb!(join::unlock),
    swarm_only: true,
    ..Command::BLANK
};

pub(crate) static UNLOCK_KEY: Command = Command {
    name: "unlock-key",
    usage: "[OPTIONS]",
    short: "Manage the unlock key",
    flags: &[&[
        Flag::bool("quiet", "Only display token").short('q'),
        Flag::bool("rotate", "Rotate unlock key"),
    ]],
    args: ArgRule::None,
    action: verb!(settings::unlock_key),
    swarm_only: true,
    ..Command::BLANK
};

pub(crate) static UPDATE: Command = Command {
    name: "update",
    usage: "[OPTIONS]",
    short: "Update the swarm",
    flags: &[
        CERTIFICATES,
        SETTINGS,
        &[Flag::bool(
            "autolock",
            "Change manager autolocking setting (true|false)",
        )],
    ],
    args: ArgRule::None,
    action: verb!(settings::update),
    swarm_only: true,
    ..Command::BLANK
};
