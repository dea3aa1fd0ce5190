//! `docker compose`: a client of the engine's API like any other.
//!
//! Files are read, and what has to be done is decided, in the `compose` crate; here plans are carried out and told.
//! Start reading at `up.rs`, then `converge.rs`, `starting.rs` and `stopping.rs`, which most verbs share.

mod absent;
mod attach;
mod attached;
mod config;
mod context;
mod converge;
mod cp;
mod create;
mod down;
mod events;
mod exec;
mod files;
mod images;
mod kill;
mod known;
mod list_images;
mod log;
mod logs;
mod ls;
mod networks;
mod pause;
mod port;
mod printer;
mod progress;
mod ps;
mod pull;
mod request;
mod restart;
mod rm;
mod run;
mod scale;
mod screen;
mod start;
mod starting;
mod stats;
mod stop;
mod stopping;
mod top;
mod up;
mod version;
mod volumes;
mod wait;
mod walk;
mod watch;

use crate::args::{Command, Flag, Kind, Section};

/// The flag that every command of Compose has.
const DRY_RUN: Flag = Flag::bool("dry-run", "Execute command in dry run mode");

/// `docker compose`.
pub(crate) static COMMAND: Command = Command {
    name: "compose",
    short: "Docker Compose",
    long: "Define and run multi-container applications with Docker",
    flags: &[&[
        DRY_RUN,
        Flag::bool("version", "Show the Docker Compose version information")
            .short('v')
            .hidden(),
        Flag::bool(
            "all-resources",
            "Include all resources, even those not used by services",
        ),
        Flag::text(
            "ansi",
            "Control when to print ANSI control characters (\"never\"|\"always\"|\"auto\")",
        )
        .default("auto"),
        Flag::bool(
            "compatibility",
            "Run compose in backward compatibility mode",
        ),
        Flag::new(
            Kind::List("stringArray"),
            "env-file",
            "Specify an alternate environment file",
        ),
        Flag::new(
            Kind::List("stringArray"),
            "file",
            "Compose configuration files",
        )
        .short('f'),
        Flag::int("parallel", "Control max parallelism, -1 for unlimited").default("-1"),
        Flag::new(
            Kind::List("stringArray"),
            "profile",
            "Specify a profile to enable",
        ),
        Flag::text(
            "progress",
            "Set type of progress output (auto, tty, plain, json, quiet)",
        ),
        Flag::text(
            "project-directory",
            "Specify an alternate working directory (default: the path of the, first specified, Compose file)",
        ),
        Flag::text("project-name", "Project name").short('p'),
    ]],
    sections: &[
        Section {
            title: "Management Commands",
            commands: &[&absent::BRIDGE],
        },
        Section {
            title: "Commands",
            commands: &[
                &attach::COMMAND,
                &pull::BUILD,
                &absent::COMMIT,
                &config::COMMAND,
                &cp::COMMAND,
                &create::COMMAND,
                &down::COMMAND,
                &events::COMMAND,
                &exec::COMMAND,
                &absent::EXPORT,
                &list_images::COMMAND,
                &kill::COMMAND,
                &logs::COMMAND,
                &ls::COMMAND,
                &pause::COMMAND,
                &port::COMMAND,
                &ps::COMMAND,
                &absent::PUBLISH,
                &pull::COMMAND,
                &pull::PUSH,
                &restart::COMMAND,
                &rm::COMMAND,
                &run::COMMAND,
                &scale::COMMAND,
                &start::COMMAND,
                &stats::COMMAND,
                &stop::COMMAND,
                &top::COMMAND,
                &pause::UNPAUSE,
                &up::COMMAND,
                &version::COMMAND,
                &volumes::COMMAND,
                &wait::COMMAND,
                &watch::COMMAND,
            ],
        },
    ],
    plugin: true,
    terse: true,
    ..Command::BLANK
};
