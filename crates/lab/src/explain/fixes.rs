//! Ways out, as command lines.

use super::Evidence;
use crate::names::Known;
use crate::offers::quoted;
use crate::places::Space;
use crate::view::Fix;
use std::net::IpAddr;

/// A command to type on a machine.
pub(super) fn fix(label: impl Into<String>, command: impl Into<String>, machine: &str) -> Fix {
    Fix {
        label: label.into(),
        command: command.into(),
        machine: machine.to_owned(),
    }
}

/// The line that was typed with another word in place of one that stands in it once; `None` if more than one program is
/// in it, or if it was typed elsewhere than on the machine.
pub(super) fn other_word(
    evidence: &Evidence<'_>,
    space: &Space,
    word: &str,
    other: &str,
) -> Option<String> {
    let line = evidence.typed.trim();
    let plain = !line.contains([';', '&', '|', '\n', '`', '$', '<', '>']);
    let on_machine = space.is_root() || line.starts_with("docker ");
    let found = line.split(' ').filter(|w| *w == word).count();
    let words = line.split(' ').map(|w| if w == word { other } else { w });
    (plain && on_machine && found == 1).then(|| words.collect::<Vec<_>>().join(" "))
}

/// A command of the network tools, in the namespace where it is needed: a container has no rights to change its own.
pub(super) fn within(space: &Space, label: impl Into<String>, command: &str) -> Fix {
    let before = match (&space.container, space.by_hand) {
        (Some(_), _) => format!(
            "nsenter -t $(docker inspect -f '{{{{.State.Pid}}}}' {}) -n ",
            space.name
        ),
        (None, true) => format!("ip netns exec {} ", quoted(&space.name)),
        (None, false) => String::new(),
    };
    let parts = command.split(" && ").map(|one| format!("{before}{one}"));
    let command = parts.collect::<Vec<_>>().join(" && ");
    fix(label, command, &space.machine)
}

/// `docker network connect`.
pub(super) fn connect(network: &str, container: Known<'_>) -> Fix {
    let name = &container.container.name;
    fix(
        format!("Connect {name} to {network}"),
        format!("docker network connect {} {name}", quoted(network)),
        container.machine,
    )
}

/// `docker network connect`, so that the container has this name there: its own, or an alias.
pub(super) fn connect_as(network: &str, container: Known<'_>, asked: &str) -> Fix {
    let name = &container.container.name;
    let plain = connect(network, container);
    if name.eq_ignore_ascii_case(asked) {
        return plain;
    }
    let (network, asked) = (quoted(network), quoted(asked));
    Fix {
        command: format!("docker network connect --alias {asked} {network} {name}"),
        ..plain
    }
}

/// The two ways to put two containers on one network, where `b` has the name that was asked for.
pub(super) fn share_a_network(a: Known<'_>, b: Known<'_>, asked: &str) -> Vec<Fix> {
    let onto_a = a.own_networks().next();
    let onto_a = onto_a.map(|n| connect_as(&n.name, b, asked));
    let onto_b = b.own_networks().next().map(|n| connect(&n.name, a));
    onto_a.into_iter().chain(onto_b).collect()
}

/// Both of them on one network, for those who are on the default bridge. One that `a` is on alone is as good as another.
pub(super) fn leave_default_bridge(a: Known<'_>, b: Known<'_>, asked: &str) -> Fix {
    if let Some(network) = b.own_networks().next() {
        return connect(&network.name, a);
    }
    if let Some(network) = a.own_networks().next() {
        return connect_as(&network.name, b, asked);
    }
    let (a_name, b_name) = (&a.container.name, &b.container.name);
    let taken = |name: &String| a.survey.networks.iter().any(|n| n.name == *name);
    let names = (2..).map(|n| format!("mynet{n}"));
    let mut names = std::iter::once("mynet".to_owned()).chain(names);
    let network = names.find(|n| !taken(n)).unwrap_or_default();
    let onto_b = connect_as(&network, b, asked).command;
    fix(
        format!("Put {a_name} and {b_name} on a network of their own"),
        format!(
            "docker network create {network} && docker network connect {network} {a_name} && {onto_b}"
        ),
        a.machine,
    )
}

/// The same container made anew, run with more flags.
pub(super) fn again(known: Known<'_>, label: impl Into<String>, flags: &str) -> Fix {
    let network = match known.container.network_mode.as_str() {
        "" | "default" | "bridge" => String::new(),
        other => format!("--network {} ", quoted(other)),
    };
    Fix {
        label: label.into(),
        ..anew(known, &format!("{network}{flags}"))
    }
}

/// The same container made anew, run with these flags.
pub(super) fn anew(known: Known<'_>, flags: &str) -> Fix {
    let name = &known.container.name;
    let mut command = format!("docker rm -f {name} && {}", run(known, name, flags));
    for network in known.networks().skip(1) {
        let joined = connect(&network.name, known).command;
        command = format!("{command} && {joined}");
    }
    fix("", command, known.machine)
}

/// Another container like this one, with a port published.
pub(super) fn published(known: Known<'_>, at: &str, port: u16, inner: u16) -> Fix {
    let name = &known.container.name;
    fix(
        format!("Run another {name} with port {inner} published"),
        run(
            known,
            &format!("{name}-published"),
            &format!("-p {at}{port}:{inner}"),
        ),
        known.machine,
    )
}

/// `docker run` of what a container was made from.
fn run(known: Known<'_>, name: &str, flags: &str) -> String {
    let c = known.container;
    let detached = if c.tty { "-dit" } else { "-d" };
    let words = c.arguments.iter().map(|word| format!(" {}", quoted(word)));
    format!(
        "docker run {detached} --name {name} {flags} {}{}",
        c.image,
        words.collect::<String>()
    )
}

/// A line in `/etc/hosts` of a container or a machine.
pub(super) fn hosts_line(space: &Space, address: IpAddr, name: &str) -> Fix {
    match space.container {
        None => fix(
            hosts_label(&space.name, name),
            hosts_command(address, name),
            &space.machine,
        ),
        Some(_) => inside(&space.name, &space.machine, address, name),
    }
}

/// A line in `/etc/hosts` of a container, in whichever namespace it is.
pub(super) fn hosts_line_of(known: Known<'_>, address: IpAddr, name: &str) -> Fix {
    inside(&known.container.name, known.machine, address, name)
}

fn inside(container: &str, machine: &str, address: IpAddr, name: &str) -> Fix {
    let line = hosts_command(address, name);
    let command = format!("docker exec {container} sh -c \"{line}\"");
    fix(hosts_label(container, name), command, machine)
}

fn hosts_label(whose: &str, name: &str) -> String {
    format!("Write {name} into {whose}'s /etc/hosts")
}

fn hosts_command(address: IpAddr, name: &str) -> String {
    format!("echo '{address} {name}' >> /etc/hosts")
}
