//! What an engine refused to do: its own sentence tells the kind, and what it knows tells which network, container or
//! address stood in the way.

mod addresses;
mod joins;
mod line;

use super::fixes::{connect, fix};
use super::{Evidence, Told, list, port, stopped};
use crate::names::Known;
use crate::offers::quoted;
use crate::places::Space;
use crate::view::Fix;
use engine::survey::{NetworkFacts, Survey};
use ipnet::Ipv4Net;
use line::Line;

/// One refusal.
struct Case<'a> {
    evidence: &'a Evidence<'a>,
    machine: &'a str,
    survey: &'a Survey,
    /// What the engine said.
    text: &'a str,
    line: Line<'a>,
}

/// What the engine looked at when it refused.
const NETWORKS: &str = "dockerd: the list of networks";
const CONTAINERS: &str = "dockerd: the list of containers";
const ADDRESSES: &str = "dockerd: the addresses that networks give out";
const MODES: &str = "dockerd: what goes together";

/// Why the engine of a machine refused what it was asked for.
pub(super) fn told(evidence: &Evidence<'_>, space: &Space, text: &str) -> Option<Told> {
    let nothing = Survey::default();
    let machine = space.machine.as_str();
    let case = Case {
        evidence,
        machine,
        survey: evidence.directory.survey(machine).unwrap_or(&nothing),
        text,
        line: Line(evidence.typed),
    };
    case.stopped()
        .or_else(|| port::told(evidence, text))
        .or_else(|| case.missing())
        .or_else(|| case.idle())
        .or_else(|| case.taken())
        .or_else(|| addresses::told(&case))
        .or_else(|| joins::told(&case))
        .or_else(|| case.of_services())
        .or_else(|| case.other())
}

/// What stands in a text between two others.
fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(before)?;
    Some(rest.split_once(after)?.0)
}

impl<'a> Case<'a> {
    fn fix(&self, label: impl Into<String>, command: impl Into<String>) -> Fix {
        fix(label, command, self.machine)
    }

