//! `docker container top`.

use crate::args::{ArgRule, Command};
use crate::program::Action;

pub(crate) static COMMAND: Command = Command {
    name: "top",
    usage: "CONTAINER [ps OPTIONS]",
    short: "Display the running processes of a container",
    known_as: "docker container top, docker top",
    args: ArgRule::Between(2, 3),
    action: Action::NotModelled,
    ..Command::BLANK
};
