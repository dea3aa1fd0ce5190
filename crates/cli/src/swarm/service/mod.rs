//! `docker service`.

pub(super) mod list;
pub(super) mod references;

mod capabilities;
mod change;
mod create;
mod flags;
mod logs;
mod ports;
mod pretty;
mod spec;
mod update;
mod values;

use engine::Client;
use engine::api::{Service, ServiceSpec, SwarmChange};

use super::{joined, progress, tasks};
use crate::args::{Action, ArgRule, Command, Flag, Parsed, Section, verb};
use crate::filter;
use crate::flags::{FORMAT, FORMAT_LIST};
use crate::image;
use crate::session::{Failure, Outcome, Session, complaint, refused, said};
pub(super) use capabilities::effective as effective_capabilities;
use create::COMMAND as CREATE;
use update::COMMAND as UPDATE;
pub(super) use values::nano_cpus;

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

pub(crate) static INSPECT: Command = Command {
    name: "inspect",
    usage: "[OPTIONS] SERVICE [SERVICE...]",
    short: "Display detailed information on one or more services",
    flags: &[&[
        Flag::text("format", FORMAT).short('f'),
        Flag::bool("pretty", "Print the information in a human friendly format"),
    ]],
    args: ArgRule::AtLeast(1),
    action: verb!(inspect),
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
    action: verb!(logs::run),
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
    action: Action::Now(ls),
    ..Command::BLANK
};

pub(crate) static PS: Command = Command {
    name: "ps",
    usage: "[OPTIONS] SERVICE [SERVICE...]",
    short: "List the tasks of one or more services",
    flags: &[
        tasks::FLAGS,
        &[Flag::text(
            "format",
            "Pretty-print tasks using a Go template",
        )],
    ],
    args: ArgRule::AtLeast(1),
    action: Action::Now(ps),
    ..Command::BLANK
};

pub(crate) static RM: Command = Command {
    name: "rm",
    usage: "SERVICE [SERVICE...]",
    short: "Remove one or more services",
    aliases: &["remove"],
    known_as: "docker service rm, docker service remove",
    args: ArgRule::AtLeast(1),
    action: verb!(rm),
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
    action: verb!(rollback),
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
    action: verb!(scale),
    ..Command::BLANK
};

async fn inspect(session: Session, parsed: Parsed) -> Outcome {
    super::inspect(&session, &parsed, "service", |client, name| {
        let service = client.service_inspect(name, true)?;
        Ok(pretty::service(client, &service, session.now()))
    })
    .await
}

fn ls(session: Session, parsed: Parsed) -> Outcome {
    let filters = filter::gather(parsed.all("filter"));
    let services = session.client()?.service_list(filters, true);
    list::print(&session, &parsed, services.map_err(refused)?)
}

/// Lists the tasks of services, which are found by id, by name, or by the beginning of the id.
fn ps(session: Session, parsed: Parsed) -> Outcome {
    let client = session.client()?;
    let named = |filter: &str| {
        let names = [(filter.to_owned(), parsed.args.clone())];
        client.service_list(names.into_iter().collect::<engine::api::Filters>(), false)
    };
    let (by_id, by_name) = (
        named("id").map_err(refused)?,
        named("name").map_err(refused)?,
    );
    let mut filters = filter::gather(parsed.all("filter"));
    let mut missing = Vec::new();
    for name in &parsed.args {
        let whole = by_id.iter().find(|s| s.id == *name);
        let whole = whole.or_else(|| by_name.iter().find(|s| s.spec.name == *name));
        let found: Vec<&Service> = match whole {
            Some(service) => vec![service],
            None => by_id
                .iter()
                .filter(|s| s.id.starts_with(name.as_str()))
                .collect(),
        };
        match found.as_slice() {
            [] => missing.push(format!("no such service: {name}")),
            [service] => filters
                .entry("service".into())
                .or_default()
                .push(service.id.clone()),
            _ => {
                return Err(complaint(format!(
                    "multiple services found with provided prefix: {name}"
                )));
            }
        }
    }
    if missing.len() == parsed.args.len() {
        return joined(missing);
    }
    for node in filters.get_mut("node").into_iter().flatten() {
        if node == "self" {
            *node = super::node::own(&client, "self");
        }
    }
    let found = client.task_list(filters).map_err(refused)?;
    let cut = !parsed.on("no-trunc") && !parsed.on("quiet");
    tasks::print(&session, &client, found, &parsed, cut)?;
    joined(missing)
}

