//! `docker container inspect`.

use crate::args::{ArgRule, Command, Flag, Parsed, verb};
use crate::flags::FORMAT;
use crate::inspect;
use crate::session::{Outcome, Session, said};
use crate::template::value_of;

pub(crate) static COMMAND: Command = Command {
    name: "inspect",
    usage: "[OPTIONS] CONTAINER [CONTAINER...]",
    short: "Display detailed information on one or more containers",
    flags: &[&[
        Flag::text("format", FORMAT).short('f'),
        Flag::bool("size", "Display total file sizes").short('s'),
    ]],
    args: ArgRule::AtLeast(1),
    action: verb!(run),
    ..Command::BLANK
};

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let client = session.client()?;
    inspect::objects(
        &session,
        parsed.text("format"),
        &parsed.args,
        async |name: &str| {
            client
                .container_inspect(name)
                .map(|container| value_of(&container))
                .map_err(|e| said(&e))
        },
    )
    .await
}
