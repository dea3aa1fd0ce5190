//! `docker compose up`.

use compose::model::Project;
use compose::plan::{Reach, Recreate, select};
use kernel::time::Duration;

use super::attached::{self, Attachment};
use super::context::Compose;
use super::converge::Creation;
use super::images::not_built;
use super::{DRY_RUN, scale, watch};
use crate::args::{Command, Flag, Kind, Parsed, verb};
use crate::session::{Failure, Outcome, Session, complaint};

pub(super) static COMMAND: Command = Command {
    name: "up",
    usage: "[OPTIONS] [SERVICE...]",
    short: "Create and start containers",
    flags: &[&[DRY_RUN, Flag::bool("abort-on-container-exit", "Stops all containers if any container was stopped. Incompatible with -d"),
 Flag::bool("abort-on-container-failure", "Stops all containers if any container exited with failure. Incompatible with -d"),
 Flag::bool("always-recreate-deps", "Recreate dependent containers. Incompatible with --no-recreate."),
 Flag::new(Kind::List("stringArray"), "attach", "Restrict attaching to the specified services. Incompatible with --attach-dependencies."),
 Flag::bool("attach-dependencies", "Automatically attach to log output of dependent services"),
 Flag::bool("build", "Build images before starting containers"),
 Flag::bool("detach", "Detached mode: Run containers in the background").short('d'),
 Flag::text("exit-code-from", "Return the exit code of the selected service container. Implies --abort-on-container-exit"),
 Flag::bool("force-recreate", "Recreate containers even if their configuration and image haven't changed"),
 Flag::bool("menu", "Enable interactive shortcuts when running attached. Incompatible with --detach. Can also be enable/disable by setting COMPOSE_MENU environment var."),
 Flag::new(Kind::List("stringArray"), "no-attach", "Do not attach (stream logs) to the specified services"),
 Flag::bool("no-build", "Don't build an image, even if it's policy"),
 Flag::bool("no-color", "Produce monochrome output"),
 Flag::bool("no-deps", "Don't start linked services"),
 Flag::bool("no-log-prefix", "Don't print prefix in logs"),
 Flag::bool("no-recreate", "If containers already exist, don't recreate them. Incompatible with --force-recreate."),
 Flag::bool("no-start", "Don't start the services after creating them"),
 Flag::text("pull", "Pull image before running (\"always\"|\"missing\"|\"never\")").default("policy"),
 Flag::bool("quiet-build", "Suppress the build output"),
 Flag::bool("quiet-pull", "Pull without printing progress information"),
 Flag::bool("remove-orphans", "Remove containers for services not defined in the Compose file"),
 Flag::bool("renew-anon-volumes", "Recreate anonymous volumes instead of retrieving data from the previous containers").short('V'),
 Flag::new(Kind::List("scale"), "scale", "Scale SERVICE to NUM instances. Overrides the scale setting in the Compose file if present."),
 Flag::int("timeout", "Use this timeout in seconds for container shutdown when attached or when containers are already running").short('t'),
 Flag::bool("timestamps", "Show timestamps"),
 Flag::bool("wait", "Wait for services to be running|healthy. Implies detached mode."),
 Flag::int("wait-timeout", "Maximum duration in seconds to wait for the project to be running|healthy"),
 Flag::bool("watch", "Watch source code and rebuild/refresh containers when files are updated.").short('w'),
 Flag::bool("yes", "Assume \"yes\" as answer to all prompts and run non-interactively").short('y')]],
    action: verb!(run),
    ..Command::BLANK
};

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let compose = Compose::new(session, &parsed)?;
    check(&parsed)?;
    let mut project = compose.project(&parsed.args).await?;
    let creation = creation(&compose, &parsed)?;
    scale::apply(&mut project, parsed.all("scale")).map_err(complaint)?;
    if parsed.on("no-deps") {
        select(&mut project, &parsed.args, Reach::Alone).map_err(complaint)?;
    }
    if project.services.is_empty() {
        return Err(complaint("no service selected"));
    }
    let strangers: Vec<&str> = parsed
        .all("attach")
        .iter()
        .filter(|name| !project.services.contains_key(*name))
        .map(String::as_str)
        .collect();
    if !strangers.is_empty() && !parsed.on("detach") {
        return Err(complaint(format!(
            "cannot attach to services not included in up: {}",
            strangers.join(", ")
        )));
    }
    let exit_from = parsed.text("exit-code-from");
    if !exit_from.is_empty() && !project.services.contains_key(exit_from) {
        return Err(complaint(format!(
            "no such service: {exit_from}: not found"
        )));
    }
    refuse_building(&project, &parsed)?;
    compose.bring_about(&project, &creation).await?;
    if parsed.on("watch") {
        return Err(complaint(match watch::is_wanted(&project) {
            true => "--watch: not modelled in this simulation",
            false => {
                "none of the selected services is configured for watch, see \
                 https://docs.docker.com/compose/how-tos/file-watch/"
            }
        }));
    }
    if parsed.on("no-start") {
        return Ok(0);
    }
    if parsed.on("detach") || parsed.on("wait") {
        return detached(&compose, &project, &parsed).await;
    }
    compose.progress.end();
    if compose.dry {
        compose
            .session
            .line("end of 'compose up' output, interactive run is not supported in dry-run mode");
        return Ok(0);
    }
    attached::run(&compose, &project, Attachment::read(&parsed)).await
}

