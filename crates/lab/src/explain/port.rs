//! A container that was made but could not be started, since a port of the machine is taken.

use super::{Evidence, Told, fixes};
use crate::names::Known;
use crate::view::Explanation;

/// Explains the last input if that is what became of it.
pub(super) fn taken(evidence: &Evidence<'_>) -> Option<Explanation> {
    let (known, at, error) = evidence.directory.failed_since(evidence.since)?;
    let names = |port: u16| {
        let place = format!(":{port}");
        let mut after = error.split(&place).skip(1);
        after.any(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    let asked = known.container.asked.iter();
    let asked = asked.copied().find(|(outer, _)| names(*outer));
    let (outer, inner) = asked.filter(|_| error.contains(" already "))?;
    let name = &known.container.name;
    let has = |known: &&Known<'_>| {
        let published = &known.container.published;
        published.iter().any(|(_, port, _)| *port == outer)
    };
    let owner = evidence.directory.on(known.machine).find(|k| has(&k));
    let detail = match owner {
        Some(owner) => format!("Port {outer} already belongs to {}.", owner.container.name),
        None => format!(
            "Another program of {} listens on port {outer}.",
            known.machine
        ),
    };
    let told = Told {
        sentence: format!("{name} was created but did not start."),
        detail,
        fixes: another(evidence, known, outer, inner).into_iter().collect(),
        ..Told::default()
    };
    Some(evidence.finish(told, at, None, Vec::new()))
}

/// The same line with the next port that is free, if the line says which one it wants.
fn another(
    evidence: &Evidence<'_>,
    known: Known<'_>,
    outer: u16,
    inner: u16,
) -> Option<crate::view::Fix> {
    let line = evidence.typed;
    let asked = format!("{outer}:{inner}");
    let one = line.trim_start().starts_with("docker run ") && !line.contains([';', '&', '|', '\n']);
    if !one || line.matches(&asked).count() != 1 {
        return None;
    }
    let used = evidence.directory.ports(known.machine);
    let free = (outer.checked_add(1)?..=u16::MAX).find(|p| !used.contains(p))?;
    let line = line.replace(&asked, &format!("{free}:{inner}"));
    let command = format!("docker rm {} && {line}", known.container.name);
    Some(fixes::fix(format!("Use {free}"), command, known.machine))
}
