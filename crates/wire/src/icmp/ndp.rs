use std::net::Ipv6Addr;

use crate::reader::Reader;
use crate::writer::put_u32;
use crate::{MacAddr, ParseError};

/// A neighbour discovery message. Source: RFC 4861 section 4.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum NdpMessage {
    /// Asks for routers.
    RouterSolicit {
        /// The sender's hardware address; `None` if it has no address yet.
        source_mac: Option<MacAddr>,
    },
    /// Asks who has an address.
    NeighbourSolicit {
        /// The address asked for.
        target: Ipv6Addr,
        /// The sender's hardware address; `None` in a probe for duplicates.
        source_mac: Option<MacAddr>,
    },
    /// Tells who has an address.
    NeighbourAdvert {
        /// The address told about.
        target: Ipv6Addr,
        /// Its hardware address; may be left out in an answer to a unicast question.
        target_mac: Option<MacAddr>,
        /// The sender is a router.
        router: bool,
        /// This answers a question.
        solicited: bool,
        /// Replace what the receiver has cached.
        override_: bool,
    },
}

impl NdpMessage {
    /// Bytes on the wire.
    pub(super) const fn len(&self) -> usize {
        let (fixed, mac) = match self {
            Self::RouterSolicit { source_mac } => (8, source_mac),
            Self::NeighbourSolicit { source_mac, .. } => (24, source_mac),
            Self::NeighbourAdvert { target_mac, .. } => (24, target_mac),
        };
        fixed + if mac.is_some() { 8 } else { 0 }
    }
}

const ROUTER_SOLICIT: u8 = 133;
const NEIGHBOUR_SOLICIT: u8 = 135;
const NEIGHBOUR_ADVERT: u8 = 136;
const SOURCE_MAC: u8 = 1;
const TARGET_MAC: u8 = 2;
const ROUTER: u32 = 1 << 31;
const SOLICITED: u32 = 1 << 30;
const OVERRIDE: u32 = 1 << 29;

impl NdpMessage {
    /// The ICMPv6 types that have a form here.
    pub(super) const TYPES: [u8; 3] = [ROUTER_SOLICIT, NEIGHBOUR_SOLICIT, NEIGHBOUR_ADVERT];

    /// The ICMPv6 type.
    pub(super) const fn type_(&self) -> u8 {
        match self {
            Self::RouterSolicit { .. } => ROUTER_SOLICIT,
            Self::NeighbourSolicit { .. } => NEIGHBOUR_SOLICIT,
            Self::NeighbourAdvert { .. } => NEIGHBOUR_ADVERT,
        }
    }

    /// Appends what follows the checksum.
    pub(super) fn emit_into(&self, out: &mut Vec<u8>) {
        let (word, target, option, mac) = match *self {
            Self::RouterSolicit { source_mac } => (0, None, SOURCE_MAC, source_mac),
            Self::NeighbourSolicit { target, source_mac } => {
                (0, Some(target), SOURCE_MAC, source_mac)
            }
            Self::NeighbourAdvert {
                target,
                target_mac,
                router,
                solicited,
                override_,
            } => {
                let bit = |set, bit| if set { bit } else { 0 };
                let bits =
                    bit(router, ROUTER) | bit(solicited, SOLICITED) | bit(override_, OVERRIDE);
                (bits, Some(target), TARGET_MAC, target_mac)
            }
        };
        put_u32(out, word);
        if let Some(target) = target {
            out.extend_from_slice(&target.octets());
        }
        if let Some(mac) = mac {
            out.extend_from_slice(&[option, 1]);
            out.extend_from_slice(&mac.0);
        }
    }

    /// Reads what follows the checksum. Options without a meaning here are read over.
    pub(super) fn parse(type_: u8, mut reader: Reader) -> Result<Self, ParseError> {
        let word = reader.u32()?;
        Ok(match type_ {
            ROUTER_SOLICIT => Self::RouterSolicit {
                source_mac: parse_mac(SOURCE_MAC, reader)?,
            },
            NEIGHBOUR_SOLICIT => {
                let target = reader.array::<16>()?.into();
                Self::NeighbourSolicit {
                    target,
                    source_mac: parse_mac(SOURCE_MAC, reader)?,
                }
            }
            NEIGHBOUR_ADVERT => {
                let target = reader.array::<16>()?.into();
                Self::NeighbourAdvert {
                    target,
                    target_mac: parse_mac(TARGET_MAC, reader)?,
                    router: word & ROUTER != 0,
                    solicited: word & SOLICITED != 0,
                    override_: word & OVERRIDE != 0,
                }
            }
            _ => return Err(ParseError::Field("NDP type")),
        })
    }
}

/// Finds a hardware address among the options.
fn parse_mac(wanted: u8, mut reader: Reader) -> Result<Option<MacAddr>, ParseError> {
    let mut found = None;
    while reader.remaining() > 0 {
        let [option, words] = reader.array()?;
        let len = (usize::from(words) * 8)
            .checked_sub(2)
            .ok_or(ParseError::Length)?;
        let mut value = Reader::new(reader.take(len)?);
        if option == wanted {
            found = Some(MacAddr(value.array()?));
        }
    }
    Ok(found)
}
