//! Everything the inspector says about one thing: read from the kernel as the usual tools would print it.

mod swarm;

use crate::handmade;
use crate::names::{Directory, Known, short};
use crate::scenario::Scenario;
use crate::view::{Cell, Details, Fact, Section, Tag, Tone, place};
use kernel::Kernel;
use kernel::ids::{LinkId, MachineId, MountId, NetnsId};
use kernel::net::{LinkKind, TableId};
use kernel::sock::SockType;
use std::net::SocketAddr;

/// What there is to say about a place of the stage; `None` if it is not there (any more).
pub(crate) fn details(kernel: &Kernel, scenario: &Scenario, id: &str) -> Option<Details> {
    let (kind, rest) = id.split_once(':')?;
    let (machine, object) = rest.split_once('/').unwrap_or((rest, ""));
    let known = scenario.machines.iter().find(|m| m.name == machine)?;
    let machine_id = kernel.machine_named(known.name)?.id;
    let directory = Directory::new(kernel);
    match kind {
        "container" | "resolver" => container(kernel, &directory, directory.container(object)?),
        "network" => network(kernel, &directory, machine, machine_id, object)
            .or_else(|| bar(kernel, machine_id, object)),
        "namespace" => named(kernel, &directory, machine_id, object),
        _ => machine_details(kernel, machine, machine_id),
    }
    .map(|details| Details {
        id: id.to_owned(),
        ..details
    })
}

fn fact(name: &str, value: impl Into<String>) -> Fact {
    Fact {
        name: name.to_owned(),
        value: value.into(),
    }
}

fn cell(text: impl Into<String>) -> Cell {
    Cell {
        text: text.into(),
        place: None,
    }
}

fn tag(text: &str, tone: Tone) -> Tag {
    Tag {
        text: text.to_owned(),
        tone,
    }
}

fn container(kernel: &Kernel, directory: &Directory<'_>, known: Known<'_>) -> Option<Details> {
    let c = known.container;
    let tone = if c.status == "running" {
        Tone::Good
    } else {
        Tone::Plain
    };
    let mut sections = Vec::new();
    let memberships = known.networks().map(|n| {
        let address = c
            .interfaces
            .iter()
            .find(|(id, _)| *id == n.id)
            .and_then(|(_, link)| {
                let link = kernel.link(*link)?;
                Some(format!("{} {}", link.name, link.addrs.first()?.addr))
            });
        let network = Cell {
            text: n.name.clone(),
            place: Some(place::network(known.machine, &n.id)),
        };
        vec![
            network,
            cell(n.driver.clone()),
            cell(address.unwrap_or_default()),
        ]
    });
    sections.push(Section {
        title: "Networks".into(),
        columns: ["Network", "Driver", "Interface"]
            .map(str::to_owned)
            .to_vec(),
        rows: memberships.collect(),
    });
    if let Some(ns) = c.netns {
        let machine = kernel.machine_named(known.machine)?.id;
        sections.extend(namespace(kernel, directory, machine, ns));
    }
    for n in known.networks().filter(|n| !n.names.is_empty()) {
        sections.push(names(format!("Names on {}", n.name), &n.names));
    }
    if let Some(process) = c.process.and_then(|p| kernel.proc.get(p)) {
        for file in ["/etc/resolv.conf", "/etc/hosts"] {
            sections.extend(text_file(kernel, process.mount, file));
        }
    }
    let mut facts = vec![
        fact("Image", c.image.clone()),
        fact("Command", c.command.join(" ")),
        fact("Network mode", c.network_mode.clone()),
        fact("Id", c.id.get(..12).unwrap_or_default()),
    ];
    if let Some(service) = &c.service {
        facts.push(fact("Service", service.clone()));
    }
    let published = c.published.iter().map(|(ip, outer, inner)| {
        let at = SocketAddr::new(*ip, *outer);
        format!("{at} → {inner}")
    });
    let published: Vec<String> = published.collect();
    if !published.is_empty() {
        facts.push(fact("Published", published.join(", ")));
    }
    Some(Details {
        id: String::new(),
        title: c.name.clone(),
        tag: tag(&c.status, tone),
        facts,
        sections,
    })
}

