//! Containers that do not run: why, and what makes them run again.

use super::fixes::fix;
use crate::names::Known;
use crate::view::Fix;

/// Starts a container, unless its program ended without anybody stopping it: it would end again.
pub(super) fn start(known: Known<'_>) -> Option<Fix> {
    let name = &known.container.name;
    let start = || {
        fix(
            format!("Start {name}"),
            format!("docker start {name}"),
            known.machine,
        )
    };
    known.container.ended.is_none().then(start)
}

/// What to know of a container whose program ended without anybody stopping it.
pub(super) fn ended(known: Known<'_>) -> Option<String> {
    let name = &known.container.name;
    known.container.ended.map(|code| {
        format!(
            "The program of {name} ended by itself with exit code {code}, and its container with it: docker logs {name} shows what it said."
        )
    })
}
