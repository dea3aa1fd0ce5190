//! Events.

use sorted::SortedMap;

use serde::{Deserialize, Serialize};

/// What kind of object an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EventType {
    /// What was kept while images were built.
    Builder,
    /// A config of a swarm.
    Config,
    /// A container.
    Container,
    /// The engine itself.
    Daemon,
    /// An image.
    Image,
    /// A network.
    Network,
    /// A node of a swarm.
    Node,
    /// A secret of a swarm.
    Secret,
    /// A service of a swarm.
    Service,
    /// A volume.
    Volume,
}

impl EventType {
    /// Returns the word used in events and filters.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Builder => "builder",
            Self::Config => "config",
            Self::Container => "container",
            Self::Daemon => "daemon",
            Self::Image => "image",
            Self::Network => "network",
            Self::Node => "node",
            Self::Secret => "secret",
            Self::Service => "service",
            Self::Volume => "volume",
        }
    }
}

/// What an event is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename = "events.Actor")]
pub struct EventActor {
    /// Id of the object.
    #[serde(rename = "ID")]
    pub id: String,
    /// What is worth knowing about it.
    #[serde(rename = "Attributes")]
    pub attributes: SortedMap<String, String>,
}

/// One event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventMessage {
    /// Same as the action; only for containers and images.
    #[serde(rename = "status", skip_serializing_if = "String::is_empty", default)]
    pub status: String,
    /// Same as the actor's id; only for containers and images.
    #[serde(rename = "id", skip_serializing_if = "String::is_empty", default)]
    pub id: String,
    /// The image; only for containers.
    #[serde(rename = "from", skip_serializing_if = "String::is_empty", default)]
    pub from: String,
    /// Kind of object.
    #[serde(rename = "Type")]
    pub kind: EventType,
    /// What happened, such as `create` or `exec_create: sh`.
    #[serde(rename = "Action")]
    pub action: String,
    /// To what it happened.
    #[serde(rename = "Actor")]
    pub actor: EventActor,
    /// `local` or `swarm`.
    #[serde(rename = "scope")]
    pub scope: String,
    /// Seconds since 1970.
    #[serde(rename = "time")]
    pub time: i64,
    /// Nanoseconds since 1970.
    #[serde(rename = "timeNano")]
    pub time_nano: i64,
}

/// `GET /events`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventsOptions {
    /// From this instant on, nanoseconds since 1970; `None` is only new ones.
    pub since: Option<i64>,
    /// Up to this instant, nanoseconds since 1970; `None` never ends.
    pub until: Option<i64>,
    /// Both as they were sent, for who is told that they are the wrong way round.
    pub sent: [String; 2],
    /// Filters; unknown keys are ignored.
    pub filters: super::Filters,
}
