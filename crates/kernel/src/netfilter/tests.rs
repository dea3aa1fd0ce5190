//! What netfilter does to packets, told as scenes.

use super::conntrack::TcpState;
use super::model::{
    CtStates, IfName, Limit, NatTo, RejectWith, Statistic, StatisticMode, Volatile,
};
use super::*;
use crate::ids::{NetnsId, PacketId};
use crate::rng::Rng;
use crate::time::Duration;
use crate::trace::{Checkpoint, DropReason};
use proptest::prelude::*;
use wire::{
    IcmpErrorKind, IcmpMessage, IpPacket, Proto, TcpFlags, TcpSegment, Transport, UdpDatagram,
};

const HOST: &str = "192.168.1.10";
const LAPTOP: &str = "192.168.1.50";
const CONTAINER: &str = "172.17.0.2";

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn eth0() -> Iface {
    Iface::new(LinkId(1), "eth0")
}

fn docker0() -> Iface {
    Iface::new(LinkId(2), "docker0")
}

fn lo() -> Iface {
    Iface::new(LinkId(3), "lo")
}

struct Env;

impl HookEnv for Env {
    fn addr_type(&self, addr: IpAddr, _link: Option<LinkId>) -> AddrType {
        let local = addr == ip(HOST) || addr == ip("172.17.0.1") || addr.is_loopback();
        if local {
            AddrType::Local
        } else {
            AddrType::Unicast
        }
    }
    fn masquerade_source(&self, out: LinkId, _dst: IpAddr) -> Option<IpAddr> {
        [(1, HOST), (2, "172.17.0.1")]
            .iter()
            .find(|(link, _)| out.0 == *link)
            .map(|(_, addr)| ip(addr))
    }
    fn first_address(&self, link: LinkId, _v6: bool) -> Option<IpAddr> {
        self.masquerade_source(link, ip(HOST))
    }
    fn path_mtu(&self, _dst: IpAddr) -> Option<u32> {
        Some(1450)
    }
}

/// A namespace and its clock.
struct Scene {
    nf: Netfilter,
    now: Instant,
    trace: Trace,
    rng: Rng,
}

impl Scene {
    fn new() -> Self {
        Self {
            nf: Netfilter::default(),
            now: Instant(1),
            trace: Trace::default(),
            rng: Rng::new(7),
        }
    }

    /// Docker's rules for one published port, 8080 to the container's 80.
    fn docker() -> Self {
        let mut s = Self::new();
        let nat = s.nf.table_mut(Family::V4, TableName::Nat);
        nat.new_chain("DOCKER").unwrap();
        nat.append(
            "PREROUTING",
            Rule::new().dst_type(AddrType::Local).jump("DOCKER"),
        )
        .unwrap();
        nat.append(
            "OUTPUT",
            Rule::new().dst_type(AddrType::Local).jump("DOCKER"),
        )
        .unwrap();
        let subnet: ipnet::IpNet = "172.17.0.0/16".parse().unwrap();
        nat.append(
            "POSTROUTING",
            Rule::new()
                .src(subnet)
                .not_out_if("docker0")
                .target(Target::masquerade()),
        )
        .unwrap();
        let publish = Rule::new()
            .not_in_if("docker0")
            .proto(Proto::TCP)
            .dport(8080);
        nat.append(
            "DOCKER",
            publish.target(Target::dnat(ip(CONTAINER), Some(80))),
        )
        .unwrap();
        let filter = s.nf.table_mut(Family::V4, TableName::Filter);
        filter.set_policy("FORWARD", Policy::Drop, None).unwrap();
        let known = Rule::new()
            .out_if("docker0")
            .ctstate(CtStates::RELATED_ESTABLISHED);
        filter
            .append("FORWARD", known.target(Target::Accept))
            .unwrap();
        let open = Rule::new()
            .dst(ip(CONTAINER))
            .out_if("docker0")
            .proto(Proto::TCP)
            .dport(80);
        filter
            .append("FORWARD", open.target(Target::Accept))
            .unwrap();
        filter
            .append(
                "FORWARD",
                Rule::new().in_if("docker0").target(Target::Accept),
            )
            .unwrap();
        s
    }

