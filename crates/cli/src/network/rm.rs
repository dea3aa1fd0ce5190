//! `docker network rm`.

use crate::args::{ArgRule, Command, Flag};
use crate::program::Action;

pub(crate) static COMMAND: Command = Command {
    name: "rm",
    usage: "NETWORK [NETWORK...]",
    short: "Remove one or more networks",
    aliases: &["remove"],
    known_as: "docker network rm, docker network remove",
    flags: &[&[Flag::bool("force", "Do not error if the network does not exist").short('f')]],
    args: ArgRule::AtLeast(1),
    action: Action::NotModelled,
    ..Command::BLANK
};
