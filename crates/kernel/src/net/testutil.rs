//! Scenes for tests: a machine with a bridge and namespaces behind it, pings, and questions to the trace.

// A scene that cannot be built, or a check that fails, ends the test.
#![allow(clippy::unwrap_used, clippy::missing_panics_doc, clippy::panic)]

use super::{AddrSpec, LinkSpec, LinkSpecKind, Route, SendOpts};
use crate::errno::Errno;
use crate::ids::{LinkId, MachineId, NetnsId, PacketId};
use crate::state::Kernel;
use crate::time::{Duration, Instant};
use crate::trace::{Checkpoint, DropReason, TraceEvent};
use bytes::Bytes;
use ipnet::IpNet;
use std::net::IpAddr;
use wire::{IcmpErrorKind, IcmpMessage, IpPacket, Transport};

/// More events than this in one run mean a loop.
const EVENTS: usize = 200_000;

/// A world with one machine, `host`, to build on.
pub struct Scene {
    /// The kernel.
    pub k: Kernel,
    /// The machine.
    pub machine: MachineId,
    /// Its root namespace.
    pub host: NetnsId,
}

/// A namespace behind a bridge, as a container has one.
#[derive(Clone, Copy, Debug)]
pub struct Behind {
    /// The namespace.
    pub ns: NetnsId,
    /// Its end of the cable, `eth0`.
    pub eth0: LinkId,
    /// The machine's end, a port of the bridge.
    pub port: LinkId,
}

impl Default for Scene {
    fn default() -> Self {
        Self::new()
    }
}

impl Scene {
    /// A machine that forwards both families.
    #[must_use]
    pub fn new() -> Self {
        let mut k = Kernel::new(7);
        let machine = k.add_machine("host");
        let host = k.machine(machine).unwrap().root_ns;
        k.sysctl_set(host, "net.ipv4.ip_forward", "1").unwrap();
        k.sysctl_set(host, "net.ipv6.conf.all.forwarding", "1")
            .unwrap();
        Self { k, machine, host }
    }

    /// Gives a device an address such as `10.0.0.1/24`.
    pub fn addr(&mut self, link: LinkId, cidr: &str) {
        let net: IpNet = cidr.parse().unwrap();
        self.k
            .addr_add(
                link,
                AddrSpec::new(net.addr(), net.prefix_len()).with_broadcast(),
            )
            .unwrap();
    }

    /// Adds a route such as `default` or `10.1.0.0/16` by a router.
    pub fn route(&mut self, ns: NetnsId, dst: &str, via: &str) {
        let via: IpAddr = via.parse().unwrap();
        let any = if via.is_ipv6() { "::/0" } else { "0.0.0.0/0" };
        let dst = if dst == "default" { any } else { dst };
        self.k
            .route_add(
                ns,
                Route {
                    via: Some(via),
                    ..Route::new(dst.parse().unwrap())
                },
            )
            .unwrap();
    }

    /// A bridge in the machine's root namespace, up, with these addresses.
    pub fn bridge(&mut self, name: &str, cidrs: &[&str]) -> LinkId {
        let bridge = self
            .k
            .link_add(self.host, LinkSpec::new(name, LinkSpecKind::Bridge))
            .unwrap();
        self.k.link_set_up(bridge).unwrap();
        cidrs.iter().for_each(|cidr| self.addr(bridge, cidr));
        bridge
    }

    /// A namespace with `lo` up.
    pub fn netns(&mut self) -> NetnsId {
        let ns = self.k.netns_add(self.machine);
        let lo = self.k.netns(ns).unwrap().lo;
        self.k.link_set_up(lo).unwrap();
        ns
    }

    /// A namespace behind a bridge: `eth0` with these addresses, everything up.
    pub fn behind(&mut self, bridge: LinkId, cidrs: &[&str]) -> Behind {
        let ns = self.netns();
        let kind = LinkSpecKind::Veth {
            peer_name: "eth0".into(),
            peer_ns: ns,
            peer_mac: None,
        };
        let port = self
            .k
            .link_add(self.host, LinkSpec::new(format!("veth{}", ns.0), kind))
            .unwrap();
        let eth0 = self.k.link_by_name(ns, "eth0").unwrap();
        self.k.link_set_master(port, Some(bridge)).unwrap();
        self.k.link_set_up(port).unwrap();
        self.k.link_set_up(eth0).unwrap();
        cidrs.iter().for_each(|cidr| self.addr(eth0, cidr));
        Behind { ns, eth0, port }
    }