fn network(
    kernel: &Kernel,
    directory: &Directory<'_>,
    machine: &str,
    machine_id: MachineId,
    id: &str,
) -> Option<Details> {
    let survey = directory.survey(machine)?;
    let n = survey.networks.iter().find(|n| n.id == id)?;
    let members = survey
        .containers
        .iter()
        .filter(|c| c.networks.contains(&n.id))
        .map(|c| {
            let address = c
                .interfaces
                .iter()
                .find(|(network, _)| *network == n.id)
                .and_then(|(_, link)| kernel.link(*link));
            let text = address
                .and_then(|l| l.addrs.first())
                .map_or_else(|| "not running".to_owned(), |a| a.addr.to_string());
            vec![
                Cell {
                    text: short(&c.name).to_owned(),
                    place: Some(place::container(machine, &c.id)),
                },
                cell(text),
            ]
        });
    let mut sections = vec![
        Section {
            title: "Members".into(),
            columns: ["Container", "Address"].map(str::to_owned).to_vec(),
            rows: members.collect(),
        },
        names("Names".into(), &n.names),
    ];
    let ns = kernel.machine(machine_id)?.root_ns;
    if let Some(bridge) = kernel.link_by_name(ns, &n.bridge) {
        sections.push(forwarding_database(kernel, bridge, &n.bridge));
    }
    sections.extend(swarm::network(kernel, survey, n));
    let mut facts = vec![fact("Subnet", n.subnets.join(", "))];
    facts.extend(n.gateway.map(|g| fact("Gateway", g.to_string())));
    facts.push(match n.vni {
        Some(vni) => fact("VNI", vni.to_string()),
        None => fact("Bridge", n.bridge.clone()),
    });
    facts.push(fact("Internal", if n.internal { "yes" } else { "no" }));
    Some(Details {
        id: String::new(),
        title: n.name.clone(),
        tag: tag(&n.driver, Tone::Plain),
        facts,
        sections: sections
            .into_iter()
            .filter(|s| !s.rows.is_empty())
            .collect(),
    })
}

/// Who a bridge believes to be behind which of its ports.
fn forwarding_database(kernel: &Kernel, bridge: LinkId, name: &str) -> Section {
    let rows = kernel.fdb(bridge).into_iter().map(|entry| {
        let port = entry.port.and_then(|p| kernel.link(p));
        let port = port.map_or_else(|| name.to_owned(), |l| l.name.to_string());
        vec![cell(entry.mac.to_string()), cell(port)]
    });
    Section {
        title: "Forwarding database".into(),
        columns: ["MAC", "Behind"].map(str::to_owned).to_vec(),
        rows: rows.collect(),
    }
}

/// A bridge that is no network's, or the end of a cable into a namespace.
fn bar(kernel: &Kernel, machine: MachineId, name: &str) -> Option<Details> {
    let link = kernel.link_by_name(kernel.machine(machine)?.root_ns, name)?;
    let found = kernel.link(link)?;
    let addresses = found.addrs.iter();
    let addresses = addresses.map(|a| format!("{}/{}", a.addr, a.prefix));
    let addresses: Vec<String> = addresses.collect();
    let (kind, sections) = match found.kind {
        LinkKind::Bridge(_) => ("bridge", vec![forwarding_database(kernel, link, name)]),
        _ => ("veth", Vec::new()),
    };
    Some(Details {
        id: String::new(),
        title: name.to_owned(),
        tag: tag(kind, Tone::Plain),
        facts: vec![
            fact("Addresses", addresses.join(" ")),
            fact("MAC", found.mac.to_string()),
        ],
        sections: sections
            .into_iter()
            .filter(|s| !s.rows.is_empty())
            .collect(),
    })
}

/// A namespace that somebody made by hand.
fn named(
    kernel: &Kernel,
    directory: &Directory<'_>,
    machine: MachineId,
    name: &str,
) -> Option<Details> {
    let mut named = handmade::named(kernel, machine).into_iter();
    let (_, ns) = named.find(|(own, _)| own == name)?;
    Some(Details {
        id: String::new(),
        title: name.to_owned(),
        tag: tag("namespace", Tone::Plain),
        facts: Vec::new(),
        sections: namespace(kernel, directory, machine, ns),
    })
}

/// The names that Docker answers on a network, and whose they are.
fn names(title: String, names: &[(String, String)]) -> Section {
    let rows = names.iter();
    Section {
        title,
        columns: ["Name", "Container"].map(str::to_owned).to_vec(),
        rows: rows
            .map(|(name, of)| vec![cell(name.clone()), cell(short(of))])
            .collect(),
    }
}

