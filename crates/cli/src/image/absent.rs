//! Image commands that are known and not modelled.

use crate::args::{Action, ArgRule, Command, Flag, Kind};

/// What docker says before anything else where BuildKit is not installed. Source: docker/cli `cmd/docker/builder.go`.
pub(crate) const WITHOUT_BUILDX: &str =
    "DEPRECATED: The legacy builder is deprecated and will be removed in a future release.
            Install the buildx component to build images with BuildKit:
            https://docs.docker.com/go/buildx/

";

pub(crate) static BUILD: Command = Command {
    name: "build",
    usage: "[OPTIONS] PATH | URL | -",
    short: "Build an image from a Dockerfile",
    known_as: "docker image build, docker build, docker builder build",
    notice: WITHOUT_BUILDX,
    flags: &[&[
        Flag::list("add-host", "Add a custom host-to-IP mapping (\"host:ip\")"),
        Flag::list("build-arg", "Set build-time variables"),
        Flag::strings("cache-from", "Images to consider as cache sources"),
        Flag::text(
            "cgroup-parent",
            "Set the parent cgroup for the \"RUN\" instructions during build",
        ),
        Flag::bool("compress", "Compress the build context using gzip"),
        Flag::int(
            "cpu-period",
            "Limit the CPU CFS (Completely Fair Scheduler) period",
        ),
        Flag::int(
            "cpu-quota",
            "Limit the CPU CFS (Completely Fair Scheduler) quota",
        ),
        Flag::int("cpu-shares", "CPU shares (relative weight)").short('c'),
        Flag::text("cpuset-cpus", "CPUs in which to allow execution (0-3, 0,1)"),
        Flag::text("cpuset-mems", "MEMs in which to allow execution (0-3, 0,1)"),
        Flag::bool("disable-content-trust", "Skip image verification").default("true"),
        Flag::text(
            "file",
            "Name of the Dockerfile (Default is \"PATH/Dockerfile\")",
        )
        .short('f'),
        Flag::bool("force-rm", "Always remove intermediate containers"),
        Flag::text("iidfile", "Write the image ID to the file"),
        Flag::text("isolation", "Container isolation technology"),
        Flag::list("label", "Set metadata for an image"),
        Flag::new(Kind::Bytes, "memory", "Memory limit").short('m'),
        Flag::new(
            Kind::Bytes,
            "memory-swap",
            "Swap limit equal to memory plus swap: -1 to enable unlimited swap",
        ),
        Flag::text(
            "network",
            "Set the networking mode for the RUN instructions during build",
        )
        .default("default"),
        Flag::bool("no-cache", "Do not use cache when building the image"),
        Flag::text(
            "platform",
            "Set platform if server is multi-platform capable",
        ),
        Flag::bool(
            "pull",
            "Always attempt to pull a newer version of the image",
        ),
        Flag::bool(
            "quiet",
            "Suppress the build output and print image ID on success",
        )
        .short('q'),
        Flag::bool(
            "rm",
            "Remove intermediate containers after a successful build",
        )
        .default("true"),
        Flag::strings("security-opt", "Security options"),
        Flag::new(Kind::Bytes, "shm-size", "Size of \"/dev/shm\""),
        Flag::bool(
            "squash",
            "Squash newly built layers into a single new layer",
        )
        .hidden(),
        Flag::list(
            "tag",
            "Name and optionally a tag in the \"name:tag\" format",
        )
        .short('t'),
        Flag::text("target", "Set the target build stage to build."),
        Flag::new(Kind::List("ulimit"), "ulimit", "Ulimit options").default("[]"),
    ]],
    args: ArgRule::Exactly(1),
    action: Action::NotModelled,
    ..Command::BLANK
};
