//! `localhost` in a container, where another container or the machine was meant.

use super::fixes::fix;
use super::{End, Evidence, asker};
use crate::names::answers_for_names;
use crate::view::Fix;
use std::net::SocketAddr;

/// Who listens on the port that was asked for at a container's own loopback, in a sentence, and the line that asks there.
pub(super) fn meant(
    evidence: &Evidence<'_>,
    end: End<'_>,
    port: u16,
) -> Option<(String, Vec<Fix>)> {
    let space = end.space;
    let networks = asker::networks(evidence, space);
    let named = |id: &String| {
        let mut own = networks.iter().filter(|n| answers_for_names(n));
        own.any(|n| n.id == *id)
    };
    let neighbour = evidence.directory.on(&space.machine).find(|k| {
        k.container.networks.iter().any(named)
            && Some(&k.container.id) != space.container.as_ref()
            && evidence.directory.listening_of(*k).contains(&port)
    });
    if let Some(known) = neighbour {
        let name = &known.container.name;
        let detail = format!("{name} listens on port {port}: ask for it by its name.");
        return Some((detail, instead(evidence, end, name)));
    }
    let machine = &space.machine;
    let everywhere = |at: &SocketAddr| at.port() == port && at.ip().is_unspecified();
    let gateway = networks.iter().find_map(|n| n.gateway)?;
    let root = evidence.directory.root_of(machine)?;
    let listens = evidence.directory.listening(root, false);
    listens.iter().any(everywhere).then(|| {
        let detail = format!("{machine} listens on port {port}, and is at {gateway} from here.");
        (detail, instead(evidence, end, &gateway.to_string()))
    })
}

/// The line that was typed with somebody else in place of the loopback.
fn instead(evidence: &Evidence<'_>, end: End<'_>, other: &str) -> Vec<Fix> {
    let line = evidence.typed.trim();
    let verbs = ["docker run ", "docker exec ", "docker compose "];
    let one = verbs.iter().any(|verb| line.starts_with(verb));
    let plain = one && !line.contains([';', '&', '|', '\n', '`', '$', '<', '>']);
    let word = ["localhost", "127.0.0.1"]
        .into_iter()
        .find(|word| line.matches(word).count() == 1);
    let command = word.filter(|_| plain).map(|w| line.replace(w, other));
    command
        .map(|command| fix(format!("Ask {other}"), command, &end.space.machine))
        .into_iter()
        .collect()
}
