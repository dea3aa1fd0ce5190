//! `docker service`: what an engine that is in no swarm says to it.

use crate::args::{ArgRule, Command, Flag, Kind, Section, verb};
use crate::flags::{FORMAT, FORMAT_LIST};

pub(crate) static COMMAND: Command = Command {
    name: "service",
    short: "Manage Swarm services",
    sections: &[Section {
        title: "Commands",
        commands: &[
            &CREATE, &INSPECT, &LOGS, &LS, &PS, &RM, &ROLLBACK, &SCALE, &UPDATE,
        ],
    }],
    args: ArgRule::None,
    swarm_only: true,
    ..Command::BLANK
};

pub(crate) static CREATE: Command = Command {
    name: "create",
    usage: "[OPTIONS] IMAGE [COMMAND] [ARG...]",
    short: "Create a new service",
    flags: &[&[
        Flag::list("cap-add", "Add Linux capabilities"),
        Flag::list("cap-drop", "Drop Linux capabilities"),
        Flag::new(
            Kind::List("config"),
            "config",
            "Specify configurations to expose to the service",
        ),
        Flag::list("constraint", "Placement constraints"),
        Flag::list("container-label", "Container labels"),
        Flag::new(
            Kind::Special("credential-spec"),
            "credential-spec",
            "Credential spec for managed service account (Windows only)",
        ),
        Flag::bool(
            "detach",
            "Exit immediately instead of waiting for the service to converge",
        )
        .short('d'),
        Flag::list("dns", "Set custom DNS servers"),
        Flag::list("dns-option", "Set DNS options"),
        Flag::list("dns-search", "Set custom DNS search domains"),
        Flag::text("endpoint-mode", "Endpoint mode (vip or dnsrr)").default("vip"),
        Flag::new(
            Kind::Special("command"),
            "entrypoint",
            "Overwrite the default ENTRYPOINT of the image",
        ),
        Flag::list("env", "Set environment variables").short('e'),
        Flag::list("env-file", "Read in a file of environment variables"),
        Flag::list("generic-resource", "User defined resources"),
        Flag::list(
            "group",
            "Set one or more supplementary user groups for the container",
        ),
        Flag::text("health-cmd", "Command to run to check health"),
        Flag::new(
            Kind::Duration,
            "health-interval",
            "Time between running the check (ms|s|m|h)",
        ),
        Flag::int(
            "health-retries",
            "Consecutive failures needed to report unhealthy",
        ),
        Flag::new(
            Kind::Duration,
            "health-start-interval",
            "Time between running the check during the start period (ms|s|m|h)",
        ),
        Flag::new(
            Kind::Duration,
            "health-start-period",
            "Start period for the container to initialize before counting retries towards unstable (ms|s|m|h)",
        ),
        Flag::new(
            Kind::Duration,
            "health-timeout",
            "Maximum time to allow one check to run (ms|s|m|h)",
        ),
        Flag::list(
            "host",
            "Set one or more custom host-to-IP mappings (host:ip)",
        ),
        Flag::text("hostname", "Container hostname"),
        Flag::bool(
            "init",
            "Use an init inside each service container to forward signals and reap processes",
        ),
        Flag::text("isolation", "Service container isolation mode"),
        Flag::list("label", "Service labels").short('l'),
        Flag::new(Kind::Special("decimal"), "limit-cpu", "Limit CPUs"),
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
        Flag::text(
            "mode",
            "Service mode (\"replicated\", \"global\", \"replicated-job\", \"global-job\")",
        )
        .default("replicated"),
        Flag::new(
            Kind::List("mount"),
            "mount",
            "Attach a filesystem mount to the service",
        ),
        Flag::text("name", "Service name"),
        Flag::new(Kind::List("network"), "network", "Network attachments"),
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
        Flag::new(
            Kind::Special("pref"),
            "placement-pref",
            "Add a placement preference",
        ),
        Flag::new(
            Kind::List("port"),
            "publish",
            "Publish a port as a node port",
        )
        .short('p'),
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
        Flag::new(Kind::Special("decimal"), "reserve-cpu", "Reserve CPUs"),
        Flag::new(Kind::Bytes, "reserve-memory", "Reserve Memory"),
        Flag::text(
            "restart-condition",
            "Restart when condition is met (\"none\", \"on-failure\", \"any\")",
        )
        .default("any"),
        Flag::new(
            Kind::Duration,
            "restart-delay",
            "Delay between restart attempts (ns|us|ms|s|m|h)",
        )
        .default("5s"),
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
        Flag::new(
            Kind::Duration,
            "rollback-delay",
            "Delay between task rollbacks (ns|us|ms|s|m|h)",
        )
        .default("0s"),
        Flag::text(
            "rollback-failure-action",
            "Action on rollback failure (\"pause\", \"continue\")",
        )
        .default("pause"),
        Flag::new(
            Kind::Special("float"),
            "rollback-max-failure-ratio",
            "Failure rate to tolerate during a rollback",
        )
        .default("0"),
        Flag::new(
            Kind::Duration,
            "rollback-monitor",
            "Duration after each task rollback to monitor for failure (ns|us|ms|s|m|h)",
        )
        .default("5s"),
        Flag::text(
            "rollback-order",
            "Rollback order (\"start-first\", \"stop-first\")",
        )
        .default("stop-first"),
        Flag::new(
            Kind::Uint(64),
            "rollback-parallelism",
            "Maximum number of tasks rolled back simultaneously (0 to roll back all at once)",
        )
        .default("1"),
        Flag::new(
            Kind::List("secret"),
            "secret",
            "Specify secrets to expose to the service",
        ),
        Flag::new(
            Kind::Duration,
            "stop-grace-period",
            "Time to wait before force killing a container (ns|us|ms|s|m|h)",
        )
        .default("10s"),
        Flag::text("stop-signal", "Signal to stop the container"),
        Flag::list("sysctl", "Sysctl options"),
        Flag::bool("tty", "Allocate a pseudo-TTY").short('t'),
        Flag::new(Kind::List("ulimit"), "ulimit", "Ulimit options").default("[]"),
        Flag::new(
            Kind::Duration,
            "update-delay",
            "Delay between updates (ns|us|ms|s|m|h)",
        )
        .default("0s"),
        Flag::text(
            "update-failure-action",
            "Action on update failure (\"pause\", \"continue\", \"rollback\")",
        )
        .default("pause"),
        Flag::new(
            Kind::Special("float"),
            "update-max-failure-ratio",
            "Failure rate to tolerate during an update",
        )
        .default("0"),
        Flag::new(
            Kind::Duration,
            "update-monitor",
            "Duration after each task update to monitor for failure (ns|us|ms|s|m|h)",
        )
        .default("5s"),
        Flag::text(
            "update-order",
            "Update order (\"start-first\", \"stop-first\")",
        )
        .default("stop-first"),
        Flag::new(
            Kind::Uint(64),
            "update-parallelism",
            "Maximum number of tasks updated simultaneously (0 to update all at once)",
        )
        .default("1"),
        Flag::text("user", "Username or UID (format: <name|uid>[:<group|gid>])").short('u'),
        Flag::bool(
            "with-registry-auth",
            "Send registry authentication details to swarm agents",
        ),
        Flag::text("workdir", "Working directory inside the container").short('w'),
    ]],
    args: ArgRule::AtLeast(1),
    interspersed: false,
    action: verb!(super::none),
    ..Command::BLANK
};

