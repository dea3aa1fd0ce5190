//! What a namespace's protocols count of the packets that pass: what `netstat -s` and `nstat` read in `/proc/net`.
//!
//! Counted where Linux counts: a packet that a rule drops in PREROUTING was received and never delivered, one dropped in
//! OUTPUT was asked for and never transmitted. Sources: RFC 2011 to 2013; Linux `include/uapi/linux/snmp.h`,
//! `net/ipv4/proc.c`, `net/ipv6/proc.c`. What is not here is nothing that can happen to a packet of this kernel.

use crate::ids::NetnsId;
use crate::state::Kernel;
use crate::trace::DropReason;
use sorted::SortedMap;
use std::net::IpAddr;
use wire::{IcmpMessage, IpPacket, Transport};

/// The counters of a namespace.
#[derive(Clone, Default, Debug)]
pub struct Mib {
    /// IPv4.
    pub v4: IpCounts,
    /// IPv6.
    pub v6: IpCounts,
    /// ICMP.
    pub icmp: IcmpCounts,
    /// ICMPv6.
    pub icmp6: IcmpCounts,
    /// UDP over IPv4.
    pub udp: UdpCounts,
    /// UDP over IPv6.
    pub udp6: UdpCounts,
    /// TCP, over both.
    pub tcp: TcpCounts,
}

/// Packets of one kind, and their bytes with the IP header.
#[derive(Clone, Copy, Default, Debug)]
pub struct Traffic {
    /// How many.
    pub packets: u64,
    /// How long all together.
    pub octets: u64,
}

/// What the IP layer of one family counts.
#[derive(Clone, Default, Debug)]
pub struct IpCounts {
    /// All that came in.
    pub received: Traffic,
    /// Those of them that were sent to groups.
    pub in_groups: Traffic,
    /// Those of them that were sent to everybody.
    pub in_broadcasts: Traffic,
    /// Those of them with each of the four values of the header's ECN bits.
    pub in_ecn: [u64; 4],
    /// Refused for their header: too many hops among them.
    pub header_errors: u64,
    /// For an address that is not here, where nothing is forwarded.
    pub address_errors: u64,
    /// To be forwarded, but larger than the way on takes (IPv6).
    pub too_big: u64,
    /// Came in and had no route.
    pub in_no_routes: u64,
    /// Forwarded.
    pub forwarded: u64,
    /// Carried a protocol that nobody here speaks.
    pub unknown_protocols: u64,
    /// Handed to a protocol.
    pub delivered: u64,
    /// What this machine itself wanted to send.
    pub out_requests: u64,
    /// Of those, the ones that a rule dropped.
    pub out_discards: u64,
    /// What it could not send for want of a route.
    pub out_no_routes: u64,
    /// All that left, also what was forwarded.
    pub transmitted: Traffic,
    /// Those of them that went to groups.
    pub out_groups: Traffic,
    /// Fragments that came in to be put together.
    pub fragments_received: u64,
    /// Packets put together.
    pub reassembled: u64,
    /// Packets given up because fragments were missing.
    pub reassembly_failed: u64,
    /// Packets taken apart.
    pub fragmented: u64,
    /// Packets too large that must not be taken apart.
    pub fragment_failed: u64,
    /// Fragments made.
    pub fragments_made: u64,
}

/// What ICMP counts: messages by their type.
#[derive(Clone, Default, Debug)]
pub struct IcmpCounts {
    /// Received.
    pub received: SortedMap<u8, u64>,
    /// Sent.
    pub sent: SortedMap<u8, u64>,
}

/// What UDP counts.
#[derive(Clone, Copy, Default, Debug)]
pub struct UdpCounts {
    /// Datagrams that a program read.
    pub received: u64,
    /// Datagrams to a port where nobody listens.
    pub no_ports: u64,
    /// Datagrams for which a socket's buffer had no room.
    pub buffer_errors: u64,
    /// Datagrams that a program sent.
    pub sent: u64,
}

