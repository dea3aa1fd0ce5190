//! What happened to every packet, as facts.
//!
//! The kernel writes one event wherever it decides something about a packet; animation, journeys, explanations, the DNS
//! view and captures are readings of this list and nothing else.
//! Sentences are made above (`lab`), never here.

use crate::errno::Errno;
use crate::ids::{ConnId, LinkId, NetnsId, PacketId, ProcessId, SocketId};
use crate::skb::{CtState, Direction};
use crate::time::Instant;
use std::net::IpAddr;
use std::rc::Rc;
use wire::{Frame, IpPacket, MacAddr};

/// One fact.
#[derive(Clone, Debug)]
pub struct TraceEvent {
    /// Its number: grows by one with each event of a world, and survives trimming.
    pub seq: u64,
    /// When.
    pub at: Instant,
    /// The namespace in which it happened.
    pub ns: NetnsId,
    /// Which packet.
    pub packet: PacketId,
    /// What.
    pub what: Checkpoint,
}

/// The places at which the kernel notes something. The order of variants follows a packet's way.
#[derive(Clone, Debug)]
pub enum Checkpoint {
    /// A packet was made: by a socket, or by the kernel itself (an ICMP error, an ARP request, a TCP reset).
    Made {
        /// The process that owns the socket, if any.
        by: Option<ProcessId>,
        /// The socket, if any.
        socket: Option<SocketId>,
        /// The packet that this one answers or was caused by, if the kernel knows it.
        cause: Option<PacketId>,
        /// The packet as made; `None` for frames without an IP packet (ARP), which [`Checkpoint::Transmit`] shows.
        ip: Option<Box<IpPacket>>,
    },
    /// A device took the frame to send it (for a veth: it is now on its way to the peer).
    Transmit {
        /// The device.
        link: LinkId,
        /// The frame as sent. This is what a capture on the device shows.
        frame: Rc<Frame>,
    },
    /// A device received the frame.
    Receive {
        /// The device.
        link: LinkId,
        /// The frame as received.
        frame: Rc<Frame>,
    },
    /// A bridge looked up where the frame goes.
    Bridge {
        /// The bridge device.
        bridge: LinkId,
        /// The port it came in by; `None` if the machine itself sends through the bridge.
        from: Option<LinkId>,
        /// What it did.
        decision: BridgeDecision,
    },
    /// A netfilter hook was entered (only noted where the hook has rules or changes something).
    Hook {
        /// Which.
        hook: crate::netfilter::Hook,
        /// The rules that matched on the way, in order, the last one deciding.
        matched: Vec<RuleHit>,
        /// The outcome.
        verdict: HookVerdict,
    },
    /// Connection tracking found or made the packet's entry.
    Conntrack {
        /// The entry.
        conn: ConnId,
        /// The packet's direction in it.
        dir: Direction,
        /// The state that rules see.
        state: CtState,
    },
    /// An address or port was rewritten.
    Nat {
        /// At which hook.
        hook: crate::netfilter::Hook,
        /// The entry that holds the mapping.
        conn: ConnId,
        /// Whether this undoes the mapping for a packet on its way back.
        reply: bool,
        /// Source, before and after.
        src: (Endpoint, Endpoint),
        /// Destination, before and after.
        dst: (Endpoint, Endpoint),
    },
    /// The routing decision.
    Route {
        /// Where to.
        dst: IpAddr,
        /// What was found.
        decision: RouteDecision,
    },
    /// The neighbour table was asked for the next hop's hardware address.
    Neighbour {
        /// The next hop.
        next_hop: IpAddr,
        /// On which device.
        link: LinkId,
        /// The answer: known, or the packet waits while it is being resolved.
        mac: Option<MacAddr>,
    },
    /// The packet reached a socket.
    Deliver {
        /// The socket.
        socket: SocketId,
        /// The process that owns it.
        process: Option<ProcessId>,
    },
    /// A tunnel put the frame into a datagram, which goes on as another packet.
    Encapsulate {
        /// The tunnel's device.
        link: LinkId,
        /// The datagram.
        outer: PacketId,
        /// The machine that it goes to.
        to: IpAddr,
    },
    /// A tunnel took the frame out of this datagram; it goes on as the packet that it was.
    Decapsulate {
        /// The tunnel's device.
        link: LinkId,
        /// The packet within.
        inner: PacketId,
    },
    /// The kernel itself took the packet (an echo request it answers, an ARP packet, an ICMP error with no socket).
    Consume {
        /// Why, in one word of the kernel's own: `echo`, `arp`, `ndp`, `error`, `ack`.
        what: &'static str,
    },
    /// The packet ended here.
    Drop(DropReason),
    /// A program noted something of its own about the exchange (the resolver: which names it searched).
    Note(Rc<Note>),
}

