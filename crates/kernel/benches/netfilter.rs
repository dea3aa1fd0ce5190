//! How many packets a second pass Docker's rules: `cargo bench -p kernel --bench netfilter`.

use kernel::ids::{LinkId, NetnsId, PacketId};
use kernel::netfilter::model::CtStates;
use kernel::netfilter::{
    AddrType, Family, Hook, HookCtx, HookEnv, Iface, Netfilter, Policy, Rule, RuleError, TableName,
    Target,
};
use kernel::rng::Rng;
use kernel::skb::Skb;
use kernel::time::Instant;
use kernel::trace::Trace;
use std::net::IpAddr;
use wire::{IpPacket, Proto, TcpFlags, TcpSegment, Transport};

struct Env;

impl HookEnv for Env {
    fn addr_type(&self, _: IpAddr, _: Option<LinkId>) -> AddrType {
        AddrType::Unicast
    }
    fn masquerade_source(&self, _: LinkId, _: IpAddr) -> Option<IpAddr> {
        None
    }
    fn first_address(&self, _: LinkId, _: bool) -> Option<IpAddr> {
        None
    }
    fn path_mtu(&self, _: IpAddr) -> Option<u32> {
        None
    }
}

/// 24 rules that do not match, and one that does.
fn rules() -> Result<Netfilter, RuleError> {
    let mut nf = Netfilter::default();
    let filter = nf.table_mut(Family::V4, TableName::Filter);
    filter.set_policy("FORWARD", Policy::Drop, None)?;
    for n in 0..8 {
        let bridge = format!("br-{n}");
        filter.append(
            "FORWARD",
            Rule::new()
                .out_if(&bridge)
                .ctstate(CtStates::RELATED_ESTABLISHED)
                .target(Target::Accept),
        )?;
        filter.append(
            "FORWARD",
            Rule::new()
                .in_if(&bridge)
                .not_out_if(&bridge)
                .target(Target::Drop),
        )?;
        filter.append(
            "FORWARD",
            Rule::new()
                .out_if("docker0")
                .proto(Proto::TCP)
                .dport(9000 + n)
                .target(Target::Accept),
        )?;
    }
    filter.append("FORWARD", Rule::new().in_if("eth0").target(Target::Accept))?;
    nf.table_mut(Family::V4, TableName::Nat);
    Ok(nf)
}

#[allow(clippy::disallowed_types, reason = "a benchmark measures real time")]
fn main() {
    const PACKETS: u32 = 1_000_000;
    let Ok(mut nf) = rules() else { return };
    let (eth0, docker0) = (
        Iface::new(LinkId(1), "eth0"),
        Iface::new(LinkId(2), "docker0"),
    );
    let (mut trace, mut rng) = (Trace::default(), Rng::new(1));
    trace.set_enabled(false);
    let (src, dst) = (
        IpAddr::from([192, 168, 1, 50]),
        IpAddr::from([172, 17, 0, 2]),
    );
    let packet = IpPacket::new(
        src,
        dst,
        Transport::Tcp(TcpSegment::new(40000, 80, TcpFlags::SYN)),
    );
    let ctx = HookCtx {
        hook: Hook::Prerouting,
        now: Instant(1),
        ns: NetnsId(0),
        in_if: Some(eth0),
        out_if: None,
        phys_in: None,
        phys_out: None,
        owner: None,
        env: &Env,
    };
    let begun = std::time::Instant::now();
    for _ in 0..PACKETS {
        let mut skb = Skb::local(PacketId(1), packet.clone());
        let hooks = [
            (Hook::Prerouting, Some(eth0), None),
            (Hook::Forward, Some(eth0), Some(docker0)),
            (Hook::Postrouting, None, Some(docker0)),
        ];
        for (hook, in_if, out_if) in hooks {
            nf.hook(
                &HookCtx {
                    hook,
                    in_if,
                    out_if,
                    ..ctx
                },
                &mut skb,
                &mut trace,
                &mut rng,
            );
        }
    }
    let seconds = begun.elapsed().as_secs_f64();
    let packets = f64::from(PACKETS) / seconds;
    #[allow(clippy::print_stdout, reason = "the benchmark's result")]
    {
        println!(
            "{packets:.0} packets/s through three hooks, {:.0} rules/s",
            packets * 25.0
        );
    }
}
