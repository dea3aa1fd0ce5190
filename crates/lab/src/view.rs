//! What a front end shows: plain values in the screen's words.
//!
//! The lab fills these from the simulation and the page, or a terminal, draws them.
//! They hold no behaviour, no typed ids of lower rooms and no pixels; every field is public.
//! Ids are strings that stay the same while the thing exists, whatever else is created or renamed.
//!
//! | asked of the lab | answer |
//! |---|---|
//! | `topology()` | [`Topology`] |
//! | `terminals()` | `Vec<`[`Terminal`]`>` |
//! | `complete(terminal, line, cursor)` | [`Completions`] |
//! | `journeys()`, `exchange(input)` | `Vec<`[`Journey`]`>`, in the order in which the packets were sent |
//! | `explanation()` | `Option<`[`Explanation`]`>` for the last command that failed |
//! | `dns()` | `Vec<`[`DnsLookup`]`>` |
//! | `details(place)` | `Option<`[`Details`]`>` for the inspector |
//! | `rules(machine)` | [`Ruleset`] of the machine's root namespace |
//! | `actions(place)`, `contacts(from, to)` | `Vec<`[`Action`]`>`: what can be done with it, what one can say to another |
//! | `images(machine)` | `Vec<`[`ImageOffer`]`>` |
//! | `offers(container)` | `Vec<`[`DropOffer`]`>`: what dropping a container on each network would do |
//!
//! Times are virtual nanoseconds since the lab began.
//! Texts are ready to show: a front end never parses, joins or judges them.

mod action;

pub use action::{Action, ImageOffer};

use serde::{Deserialize, Serialize};

/// Ids of the things on the stage, so that those who name a place and those who draw it agree.
///
/// A place is anything a packet can be at.
/// `container` parameters take the container's full id, never its name, since names change.
pub mod place {
    /// A machine as a whole: an outside machine is drawn as one box.
    pub fn machine(machine: &str) -> String {
        format!("machine:{machine}")
    }

    /// A LAN segment between machines.
    pub fn lan(lan: &str) -> String {
        format!("lan:{lan}")
    }

    /// A physical interface of a machine that runs Docker, drawn astride the machine's edge.
    pub fn port(machine: &str, interface: &str) -> String {
        format!("port:{machine}/{interface}")
    }

    /// A published port of a container: `binding` is as Docker prints it, such as `0.0.0.0:8080/tcp`.
    pub fn published(machine: &str, binding: &str) -> String {
        format!("published:{machine}/{binding}")
    }

    /// A station of the root namespace's IP layer.
    ///
    /// `hook` is one of `PREROUTING`, `ROUTE`, `FORWARD`, `POSTROUTING`, `INPUT`, `OUTPUT`.
    pub fn hook(machine: &str, hook: &str) -> String {
        format!("hook:{machine}/{hook}")
    }

    /// A process in a machine's root namespace, such as a `curl` typed on hostA, `docker-proxy` or `dockerd`.
    pub fn local(machine: &str) -> String {
        format!("local:{machine}")
    }

    /// A network's bridge (or other device) on a machine, by the network's id.
    pub fn network(machine: &str, network: &str) -> String {
        format!("network:{machine}/{network}")
    }

    /// A container: its namespace, interfaces and processes.
    pub fn container(machine: &str, container: &str) -> String {
        format!("container:{machine}/{container}")
    }

    /// Docker's embedded DNS server as one container sees it, at 127.0.0.11 inside its namespace.
    pub fn resolver(machine: &str, container: &str) -> String {
        format!("resolver:{machine}/{container}")
    }
}

/// Everything that stands on the stage.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Topology {
    /// Machines in the scenario's order.
    pub machines: Vec<Machine>,
    /// LAN segments in the scenario's order.
    pub lans: Vec<Lan>,
}

