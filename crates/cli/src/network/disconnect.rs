//! `docker network disconnect`.

use crate::args::{ArgRule, Command, Flag};
use crate::program::Action;

pub(crate) static COMMAND: Command = Command {
    name: "disconnect",
    usage: "[OPTIONS] NETWORK CONTAINER",
    short: "Disconnect a container from a network",
    flags: &[&[Flag::bool("force", "Force the container to disconnect from a network").short('f')]],
    args: ArgRule::Exactly(2),
    action: Action::NotModelled,
    ..Command::BLANK
};
