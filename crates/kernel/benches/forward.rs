//! How many link transmissions a second the IP path manages: echo requests from container to container, over one bridge
//! and routed between two, with 10 and with 1,000 containers around, with the trace on and off.
//!
//! `cargo bench -p kernel --features testutil --bench forward`

#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs, reason = "a bench prints and may fail")]

use kernel::net::testutil::Scene;
use std::time::Duration;

/// Sends `count` echo requests and returns how many frames devices sent, and how long that took.
fn drive(containers: usize, routed: bool, traced: bool, count: u32) -> (u64, Duration) {
    let mut s = Scene::new();
    let one = s.bridge("br1", &["10.1.0.1/16"]);
    let two = s.bridge("br2", &["10.2.0.1/16"]);
    let mut all = Vec::new();
    for i in 0..containers {
        let net = if i % 2 == 1 { (two, 2) } else { (one, 1) };
        let c = s.behind(net.0, &[&format!("10.{}.{}.{}/16", net.1, 1 + i / 200, 2 + i % 200)]);
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

fn main() {
    for containers in [10, 1000] {
        for (routed, traced) in [(false, true), (true, true), (true, false)] {
            let (sent, took) = drive(containers, routed, traced, 100_000);
            let rate = sent as f64 / took.as_secs_f64();
            let way = if routed { "routed " } else { "bridged" };
            let trace = if traced { "traced" } else { "untraced" };
            println!("{containers:5} containers, {way}, {trace:8}: {rate:10.0} transmissions/s ({sent} in {took:.2?})");
        }
    }
}
