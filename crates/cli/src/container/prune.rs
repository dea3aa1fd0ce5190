//! `docker container prune`.

use crate::args::{ArgRule, Command, Flag, Parsed, verb};
use crate::filter;
use crate::format::size;
use crate::session::{Outcome, Session, complaint, refused};

pub(crate) static COMMAND: Command = Command {
    name: "prune",
    usage: "[OPTIONS]",
    short: "Remove all stopped containers",
    flags: &[&[
        Flag::filter("Provide filter values (e.g. \"until=<timestamp>\")"),
        Flag::bool("force", "Do not prompt for confirmation").short('f'),
    ]],
    args: ArgRule::None,
    action: verb!(run),
    ..Command::BLANK
};

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let client = session.client()?;
    if !parsed.on("force") {
        session.line("WARNING! This will remove all stopped containers.");
        if !session.confirm("Are you sure you want to continue?").await {
            return Ok(0);
        }
    }
    let filters =
        filter::gather_for_prune(parsed.all("filter"), session.now()).map_err(complaint)?;
    let report = client.container_prune(filters).map_err(refused)?;
    if !report.containers_deleted.is_empty() {
        session.line(&format!(
            "Deleted Containers:\n{}\n",
            report.containers_deleted.join("\n")
        ));
    }
    session.line(&format!(
        "Total reclaimed space: {}",
        size::decimal(report.space_reclaimed, 4)
    ));
    Ok(0)
}
