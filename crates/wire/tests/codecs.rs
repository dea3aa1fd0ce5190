//! What is written is what is read, checksums verify, and no bytes upset a parser.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use wire::dns::{Edns, Flags, Message, Name, Question, Rcode, Record, RecordData, RecordType, Soa};
use wire::{
    Arp, ArpOp, Bytes, Frame, IcmpErrorKind, IcmpMessage, IpPacket, MacAddr, NdpMessage, Payload,
    Proto, Quoted, QuotedPorts, TcpFlags, TcpSegment, Transport, UdpDatagram, VlanTag, vxlan,
};

fn data(max: usize) -> impl Strategy<Value = Bytes> {
    vec(any::<u8>(), 0..max).prop_map(Bytes::from)
}

fn mac() -> impl Strategy<Value = MacAddr> {
    any::<[u8; 6]>().prop_map(MacAddr)
}

fn ip(v6: bool) -> BoxedStrategy<IpAddr> {
    if v6 {
        any::<[u8; 16]>()
            .prop_map(|octets| Ipv6Addr::from(octets).into())
            .boxed()
    } else {
        any::<[u8; 4]>()
            .prop_map(|octets| Ipv4Addr::from(octets).into())
            .boxed()
    }
}

fn tcp() -> impl Strategy<Value = Transport> {
    let options = (
        any::<Option<u16>>(),
        any::<Option<u8>>(),
        any::<bool>(),
        any::<Option<(u32, u32)>>(),
    );
    let head = (any::<(u16, u16, u32, u32)>(), any::<u8>(), any::<u16>());
    (head, options, data(80)).prop_map(|((ports, flags, window), options, payload)| {
        let (src_port, dst_port, seq, ack) = ports;
        let (mss, window_scale, sack_permitted, timestamps) = options;
        let flags = TcpFlags(flags);
        Transport::Tcp(TcpSegment {
            src_port,
            dst_port,
            seq,
            ack,
            flags,
            window,
            mss,
            window_scale,
            sack_permitted,
            timestamps,
            payload,
        })
    })
}

fn udp() -> impl Strategy<Value = Transport> {
    (any::<(u16, u16)>(), data(80)).prop_map(|((src_port, dst_port), payload)| {
        Transport::Udp(UdpDatagram {
            src_port,
            dst_port,
            payload,
        })
    })
}

fn echo() -> impl Strategy<Value = Transport> {
    (any::<bool>(), any::<(u16, u16)>(), data(80)).prop_map(|(request, (ident, seq), data)| {
        Transport::Icmp(if request {
            IcmpMessage::EchoRequest { ident, seq, data }
        } else {
            IcmpMessage::EchoReply { ident, seq, data }
        })
    })
}

fn error_kind(v6: bool) -> BoxedStrategy<IcmpErrorKind> {
    use IcmpErrorKind as K;
    let both = vec![
        K::NetUnreachable,
        K::HostUnreachable,
        K::ProtoUnreachable,
        K::PortUnreachable,
        K::AdminProhibited,
        K::TtlExceeded,
        K::ReassemblyExceeded,
    ];
    let own = if v6 {
        vec![K::PolicyFail, K::RejectRoute]
    } else {
        vec![K::NetProhibited, K::HostProhibited]
    };
    let mtu = if v6 {
        any::<u32>().boxed()
    } else {
        any::<u16>().prop_map(u32::from).boxed()
    };
    prop_oneof![
        proptest::sample::select([both, own].concat()),
        mtu.prop_map(|mtu| K::FragNeeded { mtu }),
        ip(v6).prop_map(|gateway| K::Redirect { gateway }),
    ]
    .boxed()
}

fn error(v6: bool) -> BoxedStrategy<Transport> {
    (error_kind(v6), plain_packet(v6))
        .prop_map(|(kind, packet)| {
            Transport::Icmp(IcmpMessage::Error {
                kind,
                quoted: Box::new(Quoted::new(&packet)),
            })
        })
        .boxed()
}

