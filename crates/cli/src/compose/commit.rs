//! `docker compose commit`. Source: docker/compose `pkg/compose/commit.go`.

use super::DRY_RUN;
use super::context::{Compose, Scope};
use super::screen::Stage;
use crate::args::{ArgRule, Command, Flag, Parsed, verb};
use crate::container::commit::{FLAGS, options};
use crate::image::pull::check_name;
use crate::session::{Outcome, Session, complaint, refused};

pub(super) static COMMAND: Command = Command {
    name: "commit",
    usage: "[OPTIONS] SERVICE [REPOSITORY[:TAG]]",
    short: "Create a new image from a service container's changes",
    flags: &[
        &[
            DRY_RUN,
            Flag::int(
                "index",
                "index of the container if service has multiple replicas.",
            ),
        ],
        FLAGS,
    ],
    args: ArgRule::Between(1, 2),
    action: verb!(run),
    ..Command::BLANK
};

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let compose = Compose::new(session, &parsed)?;
    let project = compose.name().await?;
    let index = parsed.int("index");
    let target = compose.target(&project, parsed.arg(0), index, Scope::RUNNING)?;
    let (name, progress) = (&target.name, &compose.progress);
    let options = options(&parsed);
    let told = format!("Commit {name}");
    progress.event(name, Stage::Working, &told, "Committing");
    if compose.dry {
        progress.event(name, Stage::Done, &told, "Committed");
        return Ok(0);
    }
    if !options.reference.is_empty() {
        check_name(&options.reference).map_err(complaint)?;
    }
    let id = compose
        .client()?
        .container_commit(target.id.as_str(), options);
    let id = id.map_err(refused)?;
    progress.event(name, Stage::Done, &told, &format!("Committed as {id}"));
    Ok(0)
}
