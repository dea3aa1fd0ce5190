//! `docker container wait`.

use crate::args::{ArgRule, Command};
use crate::program::Action;

pub(crate) static COMMAND: Command = Command {
    name: "wait",
    usage: "CONTAINER [CONTAINER...]",
    short: "Block until one or more containers stop, then print their exit codes",
    known_as: "docker container wait, docker wait",
    args: ArgRule::AtLeast(1),
    action: Action::NotModelled,
    ..Command::BLANK
};
