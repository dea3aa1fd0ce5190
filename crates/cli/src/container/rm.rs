//! `docker container rm`.

use engine::Class;
use engine::api::RemoveOptions;

use crate::args::{ArgRule, Command, Flag, Parsed, verb};
use crate::each;
use crate::session::{Outcome, Session, complaint, said};

pub(crate) static COMMAND: Command = Command {
    name: "rm",
    usage: "[OPTIONS] CONTAINER [CONTAINER...]",
    short: "Remove one or more containers",
    aliases: &["remove"],
    known_as: "docker container rm, docker container remove, docker rm",
    flags: &[&[
        Flag::bool(
            "force",
            "Force the removal of a running container (uses SIGKILL)",
        )
        .short('f'),
        Flag::bool("link", "Remove the specified link").short('l'),
        Flag::bool(
            "volumes",
            "Remove anonymous volumes associated with the container",
        )
        .short('v'),
    ]],
    args: ArgRule::AtLeast(1),
    action: verb!(run),
    ..Command::BLANK
};

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let client = session.client()?;
    let force = parsed.on("force");
    let options = RemoveOptions {
        force,
        volumes: parsed.on("volumes"),
        link: parsed.on("link"),
    };
    let names = parsed.args.iter().map(|name| name.trim_matches('/'));
    let results = each::all(
        names
            .map(|name| client.container_remove(name, options.clone()))
            .collect(),
    )
    .await;
    let mut complaints = Vec::new();
    for (name, result) in parsed.args.iter().zip(results) {
        match result {
            Ok(()) => session.line(name),
            // With --force, what is not there needs no removing: docker says so and is content.
            Err(e) if force && e.class() == Class::NotFound => session.complain(&said(&e)),
            Err(_) if name.trim_matches('/').is_empty() => {
                complaints.push("container name cannot be empty".to_owned());
            }
            Err(e) => complaints.push(said(&e)),
        }
    }
    match complaints.is_empty() {
        true => Ok(0),
        false => Err(complaint(complaints.join("\n"))),
    }
}
