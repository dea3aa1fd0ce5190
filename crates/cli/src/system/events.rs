//! `docker system events`.

use crate::args::{ArgRule, Command, Flag};
use crate::flags::FORMAT;
use crate::program::Action;

pub(crate) static COMMAND: Command = Command {
    name: "events",
    usage: "[OPTIONS]",
    short: "Get real time events from the server",
    known_as: "docker system events, docker events",
    flags: &[&[
        Flag::filter("Filter output based on conditions provided").short('f'),
        Flag::text("format", FORMAT),
        Flag::text("since", "Show all events created since timestamp"),
        Flag::text("until", "Stream events until this timestamp"),
    ]],
    args: ArgRule::None,
    action: Action::NotModelled,
    ..Command::BLANK
};
