//! A program that lacks a capability.

use super::{Evidence, Told, fixes};
use crate::places::Space;

/// What was refused for want of a capability.
pub(super) fn lacks(evidence: &Evidence<'_>, space: &Space, capability: &str) -> Told {
    let name = &space.name;
    let (wanted, flag) = match capability {
        "NET_ADMIN" => (
            "change its interfaces, routes or rules",
            "--cap-add NET_ADMIN",
        ),
        "NET_BIND_SERVICE" => (
            "listen below its net.ipv4.ip_unprivileged_port_start",
            "--cap-add NET_BIND_SERVICE",
        ),
        "NET_RAW" => ("open raw sockets", "--cap-add NET_RAW"),
        _ => (
            "change the kernel's settings or enter namespaces",
            "--privileged",
        ),
    };
    let fix = evidence
        .container_of(space)
        .map(|known| fixes::again(known, format!("Make {name} anew with {flag}"), flag));
    Told {
        sentence: format!("Not permitted. {name} may not {wanted}: it lacks CAP_{capability}."),
        detail: format!("Docker gives a container few of root's rights. Run it with {flag}."),
        decided_by: format!("capabilities: {name} lacks CAP_{capability}"),
        fixes: fix.into_iter().collect(),
    }
}
