//! `docker compose wait`.

use engine::api::WaitCondition;

use super::DRY_RUN;
use super::context::{Compose, Scope};
use super::down;
use super::walk::{self, Doing};
use crate::args::{ArgRule, Command, Counts, Flag, Parsed, verb};
use crate::session::{Outcome, Session, complaint, refused};

pub(super) static COMMAND: Command = Command {
    name: "wait",
    usage: "SERVICE [SERVICE...] [OPTIONS]",
    short: "Block until containers of all (or specified) services stop.",
    flags: &[&[
        DRY_RUN,
        Flag::bool(
            "down-project",
            "Drops project when the first container stops",
        ),
    ]],
    args: ArgRule::AtLeast(1),
    counts: Counts::Docker,
    action: verb!(run),
    ..Command::BLANK
};

/// What has ended is not waited for. Seen.
const RUNNING: Scope = Scope {
    stopped: false,
    one_off: true,
};

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let compose = Compose::new(session, &parsed)?;
    let named = compose.named(&[]).await?;
    let mut containers = compose.containers(&named.name, RUNNING)?;
    containers.retain(|c| parsed.args.is_empty() || parsed.args.contains(&c.service));
    if containers.is_empty() {
        return Err(complaint(format!(
            "no containers for project \"{}\"",
            named.name
        )));
    }
    let last = std::cell::Cell::new(0);
    let client = compose.client()?;
    let doing = containers
        .iter()
        .map(|container| -> Doing<'_> {
            let (client, session, last) = (&client, &compose.session, &last);
            Box::pin(async move {
                let answer = client
                    .container_wait(container.id.as_str(), WaitCondition::NotRunning)
                    .await
                    .map_err(refused)?;
                session.line(&format!(
                    "container \"{}\" exited with status code {}",
                    container.id, answer.status_code
                ));
                last.set(i32::try_from(answer.status_code).unwrap_or(1));
                Ok(())
            })
        })
        .collect();
    walk::all(doing).await?;
    if parsed.on("down-project") {
        down::take_down(&compose, named, &down::Extent::DEFAULT).await?;
    }
    Ok(last.get())
}
