//! `docker inspect`, which looks for objects of every type.

use crate::args::{ArgRule, Command, Flag};
use crate::flags::FORMAT;
use crate::program::Action;

pub(crate) static COMMAND: Command = Command {
    name: "inspect",
    usage: "[OPTIONS] NAME|ID [NAME|ID...]",
    short: "Return low-level information on Docker objects",
    flags: &[&[
        Flag::text("format", FORMAT).short('f'),
        Flag::bool("size", "Display total file sizes if the type is container").short('s'),
        Flag::text("type", "Only inspect objects of the given type"),
    ]],
    args: ArgRule::AtLeast(1),
    action: Action::NotModelled,
    ..Command::BLANK
};
