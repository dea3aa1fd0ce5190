//! `docker compose rm`.

use compose::plan::Container;

use super::DRY_RUN;
use super::context::{Compose, Scope};
use super::walk::{self, Doing};
use crate::args::{Command, Flag, Parsed, verb};
use crate::session::{Outcome, STDIN, Session, refused};

pub(super) static COMMAND: Command = Command {
    name: "rm",
    usage: "[OPTIONS] [SERVICE...]",
    short: "Removes stopped service containers",
    long: "Removes stopped service containers\n\nBy default, anonymous volumes attached to containers will not be removed. You\ncan override this with -v. To list all volumes, use \"docker volume ls\".\n\nAny data which is not in a volume will be lost.",
    flags: &[&[
        DRY_RUN,
        Flag::bool("force", "Don't ask to confirm removal").short('f'),
        Flag::bool("stop", "Stop the containers, if required, before removing").short('s'),
        Flag::bool(
            "volumes",
            "Remove any anonymous volumes attached to containers",
        )
        .short('v'),
    ]],
    action: verb!(run),
    ..Command::BLANK
};

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let compose = Compose::new(session, &parsed)?;
    let named = compose.named(&parsed.args).await?;
    let containers = compose.containers(&named.name, Scope::ALL)?;
    let project = match named.project {
        Some(project) => project,
        None => compose.project_of(&named.name, &containers)?,
    };
    if parsed.on("stop") {
        compose.stop_services(&project, &parsed.args, None).await?;
    }
    let client = compose.client()?;
    let mut stopped: Vec<Container> = Vec::new();
    for container in containers {
        let meant = parsed.args.is_empty() || parsed.args.contains(&container.service);
        if !meant || !project.services.contains_key(&container.service) {
            continue;
        }
        let seen = client
            .container_inspect(container.id.as_str())
            .map_err(refused)?;
        if !seen.state.running || (compose.dry && parsed.on("stop")) {
            stopped.push(container);
        }
    }
    if stopped.is_empty() {
        compose.session.complain("No stopped containers");
        return Ok(0);
    }
    let names: Vec<&str> = stopped.iter().map(|c| c.name.as_str()).collect();
    let text = format!("Going to remove {}", names.join(", "));
    if parsed.on("force") {
        compose.session.line(&text);
    } else if !confirm(&compose, &text).await {
        return Ok(0);
    }
    compose.progress.end();
    let doing = stopped
        .iter()
        .map(|c| -> Doing<'_> {
            Box::pin(compose.remove(c, parsed.on("force"), parsed.on("volumes")))
        })
        .collect();
    walk::all(doing).await?;
    Ok(0)
}

/// Asks on a terminal; elsewhere the question ends nowhere, and the answer is the next line.
/// Source: compose `pkg/prompt/prompt.go`, `Pipe`, and `pkg/utils/stringutils.go`, `StringToBool`.
async fn confirm(compose: &Compose, text: &str) -> bool {
    let session = &compose.session;
    if session.sys.is_tty(STDIN) {
        return session.confirm(text).await;
    }
    session.sys.out(text);
    let answer = session.answer().await.to_lowercase();
    matches!(answer.as_str(), "y" | "1" | "t" | "true")
}
