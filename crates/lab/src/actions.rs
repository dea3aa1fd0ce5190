//! What a person would do next with a thing on the stage, in Docker's and Linux's own commands.

mod swarm;

use crate::names::{Directory, Known};
use crate::offers::quoted;
use crate::scenario::{Role, Scenario};
use crate::topology::listening;
use crate::view::{Action, ImageOffer, place};
use engine::survey::{ContainerFacts, Survey};
use kernel::Kernel;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Programs that keep an image without a server alive.
const IDLE: &str = "sleep 1d";

/// What can be done with the thing at a place; nothing for places that are not to be touched.
pub(crate) fn actions(kernel: &Kernel, scenario: &Scenario, at: &str) -> Vec<Action> {
    let directory = Directory::new(kernel);
    let Some((kind, rest)) = at.split_once(':') else {
        return Vec::new();
    };
    let (machine, id) = rest.split_once('/').unwrap_or((rest, ""));
    match kind {
        "container" => directory
            .container(id)
            .map(|known| container(kernel, &directory, &known))
            .unwrap_or_default(),
        "network" => directory
            .survey(machine)
            .map(|s| network(&directory, s, machine, id))
            .unwrap_or_default(),
        "namespace" => namespace(machine, id),
        "machine" => on_machine(kernel, &directory, scenario, machine),
        "published" => published(&directory, scenario, kernel, at),
        "hook" => hook(machine, id),
        _ => Vec::new(),
    }
}

fn action(machine: &str, label: &str, command: String) -> Action {
    Action {
        label: label.to_owned(),
        commands: vec![command],
        machine: machine.to_owned(),
        ..Action::default()
    }
}

fn container(kernel: &Kernel, directory: &Directory<'_>, known: &Known<'_>) -> Vec<Action> {
    let (c, machine) = (known.container, known.machine);
    let say = |label: &str, verb: &str| action(machine, label, format!("docker {verb} {}", c.name));
    let mut list = Vec::new();
    match c.status.as_str() {
        "running" => {
            let shell = format!("docker exec -it {} {}", c.name, shell_of(kernel, c));
            list.push(Action {
                interactive: true,
                ..action(machine, "Open a shell", shell)
            });
            list.push(say("Show its logs", "logs"));
            list.extend(publish(kernel, known));
            list.push(say("Pause", "pause"));
            list.push(say("Restart", "restart"));
            list.push(say("Stop", "stop"));
        }
        "paused" => {
            list.push(say("Go on", "unpause"));
            list.push(say("Show its logs", "logs"));
        }
        _ => {
            list.push(say("Start", "start"));
            list.push(say("Show its logs", "logs"));
        }
    }
    // What is done to one task the swarm undoes: who wants less of a service tells the service.
    if let Some(service) = &c.service {
        list.extend(swarm::on_service(kernel, directory, known, service));
    } else {
        list.push(delete(machine, format!("docker rm -f {}", c.name)));
    }
    list
}

fn delete(machine: &str, command: String) -> Action {
    Action {
        destructive: true,
        ..action(machine, "Delete", command)
    }
}

/// What can be done with a namespace that somebody made by hand.
fn namespace(machine: &str, name: &str) -> Vec<Action> {
    let name = quoted(name);
    let shell = format!("ip netns exec {name} bash");
    vec![
        Action {
            interactive: true,
            ..action(machine, "Open a shell", shell)
        },
        action(machine, "Show its routes", format!("ip -n {name} route")),
        delete(machine, format!("ip netns del {name}")),
    ]
}

/// The shell that an image has.
fn shell_of(kernel: &Kernel, c: &ContainerFacts) -> &'static str {
    if has_program(kernel, c, "bash") {
        "bash"
    } else {
        "sh"
    }
}

fn has_program(kernel: &Kernel, c: &ContainerFacts, name: &str) -> bool {
    let tree = c
        .process
        .and_then(|p| kernel.proc.get(p))
        .and_then(|p| kernel.tree(p.mount));
    let dirs = ["/bin", "/usr/bin", "/sbin", "/usr/sbin", "/usr/local/bin"];
    tree.is_some_and(|t| {
        let there = |dir: &&str| t.resolve(&format!("{dir}/{name}"), true);
        dirs.iter()
            .filter_map(|dir| there(dir).ok())
            .any(|path| t.get(&path).is_some())
    })
}

