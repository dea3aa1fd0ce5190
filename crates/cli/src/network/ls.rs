//! `docker network ls`.

use crate::args::{ArgRule, Command, Flag};
use crate::flags::FORMAT_LIST;
use crate::program::Action;

pub(crate) static COMMAND: Command = Command {
    name: "ls",
    usage: "[OPTIONS]",
    short: "List networks",
    aliases: &["list"],
    known_as: "docker network ls, docker network list",
    flags: &[&[
        Flag::filter("Provide filter values (e.g. \"driver=bridge\")").short('f'),
        Flag::text("format", FORMAT_LIST),
        Flag::bool("no-trunc", "Do not truncate the output"),
        Flag::bool("quiet", "Only display network IDs").short('q'),
    ]],
    args: ArgRule::None,
    action: Action::NotModelled,
    ..Command::BLANK
};
