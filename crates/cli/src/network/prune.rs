//! `docker network prune`.

use crate::args::{ArgRule, Command, Flag, Parsed, verb};
use crate::filter;
use crate::session::{Outcome, Session, complaint, refused};

pub(crate) static COMMAND: Command = Command {
    name: "prune",
    usage: "[OPTIONS]",
    short: "Remove all unused networks",
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
        session.line(
            "WARNING! This will remove all custom networks not used by at least one container.",
        );
        if !session.confirm("Are you sure you want to continue?").await {
            return Ok(0);
        }
    }
    let filters =
        filter::gather_for_prune(parsed.all("filter"), session.now()).map_err(complaint)?;
    let report = client.network_prune(filters).await.map_err(refused)?;
    if !report.networks_deleted.is_empty() {
        session.line(&format!(
            "Deleted Networks:\n{}\n",
            report.networks_deleted.join("\n")
        ));
    }
    Ok(0)
}
