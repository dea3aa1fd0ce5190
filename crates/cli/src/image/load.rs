//! `docker image load`. Source: docker/cli `image/load.go`.

use super::archive::read;
use super::platform;
use super::pull::bad_platform;
use crate::args::{ArgRule, Command, Flag, Parsed, verb};
use crate::session::{Outcome, STDIN, Session, complaint};

pub(crate) static COMMAND: Command = Command {
    name: "load",
    usage: "[OPTIONS]",
    short: "Load an image from a tar archive or STDIN",
    known_as: "docker image load, docker load",
    flags: &[&[
        Flag::text("input", "Read from tar archive file, instead of STDIN").short('i'),
        Flag::text(
            "platform",
            "Load only the given platform variant. Formatted as \"os[/arch[/variant]]\" (e.g., \"linux/amd64\")",
        ),
        Flag::bool("quiet", "Suppress the load output").short('q'),
    ]],
    args: ArgRule::None,
    action: verb!(run),
    ..Command::BLANK
};

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let client = session.client()?;
    let input = parsed.text("input");
    if input.is_empty() && session.sys.is_tty(STDIN) {
        return Err(complaint("requested load from stdin, but stdin is empty"));
    }
    let bytes = read(&session, if input.is_empty() { "-" } else { input }).await?;
    let wanted = parsed.text("platform");
    if !platform::is_here(wanted).map_err(|e| complaint(bad_platform(&e)))? {
        session.line("");
        return Ok(0);
    }
    // Its complaints come within its answer, so that they are not called an error of the daemon's.
    let lines = client.image_load(bytes);
    for line in lines.map_err(|e| complaint(e.to_string()))? {
        session.line(&line);
    }
    Ok(0)
}
