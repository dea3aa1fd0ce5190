//! Names looked up, from the question to the answer: the DNS view.

use crate::journey::words::{self, tag};
use crate::names::Directory;
use crate::places::Places;
use crate::view::{DnsLookup, DnsStep, Searched, Tone, place};
use kernel::ids::{NetnsId, PacketId};
use kernel::netfilter::Hook;
use kernel::trace::{Checkpoint, DnsOutcome, Note, TraceEvent};
use sorted::SortedMap;
use wire::dns::{Message, Rcode};
use wire::{IpPacket, layers};

/// A question on its way, with what the view does not need but the explanation does.
#[derive(Clone, Debug)]
pub(crate) struct Lookup {
    /// What is shown.
    pub(crate) view: DnsLookup,
    /// The question's packet.
    pub(crate) packet: PacketId,
    /// Where it was asked.
    pub(crate) ns: NetnsId,
    /// The networks that were searched, and whether they held the name.
    pub(crate) searched: Vec<(String, bool)>,
    /// What the embedded server did, if one was asked.
    pub(crate) embedded: Option<DnsOutcome>,
    /// How it ended; `None` without an answer.
    pub(crate) rcode: Option<Rcode>,
    /// When it ended.
    pub(crate) ended_ns: u64,
    id: u16,
}

/// The lookups of a stretch of the trace, in the order in which they were asked.
pub(crate) fn lookups<'a>(
    events: impl Iterator<Item = &'a TraceEvent>,
    places: &Places,
    directory: &Directory<'_>,
    input_of: impl Fn(u64) -> u64,
) -> Vec<Lookup> {
    let mut found: Vec<Lookup> = Vec::new();
    let mut by_packet: SortedMap<PacketId, usize> = SortedMap::new();
    for event in events {
        match &event.what {
            Checkpoint::Made {
                by, ip: Some(ip), ..
            } => {
                let Some(message) = words::dns(ip) else {
                    continue;
                };
                let who = by.map_or("", |p| places.process(p));
                // What dockerd and other servers ask on the way belongs to the lookup that made them ask.
                if message.flags.qr || who == "dockerd" || who == "dnsmasq" {
                    continue;
                }
                if let Some(lookup) = asked(event, ip, &message, who, places, input_of(event.seq)) {
                    by_packet.insert(event.packet, found.len());
                    found.push(lookup);
                }
            }
            Checkpoint::Nat {
                hook: Hook::Output,
                dst: (before, after),
                ..
            } if before != after => {
                if let Some(lookup) = by_packet.get(&event.packet).and_then(|i| found.get_mut(*i)) {
                    lookup.view.steps.push(DnsStep {
                        who: lookup.view.asker.clone(),
                        title: format!(
                            "{}:{} leads to Docker's DNS server",
                            before.ip, before.port
                        ),
                        detail: format!(
                            "DOCKER_OUTPUT in {}'s own namespace rewrites it to port {}",
                            lookup.view.asker, after.port
                        ),
                        verdict: tag("redirected", Tone::Changed),
                        ..DnsStep::default()
                    });
                }
            }
            Checkpoint::Note(note) => {
                if let Some(lookup) = by_packet.get(&event.packet).and_then(|i| found.get_mut(*i)) {
                    searched(lookup, note, directory);
                }
            }
            Checkpoint::Deliver { .. } => {}
            Checkpoint::Receive { frame, .. } => {
                if let Some(ip) = frame.as_ip() {
                    answered(&mut found, event, ip);
                }
            }
            _ => {}
        }
    }
    found
}

fn asked(
    event: &TraceEvent,
    ip: &IpPacket,
    message: &Message,
    who: &str,
    places: &Places,
    input: u64,
) -> Option<Lookup> {
    let space = places.space(event.ns)?;
    let question = message.questions.first()?;
    let name = question.name.to_string().trim_end_matches('.').to_owned();
    let kind = question.rtype.to_string();
    let step = DnsStep {
        who: space.name.clone(),
        title: format!("{who} asks {}", ip.dst),
        detail: "the name server in its /etc/resolv.conf".to_owned(),
        verdict: tag("sent", Tone::Plain),
        ..DnsStep::default()
    };
    Some(Lookup {
        view: DnsLookup {
            input,
            at_ns: event.at.as_nanos(),
            asker: space.name.clone(),
            name,
            kind,
            steps: vec![step],
            outcome: tag("no answer", Tone::Bad),
            answers: Vec::new(),
        },
        packet: event.packet,
        ns: event.ns,
        searched: Vec::new(),
        embedded: None,
        rcode: None,
        ended_ns: event.at.as_nanos(),
        id: message.id,
    })
}

