//! One packet's facts, put in order as hops.

mod decisions;
mod links;

use super::journey_id;
use super::words::{self, Identity, tag};
use crate::names::short;
use crate::places::{DeviceRole, Places, Space};
use crate::view::{Hop, Journey, RuleLine, Tone};
use kernel::ids::{LinkId, NetnsId, PacketId};
use kernel::skb::CtRef;
use kernel::trace::{Checkpoint, HookVerdict, RuleHit, TraceEvent};
use sorted::SortedMap;
use std::rc::Rc;
use wire::{Frame, IpPacket, layers};

/// A packet's journey, still without its layers, and what there was of the packet at each of its hops.
pub(super) struct Told {
    pub(super) journey: Journey,
    pub(super) carried: Vec<Option<Carried>>,
    pub(super) tracked: Vec<Option<(NetnsId, CtRef)>>,
    /// The hops at which it was put into a datagram, each with that packet.
    pub(super) outer: Vec<(usize, PacketId)>,
}

impl Told {
    /// The journey with the packet's layers at each hop: most of the work, so only for who looks.
    pub(super) fn opened(mut self) -> Journey {
        for (hop, carried) in self.journey.hops.iter_mut().zip(&self.carried) {
            if let Some(carried) = carried {
                hop.layers = words::layers(carried.layers());
            }
        }
        mark_changes(&mut self.journey.hops);
        self.journey
    }
}

/// A packet as a hop saw it.
pub(super) enum Carried {
    /// On a wire.
    Frame(Rc<Frame>),
    /// Between two wires, without a frame around it.
    Packet(Box<IpPacket>),
}

impl Carried {
    pub(super) fn layers(&self) -> Vec<layers::Layer> {
        match self {
            Self::Frame(frame) => layers::of_frame(frame),
            Self::Packet(packet) => layers::of_packet(packet),
        }
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        match self {
            Self::Frame(frame) => frame.emit_into(&mut out),
            Self::Packet(packet) => packet.emit_into(&mut out),
        }
        out
    }
}

/// Tells a packet's journey; `None` if nothing of it can be placed.
pub(super) fn tell(
    id: PacketId,
    input: u64,
    events: &[&TraceEvent],
    places: &Places,
) -> Option<Told> {
    let mut teller = Teller {
        places,
        hops: Vec::new(),
        carried: Vec::new(),
        tracked: Vec::new(),
        outer: Vec::new(),
        known: None,
        identity: None,
        cause: None,
        origin: String::new(),
        ip: None,
        current: SortedMap::new(),
        senders: SortedMap::new(),
    };
    for event in events {
        teller.event(event);
    }
    let Teller {
        mut hops,
        carried,
        tracked,
        outer,
        identity,
        cause,
        origin,
        ..
    } = teller;
    let identity = identity?;
    let last = hops.last_mut()?;
    if last.verdict.text.is_empty() {
        last.verdict = tag("on its way", Tone::Plain);
    }
    let bad = hops
        .iter()
        .rev()
        .find(|h| h.verdict.tone == Tone::Bad)
        .map(|h| h.verdict.clone());
    let verdict = match (bad, identity.bad) {
        (Some(tag), _) => tag,
        (None, Some(word)) => tag(word, Tone::Bad),
        (None, None) => hops.last().map(|h| h.verdict.clone()).unwrap_or_default(),
    };
    let journey = Journey {
        id: journey_id(id),
        input,
        cause: cause.map(journey_id),
        flow: identity.flow,
        origin,
        protocol: identity.protocol,
        chatter: identity.chatter,
        label: identity.label,
        name: identity.name,
        summary: identity.summary,
        verdict,
        hops,
    };
    Some(Told {
        journey,
        carried,
        tracked,
        outer,
    })
}

/// Marks the fields that differ from those of the hop before.
fn mark_changes(hops: &mut [Hop]) {
    for index in 1..hops.len() {
        let Some((before, [hop, ..])) = hops.split_at_mut_checked(index) else {
            return;
        };
        let Some(before) = before.get(hop.from.unwrap_or(index - 1)) else {
            continue;
        };
        for layer in &mut hop.layers {
            let Some(old) = before.layers.iter().find(|l| l.name == layer.name) else {
                continue;
            };
            for field in &mut layer.fields {
                let old = old.fields.iter().find(|f| f.name == field.name);
                field.changed = old.is_some_and(|old| old.value != field.value);
            }
        }
    }
}

