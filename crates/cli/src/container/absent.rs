//! Container commands that are known and not modelled.

use crate::args::{Action, ArgRule, Command, Flag};

pub(crate) static COMMIT: Command = Command {
    name: "commit",
    usage: "[OPTIONS] CONTAINER [REPOSITORY[:TAG]]",
    short: "Create a new image from a container's changes",
    known_as: "docker container commit, docker commit",
    flags: &[&[
        Flag::text(
            "author",
            "Author (e.g., \"John Hannibal Smith <hannibal@a-team.com>\")",
        )
        .short('a'),
        Flag::list(
            "change",
            "Apply Dockerfile instruction to the created image",
        )
        .short('c'),
        Flag::text("message", "Commit message").short('m'),
        Flag::bool("pause", "Pause container during commit")
            .short('p')
            .default("true"),
    ]],
    args: ArgRule::Between(1, 2),
    action: Action::NotModelled,
    ..Command::BLANK
};

pub(crate) static EXPORT: Command = Command {
    name: "export",
    usage: "[OPTIONS] CONTAINER",
    short: "Export a container's filesystem as a tar archive",
    known_as: "docker container export, docker export",
    flags: &[&[Flag::text("output", "Write to a file, instead of STDOUT").short('o')]],
    args: ArgRule::Exactly(1),
    action: Action::NotModelled,
    ..Command::BLANK
};
