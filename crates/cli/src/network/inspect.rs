//! `docker network inspect`.

use crate::args::{ArgRule, Command, Flag, Parsed, verb};
use crate::flags::FORMAT;
use crate::inspect;
use crate::session::{Outcome, Session, said};
use crate::template::value_of;

pub(crate) static COMMAND: Command = Command {
    name: "inspect",
    usage: "[OPTIONS] NETWORK [NETWORK...]",
    short: "Display detailed information on one or more networks",
    flags: &[&[
        Flag::text("format", FORMAT).short('f'),
        Flag::bool("verbose", "Verbose output for diagnostics").short('v'),
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
                .network_inspect(name, parsed.on("verbose"))
                .map(|network| value_of(&network))
                .map_err(|e| said(&e))
        },
    )
    .await
}
