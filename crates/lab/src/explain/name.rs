//! Names that did not resolve.

use super::{Evidence, Told, asker, fixes, list, locate, spelling, stopped};
use crate::journey::journey_id;
use crate::lookup::Lookup;
use crate::names::Known;
use crate::places::Space;
use crate::view::{Explanation, Fix};
use engine::survey::NetworkFacts;
use kernel::trace::{Checkpoint, DnsOutcome};
use std::net::{IpAddr, Ipv4Addr};
use wire::dns::Rcode;

/// The name that Docker Desktop defines, and the engine on Linux does not.
const HOST: &str = "host.docker.internal";

/// Who asked for what.
struct Case<'a> {
    evidence: &'a Evidence<'a>,
    lookup: &'a Lookup,
    asked: &'a str,
    space: &'a Space,
    /// The container that asked, if it is still there.
    asker: Option<Known<'a>>,
    /// The container that was meant.
    target: Option<Known<'a>>,
    code: String,
    forwarded: String,
}

/// Why a name did not resolve.
pub(super) fn explain(evidence: &Evidence<'_>, lookup: &Lookup) -> Explanation {
    let target = evidence.directory.meant_by(&lookup.view.name);
    let told = evidence.places.space(lookup.ns).map(|space| {
        let forwarded = match &lookup.embedded {
            Some(DnsOutcome::Forwarded(server)) => {
                format!(" The question went on to {server}, which has never heard of it.")
            }
            _ => String::new(),
        };
        let case = Case {
            evidence,
            lookup,
            asked: &lookup.view.name,
            space,
            asker: evidence.container_of(space),
            target,
            code: lookup
                .rcode
                .map_or_else(|| "No answer".to_owned(), |c| c.to_string()),
            forwarded,
        };
        let mut told = case.tell();
        told.decided_by = match &lookup.embedded {
            Some(_) => format!("Docker's DNS server at 127.0.0.11 in {}", space.name),
            None if case.named_server().is_some() => "the name server that was named".to_owned(),
            None => "the name server in /etc/resolv.conf".to_owned(),
        };
        told
    });
    let never_reached = target.map(|t| vec![t.container.name.clone()]);
    evidence.finish(
        told.unwrap_or_default(),
        lookup.ended_ns,
        locate(evidence, &journey_id(lookup.packet)),
        never_reached.unwrap_or_default(),
    )
}

/// What nobody was asked for, since it is no name. Source: RFC 1035 section 2.3.4.
pub(super) fn none(text: &str) -> Told {
    let labels = || text.trim_end_matches('.').split('.');
    let detail = if text.is_empty() {
        "It is empty."
    } else if text.contains(char::is_whitespace) {
        "There is a space in it."
    } else if labels().any(str::is_empty) {
        "Between two of its dots there is nothing."
    } else {
        "What stands between two dots may have 63 characters, and all of it 253."
    };
    Told {
        sentence: format!("\"{text}\" is no name, so nobody was asked for it."),
        detail: detail.to_owned(),
        decided_by: "the resolver".to_owned(),
        ..Told::default()
    }
}

/// A name for a program that takes addresses only, as it was told.
pub(super) fn not_looked_up(evidence: &Evidence<'_>, space: &Space, text: &str) -> Told {
    let is_flags = |word: &&str| {
        let letters = word.strip_prefix('-').unwrap_or_default();
        letters.contains('n') && letters.chars().all(|c| c.is_ascii_alphabetic())
    };
    let flags = evidence.typed.split(' ').find(is_flags);
    let without = flags.and_then(|flags| {
        let rest = flags.replacen('n', "", 1);
        let rest = if rest == "-" { "" } else { &rest };
        fixes::other_word(evidence, space, flags, rest)
    });
    let fix = without.map(|line| fixes::fix("Leave -n out", line, &space.machine));
    Told {
        sentence: format!("{text} is a name, and -n says to look none up."),
        detail: "With it, only addresses are taken.".to_owned(),
        decided_by: "the command's own -n".to_owned(),
        fixes: fix.into_iter().collect(),
    }
}

/// An address that a program found, and could not have used.
pub(super) fn left_out(evidence: &Evidence<'_>, space: &Space, text: &str, to: IpAddr) -> Told {
    let name = &space.name;
    let network = format!("{name}-ipv6");
    let onto = evidence.container_of(space).map(|known| {
        let connect = fixes::connect(&network, known);
        Fix {
            label: format!("Give {name} a network with IPv6"),
            command: format!(
                "docker network create --ipv6 {network} && {}",
                connect.command
            ),
            ..connect
        }
    });
    Told {
        sentence: format!("{text} is {to}, and was left out."),
        detail: format!(
            "{name} has no IPv6 address of its own, so the resolver keeps those of others to itself."
        ),
        decided_by: "the resolver".to_owned(),
        fixes: onto.into_iter().collect(),
    }
}