async fn detached(compose: &Compose, project: &Project, parsed: &Parsed) -> Outcome {
    let limit = parsed.int("wait-timeout");
    let work = async {
        compose.start_services(project).await?;
        match parsed.on("wait") {
            true => compose.wait_for_all(project).await,
            false => Ok(()),
        }
    };
    if limit <= 0 {
        work.await?;
        return Ok(0);
    }
    let seconds = u64::try_from(limit).unwrap_or(0);
    match compose
        .session
        .sys
        .timeout(Duration::from_secs(seconds), work)
        .await
    {
        Some(result) => result.map(|()| 0),
        None => Err(complaint(format!("application not healthy after {limit}s"))),
    }
}

/// Refuses flags that exclude each other.
fn check(parsed: &Parsed) -> Result<(), Failure> {
    let cascades = parsed.on("abort-on-container-exit")
        || parsed.on("abort-on-container-failure")
        || !parsed.text("exit-code-from").is_empty();
    if parsed.on("abort-on-container-exit") && parsed.on("abort-on-container-failure") {
        return Err(complaint(
            "--abort-on-container-failure cannot be combined with --abort-on-container-exit",
        ));
    }
    let attaches = parsed.given("attach") || parsed.on("attach-dependencies") || parsed.on("watch");
    if parsed.on("wait") {
        if parsed.on("attach-dependencies") || cascades || parsed.given("attach") {
            return Err(complaint(
                "--wait cannot be combined with --abort-on-container-exit, --attach or --attach-dependencies",
            ));
        }
    } else if parsed.on("detach") && (cascades || attaches) {
        return Err(complaint(
            "--detach cannot be combined with --abort-on-container-exit, --abort-on-container-failure, --attach, \
             --attach-dependencies or --watch",
        ));
    }
    if parsed.on("build") && parsed.on("no-build") {
        return Err(complaint("--build and --no-build are incompatible"));
    }
    if parsed.on("force-recreate") && parsed.on("no-recreate") {
        return Err(complaint(
            "--force-recreate and --no-recreate are incompatible",
        ));
    }
    if parsed.on("always-recreate-deps") && parsed.on("no-recreate") {
        return Err(complaint(
            "--always-recreate-deps and --no-recreate are incompatible",
        ));
    }
    Ok(())
}

/// Reads the flags that `up` and `create` share.
pub(super) fn creation(compose: &Compose, parsed: &Parsed) -> Result<Creation, Failure> {
    let ignore_orphans = compose.is_set(IGNORE_ORPHANS);
    let remove_orphans = removes_orphans(compose, parsed);
    let pull = pull(parsed)?;
    if remove_orphans && ignore_orphans {
        return Err(complaint(
            "cannot combine COMPOSE_IGNORE_ORPHANS and --remove-orphans",
        ));
    }
    let force = parsed.on("force-recreate") || parsed.on("renew-anon-volumes");
    let recreate = match (parsed.on("no-recreate"), force) {
        (true, _) => Recreate::Never,
        (false, true) => Recreate::Force,
        (false, false) => Recreate::Diverged,
    };
    let recreate_others = match (parsed.on("no-recreate"), parsed.on("always-recreate-deps")) {
        (true, _) => Recreate::Never,
        (false, true) => Recreate::Force,
        (false, false) => Recreate::Diverged,
    };
    Ok(Creation {
        names: parsed.args.clone(),
        recreate,
        recreate_others,
        timeout: parsed.given("timeout").then(|| parsed.int("timeout")),
        remove_orphans,
        ignore_orphans,
        renew_volumes: parsed.on("renew-anon-volumes"),
        yes: parsed.on("yes"),
        pull,
    })
}

/// When images are pulled, if a flag says.
pub(super) fn pull(parsed: &Parsed) -> Result<Option<String>, Failure> {
    let pull = parsed.given_text("pull").map(str::to_owned);
    match &pull {
        Some(other) if !PULLS.contains(&other.as_str()) => {
            let other = crate::go::quote(other);
            Err(complaint(format!("invalid --pull option {other}")))
        }
        _ => Ok(pull),
    }
}

/// Whether containers that belong to no service go: a flag says so, or the environment.
pub(super) fn removes_orphans(compose: &Compose, parsed: &Parsed) -> bool {
    match parsed.given("remove-orphans") {
        true => parsed.on("remove-orphans"),
        false => compose.is_set("COMPOSE_REMOVE_ORPHANS"),
    }
}

/// Says plainly that nothing is built, where `--build` asks for it.
pub(super) fn refuse_building(project: &Project, parsed: &Parsed) -> Result<(), Failure> {
    let mut services = project.services.values();
    match services.find(|service| service.build && parsed.on("build")) {
        Some(service) => Err(not_built(service)),
        None => Ok(()),
    }
}

/// The variable that says that nothing is said about orphans.
pub(super) const IGNORE_ORPHANS: &str = "COMPOSE_IGNORE_ORPHANS";

/// What `--pull` may say. Source: docker/compose `cmd/compose/create.go`.
const PULLS: [&str; 5] = ["always", "never", "build", "missing", "if_not_present"];
