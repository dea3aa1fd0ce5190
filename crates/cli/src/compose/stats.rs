//! `docker compose stats`: `docker stats` of the project's containers.

use super::DRY_RUN;
use super::context::{Compose, Scope};
use crate::args::{ArgRule, Command, Flag, Parsed, verb};
use crate::container::stats::show;
use crate::session::{Outcome, Session};

pub(super) static COMMAND: Command = Command {
    name: "stats",
    usage: "[OPTIONS] [SERVICE]",
    short: "Display a live stream of container(s) resource usage statistics",
    flags: &[&[
        DRY_RUN,
        Flag::bool("all", "Show all containers")
            .short('a')
            .default("shows just running"),
        Flag::text(
            "format",
            "Format output using a custom template:\n'table':            Print output in table format with column headers (default)\n'table TEMPLATE':   Print output in table format using the given Go template\n'json':             Print in JSON format\n'TEMPLATE':         Print output using the given Go template.\nRefer to https://docs.docker.com/engine/cli/formatting/ for more information about formatting output with templates",
        ),
        Flag::bool(
            "no-stream",
            "Disable streaming stats and only pull the first result",
        ),
        Flag::bool("no-trunc", "Do not truncate output"),
    ]],
    args: ArgRule::AtMost(1),
    action: verb!(run),
    ..Command::BLANK
};

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let compose = Compose::new(session, &parsed)?;
    let project = compose.name().await?;
    let scope = Scope {
        stopped: parsed.on("all"),
        one_off: true,
    };
    let mut containers = compose.containers(&project, scope)?;
    containers.retain(|c| parsed.args.is_empty() || parsed.args.contains(&c.service));
    let ids: Vec<String> = containers.into_iter().map(|c| c.id).collect();
    show(&compose.session, &parsed, || Ok(ids.clone())).await
}
