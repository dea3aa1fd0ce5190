//! `docker container exec`.

use crate::args::{ArgRule, Command, Flag};
use crate::program::Action;

pub(crate) static COMMAND: Command = Command {
    name: "exec",
    usage: "[OPTIONS] CONTAINER COMMAND [ARG...]",
    short: "Execute a command in a running container",
    known_as: "docker container exec, docker exec",
    flags: &[&[
        Flag::bool("detach", "Detached mode: run command in the background").short('d'),
        Flag::text(
            "detach-keys",
            "Override the key sequence for detaching a container",
        ),
        Flag::list("env", "Set environment variables").short('e'),
        Flag::list("env-file", "Read in a file of environment variables"),
        Flag::bool("interactive", "Keep STDIN open even if not attached").short('i'),
        Flag::bool("privileged", "Give extended privileges to the command"),
        Flag::bool("tty", "Allocate a pseudo-TTY").short('t'),
        Flag::text(
            "user",
            "Username or UID (format: \"<name|uid>[:<group|gid>]\")",
        )
        .short('u'),
        Flag::text("workdir", "Working directory inside the container").short('w'),
    ]],
    args: ArgRule::AtLeast(2),
    action: Action::NotModelled,
    ..Command::BLANK
};
