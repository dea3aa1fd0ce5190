//! `docker system df`.

use crate::args::{ArgRule, Command, Flag};
use crate::flags::FORMAT_LIST;
use crate::program::Action;

pub(crate) static COMMAND: Command = Command {
    name: "df",
    usage: "[OPTIONS]",
    short: "Show docker disk usage",
    flags: &[&[
        Flag::text("format", FORMAT_LIST),
        Flag::bool("verbose", "Show detailed information on space usage").short('v'),
    ]],
    args: ArgRule::None,
    action: Action::NotModelled,
    ..Command::BLANK
};
