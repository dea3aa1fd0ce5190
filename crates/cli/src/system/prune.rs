//! `docker system prune`.

use crate::args::{ArgRule, Command, Flag};
use crate::program::Action;

pub(crate) static COMMAND: Command = Command {
    name: "prune",
    usage: "[OPTIONS]",
    short: "Remove unused data",
    flags: &[&[
        Flag::bool("all", "Remove all unused images not just dangling ones").short('a'),
        Flag::filter("Provide filter values (e.g. \"label=<key>=<value>\")"),
        Flag::bool("force", "Do not prompt for confirmation").short('f'),
        Flag::bool("volumes", "Prune anonymous volumes"),
    ]],
    args: ArgRule::None,
    action: Action::NotModelled,
    ..Command::BLANK
};