    fn at(&mut self, hook: Hook, from: Option<Iface>, to: Option<Iface>, skb: &mut Skb) -> Verdict {
        let ctx = HookCtx {
            hook,
            now: self.now,
            ns: NetnsId(0),
            in_if: from,
            out_if: to,
            phys_in: None,
            phys_out: None,
            owner: None,
            env: &Env,
        };
        self.nf.hook(&ctx, skb, &mut self.trace, &mut self.rng)
    }

    /// Lets a packet be routed through; `None` if it is dropped or rejected.
    fn forward(&mut self, from: Iface, to: Iface, packet: IpPacket) -> Option<IpPacket> {
        let mut skb = Skb::local(PacketId(1), packet);
        for (hook, from, to) in [
            (Hook::Prerouting, Some(from), None),
            (Hook::Forward, Some(from), Some(to)),
            (Hook::Postrouting, None, Some(to)),
        ] {
            if !matches!(self.at(hook, from, to, &mut skb), Verdict::Accept { .. }) {
                return None;
            }
        }
        Some(skb.ip)
    }

    /// Lets a packet of this machine's own leave.
    fn send(&mut self, to: Iface, packet: IpPacket) -> Option<IpPacket> {
        let mut skb = Skb::local(PacketId(1), packet);
        for hook in [Hook::Output, Hook::Postrouting] {
            if !matches!(
                self.at(hook, None, Some(to), &mut skb),
                Verdict::Accept { .. }
            ) {
                return None;
            }
        }
        Some(skb.ip)
    }

    /// Lets a packet arrive at this machine.
    fn receive(&mut self, from: Iface, packet: IpPacket) -> Option<IpPacket> {
        let mut skb = Skb::local(PacketId(1), packet);
        for hook in [Hook::Prerouting, Hook::Input] {
            if !matches!(
                self.at(hook, Some(from), None, &mut skb),
                Verdict::Accept { .. }
            ) {
                return None;
            }
        }
        Some(skb.ip)
    }

    fn wait(&mut self, seconds: u64) {
        self.now += Duration::from_secs(seconds);
    }

    fn flows(&mut self) -> Vec<ConnInfo> {
        let now = self.now;
        self.nf.conntrack_mut().list(now)
    }
}

fn tcp(src: &str, sport: u16, dst: &str, dport: u16, flags: TcpFlags) -> IpPacket {
    IpPacket::new(
        ip(src),
        ip(dst),
        Transport::Tcp(TcpSegment::new(sport, dport, flags)),
    )
}

fn udp(src: &str, sport: u16, dst: &str, dport: u16) -> IpPacket {
    let datagram = UdpDatagram {
        src_port: sport,
        dst_port: dport,
        payload: wire::Bytes::new(),
    };
    IpPacket::new(ip(src), ip(dst), Transport::Udp(datagram))
}

fn ends(packet: &IpPacket) -> (String, String) {
    let (src, dst) = packet.transport.ports().unwrap();
    (
        format!("{}:{src}", packet.src),
        format!("{}:{dst}", packet.dst),
    )
}

fn looks(packet: Option<IpPacket>, src: &str, dst: &str) {
    assert_eq!(
        packet.as_ref().map(ends),
        Some((src.to_owned(), dst.to_owned()))
    );
}

#[test]
fn published_port_leads_to_the_container_and_back() {
    let mut s = Scene::docker();
    let there = s.forward(
        eth0(),
        docker0(),
        tcp(LAPTOP, 40000, HOST, 8080, TcpFlags::SYN),
    );
    looks(there, "192.168.1.50:40000", "172.17.0.2:80");
    let back = s.forward(
        docker0(),
        eth0(),
        tcp(CONTAINER, 80, LAPTOP, 40000, TcpFlags::SYN_ACK),
    );
    looks(back, "192.168.1.10:8080", "192.168.1.50:40000");
    looks(
        s.forward(
            eth0(),
            docker0(),
            tcp(LAPTOP, 40000, HOST, 8080, TcpFlags::ACK),
        ),
        "192.168.1.50:40000",
        "172.17.0.2:80",
    );
    let flows = s.flows();
    assert_eq!(flows.len(), 1);
    assert_eq!(
        (flows[0].tcp, flows[0].assured, flows[0].dnat),
        (Some(TcpState::Established), true, true)
    );
    assert_eq!(flows[0].remaining.as_secs(), 432_000);
}

