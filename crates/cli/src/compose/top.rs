//! `docker compose top`.

use super::DRY_RUN;
use super::context::{Compose, Scope};
use crate::args::{Command, Parsed, verb};
use crate::format::table;
use crate::session::{Outcome, Session, refused};

pub(super) static COMMAND: Command = Command {
    name: "top",
    usage: "[SERVICES...]",
    short: "Display the running processes",
    flags: &[&[DRY_RUN]],
    action: verb!(run),
    ..Command::BLANK
};

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let compose = Compose::new(session, &parsed)?;
    let project = compose.name().await?;
    let mut containers = compose.containers(&project, Scope::RUNNING)?;
    containers.retain(|c| parsed.args.is_empty() || parsed.args.contains(&c.service));
    sorted::sort_by(&mut containers, |a, b| a.name.cmp(&b.name));
    let client = compose.client()?;
    let mut head = Vec::new();
    let mut rows = String::new();
    for container in &containers {
        let top = client
            .container_top(container.id.as_str(), "")
            .map_err(refused)?;
        head = top.titles;
        for process in &top.processes {
            let cells = process.join("\t");
            rows.push_str(&format!(
                "{}\t{}\t{cells}\n",
                container.service, container.number
            ));
        }
    }
    if !containers.is_empty() {
        let text = format!("SERVICE\t#\t{}\n{rows}", head.join("\t"));
        compose.session.sys.out(&table::align_with(&text, 4, 2));
    }
    Ok(0)
}
