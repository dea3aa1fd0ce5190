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
use wire::{
    IcmpErrorKind, IcmpMessage, IpPacket, Proto, TcpFlags, TcpSegment, Transport, UdpDatagram,
};

mod flows;
mod nat;
mod properties;
mod rules;

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
