//! `docker system prune`.

use sorted::SortedMap;

use crate::args::{ArgRule, Command, Flag, Parsed, verb};
use crate::format::size;
use crate::session::{Outcome, Session, complaint, refused};
use crate::{filter, image, volume};

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
    let (all, volumes) = (parsed.on("all"), parsed.on("volumes"));
    let given = filter::gather(parsed.all("filter"));
    if volumes && given.contains_key("until") {
        return Err(complaint(
            "ERROR: The \"until\" filter is not supported with \"--volumes\"",
        ));
    }
    if !parsed.on("force") {
        session.line(&warning(all, volumes, &given));
        if !session.confirm("Are you sure you want to continue?").await {
            return Ok(0);
        }
    }
    let filters =
        filter::gather_for_prune(parsed.all("filter"), session.now()).map_err(complaint)?;
    let containers = client.container_prune(filters.clone()).map_err(refused)?;
    if !containers.containers_deleted.is_empty() {
        session.line(&format!(
            "Deleted Containers:\n{}\n",
            containers.containers_deleted.join("\n")
        ));
    }
    let networks = client
        .network_prune(filters.clone())
        .await
        .map_err(refused)?;
    if !networks.networks_deleted.is_empty() {
        session.line(&format!(
            "Deleted Networks:\n{}\n",
            networks.networks_deleted.join("\n")
        ));
    }
    let mut reclaimed = containers.space_reclaimed;
    if volumes {
        let report = client.volume_prune(given).map_err(refused)?;
        deleted(&session, volume::prune::deleted(&report));
        reclaimed += report.space_reclaimed;
    }
    let mut of_images = filters.clone();
    of_images.insert("dangling".into(), vec![(!all).to_string()]);
    let report = client.image_prune(of_images).map_err(refused)?;
    deleted(&session, image::prune::deleted(&report));
    reclaimed += report.space_reclaimed;
    client.build_prune().map_err(refused)?;
    session.line(&format!(
        "Total reclaimed space: {}",
        size::decimal(reclaimed, 4)
    ));
    Ok(0)
}

fn deleted(session: &Session, told: Option<String>) {
    if let Some(told) = told {
        session.line(&told);
    }
}

/// What a person is asked about. Source: docker/cli `system/prune.go`, `confirmationMessage`.
fn warning(all: bool, volumes: bool, filters: &SortedMap<String, Vec<String>>) -> String {
    let mut text = "WARNING! This will remove:\n  - all stopped containers\n  \
        - all networks not used by at least one container\n"
        .to_owned();
    if volumes {
        text.push_str("  - all anonymous volumes not used by at least one container\n");
    }
    text.push_str(match all {
        true => "  - all images without at least one container associated to them\n  - all build cache\n",
        false => "  - all dangling images\n  - unused build cache\n",
    });
    if !filters.is_empty() {
        text.push_str("\n  Items to be pruned will be filtered with:\n");
        for (name, values) in filters {
            for value in values {
                text.push_str(&format!("  - {name}={value}\n"));
            }
        }
    }
    text
}
