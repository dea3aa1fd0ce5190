//! `docker service create`.

use engine::api::SwarmChange;

use super::super::progress;
use super::flags::SHARED;
use super::{ports, references, spec, values};
use crate::args::{ArgRule, Command, Flag, Kind, Parsed, verb};
use crate::container::{checks, mounts};
use crate::pairs;
use crate::session::{Outcome, Session, complaint, refused};

pub(super) static COMMAND: Command = Command {
    name: "create",
    usage: "[OPTIONS] IMAGE [COMMAND] [ARG...]",
    short: "Create a new service",
    flags: &[
        &[
            Flag::new(
                Kind::List("config"),
                "config",
                "Specify configurations to expose to the service",
            )
            .check(references::check_config),
            Flag::list("constraint", "Placement constraints"),
            Flag::list("container-label", "Container labels").check(pairs::check_label),
            Flag::list("dns", "Set custom DNS servers").check(checks::address),
            Flag::list("dns-option", "Set DNS options"),
            Flag::list("dns-search", "Set custom DNS search domains")
                .check(engine::resolvconf::search_domain),
            Flag::text("endpoint-mode", "Endpoint mode (vip or dnsrr)").default("vip"),
            Flag::list("env", "Set environment variables")
                .check(pairs::check_env)
                .short('e'),
            Flag::list("env-file", "Read in a file of environment variables"),
            Flag::list("generic-resource", "User defined resources").check(values::check_generic),
            Flag::list(
                "group",
                "Set one or more supplementary user groups for the container",
            ),
            Flag::list(
                "host",
                "Set one or more custom host-to-IP mappings (host:ip)",
            )
            .check(checks::extra_host),
            Flag::list("label", "Service labels")
                .check(pairs::check_label)
                .short('l'),
            Flag::text(
                "mode",
                "Service mode (\"replicated\", \"global\", \"replicated-job\", \"global-job\")",
            )
            .default("replicated"),
            Flag::new(
                Kind::List("mount"),
                "mount",
                "Attach a filesystem mount to the service",
            )
            .check(mounts::check),
            Flag::text("name", "Service name"),
            Flag::new(Kind::List("network"), "network", "Network attachments")
                .check(values::check_network),
            Flag::new(
                Kind::Special("pref"),
                "placement-pref",
                "Add a placement preference",
            )
            .check(values::check_preference),
            Flag::new(
                Kind::List("port"),
                "publish",
                "Publish a port as a node port",
            )
            .check(ports::check)
            .short('p'),
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
            .check(values::check_float)
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
            )
            .check(references::check_secret),
            Flag::new(
                Kind::Duration,
                "stop-grace-period",
                "Time to wait before force killing a container (ns|us|ms|s|m|h)",
            )
            .default("10s"),
            Flag::list("sysctl", "Sysctl options"),
            Flag::new(Kind::List("ulimit"), "ulimit", "Ulimit options")
                .check(checks::ulimit)
                .default("[]"),
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
            .check(values::check_float)
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
        ],
        SHARED,
    ],
    args: ArgRule::AtLeast(1),
    interspersed: false,
    action: verb!(run),
    ..Command::BLANK
};

async fn run(session: Session, parsed: Parsed) -> Outcome {
    super::refuse_unmodelled(&parsed, &["credential-spec", "generic-resource"])?;
    let client = session.client()?;
    let mut spec = spec::spec(&session.sys, &client, &parsed).map_err(complaint)?;
    super::name_image(&mut spec);
    let change = SwarmChange::ServiceCreate {
        spec: Box::new(spec),
        query_registry: !parsed.on("no-resolve-image"),
    };
    let made = client.swarm_change(change).await.map_err(refused)?;
    for warning in made.warnings {
        session.complain(&warning);
    }
    session.line(&made.id);
    if !parsed.on("detach") {
        let waited = progress::wait(&session, &client, &made.id, parsed.on("quiet")).await;
        waited.map_err(complaint)?;
    }
    Ok(0)
}
