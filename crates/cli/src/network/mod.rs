//! `docker network`.

pub(crate) mod connect;
pub(crate) mod create;
pub(crate) mod disconnect;
pub(crate) mod inspect;
pub(crate) mod ls;
pub(crate) mod prune;
pub(crate) mod rm;

use crate::args::{ArgRule, Command, Section};

/// What the daemon is asked for by a network's name: the client cuts the white space around it, and then the name is a
/// part of a path, which is cleaned. Source: moby `client/utils.go`, `trimID`; `client/client.go`, `getAPIPath`.
pub(crate) fn asked(name: &str) -> String {
    let parts = name.trim().split('/');
    let parts: Vec<&str> = parts.filter(|part| !matches!(*part, "" | ".")).collect();
    parts.join("/")
}

/// `docker network`.
pub(crate) static COMMAND: Command = Command {
    name: "network",
    short: "Manage networks",
    sections: &[Section {
        title: "Commands",
        commands: &[
            &connect::COMMAND,
            &create::COMMAND,
            &disconnect::COMMAND,
            &inspect::COMMAND,
            &ls::COMMAND,
            &prune::COMMAND,
            &rm::COMMAND,
        ],
    }],
    args: ArgRule::None,
    ..Command::BLANK
};
