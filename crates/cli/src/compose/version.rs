//! `docker compose version`.

use compose::plan::VERSION;

use super::DRY_RUN;
use crate::args::{Action, ArgRule, Command, Flag, Parsed};
use crate::session::{Outcome, Session};

pub(super) static COMMAND: Command = Command {
    name: "version",
    usage: "[OPTIONS]",
    short: "Show the Docker Compose version information",
    flags: &[&[
        DRY_RUN,
        Flag::text(
            "format",
            "Format the output. Values: [pretty | json]. (Default: pretty)",
        )
        .short('f'),
        Flag::bool("short", "Shows only Compose's version number"),
    ]],
    args: ArgRule::None,
    action: Action::Now(run),
    ..Command::BLANK
};

fn run(session: Session, parsed: Parsed) -> Outcome {
    let text = match parsed.text("format") {
        _ if parsed.on("short") => format!("v{VERSION}"),
        "json" => format!("{{\"version\":\"v{VERSION}\"}}"),
        _ => format!("Docker Compose version v{VERSION}"),
    };
    session.line(&text);
    Ok(0)
}