pub(crate) static INSPECT: Command = Command {
    name: "inspect",
    usage: "[OPTIONS] SERVICE [SERVICE...]",
    short: "Display detailed information on one or more services",
    flags: &[&[
        Flag::text("format", FORMAT).short('f'),
        Flag::bool("pretty", "Print the information in a human friendly format"),
    ]],
    args: ArgRule::AtLeast(1),
    action: verb!(super::none),
    ..Command::BLANK
};

pub(crate) static LOGS: Command = Command {
    name: "logs",
    usage: "[OPTIONS] SERVICE|TASK",
    short: "Fetch the logs of a service or task",
    flags: &[&[
        Flag::bool("details", "Show extra details provided to logs"),
        Flag::bool("follow", "Follow log output").short('f'),
        Flag::bool("no-resolve", "Do not map IDs to Names in output"),
        Flag::bool("no-task-ids", "Do not include task IDs in output"),
        Flag::bool("no-trunc", "Do not truncate output"),
        Flag::bool("raw", "Do not neatly format logs"),
        Flag::text(
            "since",
            "Show logs since timestamp (e.g. \"2013-01-02T13:23:37Z\") or relative (e.g. \"42m\" for 42 minutes)",
        ),
        Flag::text("tail", "Number of lines to show from the end of the logs")
            .short('n')
            .default("all"),
        Flag::bool("timestamps", "Show timestamps").short('t'),
    ]],
    args: ArgRule::Exactly(1),
    action: verb!(super::none),
    ..Command::BLANK
};

