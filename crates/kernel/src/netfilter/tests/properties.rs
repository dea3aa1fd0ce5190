//! What holds for any rules and any flows.

use proptest::prelude::*;

use super::*;

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
