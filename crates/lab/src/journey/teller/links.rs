//! Hops at devices: sent, received, switched.

use super::{Carried, Teller};
use crate::journey::words::tag;
use crate::places::{DeviceRole, Space};
use crate::view::Tone;
use kernel::ids::LinkId;
use kernel::trace::{BridgeDecision, TraceEvent};
use std::rc::Rc;
use wire::Frame;

impl Teller<'_> {
    pub(super) fn transmit(
        &mut self,
        event: &TraceEvent,
        space: &Space,
        link: LinkId,
        frame: &Rc<Frame>,
    ) {
        self.note_frame(frame);
        let (name, role, place) = self.device(link);
        let identity = self.identity.clone().unwrap_or_default();
        match role {
            DeviceRole::Inside | DeviceRole::Edge if !space.opened => {
                // The machine's or container's own hop tells it.
                let place = space.inside();
                let index = match self.mergeable(event.ns, &place) {
                    Some(index) => index,
                    None => self.hop(event, space, place, String::new(), identity.summary.clone()),
                };
                self.change(index, |hop| {
                    hop.title = format!("{name} sends {}", identity.sent());
                });
                self.change(index, |hop| {
                    if hop.detail.is_empty() {
                        hop.detail = identity.summary;
                    }
                });
                self.change(index, |hop| hop.verdict = tag("sent", Tone::Plain));
                self.carry(index, Some(Carried::Frame(frame.clone())));
            }
            DeviceRole::Edge => {
                let place = place.unwrap_or_else(|| space.inside());
                let index = self.hop(
                    event,
                    space,
                    place,
                    format!("{name} sends"),
                    identity.summary,
                );
                self.change(index, |hop| hop.verdict = tag("sent", Tone::Plain));
                self.carry(index, Some(Carried::Frame(frame.clone())));
            }
            _ => {}
        }
        if let Some(index) = self.current.get(&event.ns) {
            self.senders.insert(Rc::as_ptr(frame), *index);
        }
    }

    pub(super) fn receive(
        &mut self,
        event: &TraceEvent,
        space: &Space,
        link: LinkId,
        frame: &Rc<Frame>,
    ) {
        self.note_frame(frame);
        let (name, role, place) = self.device(link);
        let sender = self.senders.get(&Rc::as_ptr(frame)).copied();
        let place = match role {
            DeviceRole::Inside | DeviceRole::Edge => place.unwrap_or_else(|| space.inside()),
            // What a bridge port receives, the bridge tells; and loopback comes back to where it was.
            DeviceRole::Port
            | DeviceRole::Bridge
            | DeviceRole::Tunnel
            | DeviceRole::Loopback
            | DeviceRole::Other => {
                // The bridge's own device only repeats what its port received.
                if let Some(sender) = sender
                    && role == DeviceRole::Port
                {
                    self.current.insert(event.ns, sender);
                }
                return;
            }
        };
        let to = format!("frame to {}", frame.dst);
        let index = self.hop(event, space, place, format!("{name} receives"), to);
        self.change(index, |hop| {
            hop.from = sender.filter(|from| *from + 1 != index);
        });
        self.carry(index, Some(Carried::Frame(frame.clone())));
        self.change(index, |hop| hop.verdict = tag("up", Tone::Plain));
    }

    pub(super) fn bridge(
        &mut self,
        event: &TraceEvent,
        space: &Space,
        bridge: LinkId,
        decision: &BridgeDecision,
    ) {
        let (name, _, place) = self.device(bridge);
        let detail = match decision {
            BridgeDecision::Forward(port) => format!(
                "to {}, behind which it has learned the address",
                self.device(*port).0
            ),
            BridgeDecision::Flood(ports) => match ports.as_slice() {
                [] => "has no other port to send it to".to_owned(),
                [one] => format!("sends it to its other port, {}", self.device(*one).0),
                more => format!("sends it to all {} other ports", more.len()),
            },
            BridgeDecision::Local => "hands it to the machine itself".to_owned(),
            BridgeDecision::SamePort => "the receiver is behind the port it came from".to_owned(),
        };
        let place = place.unwrap_or_else(|| space.inside());
        if let Some(index) = self.mergeable(event.ns, &place) {
            // Flooding a broadcast and handing it up are two facts of one stop.
            self.change(index, |hop| {
                hop.detail = match hop.detail.as_str() {
                    "" => detail,
                    before => format!("{before}; {detail}"),
                };
            });
            return;
        }
        let index = self.hop(event, space, place, format!("{name} switches"), detail);
        let word = if matches!(decision, BridgeDecision::Flood(_)) {
            "flooded"
        } else {
            "switched"
        };
        self.change(index, |hop| hop.verdict = tag(word, Tone::Plain));
    }
}
