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

pub(crate) static CP: Command = Command {
    name: "cp",
    usage: "[OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-\n	docker cp [OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH",
    short: "Copy files/folders between a container and the local filesystem",
    long: "Copy files/folders between a container and the local filesystem\n\nUse '-' as the source to read a tar archive from stdin\nand extract it to a directory destination in a container.\nUse '-' as the destination to stream a tar archive of a\ncontainer source to stdout.",
    known_as: "docker container cp, docker cp",
    flags: &[&[
        Flag::bool("archive", "Archive mode (copy all uid/gid information)").short('a'),
        Flag::bool("follow-link", "Always follow symbol link in SRC_PATH").short('L'),
        Flag::bool("quiet", "Suppress progress output during copy. Progress output is automatically suppressed if no terminal is attached").short('q'),
    ]],
    args: ArgRule::Exactly(2),
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
