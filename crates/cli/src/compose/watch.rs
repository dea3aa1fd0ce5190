//! `docker compose watch`: it starts the services and finds out whether there is anything to watch. Watching is not modelled.

use compose::model::Project;
use compose::value::Value;

use super::DRY_RUN;
use super::context::Compose;
use super::converge::Creation;
use crate::args::{Command, Flag, Parsed, verb};
use crate::session::{Outcome, Session, complaint};

pub(super) static COMMAND: Command = Command {
    name: "watch",
    usage: "[SERVICE...]",
    short: "Watch build context for service and rebuild/refresh containers when files are updated",
    flags: &[&[
        DRY_RUN,
        Flag::bool("no-up", "Do not build & start services before watching"),
        Flag::bool("prune", "Prune dangling images on rebuild").default("true"),
        Flag::bool("quiet", "hide build output"),
    ]],
    action: verb!(run),
    ..Command::BLANK
};

/// Returns whether a service says what to watch.
pub(super) fn is_wanted(project: &Project) -> bool {
    project.services.values().any(|service| {
        let develop = service.tree.get("develop").and_then(Value::as_map);
        develop.is_some_and(|develop| develop.contains_key("watch"))
    })
}

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let compose = Compose::new(session, &parsed)?;
    let project = compose.project(&parsed.args).await?;
    if is_wanted(&project) {
        return Err(complaint("watch: not modelled in this simulation"));
    }
    if !parsed.on("no-up") {
        compose.bring_about(&project, &Creation::default()).await?;
        compose.start_services(&project).await?;
    }
    Err(complaint(
        "none of the selected services is configured for watch, consider setting a 'develop' section",
    ))
}