/// A name that is known and has no address of the kind that was asked for.
pub(super) fn no_address(evidence: &Evidence<'_>) -> Option<Explanation> {
    let last = evidence.lookups.last()?;
    let name = &last.view.name;
    let other = |l: &&Lookup| l.view.name == *name && !l.view.answers.is_empty();
    let kind = match last.view.kind.as_str() {
        "AAAA" => "IPv6",
        "A" => "IPv4",
        _ => return None,
    };
    let empty = last.rcode == Some(Rcode::NOERROR) && last.view.answers.is_empty();
    if !empty || evidence.lookups.iter().any(|l| other(&l)) {
        return None;
    }
    let told = Told {
        sentence: format!("{name} is known, but has no {kind} address."),
        detail: "The name server answered with no record of this kind.".to_owned(),
        decided_by: "the name server's answer: no record".to_owned(),
        ..Told::default()
    };
    let journey = locate(evidence, &journey_id(last.packet));
    Some(evidence.finish(told, last.ended_ns, journey, Vec::new()))
}

impl Case<'_> {
    fn tell(&self) -> Told {
        if let Some(told) = self.not_running() {
            return told;
        }
        if self.asked.trim_end_matches('.') == HOST && self.space.container.is_some() {
            return self.host_gateway();
        }
        match (self.lookup.embedded.is_some(), self.target) {
            (true, Some(target)) => self.elsewhere(target),
            (true, None) => self.nobody(),
            (false, Some(_)) if self.goes_past_docker() => self.past_docker(),
            (false, Some(target)) if self.space.container.is_some() => self.default_bridge(target),
            (false, Some(target)) => self.asked_by_machine(target),
            (false, None) => Told {
                sentence: match self.lookup.rcode {
                    None => format!(
                        "The name server did not answer the question for {}.",
                        self.asked
                    ),
                    Some(_) => format!("{}. The name server knows no {}.", self.code, self.asked),
                },
                detail: match &self.asker {
                    Some(_) => format!(
                        "{} is on the default bridge, where Docker does not answer for names.",
                        self.space.name
                    ),
                    None => String::new(),
                },
                ..Told::default()
            },
        }
    }

    /// The networks on which Docker looked.
    fn looked_on(&self) -> String {
        match &self.asker {
            Some(asker) => list(asker.own_networks().map(|n| n.name.as_str())),
            None => list(self.lookup.searched.iter().map(|(name, _)| name.as_str())),
        }
    }

    fn not_running(&self) -> Option<Told> {
        let target = self.target?;
        let c = target.container;
        let stopped = !matches!(c.status.as_str(), "running" | "paused" | "restarting");
        stopped.then(|| Told {
            sentence: format!("{}. {} is not running.", self.code, c.name),
            detail: stopped::ended(target).unwrap_or_else(|| {
                let answers = "Docker answers for the names of running containers only.";
                format!("{answers}{}", self.forwarded)
            }),
            fixes: stopped::start(target).into_iter().collect(),
            ..Told::default()
        })
    }

    fn host_gateway(&self) -> Told {
        let gateway = self
            .asker
            .and_then(|a| a.networks().find_map(|n| n.gateway));
        let fix = gateway.map(|address| fixes::hosts_line(self.space, address, HOST));
        Told {
            sentence: format!(
                "{}. Docker Engine on Linux does not define {HOST}.",
                self.code
            ),
            detail: format!("Run the container with --add-host {HOST}:host-gateway."),
            fixes: fix.into_iter().collect(),
            ..Told::default()
        }
    }

    fn elsewhere(&self, target: Known<'_>) -> Told {
        let (asker, name) = (&self.space.name, &target.container.name);
        if self.lookup.searched.iter().any(|(_, found)| *found) {
            return Told {
                sentence: format!(
                    "{}. Docker's DNS server has no {} record of {name}.",
                    self.code, self.lookup.view.kind
                ),
                detail: format!(
                    "It knows addresses only, and passes other questions on.{}",
                    self.forwarded
                ),
                ..Told::default()
            };
        }
        if let Some(told) = self.known_elsewhere(target) {
            return told;
        }
        let there = list(target.networks().map(|n| n.name.as_str()));
        let fixes = match self.asker {
            Some(asker) => fixes::share_a_network(asker, target, self.asked),
            None => self.onto_searched(target),
        };
        Told {
            sentence: format!(
                "{}. {name} exists, but not on any network {asker} belongs to.",
                self.code
            ),
            detail: format!(
                "{asker} is on {}, {name} is on {there}: Docker answers only for names on shared networks.{}",
                self.looked_on(),
                self.forwarded
            ),
            fixes,
            ..Told::default()
        }
    }

    /// A name that a container has on one of its networks, asked for on another.
    fn known_elsewhere(&self, target: Known<'_>) -> Option<Told> {
        let name = &target.container.name;
        let on = |n: &NetworkFacts| {
            n.names
                .iter()
                .any(|(d, of)| of == name && d.eq_ignore_ascii_case(self.asked))
        };
        let there = target.networks().find(|n| on(n))?;
        let shared = target
            .networks()
            .find(|n| self.lookup.searched.iter().any(|(s, _)| *s == n.name))?;
        let fix = match self.asker {
            // Two interfaces in one subnet do not go together.
            Some(asker) if asker.networks().any(|n| n.subnets == there.subnets) => None,
            Some(asker) => Some(fixes::connect(&there.name, asker)),
            None => Some(fixes::fix(
                format!("Call {name} {} on {} too", self.asked, shared.name),
                format!(
                    "docker network disconnect {0} {name} && docker network connect --alias {1} {0} {name}",
                    shared.name, self.asked
                ),
                target.machine,
            )),
        };
        Some(Told {
            sentence: format!(
                "{}. {} is a name of {name} on {}, not on {}.",
                self.code, self.asked, there.name, shared.name
            ),
            detail: format!(
                "An alias holds on the network for which it was given.{}",
                self.forwarded
            ),
            fixes: fix.into_iter().collect(),
            ..Told::default()
        })
    }

    /// The target on the network of an asker that is gone by now.
    fn onto_searched(&self, target: Known<'_>) -> Vec<Fix> {
        let network = self.lookup.searched.first();
        network
            .map(|(n, _)| fixes::connect_as(n, target, self.asked))
            .into_iter()
            .collect()
    }

    fn nobody(&self) -> Told {
        let asker = &self.space.name;
        let on = self.looked_on();
        if self.lookup.rcode == Some(Rcode::SERVFAIL) {
            if let Some(DnsOutcome::Forwarded(server)) = &self.lookup.embedded {
                return self.unanswered(server);
            }
            let networks = asker::networks(self.evidence, self.space);
            let shut = networks.iter().all(|n| n.internal);
            let detail = match shut {
                true => format!(
                    "{asker} is on {on}, which has no way out, so Docker's DNS server passes no question on."
                ),
                false => "Docker's DNS server knows no other server to ask.".to_owned(),
            };
            let out = self.asker.filter(|_| shut);
            return Told {
                sentence: format!(
                    "{}. No container on {asker}'s networks is called {}, and nobody outside could be asked.",
                    self.code, self.asked
                ),
                detail,
                fixes: out
                    .map(|a| fixes::connect("bridge", a))
                    .into_iter()
                    .collect(),
                ..Told::default()
            };
        }
        let near = self.near();
        let meant = near.map_or_else(String::new, |n| format!(" There is one called {n}."));
        let line = near.and_then(|near| {
            let line = self.evidence.typed.trim();
            let once = line.starts_with("docker ") && line.matches(self.asked).count() == 1;
            once.then(|| (near, line.replace(self.asked, near)))
        });
        let fix =
            line.map(|(near, line)| fixes::fix(format!("Ask {near}"), line, &self.space.machine));
        Told {
            sentence: format!(
                "{}. There is no container called {}.",
                self.code, self.asked
            ),
            detail: format!(
                "Docker's DNS server looked on {on} and found no such name.{}{meant}",
                self.forwarded
            ),
            fixes: fix.into_iter().collect(),
            ..Told::default()
        }
    }

    /// A name on the asker's networks that is nearly the one asked for.
    fn near(&self) -> Option<&str> {
        let networks = asker::networks(self.evidence, self.space).into_iter();
        let mut names = networks.flat_map(|n| n.names.iter().map(|(name, _)| name.as_str()));
        names.find(|name| spelling::near(name, self.asked))
    }

    /// Docker's DNS server asked others, and none of them knew what to say.
    fn unanswered(&self, server: &IpAddr) -> Told {
        let machine = &self.space.machine;
        Told {
            sentence: format!(
                "{}. No container on {}'s networks is called {}, and {server} gave no answer.",
                self.code, self.space.name, self.asked
            ),
            detail: format!(
                "Docker's DNS server passes other questions on to the servers of --dns, or else of {machine}'s /etc/resolv.conf. The last one that it asked cannot be reached or would not answer."
            ),
            ..Told::default()
        }
    }

    /// Whether the container is on a network where Docker answers for names, and asks somebody else.
    fn goes_past_docker(&self) -> bool {
        self.asker
            .is_some_and(|a| a.own_networks().next().is_some())
    }

    /// The server that was asked, if the command names it.
    fn named_server(&self) -> Option<IpAddr> {
        let asked = self.evidence.made.get(&self.lookup.packet)?.dst;
        let mut words = self.evidence.typed.split_whitespace();
        let names = |word: &str| word.trim_start_matches('@').parse() == Ok(asked);
        words.any(names).then_some(asked)
    }

    fn past_docker(&self) -> Told {
        let asker = &self.space.name;
        if let Some(server) = self.named_server() {
            return Told {
                sentence: format!("{}. {asker} was told to ask {server}.", self.code),
                detail: "Docker answers for container names at 127.0.0.11, which is asked when no server is named."
                    .to_owned(),
                ..Told::default()
            };
        }
        let line = "echo nameserver 127.0.0.11 > /etc/resolv.conf";
        Told {
            sentence: format!("{}. {asker} asks another name server than Docker's.", self.code),
            detail: "Its /etc/resolv.conf does not name 127.0.0.11, where Docker answers for container names."
                .to_owned(),
            fixes: vec![fixes::fix(
                format!("Let {asker} ask Docker"),
                format!("docker exec {asker} sh -c '{line}'"),
                &self.space.machine,
            )],
            ..Told::default()
        }
    }

    fn default_bridge(&self, target: Known<'_>) -> Told {
        let (asker, name) = (&self.space.name, &target.container.name);
        Told {
            sentence: format!(
                "No such name. {asker} is on the default bridge, where Docker does not answer for container names."
            ),
            detail: format!(
                "Its /etc/resolv.conf names the machine's own name server, and that has never heard of {name}. Use a network you created, or the address."
            ),
            fixes: self
                .asker
                .map(|a| fixes::leave_default_bridge(a, target, self.asked))
                .into_iter()
                .collect(),
            ..Told::default()
        }
    }

    fn asked_by_machine(&self, target: Known<'_>) -> Told {
        let (machine, name) = (&self.space.name, &target.container.name);
        // What shares the asker's namespace is at its loopback.
        let beside = target.container.netns == Some(self.lookup.ns);
        let address = match beside {
            true => Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            false => self.evidence.directory.address_of(target),
        };
        let address =
            address.filter(|_| target.machine == self.space.machine && !self.asks_dns_only());
        let guest = self.guest().map(|k| &k.container.name);
        Told {
            sentence: match guest {
                Some(guest) => format!(
                    "No such name. {guest} is in the network namespace of {machine}, where Docker does not answer for container names."
                ),
                None => format!(
                    "No such name. {machine} asks its own name server, and Docker answers for container names inside containers only."
                ),
            },
            detail: match beside {
                true => format!("{name} shares {machine}'s network: it is at localhost."),
                false => format!("From {machine}, use {name}'s address, or a published port."),
            },
            fixes: address
                .map(|a| match self.guest() {
                    Some(guest) => fixes::hosts_line_of(guest, a, self.asked),
                    None => fixes::hosts_line(self.space, a, self.asked),
                })
                .into_iter()
                .collect(),
            ..Told::default()
        }
    }

    /// The container without a network of its own in which the command ran: it has files of its own all the same.
    fn guest(&self) -> Option<Known<'_>> {
        let mut words = self.evidence.typed.split_whitespace();
        words.find_map(|word| {
            let mut all = self.evidence.directory.on(&self.space.machine);
            all.find(|k| k.container.name == word && k.container.netns == Some(self.lookup.ns))
        })
    }

    /// Whether the program that asked does not look into `/etc/hosts`.
    fn asks_dns_only(&self) -> bool {
        let by = self.evidence.events.iter().find_map(|e| match e.what {
            Checkpoint::Made { by, .. } if e.packet == self.lookup.packet => by,
            _ => None,
        });
        let program = by.map(|process| self.evidence.places.process(process));
        program.is_some_and(|name| matches!(name, "nslookup" | "dig" | "host"))
    }
}