/// Ports of a container cannot be published later: it is made anew, as far as that can be told from outside.
fn publish(kernel: &Kernel, known: &Known<'_>) -> Option<Action> {
    let c = known.container;
    if matches!(c.network_mode.as_str(), "host" | "none")
        || c.network_mode.contains(':')
        || c.service.is_some()
    {
        return None;
    }
    let taken = |target: &str| c.published.iter().any(|(_, _, t)| t == target);
    let port = listening(kernel, c)
        .into_iter()
        .find(|p| !taken(&format!("{p}/tcp")))?;
    let used = |host: u16| {
        let all = known.survey.containers.iter().flat_map(|c| &c.published);
        all.into_iter().any(|(_, p, _)| *p == host)
    };
    let outside = [port.saturating_add(8000), port]
        .into_iter()
        .chain(8080..8180)
        .find(|p| *p >= 1024 && !used(*p))?;
    let mut names = known.networks().map(|n| quoted(&n.name));
    let first = names.next().unwrap_or_else(|| "bridge".to_owned());
    let before: String = c
        .published
        .iter()
        .map(|(ip, p, target)| {
            let ip = if ip.is_unspecified() {
                String::new()
            } else {
                format!("{ip}:")
            };
            format!(" -p {ip}{p}:{target}")
        })
        .collect();
    let mut commands = vec![
        format!("docker rm -f {}", c.name),
        format!(
            "docker run -d --name {} --network {first}{before} -p {outside}:{port} {}",
            c.name, c.image
        ),
    ];
    commands.extend(names.map(|n| format!("docker network connect {n} {}", c.name)));
    Some(Action {
        label: format!("Publish port {port} (made anew)"),
        commands,
        machine: known.machine.to_owned(),
        ..Action::default()
    })
}

fn network(directory: &Directory<'_>, survey: &Survey, machine: &str, id: &str) -> Vec<Action> {
    let Some(network) = survey.networks.iter().find(|n| n.id == id) else {
        // It has gone, or was made by hand.
        let device = directory.device_of(machine, id);
        let delete = device.map(|_| delete(machine, format!("ip link del {id}")));
        return delete.into_iter().collect();
    };
    let name = quoted(&network.name);
    let mut list = vec![action(
        machine,
        "Inspect in the terminal",
        format!("docker network inspect {name}"),
    )];
    let made_by_hand = !matches!(
        network.name.as_str(),
        "bridge" | "ingress" | "docker_gwbridge"
    );
    let here = network.vni.is_none() || swarm::manages(survey);
    if made_by_hand && here {
        let members = survey
            .containers
            .iter()
            .filter(|c| c.networks.contains(&network.id));
        let mut commands: Vec<String> = members
            .map(|c| format!("docker network disconnect {name} {}", c.name))
            .collect();
        commands.push(format!("docker network rm {name}"));
        list.push(Action {
            label: "Delete".to_owned(),
            commands,
            machine: machine.to_owned(),
            destructive: true,
            interactive: false,
        });
    }
    list
}

fn on_machine(
    kernel: &Kernel,
    directory: &Directory<'_>,
    scenario: &Scenario,
    machine: &str,
) -> Vec<Action> {
    let Some(spec) = scenario.machines.iter().find(|m| m.name == machine) else {
        return Vec::new();
    };
    if spec.role == Role::Docker {
        let Some(survey) = directory.survey(machine) else {
            return Vec::new();
        };
        let mut list = vec![
            new_network(survey, machine),
            action(machine, "List its containers", "docker ps -a".to_owned()),
            action(machine, "Show its routes", "ip route".to_owned()),
        ];
        list.extend(swarm::on_machine(kernel, survey, machine));
        return list;
    }
    Vec::new()
}

/// A network with the next free name.
fn new_network(survey: &Survey, machine: &str) -> Action {
    let free = ('a'..='z')
        .map(|c| format!("net-{c}"))
        .chain((1..1000).map(|n| format!("net-{n}")))
        .find(|name| !survey.networks.iter().any(|n| n.name == *name))
        .unwrap_or_else(|| "net".to_owned());
    action(
        machine,
        "New network",
        format!("docker network create {free}"),
    )
}

/// Asking at a published port: from an outside machine where it can be reached from there, and from the machine itself.
fn published(
    directory: &Directory<'_>,
    scenario: &Scenario,
    kernel: &Kernel,
    at: &str,
) -> Vec<Action> {
    let mut list = Vec::new();
    for spec in &scenario.machines {
        let Some(survey) = directory.survey(spec.name) else {
            continue;
        };
        let own = survey.containers.iter().flat_map(|c| &c.published);
        let own = own.map(|(ip, port, target)| (*ip, *port, target));
        let mesh = survey.services.iter().flat_map(|s| &s.ports);
        let mesh = mesh.map(|(port, target)| (Ipv4Addr::UNSPECIFIED.into(), *port, target));
        for (ip, port, target) in own.chain(mesh) {
            let binding = SocketAddr::new(ip, port);
            let protocol = target.split_once('/').map_or("tcp", |t| t.1);
            if place::published(spec.name, &format!("{binding}/{protocol}")) != at {
                continue;
            }
            let asked = |from: &str, ip: String| {
                action(
                    from,
                    &format!("Ask it from {from}"),
                    format!("curl http://{ip}:{port}"),
                )
            };
            let laptop = scenario.machines.iter().find(|m| m.role == Role::Laptop);
            if let (Some(laptop), false, Some(ip)) =
                (laptop, ip.is_loopback(), address_of(kernel, spec.name))
            {
                list.push(asked(laptop.name, ip.to_string()));
            }
            list.push(asked(spec.name, "127.0.0.1".to_owned()));
        }
    }
    list
}

