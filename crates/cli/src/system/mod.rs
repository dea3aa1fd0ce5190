//! The engine itself: `docker system`, `version`, `inspect` and `context`.

pub(crate) mod context;
pub(crate) mod df;
pub(crate) mod events;
mod facts;
pub(crate) mod info;
pub(crate) mod inspect;
pub(crate) mod prune;
pub(crate) mod version;

use crate::args::{Action, ArgRule, Command, Section};

/// `docker system`.
pub(crate) static COMMAND: Command = Command {
    name: "system",
    short: "Manage Docker",
    sections: &[Section {
        title: "Commands",
        commands: &[
            &df::COMMAND,
            &DIAL_STDIO,
            &events::COMMAND,
            &info::COMMAND,
            &prune::COMMAND,
        ],
    }],
    args: ArgRule::None,
    ..Command::BLANK
};

/// What other clients start to reach the engine through a shell.
static DIAL_STDIO: Command = Command {
    name: "dial-stdio",
    short: "Proxy the stdio stream to the daemon connection. Should not be invoked manually.",
    hidden: true,
    args: ArgRule::None,
    action: Action::NotModelled,
    ..Command::BLANK
};