/// A segment that machines are plugged into.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Lan {
    /// [`place::lan`] of it.
    pub id: String,
    /// Its name, such as `LAN`.
    pub name: String,
    /// Its subnet, such as `192.168.1.0/24`; empty when machines agree on none.
    pub subnet: String,
}

/// What a machine is for, which decides its icon and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MachineKind {
    /// Runs a Docker engine and is drawn opened up.
    Docker,
    /// A user's computer on the LAN.
    #[default]
    Laptop,
    /// Forwards between the LAN and elsewhere.
    Router,
    /// Stands for everything beyond the router.
    Internet,
    /// Anything else on the LAN.
    Server,
}

/// A simulated Linux machine.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Machine {
    /// [`place::machine`] of it.
    pub id: String,
    /// Its host name.
    pub name: String,
    /// What it is for.
    pub kind: MachineKind,
    /// A short caption: `Docker Engine 28.5.2`, `DNS 1.1.1.1`; may be empty.
    pub note: String,
    /// False when it is switched off or unplugged.
    pub online: bool,
    /// Whether a person may open a terminal on it.
    pub has_terminal: bool,
    /// Its physical interfaces (for outside machines the first address is shown in the box).
    pub interfaces: Vec<Interface>,
    /// The stations of its root namespace in the order a forwarded packet meets them; empty for outside machines.
    pub hooks: Vec<Hook>,
    /// Its networks in order of creation, `bridge` first; `host` and `none` are not listed.
    pub networks: Vec<Network>,
    /// Its containers in order of creation, stopped ones too.
    pub containers: Vec<Container>,
    /// Its published ports in order of publishing.
    pub published: Vec<PublishedPort>,
}

/// A network interface with what a person needs to recognise it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Interface {
    /// Its name in its namespace, such as `eth0`.
    pub name: String,
    /// Its addresses with prefix length, IPv4 first.
    pub addresses: Vec<String>,
    /// Its MAC address.
    pub mac: String,
    /// Whether it is up.
    pub up: bool,
    /// For a physical interface: the LAN's place id.
    pub lan: Option<String>,
    /// For a container's interface: the network's place id.
    pub network: Option<String>,
}

/// One station of a namespace's IP layer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Hook {
    /// [`place::hook`] of it.
    pub id: String,
    /// `PREROUTING`, `ROUTE`, `FORWARD`, `POSTROUTING`, `INPUT` or `OUTPUT`.
    pub name: String,
    /// The tables that hold rules at this hook, in the order they are asked; for `ROUTE` the word `FIB`.
    pub tables: Vec<String>,
}

/// A Docker network as one machine sees it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Network {
    /// [`place::network`] of it.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its driver: `bridge`, `macvlan`, `ipvlan`, `overlay`.
    pub driver: String,
    /// The device in the root namespace, such as `docker0` or `br-9c1f04d2a7be`; empty where there is none.
    pub interface: String,
    /// The device of the root namespace that its containers' interfaces stand on, such as `eth0` or `eth0.10`; empty for a
    /// network with a bridge.
    pub parent: String,
    /// How they stand on it: `bridge`, `private`, `vepa`, `passthru`; `l2`, `l3`, `l3s`; empty for a network with a bridge.
    pub driver_mode: String,
    /// The VLAN that the parent stands for.
    pub vlan: Option<u16>,
    /// Its first subnet, such as `172.18.0.0/16`.
    pub subnet: String,
    /// The gateway's address without prefix length; empty for a network without one.
    pub gateway: String,
    /// Whether it was created with `--internal`.
    pub internal: bool,
    /// A number given at creation and never used again in this lab, from 0: it decides hue and mark for life.
    pub mark: u32,
}

/// What a container's main process is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ContainerState {
    /// Created and never started.
    Created,
    /// Running.
    #[default]
    Running,
    /// Frozen by `docker pause`.
    Paused,
    /// Between two runs by its restart policy.
    Restarting,
    /// Ended.
    Exited,
}