/// An address with its port or echo identifier (0 where the protocol has none).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Endpoint {
    /// The address.
    pub ip: IpAddr,
    /// The port, or the identifier of an echo request.
    pub port: u16,
}

/// What a bridge did with a frame.
#[derive(Clone, Debug)]
pub enum BridgeDecision {
    /// Sent it out of the one port behind which the destination was learned.
    Forward(LinkId),
    /// Sent it out of all ports but the one it came from: broadcast, or a destination not learned.
    Flood(Vec<LinkId>),
    /// Passed it up to the machine's own IP layer (alone, or beside flooding).
    Local,
    /// The destination is behind the port it came from.
    SamePort,
}

/// A rule that a packet matched.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RuleHit {
    /// The table.
    pub table: crate::netfilter::TableName,
    /// The chain.
    pub chain: Rc<str>,
    /// Position in the chain, from 1; 0 for the chain's policy.
    pub number: u32,
    /// The rule as `iptables -S` would print it.
    pub text: Rc<str>,
    /// How many packets it has counted by then, this one included.
    pub packets: u64,
}

/// How a hook ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HookVerdict {
    /// The packet goes on.
    Accept,
    /// It was dropped; the last matched rule, or the policy, did it.
    Drop,
    /// It was dropped and an error goes back.
    Reject,
}

/// What routing found.
#[derive(Clone, Debug)]
pub enum RouteDecision {
    /// The destination is one of this namespace's own addresses.
    Local {
        /// The device that has the address.
        link: LinkId,
    },
    /// A broadcast or multicast that this namespace takes.
    Broadcast,
    /// It goes out.
    Unicast {
        /// By this device.
        link: LinkId,
        /// To this router; `None` if the destination is on the link itself.
        via: Option<IpAddr>,
        /// The route's prefix as `ip route` prints it (`default`, `172.18.0.0/16`).
        prefix: Rc<str>,
    },
    /// No route.
    Unreachable,
}

/// Why a packet ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DropReason {
    /// A netfilter rule or policy said so; the hook's own event names it.
    Netfilter {
        /// At which hook.
        hook: crate::netfilter::Hook,
        /// The rule that decided.
        rule: Option<Box<RuleHit>>,
    },
    /// No route to the destination.
    NoRoute,
    /// Arrived for someone else and forwarding is off (`ip_forward` is 0).
    ForwardingOff,
    /// The frame was addressed to another station.
    OtherHost,
    /// TTL or hop limit ran out.
    TtlExpired,
    /// Reverse-path filter: the answer would not go back by the device it came in by.
    ReversePath,
    /// A source or destination that must not appear here (loopback from outside, and the like).
    Martian,
    /// Nobody answered for the next hop's hardware address.
    NeighbourFailed {
        /// The next hop that did not answer.
        next_hop: IpAddr,
    },
    /// The device is down, or has no carrier.
    LinkDown {
        /// The device.
        link: LinkId,
    },
    /// Larger than the MTU and not to be fragmented.
    TooBig {
        /// The MTU that it did not fit, bytes.
        mtu: u32,
    },
    /// No socket listens there.
    NoSocket,
    /// The socket's receive buffer or accept queue is full.
    QueueFull,
    /// Connection tracking could not find a free port for the translation, or the table is full.
    Conntrack,
    /// A virtual service has no server that takes connections.
    NoServer,
    /// A checksum, length or header that makes no sense.
    Malformed,
    /// A bridge port that may not talk to another (isolated), or a blocked one.
    BridgePort,
    /// A device's queueing discipline dropped it: an emulated loss, or too many waited.
    Queue {
        /// The device.
        link: LinkId,
    },
    /// The LAN segment lost it (configured loss).
    Lost,
    /// Nobody on the segment has the destination hardware address.
    NoStation,
    /// The switch does not send a frame back by the port it came from, and the destination is behind that port.
    SamePort,
    /// The switch lets only the stations' own hardware addresses in, and this source is none (port security, Wi-Fi).
    PortSecurity {
        /// The source that it refused.
        mac: MacAddr,
    },
    /// A macvlan or ipvlan whose mode or flag keeps it from its siblings.
    SiblingsApart,
    /// An ipvlan in a layer 3 mode sends no broadcasts, multicasts or ARP.
    NoBroadcast,
    /// The protocol is not handled.
    UnknownProtocol,
    /// The namespace or device went away while the packet was on its way.
    Gone,
}

