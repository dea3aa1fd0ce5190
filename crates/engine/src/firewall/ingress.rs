//! The rules of the routing mesh: on the machine those of DOCKER-INGRESS, in a balancer's namespace those that mark what IPVS is to
//! take, in a task's namespace those that lead from a published port to the task's own.
//!
//! Source: moby `libnetwork/service_linux.go`, `libnetwork/drivers/bridge/internal/iptabler`.

use std::net::IpAddr;

use ipnet::IpNet;
use kernel::Kernel;
use kernel::ids::NetnsId;
use kernel::netfilter::model::{ConntrackMatch, CtStates, NatTo};
use kernel::netfilter::{AddrType, Family, Inv, Match, Rule, TableName, Target};
use wire::Proto as WireProto;

use crate::balancer::IngressPort;
use crate::ports::Proto;

const INGRESS: &str = "DOCKER-INGRESS";
const FORWARD: &str = "DOCKER-FORWARD";

/// Adds a rule unless it is there; `first`: before all others.
fn put(kernel: &mut Kernel, ns: NetnsId, table: TableName, chain: &str, first: bool, rule: Rule) {
    let Some(netns) = kernel.net.netns_mut(ns) else {
        return;
    };
    let table = netns.nf.table_mut(Family::V4, table);
    if table.position(chain, &rule).is_none() {
        let _ = match first {
            true => table.insert(chain, 1, rule),
            false => table.append(chain, rule),
        };
    }
}

fn take(kernel: &mut Kernel, ns: NetnsId, table: TableName, chain: &str, rule: &Rule) {
    if let Some(netns) = kernel.net.netns_mut(ns) {
        let table = netns.nf.table_mut(Family::V4, table);
        let _ = table.delete_same(chain, rule);
    }
}

fn of_proto(proto: Proto) -> Rule {
    Rule::new().proto(match proto {
        Proto::Tcp => WireProto::TCP,
        Proto::Udp => WireProto::UDP,
        Proto::Sctp => WireProto(132),
    })
}

/// The three rules of one published port: in nat, and the two of filter.
fn of_port(gateway: IpAddr, port: &IngressPort) -> [(TableName, Rule); 3] {
    let to = |proto| of_proto(proto).dport(port.published);
    let back = of_proto(port.proto)
        .sport(port.published)
        .ctstate(CtStates::RELATED_ESTABLISHED);
    [
        (
            TableName::Nat,
            to(port.proto).target(Target::dnat(gateway, Some(port.published))),
        ),
        (TableName::Filter, back.target(Target::Accept)),
        (TableName::Filter, to(port.proto).target(Target::Accept)),
    ]
}

/// Lets published ports lead to the ingress network's namespace, which is at `gateway` on the bridge.
pub(crate) fn open(
    kernel: &mut Kernel,
    ns: NetnsId,
    bridge: &str,
    gateway: IpAddr,
    ports: &[IngressPort],
) {
    for table in [TableName::Nat, TableName::Filter] {
        if let Some(netns) = kernel.net.netns_mut(ns) {
            // There already, mostly.
            let _ = netns.nf.table_mut(Family::V4, table).new_chain(INGRESS);
        }
        put(
            kernel,
            ns,
            table,
            INGRESS,
            false,
            Rule::new().target(Target::Return),
        );
    }
    let here = || Rule::new().dst_type(AddrType::Local).jump(INGRESS);
    for chain in ["OUTPUT", "PREROUTING"] {
        put(kernel, ns, TableName::Nat, chain, true, here());
    }
    put(
        kernel,
        ns,
        TableName::Filter,
        FORWARD,
        true,
        Rule::new().jump(INGRESS),
    );
    let localnet = format!("net.ipv4.conf.{bridge}.route_localnet");
    let _ = kernel.sysctl_set(ns, &localnet, "1");
    let masquerade = Rule::new()
        .out_if(bridge)
        .src_type(AddrType::Local)
        .target(Target::masquerade());
    put(kernel, ns, TableName::Nat, "POSTROUTING", true, masquerade);
    for port in ports {
        for (table, rule) in of_port(gateway, port) {
            put(kernel, ns, table, INGRESS, true, rule);
        }
    }
}

/// Takes away the rules of published ports; the chains stay.
pub(crate) fn close(kernel: &mut Kernel, ns: NetnsId, gateway: IpAddr, ports: &[IngressPort]) {
    for port in ports {
        for (table, rule) in of_port(gateway, port) {
            take(kernel, ns, table, INGRESS, &rule);
        }
    }
}

