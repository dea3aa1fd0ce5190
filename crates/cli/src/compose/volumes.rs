//! `docker compose volumes`.

use super::DRY_RUN;
use super::context::Compose;
use crate::args::{Command, Flag, Parsed, verb};
use crate::flags::FORMAT_LIST;
use crate::session::{Outcome, Session};

pub(super) static COMMAND: Command = Command {
    name: "volumes",
    usage: "[OPTIONS] [SERVICE...]",
    short: "List volumes",
    flags: &[&[
        DRY_RUN,
        Flag::text("format", FORMAT_LIST).default("table"),
        Flag::bool("quiet", "Only display volume names").short('q'),
    ]],
    action: verb!(run),
    ..Command::BLANK
};

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let compose = Compose::new(session, &parsed)?;
    compose.named(&parsed.args).await?;
    // Volumes hold nothing in this simulation, and the engine keeps no list of them.
    if !parsed.on("quiet") && matches!(parsed.text("format"), "" | "table") {
        compose.session.line("DRIVER    VOLUME NAME").await;
    }
    Ok(0)
}
