//! `docker container start`.

use crate::args::{ArgRule, Command, Flag};
use crate::program::Action;

pub(crate) static COMMAND: Command = Command {
    name: "start",
    usage: "[OPTIONS] CONTAINER [CONTAINER...]",
    short: "Start one or more stopped containers",
    known_as: "docker container start, docker start",
    flags: &[&[
        Flag::bool("attach", "Attach STDOUT/STDERR and forward signals").short('a'),
        Flag::text("checkpoint", "Restore from this checkpoint"),
        Flag::text(
            "checkpoint-dir",
            "Use a custom checkpoint storage directory",
        ),
        Flag::text(
            "detach-keys",
            "Override the key sequence for detaching a container",
        ),
        Flag::bool("interactive", "Attach container's STDIN").short('i'),
    ]],
    args: ArgRule::AtLeast(1),
    action: Action::NotModelled,
    ..Command::BLANK
};