struct Teller<'a> {
    places: &'a Places,
    hops: Vec<Hop>,
    /// For each hop the packet as it was there.
    carried: Vec<Option<Carried>>,
    /// For each hop what connection tracking had found in its namespace.
    tracked: Vec<Option<(NetnsId, CtRef)>>,
    /// The hops at which it was put into a datagram, each with that packet.
    outer: Vec<(usize, PacketId)>,
    /// What it found last, and where.
    known: Option<(NetnsId, CtRef)>,
    identity: Option<Identity>,
    cause: Option<PacketId>,
    origin: String,
    /// The packet as it is now.
    ip: Option<IpPacket>,
    /// The last hop in each namespace.
    current: SortedMap<NetnsId, usize>,
    /// The hop that sent a frame: copies of a flooded frame share it.
    senders: SortedMap<*const Frame, usize>,
}

impl Teller<'_> {
    fn event(&mut self, event: &TraceEvent) {
        let Some(space) = self.places.space(event.ns).cloned() else {
            return;
        };
        match &event.what {
            Checkpoint::Made { by, ip, cause, .. } => {
                self.cause = *cause;
                short(&space.name).clone_into(&mut self.origin);
                let who = by.map_or_else(
                    || "the kernel".to_owned(),
                    |p| self.places.process(p).to_owned(),
                );
                if let Some(packet) = ip.as_deref() {
                    self.identity
                        .get_or_insert_with(|| words::of_packet(packet));
                    self.ip = Some(packet.clone());
                }
                let dns = who == "dockerd" && space.container.is_some();
                let place = if dns {
                    self.resolver(&space)
                } else {
                    space.inside()
                };
                let summary = self
                    .identity
                    .as_ref()
                    .map(|i| i.summary.clone())
                    .unwrap_or_default();
                let hop = self.hop(event, &space, place, format!("{who} sends"), summary);
                self.change(hop, |hop| hop.verdict = tag("sent", Tone::Plain));
            }
            Checkpoint::Transmit { link, frame } => self.transmit(event, &space, *link, frame),
            Checkpoint::Receive { link, frame } => self.receive(event, &space, *link, frame),
            Checkpoint::Bridge {
                bridge, decision, ..
            } => self.bridge(event, &space, *bridge, decision),
            // In a container only a rule is worth a stop; that there is none goes without saying.
            Checkpoint::Hook {
                matched,
                verdict: HookVerdict::Accept,
                ..
            } if !space.opened && matched.iter().all(|hit| hit.number == 0) => {}
            Checkpoint::Hook {
                hook,
                matched,
                verdict,
            } => {
                let name = words::hook(*hook);
                let detail = words::decision(matched);
                let hop = self.hop(event, &space, space.hook(name), name.to_owned(), detail);
                self.change(hop, |hop| {
                    hop.rules = matched.iter().map(rule_line).collect();
                });
                let verdict = match verdict {
                    HookVerdict::Accept => tag("accept", Tone::Plain),
                    HookVerdict::Drop => tag("dropped", Tone::Bad),
                    HookVerdict::Reject => tag("rejected", Tone::Bad),
                };
                self.change(hop, |hop| hop.verdict = verdict);
            }
            Checkpoint::Nat {
                hook,
                reply,
                src,
                dst,
                ..
            } => self.nat(event, &space, words::hook(*hook), *reply, *src, *dst),
            Checkpoint::Conntrack { conn, dir, state } => {
                let (conn, dir, state) = (*conn, *dir, *state);
                self.known = Some((event.ns, CtRef { conn, dir, state }));
            }
            Checkpoint::Route { decision, .. } => self.route(event, &space, decision),
            Checkpoint::Neighbour {
                next_hop,
                mac: None,
                ..
            } => {
                let text = format!("waits until {next_hop} says its hardware address");
                match self
                    .current
                    .get(&event.ns)
                    .and_then(|i| self.hops.get_mut(*i))
                {
                    Some(hop) if hop.reason.is_empty() => hop.reason = format!("It {text}."),
                    _ => {}
                }
            }
            Checkpoint::Neighbour { .. } => {}
            Checkpoint::Deliver { process, .. } => {
                let who = process
                    .map_or("the kernel", |p| self.places.process(p))
                    .to_owned();
                let resolver = who == "dockerd" && space.container.is_some();
                let place = if resolver {
                    self.resolver(&space)
                } else {
                    space.inside()
                };
                let who = if resolver {
                    "Docker's DNS server".to_owned()
                } else {
                    who
                };
                let index = match self.mergeable(event.ns, &place) {
                    Some(index) => index,
                    None => self.hop(
                        event,
                        &space,
                        place,
                        format!("{who} receives"),
                        String::new(),
                    ),
                };
                let reason = match process {
                    Some(_) => format!("{who} takes it."),
                    None => "Its program has closed the connection: the kernel ends it alone."
                        .to_owned(),
                };
                self.change(index, |hop| hop.reason = reason);
                self.change(index, |hop| hop.verdict = tag("delivered", Tone::Good));
            }
            Checkpoint::Consume { what } => {
                let place = space.inside();
                let index = match self.mergeable(event.ns, &place) {
                    Some(index) => index,
                    None => self.hop(
                        event,
                        &space,
                        place,
                        "the kernel takes it".to_owned(),
                        String::new(),
                    ),
                };
                let word = if *what == "echo" { "answered" } else { "taken" };
                self.change(index, |hop| hop.verdict = tag(word, Tone::Good));
            }
            Checkpoint::Encapsulate { link, to, outer } => {
                let (name, _, place) = self.device(*link);
                let place = place.unwrap_or_else(|| space.inside());
                let title = format!("{name} wraps the frame");
                let index = self.hop(event, &space, place, title, format!("in UDP to {to}"));
                self.change(index, |hop| {
                    hop.reason = format!(
                        "Its receiver is behind {to}, so it travels there within a datagram."
                    );
                    hop.verdict = tag("wrapped", Tone::Changed);
                    hop.wrapped = true;
                });
                self.outer.push((index, *outer));
            }
            Checkpoint::Decapsulate { link, .. } => {
                let name = self.device(*link).0;
                let place = space.inside();
                let index = match self.mergeable(event.ns, &place) {
                    Some(index) => index,
                    None => self.hop(event, &space, place, String::new(), String::new()),
                };
                self.change(index, |hop| {
                    hop.title = format!("{name} unwraps the frame");
                    hop.reason = format!("What was within goes on by {name}.");
                    hop.verdict = tag("unwrapped", Tone::Good);
                });
            }
            Checkpoint::Drop(reason) => self.dropped(event, &space, reason),
            Checkpoint::Note(_) => {}
        }
    }

    /// The resolver's place in a container's namespace.
    #[allow(clippy::unused_self, reason = "reads better beside its callers")]
    fn resolver(&self, space: &Space) -> String {
        space.container.as_ref().map_or_else(
            || space.inside(),
            |id| crate::view::place::resolver(&space.machine, id),
        )
    }

    /// The last hop of a namespace, if it is at this place, so that what happens next is told with it.
    fn mergeable(&self, ns: NetnsId, place: &str) -> Option<usize> {
        let index = *self.current.get(&ns)?;
        self.hops
            .get(index)
            .filter(|h| h.place == place && h.verdict.tone != Tone::Bad)
            .map(|_| index)
    }

    fn hop(
        &mut self,
        event: &TraceEvent,
        space: &Space,
        place: String,
        title: String,
        detail: String,
    ) -> usize {
        let index = self.hops.len();
        let from = self
            .current
            .get(&event.ns)
            .copied()
            .filter(|from| index > 0 && *from + 1 != index);
        self.hops.push(Hop {
            at_ns: event.at.as_nanos(),
            machine: space.machine.clone(),
            namespace: short(&space.name).to_owned(),
            place,
            from,
            title,
            detail,
            ..Hop::default()
        });
        self.carried.push(self.packet());
        self.tracked.push(self.known.filter(|k| k.0 == event.ns));
        self.current.insert(event.ns, index);
        index
    }

    /// The packet as it is now.
    fn packet(&self) -> Option<Carried> {
        self.ip.clone().map(|ip| Carried::Packet(Box::new(ip)))
    }

    fn carry(&mut self, index: usize, carried: Option<Carried>) {
        if let Some(place) = self.carried.get_mut(index) {
            *place = carried;
        }
    }

    fn change(&mut self, index: usize, change: impl FnOnce(&mut Hop)) {
        if let Some(hop) = self.hops.get_mut(index) {
            change(hop);
        }
    }

    fn note_frame(&mut self, frame: &Rc<Frame>) {
        self.identity.get_or_insert_with(|| words::of_frame(frame));
        if let Some(packet) = frame.as_ip() {
            self.ip = Some(packet.clone());
        }
    }

    fn device(&self, link: LinkId) -> (String, DeviceRole, Option<String>) {
        self.places.device(link).map_or_else(
            || ("an interface".to_owned(), DeviceRole::Other, None),
            |d| (d.name.clone(), d.role, Some(d.place.clone())),
        )
    }
}

fn rule_line(hit: &RuleHit) -> RuleLine {
    RuleLine {
        table: words::table(hit.table).to_owned(),
        chain: hit.chain.to_string(),
        number: hit.number,
        text: hit.text.to_string(),
        packets: hit.packets,
        matched: true,
    }
}
