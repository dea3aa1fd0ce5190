//! `docker container logs`.

use crate::args::{ArgRule, Command, Flag};
use crate::program::Action;

pub(crate) static COMMAND: Command = Command {
    name: "logs",
    usage: "[OPTIONS] CONTAINER",
    short: "Fetch the logs of a container",
    known_as: "docker container logs, docker logs",
    flags: &[&[
        Flag::bool("details", "Show extra details provided to logs"),
        Flag::bool("follow", "Follow log output").short('f'),
        Flag::text(
            "since",
            "Show logs since timestamp (e.g. \"2013-01-02T13:23:37Z\") or relative (e.g. \"42m\" for 42 minutes)",
        ),
        Flag::text("tail", "Number of lines to show from the end of the logs")
            .short('n')
            .default("all"),
        Flag::bool("timestamps", "Show timestamps").short('t'),
        Flag::text(
            "until",
            "Show logs before a timestamp (e.g. \"2013-01-02T13:23:37Z\") or relative (e.g. \"42m\" for 42 minutes)",
        ),
    ]],
    args: ArgRule::Exactly(1),
    action: Action::NotModelled,
    ..Command::BLANK
};
