//! `docker volume prune`.

use engine::api::VolumesPruneReport;

use crate::args::{ArgRule, Command, Flag, Parsed, verb};
use crate::filter;
use crate::format::size;
use crate::session::{Outcome, Session, complaint, refused};

pub(crate) static COMMAND: Command = Command {
    name: "prune",
    usage: "[OPTIONS]",
    short: "Remove unused local volumes",
    flags: &[&[
        Flag::bool("all", "Remove all unused volumes, not just anonymous ones").short('a'),
        Flag::filter("Provide filter values (e.g. \"label=<label>\")"),
        Flag::bool("force", "Do not prompt for confirmation").short('f'),
    ]],
    args: ArgRule::None,
    action: verb!(run),
    ..Command::BLANK
};

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let client = session.client()?;
    let mut filters = filter::gather(parsed.all("filter"));
    let mut which = "anonymous local";
    if parsed.on("all") {
        if filters.contains_key("all") {
            return Err(complaint(
                "conflicting options: cannot specify both --all and --filter all=1",
            ));
        }
        filters.insert("all".to_owned(), vec!["true".to_owned()]);
        which = "all local";
    }
    if !parsed.on("force") {
        let warning = format!(
            "WARNING! This will remove {which} volumes not used by at least one container."
        );
        session.line(&warning);
        if !session.confirm("Are you sure you want to continue?").await {
            return Ok(0);
        }
    }
    let report = client.volume_prune(filters).map_err(refused)?;
    if let Some(told) = deleted(&report) {
        session.line(&told);
    }
    let freed = size::decimal(report.space_reclaimed, 4);
    session.line(&format!("Total reclaimed space: {freed}"));
    Ok(0)
}

/// Tells what went, with an empty line after it; nothing if nothing went.
pub(crate) fn deleted(report: &VolumesPruneReport) -> Option<String> {
    let names = report.volumes_deleted.join("\n");
    (!names.is_empty()).then(|| format!("Deleted Volumes:\n{names}\n"))
}
