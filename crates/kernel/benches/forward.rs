//! How many link transmissions a second the IP path manages: echo requests from container to container, over one bridge
//! and routed between two, with 10 and with 1,000 containers around, with the trace on and off.
//!
//! `cargo bench -p kernel --features testutil --bench forward`

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::disallowed_types,
    missing_docs,
    reason = "a bench prints, may fail, and measures real time"
)]

use kernel::net::testutil::Scene;
use kernel::netfilter::model::CtStates;
use kernel::netfilter::{AddrType, Family, Rule, TableName, Target};
use std::time::Duration;

/// The rules around which Docker builds its own: tracked flows are accepted early, new ones walk some rules, and what
/// leaves is masqueraded.
fn rules(s: &mut Scene) {
    let nf = &mut s.k.net.netns_mut(s.host).unwrap().nf;
    let nat = nf.table_mut(Family::V4, TableName::Nat);
    nat.append(
        "PREROUTING",
        Rule::new().dst_type(AddrType::Local).target(Target::Return),
    )
    .unwrap();
    for net in ["10.1.0.0/16", "10.2.0.0/16"] {
        let net: ipnet::IpNet = net.parse().unwrap();
        nat.append(
            "POSTROUTING",
            Rule::new()
                .src(net)
                .not_out_if("br+")
                .target(Target::masquerade()),
        )
        .unwrap();
    }
    let filter = nf.table_mut(Family::V4, TableName::Filter);
    for name in ["DOCKER-USER", "DOCKER-CT"] {
        filter.new_chain(name).unwrap();
        filter.append("FORWARD", Rule::new().jump(name)).unwrap();
    }
    for bridge in ["br1", "br2"] {
        let established = Rule::new()
            .out_if(bridge)
            .ctstate(CtStates::RELATED_ESTABLISHED);
        filter
            .append("DOCKER-CT", established.target(Target::Accept))
            .unwrap();
    }
    for bridge in ["br1", "br2"] {
        filter
            .append("FORWARD", Rule::new().in_if(bridge).target(Target::Accept))
            .unwrap();
    }
}

/// Sends `count` echo requests and returns how many frames devices sent, and how long that took.
fn drive(containers: usize, routed: bool, traced: bool, count: u32) -> (u64, Duration) {
    let mut s = Scene::new();
    let one = s.bridge("br1", &["10.1.0.1/16"]);
    let two = s.bridge("br2", &["10.2.0.1/16"]);
    rules(&mut s);
    let mut all = Vec::new();
    for i in 0..containers {
        let net = if i % 2 == 1 { (two, 2) } else { (one, 1) };
        let c = s.behind(
            net.0,
            &[&format!("10.{}.{}.{}/16", net.1, 1 + i / 200, 2 + i % 200)],
        );
        s.route(c.ns, "default", &format!("10.{}.0.1", net.1));
        all.push(c);
    }
    let from = all.first().unwrap().ns;
    let at = if routed { 1 } else { 2 };
    let to = format!("10.{}.1.{}", 1 + at % 2, 2 + at);
    s.k.trace.set_enabled(true);
    assert!(s.ping(from, &to));
    s.k.trace.set_enabled(traced);
    let sent = |s: &Scene| s.k.net.all_links().map(|l| l.stats.tx_packets).sum::<u64>();
    let before = sent(&s);
    let start = std::time::Instant::now();
    for _ in 0..count / 100 {
        for _ in 0..100 {
            s.send_echo(from, &to, 56, false).unwrap();
        }
        s.run(Duration::from_millis(1));
    }
    (sent(&s) - before, start.elapsed())
}

/// How long it takes to build a scene, which is what starting that many containers costs in the kernel.
fn build(containers: usize) -> Duration {
    let start = std::time::Instant::now();
    let mut s = Scene::new();
    let bridges: Vec<_> = (0..containers.div_ceil(500))
        .map(|b| s.bridge(&format!("br{b}"), &[&format!("10.{b}.0.1/16")]))
        .collect();
    for i in 0..containers {
        let (b, n) = (i / 500, i % 500);
        let c = s.behind(
            *bridges.get(b).unwrap(),
            &[&format!("10.{b}.{}.{}/16", 1 + n / 200, 2 + n % 200)],
        );
        s.route(c.ns, "default", &format!("10.{b}.0.1"));
    }
    start.elapsed()
}

fn main() {
    for containers in [100, 1000, 5000] {
        println!(
            "{containers:5} containers built in {:.2?}",
            build(containers)
        );
    }
    for containers in [10, 1000] {
        for (routed, traced) in [(false, true), (true, true), (true, false)] {
            let (sent, took) = drive(containers, routed, traced, 100_000);
            let rate = sent as f64 / took.as_secs_f64();
            let way = if routed { "routed " } else { "bridged" };
            let trace = if traced { "traced" } else { "untraced" };
            println!(
                "{containers:5} containers, {way}, {trace:8}: {rate:10.0} transmissions/s ({sent} in {took:.2?})"
            );
        }
    }
}
