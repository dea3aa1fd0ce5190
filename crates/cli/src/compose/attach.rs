//! `docker compose attach`.

use super::DRY_RUN;
use super::context::{Compose, Scope};
use crate::args::{ArgRule, Command, Flag, Parsed, verb};
use crate::container::attach;
use crate::session::{Outcome, Session};

pub(super) static COMMAND: Command = Command {
    name: "attach",
    usage: "[OPTIONS] SERVICE",
    short: "Attach local standard input, output, and error streams to a service's running container",
    flags: &[&[
        DRY_RUN,
        Flag::text(
            "detach-keys",
            "Override the key sequence for detaching from a container.",
        ),
        Flag::int(
            "index",
            "index of the container if service has multiple replicas.",
        ),
        Flag::bool("no-stdin", "Do not attach STDIN"),
        Flag::bool("sig-proxy", "Proxy all received signals to the process").default("true"),
    ]],
    args: ArgRule::AtLeast(1),
    action: verb!(run),
    ..Command::BLANK
};

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let compose = Compose::new(session, &parsed)?;
    let project = compose.name().await?;
    let scope = Scope {
        stopped: false,
        one_off: true,
    };
    let target = compose.target(&project, parsed.arg(0), parsed.int("index"), scope)?;
    attach::to(
        &compose.session,
        &target.id,
        !parsed.on("no-stdin"),
        parsed.text("detach-keys"),
        parsed.on("sig-proxy"),
    )
    .await
}
