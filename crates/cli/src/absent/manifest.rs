//! `docker manifest`: known and not modelled.

use crate::args::{Action, ArgRule, Command, Flag, Section};

pub(crate) static COMMAND: Command = Command {
    name: "manifest",
    usage: "COMMAND",
    short: "Manage Docker image manifests and manifest lists",
    long: "The **docker manifest** command has subcommands for managing image manifests and\nmanifest lists. A manifest list allows you to use one name to refer to the same image\nbuilt for multiple architectures.\n\nTo see help for a subcommand, use:\n\n    docker manifest CMD --help\n\nFor full details on using docker manifest lists, see the registry v2 specification.\n\nEXPERIMENTAL:\n  docker manifest is an experimental feature.\n  Experimental features provide early access to product functionality. These\n  features may change between releases without warning, or can be removed from a\n  future release. Learn more about experimental features in our documentation:\n  https://docs.docker.com/go/experimental/",
    sections: &[Section {
        title: "Commands",
        commands: &[&ANNOTATE, &CREATE, &INSPECT, &PUSH, &RM],
    }],
    args: ArgRule::None,
    ..Command::BLANK
};

pub(crate) static ANNOTATE: Command = Command {
    name: "annotate",
    usage: "[OPTIONS] MANIFEST_LIST MANIFEST",
    short: "Add additional information to a local image manifest",
    long: "Add additional information to a local image manifest\n\nEXPERIMENTAL:\n  docker manifest annotate is an experimental feature.\n  Experimental features provide early access to product functionality. These\n  features may change between releases without warning, or can be removed from a\n  future release. Learn more about experimental features in our documentation:\n  https://docs.docker.com/go/experimental/",
    flags: &[&[
        Flag::text("arch", "Set architecture"),
        Flag::text("os", "Set operating system"),
        Flag::strings("os-features", "Set operating system feature"),
        Flag::text("os-version", "Set operating system version"),
        Flag::text("variant", "Set architecture variant"),
    ]],
    args: ArgRule::Exactly(2),
    action: Action::NotModelled,
    ..Command::BLANK
};

pub(crate) static CREATE: Command = Command {
    name: "create",
    usage: "MANIFEST_LIST MANIFEST [MANIFEST...]",
    short: "Create a local manifest list for annotating and pushing to a registry",
    long: "Create a local manifest list for annotating and pushing to a registry\n\nEXPERIMENTAL:\n  docker manifest create is an experimental feature.\n  Experimental features provide early access to product functionality. These\n  features may change between releases without warning, or can be removed from a\n  future release. Learn more about experimental features in our documentation:\n  https://docs.docker.com/go/experimental/",
    flags: &[&[
        Flag::bool("amend", "Amend an existing manifest list").short('a'),
        Flag::bool("insecure", "Allow communication with an insecure registry"),
    ]],
    args: ArgRule::AtLeast(2),
    action: Action::NotModelled,
    ..Command::BLANK
};

pub(crate) static INSPECT: Command = Command {
    name: "inspect",
    usage: "[OPTIONS] [MANIFEST_LIST] MANIFEST",
    short: "Display an image manifest, or manifest list",
    long: "Display an image manifest, or manifest list\n\nEXPERIMENTAL:\n  docker manifest inspect is an experimental feature.\n  Experimental features provide early access to product functionality. These\n  features may change between releases without warning, or can be removed from a\n  future release. Learn more about experimental features in our documentation:\n  https://docs.docker.com/go/experimental/",
    flags: &[&[
        Flag::bool("insecure", "Allow communication with an insecure registry"),
        Flag::bool(
            "verbose",
            "Output additional info including layers and platform",
        )
        .short('v'),
    ]],
    args: ArgRule::Between(1, 2),
    action: Action::NotModelled,
    ..Command::BLANK
};

pub(crate) static PUSH: Command = Command {
    name: "push",
    usage: "[OPTIONS] MANIFEST_LIST",
    short: "Push a manifest list to a repository",
    long: "Push a manifest list to a repository\n\nEXPERIMENTAL:\n  docker manifest push is an experimental feature.\n  Experimental features provide early access to product functionality. These\n  features may change between releases without warning, or can be removed from a\n  future release. Learn more about experimental features in our documentation:\n  https://docs.docker.com/go/experimental/",
    flags: &[&[
        Flag::bool("insecure", "Allow push to an insecure registry"),
        Flag::bool("purge", "Remove the local manifest list after push").short('p'),
    ]],
    args: ArgRule::Exactly(1),
    action: Action::NotModelled,
    ..Command::BLANK
};

pub(crate) static RM: Command = Command {
    name: "rm",
    usage: "MANIFEST_LIST [MANIFEST_LIST...]",
    short: "Delete one or more manifest lists from local storage",
    long: "Delete one or more manifest lists from local storage\n\nEXPERIMENTAL:\n  docker manifest rm is an experimental feature.\n  Experimental features provide early access to product functionality. These\n  features may change between releases without warning, or can be removed from a\n  future release. Learn more about experimental features in our documentation:\n  https://docs.docker.com/go/experimental/",
    args: ArgRule::AtLeast(1),
    action: Action::NotModelled,
    ..Command::BLANK
};
