//! `docker network`.

pub(crate) mod connect;
pub(crate) mod create;
pub(crate) mod disconnect;
pub(crate) mod inspect;
pub(crate) mod ls;
pub(crate) mod prune;
pub(crate) mod rm;

use crate::args::{ArgRule, Command, Section};

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
