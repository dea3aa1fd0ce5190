//! `docker compose cp`. Source: docker/compose `pkg/compose/cp.go`.

use super::DRY_RUN;
use super::context::{Compose, Scope};
use super::screen::Stage;
use crate::args::{ArgRule, Command, Flag, Parsed, verb};
use crate::container::cp::{end, fetch, send};
use crate::session::{Failure, Outcome, Session, complaint};

pub(super) static COMMAND: Command = Command {
    name: "cp",
    usage: "[OPTIONS] SERVICE:SRC_PATH DEST_PATH|-\n\tdocker compose cp [OPTIONS] SRC_PATH|- SERVICE:DEST_PATH",
    short: "Copy files/folders between a service container and the local filesystem",
    flags: &[&[
        DRY_RUN,
        Flag::bool("all", "Include containers created by the run command"),
        Flag::bool("archive", "Archive mode (copy all uid/gid information)").short('a'),
        Flag::bool("follow-link", "Always follow symbol link in SRC_PATH").short('L'),
        Flag::int(
            "index",
            "Index of the container if service has multiple replicas",
        ),
    ]],
    args: ArgRule::Exactly(2),
    action: verb!(run),
    ..Command::BLANK
};

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let compose = Compose::new(session, &parsed)?;
    let (from, to) = (end(parsed.arg(0)), end(parsed.arg(1)));
    let (service, out) = match (from.0, to.0) {
        (Some(_), Some(_)) => {
            return Err(complaint("copying between services is not supported"));
        }
        (Some(service), None) => (service, true),
        (None, Some(service)) => (service, false),
        (None, None) => return Err(complaint("unknown copy direction")),
    };
    let project = compose.name().await?;
    let index = parsed.int("index");
    let scope = match parsed.on("all") {
        true => Scope::WITH_ONE_OFF,
        false => Scope::ALL,
    };
    let targets = match index {
        0 => {
            let all = compose.containers(&project, scope)?;
            let mut own: Vec<_> = all.into_iter().filter(|c| c.service == service).collect();
            if out {
                own.truncate(1);
            }
            own
        }
        _ => vec![compose.target(&project, service, index, scope)?],
    };
    if targets.is_empty() {
        return Err(complaint(format!(
            "no container found for service \"{service}\""
        )));
    }
    let client = compose.client()?;
    let follow = parsed.on("follow-link");
    for target in targets {
        let name = &target.name;
        let told = match out {
            true => format!("copy {name}:{} to {}", from.1, to.1),
            false => format!("copy {} to {name}:{}", from.1, to.1),
        };
        let progress = &compose.progress;
        progress.event(name, Stage::Working, &told, "Copying");
        if !compose.dry {
            let ends = (from.1, to.1);
            let done: Result<u64, Failure> = match out {
                true => fetch(&compose.session, &client, &target.id, ends, follow),
                false => send(&compose.session, &client, &target.id, ends, follow),
            };
            done?;
        }
        progress.event(name, Stage::Done, &told, "Copied");
    }
    Ok(0)
}