fn hook(machine: &str, name: &str) -> Vec<Action> {
    if name == "ROUTE" {
        return vec![action(machine, "Show its routes", "ip route".to_owned())];
    }
    let table = match name {
        "FORWARD" | "INPUT" => "filter",
        _ => "nat",
    };
    vec![action(
        machine,
        "List its rules in the terminal",
        format!("iptables -t {table} -L {name} -n -v"),
    )]
}

/// The address of a machine's first physical interface.
fn address_of(kernel: &Kernel, machine: &str) -> Option<IpAddr> {
    let ns = kernel.machine_named(machine)?.root_ns;
    kernel
        .links(ns)
        .into_iter()
        .filter_map(|l| kernel.link(l))
        .filter(|l| matches!(l.kind, kernel::net::LinkKind::Nic(_)))
        .flat_map(|l| l.addrs.iter())
        .map(|a| a.addr)
        .find(IpAddr::is_ipv4)
}

/// What one thing could say to another: a ping, and a request if somebody listens there.
pub(crate) fn contacts(kernel: &Kernel, scenario: &Scenario, from: &str, to: &str) -> Vec<Action> {
    let directory = Directory::new(kernel);
    let container = |place: &str| {
        let id = place.strip_prefix("container:")?.split_once('/')?.1;
        directory.container(id)
    };
    let (machine, prefix, source) = match (container(from), from.strip_prefix("machine:")) {
        (Some(k), _) if k.container.netns.is_some() => (
            k.machine.to_owned(),
            format!("docker exec {} ", k.container.name),
            Some(k),
        ),
        (None, Some(name)) if scenario.machines.iter().any(|m| m.name == name) => {
            (name.to_owned(), String::new(), None)
        }
        _ => return Vec::new(),
    };
    let (name, ports) = match (container(to), to.strip_prefix("machine:")) {
        (Some(k), _) => {
            let shares = source.is_some_and(|s| {
                s.own_networks()
                    .any(|n| k.own_networks().any(|m| m.id == n.id))
            });
            let address = first_address(kernel, &k);
            let name = if shares {
                Some(k.container.name.clone())
            } else {
                address
            };
            (name, listening(kernel, k.container))
        }
        (None, Some(machine)) => (
            address_of(kernel, machine).map(|ip| ip.to_string()),
            Vec::new(),
        ),
        _ => (None, Vec::new()),
    };
    let Some(name) = name else { return Vec::new() };
    let can = |program: &str| source.is_none_or(|s| has_program(kernel, s.container, program));
    let mut list = Vec::new();
    if can("ping") {
        list.push(action(
            &machine,
            &format!("Ping {name}"),
            format!("{prefix}ping -c 1 {name}"),
        ));
    }
    for port in ports {
        let open = if can("curl") {
            format!("{prefix}curl http://{name}:{port}")
        } else if can("wget") {
            format!("{prefix}wget -qO- http://{name}:{port}")
        } else if can("nc") {
            format!("{prefix}nc -zv {name} {port}")
        } else {
            continue;
        };
        list.push(action(&machine, &format!("Connect to {name}:{port}"), open));
    }
    list
}

fn first_address(kernel: &Kernel, k: &Known<'_>) -> Option<String> {
    let links = k.container.interfaces.iter();
    links
        .filter_map(|(_, l)| kernel.link(*l))
        .flat_map(|l| l.addrs.iter())
        .find(|a| a.addr.is_ipv4())
        .map(|a| a.addr.to_string())
}

/// The images of a machine, each with the lines that run it.
pub(crate) fn images(kernel: &Kernel, machine: &str) -> Vec<ImageOffer> {
    let directory = Directory::new(kernel);
    let Some(survey) = directory.survey(machine) else {
        return Vec::new();
    };
    let taken = |name: &str| survey.containers.iter().any(|c| c.name == name);
    survey
        .images
        .iter()
        .map(|image| {
            let short = image.rsplit('/').next().unwrap_or(image);
            let base = short.split(':').next().unwrap_or(short);
            let name = std::iter::once(base.to_owned())
                .chain((2..1000).map(|n| format!("{base}{n}")))
                .find(|name| !taken(name))
                .unwrap_or_else(|| base.to_owned());
            // Images whose own command is a shell or a client would end at once.
            let keep = if matches!(
                base,
                "busybox" | "alpine" | "curl" | "debian" | "ubuntu" | "netshoot"
            ) {
                format!(" {IDLE}")
            } else {
                String::new()
            };
            let run = |network: &str| format!("docker run -d --name {name}{network} {image}{keep}");
            let drawn = survey
                .networks
                .iter()
                .filter(|n| n.attachable && !matches!(n.driver.as_str(), "host" | "null"));
            let on = drawn.map(|n| {
                let option = if n.name == "bridge" {
                    String::new()
                } else {
                    format!(" --network {}", quoted(&n.name))
                };
                (place::network(machine, &n.id), run(&option))
            });
            ImageOffer {
                image: image.clone(),
                command: run(""),
                on: on.collect(),
                machine: machine.to_owned(),
            }
        })
        .collect()
}
