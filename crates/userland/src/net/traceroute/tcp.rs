//! Probes by TCP: a SYN as a connection would send it, written by hand, so that no socket of the kernel's answers what comes
//! back. Source: traceroute 2.1.6, `mod-tcp.c`.

use super::{Heard, Options};
use bytes::Bytes;
use kernel::Errno;
use kernel::process::files::Fd;
use kernel::sock::{Family, Received, SockType};
use kernel::sys::{Sys, race};
use std::net::{IpAddr, SocketAddr};
use wire::{
    IcmpErrorKind, IcmpMessage, IpPacket, Proto, QuotedPorts, TcpFlags, TcpSegment, Transport,
};

/// The port of the web, where most firewalls let something through.
pub(super) const PORT: u16 = 80;
const MSS: u16 = 1460;
const WINDOW: u16 = 5840;
const WINDOW_SCALE: u8 = 2;

/// Sends one probe and waits for what comes of it.
pub(super) async fn probe(
    sys: &Sys,
    o: &Options,
    to: IpAddr,
    ttl: u8,
    port: u16,
) -> Result<Heard, Errno> {
    let family = Family::of(to);
    let (errors, answers) = match family {
        Family::V4 => (Proto::ICMP, Proto::TCP),
        Family::V6 => (Proto::ICMPV6, Proto::TCP),
    };
    let errors = sys.socket(family, SockType::Raw(errors))?;
    let answers = sys.socket(family, SockType::Raw(answers))?;
    let heard = send_and_hear(sys, o, (errors, answers), SocketAddr::new(to, port), ttl).await;
    sys.close(errors);
    sys.close(answers);
    heard
}

async fn send_and_hear(
    sys: &Sys,
    o: &Options,
    (errors, answers): (Fd, Fd),
    to: SocketAddr,
    ttl: u8,
) -> Result<Heard, Errno> {
    let family = Family::of(to.ip());
    o.from.apply(sys, answers, family)?;
    let (own, seq, now) = sys.kernel(|k| {
        let own = 32_768 + k.rng.below(28_000) as u16;
        (own, k.rng.next_u32(), k.now)
    });
    let segment = TcpSegment {
        src_port: own,
        dst_port: to.port(),
        seq,
        ack: 0,
        flags: TcpFlags::SYN,
        window: WINDOW,
        mss: Some(MSS),
        window_scale: Some(WINDOW_SCALE),
        sack_permitted: true,
        timestamps: Some((now.as_nanos() as u32, 0)),
        payload: Bytes::new(),
    };
    let packet = IpPacket {
        src: family.any(),
        dst: to.ip(),
        ttl,
        tos: 0,
        ident: 0,
        dont_fragment: false,
        more_fragments: false,
        fragment_offset: 0,
        transport: Transport::Tcp(segment),
    };
    sys.send_packet(answers, packet)?;
    let ports = (to.port(), own);
    let answered = until(sys, answers, |packet| match &packet.transport {
        Transport::Tcp(s) if (s.src_port, s.dst_port) == ports && packet.src == to.ip() => {
            Some(None)
        }
        _ => None,
    });
    let refused = until(sys, errors, |packet| match &packet.transport {
        Transport::Icmp(IcmpMessage::Error { kind, quoted }) => {
            let probe = QuotedPorts::Ports {
                src: own,
                dst: to.port(),
            };
            (quoted.ports == probe && quoted.dst == to.ip()).then_some(Some(*kind))
        }
        _ => None,
    });
    Ok(match sys.timeout(o.wait, race(answered, refused)).await {
        Some(Ok((message, kind))) => Heard::From(message.from.ip(), message.at - now, kind),
        Some(Err(_)) | None => Heard::Nothing,
    })
}

/// The first packet that means something, and what it does.
async fn until(
    sys: &Sys,
    fd: Fd,
    means: impl Fn(&IpPacket) -> Option<Option<IcmpErrorKind>>,
) -> Result<(Received, Option<IcmpErrorKind>), Errno> {
    loop {
        let received = sys.recv_from(fd).await?;
        if let Some(kind) = received.packet.as_deref().and_then(&means) {
            return Ok((received, kind));
        }
    }
}