/// How a container relates to network namespaces.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "mode", content = "of")]
pub enum NetworkMode {
    /// A namespace of its own, on zero or more networks.
    #[default]
    Own,
    /// The machine's root namespace.
    Host,
    /// A namespace of its own with only a loopback.
    None,
    /// Another container's namespace: that container's place id.
    Container(String),
}

/// A container.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Container {
    /// [`place::container`] of it.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its image as given on the command line, such as `nginx`.
    pub image: String,
    /// What its main process is doing.
    pub state: ContainerState,
    /// Whose namespace it lives in.
    pub mode: NetworkMode,
    /// Its interfaces in the order of their names, without `lo`; empty unless it runs.
    pub interfaces: Vec<Interface>,
    /// The networks it is configured for, in the order they were joined: the place ids, also while it is stopped.
    pub networks: Vec<String>,
    /// One line about what it does, such as `listens on :80` or `runs sleep 3600`.
    pub activity: String,
    /// Whether 127.0.0.11 answers in its namespace, so that [`place::resolver`] is drawn in it.
    pub resolver: bool,
}

/// A port published on a machine.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PublishedPort {
    /// [`place::published`] of it.
    pub id: String,
    /// Where it listens, such as `0.0.0.0:8080`.
    pub binding: String,
    /// `tcp` or `udp`.
    pub protocol: String,
    /// Where it leads, such as `web:80`.
    pub target: String,
    /// The container's place id.
    pub container: String,
    /// True when it is bound to a loopback address only.
    pub loopback: bool,
}

/// A terminal: a shell on a machine, or inside a container.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Terminal {
    /// Its number, as inputs name it.
    pub id: u32,
    /// The machine's name.
    pub machine: String,
    /// What the tab says: the machine's name, or the container's for an interactive `docker exec`.
    pub title: String,
    /// A small addition to the title, such as `exec sh`; may be empty.
    pub note: String,
    /// Everything printed so far, oldest first, already split into lines; the oldest may have been let go.
    pub lines: Vec<Line>,
    /// The prompt the shell would print now, such as `hostA:~$`.
    pub prompt: String,
    /// False while a command is running: then only Ctrl-C, Ctrl-D and typed input for the program make sense.
    pub idle: bool,
    /// The lines typed into it, oldest first.
    pub runs: Vec<Run>,
}

/// One line typed into a terminal and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Run {
    /// The input's number in the lab's log.
    pub input: u64,
    /// The line as typed.
    pub command: String,
    /// When it was typed.
    pub started_ns: u64,
    /// When the prompt came back; `None` while it runs.
    pub ended_ns: Option<u64>,
    /// Its exit status; `None` while it runs.
    pub exit: Option<i32>,
}

/// Who wrote a line of a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LineKind {
    /// A prompt with what was typed after it.
    Command,
    /// A program's standard output, or a harmless line of standard error.
    #[default]
    Output,
    /// A line of standard error of a command that failed.
    Error,
    /// Something the lab itself has to say, such as an option that is not modelled.
    Note,
}

/// One line of a terminal.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Line {
    /// When it was printed: the screen shows it once playback gets there.
    pub at_ns: u64,
    /// The input it belongs to.
    pub input: u64,
    /// Who wrote it.
    pub kind: LineKind,
    /// The prompt in front of a command; empty otherwise.
    pub prompt: String,
    /// The text without its line feed.
    pub text: String,
    /// False for a last line whose line feed has not come yet.
    pub complete: bool,
}

/// What could come next at the cursor of a command line.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Completions {
    /// Where the word being completed begins, in characters from the start of the line.
    pub from: usize,
    /// What fits, best first.
    pub items: Vec<Completion>,
}

/// One way to complete a word.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Completion {
    /// The whole word that would stand there.
    pub text: String,
    /// What it is, in a few words; may be empty.
    pub description: String,
    /// Whether a space follows it, as after a finished word but not after `--format=`.
    pub space: bool,
}

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
    /// The rule as a person reads it, without `-A CHAIN`.
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

