//! `docker compose cp`. Source: docker/compose `pkg/compose/cp.go`.

use super::DRY_RUN;
use super::context::{Compose, Scope};
use super::screen::Stage;
use crate::args::{ArgRule, Command, Counts, Flag, Parsed, verb};
use crate::container::cp::{Incoming, end, fetch, send, write_archive};
use crate::session::{Outcome, Session, complaint};

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
    counts: Counts::Docker,
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
                sorted::sort_by_key(&mut own, |c| (c.one_off, c.number));
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
    let incoming = match (out, from.1) {
        (false, "-") => Some(Incoming::read(&compose.session).await),
        _ => None,
    };
    let mut streamed = None;
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
            let (session, id) = (&compose.session, &target.id);
            match (out, &incoming) {
                (true, _) if to.1 == "-" => {
                    streamed = Some(id.clone());
                }
                (true, _) => drop(fetch(session, &client, id, ends, follow)?),
                (false, Some(archive)) => archive.put(session, &client, id, to.1)?,
                (false, None) => drop(send(session, &client, id, ends, follow)?),
            }
        }
        progress.event(name, Stage::Done, &told, "Copied");
    }
    if let Some(id) = streamed {
        write_archive(&compose.session, &client, &id, from.1, follow).await?;
    }
    Ok(0)
}