/// The rules that mark a service's packets: by published port, and by virtual address.
fn marks(vip: IpAddr, mark: u32, ports: &[IngressPort]) -> Vec<(&'static str, Rule)> {
    let set = || Target::Mark {
        value: mark,
        mask: u32::MAX,
    };
    let by_port = ports.iter().map(|port| {
        let rule = of_proto(port.proto).dport(port.published);
        ("PREROUTING", rule.target(set()))
    });
    let by_address = ("INPUT", Rule::new().dst(IpNet::from(vip)).target(set()));
    by_port.chain([by_address]).collect()
}

/// Marks what IPVS is to take in a balancer's namespace, and lets it come from the balancer's own address, `own`.
pub(crate) fn mark(
    kernel: &mut Kernel,
    netns: NetnsId,
    vip: IpAddr,
    value: u32,
    ports: &[IngressPort],
    own: IpNet,
) {
    let mut rules = marks(vip, value, ports).into_iter();
    let last = rules.next_back();
    for (chain, rule) in rules {
        put(kernel, netns, TableName::Mangle, chain, false, rule);
    }
    let snat = Rule::new()
        .dst(own.trunc())
        .and(Match::Ipvs { not: false })
        .target(Target::snat(Some(own.addr()), None));
    put(kernel, netns, TableName::Nat, "POSTROUTING", false, snat);
    if let Some((chain, rule)) = last {
        put(kernel, netns, TableName::Mangle, chain, false, rule);
    }
}

/// Takes the marks of a service away.
pub(crate) fn unmark(
    kernel: &mut Kernel,
    netns: NetnsId,
    vip: IpAddr,
    value: u32,
    ports: &[IngressPort],
) {
    for (chain, rule) in marks(vip, value, ports) {
        take(kernel, netns, TableName::Mangle, chain, &rule);
    }
}

/// In a task's namespace: leads from published ports to its own at its address on the ingress network, and lets nothing else in or
/// out there.
pub(crate) fn redirect(kernel: &mut Kernel, netns: NetnsId, own: IpAddr, ports: &[IngressPort]) {
    let states = |states: CtStates| {
        Match::Conntrack(Box::new(ConntrackMatch {
            state: Some(Inv::is(states)),
            ..ConntrackMatch::default()
        }))
    };
    for port in ports {
        let to = NatTo {
            ports: Some((port.target, port.target)),
            ..NatTo::default()
        };
        let published = of_proto(port.proto)
            .dst(IpNet::from(own))
            .dport(port.published);
        let rule = published.target(Target::Redirect(to));
        put(kernel, netns, TableName::Nat, "PREROUTING", false, rule);
        let comes = of_proto(port.proto)
            .dst(IpNet::from(own))
            .dport(port.target);
        let comes = comes.and(states(CtStates::NEW.with(CtStates::ESTABLISHED)));
        put(
            kernel,
            netns,
            TableName::Filter,
            "INPUT",
            true,
            comes.target(Target::Accept),
        );
        let goes = of_proto(port.proto)
            .src(IpNet::from(own))
            .sport(port.target);
        let goes = goes.and(states(CtStates::ESTABLISHED));
        put(
            kernel,
            netns,
            TableName::Filter,
            "OUTPUT",
            true,
            goes.target(Target::Accept),
        );
    }
    if ports.is_empty() {
        return;
    }
    for proto in [Proto::Sctp, Proto::Udp, Proto::Tcp] {
        let comes = of_proto(proto).dst(IpNet::from(own)).target(Target::Drop);
        put(kernel, netns, TableName::Filter, "INPUT", false, comes);
        let goes = of_proto(proto).src(IpNet::from(own)).target(Target::Drop);
        put(kernel, netns, TableName::Filter, "OUTPUT", false, goes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::netfilter::print;

    // As dockerd 28.5.2 leaves them.
    #[test]
    fn a_published_port_leads_to_the_mesh_and_back() {
        let port = IngressPort {
            proto: Proto::Tcp,
            published: 8080,
            target: 80,
        };
        let rules = of_port([172, 18, 0, 2].into(), &port);
        let texts = rules.map(|(_, rule)| print::rule(INGRESS, &rule, Family::V4));
        assert_eq!(
            texts,
            [
                "-A DOCKER-INGRESS -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.18.0.2:8080",
                "-A DOCKER-INGRESS -p tcp -m tcp --sport 8080 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
                "-A DOCKER-INGRESS -p tcp -m tcp --dport 8080 -j ACCEPT",
            ]
        );
    }
}
