//! `docker version`.

use crate::args::{ArgRule, Command, Flag};
use crate::flags::FORMAT;
use crate::program::Action;

pub(crate) static COMMAND: Command = Command {
    name: "version",
    usage: "[OPTIONS]",
    short: "Show the Docker version information",
    flags: &[&[Flag::text("format", FORMAT).short('f')]],
    args: ArgRule::None,
    action: Action::NotModelled,
    ..Command::BLANK
};