/// Everything the inspector says about one thing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Details {
    /// The place it is about.
    pub id: String,
    /// Its name.
    pub title: String,
    /// Its kind or state: `running`, `bridge`, `machine`.
    pub tag: Tag,
    /// Named values at the top.
    pub facts: Vec<Fact>,
    /// Tables and texts below, in order.
    pub sections: Vec<Section>,
}

/// A named value.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Fact {
    /// Its name: `Subnet`.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// A titled part of the inspector: a table, or lines of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Section {
    /// Its title: `Interfaces`, `/etc/resolv.conf`.
    pub title: String,
    /// Column heads; empty when the rows are plain lines of a file.
    pub columns: Vec<String>,
    /// The rows; each has as many cells as there are columns, or one.
    pub rows: Vec<Vec<Cell>>,
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Cell {
    /// Its text.
    pub text: String,
    /// The place it names, if any: a network's mark is drawn beside it, and it can be followed.
    pub place: Option<String>,
}

/// All netfilter rules of a machine's root namespace, and what conntrack remembers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Ruleset {
    /// The machine's name.
    pub machine: String,
    /// Tables in the order they are asked: raw, mangle, nat, filter; those without chains left out.
    pub tables: Vec<RuleTable>,
    /// What `iptables-save` prints.
    pub saved: String,
    /// Tracked connections.
    pub connections: Vec<Connection>,
}

/// One table.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RuleTable {
    /// `raw`, `mangle`, `nat`, `filter`.
    pub name: String,
    /// `IPv4` or `IPv6`.
    pub family: String,
    /// Chains: built-in ones in hook order, then the others as `iptables -L` lists them.
    pub chains: Vec<RuleChain>,
}

/// One chain.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RuleChain {
    /// Its name.
    pub name: String,
    /// `policy ACCEPT, 1 packet` or `2 references`.
    pub note: String,
    /// Its rules in order.
    pub rules: Vec<RuleRow>,
}

/// One rule, in the columns of `iptables -nvL`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RuleRow {
    /// Its number in the chain, from 1.
    pub number: u32,
    /// Packets counted.
    pub packets: u64,
    /// Bytes counted.
    pub bytes: u64,
    /// Its target.
    pub target: String,
    /// Interface in, `*` for any.
    pub input: String,
    /// Interface out, `*` for any.
    pub output: String,
    /// Source.
    pub source: String,
    /// Destination.
    pub destination: String,
    /// Protocol and matches, and the target's options.
    pub matches: String,
}

/// A tracked connection.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Connection {
    /// `tcp`, `udp`, `icmp`.
    pub protocol: String,
    /// Its state, such as `ESTABLISHED`; empty where the protocol has none.
    pub state: String,
    /// `192.168.1.50:51514 → 192.168.1.10:8080`.
    pub original: String,
    /// The reply that is expected.
    pub reply: String,
    /// Seconds until it is forgotten.
    pub expires_s: u64,
}

/// Whether a container may be dropped on a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DropState {
    /// It is a member already.
    Member,
    /// It would be connected.
    #[default]
    Connects,
    /// Docker would refuse.
    Refused,
}

/// What dropping a container on a network would do.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DropOffer {
    /// The network's place id.
    pub network: String,
    /// Whether it may be dropped there.
    pub state: DropState,
    /// Docker's own message where it would refuse; empty otherwise.
    pub refusal: String,
    /// The interface it would get, such as `eth1`; empty unless it would be connected and runs.
    pub interface: String,
    /// The address it would get if nobody else joins first; empty unless it would be connected and runs.
    pub address: String,
    /// The command lines that connect it (one), empty unless it would be connected.
    pub connect: Vec<String>,
    /// The command lines that move it here from the other networks, empty unless it would be connected.
    pub move_here: Vec<String>,
    /// The command line that disconnects it, for a member.
    pub disconnect: String,
    /// The machine to type them on.
    pub machine: String,
}