fn neighbour() -> impl Strategy<Value = Transport> {
    let target = || any::<[u8; 16]>().prop_map(Ipv6Addr::from);
    prop_oneof![
        option::of(mac()).prop_map(|source_mac| NdpMessage::RouterSolicit { source_mac }),
        (target(), option::of(mac()))
            .prop_map(|(target, source_mac)| NdpMessage::NeighbourSolicit { target, source_mac }),
        (target(), option::of(mac()), any::<[bool; 3]>()).prop_map(|(target, target_mac, bits)| {
            let [router, solicited, override_] = bits;
            NdpMessage::NeighbourAdvert {
                target,
                target_mac,
                router,
                solicited,
                override_,
            }
        }),
    ]
    .prop_map(|message| Transport::Icmp(IcmpMessage::Neighbour(message)))
}

fn raw() -> impl Strategy<Value = Transport> {
    (150u8..250, data(80)).prop_map(|(proto, bytes)| Transport::Raw {
        proto: Proto(proto),
        bytes,
    })
}

fn with_header(v6: bool, transport: BoxedStrategy<Transport>) -> BoxedStrategy<IpPacket> {
    let head = (ip(v6), ip(v6), any::<(u8, u8, u16, bool)>());
    (head, transport)
        .prop_map(
            move |((src, dst, (ttl, tos, ident, df)), transport)| IpPacket {
                ttl,
                tos,
                ident: if v6 { 0 } else { ident },
                dont_fragment: df && !v6,
                ..IpPacket::new(src, dst, transport)
            },
        )
        .boxed()
}

fn plain_packet(v6: bool) -> BoxedStrategy<IpPacket> {
    with_header(v6, prop_oneof![tcp(), udp(), echo(), raw()].boxed())
}

fn packet() -> BoxedStrategy<IpPacket> {
    let any = |v6| {
        let icmp = if v6 {
            prop_oneof![error(v6), neighbour()].boxed()
        } else {
            error(v6)
        };
        prop_oneof![2 => plain_packet(v6), 1 => with_header(v6, icmp), 1 => fragment(v6)]
    };
    prop_oneof![any(false), any(true)].boxed()
}

fn fragment(v6: bool) -> BoxedStrategy<IpPacket> {
    (plain_packet(v6), any::<u16>(), any::<bool>(), data(64))
        .prop_map(|(packet, offset, more, bytes)| {
            let fragment_offset = offset & 0x1ff8;
            let more_fragments = more || fragment_offset == 0;
            let transport = Transport::Raw {
                proto: packet.protocol(),
                bytes,
            };
            IpPacket {
                ident: offset,
                fragment_offset,
                more_fragments,
                transport,
                ..packet
            }
        })
        .boxed()
}

fn frame() -> impl Strategy<Value = Frame> {
    let arp = (
        any::<bool>(),
        mac(),
        any::<[u8; 4]>(),
        mac(),
        any::<[u8; 4]>(),
    )
        .prop_map(|(request, sender_mac, sender_ip, target_mac, target_ip)| {
            let op = if request {
                ArpOp::Request
            } else {
                ArpOp::Reply
            };
            Arp {
                op,
                sender_mac,
                sender_ip: sender_ip.into(),
                target_mac,
                target_ip: target_ip.into(),
            }
        });
    let payload = prop_oneof![
        1 => arp.prop_map(Payload::Arp),
        4 => packet().prop_map(Payload::Ip),
        1 => data(60).prop_map(|bytes| Payload::Other { ethertype: 0x88cc, bytes }),
    ];
    let vlan = option::of((0u16..4096, 0u8..8).prop_map(|(id, priority)| VlanTag { id, priority }));
    (mac(), mac(), vlan, payload).prop_map(|(dst, src, vlan, payload)| Frame {
        dst,
        src,
        vlan,
        payload,
    })
}

fn name() -> impl Strategy<Value = Name> {
    vec(
        proptest::sample::select(vec!["a", "B", "web", "Example", "com", "x y.z"]),
        0..5,
    )
    .prop_filter_map("a name", |labels| {
        Name::from_labels(labels.iter().map(|label| label.as_bytes())).ok()
    })
}

