//! `docker compose export`. Source: docker/compose `pkg/compose/export.go`.

use super::DRY_RUN;
use super::context::{Compose, Scope};
use super::screen::Stage;
use crate::args::{ArgRule, Command, Flag, Parsed, verb};
use crate::output::Output;
use crate::session::{Outcome, Session, refused};

pub(super) static COMMAND: Command = Command {
    name: "export",
    usage: "[OPTIONS] SERVICE",
    short: "Export a service container's filesystem as a tar archive",
    flags: &[&[
        DRY_RUN,
        Flag::int(
            "index",
            "index of the container if service has multiple replicas.",
        ),
        Flag::text("output", "Write to a file, instead of STDOUT").short('o'),
    ]],
    args: ArgRule::AtLeast(1),
    action: verb!(run),
    ..Command::BLANK
};

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let compose = Compose::new(session, &parsed)?;
    let project = compose.name().await?;
    let index = parsed.int("index");
    let target = compose.target(&project, parsed.arg(0), index, Scope::RUNNING)?;
    let to = parsed.text("output");
    let output = Output::open(&compose.session, to, "export container")?;
    let (name, progress) = (&target.name, &compose.progress);
    let told = format!("export {name} to {to}");
    progress.event(name, Stage::Working, &told, "Exporting");
    if compose.dry {
        progress.event(name, Stage::Done, &told, "Exported");
        return Ok(0);
    }
    let bytes = compose.client()?.container_export(target.id.as_str());
    output
        .write(&compose.session, &bytes.map_err(refused)?)
        .await
}
