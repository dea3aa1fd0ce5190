//! `docker container stats`.

use crate::args::{Action, Command, Flag};
use crate::flags::FORMAT_LIST;

pub(crate) static COMMAND: Command = Command {
    name: "stats",
    usage: "[OPTIONS] [CONTAINER...]",
    short: "Display a live stream of container(s) resource usage statistics",
    known_as: "docker container stats, docker stats",
    flags: &[&[
        Flag::bool("all", "Show all containers")
            .short('a')
            .default("shows just running"),
        Flag::text("format", FORMAT_LIST),
        Flag::bool(
            "no-stream",
            "Disable streaming stats and only pull the first result",
        ),
        Flag::bool("no-trunc", "Do not truncate output"),
    ]],
    action: Action::NotModelled,
    ..Command::BLANK
};
