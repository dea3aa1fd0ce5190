//! A captured frame with all that is told of it.

use bytes::Bytes;
use kernel::sock::Received;
use kernel::sys::Sys;
use wire::pcap::{LinkType, Stamp};
use wire::{Frame, MacAddr};

/// A captured frame.
pub(super) struct Shot {
    pub(super) at: Stamp,
    pub(super) frame: Frame,
    /// The device was sending it.
    pub(super) outbound: bool,
    /// What a capture on all devices knows besides.
    pub(super) cooked: Option<Cooked>,
}

/// The fields of Linux's cooked header, version 2, that are not the frame's.
#[derive(Clone, Copy)]
pub(super) struct Cooked {
    /// The device's number.
    pub(super) index: u32,
    hardware: u16,
    pub(super) kind: Kind,
    pub(super) mac: MacAddr,
}

/// To whom a frame was sent, as seen from the device. Source: Linux `include/uapi/linux/if_packet.h`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Host,
    Broadcast,
    Multicast,
    OtherHost,
    Outgoing,
}

impl Kind {
    const ALL: [Self; 5] = [
        Self::Host,
        Self::Broadcast,
        Self::Multicast,
        Self::OtherHost,
        Self::Outgoing,
    ];

    /// How tcpdump marks it.
    pub(super) const fn mark(self) -> &'static str {
        match self {
            Self::Host => "In",
            Self::Broadcast => "B",
            Self::Multicast => "M",
            Self::OtherHost => "P",
            Self::Outgoing => "Out",
        }
    }
}

/// Hardware types. Source: Linux `include/uapi/linux/if_arp.h`.
const ARPHRD_ETHER: u16 = 1;
const ARPHRD_LOOPBACK: u16 = 772;

/// Bytes of a cooked header, version 2.
pub(super) const COOKED_LEN: usize = 20;

impl Shot {
    /// What a packet socket received; `None` for what libpcap passes over.
    pub(super) fn of(sys: &Sys, received: &Received, any: bool) -> Option<Self> {
        let (link, outbound, frame) = received.frame.as_ref()?;
        let (index, mac, loopback) =
            sys.kernel(|k| k.link(*link).map(|l| (l.index, l.mac, l.is_loopback())))?;
        // What the loopback device sends comes in again at once, and is taken then.
        if loopback && *outbound {
            return None;
        }
        let (seconds, nanos) = sys.wall_clock();
        let now = u64::from(nanos) + seconds.saturating_mul(1_000_000_000);
        let ago = (sys.now() - received.at).as_nanos();
        let at = now.saturating_sub(u64::try_from(ago).unwrap_or(0));
        let cooked = Cooked {
            index,
            hardware: if loopback {
                ARPHRD_LOOPBACK
            } else {
                ARPHRD_ETHER
            },
            kind: match frame.dst {
                _ if *outbound => Kind::Outgoing,
                dst if dst.is_broadcast() => Kind::Broadcast,
                dst if dst.is_multicast() => Kind::Multicast,
                dst if dst == mac || loopback => Kind::Host,
                _ => Kind::OtherHost,
            },
            mac: frame.src,
        };
        Some(Self {
            at: (
                u32::try_from(at / 1_000_000_000).unwrap_or(u32::MAX),
                (at % 1_000_000_000 / 1000) as u32,
            ),
            frame: (**frame).clone(),
            outbound: *outbound,
            cooked: any.then_some(cooked),
        })
    }

    /// The bytes that stand in a capture file.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let Some(cooked) = self.cooked else {
            return self.frame.emit().to_vec();
        };
        let mut out = Vec::with_capacity(COOKED_LEN + self.frame.payload.len());
        out.extend_from_slice(&self.frame.ethertype().to_be_bytes());
        out.extend_from_slice(&[0; 2]);
        out.extend_from_slice(&cooked.index.to_be_bytes());
        out.extend_from_slice(&cooked.hardware.to_be_bytes());
        let kind = Kind::ALL.iter().position(|kind| *kind == cooked.kind);
        out.extend_from_slice(&[kind.unwrap_or(0) as u8, 6]);
        out.extend_from_slice(&cooked.mac.0);
        out.extend_from_slice(&[0; 2]);
        out.extend_from_slice(self.carried(&self.frame.emit()));
        out
    }

    /// The part of the frame's bytes behind its own header.
    pub(super) fn carried<'a>(&self, frame: &'a [u8]) -> &'a [u8] {
        let header = Frame::HEADER_LEN + if self.frame.vlan.is_some() { 4 } else { 0 };
        frame.get(header..).unwrap_or_default()
    }

    /// The frame that stands in a capture file; `None` if it does not parse.
    pub(super) fn read(at: Stamp, bytes: &[u8], link_type: LinkType) -> Option<Self> {
        if link_type != LinkType::LINUX_SLL2 {
            return Some(Self {
                at,
                frame: Frame::parse(Bytes::copy_from_slice(bytes)).ok()?,
                outbound: false,
                cooked: None,
            });
        }
        let (header, carried) = bytes.split_at_checked(COOKED_LEN)?;
        let [
            p0,
            p1,
            _,
            _,
            i0,
            i1,
            i2,
            i3,
            h0,
            h1,
            kind,
            _,
            mac @ ..,
            _,
            _,
        ] = header
        else {
            return None;
        };
        let mac = MacAddr(*mac.first_chunk()?);
        let kind = *Kind::ALL.get(usize::from(*kind))?;
        // The address sent to is not kept; nothing that is printed of such a capture shows it.
        let mut ethernet = [MacAddr::ZERO.0, mac.0].concat();
        ethernet.extend_from_slice(&[*p0, *p1]);
        ethernet.extend_from_slice(carried);
        Some(Self {
            at,
            frame: Frame::parse(ethernet.into()).ok()?,
            outbound: kind == Kind::Outgoing,
            cooked: Some(Cooked {
                index: u32::from_be_bytes([*i0, *i1, *i2, *i3]),
                hardware: u16::from_be_bytes([*h0, *h1]),
                kind,
                mac,
            }),
        })
    }
}
