//! Sockets: TCP, UDP, ICMP, raw and packet, looked up by tuple, with Linux's errors.
//!
//! Every call here returns at once; `EAGAIN` means that the running task has been put on the socket's list and will be
//! woken when trying again makes sense.

mod binding;
mod calls;
mod counted;
mod data;
mod deliver;
mod hold;
mod table;
pub mod tcp;
mod timers;

pub use deliver::errno_of;
pub use table::Sockets;

use crate::errno::Errno;
use crate::ids::{LinkId, PacketId, ProcessId, SocketId};
use crate::time::Instant;
use bytes::Bytes;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use wire::{Frame, IpPacket, Proto};

/// An address family.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Family {
    /// AF_INET.
    V4,
    /// AF_INET6. Also takes IPv4 unless `V6Only` is set.
    V6,
}

/// What kind of socket.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum SockType {
    /// TCP.
    Stream,
    /// UDP.
    Datagram,
    /// ICMP echo without privilege (`ping`): the identifier is the port.
    Ping,
    /// All packets of one protocol that are delivered to this namespace.
    Raw(Proto),
    /// AF_PACKET: every frame on one device, or on all.
    Packet(Option<LinkId>),
}

/// A socket option.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SockOpt {
    /// Only IPv6, on a V6 socket.
    V6Only(bool),
    /// Bind although connections linger in TIME-WAIT.
    ReuseAddr(bool),
    /// Several sockets on one address.
    ReusePort(bool),
    /// Send and take packets by this device only.
    BindToDevice(Option<LinkId>),
    /// TTL or hop limit of what is sent.
    Ttl(u8),
    /// Set "don't fragment" (`IP_PMTUDISC_DO`).
    DontFragment(bool),
    /// Allow sending to broadcast addresses.
    Broadcast(bool),
    /// Errors of asynchronous kind are queued with their sender (`IP_RECVERR`).
    RecvErr(bool),
    /// The mark of what is sent.
    Mark(u32),
    /// Keep-alive probes.
    KeepAlive(bool),
    /// The device that a packet socket listens to takes frames for others, too (`PACKET_MR_PROMISC`).
    Promiscuous(bool),
}

/// A datagram, packet or frame that a socket received.
#[derive(Clone, Debug)]
pub struct Received {
    /// When it arrived.
    pub at: Instant,
    /// The packet's identity in the trace; `None` for an error report.
    pub id: Option<PacketId>,
    /// Who sent it (port 0 for raw).
    pub from: SocketAddr,
    /// Payload for datagram and ping sockets.
    pub data: Bytes,
    /// The whole packet for ping and raw sockets.
    pub packet: Option<Rc<IpPacket>>,
    /// The frame for packet sockets, with the device and whether it was being sent.
    pub frame: Option<(LinkId, bool, Rc<Frame>)>,
    /// TTL with which it arrived, 0 if it doesn't apply.
    pub ttl: u8,
    /// The address it was sent to.
    pub to: IpAddr,
    /// Set if this is not data but an error report: what happened, as reported by `from`.
    pub error: Option<Errno>,
    /// The ICMP message behind an error report.
    pub icmp_error: Option<wire::IcmpErrorKind>,
}

/// A socket as `ss` and `/proc/net` list it.
#[derive(Clone, Debug)]
pub struct SocketInfo {
    /// Its id.
    pub id: SocketId,
    /// Family.
    pub family: Family,
    /// Kind.
    pub kind: SockType,
    /// `LISTEN`, `ESTAB`, `TIME-WAIT`, `UNCONN` ... as `ss` spells it.
    pub state: &'static str,
    /// Bytes not yet read, or connections not yet accepted.
    pub recv_queue: usize,
    /// Bytes not yet acknowledged, or the accept queue's limit.
    pub send_queue: usize,
    /// Local address (unspecified for any).
    pub local: SocketAddr,
    /// Remote address (unspecified, port 0 for none).
    pub remote: SocketAddr,
    /// Whether a V6 socket refuses IPv4.
    pub v6_only: bool,
    /// The device it is bound to.
    pub device: Option<LinkId>,
    /// Who made it.
    pub owner: Option<ProcessId>,
    /// The timer that runs, by the name that `ss -o` gives it, when it ends, and how often it did so before.
    pub timer: Option<(&'static str, Instant, u32)>,
}
