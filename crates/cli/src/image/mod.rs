//! `docker image` and what goes with it.

pub(crate) mod absent;
pub(crate) mod inspect;
pub(crate) mod ls;
pub(crate) mod pull;

use crate::args::{ArgRule, Command, Section};

/// `docker image`.
pub(crate) static COMMAND: Command = Command {
    name: "image",
    short: "Manage images",
    sections: &[Section {
        title: "Commands",
        commands: &[
            &absent::BUILD,
            &absent::HISTORY,
            &absent::IMPORT,
            &inspect::COMMAND,
            &absent::LOAD,
            &ls::COMMAND,
            &absent::PRUNE,
            &pull::COMMAND,
            &absent::PUSH,
            &absent::RM,
            &absent::SAVE,
            &absent::TAG,
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
    ..absent::RM
};
