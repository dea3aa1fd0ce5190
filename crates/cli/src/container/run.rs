//! `docker container run`.

use super::create_flags;
use crate::args::{ArgRule, Command, Flag};
use crate::program::Action;

pub(crate) static COMMAND: Command = Command {
    name: "run",
    usage: "[OPTIONS] IMAGE [COMMAND] [ARG...]",
    short: "Create and run a new container from an image",
    known_as: "docker container run, docker run",
    flags: &[
        create_flags::FLAGS,
        &[
            Flag::bool(
                "detach",
                "Run container in background and print container ID",
            )
            .short('d'),
            Flag::text(
                "detach-keys",
                "Override the key sequence for detaching a container",
            ),
            Flag::bool("sig-proxy", "Proxy received signals to the process").default("true"),
        ],
    ],
    args: ArgRule::AtLeast(1),
    action: Action::NotModelled,
    interspersed: false,
    ..Command::BLANK
};
