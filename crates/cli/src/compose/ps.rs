//! `docker compose ps`.

use engine::api::{ContainerInspect, ContainerSummary};
use engine::clock::human;

use super::DRY_RUN;
use super::context::{Compose, Scope, seen};
use crate::args::{Command, Flag, Kind, Parsed, verb};
use crate::flags::FORMAT_LIST;
use crate::format::list::{Layout, labels, render};
use crate::format::ports::{Port, displayable};
use crate::format::text::{ellipsis, short_id};
use crate::format::time;
use crate::go;
use crate::session::{Outcome, Session, complaint, refused};
use crate::template::{Labels, Value, structure};
use crate::volume::{local_volumes, mount_name};

pub(super) static COMMAND: Command = Command {
    name: "ps",
    usage: "[OPTIONS] [SERVICE...]",
    short: "List containers",
    flags: &[&[
        DRY_RUN,
        Flag::bool(
            "all",
            "Show all stopped containers (including those created by the run command)",
        )
        .short('a'),
        Flag::text(
            "filter",
            "Filter services by a property (supported filters: status)",
        ),
        Flag::text("format", FORMAT_LIST).default("table"),
        Flag::bool("no-trunc", "Don't truncate output"),
        Flag::bool(
            "orphans",
            "Include orphaned services (not declared by project)",
        )
        .default("true"),
        Flag::bool("quiet", "Only display IDs").short('q'),
        Flag::bool("services", "Display services"),
        Flag::new(
            Kind::List("stringArray"),
            "status",
            "Filter services by status. Values: [paused | restarting | removing | running | dead | created | exited]",
        ),
    ]],
    action: verb!(run),
    ..Command::BLANK
};

/// Compose gives these columns no heading, and Go prints that.
const UNNAMED: &str = "<no value>";

const LAYOUT: Layout = Layout {
    table: "{{.Name}}\t{{.Image}}\t{{.Command}}\t{{.Service}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}",
    row_type: "*formatter.ContainerContext",
    headings: &[
        ("ID", "CONTAINER ID"),
        ("Name", "NAME"),
        ("Names", UNNAMED),
        ("Image", "IMAGE"),
        ("Command", "COMMAND"),
        ("Service", "SERVICE"),
        ("Project", "PROJECT"),
        ("CreatedAt", "CREATED AT"),
        ("RunningFor", "CREATED"),
        ("ExitCode", UNNAMED),
        ("State", "STATE"),
        ("Status", "STATUS"),
        ("Health", UNNAMED),
        ("Publishers", UNNAMED),
        ("Ports", "PORTS"),
        ("Labels", "LABELS"),
        ("Mounts", UNNAMED),
        ("LocalVolumes", UNNAMED),
        ("Networks", UNNAMED),
        ("Size", "SIZE"),
    ],
};

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let compose = Compose::new(session, &parsed)?;
    let states = states(&parsed).map_err(complaint)?;
    let named = compose.named(&parsed.args).await?;
    let all = parsed.on("all");
    let scope = Scope {
        stopped: all || !states.is_empty(),
        one_off: all,
    };
    let mut containers = compose.summaries(&named.name, scope)?;
    containers.retain(|container| {
        let service = seen(container).service;
        let known = |p: &compose::model::Project| {
            p.services.contains_key(&service) || p.disabled_services.contains_key(&service)
        };
        (parsed.args.is_empty() || parsed.args.contains(&service))
            && (parsed.on("orphans") || named.project.as_ref().is_none_or(known))
            && (states.is_empty() || states.contains(&container.state))
    });
    sorted::sort_by_key(&mut containers, |container| seen(container).name);
    if parsed.on("quiet") {
        for container in &containers {
            compose.session.line(&container.id);
        }
        return Ok(0);
    }
    if parsed.on("services") {
        let mut services: Vec<String> = Vec::new();
        for container in &containers {
            let service = seen(container).service;
            if !services.contains(&service) {
                services.push(service);
            }
        }
        compose.session.line(&services.join("\n"));
        return Ok(0);
    }
    let client = compose.client()?;
    let mut rows = Vec::new();
    for container in &containers {
        let inspected = client
            .container_inspect(container.id.as_str())
            .map_err(refused)?;
        rows.push(row(
            container,
            &inspected,
            parsed.on("no-trunc"),
            compose.session.now(),
        ));
    }
    let text = render(&LAYOUT, parsed.text("format"), &rows).map_err(complaint)?;
    compose.session.sys.out(&text);
    Ok(0)
}

