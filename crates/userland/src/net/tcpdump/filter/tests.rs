use std::net::IpAddr;

use bytes::Bytes;
use wire::{
    Arp, ArpOp, Frame, IcmpMessage, IpPacket, MacAddr, TcpFlags, TcpSegment, Transport,
    UdpDatagram, VlanTag,
};

use super::*;

struct Known;

impl Names for Known {
    fn host(&self, name: &str) -> Option<Vec<IpAddr>> {
        match name {
            "web" => Some(vec![ip("10.0.0.1")]),
            "nobody" => Some(Vec::new()),
            _ => None,
        }
    }

    fn port(&self, name: &str) -> Option<u16> {
        (name == "http").then_some(80)
    }
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

const A: MacAddr = MacAddr([2, 0, 0, 0, 0, 1]);
const B: MacAddr = MacAddr([2, 0, 0, 0, 0, 2]);

fn frame(src: &str, dst: &str, transport: Transport) -> Frame {
    Frame::ip(B, A, IpPacket::new(ip(src), ip(dst), transport))
}

fn tcp(from: u16, to: u16, flags: TcpFlags, payload: &'static [u8]) -> Transport {
    Transport::Tcp(TcpSegment {
        payload: Bytes::from_static(payload),
        ..TcpSegment::new(from, to, flags)
    })
}

/// A SYN, an HTTP request, a DNS question, an echo over either family, an ARP question, and a tagged echo.
fn frames() -> Vec<(char, Frame)> {
    let udp = Transport::Udp(UdpDatagram {
        src_port: 4000,
        dst_port: 53,
        payload: Bytes::new(),
    });
    let echo = || {
        Transport::Icmp(IcmpMessage::EchoRequest {
            ident: 1,
            seq: 0,
            data: Bytes::from_static(&[0; 56]),
        })
    };
    let arp = Arp {
        op: ArpOp::Request,
        sender_mac: A,
        sender_ip: "10.0.0.1".parse().unwrap(),
        target_mac: MacAddr::ZERO,
        target_ip: "10.0.0.2".parse().unwrap(),
    };
    let mut tagged = frame("10.9.0.1", "10.9.0.2", echo());
    tagged.vlan = Some(VlanTag::new(7));
    vec![
        (
            's',
            frame("10.0.0.1", "10.0.0.2", tcp(1234, 80, TcpFlags::SYN, b"")),
        ),
        (
            'g',
            frame(
                "10.0.0.2",
                "10.0.0.1",
                tcp(80, 1234, TcpFlags::PSH_ACK, b"GET /"),
            ),
        ),
        ('u', frame("10.0.0.1", "192.168.1.1", udp)),
        ('e', frame("10.0.0.1", "10.0.0.2", echo())),
        ('6', frame("fd00::1", "fd00::2", echo())),
        ('a', Frame::arp(MacAddr::BROADCAST, A, arp)),
        ('v', tagged),
    ]
}

/// Which of [`frames`] a filter lets through, or what it says.
fn passes(filter: &str) -> String {
    let filter = match parse(filter, &Known) {
        Ok(filter) => filter,
        Err(Wrong::Unasked(name)) => return format!("? {name}"),
        Err(Wrong::Said(text)) => return text,
    };
    frames()
        .iter()
        .filter(|(name, frame)| filter.matches(&Subject::new(frame, *name == 'g')))
        .map(|(name, _)| name)
        .collect()
}

#[test]
fn filters_let_through_what_they_name() {
    for (filter, expected) in [
        ("", "sgue6av"),
        ("tcp", "sg"),
        ("icmp", "ev"),
        ("icmp6", "6"),
        ("ip6", "6"),
        ("arp", "a"),
        ("icmp or arp", "eav"),
        ("not tcp", "ue6av"),
        ("!tcp && !arp", "ue6v"),
        ("host 10.0.0.2", "sgea"),
        ("host web", "sguea"),
        ("src host 10.0.0.2", "g"),
        ("src 10.0.0.2", "g"),
        ("dst 10.0.0.2 and icmp", "e"),
        ("src or dst host 192.168.1.1", "u"),
        ("src and dst net 10.0.0.0/24", "sgea"),
        ("ip host 10.0.0.2", "sge"),
        ("arp host 10.0.0.2", "a"),
        ("net 10", "sgueav"),
        ("net 192.168", "u"),
        ("net 10.9.0.0 mask 255.255.0.0", "v"),
        ("net fd00::/64", "6"),
        ("host fd00::2", "6"),
        ("port 80", "sg"),
        ("port http", "sg"),
        ("tcp port 80", "sg"),
        ("udp port 80", ""),
        ("dst port 80", "s"),
        ("tcp dst port 80", "s"),
        ("src port 80 and tcp", "g"),
        ("portrange 50-60", "u"),
        ("port 80 or 53", "sgu"),
        ("port (80 or 53)", "sgu"),
        ("udp port 53 or tcp port 80 and dst 10.0.0.2", "s"),
        ("udp port 53 or (tcp port 80 and dst 10.0.0.2)", "su"),
        ("host 10.0.0.1 and not port 80", "uea"),
        ("host 10.0.0.1 and 192.168.1.1", "u"),
        ("ether host 02:00:00:00:00:01", "sgue6av"),
        ("ether dst 02:00:00:00:00:01", ""),
        ("ether src 02:00:00:00:00:01 and arp", "a"),
        ("ether broadcast", "a"),
        ("broadcast", "a"),
        ("multicast", "a"),
        ("ip multicast", ""),
        ("ip proto 17", "u"),
        ("ip proto \\tcp", "sg"),
        ("proto 58", "6"),
        ("ether proto 0x0806", "a"),
        ("ether proto \\arp", "a"),
        ("vlan", "v"),
        ("vlan 7 and icmp", "v"),
        ("vlan 8", ""),
        ("inbound and tcp", "s"),
        ("outbound", "g"),
        ("less 54", "sua"),
        ("greater 98", "e6v"),
        ("len > 100", "6"),
        ("tcp[tcpflags] & tcp-syn != 0", "s"),
        ("tcp[tcpflags] & (tcp-syn|tcp-fin) != 0", "s"),
        ("(tcp[tcpflags] & tcp-push) != 0", "g"),
        ("tcp[13] == 2", "s"),
        ("tcp[13] & 8 = 8 and port 80", "g"),
        ("tcp[2:2] = 80", "s"),
        ("tcp[((tcp[12:1] & 0xf0) >> 2):4] = 0x47455420", "g"),
        ("icmp[icmptype] == icmp-echo", "ev"),
        ("icmp[icmptype] = icmp-echoreply", ""),
        ("icmp6[icmp6type] = icmp6-echo", "6"),
        ("ip[8] < 65", "sguev"),
        ("ip[2:2] > 50", "ev"),
        ("ip6[7] = 64", "6"),
        ("ether[12:2] = 0x0806", "a"),
        ("arp[6:2] = 1", "a"),
        ("ip[8] = 60 + 2 * 2", "sguev"),
        ("not (port 80 or arp)", "ue6v"),
    ] {
        assert_eq!(passes(filter), expected, "{filter}");
    }
}

#[test]
fn what_is_no_filter_is_refused_in_libpcaps_words() {
    let syntax = "can't parse filter expression: syntax error";
    for (filter, expected) in [
        ("foo", syntax),
        ("host", syntax),
        ("tcp port 80 and (", syntax),
        ("tcp and", syntax),
        ("10.0.0.1", syntax),
        ("tcp tcp", syntax),
        ("tcp[", syntax),
        ("port 80 $", syntax),
        ("port abc", "unknown port 'abc'"),
        ("port 70000", "port number 70000 greater than maximum 65535"),
        ("host elsewhere", "? elsewhere"),
        ("host nobody", "unknown host 'nobody'"),
        ("tcp host 10.0.0.1", "'tcp' modifier applied to host"),
        ("net 10.0.0.1/8", "non-network bits set in \"10.0.0.1/8\""),
        ("net foo", "unknown network 'foo'"),
        ("host 10.0.0.300", "invalid IPv4 address '10.0.0.300'"),
        ("tcp[0:3] = 1", "data size must be 1, 2, or 4"),
    ] {
        assert_eq!(passes(filter), expected, "{filter}");
    }
    assert_ne!(passes(&"(".repeat(5000)), "");
    assert_ne!(passes(&"not ".repeat(5000)), "");
}
