//! `docker inspect`, which looks for objects of every type.

use engine::{Class, Client};

use crate::absent::plugin;
use crate::args::{ArgRule, Command, Flag, Parsed, verb};
use crate::container;
use crate::flags::FORMAT;
use crate::go;
use crate::image;
use crate::inspect;
use crate::session::{Outcome, Session, complaint, said};
use crate::swarm;
use crate::template::{Value, value_of};

pub(crate) static COMMAND: Command = Command {
    name: "inspect",
    usage: "[OPTIONS] NAME|ID [NAME|ID...]",
    short: "Return low-level information on Docker objects",
    flags: &[&[
        Flag::text("format", FORMAT).short('f'),
        Flag::bool("size", "Display total file sizes if the type is container").short('s'),
        Flag::text("type", "Only inspect objects of the given type"),
    ]],
    args: ArgRule::AtLeast(1),
    action: verb!(run),
    ..Command::BLANK
};

/// The words that `--type` takes.
const TYPES: [&str; 10] = [
    "config",
    "container",
    "image",
    "network",
    "node",
    "plugin",
    "secret",
    "service",
    "task",
    "volume",
];

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let kind = parsed.text("type");
    if !kind.is_empty() && !TYPES.contains(&kind) {
        let known: Vec<String> = TYPES.iter().map(|word| go::quote(word)).collect();
        return Err(complaint(format!(
            "unknown type: {}: must be one of {}",
            go::quote(kind),
            known.join(", ")
        )));
    }
    let client = session.client()?;
    inspect::objects(
        &session,
        parsed.text("format"),
        &parsed.args,
        async |name: &str| find(&session, &client, &parsed, name),
    )
    .await
}

/// Looks for an object of one kind, or of any.
fn find(session: &Session, client: &Client, parsed: &Parsed, name: &str) -> Result<Value, String> {
    let (kind, size) = (parsed.text("type"), parsed.on("size"));
    match kind {
        "config" | "node" | "secret" | "service" | "task" => {
            return swarm::find(client, kind, name);
        }
        "plugin" => return Err(plugin::missing(name)),
        _ => {}
    }
    let wanted = |this: &str| kind.is_empty() || kind == this;
    // Only containers have sizes that are left out otherwise.
    let sizeless = |of: &str, found: &Result<Value, String>| {
        if size && found.is_ok() {
            session.complain(&format!("WARNING: --size ignored for {of}"));
        }
    };
    let mut missing = format!("Error: No such object: {name}");
    let mut note = |result: Result<Value, engine::Error>| match result {
        Ok(value) => Some(Ok(value)),
        // What cannot be an image's name may be that of something else. Source: docker/cli `system/inspect.go`.
        Err(e) if e.class() == Class::NotFound || said(&e).contains("invalid reference format") => {
            if !kind.is_empty() {
                missing = said(&e);
            }
            None
        }
        Err(e) => Some(Err(said(&e))),
    };
    if wanted("container")
        && let Some(found) = note(container::inspect::object(client, name, size))
    {
        return found;
    }
    if wanted("image")
        && let Some(found) = note(
            client
                .image_inspect(name)
                .map(|it| image::inspect::object(&it, parsed.text("format"))),
        )
    {
        sizeless("image", &found);
        return found;
    }
    if wanted("network")
        && let Some(found) = note(client.network_inspect(name, false).map(|it| value_of(&it)))
    {
        sizeless("network", &found);
        return found;
    }
    if wanted("volume")
        && let Some(found) = note(client.volume_inspect(name).map(|it| value_of(&it)))
    {
        sizeless("volume", &found);
        return found;
    }
    // Managers are asked for what only they know.
    if kind.is_empty() && client.info().is_ok_and(|info| info.swarm.control_available) {
        for kind in ["service", "task", "node", "secret", "config"] {
            if let Ok(found) = swarm::find(client, kind, name) {
                return Ok(found);
            }
        }
    }
    Err(missing)
}