    fn network(&self, name: &str) -> Option<&'a NetworkFacts> {
        let mut all = self.survey.networks.iter();
        all.find(|n| n.name == name || n.id.starts_with(name))
    }

    /// A container by what a person or the engine calls it.
    fn container(&self, name: &str) -> Option<Known<'a>> {
        let containers = self.survey.containers.iter();
        let mut known = containers.map(|container| Known {
            machine: self.machine,
            survey: self.survey,
            container,
        });
        known.find(|k| k.container.name == name || k.container.id.starts_with(name))
    }

    /// The names of the containers that are on a network, running or not.
    fn on(&self, network: &NetworkFacts) -> Vec<&'a str> {
        let all = self.survey.containers.iter();
        let on = all.filter(|c| c.networks.contains(&network.id));
        on.map(|c| c.name.as_str()).collect()
    }

    /// Anything else that has to do with networks; the engine's own sentence has to do.
    fn other(&self) -> Option<Told> {
        let ours = [
            "network",
            "ddress",
            "port",
            "ubnet",
            "ateway",
            "interface",
            "link",
            "hostname",
            "bridge",
            "pool",
            "IPv",
        ];
        let line = self.text.lines().last()?.trim_end_matches('.');
        let told = || Told {
            sentence: format!("The engine refused it: {line}."),
            decided_by: format!("dockerd on {}", self.machine),
            ..Told::default()
        };
        ours.iter().any(|word| self.text.contains(word)).then(told)
    }

    /// The line in another form. A container that was made and could not start stands in its way.
    fn instead(&self, label: impl Into<String>, line: String) -> Fix {
        let made = self.evidence.directory.failed_since(self.evidence.since);
        let command = match made.filter(|_| line.contains("docker run ")) {
            Some((known, ..)) => format!("docker rm {} && {line}", known.container.name),
            None => line,
        };
        self.fix(label, command)
    }

    /// No engine runs.
    fn stopped(&self) -> Option<Told> {
        let socket = between(self.text, "Cannot connect to the Docker daemon at ", ". ")?;
        let own = socket.starts_with("unix:");
        Some(Told {
            sentence: format!("No engine of {} answers at {socket}.", self.machine),
            detail: "What it had set up may still work; nothing can be changed without it."
                .to_owned(),
            decided_by: format!("the socket {socket}: nobody listens there"),
            fixes: own
                .then(|| self.fix("Start the engine", "systemctl start docker"))
                .into_iter()
                .collect(),
        })
    }

    /// An overlay network that is for services alone.
    fn of_services(&self) -> Option<Told> {
        let name = between(self.text, "desc = network ", " not manually attachable")?;
        let anew = format!(
            "docker network rm {name} && docker network create -d overlay --attachable {name}"
        );
        // A worker cannot make it anew, and nobody while something is on it.
        let used = self.network(name).is_some_and(|n| !self.on(n).is_empty());
        let manages = self.survey.manager == Some(true);
        let fix = (manages && !used)
            .then(|| self.fix(format!("Make {name} anew with --attachable"), anew));
        Some(Told {
            sentence: format!("{name} is for services only."),
            detail: "An overlay network takes other containers if it was made with --attachable."
                .to_owned(),
            decided_by: MODES.to_owned(),
            fixes: fix.into_iter().collect(),
        })
    }

    /// A network, a container or a driver that is not there.
    fn missing(&self) -> Option<Told> {
        if self.text.contains("is not a swarm manager. ") {
            // Often worded alike on a worker, which every swarm's ingress network gives away.
            let worker = self.network("ingress").is_some();
            let (is, fixes) = match worker {
                true => ("a worker of its swarm", Vec::new()),
                false => (
                    "in no swarm",
                    vec![self.fix("Make a swarm", "docker swarm init")],
                ),
            };
            return Some(Told {
                sentence: format!("{} is {is}.", self.machine),
                detail: "Overlay networks and services are for the managers of a swarm to make."
                    .to_owned(),
                decided_by: format!("dockerd on {}", self.machine),
                fixes,
            });
        }
        let gone = between(self.text, "No such container: ", "\n");
        if let Some(name) = gone.or_else(|| between(self.text, "endpoint ", " not found\n")) {
            let elsewhere = self.evidence.directory.meant_by(name);
            let detail = match elsewhere.filter(|k| k.machine != self.machine) {
                Some(known) => format!("{name} is on {}.", known.machine),
                None => String::new(),
            };
            return Some(Told {
                sentence: format!("There is no container called {name}."),
                detail,
                decided_by: CONTAINERS.to_owned(),
                ..Told::default()
            });
        }
        if let Some(name) = between(self.text, "plugin \"", "\" not found") {
            let ipam = self.line.value(&["--ipam-driver"]) == Some(name);
            let (what, drivers, other) = match ipam {
                true => ("IPAM driver", &["default", "null"][..], "default"),
                false => (
                    "network driver",
                    &["bridge", "macvlan", "ipvlan"][..],
                    "bridge",
                ),
            };
            let line = self.line.replaced(name, other);
            let known = line.filter(|l| l.contains("network create"));
            let label = format!("Use the driver {other}");
            return Some(Told {
                sentence: format!("There is no {what} called {name}."),
                detail: format!("There are {}.", list(drivers.iter().copied())),
                decided_by: "dockerd: the list of drivers".to_owned(),
                fixes: known.map(|l| self.instead(label, l)).into_iter().collect(),
            });
        }
        let name = between(self.text, "network ", " not found\n")?;
        let (_, name) = name.rsplit_once("network ").unwrap_or(("", name));
        if name.contains(' ') {
            return None;
        }
        let own = self.survey.networks.iter().map(|n| n.name.as_str());
        Some(Told {
            sentence: format!("There is no network called {name}."),
            detail: format!("{} has {}.", self.machine, list(own)),
            decided_by: NETWORKS.to_owned(),
            fixes: self.made(name).into_iter().collect(),
        })
    }

    /// The network that is missing, for those who want to be on it.
    fn made(&self, name: &str) -> Option<Fix> {
        let plain = name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c));
        let id = name.len() == 64 && name.chars().all(|c| c.is_ascii_hexdigit());
        let label = format!("Create {name}");
        let ip = self.line.value(&["--ip"]).and_then(|ip| ip.parse().ok());
        let create = match ip.and_then(|ip| Ipv4Net::new(ip, 24).ok()) {
            Some(net) if !addresses::is_free(self, net.trunc().into()) => return None,
            Some(net) => format!("docker network create --subnet {} {name}", net.trunc()),
            None => format!("docker network create {name}"),
        };
        if !plain {
            return None;
        }
        if let Some((known, ..)) = self.evidence.directory.failed_since(self.evidence.since) {
            let c = &known.container.name;
            if !id {
                return Some(self.fix(label, format!("{create} && docker start {c}")));
            }
            // It remembers the network by its number, and a new one of the same name has another.
            let mode = match known.container.network_mode.as_str() {
                "" | "default" => "bridge",
                mode => mode,
            };
            let anew = anew(known, mode);
            let command = match self.network(mode) {
                Some(_) => anew.command,
                None => format!("docker network create {mode} && {}", anew.command),
            };
            return Some(Fix { command, ..anew });
        }
        let joins = ["network connect ", "docker run "];
        let wanted = joins.iter().any(|j| self.line.0.contains(j));
        (wanted && !id).then(|| self.fix(label, create))
    }

    /// A container that does not run, for what only a running one can do.
    fn idle(&self) -> Option<Told> {
        let (name, verb) = if let Some(name) = between(self.text, "container ", " is not running\n")
        {
            (name, "start")
        } else if let Some(name) = between(self.text, "Container ", " is paused") {
            (name, "unpause")
        } else if self.text.contains("a non running container: ") {
            (
                between(self.text, "a non running container: ", "\n")?,
                "start",
            )
        } else {
            return None;
        };
        let name = name.split(" AS ").next().unwrap_or(name);
        let name = name
            .trim_start_matches("container ")
            .trim_start_matches('/');
        let known = self.container(name.split(' ').next()?)?;
        let name = &known.container.name;
        let unpause = || {
            self.fix(
                format!("Let {name} go on"),
                format!("docker unpause {name}"),
            )
        };
        let (sentence, detail, fix) = match verb {
            "start" => (
                format!("{name} is not running."),
                stopped::ended(known).unwrap_or_default(),
                stopped::start(known),
            ),
            _ => (format!("{name} is paused."), String::new(), Some(unpause())),
        };
        Some(Told {
            sentence,
            detail,
            decided_by: CONTAINERS.to_owned(),
            fixes: fix.into_iter().collect(),
        })
    }

    /// A name that somebody has already, and places that somebody is at.
    fn taken(&self) -> Option<Told> {
        if let Some(name) = between(self.text, "The container name \"/", "\" is already in use") {
            let renames = self.line.0.contains("docker rename ");
            let remove = self.fix(
                format!("Remove the other {name}"),
                format!("docker rm -f {name}"),
            );
            return Some(Told {
                sentence: format!("There is a container called {name} already."),
                detail: "Names are unique on a machine, those of stopped containers too."
                    .to_owned(),
                decided_by: CONTAINERS.to_owned(),
                fixes: (!renames).then_some(remove).into_iter().collect(),
            });
        }
        if let Some(name) = between(self.text, "network with name ", " already exists") {
            let network = self.network(name);
            let unused = network.filter(|n| self.on(n).is_empty());
            let fix = match unused {
                Some(_) => Some(self.fix(
                    format!("Remove the other {name}"),
                    format!("docker network rm {name}"),
                )),
                None => {
                    let free = (2..)
                        .map(|n| format!("{name}{n}"))
                        .find(|n| self.network(n).is_none())?;
                    let line = self.line.replaced(name, &free);
                    line.map(|l| self.instead(format!("Call it {free}"), l))
                }
            };
            return Some(Told {
                sentence: format!("There is a network called {name} already."),
                detail: String::new(),
                decided_by: NETWORKS.to_owned(),
                fixes: fix.into_iter().collect(),
            });
        }
        if let Some(name) = between(
            self.text,
            "endpoint with name ",
            " already exists in network ",
        ) {
            let (_, network) = self.text.trim_end().rsplit_once("network ")?;
            let label = format!("Disconnect {name} from {network}");
            let command = format!("docker network disconnect {} {name}", quoted(network));
            return Some(Told {
                sentence: format!("{name} is on {network} already."),
                detail: "Disconnect it first to connect it with other settings.".to_owned(),
                decided_by: NETWORKS.to_owned(),
                fixes: vec![self.fix(label, command)],
            });
        }
        if let Some(id) = between(self.text, "container ", " is not connected to ") {
            let (_, network) = self.text.trim_end().rsplit_once("network ")?;
            let known = self.container(id)?;
            let there = list(known.networks().map(|n| n.name.as_str()));
            return Some(Told {
                sentence: format!(
                    "{} is not on {network}: there is nothing to disconnect.",
                    known.container.name
                ),
                detail: format!("{} is on {there}.", known.container.name),
                decided_by: NETWORKS.to_owned(),
                ..Told::default()
            });
        }
        let name = between(self.text, "network ", " has active endpoints (")?;
        let (_, name) = name.rsplit_once("network ").unwrap_or(("", name));
        let there: Vec<&str> = self
            .text
            .split("name:\"")
            .skip(1)
            .filter_map(|t| t.split('"').next())
            .collect();
        let network = quoted(name);
        let leave = there
            .iter()
            .map(|c| format!("docker network disconnect {network} {c} && "));
        let leave: String = leave.collect();
        Some(Told {
            sentence: format!("{} still on {name}.", are(&there)),
            detail: "A network is removed when no running container is on it.".to_owned(),
            decided_by: NETWORKS.to_owned(),
            fixes: vec![self.fix(
                format!("Empty and remove {name}"),
                format!("{leave}docker network rm {network}"),
            )],
        })
    }
}

/// `a is`, `a and b are`.
fn are(names: &[&str]) -> String {
    let verb = if names.len() == 1 { "is" } else { "are" };
    format!("{} {verb}", list(names.iter().copied()))
}

/// The same container, made anew on a network.
fn anew(known: Known<'_>, network: &str) -> Fix {
    let onto = format!("--network {}", quoted(network));
    Fix {
        label: format!("Make {} anew on {network}", known.container.name),
        ..super::fixes::anew(known, &onto)
    }
}

/// Puts a container onto a network.
fn onto(network: &str, known: Known<'_>) -> Fix {
    connect(network, known)
}
