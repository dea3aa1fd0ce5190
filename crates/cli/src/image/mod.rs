//! `docker image` and what goes with it.

pub(crate) mod absent;
pub(crate) mod archive;
pub(crate) mod history;
pub(crate) mod import;
pub(crate) mod inspect;
pub(crate) mod load;
pub(crate) mod ls;
pub(crate) mod platform;
pub(crate) mod prune;
pub(crate) mod pull;
pub(crate) mod registry;
pub(crate) mod rm;
pub(crate) mod save;
pub(crate) mod tag;
mod tree;

use crate::args::{ArgRule, Command, Section};

/// `docker image`.
pub(crate) static COMMAND: Command = Command {
    name: "image",
    short: "Manage images",
    sections: &[Section {
        title: "Commands",
        commands: &[
            &absent::BUILD,
            &history::COMMAND,
            &import::COMMAND,
            &inspect::COMMAND,
            &load::COMMAND,
            &ls::COMMAND,
            &prune::COMMAND,
            &pull::COMMAND,
            &registry::PUSH,
            &rm::COMMAND,
            &save::COMMAND,
            &tag::COMMAND,
        ],
    }],
    args: ArgRule::None,
    ..Command::BLANK
};

/// `docker images`.
pub(crate) static IMAGES: Command = Command {
    name: "images",
    aliases: &[],
    ..ls::COMMAND
};

/// `docker rmi`.
pub(crate) static RMI: Command = Command {
    name: "rmi",
    aliases: &[],
    ..rm::COMMAND
};
