//! `docker container port`.

use crate::args::{ArgRule, Command};
use crate::program::Action;

pub(crate) static COMMAND: Command = Command {
    name: "port",
    usage: "CONTAINER [PRIVATE_PORT[/PROTO]]",
    short: "List port mappings or a specific mapping for the container",
    known_as: "docker container port, docker port",
    args: ArgRule::Between(1, 2),
    action: Action::NotModelled,
    ..Command::BLANK
};
