//! `docker stack`: what an engine that is in no swarm says to it; the rest is not modelled.

use crate::args::{Action, ArgRule, Command, Flag, Section, verb};
use crate::flags::FORMAT_LIST;

pub(crate) static COMMAND: Command = Command {
    name: "stack",
    short: "Manage Swarm stacks",
    sections: &[Section {
        title: "Commands",
        commands: &[&CONFIG, &DEPLOY, &LS, &PS, &RM, &SERVICES],
    }],
    args: ArgRule::None,
    swarm_only: true,
    ..Command::BLANK
};

pub(crate) static CONFIG: Command = Command {
    name: "config",
    usage: "[OPTIONS]",
    short: "Outputs the final config file, after doing merges and interpolations",
    flags: &[&[
        Flag::strings(
            "compose-file",
            "Path to a Compose file, or \"-\" to read from stdin",
        )
        .short('c'),
        Flag::bool(
            "skip-interpolation",
            "Skip interpolation and output only merged config",
        ),
    ]],
    args: ArgRule::None,
    action: Action::NotModelled,
    ..Command::BLANK
};

pub(crate) static DEPLOY: Command = Command {
    name: "deploy",
    usage: "[OPTIONS] STACK",
    short: "Deploy a new stack or update an existing stack",
    aliases: &["up"],
    known_as: "docker stack deploy, docker stack up",
    flags: &[&[
        Flag::strings("compose-file", "Path to a Compose file, or \"-\" to read from stdin").short('c'),
        Flag::bool("detach", "Exit immediately instead of waiting for the stack services to converge").short('d').default("true"),
        Flag::bool("prune", "Prune services that are no longer referenced"),
        Flag::bool("quiet", "Suppress progress output").short('q'),
        Flag::text("resolve-image", "Query the registry to resolve image digest and supported platforms (\"always\", \"changed\", \"never\")").default("always"),
        Flag::bool("with-registry-auth", "Send registry authentication details to Swarm agents"),
    ]],
    args: ArgRule::Exactly(1),
    action: verb!(super::none),
    ..Command::BLANK
};

pub(crate) static LS: Command = Command {
    name: "ls",
    usage: "[OPTIONS]",
    short: "List stacks",
    aliases: &["list"],
    known_as: "docker stack ls, docker stack list",
    flags: &[&[Flag::text("format", FORMAT_LIST)]],
    args: ArgRule::None,
    action: verb!(super::none),
    ..Command::BLANK
};

pub(crate) static PS: Command = Command {
    name: "ps",
    usage: "[OPTIONS] STACK",
    short: "List the tasks in the stack",
    flags: &[&[
        Flag::filter("Filter output based on conditions provided").short('f'),
        Flag::text("format", FORMAT_LIST),
        Flag::bool("no-resolve", "Do not map IDs to Names"),
        Flag::bool("no-trunc", "Do not truncate output"),
        Flag::bool("quiet", "Only display task IDs").short('q'),
    ]],
    args: ArgRule::Exactly(1),
    action: verb!(super::none),
    ..Command::BLANK
};

pub(crate) static RM: Command = Command {
    name: "rm",
    usage: "[OPTIONS] STACK [STACK...]",
    short: "Remove one or more stacks",
    aliases: &["remove", "down"],
    known_as: "docker stack rm, docker stack remove, docker stack down",
    flags: &[&[Flag::bool("detach", "Do not wait for stack removal")
        .short('d')
        .default("true")]],
    args: ArgRule::AtLeast(1),
    action: verb!(super::none),
    ..Command::BLANK
};

pub(crate) static SERVICES: Command = Command {
    name: "services",
    usage: "[OPTIONS] STACK",
    short: "List the services in the stack",
    flags: &[&[
        Flag::filter("Filter output based on conditions provided").short('f'),
        Flag::text("format", FORMAT_LIST),
        Flag::bool("quiet", "Only display IDs").short('q'),
    ]],
    args: ArgRule::Exactly(1),
    action: verb!(super::none),
    ..Command::BLANK
};
