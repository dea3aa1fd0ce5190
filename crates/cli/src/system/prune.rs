//! `docker system prune`.

use crate::args::{ArgRule, Command, Flag, Parsed, verb};
use crate::filter;
use crate::format::size;
use crate::session::{Outcome, Session, complaint, refused};

pub(crate) static COMMAND: Command = Command {
    name: "prune",
    usage: "[OPTIONS]",
    short: "Remove unused data",
    flags: &[&[
        Flag::bool("all", "Remove all unused images not just dangling ones").short('a'),
        Flag::filter("Provide filter values (e.g. \"label=<key>=<value>\")"),
        Flag::bool("force", "Do not prompt for confirmation").short('f'),
        Flag::bool("volumes", "Prune anonymous volumes"),
    ]],
    args: ArgRule::None,
    action: verb!(run),
    ..Command::BLANK
};

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let client = session.client()?;
    if !parsed.on("force") {
        let images = if parsed.on("all") {
            "all images without at least one container associated to them"
        } else {
            "all dangling images"
        };
        session
            .line(&format!(
                "WARNING! This will remove:\n  - all stopped containers\n  - all networks not used by at least one container\n  - {images}\n  - unused build cache\n"
            ));
        if !session.confirm("Are you sure you want to continue?").await {
            return Ok(0);
        }
    }
    let filters =
        filter::gather_for_prune(parsed.all("filter"), session.now()).map_err(complaint)?;
    let containers = client.container_prune(filters.clone()).map_err(refused)?;
    let networks = client.network_prune(filters).await.map_err(refused)?;
    if !containers.containers_deleted.is_empty() {
        session.line(&format!(
            "Deleted Containers:\n{}\n",
            containers.containers_deleted.join("\n")
        ));
    }
    if !networks.networks_deleted.is_empty() {
        session.line(&format!(
            "Deleted Networks:\n{}\n",
            networks.networks_deleted.join("\n")
        ));
    }
    session.line(&format!(
        "Total reclaimed space: {}",
        size::decimal(containers.space_reclaimed, 4)
    ));
    Ok(0)
}