/// Reads `--status`, and `--filter status=STATE`.
fn states(parsed: &Parsed) -> Result<Vec<String>, String> {
    let mut states = parsed.all("status").to_vec();
    let filter = parsed.text("filter");
    if !filter.is_empty() {
        match filter.split_once('=') {
            Some(("status", state)) => states.push(state.to_owned()),
            Some(("source", _)) => return Err("not implemented".into()),
            Some((other, _)) => return Err(format!("unknown filter {other}")),
            None => return Err("arguments to --filter should be in form KEY=VAL".into()),
        }
    }
    Ok(states)
}

fn row(container: &ContainerSummary, inspected: &ContainerInspect, whole: bool, now: i64) -> Value {
    let known = seen(container);
    let ports: Vec<Port<'_>> = container
        .ports
        .iter()
        .map(|p| Port {
            ip: &p.ip,
            private: p.private_port,
            public: p.public_port,
            protocol: &p.protocol,
        })
        .collect();
    let publishers = container
        .ports
        .iter()
        .map(|p| {
            structure(
                "api.PortPublisher",
                [
                    ("URL", Value::str(p.ip.as_str())),
                    ("TargetPort", Value::Int(p.private_port.into())),
                    ("PublishedPort", Value::Int(p.public_port.into())),
                    ("Protocol", Value::str(p.protocol.as_str())),
                ],
            )
        })
        .collect();
    let networks = &container.network_settings.networks;
    let networks: Vec<&str> = networks.keys().map(String::as_str).collect();
    let mounts = container.mounts.iter().map(|mount| match whole {
        true => mount_name(mount).to_owned(),
        false => ellipsis(mount_name(mount), 15),
    });
    let command = match whole {
        true => container.command.clone(),
        false => ellipsis(&container.command, 20),
    };
    let health = inspected.state.health.as_ref();
    // One that could not be started keeps a code, of which Compose does not ask.
    let code = match inspected.state.status.as_str() {
        "exited" | "dead" => inspected.state.exit_code,
        _ => 0,
    };
    let columns = vec![
        (
            "ID",
            match whole {
                true => container.id.clone(),
                false => short_id(&container.id),
            },
        ),
        ("Name", known.name.clone()),
        ("Names", known.name),
        ("Image", container.image.clone()),
        ("Command", go::quote(&command)),
        ("Service", known.service),
        (
            "Project",
            container
                .labels
                .get(compose::plan::labels::PROJECT)
                .cloned()
                .unwrap_or_default(),
        ),
        ("CreatedAt", time::moment(container.created)),
        (
            "RunningFor",
            format!("{} ago", human(now.saturating_sub(container.created))),
        ),
        ("State", container.state.clone()),
        ("Status", container.status.clone()),
        (
            "Health",
            health.map_or_else(String::new, |h| h.status.clone()),
        ),
        ("Ports", displayable(&ports)),
        ("Labels", labels(&container.labels)),
        ("Mounts", mounts.collect::<Vec<_>>().join(",")),
        ("LocalVolumes", local_volumes(&container.mounts)),
        ("Networks", networks.join(",")),
        ("Size", "0B".to_owned()),
    ];
    Value::row(
        LAYOUT.row_type,
        columns,
        Labels::Values(container.labels.clone()),
    )
    .with("ExitCode", Value::Int(code))
    .with("Publishers", Value::List(publishers))
}
