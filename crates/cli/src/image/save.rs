//! `docker image save`. Source: docker/cli `image/save.go`.

use super::platform;
use super::pull::{bad_platform, check_name};
use crate::args::{ArgRule, Command, Flag, Parsed, verb};
use crate::output::Output;
use crate::session::{Outcome, Session, complaint, refused};

pub(crate) static COMMAND: Command = Command {
    name: "save",
    usage: "[OPTIONS] IMAGE [IMAGE...]",
    short: "Save one or more images to a tar archive (streamed to STDOUT by default)",
    known_as: "docker image save, docker save",
    flags: &[&[
        Flag::text("output", "Write to a file, instead of STDOUT").short('o'),
        Flag::text(
            "platform",
            "Save only the given platform variant. Formatted as \"os[/arch[/variant]]\" (e.g., \"linux/amd64\")",
        ),
    ]],
    args: ArgRule::AtLeast(1),
    action: verb!(run),
    ..Command::BLANK
};

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let client = session.client()?;
    let output = Output::open(&session, parsed.text("output"), "save image")?;
    let daemon = |why| complaint(format!("Error response from daemon: {why}"));
    for name in &parsed.args {
        check_name(name).map_err(daemon)?;
    }
    let wanted = parsed.text("platform");
    if !platform::is_here(wanted).map_err(|e| complaint(bad_platform(&e)))? {
        return Err(daemon(format!(
            "no suitable export target found for platform {wanted}"
        )));
    }
    let bytes = client.image_save(parsed.args.clone()).map_err(refused)?;
    output.write(&session, &bytes).await
}
