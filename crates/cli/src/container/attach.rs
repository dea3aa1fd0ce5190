//! `docker container attach`.

use crate::args::{ArgRule, Command, Flag};
use crate::program::Action;

pub(crate) static COMMAND: Command = Command {
    name: "attach",
    usage: "[OPTIONS] CONTAINER",
    short: "Attach local standard input, output, and error streams to a running container",
    known_as: "docker container attach, docker attach",
    flags: &[&[
        Flag::text(
            "detach-keys",
            "Override the key sequence for detaching a container",
        ),
        Flag::bool("no-stdin", "Do not attach STDIN"),
        Flag::bool("sig-proxy", "Proxy all received signals to the process").default("true"),
    ]],
    args: ArgRule::Exactly(1),
    action: Action::NotModelled,
    ..Command::BLANK
};
