//! What a command named that is not there: a device, a socket's path, the link of an address that every link has.

use super::{Evidence, Told, fixes, list};
use crate::places::Space;
use engine::client::SOCKET;
use kernel::trace::TraceEvent;
use std::net::IpAddr;

/// A device that the namespace does not have.
pub(super) fn no_device(
    evidence: &Evidence<'_>,
    event: &TraceEvent,
    space: &Space,
    device: &str,
) -> Told {
    let name = &space.name;
    let there = evidence.directory.device_names(event.ns);
    let mut others = there.iter().filter(|name| **name != "lo");
    let only = others.next().filter(|_| others.next().is_none());
    let fix = only.and_then(|other| {
        let command = fixes::other_word(evidence, space, device, other)?;
        Some(fixes::fix(format!("Use {other}"), command, &space.machine))
    });
    Told {
        sentence: format!("{name} has no interface called {device}."),
        detail: format!("It has {}.", list(there.iter().copied())),
        decided_by: format!("the interfaces of {name}"),
        fixes: fix.into_iter().collect(),
    }
}

/// A path at which nobody listens: the engine's own when it does not run, or another.
pub(super) fn no_listener(evidence: &Evidence<'_>, space: &Space, path: &str) -> Told {
    let machine = &space.machine;
    let decided_by = format!("the socket {path}: nobody listens there");
    let runs = evidence.directory.engine_runs(machine);
    if path == SOCKET && !runs {
        return Told {
            sentence: format!("No engine of {machine} answers at {path}."),
            detail: "What it had set up may still work; nothing can be changed without it."
                .to_owned(),
            decided_by,
            fixes: vec![fixes::fix(
                "Start the engine",
                "systemctl start docker",
                machine,
            )],
        };
    }
    let here = space.is_root() && runs;
    let command = fixes::other_word(evidence, space, path, SOCKET).filter(|_| here);
    let fix = command.map(|command| fixes::fix("Ask the engine", command, machine));
    Told {
        sentence: format!("Nothing listens at {path}."),
        detail: match here {
            true => format!("The engine of {machine} listens at {SOCKET}."),
            false => String::new(),
        },
        decided_by,
        fixes: fix.into_iter().collect(),
    }
}

/// An address that every link has, without the link.
pub(super) fn no_zone(
    evidence: &Evidence<'_>,
    event: &TraceEvent,
    space: &Space,
    to: IpAddr,
) -> Told {
    let there = evidence.directory.device_names(event.ns);
    let device = there.iter().find(|name| **name != "lo").copied();
    let device = device.unwrap_or("eth0");
    let zoned = format!("{to}%{device}");
    let fix = fixes::other_word(evidence, space, &to.to_string(), &zoned)
        .map(|command| fixes::fix("Say which link is meant", command, &space.machine));
    Told {
        sentence: format!("{to} is an address of a link, and each link may have it."),
        detail: format!("Write {zoned} for the one at {device}."),
        decided_by: "the address: it is link-local".to_owned(),
        fixes: fix.into_iter().collect(),
    }
}