fn searched(lookup: &mut Lookup, note: &Note, directory: &Directory<'_>) {
    let Note::DnsSearch {
        searched, outcome, ..
    } = note
    else {
        return;
    };
    lookup.searched.clone_from(searched);
    lookup.embedded = Some(outcome.clone());
    let asker = directory.meant_by(&lookup.view.asker);
    let id_of = |name: &str| {
        let known = asker?;
        let network = known.survey.networks.iter().find(|n| n.name == name)?;
        Some(place::network(known.machine, &network.id))
    };
    let verdict = match outcome {
        DnsOutcome::Found(_) => tag("found", Tone::Good),
        DnsOutcome::NoData => tag("no address of this kind", Tone::Plain),
        DnsOutcome::Forwarded(_) | DnsOutcome::Refused => tag("not found", Tone::Bad),
    };
    lookup.view.steps.push(DnsStep {
        who: "dockerd".to_owned(),
        title: format!("looks in {}'s networks", lookup.view.asker),
        detail: if searched.is_empty() {
            "it is on none that has names".to_owned()
        } else {
            String::new()
        },
        searched: searched
            .iter()
            .map(|(network, found)| Searched {
                network: id_of(network).unwrap_or_default(),
                text: format!(
                    "{network}: {}{}",
                    if *found { "" } else { "no " },
                    lookup.view.name
                ),
                found: *found,
            })
            .collect(),
        verdict,
    });
    match outcome {
        DnsOutcome::Forwarded(server) => lookup.view.steps.push(DnsStep {
            who: "dockerd".to_owned(),
            title: format!("passes the question on to {server}"),
            detail: "the name server of the machine".to_owned(),
            verdict: tag("forwarded", Tone::Plain),
            ..DnsStep::default()
        }),
        DnsOutcome::Refused => lookup.view.steps.push(DnsStep {
            who: "dockerd".to_owned(),
            title: "has nobody else to ask".to_owned(),
            detail: "the container has no way out".to_owned(),
            verdict: tag("refused", Tone::Bad),
            ..DnsStep::default()
        }),
        DnsOutcome::Found(_) | DnsOutcome::NoData => {}
    }
}

/// Notes an answer where it comes back to the namespace in which the question was asked.
fn answered(found: &mut [Lookup], event: &TraceEvent, ip: &IpPacket) {
    let Some(message) = words::dns(ip).filter(|m| m.flags.qr) else {
        return;
    };
    let Some(question) = message.questions.first() else {
        return;
    };
    let name = question.name.to_string();
    let name = name.trim_end_matches('.');
    let same = |l: &&mut Lookup| {
        l.ns == event.ns
            && l.id == message.id
            && l.rcode.is_none()
            && l.view.name.eq_ignore_ascii_case(name)
            && l.view.kind == question.rtype.to_string()
    };
    // With the embedded server the answer of its upstream passes by here too; its own follows.
    let from_upstream = |l: &Lookup| l.embedded.is_some() && !ip.src.is_loopback();
    let Some(lookup) = found.iter_mut().find(same) else {
        return;
    };
    let answers: Vec<String> = message
        .answers
        .iter()
        .map(|r| layers::answer_text(&r.data))
        .collect();
    if from_upstream(lookup) {
        let good = message.rcode == Rcode::NOERROR && !answers.is_empty();
        let text = if good {
            answers.join(", ")
        } else {
            message.rcode.to_string()
        };
        lookup.view.steps.push(DnsStep {
            who: ip.src.to_string(),
            title: format!("answers {text}"),
            verdict: tag(
                message.rcode.to_string(),
                if good { Tone::Good } else { Tone::Bad },
            ),
            ..DnsStep::default()
        });
        return;
    }
    lookup.rcode = Some(message.rcode);
    lookup.ended_ns = event.at.as_nanos();
    lookup.view.outcome = match (message.rcode, answers.is_empty()) {
        (Rcode::NOERROR, false) => tag(answers.join(", "), Tone::Good),
        (Rcode::NOERROR, true) => tag("no record of this type", Tone::Plain),
        (code, _) => tag(code.to_string(), Tone::Bad),
    };
    lookup.view.answers = answers;
}