pub(crate) static LS: Command = Command {
    name: "ls",
    usage: "[OPTIONS]",
    short: "List services",
    aliases: &["list"],
    known_as: "docker service ls, docker service list",
    flags: &[&[
        Flag::filter("Filter output based on conditions provided").short('f'),
        Flag::text("format", FORMAT_LIST),
        Flag::bool("quiet", "Only display IDs").short('q'),
    ]],
    args: ArgRule::None,
    action: verb!(super::none),
    ..Command::BLANK
};

pub(crate) static PS: Command = Command {
    name: "ps",
    usage: "[OPTIONS] SERVICE [SERVICE...]",
    short: "List the tasks of one or more services",
    flags: &[&[
        Flag::filter("Filter output based on conditions provided").short('f'),
        Flag::text("format", "Pretty-print tasks using a Go template"),
        Flag::bool("no-resolve", "Do not map IDs to Names"),
        Flag::bool("no-trunc", "Do not truncate output"),
        Flag::bool("quiet", "Only display task IDs").short('q'),
    ]],
    args: ArgRule::AtLeast(1),
    action: verb!(super::none),
    ..Command::BLANK
};

pub(crate) static RM: Command = Command {
    name: "rm",
    usage: "SERVICE [SERVICE...]",
    short: "Remove one or more services",
    aliases: &["remove"],
    known_as: "docker service rm, docker service remove",
    args: ArgRule::AtLeast(1),
    action: verb!(super::none),
    ..Command::BLANK
};

pub(crate) static ROLLBACK: Command = Command {
    name: "rollback",
    usage: "[OPTIONS] SERVICE",
    short: "Revert changes to a service's configuration",
    flags: &[&[
        Flag::bool(
            "detach",
            "Exit immediately instead of waiting for the service to converge",
        )
        .short('d'),
        Flag::bool("quiet", "Suppress progress output").short('q'),
    ]],
    args: ArgRule::Exactly(1),
    action: verb!(super::none),
    ..Command::BLANK
};

pub(crate) static SCALE: Command = Command {
    name: "scale",
    usage: "SERVICE=REPLICAS [SERVICE=REPLICAS...]",
    short: "Scale one or multiple replicated services",
    flags: &[&[Flag::bool(
        "detach",
        "Exit immediately instead of waiting for the service to converge",
    )
    .short('d')]],
    args: ArgRule::AtLeast(1),
    action: verb!(super::none),
    ..Command::BLANK
};

