//! `docker system info`.

use crate::args::{ArgRule, Command, Flag};
use crate::flags::FORMAT;
use crate::program::Action;

pub(crate) static COMMAND: Command = Command {
    name: "info",
    usage: "[OPTIONS]",
    short: "Display system-wide information",
    known_as: "docker system info, docker info",
    flags: &[&[Flag::text("format", FORMAT).short('f')]],
    args: ArgRule::None,
    action: Action::NotModelled,
    ..Command::BLANK
};
