//! `docker network rm`.

use engine::Class;

use crate::args::{ArgRule, Command, Flag, Parsed, verb};
use crate::network::asked;
use crate::session::{Outcome, Session, complaint, said};

pub(crate) static COMMAND: Command = Command {
    name: "rm",
    usage: "NETWORK [NETWORK...]",
    short: "Remove one or more networks",
    aliases: &["remove"],
    known_as: "docker network rm, docker network remove",
    flags: &[&[Flag::bool("force", "Do not error if the network does not exist").short('f')]],
    args: ArgRule::AtLeast(1),
    action: verb!(run),
    ..Command::BLANK
};

/// What is asked before the network of the routing mesh goes.
const INGRESS: &str = "WARNING! Before removing the routing-mesh network, make sure all the nodes in your swarm run the \
    same docker engine version. Otherwise, removal may not be effective and functionality of newly create ingress networks \
    will be impaired.\nAre you sure you want to continue?";

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let client = session.client()?;
    let mut failed = false;
    for name in &parsed.args {
        if name.trim().is_empty() {
            session.complain("invalid network name or ID: value is empty");
            failed = true;
            continue;
        }
        let asked = asked(name);
        if client
            .network_inspect(asked.as_str(), false)
            .is_ok_and(|network| network.ingress)
            && !session.confirm(INGRESS).await
        {
            continue;
        }
        match client.network_remove(&asked).await {
            Ok(()) => session.line(name),
            Err(e) if parsed.on("force") && e.class() == Class::NotFound => {}
            Err(e) => {
                session.complain(&said(&e));
                failed = true;
            }
        }
    }
    match failed {
        true => Err(complaint("exit status 1")),
        false => Ok(0),
    }
}
