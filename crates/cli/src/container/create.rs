//! `docker container create`.

use super::create_flags;
use crate::args::{ArgRule, Command};
use crate::program::Action;

pub(crate) static COMMAND: Command = Command {
    name: "create",
    usage: "[OPTIONS] IMAGE [COMMAND] [ARG...]",
    short: "Create a new container",
    known_as: "docker container create, docker create",
    flags: &[create_flags::FLAGS, &[]],
    args: ArgRule::AtLeast(1),
    action: Action::NotModelled,
    interspersed: false,
    ..Command::BLANK
};
