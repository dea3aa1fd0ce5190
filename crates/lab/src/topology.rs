//! What stands on the stage: read from kernels and engines.

use crate::scenario::{Role, Scenario};
use crate::view::{self, place};
use engine::survey::{ContainerFacts, NetworkFacts, Survey, survey};
use kernel::Kernel;
use kernel::ids::{LinkId, MachineId, NetnsId};
use kernel::net::LinkKind;
use kernel::netfilter::{Family, Hook, TableName};
use kernel::sock::SockType;
use sorted::SortedMap;

/// Numbers that decide a network's hue and mark: given at first sight, never used again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Marks {
    given: SortedMap<String, u32>,
}

impl Marks {
    fn of(&mut self, machine: &str, network: &str) -> u32 {
        let next = u32::try_from(self.given.len()).unwrap_or(u32::MAX);
        *self
            .given
            .entry(format!("{machine}/{network}"))
            .or_insert(next)
    }
}

/// Everything that stands on the stage now.
pub(crate) fn topology(kernel: &Kernel, scenario: &Scenario, marks: &mut Marks) -> view::Topology {
    let lan = place::lan("LAN");
    let mut machines = Vec::new();
    for spec in &scenario.machines {
        let Some(machine) = kernel.machine_named(spec.name) else {
            continue;
        };
        let survey = survey(kernel, machine.id);
        machines.push(machine_view(
            kernel,
            machine.id,
            spec.role,
            survey.as_ref(),
            &lan,
            marks,
        ));
    }
    let lans = vec![view::Lan {
        id: lan,
        name: "LAN".into(),
        subnet: "192.168.1.0/24".into(),
    }];
    view::Topology { machines, lans }
}

fn machine_view(
    kernel: &Kernel,
    id: MachineId,
    role: Role,
    survey: Option<&Survey>,
    lan: &str,
    marks: &mut Marks,
) -> view::Machine {
    let Some((name, ns)) = kernel.machine(id).map(|m| (m.name.to_string(), m.root_ns)) else {
        return view::Machine::default();
    };
    let docker = role == Role::Docker;
    let interfaces = kernel
        .links(ns)
        .into_iter()
        .filter(|l| {
            kernel
                .link(*l)
                .is_some_and(|l| matches!(l.kind, LinkKind::Nic(_)))
        })
        .map(|l| view::Interface {
            lan: on_lan(kernel, l).then(|| lan.to_owned()),
            ..interface(kernel, l)
        })
        .collect();
    let empty = Survey::default();
    let facts = survey.unwrap_or(&empty);
    view::Machine {
        id: place::machine(&name),
        kind: match role {
            Role::Docker => view::MachineKind::Docker,
            Role::Laptop => view::MachineKind::Laptop,
            Role::Router => view::MachineKind::Router,
            Role::Internet => view::MachineKind::Internet,
        },
        note: match (role, survey) {
            (Role::Docker, Some(_)) => "Docker Engine 28.5.2".into(),
            (Role::Docker, None) => "engine stopped".into(),
            (Role::Router, _) => "DNS".into(),
            (Role::Laptop, _) => String::new(),
            (Role::Internet, _) => "web server".into(),
        },
        online: true,
        has_terminal: role != Role::Internet,
        interfaces,
        hooks: if docker {
            hooks(kernel, ns, &name)
        } else {
            Vec::new()
        },
        networks: facts
            .networks
            .iter()
            .filter(|n| !matches!(n.driver.as_str(), "host" | "null"))
            .map(|n| network_view(kernel, ns, n, &name, marks))
            .collect(),
        containers: facts
            .containers
            .iter()
            .map(|c| container_view(kernel, c, facts, &name))
            .collect(),
        published: facts
            .containers
            .iter()
            .flat_map(|c| published(c, &name))
            .collect(),
        name,
    }
}

fn interface(kernel: &Kernel, id: LinkId) -> view::Interface {
    let Some(link) = kernel.link(id) else {
        return view::Interface::default();
    };
    let mut addresses: Vec<_> = link
        .addrs
        .iter()
        .filter(|a| a.scope == kernel::net::Scope::Global)
        .collect();
    sorted::sort_by_key(&mut addresses, |a| a.addr.is_ipv6());
    view::Interface {
        name: link.name.to_string(),
        addresses: addresses
            .iter()
            .map(|a| format!("{}/{}", a.addr, a.prefix))
            .collect(),
        mac: link.mac.to_string(),
        up: link.admin_up,
        lan: None,
        network: None,
    }
}

/// Whether a NIC is plugged into the LAN rather than into what lies beyond the router.
fn on_lan(kernel: &Kernel, id: LinkId) -> bool {
    let segment = match kernel.link(id).map(|link| &link.kind) {
        Some(LinkKind::Nic(nic)) => nic.segment,
        _ => None,
    };
    segment
        .and_then(|s| kernel.net.segment(s))
        .is_some_and(|s| &*s.name == "LAN")
}

