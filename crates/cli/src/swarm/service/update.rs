//! `docker service update`.

use super::super::progress;
use super::{change, ports, put, references, values};
use crate::args::{ArgRule, Command, Flag, Kind, Parsed, verb};
use crate::container::{checks, mounts};
use crate::pairs;
use crate::session::{Outcome, Session, complaint, refused};

pub(super) static COMMAND: Command = Command {
    name: "update",
    usage: "[OPTIONS] SERVICE",
    short: "Update a service",
    flags: &[&[
        Flag::new(Kind::Special("command"), "args", "Service command args").check(values::check_words),
        Flag::list("cap-add", "Add Linux capabilities"),
        Flag::list("cap-drop", "Drop Linux capabilities"),
        Flag::new(
            Kind::List("config"),
            "config-add",
            "Add or update a config file on a service",
        ).check(references::check_config),
        Flag::list("config-rm", "Remove a configuration file"),
        Flag::list("constraint-add", "Add or update a placement constraint"),
        Flag::list("constraint-rm", "Remove a constraint"),
        Flag::list("container-label-add", "Add or update a container label").check(pairs::check_label),
        Flag::list("container-label-rm", "Remove a container label by its key"),
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
        Flag::list("dns-add", "Add or update a custom DNS server").check(checks::address),
        Flag::list("dns-option-add", "Add or update a DNS option"),
        Flag::list("dns-option-rm", "Remove a DNS option"),
        Flag::list("dns-rm", "Remove a custom DNS server"),
        Flag::list("dns-search-add", "Add or update a custom DNS search domain").check(checks::search_domain),
        Flag::list("dns-search-rm", "Remove a DNS search domain"),
        Flag::text("endpoint-mode", "Endpoint mode (vip or dnsrr)"),
        Flag::new(
            Kind::Special("command"),
            "entrypoint",
            "Overwrite the default ENTRYPOINT of the image",
        )
        .check(values::check_words),
        Flag::list("env-add", "Add or update an environment variable").check(pairs::check_env),
        Flag::list("env-rm", "Remove an environment variable"),
        Flag::bool("force", "Force update even if no changes require it"),
        Flag::list("generic-resource-add", "Add a Generic resource").check(values::check_generic),
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
        Flag::list("host-add", "Add a custom host-to-IP mapping (\"host:ip\")").check(checks::extra_host),
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
        Flag::list("label-add", "Add or update a service label").check(pairs::check_label),
        Flag::list("label-rm", "Remove a label by its key"),
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
        Flag::new(
            Kind::List("mount"),
            "mount-add",
            "Add or update a mount on a service",
        ).check(mounts::check),
        Flag::list("mount-rm", "Remove a mount by its target path"),
        Flag::new(Kind::List("network"), "network-add", "Add a network").check(values::check_network),
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
        ).check(values::check_preference),
        Flag::new(
            Kind::Special("pref"),
            "placement-pref-rm",
            "Remove a placement preference",
        ).check(values::check_preference),
        Flag::new(
            Kind::List("port"),
            "publish-add",
            "Add or update a published port",
        ).check(ports::check),
        Flag::new(
            Kind::List("port"),
            "publish-rm",
            "Remove a published port by its target port",
        ).check(ports::check),
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
        ).check(values::check_float),
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
        ).check(references::check_secret),
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
        ).check(checks::ulimit)
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
        ).check(values::check_float),
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
    action: verb!(run),
    ..Command::BLANK
};

async fn run(session: Session, parsed: Parsed) -> Outcome {
    super::refuse_unmodelled(
        &parsed,
        &[
            "credential-spec",
            "generic-resource-add",
            "generic-resource-rm",
        ],
    )?;
    let client = session.client()?;
    let name = parsed.arg(0);
    let service = client.service_inspect(name, false).map_err(refused)?;
    let rollback = parsed.on("rollback");
    let others = parsed
        .command
        .flags()
        .filter(|flag| !matches!(flag.name, "rollback" | "detach" | "quiet"));
    if rollback && others.into_iter().any(|flag| parsed.given(flag.name)) {
        return Err(complaint("other flags may not be combined with --rollback"));
    }
    let mut spec = service.spec.clone();
    change::change(&client, &parsed, &mut spec).map_err(complaint)?;
    let query = parsed.given("image") && !parsed.on("no-resolve-image");
    let done = put(&session, &client, &service, spec, (rollback, query)).await;
    done.map_err(complaint)?;
    session.line(name);
    if !parsed.on("detach") {
        let waited = progress::wait(&session, &client, name, parsed.on("quiet")).await;
        waited.map_err(complaint)?;
    }
    Ok(0)
}
