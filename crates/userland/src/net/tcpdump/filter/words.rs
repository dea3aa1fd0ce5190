//! Keywords and named numbers of capture filters.

use wire::Proto;
use wire::frame::ethertype;

use super::{Header, Test};

/// What a protocol's keyword stands for.
pub(super) struct Protocol {
    pub(super) name: &'static str,
    pub(super) test: Test,
    /// Where `name[offset]` counts from.
    pub(super) header: Option<Header>,
}

const fn over_ip(name: &'static str, v6: Option<bool>, proto: Proto) -> Protocol {
    Protocol {
        name,
        test: Test::IpProto { v6, proto },
        header: match v6 {
            Some(true) => Some(Header::Icmp6),
            Some(false) | None => Some(Header::Over(proto)),
        },
    }
}

const fn ether(name: &'static str, number: u16, header: Option<Header>) -> Protocol {
    Protocol {
        name,
        test: Test::EtherType(number),
        header,
    }
}

/// The protocols that are keywords.
pub(super) const PROTOCOLS: [Protocol; 13] = [
    ether("ip", ethertype::IPV4, Some(Header::Ip)),
    ether("ip6", ethertype::IPV6, Some(Header::Ip6)),
    ether("arp", ethertype::ARP, Some(Header::Arp)),
    ether("rarp", 0x8035, None),
    over_ip("tcp", None, Proto::TCP),
    over_ip("udp", None, Proto::UDP),
    over_ip("sctp", None, Proto(132)),
    over_ip("icmp", Some(false), Proto::ICMP),
    over_ip("icmp6", Some(true), Proto::ICMPV6),
    over_ip("igmp", Some(false), Proto(2)),
    over_ip("esp", None, Proto(50)),
    over_ip("ah", None, Proto(51)),
    over_ip("pim", None, Proto(103)),
];

/// The protocol with that name.
pub(super) fn protocol(name: &str) -> Option<&'static Protocol> {
    const { &PROTOCOLS }.iter().find(|known| known.name == name)
}

/// Numbers with names, for use with `[]`.
const CONSTANTS: [(&str, u32); 39] = [
    ("tcpflags", 13),
    ("tcp-fin", 0x01),
    ("tcp-syn", 0x02),
    ("tcp-rst", 0x04),
    ("tcp-push", 0x08),
    ("tcp-ack", 0x10),
    ("tcp-urg", 0x20),
    ("tcp-ece", 0x40),
    ("tcp-cwr", 0x80),
    ("icmptype", 0),
    ("icmpcode", 1),
    ("icmp-echoreply", 0),
    ("icmp-unreach", 3),
    ("icmp-sourcequench", 4),
    ("icmp-redirect", 5),
    ("icmp-echo", 8),
    ("icmp-routeradvert", 9),
    ("icmp-routersolicit", 10),
    ("icmp-timxceed", 11),
    ("icmp-paramprob", 12),
    ("icmp-tstamp", 13),
    ("icmp-tstampreply", 14),
    ("icmp-ireq", 15),
    ("icmp-ireqreply", 16),
    ("icmp-maskreq", 17),
    ("icmp-maskreply", 18),
    ("icmp6type", 0),
    ("icmp6code", 1),
    ("icmp6-destinationrunreach", 1),
    ("icmp6-packettoobig", 2),
    ("icmp6-timeexceeded", 3),
    ("icmp6-parameterproblem", 4),
    ("icmp6-echo", 128),
    ("icmp6-echoreply", 129),
    ("icmp6-routersolicit", 133),
    ("icmp6-routeradvert", 134),
    ("icmp6-neighborsolicit", 135),
    ("icmp6-neighboradvert", 136),
    ("icmp6-redirect", 137),
];

/// The number with that name.
pub(super) fn constant(name: &str) -> Option<u32> {
    CONSTANTS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, number)| *number)
}

/// Words that are no names of hosts or ports.
pub(super) fn is_keyword(word: &str) -> bool {
    const KEYWORDS: [&str; 21] = [
        "and",
        "or",
        "not",
        "src",
        "dst",
        "host",
        "net",
        "mask",
        "port",
        "portrange",
        "proto",
        "ether",
        "link",
        "less",
        "greater",
        "broadcast",
        "multicast",
        "vlan",
        "inbound",
        "outbound",
        "len",
    ];
    KEYWORDS.contains(&word) || protocol(word).is_some() || constant(word).is_some()
}
