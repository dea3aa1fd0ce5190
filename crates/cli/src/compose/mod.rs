//! `docker compose`: a client of the engine's API like any other.
//!
//! Files are read, and what has to be done is decided, in the `compose` crate; here plans are carried out and told.
//! Start reading at `up.rs`, then `converge.rs`, `starting.rs` and `stopping.rs`, which most verbs share.

mod absent;
mod alpha;
mod attach;
mod attached;
mod commit;
mod config;
pub(crate) mod context;
mod converge;
mod cp;
mod create;
mod down;
mod events;
mod exec;
mod export;
mod files;
mod hooks;
mod images;
mod kill;
mod known;
mod limits;
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

use kernel::process::signal::Signal;
use kernel::sys::race;

use crate::args::{Command, Flag, Kind, Section};
use crate::session::{Outcome, Session};

/// Runs a verb until it ends, or until a signal ends it: then Compose prints its error, which has no text.
pub(crate) async fn interruptible(
    session: &Session,
    verb: impl Future<Output = Outcome>,
) -> Outcome {
    session.sys.catch(Signal::INT);
    session.sys.catch(Signal::TERM);
    let interrupted = async {
        session.sys.signal().await;
        session.complain("");
        Ok(130)
    };
    race(verb, interrupted).await
}

/// Returns whether a verb of Compose leaves signals to [`interruptible`]: those that stay with a container's program look after
/// them.
pub(crate) fn is_interruptible(path: &str) -> bool {
    path.strip_prefix("docker compose ")
        .is_some_and(|verb| !matches!(verb, "up" | "run" | "attach"))
}

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
        Flag::text("workdir", "").hidden(),
        Flag::bool("no-ansi", "").hidden(),
        Flag::bool("verbose", "").hidden(),
    ]],
    sections: &[
        Section {
            title: "Management Commands",
            commands: &[&absent::BRIDGE],
        },
        Section {
            title: "Commands",
            commands: &[
                &alpha::ALPHA,
                &attach::COMMAND,
                &pull::BUILD,
                &commit::COMMAND,
                &config::COMMAND,
                &cp::COMMAND,
                &create::COMMAND,
                &down::COMMAND,
                &events::COMMAND,
                &exec::COMMAND,
                &export::COMMAND,
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