fn record() -> impl Strategy<Value = Record> {
    let record_data = prop_oneof![
        any::<[u8; 4]>().prop_map(|octets| RecordData::A(octets.into())),
        any::<[u8; 16]>().prop_map(|octets| RecordData::Aaaa(octets.into())),
        name().prop_map(RecordData::Ptr),
        name().prop_map(RecordData::Cname),
        name().prop_map(RecordData::Ns),
        (any::<u16>(), name()).prop_map(|(preference, exchange)| RecordData::Mx {
            preference,
            exchange
        }),
        vec(data(255), 0..3).prop_map(RecordData::Txt),
        (any::<(u16, u16, u16)>(), name()).prop_map(|((priority, weight, port), target)| {
            RecordData::Srv {
                priority,
                weight,
                port,
                target,
            }
        }),
        (name(), name(), any::<[u32; 5]>()).prop_map(
            |(mname, rname, [serial, refresh, retry, expire, minimum])| {
                RecordData::Soa(Box::new(Soa {
                    mname,
                    rname,
                    serial,
                    refresh,
                    retry,
                    expire,
                    minimum,
                }))
            }
        ),
        data(20).prop_map(|bytes| RecordData::Other {
            rtype: RecordType(999),
            bytes
        }),
    ];
    (name(), any::<u16>(), any::<u32>(), record_data).prop_map(|(name, class, ttl, data)| Record {
        name,
        class,
        ttl,
        data,
    })
}

fn message() -> impl Strategy<Value = Message> {
    let flags =
        (any::<[bool; 7]>(), 0u8..16).prop_map(|([qr, aa, tc, rd, ra, ad, cd], opcode)| Flags {
            qr,
            opcode,
            aa,
            tc,
            rd,
            ra,
            ad,
            cd,
        });
    let question = (name(), any::<u16>(), any::<u16>()).prop_map(|(name, rtype, class)| Question {
        name,
        rtype: RecordType(rtype),
        class,
    });
    let edns = option::of(any::<(u16, bool, Option<[u8; 8]>)>().prop_map(
        |(udp_size, dnssec_ok, cookie)| Edns {
            udp_size,
            dnssec_ok,
            cookie,
        },
    ));
    let records = || vec(record(), 0..4);
    (
        any::<u16>(),
        flags,
        0u8..16,
        vec(question, 0..3),
        records(),
        records(),
        records(),
        edns,
    )
        .prop_map(
            |(id, flags, rcode, questions, answers, authorities, additionals, edns)| {
                let rcode = Rcode(rcode);
                Message {
                    id,
                    flags,
                    rcode,
                    questions,
                    answers,
                    authorities,
                    additionals,
                    edns,
                }
            },
        )
}

