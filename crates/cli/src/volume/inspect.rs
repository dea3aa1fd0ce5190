//! `docker volume inspect`.

use crate::args::{ArgRule, Command, Flag, Parsed, verb};
use crate::flags::FORMAT;
use crate::inspect;
use crate::session::{Outcome, Session, said};
use crate::template::value_of;

pub(crate) static COMMAND: Command = Command {
    name: "inspect",
    usage: "[OPTIONS] VOLUME [VOLUME...]",
    short: "Display detailed information on one or more volumes",
    flags: &[&[Flag::text("format", FORMAT).short('f')]],
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
            let found = client.volume_inspect(name);
            found.map(|it| value_of(&it)).map_err(|e| said(&e))
        },
    )
    .await
}
