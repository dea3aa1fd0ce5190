//! Why something failed, and how names were looked up.

use serde::{Deserialize, Serialize};

use super::Tag;

/// Why the last command did not get what it wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Explanation {
    /// The input it explains.
    pub input: u64,
    /// When it became known: shown once playback gets there.
    pub at_ns: u64,
    /// What happened, in one sentence.
    pub sentence: String,
    /// Why, in a sentence or two.
    pub detail: String,
    /// What decided: the table, chain and rule, route, neighbour, socket or DNS step.
    pub decided_by: String,
    /// The journey and the hop where it was decided, if a packet was involved.
    pub at: Option<(String, usize)>,
    /// Stations the packet never reached, in words; may be empty.
    pub never_reached: Vec<String>,
    /// What to do about it, best first.
    pub fixes: Vec<Fix>,
}

/// A way out: a command that would mend it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Fix {
    /// What it does, in a few words: `Connect serviceB to net-a`.
    pub label: String,
    /// The command line, ready to type.
    pub command: String,
    /// The machine to type it on.
    pub machine: String,
}

/// One name looked up, from the question to the answer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DnsLookup {
    /// The input during which it was asked.
    pub input: u64,
    /// When the question was sent.
    pub at_ns: u64,
    /// Who asked: a machine's or container's name.
    pub asker: String,
    /// The name asked for.
    pub name: String,
    /// The record type: `A`, `AAAA`, `PTR`.
    pub kind: String,
    /// What happened to the question, in order.
    pub steps: Vec<DnsStep>,
    /// How it ended: `answered by Docker`, `NXDOMAIN`.
    pub outcome: Tag,
    /// The records of the answer, as text.
    pub answers: Vec<String>,
}

/// One step of a name's way.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DnsStep {
    /// Who acts: `api`, `dockerd`.
    pub who: String,
    /// What happens: `looks in api's networks`.
    pub title: String,
    /// One line more.
    pub detail: String,
    /// Networks searched and what was found: `shop_backend: db, alias postgres`.
    pub searched: Vec<Searched>,
    /// The outcome in a word.
    pub verdict: Tag,
}

/// A network whose names were searched.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Searched {
    /// The network's place id, for its mark.
    pub network: String,
    /// What was found: `no db`, `db, alias postgres`.
    pub text: String,
    /// Whether it held the name.
    pub found: bool,
}