proptest! {
    #[test]
    fn a_frame_survives_its_bytes(frame in frame()) {
        let bytes = frame.emit();
        prop_assert_eq!(bytes.len(), frame.len());
        prop_assert_eq!(Frame::parse(bytes), Ok(frame));
    }

    #[test]
    fn padding_behind_a_packet_does_not_matter(frame in frame(), padding in 1usize..40) {
        prop_assume!(!matches!(frame.payload, Payload::Other { .. }));
        let mut bytes = frame.emit().to_vec();
        bytes.resize(bytes.len() + padding, 0);
        prop_assert_eq!(Frame::parse(bytes.into()), Ok(frame));
    }

    #[test]
    fn a_flipped_bit_in_a_transport_is_noticed(packet in plain_packet(false), at in any::<proptest::sample::Index>(), bit in 0u8..8) {
        prop_assume!(!matches!(packet.transport, Transport::Raw { .. }));
        let mut bytes = packet.emit().to_vec();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        prop_assert_ne!(IpPacket::parse(bytes.into()), Ok(packet));
    }

    #[test]
    fn fragments_fit_and_make_the_packet_again(packet in prop_oneof![plain_packet(false), plain_packet(true)], mtu in 68usize..200) {
        let mut parts = packet.fragments(mtu);
        prop_assert!(parts.iter().all(|part| part.len() <= mtu));
        if parts.len() > 1 {
            parts.reverse();
            prop_assert!(IpPacket::reassemble(&parts[1..]).is_none());
            prop_assert_eq!(IpPacket::reassemble(&parts), Some(packet));
        } else {
            prop_assert_eq!(parts.pop(), Some(packet));
        }
    }

    #[test]
    fn a_rewritten_quote_is_the_quote_of_the_rewritten_packet(packet in plain_packet(false), src in ip(false), port in any::<u16>()) {
        let mut quoted = Quoted::new(&packet);
        let mut rewritten = packet;
        rewritten.src = src;
        quoted.src = src;
        if let QuotedPorts::Ports { src, .. } = &mut quoted.ports {
            *src = port;
        }
        match &mut rewritten.transport {
            Transport::Tcp(segment) => segment.src_port = port,
            Transport::Udp(datagram) => datagram.src_port = port,
            Transport::Icmp(_) | Transport::Raw { .. } => {}
        }
        prop_assert_eq!(quoted, Quoted::new(&rewritten));
    }

    #[test]
    fn vxlan_carries_frames(frame in frame(), vni in 0u32..1 << 24) {
        prop_assert_eq!(vxlan::decapsulate(vxlan::encapsulate(vni, &frame)), Ok((vni, frame)));
    }

    #[test]
    fn a_dns_message_survives_its_bytes(message in message()) {
        prop_assert_eq!(Message::parse(message.emit()), Ok(message));
    }

    #[test]
    fn a_truncated_dns_message_fits(mut message in message(), limit in 512usize..900) {
        let before = message.answers.len();
        message.questions.clear();
        message.flags.tc = false;
        let cut = message.truncate(limit);
        prop_assert!(message.emit().len() <= limit);
        prop_assert!(cut || message.answers.len() == before);
    }

    #[test]
    fn no_bytes_upset_a_parser(bytes in data(200)) {
        let _ = Frame::parse(bytes.clone());
        let _ = IpPacket::parse(bytes.clone());
        let _ = Message::parse(bytes.clone());
        let _ = vxlan::decapsulate(bytes);
    }

    #[test]
    fn no_damage_upsets_a_parser(frame in frame(), message in message(), at in any::<proptest::sample::Index>(), byte in any::<u8>(), cut in any::<proptest::sample::Index>()) {
        for whole in [frame.emit(), message.emit()] {
            let mut bytes = whole.to_vec();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            bytes.truncate(cut.index(bytes.len()) + 1);
            let bytes = Bytes::from(bytes);
            if let Ok(frame) = Frame::parse(bytes.clone()) {
                let _ = frame.emit();
            }
            let _ = Message::parse(bytes);
        }
    }

    // Covers what checksums would turn away above.
    #[test]
    fn no_icmp_body_upsets_the_parser(v6 in any::<bool>(), type_ in any::<u8>(), code in 0u8..16, bytes in data(120), src in ip(true), dst in ip(true)) {
        let message = Transport::Icmp(IcmpMessage::Other { type_, code, bytes });
        let packet = if v6 {
            IpPacket::new(src, dst, message)
        } else {
            IpPacket::new(Ipv4Addr::LOCALHOST.into(), Ipv4Addr::LOCALHOST.into(), message)
        };
        prop_assert!(IpPacket::parse(packet.emit()).is_ok());
    }
}

#[test]
fn a_dns_name_that_points_at_itself_is_turned_away() {
    let mut bytes = Message {
        questions: vec![],
        ..Message::default()
    }
    .emit()
    .to_vec();
    bytes[5] = 1;
    bytes.extend_from_slice(&[0xc0, 12, 0, 1, 0, 1]);
    assert!(Message::parse(bytes.into()).is_err());
}

#[test]
fn packets_stay_small() {
    assert!(size_of::<Frame>() <= 160, "{}", size_of::<Frame>());
}
