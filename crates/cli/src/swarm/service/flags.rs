//! The flags that `docker service create` and `docker service update` share.

use super::values;
use crate::args::{Flag, Kind};
use crate::container::checks;

/// All that are told alike, defaults included.
pub(super) const SHARED: &[Flag] = &[
Flag::list("cap-add", "Add Linux capabilities"),
Flag::list("cap-drop", "Drop Linux capabilities"),
Flag::new(
            Kind::Special("credential-spec"),
            "credential-spec",
            "Credential spec for managed service account (Windows only)",
        ).check(values::check_credential),
Flag::bool(
            "detach",
            "Exit immediately instead of waiting for the service to converge",
        )
        .short('d'),
Flag::new(
            Kind::Special("command"),
            "entrypoint",
            "Overwrite the default ENTRYPOINT of the image",
        )
        .check(values::check_words),
Flag::text("health-cmd", "Command to run to check health"),
Flag::new(
            Kind::Duration,
            "health-interval",
            "Time between running the check (ms|s|m|h)",
        ).check(values::check_positive),
Flag::int(
            "health-retries",
            "Consecutive failures needed to report unhealthy",
        ),
Flag::new(
            Kind::Duration,
            "health-start-interval",
            "Time between running the check during the start period (ms|s|m|h)",
        ).check(values::check_positive),
Flag::new(
            Kind::Duration,
            "health-start-period",
            "Start period for the container to initialize before counting retries towards unstable (ms|s|m|h)",
        ).check(values::check_positive),
Flag::new(
            Kind::Duration,
            "health-timeout",
            "Maximum time to allow one check to run (ms|s|m|h)",
        ).check(values::check_positive),
Flag::text("hostname", "Container hostname"),
Flag::bool(
            "init",
            "Use an init inside each service container to forward signals and reap processes",
        ),
Flag::text("isolation", "Service container isolation mode"),
Flag::new(Kind::Special("decimal"), "limit-cpu", "Limit CPUs").check(checks::decimal),
Flag::new(Kind::Bytes, "limit-memory", "Limit Memory"),
Flag::int("limit-pids", "Limit maximum number of processes").default("0 = unlimited"),
Flag::text("log-driver", "Logging driver for service"),
Flag::list("log-opt", "Logging driver options"),
Flag::new(
            Kind::Uint(64),
            "max-concurrent",
            "Number of job tasks to run concurrently",
        )
        .default("equal to --replicas"),
Flag::bool(
            "no-healthcheck",
            "Disable any container-specified HEALTHCHECK",
        ),
Flag::bool(
            "no-resolve-image",
            "Do not query the registry to resolve image digest and supported platforms",
        ),
Flag::int(
            "oom-score-adj",
            "Tune host's OOM preferences (-1000 to 1000) ",
        ),
Flag::bool("quiet", "Suppress progress output").short('q'),
Flag::bool(
            "read-only",
            "Mount the container's root filesystem as read only",
        ),
Flag::new(Kind::Uint(64), "replicas", "Number of tasks"),
Flag::new(
            Kind::Uint(64),
            "replicas-max-per-node",
            "Maximum number of tasks per node",
        )
        .default("0 = unlimited"),
Flag::new(Kind::Special("decimal"), "reserve-cpu", "Reserve CPUs").check(checks::decimal),
Flag::new(Kind::Bytes, "reserve-memory", "Reserve Memory"),
Flag::new(
            Kind::Uint(64),
            "restart-max-attempts",
            "Maximum number of restarts before giving up",
        ),
Flag::new(
            Kind::Duration,
            "restart-window",
            "Window used to evaluate the restart policy (ns|us|ms|s|m|h)",
        ),
Flag::text("stop-signal", "Signal to stop the container"),
Flag::bool("tty", "Allocate a pseudo-TTY").short('t'),
Flag::text("user", "Username or UID (format: <name|uid>[:<group|gid>])").short('u'),
Flag::bool(
            "with-registry-auth",
            "Send registry authentication details to swarm agents",
        ),
Flag::text("workdir", "Working directory inside the container").short('w'),
];
