//! `docker container unpause`.

use crate::args::{ArgRule, Command};
use crate::program::Action;

pub(crate) static COMMAND: Command = Command {
    name: "unpause",
    usage: "CONTAINER [CONTAINER...]",
    short: "Unpause all processes within one or more containers",
    known_as: "docker container unpause, docker unpause",
    args: ArgRule::AtLeast(1),
    action: Action::NotModelled,
    ..Command::BLANK
};
