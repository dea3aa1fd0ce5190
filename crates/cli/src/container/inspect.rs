//! `docker container inspect`.

use engine::Client;

use crate::args::{ArgRule, Command, Flag, Parsed, verb};
use crate::flags::FORMAT;
use crate::inspect;
use crate::session::{Outcome, Session, said};
use crate::template::{Value, value_of};

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
        async |name: &str| object(&client, name, parsed.on("size")).map_err(|e| said(&e)),
    )
    .await
}

/// Tells everything about a container, the bytes of its files too if they are asked for.
pub(crate) fn object(client: &Client, name: &str, size: bool) -> Result<Value, engine::Error> {
    let mut container = client.container_inspect(name)?;
    if size {
        let sizes = client.container_size(name)?;
        container.size_rw = Some(sizes.written);
        container.size_root_fs = Some(sizes.all);
    }
    Ok(value_of(&container))
}