/// What a note belongs to that is about no packet.
pub const NO_PACKET: PacketId = PacketId(0);

/// Something that is known about an exchange beyond its packets.
#[derive(Clone, Debug)]
pub enum Note {
    /// The embedded DNS server searched for a name.
    DnsSearch {
        /// The question's name.
        name: String,
        /// The question's type as text (`A`, `AAAA`, `PTR` ...).
        kind: String,
        /// The places searched, in order: network name, and whether it holds the name.
        searched: Vec<(String, bool)>,
        /// What came of it.
        outcome: DnsOutcome,
    },
    /// A program wanted to send something, and there was not even a packet. Such a note belongs to [`NO_PACKET`].
    NotSent {
        /// Where to.
        to: IpAddr,
        /// What the program was told.
        error: Errno,
        /// The largest packet that goes there, bytes; 0 unless that was the trouble.
        mtu: u32,
    },
    /// A program lacks this capability for what it wanted. Such a note belongs to [`NO_PACKET`].
    Lacks(&'static str),
    /// A daemon refused what a program asked it for, in the daemon's words. Such a note belongs to [`NO_PACKET`].
    Refused(String),
    /// A resolver asked nobody for this, since it is no name. Such a note belongs to [`NO_PACKET`].
    NoName(String),
    /// A program was told to use a device of this name, and its namespace has none. Such a note belongs to [`NO_PACKET`].
    NoDevice(String),
    /// A program wanted to reach whoever listens at this path, and nobody does. Such a note belongs to [`NO_PACKET`].
    NoListener(String),
    /// A program asked for an address that every link has, and had not said of which. Such a note belongs to
    /// [`NO_PACKET`].
    NoZone(IpAddr),
    /// A resolver knew an address of this name and kept it to itself, since the namespace has none of that family: what
    /// `AI_ADDRCONFIG` asks for, see getaddrinfo(3). Such a note belongs to [`NO_PACKET`].
    LeftOut(String, IpAddr),
    /// A program was told to look up no names, and was given this one. Such a note belongs to [`NO_PACKET`].
    NotLookedUp(String),
}

/// What came of a DNS search.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DnsOutcome {
    /// Answered from the networks' own names.
    Found(Vec<IpAddr>),
    /// Known name, no address of that family.
    NoData,
    /// Passed on to this server.
    Forwarded(IpAddr),
    /// Not found and there is nobody to ask.
    Refused,
}

/// The list of facts, bounded.
#[derive(Debug)]
pub struct Trace {
    events: std::collections::VecDeque<TraceEvent>,
    next_seq: u64,
    next_packet: u64,
    capacity: usize,
    enabled: bool,
}

impl Default for Trace {
    fn default() -> Self {
        Self {
            events: std::collections::VecDeque::new(),
            next_seq: 0,
            next_packet: 1,
            capacity: 200_000,
            enabled: true,
        }
    }
}

impl Trace {
    /// A new packet identity.
    pub const fn new_packet(&mut self) -> PacketId {
        let id = PacketId(self.next_packet);
        self.next_packet += 1;
        id
    }

    /// The identity that the next new packet will have.
    #[must_use]
    pub const fn upcoming_packet(&self) -> PacketId {
        PacketId(self.next_packet)
    }

    /// Whether events are kept. Callers check it before building an event that costs something.
    #[must_use]
    pub const fn enabled(&self) -> bool {
        self.enabled
    }

    /// Keeps events from now on, or stops keeping them.
    pub const fn set_enabled(&mut self, on: bool) {
        self.enabled = on;
    }

    /// How many events are kept before the oldest go.
    pub fn set_capacity(&mut self, events: usize) {
        self.capacity = events.max(1);
    }

    /// Notes one fact.
    pub fn push(&mut self, at: Instant, ns: NetnsId, packet: PacketId, what: Checkpoint) {
        if !self.enabled {
            return;
        }
        if self.events.len() >= self.capacity {
            self.events.pop_front();
        }
        self.events.push_back(TraceEvent {
            seq: self.next_seq,
            at,
            ns,
            packet,
            what,
        });
        self.next_seq += 1;
    }

    /// The number that the next event will have: a bookmark for [`Trace::since`].
    #[must_use]
    pub const fn next_seq(&self) -> u64 {
        self.next_seq
    }

    /// The kept events from number `seq` on, oldest first.
    pub fn since(&self, seq: u64) -> impl Iterator<Item = &TraceEvent> {
        let skip = self
            .events
            .front()
            .map_or(0, |first| seq.saturating_sub(first.seq));
        self.events
            .iter()
            .skip(usize::try_from(skip).unwrap_or(usize::MAX))
    }
}
