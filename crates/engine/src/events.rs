//! What happened: the engine's events, the last of them kept, and who follows them.

use sorted::SortedMap;
use std::collections::VecDeque;

use crate::api::{EventActor, EventMessage, EventType, EventsOptions, Filters};
use crate::clock::UnixNanos;
use crate::stream::Sender;

/// How many events are kept. Source: moby `daemon/events`.
const KEPT: usize = 256;

/// How far two events are apart at least, nanoseconds.
const APART: i64 = 1000;

/// Somebody who reads events as they come.
struct Follower {
    filters: Filters,
    /// When that ends; `None` for never.
    until: Option<UnixNanos>,
    sender: Sender<EventMessage>,
}

/// The events of one engine.
#[derive(Default)]
pub(crate) struct EventLog {
    kept: VecDeque<EventMessage>,
    followers: Vec<Follower>,
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
        self.note("local", at, kind, action, id, attributes);
    }

    /// Records an event of the whole swarm.
    pub(crate) fn record_of_swarm(
        &mut self,
        at: UnixNanos,
        kind: EventType,
        action: &str,
        id: &str,
        attributes: SortedMap<String, String>,
    ) {
        self.note("swarm", at, kind, action, id, attributes);
    }

    fn note(
        &mut self,
        scope: &str,
        at: UnixNanos,
        kind: EventType,
        action: &str,
        id: &str,
        attributes: SortedMap<String, String>,
    ) {
        // What the real daemon does takes its time, so that no two events fall in one instant.
        let last = self.kept.back().map(|m| m.time_nano + APART);
        let at = last.map_or(at, |last| at.max(last));
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
            scope: scope.to_owned(),
            time: at.div_euclid(1_000_000_000),
            time_nano: at,
        };
        self.followers.retain(|f| {
            if matches(&f.filters, &message) {
                f.sender.send(message.clone())
            } else {
                f.sender.is_wanted()
            }
        });
        self.kept.push_back(message);
        if self.kept.len() > KEPT {
            self.kept.pop_front();
        }
    }

    /// Returns the kept events of a time span.
    pub(crate) fn past(&self, options: &EventsOptions) -> Vec<EventMessage> {
        if options.since.is_none() && options.until.is_none() {
            return Vec::new();
        }
        let since = options.since.unwrap_or(UnixNanos::MIN);
        let until = options.until.unwrap_or(UnixNanos::MAX);
        let wanted = |m: &&EventMessage| {
            since <= m.time_nano && m.time_nano <= until && matches(&options.filters, m)
        };
        self.kept.iter().filter(wanted).cloned().collect()
    }

    /// Sends events from now on to a follower, until a time if one is given.
    pub(crate) fn follow(
        &mut self,
        filters: Filters,
        until: Option<UnixNanos>,
        sender: Sender<EventMessage>,
    ) {
        self.followers.push(Follower {
            filters,
            until,
            sender,
        });
    }

    /// Ends the streams of those whose time has come.
    pub(crate) fn end(&mut self, now: UnixNanos) {
        self.followers
            .retain(|f| f.until.is_none_or(|until| until > now));
    }
}

/// Whether a message is about an image, or about a container made from it; a tag may be left out.
/// Source: moby `daemon/events/filter.go`, `matchImage`.
fn is_of_image(m: &EventMessage, wanted: &str) -> bool {
    let attribute = if m.kind == EventType::Image {
        "name"
    } else {
        "image"
    };
    let name = m.actor.attributes.get(attribute).map_or("", String::as_str);
    let untagged = |text: &str| text.split(':').next() == Some(wanted);
    m.actor.id == wanted || name == wanted || untagged(name)
}

/// Returns whether a message passes the filters; keys that are not known are not looked at, as in the real engine.
fn matches(filters: &Filters, m: &EventMessage) -> bool {
    let name = m.actor.attributes.get("name").map_or("", String::as_str);
    // A beginning is enough, and the kind of object does not count: `node=x` is also a container whose name begins so.
    // Source: moby `daemon/events/filter.go`, `fuzzyMatchName`.
    let named = |wanted: &String| {
        let begins = |text: &str| text.starts_with(wanted.as_str());
        begins(&m.actor.id) || begins(name)
    };
    let mut kinds = [
        "container",
        "network",
        "volume",
        "node",
        "service",
        "secret",
        "config",
        "plugin",
    ]
    .into_iter()
    .filter_map(|kind| filters.get(kind));
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
    kinds.all(|values| values.iter().any(named))
        && any("image", &|v| is_of_image(m, v))
        && any("daemon", &|_| false)
        && any("type", &|v| v == m.kind.as_str())
        && any("event", &|v| v == m.action || v == action)
        && any("scope", &|v| v == m.scope)
        && filters
            .get("label")
            .is_none_or(|labels| labels.iter().all(|l| label(l)))
}
