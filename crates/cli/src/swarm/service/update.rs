//! `docker service update`.

use super::super::progress;
use super::flags::SHARED;
use super::{change, ports, put, references, values};
use crate::args::{ArgRule, Command, Flag, Kind, Parsed, verb};
use crate::container::{checks, mounts};
use crate::pairs;
use crate::session::{Outcome, Session, complaint, refused};

pub(super) static COMMAND: Command = Command {
    name: "update",
    usage: "[OPTIONS] SERVICE",
    short: "Update a service",
    flags: &[
        &[
            Flag::new(Kind::Special("command"), "args", "Service command args")
                .check(values::check_words),
            Flag::new(
                Kind::List("config"),
                "config-add",
                "Add or update a config file on a service",
            )
            .check(references::check_config),
            Flag::list("config-rm", "Remove a configuration file"),
            Flag::list("constraint-add", "Add or update a placement constraint"),
            Flag::list("constraint-rm", "Remove a constraint"),
            Flag::list("container-label-add", "Add or update a container label")
                .check(pairs::check_label),
            Flag::list("container-label-rm", "Remove a container label by its key"),
            Flag::list("dns-add", "Add or update a custom DNS server").check(checks::address),
            Flag::list("dns-option-add", "Add or update a DNS option"),
            Flag::list("dns-option-rm", "Remove a DNS option"),
            Flag::list("dns-rm", "Remove a custom DNS server"),
            Flag::list("dns-search-add", "Add or update a custom DNS search domain")
                .check(engine::resolvconf::search_domain),
            Flag::list("dns-search-rm", "Remove a DNS search domain"),
            Flag::text("endpoint-mode", "Endpoint mode (vip or dnsrr)"),
            Flag::list("env-add", "Add or update an environment variable").check(pairs::check_env),
            Flag::list("env-rm", "Remove an environment variable"),
            Flag::bool("force", "Force update even if no changes require it"),
            Flag::list("generic-resource-add", "Add a Generic resource")
                .check(values::check_generic),
            Flag::list("generic-resource-rm", "Remove a Generic resource"),
            Flag::list(
                "group-add",
                "Add an additional supplementary user group to the container",
            ),
            Flag::list(
                "group-rm",
                "Remove a previously added supplementary user group from the container",
            ),
            Flag::list("host-add", "Add a custom host-to-IP mapping (\"host:ip\")")
                .check(checks::extra_host),
            Flag::list(
                "host-rm",
                "Remove a custom host-to-IP mapping (\"host:ip\")",
            ),
            Flag::text("image", "Service image tag"),
            Flag::list("label-add", "Add or update a service label").check(pairs::check_label),
            Flag::list("label-rm", "Remove a label by its key"),
            Flag::new(
                Kind::List("mount"),
                "mount-add",
                "Add or update a mount on a service",
            )
            .check(mounts::check),
            Flag::list("mount-rm", "Remove a mount by its target path"),
            Flag::new(Kind::List("network"), "network-add", "Add a network")
                .check(values::check_network),
            Flag::list("network-rm", "Remove a network"),
            Flag::new(
                Kind::Special("pref"),
                "placement-pref-add",
                "Add a placement preference",
            )
            .check(values::check_preference),
            Flag::new(
                Kind::Special("pref"),
                "placement-pref-rm",
                "Remove a placement preference",
            )
            .check(values::check_preference),
            Flag::new(
                Kind::List("port"),
                "publish-add",
                "Add or update a published port",
            )
            .check(ports::check),
            Flag::new(
                Kind::List("port"),
                "publish-rm",
                "Remove a published port by its target port",
            )
            .check(ports::check),
            Flag::text(
                "restart-condition",
                "Restart when condition is met (\"none\", \"on-failure\", \"any\")",
            ),
            Flag::new(
                Kind::Duration,
                "restart-delay",
                "Delay between restart attempts (ns|us|ms|s|m|h)",
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
            )
            .check(values::check_float),
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
            )
            .check(references::check_secret),
            Flag::list("secret-rm", "Remove a secret"),
            Flag::new(
                Kind::Duration,
                "stop-grace-period",
                "Time to wait before force killing a container (ns|us|ms|s|m|h)",
            ),
            Flag::list("sysctl-add", "Add or update a Sysctl option"),
            Flag::list("sysctl-rm", "Remove a Sysctl option"),
            Flag::new(
                Kind::List("ulimit"),
                "ulimit-add",
                "Add or update a ulimit option",
            )
            .check(checks::ulimit)
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
            )
            .check(values::check_float),
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
        ],
        SHARED,
    ],
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
