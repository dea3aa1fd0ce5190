//! Namespaces that cannot be joined, networks that do not go together, parents that are taken.

use super::{Case, MODES, NETWORKS, anew, between, onto};
use crate::explain::Told;
use crate::view::Fix;

pub(super) fn told(case: &Case<'_>) -> Option<Told> {
    host(case)
        .or_else(|| shared(case))
        .or_else(|| conflicting(case))
        .or_else(|| parent(case))
        .or_else(|| link(case))
}

fn decided(sentence: String, detail: impl Into<String>, fix: Option<Fix>) -> Told {
    Told {
        sentence,
        detail: detail.into(),
        decided_by: MODES.to_owned(),
        fixes: fix.into_iter().collect(),
    }
}

/// A link of the old kind to a container that is elsewhere than on the default bridge.
fn link(case: &Case<'_>) -> Option<Told> {
    let before = case
        .text
        .split_once(" not attached to default bridge network")?
        .0;
    let target = case.container(before.rsplit(' ').next()?)?;
    let name = &target.container.name;
    let own = target.own_networks().next();
    let detail = own.map_or_else(String::new, |n| {
        format!(
            "{name} is on {}: whoever is on it, too, knows it by its name, without a link.",
            n.name
        )
    });
    let elsewhere = case.line.value(&["--network", "--net"]).is_some();
    let own = own.filter(|_| !elsewhere);
    let line = own.and_then(|n| {
        case.line
            .with("docker run", &format!("--network {}", n.name))
    });
    let fix = line.map(|line| case.instead(format!("Use the network of {name}"), line));
    let sentence = format!("{name} is not on the default bridge, and a link leads nowhere else.");
    Some(decided(sentence, detail, fix))
}

/// The machine's own namespace, and none at all.
fn host(case: &Case<'_>) -> Option<Told> {
    let text = case.text;
    let known = case.container(case.line.last());
    if text.contains("connect container to host network") {
        let fix = known.map(|k| anew(k, "host"));
        return Some(decided(
            "A container gets the machine's namespace when it is made, or never.".to_owned(),
            "The network host is no network to connect to: its containers are in the machine's own namespace.",
            fix,
        ));
    }
    if text.contains("disconnect container from host network") {
        return Some(decided(
            format!(
                "{} is in the machine's own namespace for as long as it lives.",
                case.line.last()
            ),
            "",
            known.map(|k| anew(k, "bridge")),
        ));
    }
    if text.contains("in private (none) mode") {
        let on_none = known.filter(|k| k.networks().any(|n| n.name == "none"));
        let fix = on_none.map(|k| {
            let name = &k.container.name;
            case.fix(
                format!("Disconnect {name} from none"),
                format!("docker network disconnect none {name}"),
            )
        });
        return Some(decided(
            "The network none goes with no other.".to_owned(),
            "Who is on it has no interface but loopback.",
            fix,
        ));
    }
    None
}

/// A container in another's namespace.
fn shared(case: &Case<'_>) -> Option<Told> {
    if !case
        .text
        .contains("cannot be connected to any other network")
    {
        return None;
    }
    let name = case.line.last();
    let known = case.container(name)?;
    let network = case.line.0.split_whitespace().rev().nth(1)?;
    let owner = known.container.network_mode.strip_prefix("container:");
    let owner = owner.and_then(|id| case.container(id));
    let (whose, fix) = match owner {
        Some(owner) => (owner.container.name.as_str(), onto(network, owner)),
        None => (case.machine, anew(known, network)),
    };
    let none = matches!(network, "none" | "host");
    let apart = owner.filter(|_| !none).map(|_| anew(known, network));
    let mut told = decided(
        format!("{name} is in the namespace of {whose} and has no interfaces of its own."),
        "",
        apart,
    );
    // Where it is the machine's, there is nobody else to connect.
    if owner.is_none() && !none {
        told.fixes = vec![fix];
    }
    Some(told)
}

/// Flags that a shared namespace leaves no room for: what the engine calls them, and how they are written.
const FLAGS: [(&str, &[&str]); 7] = [
    (
        "port publishing",
        &["-p", "--publish", "-P", "--publish-all"],
    ),
    ("port exposing", &["--expose"]),
    ("hostname", &["-h", "--hostname"]),
    ("custom host-to-IP mapping", &["--add-host"]),
    ("dns", &["--dns"]),
    ("mac-address", &["--mac-address"]),
    ("links", &["--link"]),
];

/// A flag that does not go with the network mode.
fn conflicting(case: &Case<'_>) -> Option<Told> {
    let (_, what) = case.text.split_once("conflicting options: ")?;
    let (_, flags) = FLAGS.iter().find(|(name, _)| what.contains(name))?;
    let flag = flags.iter().find(|f| case.line.0.contains(*f));
    let flag = flag.or_else(|| flags.first())?;
    let fix = case.line.without(flags);
    Some(decided(
        format!("{flag} does not go with a namespace that is another's."),
        "Names, ports and addresses of a shared namespace are set by the one whose it is.",
        fix.map(|l| case.instead(format!("Leave out {flag}"), l)),
    ))
}

/// Networks that cannot stand on a device together, or be called as they are.
fn parent(case: &Case<'_>) -> Option<Told> {
    if let Some((_, parent)) = case.text.split_once("is already using parent interface ") {
        let parent = parent.trim_end();
        let other = case.survey.networks.iter().find(|n| n.parent == parent)?;
        let unused = case.on(other).is_empty();
        let name = &other.name;
        let remove = unused.then(|| {
            case.fix(
                format!("Remove {name}"),
                format!("docker network rm {name}"),
            )
        });
        return Some(Told {
            sentence: format!(
                "{name} stands on {parent} already, in another way than this one would."
            ),
            detail: "A parent carries one kind of network; others need a VLAN of their own."
                .to_owned(),
            decided_by: NETWORKS.to_owned(),
            fixes: remove.into_iter().collect(),
        });
    }
    if case.text.contains("van port: device or resource busy")
        || case.text.contains("lan port: device or resource busy")
    {
        return Some(Told {
            sentence: "macvlan and ipvlan cannot stand on one parent at the same time.".to_owned(),
            detail: String::new(),
            decided_by: "the kernel: the parent is busy".to_owned(),
            ..Told::default()
        });
    }
    if case
        .text
        .contains("can only be used for an internal network")
    {
        let line = case.line.with("network create", "--internal");
        return Some(decided(
            "In this gateway mode the bridge has no address, which only an internal network may do without.".to_owned(),
            "",
            line.map(|l| case.instead("Make it internal", l)),
        ));
    }
    if let Some(other) = between(
        case.text,
        "conflicts with network ",
        "): networks have same bridge name",
    ) {
        let (id, bridge) = other.split_once(" (")?;
        let name = case.network(id).map_or(id, |n| n.name.as_str());
        return Some(decided(
            format!("The bridge {bridge} belongs to {name} already."),
            "",
            None,
        ));
    }
    None
}
