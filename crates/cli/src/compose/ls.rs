//! `docker compose ls`.

use sorted::SortedMap;

use compose::plan::labels;
use engine::api::{ContainerListOptions, ContainerSummary};

use super::DRY_RUN;
use crate::args::{Action, ArgRule, Command, Flag, Parsed};
use crate::filter;
use crate::format::table;
use crate::session::{Outcome, Session, complaint, refused};
use crate::template::{Value, structure};

pub(super) static COMMAND: Command = Command {
    name: "ls",
    usage: "[OPTIONS]",
    short: "List running compose projects",
    flags: &[&[
        DRY_RUN,
        Flag::bool("all", "Show all stopped Compose projects").short('a'),
        Flag::filter("Filter output based on conditions provided"),
        Flag::text("format", "Format the output. Values: [table | json]").default("table"),
        Flag::bool("quiet", "Only display project names").short('q'),
    ]],
    args: ArgRule::None,
    action: Action::Now(run),
    ..Command::BLANK
};

/// One project.
struct Stack {
    name: String,
    status: String,
    files: String,
}

fn run(session: Session, parsed: Parsed) -> Outcome {
    let filters = filter::gather(parsed.all("filter"));
    if let Some(other) = filters.keys().find(|key| *key != "name") {
        return Err(complaint(format!("invalid filter '{other}'")));
    }
    let options = ContainerListOptions {
        all: parsed.on("all"),
        limit: None,
        filters: SortedMap::from([(
            "label".to_owned(),
            vec![labels::PROJECT.to_owned(), labels::CONFIG_HASH.to_owned()],
        )]),
    };
    let containers = session.client()?.container_list(options).map_err(refused)?;
    let mut stacks = stacks(&containers);
    if let Some(names) = filters.get("name") {
        stacks.retain(|stack| names.iter().any(|name| stack.name.contains(name.as_str())));
    }
    if parsed.on("quiet") {
        for stack in &stacks {
            session.line(&stack.name);
        }
        return Ok(0);
    }
    let text = match parsed.text("format") {
        "json" => json(&stacks),
        "" | "table" | "pretty" => {
            let mut text = String::from("NAME\tSTATUS\tCONFIG FILES\n");
            for stack in &stacks {
                text.push_str(&format!(
                    "{}\t{}\t{}\n",
                    stack.name, stack.status, stack.files
                ));
            }
            table::align_with(&text, 20, 3)
        }
        other => {
            return Err(complaint(format!(
                "format value \"{other}\" could not be parsed: parsing failed"
            )));
        }
    };
    session.sys.out(&text);
    Ok(0)
}

/// Groups containers by project, in the order of the projects' names.
fn stacks(containers: &[ContainerSummary]) -> Vec<Stack> {
    let mut groups: SortedMap<&str, Vec<&ContainerSummary>> = SortedMap::new();
    for container in containers {
        if let Some(project) = container.labels.get(labels::PROJECT) {
            groups.entry(project).or_default().push(container);
        }
    }
    let stack = |(name, own): (&str, Vec<&ContainerSummary>)| Stack {
        name: name.to_owned(),
        status: status(&own),
        files: files(&own),
    };
    groups.into_iter().map(stack).collect()
}

/// How many containers are in each state: `exited(1), running(2)`.
fn status(containers: &[&ContainerSummary]) -> String {
    let mut counts: SortedMap<&str, usize> = SortedMap::new();
    for container in containers {
        *counts.entry(&container.state).or_default() += 1;
    }
    let parts: Vec<String> = counts
        .iter()
        .map(|(state, count)| format!("{state}({count})"))
        .collect();
    parts.join(", ")
}

fn files(containers: &[&ContainerSummary]) -> String {
    let mut files: Vec<&str> = Vec::new();
    for container in containers {
        let Some(label) = container.labels.get(labels::CONFIG_FILES) else {
            return "N/A".into();
        };
        for file in label.split(',') {
            if !files.contains(&file) {
                files.push(file);
            }
        }
    }
    files.join(",")
}

fn json(stacks: &[Stack]) -> String {
    let row = |stack: &Stack| {
        structure(
            "stackView",
            [
                ("Name", Value::str(stack.name.as_str())),
                ("Status", Value::str(stack.status.as_str())),
                ("ConfigFiles", Value::str(stack.files.as_str())),
            ],
        )
    };
    let rows = Value::List(stacks.iter().map(row).collect());
    format!("{}\n", rows.json())
}