/// What TCP counts.
#[derive(Clone, Copy, Default, Debug)]
pub struct TcpCounts {
    /// Connections begun here.
    pub active_opens: u64,
    /// Connections begun by a peer.
    pub passive_opens: u64,
    /// Connections that ended before they were there.
    pub attempt_fails: u64,
    /// Connections that ended without a FIN from both.
    pub resets: u64,
    /// Segments received.
    pub segments_in: u64,
    /// Segments sent, for the first time or as a reset.
    pub segments_out: u64,
    /// Of those, the ones with data or a FIN.
    pub data_out: u64,
    /// Segments sent again.
    pub retransmitted: u64,
    /// Of those, SYNs.
    pub syn_retransmitted: u64,
    /// Timers that ran out without an acknowledgement.
    pub timeouts: u64,
    /// Resets sent.
    pub resets_out: u64,
    /// Connections that began to wait for stragglers.
    pub time_waits: u64,
    /// SYNs that found the accept queue full.
    pub listen_overflows: u64,
    /// Connections reset because their program closed them without reading all.
    pub aborted_on_close: u64,
    /// Packets of all protocols whose source address was not believed.
    pub reverse_path: u64,
}

impl Traffic {
    fn add(&mut self, packet: &IpPacket) {
        self.packets += 1;
        self.octets += packet.len() as u64;
    }
}

impl IpCounts {
    /// A packet reached the IP layer; `broadcast` tells whether its frame was for everybody or a group.
    pub(super) fn receive(&mut self, packet: &IpPacket, broadcast: bool) {
        self.received.add(packet);
        if let Some(count) = self.in_ecn.get_mut(usize::from(packet.tos & 3)) {
            *count += 1;
        }
        if packet.dst.is_multicast() {
            self.in_groups.add(packet);
        } else if broadcast {
            self.in_broadcasts.add(packet);
        }
    }

    /// A packet is about to leave.
    pub(super) fn transmit(&mut self, packet: &IpPacket) {
        self.transmitted.add(packet);
        if packet.dst.is_multicast() {
            self.out_groups.add(packet);
        }
    }

    /// A packet that came in goes nowhere. Source: Linux `ip_error`, `ip6_pkt_drop`.
    pub(super) fn refuse(&mut self, reason: &DropReason) {
        match reason {
            DropReason::NoRoute => self.in_no_routes += 1,
            DropReason::ForwardingOff => self.address_errors += 1,
            _ => {}
        }
    }
}

impl Mib {
    /// The IP layer's part for the family of an address.
    pub fn ip(&mut self, of: IpAddr) -> &mut IpCounts {
        if of.is_ipv4() {
            &mut self.v4
        } else {
            &mut self.v6
        }
    }

    /// UDP's part for the family of an address.
    pub fn udp(&mut self, of: IpAddr) -> &mut UdpCounts {
        if of.is_ipv4() {
            &mut self.udp
        } else {
            &mut self.udp6
        }
    }

    /// This machine wants to send a packet.
    pub(super) fn request(&mut self, packet: &IpPacket) {
        self.ip(packet.dst).out_requests += 1;
        if let Transport::Icmp(message) = &packet.transport {
            count(&mut self.icmp(packet).sent, message, packet.is_v6());
        }
    }

    /// An ICMP message is for this machine.
    pub(super) fn icmp_received(&mut self, packet: &IpPacket, message: &IcmpMessage) {
        count(&mut self.icmp(packet).received, message, packet.is_v6());
    }

    fn icmp(&mut self, packet: &IpPacket) -> &mut IcmpCounts {
        if packet.is_v6() {
            &mut self.icmp6
        } else {
            &mut self.icmp
        }
    }
}

fn count(by_type: &mut SortedMap<u8, u64>, message: &IcmpMessage, v6: bool) {
    *by_type.entry(message.type_and_code(v6).0).or_default() += 1;
}

impl Kernel {
    /// Lets a namespace count something, if it is still there.
    pub(crate) fn count(&mut self, ns: NetnsId, what: impl FnOnce(&mut Mib)) {
        if let Some(netns) = self.net.netns_mut(ns) {
            what(&mut netns.mib);
        }
    }
}
