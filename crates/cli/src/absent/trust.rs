//! `docker trust`: known and not modelled.

use crate::args::{Action, ArgRule, Command, Flag, Section};

pub(crate) static COMMAND: Command = Command {
    name: "trust",
    short: "Manage trust on Docker images",
    sections: &[Section {
        title: "Commands",
        commands: &[&INSPECT, &REVOKE, &SIGN],
    }],
    args: ArgRule::None,
    ..Command::BLANK
};

pub(crate) static INSPECT: Command = Command {
    name: "inspect",
    usage: "IMAGE[:TAG] [IMAGE[:TAG]...]",
    short: "Return low-level information about keys and signatures",
    flags: &[&[Flag::bool(
        "pretty",
        "Print the information in a human friendly format",
    )]],
    args: ArgRule::AtLeast(1),
    action: Action::NotModelled,
    ..Command::BLANK
};

pub(crate) static REVOKE: Command = Command {
    name: "revoke",
    usage: "[OPTIONS] IMAGE[:TAG]",
    short: "Remove trust for an image",
    flags: &[&[Flag::bool("yes", "Do not prompt for confirmation").short('y')]],
    args: ArgRule::Exactly(1),
    action: Action::NotModelled,
    ..Command::BLANK
};

pub(crate) static SIGN: Command = Command {
    name: "sign",
    usage: "IMAGE:TAG",
    short: "Sign an image",
    flags: &[&[Flag::bool("local", "Sign a locally tagged image")]],
    args: ArgRule::Exactly(1),
    action: Action::NotModelled,
    ..Command::BLANK
};
