//! Ethernet frames, with or without an 802.1Q tag.

use bytes::Bytes;

use crate::reader::Reader;
use crate::writer::put_u16;
use crate::{Arp, IpPacket, MacAddr, ParseError};

/// An Ethernet frame.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Frame {
    /// Where to.
    pub dst: MacAddr,
    /// Where from.
    pub src: MacAddr,
    /// The 802.1Q tag, if there is one.
    pub vlan: Option<VlanTag>,
    /// What it carries.
    pub payload: Payload,
}

/// An 802.1Q tag.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct VlanTag {
    /// The VLAN, 0 to 4095.
    pub id: u16,
    /// The priority, 0 to 7.
    pub priority: u8,
}

impl VlanTag {
    /// A tag of ordinary priority.
    #[must_use]
    pub const fn new(id: u16) -> Self {
        Self { id, priority: 0 }
    }
}

/// What a frame carries.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Payload {
    /// An ARP packet.
    Arp(Arp),
    /// An IP packet of either family.
    Ip(IpPacket),
    /// Anything else, not looked into.
    Other {
        /// The Ethernet type.
        ethertype: u16,
        /// The bytes behind it.
        bytes: Bytes,
    },
}

/// Ethernet types.
pub mod ethertype {
    /// IPv4.
    pub const IPV4: u16 = 0x0800;
    /// ARP.
    pub const ARP: u16 = 0x0806;
    /// An 802.1Q tag.
    pub const VLAN: u16 = 0x8100;
    /// IPv6.
    pub const IPV6: u16 = 0x86dd;
}

impl Frame {
    /// Bytes of an Ethernet header without a tag.
    pub const HEADER_LEN: usize = 14;

    /// An untagged frame with an IP packet.
    #[must_use]
    pub const fn ip(dst: MacAddr, src: MacAddr, packet: IpPacket) -> Self {
        Self {
            dst,
            src,
            vlan: None,
            payload: Payload::Ip(packet),
        }
    }

    /// An untagged frame with an ARP packet.
    #[must_use]
    pub const fn arp(dst: MacAddr, src: MacAddr, arp: Arp) -> Self {
        Self {
            dst,
            src,
            vlan: None,
            payload: Payload::Arp(arp),
        }
    }

    /// Bytes on the wire, without the frame check sequence and without padding to Ethernet's minimum, as a capture counts.
    #[must_use]
    pub const fn len(&self) -> usize {
        let tag = if self.vlan.is_some() { 4 } else { 0 };
        Self::HEADER_LEN + tag + self.payload.len()
    }

    /// Always false: a frame has at least its header.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        false
    }

    /// The Ethernet type of what it carries, behind any tag.
    #[must_use]
    pub const fn ethertype(&self) -> u16 {
        match &self.payload {
            Payload::Arp(_) => ethertype::ARP,
            Payload::Ip(packet) if packet.is_v6() => ethertype::IPV6,
            Payload::Ip(_) => ethertype::IPV4,
            Payload::Other { ethertype, .. } => *ethertype,
        }
    }

    /// The IP packet, if it carries one.
    #[must_use]
    pub const fn as_ip(&self) -> Option<&IpPacket> {
        match &self.payload {
            Payload::Ip(packet) => Some(packet),
            Payload::Arp(_) | Payload::Other { .. } => None,
        }
    }
}

impl Frame {
    /// The frame's bytes, without frame check sequence and padding.
    #[must_use]
    pub fn emit(&self) -> Bytes {
        let mut out = Vec::with_capacity(self.len());
        self.emit_into(&mut out);
        out.into()
    }

    /// Appends the frame's bytes.
    pub fn emit_into(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.dst.0);
        out.extend_from_slice(&self.src.0);
        if let Some(tag) = self.vlan {
            put_u16(out, ethertype::VLAN);
            put_u16(out, u16::from(tag.priority) << 13 | tag.id & 0x0fff);
        }
        put_u16(out, self.ethertype());
        match &self.payload {
            Payload::Arp(arp) => arp.emit_into(out),
            Payload::Ip(packet) => packet.emit_into(out),
            Payload::Other { bytes, .. } => out.extend_from_slice(bytes),
        }
    }

    /// Reads a frame. A second 802.1Q tag is not looked into. Errors: what it carries does not parse.
    pub fn parse(bytes: Bytes) -> Result<Self, ParseError> {
        let mut reader = Reader::new(bytes);
        let dst = MacAddr(reader.array()?);
        let src = MacAddr(reader.array()?);
        let mut ethertype = reader.u16()?;
        let mut vlan = None;
        if ethertype == ethertype::VLAN {
            let tag = reader.u16()?;
            vlan = Some(VlanTag {
                id: tag & 0x0fff,
                priority: (tag >> 13) as u8,
            });
            ethertype = reader.u16()?;
        }
        let bytes = reader.rest();
        let payload = match ethertype {
            ethertype::ARP => Payload::Arp(Arp::parse(bytes)?),
            ethertype::IPV4 | ethertype::IPV6 => {
                let packet = IpPacket::parse(bytes)?;
                if packet.is_v6() != (ethertype == ethertype::IPV6) {
                    return Err(ParseError::Field("IP version"));
                }
                Payload::Ip(packet)
            }
            _ => Payload::Other { ethertype, bytes },
        };
        Ok(Self {
            dst,
            src,
            vlan,
            payload,
        })
    }
}

impl Payload {
    /// Bytes on the wire.
    #[must_use]
    pub const fn len(&self) -> usize {
        match self {
            Self::Arp(_) => Arp::LEN,
            Self::Ip(packet) => packet.len(),
            Self::Other { bytes, .. } => bytes.len(),
        }
    }

    /// Whether nothing follows the Ethernet header.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
