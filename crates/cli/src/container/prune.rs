//! `docker container prune`.

use crate::args::{ArgRule, Command, Flag};
use crate::program::Action;

pub(crate) static COMMAND: Command = Command {
    name: "prune",
    usage: "[OPTIONS]",
    short: "Remove all stopped containers",
    flags: &[&[
        Flag::filter("Provide filter values (e.g. \"until=<timestamp>\")"),
        Flag::bool("force", "Do not prompt for confirmation").short('f'),
    ]],
    args: ArgRule::None,
    action: Action::NotModelled,
    ..Command::BLANK
};