    /// Sends an echo request of `size` data bytes.
    pub fn send_echo(
        &mut self,
        ns: NetnsId,
        dst: &str,
        size: usize,
        dont_fragment: bool,
    ) -> Result<PacketId, Errno> {
        let dst: IpAddr = dst.parse().unwrap();
        let src = super::lookup::unspecified(dst.is_ipv6());
        let request = IcmpMessage::EchoRequest {
            ident: 1,
            seq: 1,
            data: Bytes::from(vec![0; size]),
        };
        let ip = IpPacket {
            dont_fragment,
            ..IpPacket::new(src, dst, Transport::Icmp(request))
        };
        self.k.ip_send(ns, ip, SendOpts::default())
    }

    /// Sends an ordinary echo request and lets two seconds pass; whether a reply came back.
    pub fn ping(&mut self, ns: NetnsId, dst: &str) -> bool {
        let id = self.send_echo(ns, dst, 56, false);
        self.run(Duration::from_secs(2));
        id.is_ok_and(|id| self.answered(ns, id))
    }

    /// Lets time pass.
    pub fn run(&mut self, time: Duration) {
        self.run_until(self.k.now + time);
    }

    /// Lets time pass until `end`.
    pub fn run_until(&mut self, end: Instant) {
        for _ in 0..EVENTS {
            if self.k.queue.next_at().is_none_or(|at| at > end) {
                self.k.now = end;
                return;
            }
            let (at, event) = self.k.queue.pop().unwrap();
            self.k.now = at;
            self.k.dispatch(event);
        }
        panic!("the world does not come to rest");
    }

    /// What happened to a packet.
    #[must_use]
    pub fn facts(&self, id: PacketId) -> Vec<&TraceEvent> {
        self.k
            .trace
            .since(0)
            .filter(|event| event.packet == id)
            .collect()
    }

    /// Why a packet was dropped, if it was.
    #[must_use]
    pub fn dropped(&self, id: PacketId) -> Option<DropReason> {
        self.facts(id)
            .iter()
            .rev()
            .find_map(|event| match &event.what {
                Checkpoint::Drop(reason) => Some(reason.clone()),
                _ => None,
            })
    }

    /// The packets that were made because of this one, with what they are.
    #[must_use]
    pub fn caused(&self, id: PacketId) -> Vec<(PacketId, Option<IpPacket>)> {
        let made = |event: &TraceEvent| match &event.what {
            Checkpoint::Made {
                cause: Some(cause),
                ip,
                ..
            } if *cause == id => Some((event.packet, ip.as_deref().cloned())),
            _ => None,
        };
        self.k.trace.since(0).filter_map(made).collect()
    }

    /// Whether an echo reply to this request reached the namespace's IP layer.
    #[must_use]
    pub fn answered(&self, ns: NetnsId, id: PacketId) -> bool {
        let is_reply =
            |ip: &IpPacket| matches!(ip.transport, Transport::Icmp(IcmpMessage::EchoReply { .. }));
        let replies = self
            .caused(id)
            .into_iter()
            .filter(|(_, ip)| ip.as_ref().is_some_and(is_reply));
        replies.into_iter().any(|(reply, _)| {
            // Nobody listens in these scenes, so an arrived reply ends with "no socket".
            self.facts(reply)
                .iter()
                .any(|e| e.ns == ns && matches!(e.what, Checkpoint::Drop(DropReason::NoSocket)))
        })
    }

    /// The ICMP error that was sent because of this packet, and by whom.
    #[must_use]
    pub fn error_about(&self, id: PacketId) -> Option<(IpAddr, IcmpErrorKind)> {
        self.caused(id).into_iter().find_map(|(_, ip)| {
            let ip = ip?;
            match ip.transport {
                Transport::Icmp(IcmpMessage::Error { kind, .. }) => Some((ip.src, kind)),
                _ => None,
            }
        })
    }
}
