//! `docker container rename`.

use crate::args::{ArgRule, Command};
use crate::program::Action;

pub(crate) static COMMAND: Command = Command {
    name: "rename",
    usage: "CONTAINER NEW_NAME",
    short: "Rename a container",
    known_as: "docker container rename, docker rename",
    args: ArgRule::Exactly(2),
    action: Action::NotModelled,
    ..Command::BLANK
};