#[test]
fn masquerade_keeps_the_port_when_free_and_changes_it_when_not() {
    let mut s = Scene::docker();
    looks(
        s.forward(docker0(), eth0(), udp(CONTAINER, 5000, LAPTOP, 53)),
        "192.168.1.10:5000",
        "192.168.1.50:53",
    );
    let second = s
        .forward(docker0(), eth0(), udp("172.17.0.3", 5000, LAPTOP, 53))
        .unwrap();
    let (port, _) = second.transport.ports().unwrap();
    assert!(
        second.src == ip(HOST) && port != 5000 && port >= 1024,
        "{second:?}"
    );
    looks(
        s.forward(eth0(), docker0(), udp(LAPTOP, 53, HOST, port)),
        "192.168.1.50:53",
        "172.17.0.3:5000",
    );
    looks(
        s.forward(eth0(), docker0(), udp(LAPTOP, 53, HOST, 5000)),
        "192.168.1.50:53",
        "172.17.0.2:5000",
    );
}

#[test]
fn what_no_rule_accepts_meets_the_policy_and_is_forgotten() {
    let mut s = Scene::docker();
    assert_eq!(
        s.forward(
            eth0(),
            docker0(),
            tcp(LAPTOP, 1, CONTAINER, 22, TcpFlags::SYN)
        ),
        None
    );
    assert!(s.flows().is_empty());
    let told = |s: &Scene| {
        let hits = s.trace.since(0).filter_map(|event| match &event.what {
            Checkpoint::Hook {
                hook: Hook::Forward,
                matched,
                ..
            } => matched.last().cloned(),
            _ => None,
        });
        hits.last().map(|hit| (hit.number, hit.text.to_string()))
    };
    assert_eq!(told(&s), Some((0, "-P FORWARD DROP".to_owned())));
    let filter = s.nf.table_mut(Family::V4, TableName::Filter);
    filter.set_policy("FORWARD", Policy::Accept, None).unwrap();
    s.forward(
        eth0(),
        docker0(),
        tcp(LAPTOP, 1, CONTAINER, 22, TcpFlags::SYN),
    );
    assert_eq!(told(&s), Some((0, "-P FORWARD ACCEPT".to_owned())));
}

#[test]
fn icmp_error_about_a_translated_flow_is_translated_with_what_it_quotes() {
    let mut s = Scene::docker();
    let sent = s
        .forward(docker0(), eth0(), udp(CONTAINER, 5000, LAPTOP, 9))
        .unwrap();
    let error = |kind, about: &IpPacket, from: IpAddr| {
        let quoted = Box::new(wire::Quoted::new(about));
        IpPacket::new(
            from,
            about.src,
            Transport::Icmp(IcmpMessage::Error { kind, quoted }),
        )
    };
    let back = s
        .forward(
            eth0(),
            docker0(),
            error(IcmpErrorKind::PortUnreachable, &sent, ip(LAPTOP)),
        )
        .unwrap();
    assert_eq!(back.dst, ip(CONTAINER));
    let Transport::Icmp(IcmpMessage::Error { quoted, .. }) = &back.transport else {
        panic!("{back:?}")
    };
    assert_eq!((quoted.src, quoted.dst), (ip(CONTAINER), ip(LAPTOP)));
    assert_eq!(quoted.ports, wire::QuotedPorts::Ports { src: 5000, dst: 9 });
}

#[test]
fn resolver_is_reached_and_answers_over_lo() {
    let mut s = Scene::new();
    let nat = s.nf.table_mut(Family::V4, TableName::Nat);
    let dns = || Rule::new().dst(ip("127.0.0.11")).proto(Proto::UDP);
    nat.append(
        "OUTPUT",
        dns()
            .dport(53)
            .target(Target::dnat(ip("127.0.0.11"), Some(40001))),
    )
    .unwrap();
    let from = Rule::new()
        .src(ip("127.0.0.11"))
        .proto(Proto::UDP)
        .sport(40001);
    nat.append("POSTROUTING", from.target(Target::snat(None, Some(53))))
        .unwrap();
    let question = s
        .send(lo(), udp("127.0.0.1", 5000, "127.0.0.11", 53))
        .unwrap();
    looks(Some(question.clone()), "127.0.0.1:5000", "127.0.0.11:40001");
    looks(
        s.receive(lo(), question),
        "127.0.0.1:5000",
        "127.0.0.11:40001",
    );
    let answer = s
        .send(lo(), udp("127.0.0.11", 40001, "127.0.0.1", 5000))
        .unwrap();
    looks(Some(answer.clone()), "127.0.0.11:53", "127.0.0.1:5000");
    looks(s.receive(lo(), answer), "127.0.0.11:53", "127.0.0.1:5000");
    assert_eq!(s.flows().len(), 1);
}

