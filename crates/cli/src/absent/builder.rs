//! `docker builder`: there is nothing that it could have kept.

use crate::args::{ArgRule, Command, Flag, Kind, Parsed, Section, verb};
use crate::image;
use crate::session::{Outcome, Session, refused};

pub(crate) static COMMAND: Command = Command {
    name: "builder",
    short: "Manage builds",
    notice: image::absent::WITHOUT_BUILDX,
    sections: &[Section {
        title: "Commands",
        commands: &[&image::absent::BUILD, &PRUNE],
    }],
    args: ArgRule::None,
    ..Command::BLANK
};

pub(crate) static PRUNE: Command = Command {
    name: "prune",
    short: "Remove build cache",
    notice: image::absent::WITHOUT_BUILDX,
    flags: &[&[
        Flag::bool(
            "all",
            "Remove all unused build cache, not just dangling ones",
        )
        .short('a'),
        Flag::filter("Provide filter values (e.g. \"until=24h\")"),
        Flag::bool("force", "Do not prompt for confirmation").short('f'),
        Flag::new(
            Kind::Bytes,
            "keep-storage",
            "Amount of disk space to keep for cache",
        ),
    ]],
    args: ArgRule::None,
    action: verb!(prune),
    ..Command::BLANK
};

async fn prune(session: Session, parsed: Parsed) -> Outcome {
    session.sys.err(image::absent::WITHOUT_BUILDX);
    let client = session.client()?;
    if !parsed.on("force") {
        let what = match parsed.on("all") {
            true => "all build cache",
            false => "all dangling build cache",
        };
        let question =
            format!("WARNING! This will remove {what}. Are you sure you want to continue?");
        if !session.confirm(&question).await {
            return Ok(0);
        }
    }
    client.build_prune().map_err(refused)?;
    session.line("Total reclaimed space: 0B");
    Ok(0)
}
