//! `docker container pause`.

use crate::args::{ArgRule, Command};
use crate::program::Action;

pub(crate) static COMMAND: Command = Command {
    name: "pause",
    usage: "CONTAINER [CONTAINER...]",
    short: "Pause all processes within one or more containers",
    known_as: "docker container pause, docker pause",
    args: ArgRule::AtLeast(1),
    action: Action::NotModelled,
    ..Command::BLANK
};
