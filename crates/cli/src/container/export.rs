//! `docker container export`. Source: docker/cli `container/export.go`.

use crate::args::{ArgRule, Command, Flag, Parsed, verb};
use crate::output::Output;
use crate::session::{Outcome, Session, refused};

pub(crate) static COMMAND: Command = Command {
    name: "export",
    usage: "[OPTIONS] CONTAINER",
    short: "Export a container's filesystem as a tar archive",
    known_as: "docker container export, docker export",
    flags: &[&[Flag::text("output", "Write to a file, instead of STDOUT").short('o')]],
    args: ArgRule::Exactly(1),
    action: verb!(run),
    ..Command::BLANK
};

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let client = session.client()?;
    let output = Output::open(&session, parsed.text("output"), "export container")?;
    let bytes = client.container_export(parsed.arg(0)).map_err(refused)?;
    output.write(&session, &bytes).await
}
