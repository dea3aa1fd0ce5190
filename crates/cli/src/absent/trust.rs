//! `docker trust`: known and not modelled.

use crate::args::{Action, ArgRule, Command, Flag, Section};

pub(crate) static COMMAND: Command = Command {
    name: "trust",
    short: "Manage trust on Docker images",
    sections: &[
        Section {
            title: "Management Commands",
            commands: &[&KEY, &SIGNER],
        },
        Section {
            title: "Commands",
            commands: &[&INSPECT, &REVOKE, &SIGN],
        },
    ],
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

pub(crate) static KEY: Command = Command {
    name: "key",
    short: "Manage keys for signing Docker images",
    sections: &[Section {
        title: "Commands",
        commands: &[&KEY_GENERATE, &KEY_LOAD],
    }],
    args: ArgRule::None,
    ..Command::BLANK
};

static KEY_GENERATE: Command = Command {
    name: "generate",
    usage: "NAME",
    short: "Generate and load a signing key-pair",
    flags: &[&[Flag::text(
        "dir",
        "Directory to generate key in, defaults to current directory",
    )]],
    args: ArgRule::Exactly(1),
    action: Action::NotModelled,
    ..Command::BLANK
};

static KEY_LOAD: Command = Command {
    name: "load",
    usage: "[OPTIONS] KEYFILE",
    short: "Load a private key file for signing",
    flags: &[&[Flag::text("name", "Name for the loaded key").default("signer")]],
    args: ArgRule::Exactly(1),
    action: Action::NotModelled,
    ..Command::BLANK
};

pub(crate) static SIGNER: Command = Command {
    name: "signer",
    short: "Manage entities who can sign Docker images",
    sections: &[Section {
        title: "Commands",
        commands: &[&SIGNER_ADD, &SIGNER_REMOVE],
    }],
    args: ArgRule::None,
    ..Command::BLANK
};

static SIGNER_ADD: Command = Command {
    name: "add",
    usage: "OPTIONS NAME REPOSITORY [REPOSITORY...] ",
    short: "Add a signer",
    flags: &[&[Flag::list("key", "Path to the signer's public key file")]],
    args: ArgRule::AtLeast(2),
    action: Action::NotModelled,
    ..Command::BLANK
};

static SIGNER_REMOVE: Command = Command {
    name: "remove",
    usage: "[OPTIONS] NAME REPOSITORY [REPOSITORY...]",
    short: "Remove a signer",
    flags: &[&[Flag::bool(
        "force",
        "Do not prompt for confirmation before removing the most recent signer",
    )
    .short('f')]],
    args: ArgRule::AtLeast(2),
    action: Action::NotModelled,
    ..Command::BLANK
};
