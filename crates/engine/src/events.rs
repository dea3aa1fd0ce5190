//! What happened: the engine's events, the last of them kept, and who follows them.

use sorted::SortedMap;
use std::collections::VecDeque;

use crate::api::{EventActor, EventMessage, EventType, EventsOptions, Filters};
use crate::clock::UnixNanos;
use crate::stream::Sender;

/// How many events are kept. Source: moby `daemon/events`.
const KEPT: usize = 256;

/// The events of one engine.
#[derive(Default)]
pub(crate) struct EventLog {
    kept: VecDeque<EventMessage>,
    followers: Vec<(Filters, Sender<EventMessage>)>,
}

impl EventLog {
    /// Records an event and tells those who follow.
    pub(crate) fn record(
        &mut self,
        at: UnixNanos,
        kind: EventType,
        action: &str,
        id: &str,
        attributes: SortedMap<String, String>,
    ) {
        let is_object = kind == EventType::Container || kind == EventType::Image;
        let message = EventMessage {
            status: if is_object {
                action.to_owned()
            } else {
                String::new()
            },
            id: if is_object {
                id.to_owned()
            } else {
                String::new()
            },
            from: if kind == EventType::Container {
                attributes.get("image").cloned().unwrap_or_default()
            } else {
                String::new()
            },
            kind,
            action: action.to_owned(),
            actor: EventActor {
                id: id.to_owned(),
                attributes,
            },
            scope: "local".to_owned(),
            time: at.div_euclid(1_000_000_000),
            time_nano: at,
        };
        self.followers.retain(|(filters, sender)| {
            if matches(filters, &message) {
                sender.send(message.clone())
            } else {
                sender.is_wanted()
            }
        });
        self.kept.push_back(message);
        if self.kept.len() > KEPT {
            self.kept.pop_front();
        }
    }

    /// Returns the kept events of a time span.
    pub(crate) fn past(&self, options: &EventsOptions) -> Vec<EventMessage> {
        let Some(since) = options.since else {
            return Vec::new();
        };
        let until = options.until.unwrap_or(UnixNanos::MAX);
        let wanted = |m: &&EventMessage| {
            since <= m.time_nano && m.time_nano <= until && matches(&options.filters, m)
        };
        self.kept.iter().filter(wanted).cloned().collect()
    }

    /// Sends events from now on to a follower.
    pub(crate) fn follow(&mut self, filters: Filters, sender: Sender<EventMessage>) {
        self.followers.push((filters, sender));
    }

    /// Ends the streams of all followers whose clients are still there.
    pub(crate) fn close(&mut self) {
        self.followers.clear();
    }
}

/// Returns whether a message passes the filters; keys that are not known are not looked at, as in the real engine.
fn matches(filters: &Filters, m: &EventMessage) -> bool {
    let name = m.actor.attributes.get("name").map_or("", String::as_str);
    let of_kind = |kind: EventType, key: &str| {
        let named = |wanted: &String| {
            m.kind == kind && (m.actor.id.starts_with(wanted.as_str()) || name == wanted)
        };
        filters
            .get(key)
            .is_none_or(|values| values.iter().any(named))
    };
    let any = |key: &str, test: &dyn Fn(&str) -> bool| {
        filters
            .get(key)
            .is_none_or(|values| values.iter().any(|v| test(v)))
    };
    let label = |wanted: &str| match wanted.split_once('=') {
        Some((key, value)) => m.actor.attributes.get(key).is_some_and(|v| v == value),
        None => m.actor.attributes.contains_key(wanted),
    };
    // `exec_create: sh` is found as `exec_create`.
    let action = m.action.split(':').next().unwrap_or_default();
    of_kind(EventType::Container, "container")
        && of_kind(EventType::Network, "network")
        && of_kind(EventType::Image, "image")
        && any("type", &|v| v == m.kind.as_str())
        && any("event", &|v| v == m.action || v == action)
        && any("scope", &|v| v == m.scope)
        && filters
            .get("label")
            .is_none_or(|labels| labels.iter().all(|l| label(l)))
}
