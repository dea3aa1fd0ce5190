//! `docker image inspect`.

use crate::args::{ArgRule, Command, Flag, Parsed, verb};
use crate::flags::FORMAT;
use crate::inspect;
use crate::session::{Outcome, Session, said};
use crate::template::value_of;

pub(crate) static COMMAND: Command = Command {
    name: "inspect",
    usage: "[OPTIONS] IMAGE [IMAGE...]",
    short: "Display detailed information on one or more images",
    flags: &[&[
        Flag::text("format", FORMAT).short('f'),
        Flag::text(
            "platform",
            "Inspect a specific platform of the multi-platform image.\nIf the image or the server is not multi-platform capable, the command will error out if the platform does not match.\n'os[/arch[/variant]]': Explicit platform (eg. linux/amd64)",
        ),
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
                .image_inspect(name)
                .map(|image| value_of(&image))
                .map_err(|e| said(&e))
        },
    )
    .await
}
