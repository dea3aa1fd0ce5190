//! `docker container` and the commands that are also known without that word.

pub(crate) mod attach;
pub(crate) mod attachments;
pub(crate) mod checks;
pub(crate) mod commit;
pub(crate) mod cp;
pub(crate) mod create;
pub(crate) mod create_flags;
mod devices;
pub(crate) mod diff;
pub(crate) mod exec;
pub(crate) mod export;
pub(crate) mod inspect;
pub(crate) mod kill;
pub(crate) mod logs;
pub(crate) mod ls;
mod making;
pub(crate) mod mounts;
pub(crate) mod pause;
pub(crate) mod port;
pub(crate) mod ports;
pub(crate) mod prune;
mod rates;
pub(crate) mod rename;
pub(crate) mod request;
pub(crate) mod restart;
pub(crate) mod rm;
pub(crate) mod run;
pub(crate) mod start;
pub(crate) mod stats;
pub(crate) mod stop;
pub(crate) mod streams;
pub(crate) mod top;
pub(crate) mod unpause;
pub(crate) mod update;
pub(crate) mod wait;

use crate::args::{ArgRule, Command, Section};

/// `docker container`.
pub(crate) static COMMAND: Command = Command {
    name: "container",
    short: "Manage containers",
    sections: &[Section {
        title: "Commands",
        commands: &[
            &attach::COMMAND,
            &commit::COMMAND,
            &cp::COMMAND,
            &create::COMMAND,
            &diff::COMMAND,
            &exec::COMMAND,
            &export::COMMAND,
            &inspect::COMMAND,
            &kill::COMMAND,
            &logs::COMMAND,
            &ls::COMMAND,
            &pause::COMMAND,
            &port::COMMAND,
            &prune::COMMAND,
            &rename::COMMAND,
            &restart::COMMAND,
            &rm::COMMAND,
            &run::COMMAND,
            &start::COMMAND,
            &stats::COMMAND,
            &stop::COMMAND,
            &top::COMMAND,
            &unpause::COMMAND,
            &update::COMMAND,
            &wait::COMMAND,
        ],
    }],
    args: ArgRule::None,
    ..Command::BLANK
};

/// `docker ps`.
pub(crate) static PS: Command = Command {
    name: "ps",
    aliases: &[],
    ..ls::COMMAND
};
