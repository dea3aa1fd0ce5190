//! `docker container stop`.

use crate::args::{ArgRule, Command, Flag};
use crate::program::Action;

pub(crate) static COMMAND: Command = Command {
    name: "stop",
    usage: "[OPTIONS] CONTAINER [CONTAINER...]",
    short: "Stop one or more running containers",
    known_as: "docker container stop, docker stop",
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
