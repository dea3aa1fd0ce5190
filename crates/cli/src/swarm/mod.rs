//! Commands of a swarm.

pub(crate) mod config;
pub(crate) mod node;
pub(crate) mod secret;
pub(crate) mod service;
pub(crate) mod stack;
#[expect(
    clippy::module_inception,
    reason = "the file is named after the command"
)]
pub(crate) mod swarm;

mod files;
mod join;
mod progress;
mod settings;
mod tasks;

use engine::Client;
use engine::api::{SwarmChange, SwarmDriver};
use engine::clock::human;
use sorted::SortedMap;

use crate::args::Parsed;
use crate::each;
use crate::format::time;
use crate::session::{Failure, Outcome, Session, complaint, said};
use crate::template::{Value, value_of};

/// Finds an object of a swarm by its kind. Errors: the whole sentence.
pub(crate) fn find(client: &Client, kind: &str, name: &str) -> Result<Value, String> {
    let found = match kind {
        "node" => client
            .node_inspect(node::own(client, name))
            .map(|it| value_of(&it)),
        "service" => client.service_inspect(name, true).map(|it| value_of(&it)),
        "task" => client.task_inspect(name).map(|it| value_of(&it)),
        "secret" => client.secret_inspect(name).map(|it| value_of(&it)),
        _ => client.config_inspect(name).map(|it| value_of(&it)),
    };
    let go_type = match kind {
        "node" => "swarm.Node",
        "service" => "swarm.Service",
        "task" => "swarm.Task",
        "secret" => "swarm.Secret",
        _ => "swarm.Config",
    };
    match found {
        Ok(value) => Ok(value.named(go_type)),
        Err(error) if kind == "service" && error.class() == engine::Class::NotFound => {
            Err(format!("Error: no such service: {name}"))
        }
        Err(error) => Err(said(&error)),
    }
}

/// `inspect` of one kind of object, with `--pretty` or without.
async fn inspect(
    session: &Session,
    parsed: &Parsed,
    kind: &str,
    pretty: impl Fn(&Client, &str) -> Result<String, engine::Error>,
) -> Outcome {
    let client = session.client()?;
    if !parsed.on("pretty") {
        let get = async |name: &str| find(&client, kind, name);
        return crate::inspect::typed_objects(session, parsed.text("format"), &parsed.args, get)
            .await;
    }
    let mut text = String::new();
    for name in &parsed.args {
        match pretty(&client, name) {
            Ok(one) => text.push_str(&one),
            // As without `--pretty`, so that there is one place that words it.
            Err(error) => {
                return Err(complaint(match find(&client, kind, name) {
                    Err(why) => why,
                    Ok(_) => said(&error),
                }));
            }
        }
    }
    session.sys.out(&text);
    Ok(0)
}

/// `rm` of one kind of object: the names of what went, then all complaints.
async fn remove(
    session: &Session,
    names: &[String],
    change: impl Fn(String) -> SwarmChange,
) -> Outcome {
    let client = session.client()?;
    let mut results = Vec::new();
    for name in names {
        let removed = client.swarm_change(change(name.clone())).await;
        results.push(removed.map(|_changed| ()));
    }
    each::report(session, names, results)
}

/// A plug-in without options.
fn driver(name: &str) -> SwarmDriver {
    SwarmDriver {
        name: name.to_owned(),
        ..SwarmDriver::default()
    }
}

/// Writes a word as people read it: all small but the first letter. Source: docker/cli `formatter.PrettyPrint`.
fn pretty(text: &str) -> String {
    let small = text.to_lowercase();
    let mut letters = small.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

/// Says how long ago an RFC 3339 moment was.
fn age_ago(moment: &str, now: i64) -> String {
    let then = time::parse(moment).map_or(now, |(seconds, _)| seconds);
    format!("{} ago", human(now - then))
}

/// Writes labels below a heading; nothing if there are none.
fn lines(heading: &str, before: &str, labels: &SortedMap<String, String>) -> String {
    let mut out = String::new();
    for (key, value) in labels {
        if out.is_empty() {
            out.push_str(heading);
        }
        let equals = if value.is_empty() { "" } else { "=" };
        out.push_str(&format!("{before}{key}{equals}{value}\n"));
    }
    out
}

/// Joins several complaints as Go's `errors.Join` does.
fn joined(complaints: Vec<String>) -> Outcome {
    match complaints.is_empty() {
        true => Ok(0),
        false => Err(Failure {
            text: complaints.join("\n"),
            code: 1,
        }),
    }
}
