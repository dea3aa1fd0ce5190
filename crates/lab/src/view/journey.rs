//! What travelled: packets, stop by stop and opened up.

use serde::{Deserialize, Serialize};

/// What kind of packet travels, which decides its shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// ARP, or neighbour discovery.
    Arp,
    /// ICMP and ICMPv6, other than neighbour discovery.
    Icmp,
    /// A DNS question.
    DnsQuestion,
    /// A DNS answer.
    DnsAnswer,
    /// TCP.
    Tcp,
    /// UDP that is neither DNS nor a tunnel.
    #[default]
    Udp,
    /// Anything else.
    Other,
}

/// How good or bad a word on the screen is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tone {
    /// Nothing special: `sent`, `up`, `accept`.
    #[default]
    Plain,
    /// The packet was changed here: `rewritten`, `wrapped`. Playback rests.
    Changed,
    /// It arrived: `delivered`, `found`.
    Good,
    /// It ended here: `dropped`, `refused`, `NXDOMAIN`. Playback rests.
    Bad,
    /// Worth a look: `ignored`.
    Warn,
}

/// A word with its tone: `dropped` in red, `delivered` in green.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tag {
    /// The word.
    pub text: String,
    /// How good or bad it is.
    pub tone: Tone,
}

/// One packet's way, from where it was made to where it ended.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Journey {
    /// Its id, unique in the lab and the same at every replay.
    pub id: String,
    /// The input during which it was sent.
    pub input: u64,
    /// The journey that caused it, such as the packet it replies to or the one that was refused.
    pub cause: Option<String>,
    /// The conversation it belongs to: packets with the same flow are one exchange on the timeline.
    pub flow: String,
    /// Who sent it: a machine's or container's name.
    pub origin: String,
    /// What kind of packet it is.
    pub protocol: Protocol,
    /// Whether nobody asked for it: engines' talk with each other, and who says where it is, which goes on whatever is done.
    pub chatter: bool,
    /// At most eight characters drawn on the packet: `SYN`, `A?`, `who`, `GET`.
    pub label: String,
    /// What it is in a few words: `echo request 1`, `SYN`, `A? db`.
    pub name: String,
    /// From and to: `192.168.1.50:51514 to 192.168.1.10:8080`.
    pub summary: String,
    /// How it ended.
    pub verdict: Tag,
    /// Its stations in order of time, at least one.
    pub hops: Vec<Hop>,
}

/// One station on a packet's way.
///
/// The packet travels to [`Hop::place`] from the place of the hop before it, arriving at [`Hop::at_ns`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Hop {
    /// When the packet is there.
    pub at_ns: u64,
    /// The machine's name.
    pub machine: String,
    /// The namespace in words: the machine's name for its root namespace, else the container's name.
    pub namespace: String,
    /// The id of the thing on the stage where the packet is.
    pub place: String,
    /// The hop it came from, as an index into the journey, where that is not the one before: a broadcast fans out.
    pub from: Option<usize>,
    /// What happens, in a few words: `eth0 sends SYN`, `PREROUTING`, `docker0 receives`.
    pub title: String,
    /// One line more: `nat table, chain DOCKER, rule 4 matched`.
    pub detail: String,
    /// The outcome in a word; empty text for none.
    pub verdict: Tag,
    /// Why, in a sentence or two, where there is something to say; empty otherwise.
    pub reason: String,
    /// Rules around the one that decided, in their order; empty where no rule was involved.
    pub rules: Vec<RuleLine>,
    /// What was rewritten.
    pub changes: Vec<Change>,
    /// The packet after this hop, outermost layer first.
    pub layers: Vec<Layer>,
    /// Whether the packet travels inside a tunnel after this hop.
    pub wrapped: bool,
}

/// A packet in a line, for lists of what travelled.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Flight {
    /// The id of its journey.
    pub journey: String,
    /// The input during which it was sent.
    pub input: u64,
    /// When it was made.
    pub at_ns: u64,
    /// The machine it was made on.
    pub machine: String,
    /// The namespace it was made in, in words.
    pub origin: String,
    /// Its kind.
    pub protocol: Protocol,
    /// Whether nobody asked for it; see [`Journey::chatter`].
    pub chatter: bool,
    /// What it is in a few words.
    pub name: String,
    /// From where to where.
    pub summary: String,
    /// What became of it.
    pub verdict: Tag,
}

/// A rule shown beside a hop.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RuleLine {
    /// The table, such as `nat`.
    pub table: String,
    /// The chain it is in.
    pub chain: String,
    /// Its number in the chain, from 1.
    pub number: u32,
    /// The rule as `iptables -S` prints it.
    pub text: String,
    /// Packets counted, after this one.
    pub packets: u64,
    /// Whether this packet matched it.
    pub matched: bool,
}

/// A field of the packet that a hop rewrote.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Change {
    /// Which field, in at most four characters if possible: `dst`, `src`, `ttl`.
    pub field: String,
    /// What it was.
    pub before: String,
    /// What it is now; the same as before for a field worth showing that did not change.
    pub after: String,
}

/// A packet opened up.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Packet {
    /// Its bytes as a wire would carry them, checksums included.
    pub bytes: Vec<u8>,
    /// What they mean, outermost layer first.
    pub layers: Vec<Layer>,
    /// What connection tracking knew about it in the namespace it is in; `None` where it was not asked.
    pub tracked: Option<Tracked>,
}

/// A packet as connection tracking saw it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tracked {
    /// The state that rules matched on: `NEW`, `ESTABLISHED`, `RELATED`, `INVALID`, `UNTRACKED`.
    pub state: String,
    /// Whether it went against the direction of the connection's first packet.
    pub reply: bool,
    /// The entry as it is now; `None` once it is forgotten.
    pub entry: Option<super::Connection>,
}

/// One layer of a packet.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Layer {
    /// `Ethernet`, `IPv4`, `TCP`, `DNS`.
    pub name: String,
    /// The line to show: `192.168.1.50 → 172.18.0.2`.
    pub summary: String,
    /// Where it starts among the packet's bytes.
    pub start: u32,
    /// Bytes of this layer's header, or of the payload.
    pub bytes: u32,
    /// Its fields, for who asks.
    pub fields: Vec<Field>,
}

/// A named value of a layer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// Where it starts among the packet's bytes.
    pub start: u32,
    /// How many bytes hold it; 0 where none are its own.
    pub bytes: u32,
    /// Whether the hop changed it.
    pub changed: bool,
}