async fn rm(session: Session, parsed: Parsed) -> Outcome {
    super::remove(&session, &parsed.args, |id| SwarmChange::ServiceRemove {
        id,
    })
    .await
}

/// Refuses flags that real docker knows and the simulation does not follow.
fn refuse_unmodelled(parsed: &Parsed, flags: &[&str]) -> Result<(), Failure> {
    match flags.iter().find(|flag| parsed.given(flag)) {
        Some(flag) => Err(complaint(format!(
            "--{flag}: not modelled in this simulation"
        ))),
        None => Ok(()),
    }
}

/// Asks managers to make a service like `spec`, and tells what they warn of.
pub(super) async fn put(
    session: &Session,
    client: &Client,
    service: &Service,
    mut spec: ServiceSpec,
    (rollback, query_registry): (bool, bool),
) -> Result<(), String> {
    name_image(&mut spec);
    let change = SwarmChange::Service {
        id: service.id.clone(),
        version: service.version.index,
        spec: Box::new(spec),
        rollback,
        query_registry,
    };
    let changed = client.swarm_change(change).await;
    for warning in changed.map_err(|error| said(&error))?.warnings {
        session.complain(&warning);
    }
    Ok(())
}

/// Gives an image without a tag the tag `latest`, as the client's library does.
pub(super) fn name_image(spec: &mut ServiceSpec) {
    if let Some(container) = &mut spec.task_template.container_spec
        && image::pull::check_name(&container.image).is_ok()
    {
        container.image = image::pull::with_tag(&container.image);
    }
}

async fn rollback(session: Session, parsed: Parsed) -> Outcome {
    let client = session.client()?;
    let name = parsed.arg(0);
    let service = client.service_inspect(name, false).map_err(refused)?;
    let spec = service.spec.clone();
    let put = put(&session, &client, &service, spec, (true, false)).await;
    put.map_err(complaint)?;
    session.line(name);
    if !parsed.on("detach") {
        let waited = progress::wait(&session, &client, name, parsed.on("quiet")).await;
        waited.map_err(complaint)?;
    }
    Ok(0)
}

async fn scale(session: Session, parsed: Parsed) -> Outcome {
    let halves = |arg: &String| match arg.split_once('=') {
        Some((name, number)) if !name.is_empty() && !number.is_empty() => {
            Some((name.to_owned(), number.to_owned()))
        }
        _ => None,
    };
    if let Some(bad) = parsed.args.iter().find(|arg| halves(arg).is_none()) {
        return Err(complaint(format!(
            "invalid scale specifier '{bad}'.\nSee '{path} --help'.\n\nUsage:  {}\n\n{}",
            crate::args::use_line(parsed.command, &parsed.path),
            parsed.command.short,
            path = parsed.path,
        )));
    }
    let client = session.client()?;
    let (mut scaled, mut complaints) = (Vec::new(), Vec::new());
    for (name, text) in parsed.args.iter().filter_map(halves) {
        let done = match crate::go::parse_uint(&text, 64) {
            Err(why) => Err(format!("invalid replicas value {text}: {why}")),
            Ok(number) => scale_one(&session, &client, &name, number).await,
        };
        match done {
            Ok(()) => {
                session.line(&format!("{name} scaled to {text}"));
                scaled.push(name);
            }
            Err(why) => complaints.push(format!("{name}: {why}")),
        }
    }
    if !parsed.on("detach") {
        for name in scaled {
            if let Err(why) = progress::wait(&session, &client, &name, false).await {
                complaints.push(format!("{name}: {why}"));
            }
        }
    }
    joined(complaints)
}

async fn scale_one(
    session: &Session,
    client: &Client,
    name: &str,
    number: u64,
) -> Result<(), String> {
    let service = client.service_inspect(name, false);
    let service = service.map_err(|error| said(&error))?;
    let mut spec = service.spec.clone();
    if let Some(mode) = &mut spec.mode.replicated {
        mode.replicas = Some(number);
    } else if let Some(job) = &mut spec.mode.replicated_job {
        job.total_completions = Some(number);
    } else {
        return Err("scale can only be used with replicated or replicated-job mode".into());
    }
    put(session, client, &service, spec, (false, false)).await
}