#[test]
fn own_packet_to_a_published_port_has_to_be_routed_again() {
    let mut s = Scene::docker();
    let mut skb = Skb::local(PacketId(1), tcp(HOST, 5000, HOST, 8080, TcpFlags::SYN));
    assert_eq!(
        s.at(Hook::Output, None, Some(lo()), &mut skb),
        Verdict::Accept { reroute: true }
    );
    assert_eq!(ends(&skb.ip).1, "172.17.0.2:80");
}

#[test]
fn flows_expire_by_protocol_and_state() {
    let mut s = Scene::docker();
    s.forward(docker0(), eth0(), udp(CONTAINER, 5000, LAPTOP, 53));
    s.forward(
        docker0(),
        eth0(),
        tcp(CONTAINER, 5000, LAPTOP, 80, TcpFlags::SYN),
    );
    s.wait(29);
    assert_eq!(s.flows().len(), 2);
    s.wait(1);
    assert_eq!(s.flows().len(), 1);
    s.forward(
        eth0(),
        docker0(),
        tcp(LAPTOP, 80, HOST, 5000, TcpFlags::RST_ACK),
    );
    assert!(
        s.flows().is_empty(),
        "a refused connection is forgotten at once"
    );
}

#[test]
fn tcp_end_leads_to_time_wait_and_a_new_syn_begins_anew() {
    let mut s = Scene::docker();
    let there = |s: &mut Scene, flags| {
        s.forward(docker0(), eth0(), tcp(CONTAINER, 5000, LAPTOP, 80, flags))
    };
    let back =
        |s: &mut Scene, flags| s.forward(eth0(), docker0(), tcp(LAPTOP, 80, HOST, 5000, flags));
    there(&mut s, TcpFlags::SYN);
    back(&mut s, TcpFlags::SYN_ACK);
    there(&mut s, TcpFlags::ACK);
    there(&mut s, TcpFlags::FIN_ACK);
    back(&mut s, TcpFlags::FIN_ACK);
    there(&mut s, TcpFlags::ACK);
    let first = s.flows()[0].clone();
    assert_eq!(
        (first.tcp, first.remaining.as_secs()),
        (Some(TcpState::TimeWait), 120)
    );
    there(&mut s, TcpFlags::SYN);
    let second = s.flows();
    assert_eq!((second.len(), second[0].tcp), (1, Some(TcpState::SynSent)));
    assert_ne!(second[0].id, first.id);
}

#[test]
fn stray_answers_are_invalid() {
    let mut s = Scene::docker();
    let filter = s.nf.table_mut(Family::V4, TableName::Filter);
    filter
        .append(
            "INPUT",
            Rule::new().ctstate(CtStates::INVALID).target(Target::Drop),
        )
        .unwrap();
    assert_eq!(
        s.receive(eth0(), tcp(LAPTOP, 80, HOST, 5000, TcpFlags::SYN_ACK)),
        None
    );
    assert!(
        s.receive(eth0(), tcp(LAPTOP, 80, HOST, 5000, TcpFlags::SYN))
            .is_some()
    );
}

#[test]
fn flows_of_a_lost_address_are_forgotten() {
    let mut s = Scene::docker();
    s.forward(docker0(), eth0(), udp(CONTAINER, 5000, LAPTOP, 53));
    let now = s.now;
    s.nf.forget_masqueraded(LinkId(1), Some(ip("10.0.0.1")), now);
    assert_eq!(s.flows().len(), 1);
    s.nf.forget_masqueraded(LinkId(1), Some(ip(HOST)), now);
    assert!(s.flows().is_empty());
}

