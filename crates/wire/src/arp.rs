//! ARP for IPv4 over Ethernet. Source: RFC 826.

use std::net::Ipv4Addr;

use crate::MacAddr;

/// What an ARP packet does.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ArpOp {
    /// Asks who has an address.
    Request,
    /// Tells.
    Reply,
}

/// An ARP packet.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Arp {
    /// Question or answer.
    pub op: ArpOp,
    /// The sender's hardware address.
    pub sender_mac: MacAddr,
    /// The sender's address; 0.0.0.0 in a probe for duplicates.
    pub sender_ip: Ipv4Addr,
    /// The hardware address of the packet's destination; zero in a question.
    pub target_mac: MacAddr,
    /// The address asked for, or of the one who asked.
    pub target_ip: Ipv4Addr,
}

impl Arp {
    /// Bytes of an ARP packet for IPv4 over Ethernet.
    pub const LEN: usize = 28;
}
