//! `docker image prune`.

use engine::api::{ImageDeleteResponse, ImagesPruneReport};

use crate::args::{ArgRule, Command, Flag, Parsed, verb};
use crate::filter;
use crate::format::size;
use crate::session::{Outcome, Session, complaint, refused};

pub(crate) static COMMAND: Command = Command {
    name: "prune",
    usage: "[OPTIONS]",
    short: "Remove unused images",
    flags: &[&[
        Flag::bool("all", "Remove all unused images, not just dangling ones").short('a'),
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
        let which = match parsed.on("all") {
            true => "images without at least one container associated to them",
            false => "dangling images",
        };
        session.line(&format!("WARNING! This will remove all {which}."));
        if !session.confirm("Are you sure you want to continue?").await {
            return Ok(0);
        }
    }
    let mut filters =
        filter::gather_for_prune(parsed.all("filter"), session.now()).map_err(complaint)?;
    filters.insert("dangling".into(), vec![(!parsed.on("all")).to_string()]);
    let report = client.image_prune(filters).map_err(refused)?;
    if let Some(told) = deleted(&report) {
        session.line(&told);
    }
    let space = size::decimal(report.space_reclaimed, 4);
    session.line(&format!("Total reclaimed space: {space}"));
    Ok(0)
}

/// Tells what went, with an empty line after it; nothing if nothing went.
pub(crate) fn deleted(report: &ImagesPruneReport) -> Option<String> {
    let told = |one: &ImageDeleteResponse| match one.untagged.as_str() {
        "" => format!("deleted: {}\n", one.deleted),
        name => format!("untagged: {name}\n"),
    };
    let lines: String = report.images_deleted.iter().map(told).collect();
    (!lines.is_empty()).then(|| format!("Deleted Images:\n{lines}"))
}