pub(crate) static UPDATE: Command = Command {
    name: "update",
    usage: "[OPTIONS] SERVICE",
    short: "Update a service",
    flags: &[&[
        Flag::new(Kind::Special("command"), "args", "Service command args"),
        Flag::list("cap-add", "Add Linux capabilities"),
        Flag::list("cap-drop", "Drop Linux capabilities"),
        Flag::new(
            Kind::List("config"),
            "config-add",
            "Add or update a config file on a service",
        ),
        Flag::list("config-rm", "Remove a configuration file"),
        Flag::list("constraint-add", "Add or update a placement constraint"),
        Flag::list("constraint-rm", "Remove a constraint"),
        Flag::list("container-label-add", "Add or update a container label"),
        Flag::list("container-label-rm", "Remove a container label by its key"),
        Flag::new(
            Kind::Special("credential-spec"),
            "credential-spec",
            "Credential spec for managed service account (Windows only)",
        ),
        Flag::bool(
            "detach",
            "Exit immediately instead of waiting for the service to converge",
        )
        .short('d'),
        Flag::list("dns-add", "Add or update a custom DNS server"),
        Flag::list("dns-option-add", "Add or update a DNS option"),
        Flag::list("dns-option-rm", "Remove a DNS option"),
        Flag::list("dns-rm", "Remove a custom DNS server"),
        Flag::list("dns-search-add", "Add or update a custom DNS search domain"),
        Flag::list("dns-search-rm", "Remove a DNS search domain"),
        Flag::text("endpoint-mode", "Endpoint mode (vip or dnsrr)"),
        Flag::new(
            Kind::Special("command"),
            "entrypoint",
            "Overwrite the default ENTRYPOINT of the image",
        ),
        Flag::list("env-add", "Add or update an environment variable"),
        Flag::list("env-rm", "Remove an environment variable"),
        Flag::bool("force", "Force update even if no changes require it"),
        Flag::list("generic-resource-add", "Add a Generic resource"),
        Flag::list("generic-resource-rm", "Remove a Generic resource"),
        Flag::list(
            "group-add",
            "Add an additional supplementary user group to the container",
        ),
        Flag::list(
            "group-rm",
            "Remove a previously added supplementary user group from the container",
        ),
        Flag::text("health-cmd", "Command to run to check health"),
        Flag::new(
            Kind::Duration,
            "health-interval",
            "Time between running the check (ms|s|m|h)",
        ),
        Flag::int(
            "health-retries",
            "Consecutive failures needed to report unhealthy",
        ),
        Flag::new(
            Kind::Duration,
            "health-start-interval",
            "Time between running the check during the start period (ms|s|m|h)",
        ),
        Flag::new(
            Kind::Duration,
            "health-start-period",
            "Start period for the container to initialize before counting retries towards unstable (ms|s|m|h)",
        ),
        Flag::new(
            Kind::Duration,
            "health-timeout",
            "Maximum time to allow one check to run (ms|s|m|h)",
        ),
        Flag::list("host-add", "Add a custom host-to-IP mapping (\"host:ip\")"),
        Flag::list(
            "host-rm",
            "Remove a custom host-to-IP mapping (\"host:ip\")",
        ),
        Flag::text("hostname", "Container hostname"),
        Flag::text("image", "Service image tag"),
        Flag::bool(
            "init",
            "Use an init inside each service container to forward signals and reap processes",
        ),
        Flag::text("isolation", "Service container isolation mode"),
        Flag::list("label-add", "Add or update a service label"),
        Flag::list("label-rm", "Remove a label by its key"),
        Flag::new(Kind::Special("decimal"), "limit-cpu", "Limit CPUs"),
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
        Flag::new(
            Kind::List("mount"),
            "mount-add",
            "Add or update a mount on a service",
        ),
        Flag::list("mount-rm", "Remove a mount by its target path"),
        Flag::new(Kind::List("network"), "network-add", "Add a network"),
        Flag::list("network-rm", "Remove a network"),
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
        Flag::new(
            Kind::Special("pref"),
            "placement-pref-add",
            "Add a placement preference",
        ),
        Flag::new(
            Kind::Special("pref"),
            "placement-pref-rm",
            "Remove a placement preference",
        ),
        Flag::new(
            Kind::List("port"),
            "publish-add",
            "Add or update a published port",
        ),
        Flag::new(
            Kind::List("port"),
            "publish-rm",
            "Remove a published port by its target port",
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
        Flag::new(Kind::Special("decimal"), "reserve-cpu", "Reserve CPUs"),
        Flag::new(Kind::Bytes, "reserve-memory", "Reserve Memory"),
        Flag::text(
            "restart-condition",
            "Restart when condition is met (\"none\", \"on-failure\", \"any\")",
        ),
        Flag::new(
            Kind::Duration,
            "restart-delay",
            "Delay between restart attempts (ns|us|ms|s|m|h)",
        ),
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
        Flag::bool("rollback", "Rollback to previous specification"),
        Flag::new(
            Kind::Duration,
            "rollback-delay",
            "Delay between task rollbacks (ns|us|ms|s|m|h)",
        ),
        Flag::text(
            "rollback-failure-action",
            "Action on rollback failure (\"pause\", \"continue\")",
        ),
        Flag::new(
            Kind::Special("float"),
            "rollback-max-failure-ratio",
            "Failure rate to tolerate during a rollback",
        ),
        Flag::new(
            Kind::Duration,
            "rollback-monitor",
            "Duration after each task rollback to monitor for failure (ns|us|ms|s|m|h)",
        ),
        Flag::text(
            "rollback-order",
            "Rollback order (\"start-first\", \"stop-first\")",
        ),
        Flag::new(
            Kind::Uint(64),
            "rollback-parallelism",
            "Maximum number of tasks rolled back simultaneously (0 to roll back all at once)",
        ),
        Flag::new(
            Kind::List("secret"),
            "secret-add",
            "Add or update a secret on a service",
        ),
        Flag::list("secret-rm", "Remove a secret"),
        Flag::new(
            Kind::Duration,
            "stop-grace-period",
            "Time to wait before force killing a container (ns|us|ms|s|m|h)",
        ),
        Flag::text("stop-signal", "Signal to stop the container"),
        Flag::list("sysctl-add", "Add or update a Sysctl option"),
        Flag::list("sysctl-rm", "Remove a Sysctl option"),
        Flag::bool("tty", "Allocate a pseudo-TTY").short('t'),
        Flag::new(
            Kind::List("ulimit"),
            "ulimit-add",
            "Add or update a ulimit option",
        )
        .default("[]"),
        Flag::list("ulimit-rm", "Remove a ulimit option"),
        Flag::new(
            Kind::Duration,
            "update-delay",
            "Delay between updates (ns|us|ms|s|m|h)",
        ),
        Flag::text(
            "update-failure-action",
            "Action on update failure (\"pause\", \"continue\", \"rollback\")",
        ),
        Flag::new(
            Kind::Special("float"),
            "update-max-failure-ratio",
            "Failure rate to tolerate during an update",
        ),
        Flag::new(
            Kind::Duration,
            "update-monitor",
            "Duration after each task update to monitor for failure (ns|us|ms|s|m|h)",
        ),
        Flag::text(
            "update-order",
            "Update order (\"start-first\", \"stop-first\")",
        ),
        Flag::new(
            Kind::Uint(64),
            "update-parallelism",
            "Maximum number of tasks updated simultaneously (0 to update all at once)",
        ),
        Flag::text("user", "Username or UID (format: <name|uid>[:<group|gid>])").short('u'),
        Flag::bool(
            "with-registry-auth",
            "Send registry authentication details to swarm agents",
        ),
        Flag::text("workdir", "Working directory inside the container").short('w'),
    ]],
    args: ArgRule::Exactly(1),
    action: verb!(super::none),
    ..Command::BLANK
};
