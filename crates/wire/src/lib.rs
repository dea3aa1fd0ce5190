//! Packets: what their headers mean, their bytes, and how people read them.
//!
//! A packet in flight is structured: a [`Frame`] holds parsed headers and its payload by reference count, so that cloning
//! one is cheap and nobody parses the same bytes twice.
//! `emit` gives the bytes with right lengths and checksums, `parse` reads them back, and one undoes the other.
//! This crate knows no clock, no device and no table; it has never heard of the kernel above it.
//! Start reading at [`frame`], then [`ip`]; [`summary`] prints packets for people, [`pcap`] and [`pcapng`] for other tools.

mod checksum;
mod error;
mod mac;
mod proto;
mod reader;
mod writer;

pub mod arp;
pub mod frame;
pub mod icmp;
pub mod ip;
pub mod tcp;
pub mod udp;

pub mod base64;
pub mod dns;
pub mod vxlan;

pub mod layers;
pub mod pcap;
pub mod pcapng;
pub mod services;
pub mod sha256;
pub mod summary;

pub use arp::{Arp, ArpOp};
pub use bytes::Bytes;
pub use error::ParseError;
pub use frame::{Frame, Payload, VlanTag};
pub use icmp::{IcmpErrorKind, IcmpMessage, NdpMessage, Quoted, QuotedPorts};
pub use ip::{IpPacket, Transport};
pub use mac::{MacAddr, ParseMacError};
pub use proto::Proto;
pub use tcp::{TcpFlags, TcpSegment};
pub use udp::UdpDatagram;