fn machine_details(kernel: &Kernel, name: &str, id: MachineId) -> Option<Details> {
    let machine = kernel.machine(id)?;
    let directory = Directory::new(kernel);
    let mut sections = namespace(kernel, &directory, id, machine.root_ns);
    for file in ["/etc/resolv.conf", "/etc/hosts"] {
        sections.extend(text_file(kernel, machine.root, file));
    }
    let forwarding = kernel
        .sysctl_get(machine.root_ns, "net.ipv4.ip_forward")
        .unwrap_or_default();
    Some(Details {
        id: String::new(),
        title: name.to_owned(),
        tag: tag("machine", Tone::Plain),
        facts: vec![fact("ip_forward", forwarding.trim())],
        sections,
    })
}

/// What a namespace consists of: interfaces, routes, neighbours, sockets, and the machine's processes in it.
fn namespace(
    kernel: &Kernel,
    directory: &Directory<'_>,
    machine: MachineId,
    ns: NetnsId,
) -> Vec<Section> {
    let device = |link| {
        kernel
            .link(link)
            .map(|l| l.name.to_string())
            .unwrap_or_default()
    };
    let interfaces = kernel
        .links(ns)
        .into_iter()
        .filter_map(|l| kernel.link(l))
        .map(|l| {
            let addresses: Vec<String> = l
                .addrs
                .iter()
                .map(|a| format!("{}/{}", a.addr, a.prefix))
                .collect();
            vec![
                cell(l.name.to_string()),
                cell(addresses.join(" ")),
                cell(l.mac.to_string()),
            ]
        });
    let routes = [false, true]
        .into_iter()
        .flat_map(|v6| kernel.routes(ns, v6, Some(TableId::MAIN)))
        .map(|r| {
            let via = r.via.map(|v| format!("via {v}")).unwrap_or_default();
            vec![
                cell(r.prefix_text().to_string()),
                cell(via),
                cell(r.link.map(device).unwrap_or_default()),
            ]
        });
    let neighbours = kernel.neighbours(ns).into_iter().map(|n| {
        let mac = n
            .mac
            .map_or_else(|| "unknown".to_owned(), |m| m.to_string());
        vec![
            cell(n.ip.to_string()),
            cell(mac),
            cell(format!("{:?}", n.state).to_ascii_uppercase()),
            cell(directory.call(n.ip)),
        ]
    });
    let (mut sockets, mut connections) = (Vec::new(), Vec::new());
    for s in kernel.sock_list(ns) {
        let protocol = match s.kind {
            SockType::Stream => "tcp",
            _ => "udp",
        };
        let owner = s.owner.and_then(|o| kernel.proc.get(o));
        let owner = owner.map(kernel::process::Process::comm);
        if s.state == "LISTEN"
            || s.state == "UNCONN" && s.kind == SockType::Datagram && s.local.port() != 0
        {
            sockets.push(vec![
                cell(protocol),
                cell(s.local.to_string()),
                cell(owner.unwrap_or_default()),
            ]);
        } else if s.remote.port() != 0 {
            let ends = [s.local, s.remote].map(|end| cell(end.to_string()));
            let [from, to] = ends;
            connections.push(vec![cell(protocol), from, to, cell(s.state)]);
        }
    }
    let processes = kernel.proc.of(machine).filter(|p| p.netns == ns);
    let processes = processes.map(|p| vec![cell(p.pid.to_string()), cell(p.argv.join(" "))]);
    let section = |title: &str, columns: &[&str], rows: Vec<Vec<Cell>>| Section {
        title: title.to_owned(),
        columns: columns.iter().map(|c| (*c).to_owned()).collect(),
        rows,
    };
    [
        section(
            "Interfaces",
            &["Name", "Addresses", "MAC"],
            interfaces.collect(),
        ),
        section("Routes", &["To", "Router", "Interface"], routes.collect()),
        section(
            "Neighbours",
            &["Address", "MAC", "State", "Who"],
            neighbours.collect(),
        ),
        section("Listening", &["Protocol", "Address", "Process"], sockets),
        section(
            "Connections",
            &["Protocol", "Address", "To", "State"],
            connections,
        ),
        section("Processes", &["PID", "Command"], processes.collect()),
    ]
    .into_iter()
    .filter(|s| !s.rows.is_empty())
    .collect()
}

fn text_file(kernel: &Kernel, mount: MountId, path: &str) -> Option<Section> {
    let data = kernel.file_contents(mount, path).ok()?;
    let text = String::from_utf8_lossy(&data).into_owned();
    let rows = text.lines().map(|line| vec![cell(line)]).collect();
    Some(Section {
        title: path.to_owned(),
        columns: Vec::new(),
        rows,
    })
}
