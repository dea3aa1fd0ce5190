//! `docker container rm`.

use crate::args::{ArgRule, Command, Flag};
use crate::program::Action;

pub(crate) static COMMAND: Command = Command {
    name: "rm",
    usage: "[OPTIONS] CONTAINER [CONTAINER...]",
    short: "Remove one or more containers",
    aliases: &["remove"],
    known_as: "docker container rm, docker container remove, docker rm",
    flags: &[&[
        Flag::bool(
            "force",
            "Force the removal of a running container (uses SIGKILL)",
        )
        .short('f'),
        Flag::bool("link", "Remove the specified link").short('l'),
        Flag::bool(
            "volumes",
            "Remove anonymous volumes associated with the container",
        )
        .short('v'),
    ]],
    args: ArgRule::AtLeast(1),
    action: Action::NotModelled,
    ..Command::BLANK
};
