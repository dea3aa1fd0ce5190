//! Capture filters, in the language of pcap-filter(7).
//!
//! [`parse`] makes of a filter's text a list of operations on a stack, as libpcap makes a program for the kernel: nothing
//! recurses when a frame is tested, however long the filter is. Frames with an 802.1Q tag are looked into as if it were
//! not there, because Linux hands the tag over beside the frame.
//! A byte that lies behind the packet's end is in no relation to anything.

mod eval;
mod lex;
mod parse;
#[cfg(test)]
mod tests;
mod words;

use std::net::IpAddr;

use ipnet::IpNet;
use wire::{MacAddr, Proto};

pub(super) use eval::Subject;
pub(super) use parse::parse;

/// A filter, ready to test frames.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Filter(Vec<Op>);

/// What a filter's names mean on the machine that captures.
pub(super) trait Names {
    /// The addresses of a host; `None` if that has not been asked yet.
    fn host(&self, name: &str) -> Option<Vec<IpAddr>>;
    /// The port of a service.
    fn port(&self, name: &str) -> Option<u16>;
}

/// Why a filter was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wrong {
    /// A host whose addresses have to be asked for first.
    Unasked(String),
    /// tcpdump's sentence.
    Said(String),
}

impl Wrong {
    fn said(text: impl Into<String>) -> Self {
        Self::Said(text.into())
    }

    fn syntax() -> Self {
        Self::said("can't parse filter expression: syntax error")
    }
}

/// One step of a filter. Tests and comparisons leave a truth on the stack, the rest numbers.
#[derive(Debug, Clone, PartialEq)]
enum Op {
    /// Tests the frame.
    Test(Test),
    /// Turns the uppermost truth round.
    Not,
    /// Both of the two uppermost truths.
    And,
    /// Either of the two uppermost truths.
    Or,
    /// A number.
    Number(u32),
    /// The frame's length, bytes.
    Len,
    /// Takes an offset from the stack and leaves the bytes found there, up to four.
    Load { header: Header, size: u8 },
    /// Turns the uppermost number's sign.
    Negate,
    /// Joins the two uppermost numbers.
    Join(&'static str),
    /// Compares the two uppermost numbers.
    Compare(&'static str),
}

/// Where the offset of a [`Op::Load`] counts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Header {
    Ether,
    Arp,
    Ip,
    Ip6,
    /// A protocol over IPv4: libpcap does not look for one over IPv6.
    Over(Proto),
    /// ICMPv6.
    Icmp6,
}

/// Which end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Src,
    Dst,
    Either,
    Both,
}

/// Which packets' addresses are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    Any,
    Ip,
    Ip6,
    Arp,
}

#[derive(Debug, Clone, PartialEq)]
enum Test {
    /// An Ethernet type.
    EtherType(u16),
    /// The protocol over IP: over IPv4 (`Some(false)`), over IPv6, or over either.
    IpProto { v6: Option<bool>, proto: Proto },
    /// An address of the packet, or one that ARP tells of, lies in one of these networks.
    Net {
        scope: Scope,
        side: Side,
        nets: Vec<IpNet>,
    },
    /// A TCP, UDP or SCTP port lies in this range.
    Port {
        proto: Option<Proto>,
        side: Side,
        first: u16,
        last: u16,
    },
    /// A hardware address.
    Mac { side: Side, mac: MacAddr },
    /// Sent to everybody, by hardware address.
    Broadcast,
    /// Sent to a group, by hardware address.
    Multicast,
    /// Sent to a group's address: of IPv6 or of IPv4.
    IpMulticast { v6: bool },
    /// Tagged, with this VLAN or any.
    Vlan(Option<u16>),
    /// Sent by the device and not received.
    Outbound,
}
