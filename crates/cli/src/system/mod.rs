//! The engine itself: `docker system`, `version`, `inspect` and `context`.

pub(crate) mod context;
pub(crate) mod df;
mod dial_stdio;
pub(crate) mod events;
mod facts;
pub(crate) mod info;
pub(crate) mod inspect;
pub(crate) mod prune;
pub(crate) mod version;

use crate::args::{ArgRule, Command, Section};

/// `docker system`.
pub(crate) static COMMAND: Command = Command {
    name: "system",
    short: "Manage Docker",
    sections: &[Section {
        title: "Commands",
        commands: &[
            &df::COMMAND,
            &dial_stdio::COMMAND,
            &events::COMMAND,
            &info::COMMAND,
            &prune::COMMAND,
        ],
    }],
    args: ArgRule::None,
    ..Command::BLANK
};
