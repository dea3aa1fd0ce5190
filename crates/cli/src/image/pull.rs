//! `docker image pull`.

use crate::args::{ArgRule, Command, Flag};
use crate::program::Action;

pub(crate) static COMMAND: Command = Command {
    name: "pull",
    usage: "[OPTIONS] NAME[:TAG|@DIGEST]",
    short: "Download an image from a registry",
    known_as: "docker image pull, docker pull",
    flags: &[&[
        Flag::bool("all-tags", "Download all tagged images in the repository").short('a'),
        Flag::bool("disable-content-trust", "Skip image verification").default("true"),
        Flag::text(
            "platform",
            "Set platform if server is multi-platform capable",
        ),
        Flag::bool("quiet", "Suppress verbose output").short('q'),
    ]],
    args: ArgRule::Exactly(1),
    action: Action::NotModelled,
    ..Command::BLANK
};
