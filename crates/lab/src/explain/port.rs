//! A container that was made but could not be started, since a port of the machine is taken.

use super::{Evidence, Told, fixes};
use crate::names::Known;

/// What a refusal to start a container says, if that is what became of it.
pub(super) fn told(evidence: &Evidence<'_>, text: &str) -> Option<Told> {
    let (known, ..) = evidence.directory.failed_since(evidence.since)?;
    let names = |port: u16| {
        let place = format!(":{port}");
        let mut after = text.split(&place).skip(1);
        after.any(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    let asked = known.container.asked.iter();
    let mut asked = asked.copied().filter(|(_, outer, _)| names(*outer));
    let (_, outer, inner) = asked.next().filter(|_| text.contains(" already "))?;
    let name = &known.container.name;
    let has = |known: &Known<'_>| {
        let published = &known.container.published;
        published.iter().any(|(_, port, _)| *port == outer)
    };
    let owner = evidence.directory.on(known.machine).find(has);
    let detail = match owner {
        Some(owner) => format!("Port {outer} already belongs to {}.", owner.container.name),
        None if asked.next().is_some() => format!("It asks for port {outer} twice."),
        None => format!(
            "Another program of {} listens on port {outer}.",
            known.machine
        ),
    };
    // A Compose file would ask for it again.
    let alone = !evidence.typed.contains("docker compose");
    let stop = owner.filter(|_| alone).map(|owner| {
        let owner = &owner.container.name;
        let command = format!("docker stop {owner} && docker start {name}");
        fixes::fix(format!("Stop {owner}"), command, known.machine)
    });
    let other = another(evidence, known, outer, inner);
    Some(Told {
        sentence: format!("{name} was created but did not start."),
        detail,
        decided_by: format!("the machine's ports: {outer} is taken"),
        fixes: other.or(stop).into_iter().collect(),
    })
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
    let used =
        |p: &u16| used.contains(p) || known.container.asked.iter().any(|(_, outer, _)| outer == p);
    let free = (outer.checked_add(1)?..=u16::MAX).find(|p| !used(p))?;
    let line = line.replace(&asked, &format!("{free}:{inner}"));
    let command = format!("docker rm {} && {line}", known.container.name);
    Some(fixes::fix(format!("Use {free}"), command, known.machine))
}