#[test]
fn namespace_without_rules_tracks_nothing() {
    let mut s = Scene::new();
    assert!(
        s.forward(eth0(), docker0(), udp(LAPTOP, 1, CONTAINER, 2))
            .is_some()
    );
    s.nf.table_mut(Family::V4, TableName::Filter)
        .append("FORWARD", Rule::new().target(Target::Accept))
        .unwrap();
    assert!(
        s.forward(eth0(), docker0(), udp(LAPTOP, 1, CONTAINER, 2))
            .is_some()
    );
    assert!(s.flows().is_empty());
    assert!(!s.nf.wants_whole_packets(Family::V4));
}

#[test]
fn reject_says_with_what_and_its_answer_belongs_to_the_flow() {
    let mut s = Scene::docker();
    let with = RejectWith::Icmp(IcmpErrorKind::PortUnreachable);
    let filter = s.nf.table_mut(Family::V4, TableName::Filter);
    filter
        .insert("FORWARD", 1, Rule::new().target(Target::Reject(with)))
        .unwrap();
    let mut skb = Skb::local(PacketId(1), tcp(LAPTOP, 40000, HOST, 8080, TcpFlags::SYN));
    s.at(Hook::Prerouting, Some(eth0()), None, &mut skb);
    let verdict = s.at(Hook::Forward, Some(eth0()), Some(docker0()), &mut skb);
    assert!(
        matches!(verdict, Verdict::Reject { with: got, reason: DropReason::Netfilter { rule: Some(_), .. } } if got == with)
    );
    let quoted = Box::new(wire::Quoted::new(&skb.ip));
    let error = IcmpMessage::Error {
        kind: IcmpErrorKind::PortUnreachable,
        quoted,
    };
    let mut answer = Skb::local(
        PacketId(2),
        IpPacket::new(ip("172.17.0.1"), ip(LAPTOP), Transport::Icmp(error)),
    );
    s.nf.attach(&mut answer, &skb);
    for hook in [Hook::Output, Hook::Postrouting] {
        assert!(matches!(
            s.at(hook, None, Some(eth0()), &mut answer),
            Verdict::Accept { .. }
        ));
    }
    let Transport::Icmp(IcmpMessage::Error { quoted, .. }) = &answer.ip.transport else {
        panic!("{answer:?}")
    };
    assert_eq!((quoted.dst, answer.ip.src), (ip(HOST), ip(HOST)));
    assert_eq!(
        quoted.ports,
        wire::QuotedPorts::Ports {
            src: 40000,
            dst: 8080
        }
    );
}

#[test]
fn chains_return_and_goto_skips_the_caller() {
    let mut s = Scene::new();
    let filter = s.nf.table_mut(Family::V4, TableName::Filter);
    for chain in ["A", "B"] {
        filter.new_chain(chain).unwrap();
    }
    filter.append("FORWARD", Rule::new().jump("A")).unwrap();
    filter
        .append("FORWARD", Rule::new().target(Target::Drop))
        .unwrap();
    filter
        .append("A", Rule::new().target(Target::Goto("B".into())))
        .unwrap();
    filter
        .append("A", Rule::new().target(Target::Accept))
        .unwrap();
    filter
        .append("B", Rule::new().target(Target::Return))
        .unwrap();
    assert_eq!(
        s.forward(eth0(), docker0(), udp(LAPTOP, 1, CONTAINER, 2)),
        None
    );
    let count = |s: &Scene, chain: &str, at: usize| {
        s.nf.table(Family::V4, TableName::Filter)
            .unwrap()
            .chain(chain)
            .unwrap()
            .rules()[at]
            .counters
            .packets
    };
    assert_eq!(
        (
            count(&s, "A", 0),
            count(&s, "A", 1),
            count(&s, "B", 0),
            count(&s, "FORWARD", 1)
        ),
        (1, 0, 1, 1)
    );
}

