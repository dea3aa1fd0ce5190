//! Commands of `docker compose` that are known and not modelled.

use super::DRY_RUN;
use crate::args::{Action, ArgRule, Command, Flag};

pub(super) static COMMIT: Command = Command {
    name: "commit",
    usage: "[OPTIONS] SERVICE [REPOSITORY[:TAG]]",
    short: "Create a new image from a service container's changes",
    flags: &[&[
        DRY_RUN,
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
        Flag::int(
            "index",
            "index of the container if service has multiple replicas.",
        ),
        Flag::text("message", "Commit message").short('m'),
        Flag::bool("pause", "Pause container during commit")
            .short('p')
            .default("true"),
    ]],
    args: ArgRule::Between(1, 2),
    action: Action::NotModelled,
    ..Command::BLANK
};

pub(super) static CP: Command = Command {
    name: "cp",
    usage: "[OPTIONS] SERVICE:SRC_PATH DEST_PATH|-\n\tdocker compose cp [OPTIONS] SRC_PATH|- SERVICE:DEST_PATH",
    short: "Copy files/folders between a service container and the local filesystem",
    flags: &[&[
        DRY_RUN,
        Flag::bool("all", "Include containers created by the run command"),
        Flag::bool("archive", "Archive mode (copy all uid/gid information)").short('a'),
        Flag::bool("follow-link", "Always follow symbol link in SRC_PATH").short('L'),
        Flag::int(
            "index",
            "Index of the container if service has multiple replicas",
        ),
    ]],
    args: ArgRule::Exactly(2),
    action: Action::NotModelled,
    ..Command::BLANK
};

pub(super) static EXPORT: Command = Command {
    name: "export",
    usage: "[OPTIONS] SERVICE",
    short: "Export a service container's filesystem as a tar archive",
    flags: &[&[
        DRY_RUN,
        Flag::int(
            "index",
            "index of the container if service has multiple replicas.",
        ),
        Flag::text("output", "Write to a file, instead of STDOUT").short('o'),
    ]],
    args: ArgRule::AtLeast(1),
    action: Action::NotModelled,
    ..Command::BLANK
};

pub(super) static PUBLISH: Command = Command {
    name: "publish",
    usage: "[OPTIONS] REPOSITORY[:TAG]",
    short: "Publish compose application",
    flags: &[&[
        DRY_RUN,
        Flag::bool(
            "app",
            "Published compose application (includes referenced images)",
        ),
        Flag::text(
            "oci-version",
            "OCI image/artifact specification version (automatically determined by default)",
        ),
        Flag::bool("resolve-image-digests", "Pin image tags to digests"),
        Flag::bool(
            "with-env",
            "Include environment variables in the published OCI artifact",
        ),
        Flag::bool("yes", "Assume \"yes\" as answer to all prompts").short('y'),
    ]],
    args: ArgRule::Exactly(1),
    counts_like_docker: true,
    action: Action::NotModelled,
    ..Command::BLANK
};

pub(super) static BRIDGE: Command = Command {
    name: "bridge",
    usage: "[OPTIONS] COMMAND",
    short: "Convert compose files into another model",
    flags: &[&[DRY_RUN]],
    action: Action::NotModelled,
    ..Command::BLANK
};
