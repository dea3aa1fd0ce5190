//! ARP for IPv4 over Ethernet. Source: RFC 826.

use std::net::Ipv4Addr;

use bytes::Bytes;

use crate::frame::ethertype;
use crate::reader::Reader;
use crate::writer::put_u16;
use crate::{MacAddr, ParseError};

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

    /// Appends the packet's bytes.
    pub fn emit_into(&self, out: &mut Vec<u8>) {
        put_u16(out, HARDWARE_ETHERNET);
        put_u16(out, ethertype::IPV4);
        out.extend_from_slice(&[6, 4]);
        put_u16(out, if self.op == ArpOp::Request { 1 } else { 2 });
        out.extend_from_slice(&self.sender_mac.0);
        out.extend_from_slice(&self.sender_ip.octets());
        out.extend_from_slice(&self.target_mac.0);
        out.extend_from_slice(&self.target_ip.octets());
    }

    /// Reads a packet; padding behind it does not matter. Errors: cut off, or not for IPv4 over Ethernet.
    pub fn parse(bytes: Bytes) -> Result<Self, ParseError> {
        let mut reader = Reader::new(bytes);
        let hardware = reader.u16()?;
        let protocol = reader.u16()?;
        if (hardware, protocol, reader.array()?) != (HARDWARE_ETHERNET, ethertype::IPV4, [6, 4]) {
            return Err(ParseError::Field("ARP address type"));
        }
        let op = match reader.u16()? {
            1 => ArpOp::Request,
            2 => ArpOp::Reply,
            _ => return Err(ParseError::Field("ARP operation")),
        };
        Ok(Self {
            op,
            sender_mac: MacAddr(reader.array()?),
            sender_ip: reader.array::<4>()?.into(),
            target_mac: MacAddr(reader.array()?),
            target_ip: reader.array::<4>()?.into(),
        })
    }
}

const HARDWARE_ETHERNET: u16 = 1;
