//! `docker image ls`.

use crate::args::{ArgRule, Command, Flag};
use crate::flags::FORMAT_LIST;
use crate::program::Action;

pub(crate) static COMMAND: Command = Command {
    name: "ls",
    usage: "[OPTIONS] [REPOSITORY[:TAG]]",
    short: "List images",
    aliases: &["list"],
    known_as: "docker image ls, docker image list, docker images",
    flags: &[&[
        Flag::bool("all", "Show all images")
            .short('a')
            .default("hides intermediate images"),
        Flag::bool("digests", "Show digests"),
        Flag::filter("Filter output based on conditions provided").short('f'),
        Flag::text("format", FORMAT_LIST),
        Flag::bool("no-trunc", "Don't truncate output"),
        Flag::bool("quiet", "Only show image IDs").short('q'),
        Flag::bool(
            "tree",
            "List multi-platform images as a tree (EXPERIMENTAL)",
        ),
    ]],
    args: ArgRule::AtMost(1),
    action: Action::NotModelled,
    ..Command::BLANK
};