fn hooks(kernel: &Kernel, ns: NetnsId, machine: &str) -> Vec<view::Hook> {
    let tables_at = |hook: Hook| -> Vec<String> {
        let Some(nf) = kernel.netns(ns).map(|n| &n.nf) else {
            return Vec::new();
        };
        TableName::ALL
            .into_iter()
            .filter(|name| {
                nf.table(Family::V4, *name).is_some_and(|t| {
                    t.chains()
                        .any(|c| c.hook == Some(hook) && !c.rules().is_empty())
                })
            })
            .map(|name| crate::journey::words::table(name).to_owned())
            .collect()
    };
    let hook = |name: &str, tables: Vec<String>| view::Hook {
        id: place::hook(machine, name),
        name: name.to_owned(),
        tables,
    };
    vec![
        hook("PREROUTING", tables_at(Hook::Prerouting)),
        hook("ROUTE", vec!["FIB".into()]),
        hook("FORWARD", tables_at(Hook::Forward)),
        hook("POSTROUTING", tables_at(Hook::Postrouting)),
        hook("INPUT", tables_at(Hook::Input)),
        hook("OUTPUT", tables_at(Hook::Output)),
    ]
}

fn network_view(
    kernel: &Kernel,
    ns: NetnsId,
    n: &NetworkFacts,
    machine: &str,
    marks: &mut Marks,
) -> view::Network {
    let parent = kernel
        .link_by_name(ns, &n.parent)
        .and_then(|id| kernel.link(id));
    view::Network {
        parent: n.parent.clone(),
        driver_mode: n.mode.to_owned(),
        vlan: parent.and_then(|link| match &link.kind {
            LinkKind::Vlan(vlan) => Some(vlan.id),
            _ => None,
        }),
        id: place::network(machine, &n.id),
        name: n.name.clone(),
        driver: n.driver.clone(),
        interface: n.bridge.clone(),
        subnet: n.subnets.first().cloned().unwrap_or_default(),
        gateway: n.gateway.map(|g| g.to_string()).unwrap_or_default(),
        internal: n.internal,
        mark: marks.of(machine, &n.id),
    }
}

fn container_view(
    kernel: &Kernel,
    c: &ContainerFacts,
    facts: &Survey,
    machine: &str,
) -> view::Container {
    let state = match c.status.as_str() {
        "created" => view::ContainerState::Created,
        "paused" => view::ContainerState::Paused,
        "restarting" => view::ContainerState::Restarting,
        "running" => view::ContainerState::Running,
        _ => view::ContainerState::Exited,
    };
    let mode = match c.network_mode.as_str() {
        "host" => view::NetworkMode::Host,
        "none" => view::NetworkMode::None,
        mode => match mode.strip_prefix("container:") {
            Some(id) => view::NetworkMode::Container(place::container(machine, id)),
            None => view::NetworkMode::Own,
        },
    };
    let drawn = |id: &String| {
        facts
            .networks
            .iter()
            .any(|n| n.id == *id && !matches!(n.driver.as_str(), "host" | "null"))
    };
    let mut interfaces: Vec<view::Interface> = c
        .interfaces
        .iter()
        .map(|(network, link)| view::Interface {
            network: Some(place::network(machine, network)),
            ..interface(kernel, *link)
        })
        .collect();
    sorted::sort_by(&mut interfaces, |a, b| a.name.cmp(&b.name));
    view::Container {
        id: place::container(machine, &c.id),
        name: c.name.clone(),
        image: c.image.clone(),
        state,
        mode,
        interfaces,
        networks: c
            .networks
            .iter()
            .filter(|id| drawn(id))
            .map(|id| place::network(machine, id))
            .collect(),
        activity: activity(kernel, c),
        resolver: c.resolver,
    }
}

/// What a container does: the ports that its processes listen on, else its command.
fn activity(kernel: &Kernel, c: &ContainerFacts) -> String {
    if c.netns.is_none() {
        return c.command.join(" ");
    }
    let ports = listening(kernel, c);
    if ports.is_empty() {
        return format!("runs {}", c.command.join(" "));
    }
    let list: Vec<String> = ports.iter().map(|p| format!(":{p}")).collect();
    format!("listens on {}", list.join(", "))
}

/// The TCP ports that a container's processes listen on, in order.
pub(crate) fn listening(kernel: &Kernel, c: &ContainerFacts) -> Vec<u16> {
    let Some(ns) = c.netns else {
        return Vec::new();
    };
    let mut ports: Vec<u16> = kernel
        .sock_list(ns)
        .iter()
        .filter(|s| s.kind == SockType::Stream && s.state == "LISTEN")
        .filter(|s| {
            // Of a shared namespace only its own; and the embedded DNS server is dockerd's.
            let owner = s.owner.and_then(|o| kernel.proc.get(o));
            owner.is_some_and(|p| p.pid_ns == c.process)
        })
        .map(|s| s.local.port())
        .collect();
    sorted::sort(&mut ports);
    ports.dedup();
    ports
}

fn published(c: &ContainerFacts, machine: &str) -> Vec<view::PublishedPort> {
    c.published
        .iter()
        .map(|(ip, port, target)| {
            let (number, protocol) = target.split_once('/').unwrap_or((target, "tcp"));
            let binding = if ip.is_ipv6() {
                format!("[{ip}]:{port}")
            } else {
                format!("{ip}:{port}")
            };
            view::PublishedPort {
                id: place::published(machine, &format!("{binding}/{protocol}")),
                binding,
                protocol: protocol.to_owned(),
                target: format!("{}:{number}", c.name),
                container: place::container(machine, &c.id),
                loopback: ip.is_loopback(),
            }
        })
        .collect()
}