#[test]
fn tables_refuse_what_nf_tables_refuses() {
    let mut nf = Netfilter::default();
    let nat = nf.table_mut(Family::V4, TableName::Nat);
    let masquerade = || Rule::new().target(Target::masquerade());
    assert_eq!(
        nat.append("PREROUTING", masquerade()),
        Err(RuleError::Invalid)
    );
    nat.new_chain("X").unwrap();
    nat.append("X", masquerade()).unwrap();
    assert_eq!(
        nat.append("PREROUTING", Rule::new().jump("X")),
        Err(RuleError::Invalid)
    );
    nat.append("POSTROUTING", Rule::new().jump("X")).unwrap();
    assert_eq!(
        nat.append("X", Rule::new().target(Target::dnat(ip(HOST), None))),
        Err(RuleError::Invalid)
    );
    assert_eq!(
        nat.append("X", Rule::new().jump("X")),
        Err(RuleError::TooManyLinks)
    );
    assert_eq!(
        nat.append("X", Rule::new().jump("NOPE")),
        Err(RuleError::NoTarget)
    );
    assert_eq!(nat.delete_chain("X"), Err(RuleError::Busy));
    assert_eq!(nat.delete_same("X", &Rule::new()), Err(RuleError::NoRule));
    // A circle that no packet can reach is only refused when it is hung in.
    let filter = nf.table_mut(Family::V4, TableName::Filter);
    filter.new_chain("LOOP").unwrap();
    filter.append("LOOP", Rule::new().jump("LOOP")).unwrap();
    assert_eq!(
        filter.append("FORWARD", Rule::new().jump("LOOP")),
        Err(RuleError::TooManyLinks)
    );
    assert_eq!(filter.chain("LOOP").unwrap().references(), 1);
}

#[test]
fn limit_refills_with_time_and_nth_counts() {
    let mut s = Scene::new();
    let filter = s.nf.table_mut(Family::V4, TableName::Filter);
    let limit = Limit {
        count: 1,
        period: 1,
        burst: 2,
        state: Volatile::default(),
    };
    filter
        .append(
            "FORWARD",
            Rule::new().and(Match::Limit(limit)).target(Target::Accept),
        )
        .unwrap();
    filter.set_policy("FORWARD", Policy::Drop, None).unwrap();
    let pass = |s: &mut Scene| {
        s.forward(eth0(), docker0(), udp(LAPTOP, 1, CONTAINER, 2))
            .is_some()
    };
    assert_eq!(
        [pass(&mut s), pass(&mut s), pass(&mut s)],
        [true, true, false]
    );
    s.wait(1);
    assert_eq!([pass(&mut s), pass(&mut s)], [true, false]);
    let filter = s.nf.table_mut(Family::V4, TableName::Filter);
    let mode = StatisticMode::Nth {
        every: 3,
        packet: 0,
        seen: Volatile::default(),
    };
    filter
        .replace(
            "FORWARD",
            1,
            Rule::new()
                .and(Match::Statistic(Statistic { mode, not: false }))
                .target(Target::Accept),
        )
        .unwrap();
    let passed: Vec<bool> = (0..6).map(|_| pass(&mut s)).collect();
    assert_eq!(passed, [true, false, false, true, false, false]);
}

#[test]
fn interface_patterns_match_as_typed() {
    for (pattern, name, is) in [
        ("eth0", "eth0", true),
        ("eth0", "eth01", false),
        ("br-+", "br-1234", true),
        ("br-+", "docker0", false),
        ("+", "", true),
        ("eth0", "", false),
    ] {
        assert_eq!(
            model::IfPattern::new(pattern).matches(IfName::new(name)),
            is,
            "{pattern} {name}"
        );
    }
}

