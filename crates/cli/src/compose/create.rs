//! `docker compose create`.

use super::context::Compose;
use super::{DRY_RUN, scale, up};
use crate::args::{Command, Flag, Kind, Parsed, verb};
use crate::session::{Outcome, Session, complaint};

pub(super) static COMMAND: Command = Command {
    name: "create",
    usage: "[OPTIONS] [SERVICE...]",
    short: "Creates containers for a service",
    flags: &[&[
        DRY_RUN,
        Flag::bool("build", "Build images before starting containers"),
        Flag::bool(
            "force-recreate",
            "Recreate containers even if their configuration and image haven't changed",
        ),
        Flag::bool("no-build", "Don't build an image, even if it's policy"),
        Flag::bool(
            "no-recreate",
            "If containers already exist, don't recreate them. Incompatible with --force-recreate.",
        ),
        Flag::text(
            "pull",
            "Pull image before running (\"always\"|\"missing\"|\"never\"|\"build\")",
        )
        .default("policy"),
        Flag::bool("quiet-pull", "Pull without printing progress information"),
        Flag::bool(
            "remove-orphans",
            "Remove containers for services not defined in the Compose file",
        ),
        Flag::new(
            Kind::List("scale"),
            "scale",
            "Scale SERVICE to NUM instances. Overrides the scale setting in the Compose file if present.",
        ),
        Flag::bool(
            "yes",
            "Assume \"yes\" as answer to all prompts and run non-interactively",
        )
        .short('y'),
    ]],
    action: verb!(run),
    ..Command::BLANK
};

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let compose = Compose::new(session, &parsed)?;
    if parsed.on("force-recreate") && parsed.on("no-recreate") {
        return Err(complaint(
            "--force-recreate and --no-recreate are incompatible",
        ));
    }
    let mut project = compose.project(&parsed.args).await?;
    scale::apply(&mut project, parsed.all("scale")).map_err(complaint)?;
    up::refuse_building(&project, &parsed)?;
    let creation = up::creation(&compose, &parsed)?;
    compose.bring_about(&project, &creation).await?;
    Ok(0)
}
