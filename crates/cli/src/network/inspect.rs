//! `docker network inspect`.

use crate::args::{ArgRule, Command, Flag, Parsed, verb};
use crate::flags::FORMAT;
use crate::inspect;
use crate::network::asked;
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
            let asked = asked(name);
            if asked.is_empty() && !name.trim().is_empty() {
                // Such a path is that of the list.
                return Err(
                    "json: cannot unmarshal array into Go value of type network.Inspect".into(),
                );
            }
            client
                .network_inspect(asked, parsed.on("verbose"))
                .map(|network| value_of(&network))
                .map_err(|e| said(&e))
        },
    )
    .await
}
