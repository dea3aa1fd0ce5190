//! `docker stack`.

mod convert;
mod deploy;
mod remove;

use engine::api::{Filters, Service};
use sorted::SortedMap;

use super::{service, tasks};
use crate::args::{Action, ArgRule, Command, Flag, Parsed, Section, verb};
use crate::filter;
use crate::flags::FORMAT_LIST;
use crate::format::list::{Layout, render};
use crate::format::text::natural;
use crate::go;
use crate::session::{Outcome, Session, complaint, refused};
use crate::template::{Labels, Value};

pub(crate) static COMMAND: Command = Command {
    name: "stack",
    usage: "[OPTIONS]",
    short: "Manage Swarm stacks",
    sections: &[Section {
        title: "Commands",
        commands: &[&CONFIG, &DEPLOY, &LS, &PS, &RM, &SERVICES],
    }],
    args: ArgRule::None,
    swarm_only: true,
    ..Command::BLANK
};

pub(crate) static CONFIG: Command = Command {
    name: "config",
    usage: "[OPTIONS]",
    short: "Outputs the final config file, after doing merges and interpolations",
    flags: &[&[
        Flag::strings(
            "compose-file",
            "Path to a Compose file, or \"-\" to read from stdin",
        )
        .short('c'),
        Flag::bool(
            "skip-interpolation",
            "Skip interpolation and output only merged config",
        ),
    ]],
    args: ArgRule::None,
    action: verb!(deploy::config),
    ..Command::BLANK
};

pub(crate) static DEPLOY: Command = Command {
    name: "deploy",
    usage: "[OPTIONS] STACK",
    short: "Deploy a new stack or update an existing stack",
    aliases: &["up"],
    known_as: "docker stack deploy, docker stack up",
    flags: &[&[
        Flag::strings("compose-file", "Path to a Compose file, or \"-\" to read from stdin").short('c'),
        Flag::bool("detach", "Exit immediately instead of waiting for the stack services to converge").short('d').default("true"),
        Flag::bool("prune", "Prune services that are no longer referenced"),
        Flag::bool("quiet", "Suppress progress output").short('q'),
        Flag::text("resolve-image", "Query the registry to resolve image digest and supported platforms (\"always\", \"changed\", \"never\")").default("always"),
        Flag::bool("with-registry-auth", "Send registry authentication details to Swarm agents"),
    ]],
    args: ArgRule::Exactly(1),
    action: verb!(deploy::run),
    ..Command::BLANK
};

pub(crate) static LS: Command = Command {
    name: "ls",
    usage: "[OPTIONS]",
    short: "List stacks",
    aliases: &["list"],
    known_as: "docker stack ls, docker stack list",
    flags: &[&[Flag::text("format", FORMAT_LIST)]],
    args: ArgRule::None,
    action: Action::Now(ls),
    ..Command::BLANK
};

pub(crate) static PS: Command = Command {
    name: "ps",
    usage: "[OPTIONS] STACK",
    short: "List the tasks in the stack",
    flags: &[tasks::FLAGS, &[Flag::text("format", FORMAT_LIST)]],
    args: ArgRule::Exactly(1),
    action: Action::Now(ps),
    ..Command::BLANK
};

pub(crate) static RM: Command = Command {
    name: "rm",
    usage: "[OPTIONS] STACK [STACK...]",
    short: "Remove one or more stacks",
    aliases: &["remove", "down"],
    known_as: "docker stack rm, docker stack remove, docker stack down",
    flags: &[&[Flag::bool("detach", "Do not wait for stack removal")
        .short('d')
        .default("true")]],
    args: ArgRule::AtLeast(1),
    action: verb!(remove::run),
    ..Command::BLANK
};

pub(crate) static SERVICES: Command = Command {
    name: "services",
    usage: "[OPTIONS] STACK",
    short: "List the services in the stack",
    flags: &[&[
        Flag::filter("Filter output based on conditions provided").short('f'),
        Flag::text("format", FORMAT_LIST),
        Flag::bool("quiet", "Only display IDs").short('q'),
    ]],
    args: ArgRule::Exactly(1),
    action: Action::Now(services),
    ..Command::BLANK
};

/// The label that says to which stack something belongs.
const LABEL: &str = "com.docker.stack.namespace";

/// The filter that finds what belongs to a stack.
fn of(stack: &str, mut filters: Filters) -> Filters {
    let labels = filters.entry("label".into()).or_default();
    labels.push(format!("{LABEL}={stack}"));
    filters
}

/// Rejects a name that says nothing.
fn check_name(name: &str) -> Result<(), String> {
    match name.trim_matches(|c: char| c.is_whitespace() || c == '"' || c == '\'') {
        "" => Err(format!("invalid stack name: {}", go::quote(name))),
        _ => Ok(()),
    }
}

const LAYOUT: Layout = Layout {
    table: "{{.Name}}\t{{.Services}}",
    row_type: "*formatter.stackContext",
    headings: &[("Name", "NAME"), ("Services", "SERVICES")],
};

fn ls(session: Session, parsed: Parsed) -> Outcome {
    let labelled = [("label".to_owned(), vec![LABEL.to_owned()])];
    let filters: Filters = labelled.into_iter().collect();
    let services = session.client()?.service_list(filters, false);
    let mut counts: SortedMap<String, usize> = SortedMap::new();
    for Service { spec, .. } in services.map_err(refused)? {
        if let Some(stack) = spec.labels.get(LABEL) {
            *counts.entry(stack.clone()).or_insert(0) += 1;
        }
    }
    let mut stacks: Vec<(String, usize)> = counts.into_iter().collect();
    sorted::sort_by(&mut stacks, |a, b| natural(&a.0, &b.0));
    let row = |(name, count): (String, usize)| {
        let columns = vec![("Name", name), ("Services", count.to_string())];
        Value::row(LAYOUT.row_type, columns, Labels::None)
    };
    let rows: Vec<Value> = stacks.into_iter().map(row).collect();
    let text = render(&LAYOUT, parsed.text("format"), &rows).map_err(complaint)?;
    session.sys.out(&text);
    Ok(0)
}

fn ps(session: Session, parsed: Parsed) -> Outcome {
    let stack = parsed.arg(0);
    check_name(stack).map_err(complaint)?;
    let client = session.client()?;
    let filters = of(stack, filter::gather(parsed.all("filter")));
    let found = client.task_list(filters).map_err(refused)?;
    if found.is_empty() {
        return Err(complaint(format!("nothing found in stack: {stack}")));
    }
    tasks::print(&session, &client, found, &parsed, !parsed.on("no-trunc"))
}

fn services(session: Session, parsed: Parsed) -> Outcome {
    let stack = parsed.arg(0);
    check_name(stack).map_err(complaint)?;
    let filters = of(stack, filter::gather(parsed.all("filter")));
    let found = session.client()?.service_list(filters, true);
    let found = found.map_err(refused)?;
    if found.is_empty() {
        session.complain(&format!("Nothing found in stack: {stack}"));
        return Ok(0);
    }
    service::list::print(&session, &parsed, found)
}
