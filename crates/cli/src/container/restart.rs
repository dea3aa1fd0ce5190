//! `docker container restart`.

use crate::args::{ArgRule, Command, Flag};
use crate::program::Action;

pub(crate) static COMMAND: Command = Command {
    name: "restart",
    usage: "[OPTIONS] CONTAINER [CONTAINER...]",
    short: "Restart one or more containers",
    known_as: "docker container restart, docker restart",
    flags: &[&[
        Flag::text("signal", "Signal to send to the container").short('s'),
        Flag::int("timeout", "Seconds to wait before killing the container").short('t'),
        Flag::int("time", "Seconds to wait before killing the container")
            .stands_for("timeout")
            .deprecated("use --timeout instead"),
    ]],
    args: ArgRule::AtLeast(1),
    action: Action::NotModelled,
    ..Command::BLANK
};
