//! `docker network disconnect`.

use engine::api::NetworkDisconnectRequest;

use crate::args::{Action, ArgRule, Command, Flag, Parsed};
use crate::network::asked;
use crate::session::{Outcome, Session, complaint, refused};

pub(crate) static COMMAND: Command = Command {
    name: "disconnect",
    usage: "[OPTIONS] NETWORK CONTAINER",
    short: "Disconnect a container from a network",
    flags: &[&[Flag::bool("force", "Force the container to disconnect from a network").short('f')]],
    args: ArgRule::Exactly(2),
    action: Action::Now(run),
    ..Command::BLANK
};

fn run(session: Session, parsed: Parsed) -> Outcome {
    if !parsed.arg(0).trim().is_empty() && parsed.arg(1).trim().is_empty() {
        return Err(complaint("invalid container name or ID: value is empty"));
    }
    let request = NetworkDisconnectRequest {
        container: parsed.arg(1).to_owned(),
        force: parsed.on("force"),
    };
    session
        .client()?
        .network_disconnect(asked(parsed.arg(0)), request)
        .map_err(refused)?;
    Ok(0)
}
