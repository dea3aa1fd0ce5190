//! `docker container create`.

use super::{create_flags, making, request};
use crate::args::{Action, ArgRule, Command, Flag, Parsed};
use crate::session::{Outcome, Session, complaint};

pub(crate) static COMMAND: Command = Command {
    name: "create",
    usage: "[OPTIONS] IMAGE [COMMAND] [ARG...]",
    short: "Create a new container",
    known_as: "docker container create, docker create",
    flags: &[
        create_flags::FLAGS,
        &[Flag::text(
            "pull",
            "Pull image before creating (\"always\", \"|missing\", \"never\")",
        )
        .default("missing")],
    ],
    args: ArgRule::AtLeast(1),
    action: Action::Now(run),
    interspersed: false,
    ..Command::BLANK
};

fn run(session: Session, parsed: Parsed) -> Outcome {
    let request =
        request::request(&session.sys, &parsed).map_err(|why| making::misuse(&why, "create"))?;
    let client = session.client()?;
    let created = making::make(&session, &client, &parsed, request).map_err(complaint)?;
    session.line(&created.id);
    Ok(0)
}
