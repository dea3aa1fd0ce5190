//! `docker container ls`.

use crate::args::{ArgRule, Command, Flag};
use crate::flags::FORMAT_LIST;
use crate::program::Action;

pub(crate) static COMMAND: Command = Command {
    name: "ls",
    usage: "[OPTIONS]",
    short: "List containers",
    aliases: &["list", "ps"],
    known_as: "docker container ls, docker container list, docker container ps, docker ps",
    flags: &[&[
        Flag::bool("all", "Show all containers")
            .short('a')
            .default("shows just running"),
        Flag::filter("Filter output based on conditions provided").short('f'),
        Flag::text("format", FORMAT_LIST),
        Flag::int(
            "last",
            "Show n last created containers (includes all states)",
        )
        .short('n')
        .default("-1"),
        Flag::bool(
            "latest",
            "Show the latest created container (includes all states)",
        )
        .short('l'),
        Flag::bool("no-trunc", "Don't truncate output"),
        Flag::bool("quiet", "Only display container IDs").short('q'),
        Flag::bool("size", "Display total file sizes").short('s'),
    ]],
    args: ArgRule::None,
    action: Action::NotModelled,
    ..Command::BLANK
};
