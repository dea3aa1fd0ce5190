//! `docker context`: one context, the default one.

use crate::args::{ArgRule, Command, Flag, Kind, Section};
use crate::flags::{FORMAT, FORMAT_LIST};
use crate::program::Action;

pub(crate) static INSPECT: Command = Command {
    name: "inspect",
    usage: "[OPTIONS] [CONTEXT] [CONTEXT...]",
    short: "Display detailed information on one or more contexts",
    flags: &[&[Flag::text("format", FORMAT).short('f')]],
    action: Action::NotModelled,
    ..Command::BLANK
};

pub(crate) static LS: Command = Command {
    name: "ls",
    usage: "[OPTIONS]",
    short: "List contexts",
    aliases: &["list"],
    known_as: "docker context ls, docker context list",
    flags: &[&[
        Flag::text("format", FORMAT_LIST),
        Flag::bool("quiet", "Only show context names").short('q'),
    ]],
    args: ArgRule::None,
    action: Action::NotModelled,
    ..Command::BLANK
};

pub(crate) static SHOW: Command = Command {
    name: "show",
    short: "Print the name of the current context",
    args: ArgRule::None,
    action: Action::NotModelled,
    ..Command::BLANK
};

pub(crate) static USE: Command = Command {
    name: "use",
    usage: "CONTEXT",
    short: "Set the current docker context",
    args: ArgRule::Exactly(1),
    action: Action::NotModelled,
    ..Command::BLANK
};

pub(crate) static CREATE: Command = Command {
    name: "create",
    usage: "[OPTIONS] CONTEXT",
    short: "Create a context",
    long: "Create a context\n\nDocker endpoint config:\n\nNAME                DESCRIPTION\nfrom                Copy named context's Docker endpoint configuration\nhost                Docker endpoint on which to connect\nca                  Trust certs signed only by this CA\ncert                Path to TLS certificate file\nkey                 Path to TLS key file\nskip-tls-verify     Skip TLS certificate validation\n\nExample:\n\n$ docker context create my-context --description \"some description\" --docker \"host=tcp://myserver:2376,ca=~/ca-file,cert=~/cert-file,key=~/key-file\"",
    flags: &[&[
        Flag::text("description", "Description of the context"),
        Flag::new(
            Kind::Special("stringToString"),
            "docker",
            "set the docker endpoint",
        )
        .default("[]"),
        Flag::text("from", "create context from a named context"),
    ]],
    args: ArgRule::Exactly(1),
    action: Action::NotModelled,
    ..Command::BLANK
};

pub(crate) static EXPORT: Command = Command {
    name: "export",
    usage: "[OPTIONS] CONTEXT [FILE|-]",
    short: "Export a context to a tar archive FILE or a tar stream on STDOUT.",
    args: ArgRule::Between(1, 2),
    action: Action::NotModelled,
    ..Command::BLANK
};

pub(crate) static IMPORT: Command = Command {
    name: "import",
    usage: "CONTEXT FILE|-",
    short: "Import a context from a tar or zip file",
    args: ArgRule::Exactly(2),
    action: Action::NotModelled,
    ..Command::BLANK
};

pub(crate) static RM: Command = Command {
    name: "rm",
    usage: "CONTEXT [CONTEXT...]",
    short: "Remove one or more contexts",
    aliases: &["remove"],
    known_as: "docker context rm, docker context remove",
    flags: &[&[Flag::bool("force", "Force the removal of a context in use").short('f')]],
    args: ArgRule::AtLeast(1),
    action: Action::NotModelled,
    ..Command::BLANK
};

pub(crate) static UPDATE: Command = Command {
    name: "update",
    usage: "[OPTIONS] CONTEXT",
    short: "Update a context",
    long: "Update a context\n\nDocker endpoint config:\n\nNAME                DESCRIPTION\nfrom                Copy named context's Docker endpoint configuration\nhost                Docker endpoint on which to connect\nca                  Trust certs signed only by this CA\ncert                Path to TLS certificate file\nkey                 Path to TLS key file\nskip-tls-verify     Skip TLS certificate validation\n\nExample:\n\n$ docker context update my-context --description \"some description\" --docker \"host=tcp://myserver:2376,ca=~/ca-file,cert=~/cert-file,key=~/key-file\"",
    flags: &[&[
        Flag::text("description", "Description of the context"),
        Flag::new(
            Kind::Special("stringToString"),
            "docker",
            "set the docker endpoint",
        )
        .default("[]"),
    ]],
    args: ArgRule::Exactly(1),
    action: Action::NotModelled,
    ..Command::BLANK
};

/// `docker context`.
pub(crate) static COMMAND: Command = Command {
    name: "context",
    short: "Manage contexts",
    sections: &[Section {
        title: "Commands",
        commands: &[
            &CREATE, &EXPORT, &IMPORT, &INSPECT, &LS, &RM, &SHOW, &UPDATE, &USE,
        ],
    }],
    args: ArgRule::None,
    ..Command::BLANK
};