proptest! {
    #[test]
    fn translation_there_and_back_restores_the_ends(
        flows in prop::collection::vec((2u8..6, 1u16.., prop::sample::select(vec![53u16, 80, 443]), any::<bool>()), 1..40)
    ) {
        let mut s = Scene::docker();
        let to = NatTo { ports: Some((2000, 2007)), ..NatTo::default() };
        let nat = s.nf.table_mut(Family::V4, TableName::Nat);
        let rule = Rule::new().proto(Proto::UDP).dport(443).target(Target::Masquerade(to));
        nat.insert("POSTROUTING", 1, rule).unwrap();
        for (host, sport, dport, is_tcp) in flows {
            let inside = format!("172.17.0.{host}");
            let make = |src: &str, sport, dst: &str, dport, flags| {
                if is_tcp { tcp(src, sport, dst, dport, flags) } else { udp(src, sport, dst, dport) }
            };
            let sent = make(&inside, sport, LAPTOP, dport, TcpFlags::SYN);
            // With eight ports for them all some have to be refused.
            let Some(out) = s.forward(docker0(), eth0(), sent.clone()) else { continue };
            prop_assert_eq!(out.src, ip(HOST));
            let (port, _) = out.transport.ports().unwrap();
            let back = s.forward(eth0(), docker0(), make(LAPTOP, dport, HOST, port, TcpFlags::SYN_ACK)).unwrap();
            let (src, dst) = ends(&sent);
            prop_assert_eq!(ends(&back), (dst, src));
        }
    }

    #[test]
    fn any_rules_that_are_accepted_come_to_an_end(
        jumps in prop::collection::vec((0usize..6, 0usize..6, any::<bool>()), 0..40)
    ) {
        const CHAINS: [&str; 6] = ["FORWARD", "A", "B", "C", "D", "E"];
        let mut s = Scene::new();
        let filter = s.nf.table_mut(Family::V4, TableName::Filter);
        for chain in &CHAINS[1..] {
            filter.new_chain(chain).unwrap();
        }
        for (from, to, goto) in jumps {
            let to = CHAINS[to].into();
            let target = if goto { Target::Goto(to) } else { Target::Jump(to) };
            let _ = filter.append(CHAINS[from], Rule::new().target(target));
        }
        s.trace.set_enabled(false);
        prop_assert!(s.forward(eth0(), docker0(), udp(LAPTOP, 1, CONTAINER, 2)).is_some());
    }

    /// A long chain is looked up in, and nobody can tell: not by the counters, and not by the verdict.
    #[test]
    fn long_chains_count_as_if_each_rule_were_asked(
        rules in prop::collection::vec((0u8..6, any::<bool>(), 0u8..12), 0..60),
        changes in prop::collection::vec((any::<bool>(), 0usize..60, 0u8..6), 0..6),
        packets in prop::collection::vec(0u8..6, 1..8),
    ) {
        let host = |n: u8| format!("10.0.0.{n}");
        let rule = |n: u8, net: bool, what: u8| {
            let dst: ipnet::IpNet = format!("{}/{}", host(n), if net { 31 } else { 32 }).parse().unwrap();
            let rule = Rule { dst: Some(Inv { value: dst.trunc(), not: what == 3 }), ..Rule::new() };
            match what {
                0 => rule.target(Target::Accept),
                1 => rule.target(Target::Drop),
                2 => Rule::new(),
                _ => rule,
            }
        };
        let mut s = Scene::new();
        s.trace.set_enabled(false);
        let mut listed: Vec<(Rule, u64)> = Vec::new();
        let raw = s.nf.table_mut(Family::V4, TableName::Raw);
        for (n, net, what) in rules {
            raw.append("PREROUTING", rule(n, net, what)).unwrap();
            listed.push((rule(n, net, what), 0));
        }
        let mut changes = changes.into_iter();
        for n in packets {
            let dst = ip(&host(n));
            let mut verdict = true;
            for (rule, count) in &mut listed {
                let holds = rule.dst.is_none_or(|d| d.value.contains(&dst) != d.not);
                *count += u64::from(holds);
                if holds && matches!(rule.target, Target::Accept | Target::Drop) {
                    verdict = rule.target == Target::Accept;
                    break;
                }
            }
            let mut skb = Skb::local(PacketId(1), udp(LAPTOP, 1, &host(n), 2));
            let passed = s.at(Hook::Prerouting, Some(eth0()), None, &mut skb);
            prop_assert_eq!(matches!(passed, Verdict::Accept { .. }), verdict);
            let raw = s.nf.table_mut(Family::V4, TableName::Raw);
            let counted = raw.chain("PREROUTING").unwrap().rules().iter().map(|e| e.counters.packets);
            prop_assert_eq!(counted.collect::<Vec<_>>(), listed.iter().map(|(_, n)| *n).collect::<Vec<_>>());
            if let Some((add, at, n)) = changes.next() {
                if add {
                    let at = at.min(listed.len());
                    raw.insert("PREROUTING", at + 1, rule(n, false, 9)).unwrap();
                    listed.insert(at, (rule(n, false, 9), 0));
                } else if at < listed.len() {
                    raw.delete("PREROUTING", at + 1).unwrap();
                    listed.remove(at);
                }
            }
        }
    }
}
