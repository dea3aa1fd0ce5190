//! `mtr`, in its report form only.

use super::resolv;
use super::traceroute::{Heard, Kind, Options, probe};
use crate::args;
use kernel::sys::Sys;
use kernel::time::Duration;
use std::net::IpAddr;
use wire::IcmpErrorKind;

/// One hop's answers.
#[derive(Default)]
struct Hop {
    ip: Option<IpAddr>,
    times: Vec<f64>,
}

/// The `mtr` program.
pub async fn main(sys: Sys, args: Vec<String>, _flavour: crate::Flavour) -> i32 {
    let long = [
        ("report", 'r'),
        ("report-cycles", 'c'),
        ("no-dns", 'n'),
        ("report-wide", 'w'),
        ("max-ttl", 'm'),
    ];
    let parsed = match args::parse(&args, "46rnwbuc:m:i:", &long) {
        Ok(parsed) => parsed,
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    if !parsed.has('r') && !parsed.has('w') {
        sys.err("mtr: only --report is modelled in Drydock\n");
        return 1;
    }
    let Some(host) = parsed.operands.first() else {
        sys.err("mtr: a host is missing\n");
        return 1;
    };
    let Some(to) = resolv::lookup(&sys, host, None)
        .await
        .ok()
        .and_then(|f| f.addresses.first().copied())
    else {
        sys.err(&format!(
            "mtr: Failed to resolve host: {host}: Name or service not known\n"
        ));
        return 1;
    };
    let cycles: u32 = parsed.value('c').and_then(|c| c.parse().ok()).unwrap_or(10);
    let max: u8 = parsed.value('m').and_then(|m| m.parse().ok()).unwrap_or(30);
    let options = Options {
        numeric: true,
        kind: match parsed.has('u') {
            true => Kind::Udp,
            false => Kind::Icmp,
        },
        port: super::traceroute::FIRST_PORT,
        counts: true,
        max_hops: max,
        first: 1,
        wait: Duration::from_secs(1),
        probes: 1,
        size: 36,
        gnu: true,
        from: super::connect::From::default(),
    };
    let c = sys.calendar();
    sys.out(&format!("Start: {}T{}+0000\n", c.date(), c.clock()));
    let mut hops: Vec<Hop> = Vec::new();
    let mut reach = max;
    for cycle in 0..cycles {
        for ttl in 1..=reach {
            if hops.len() < usize::from(ttl) {
                hops.push(Hop::default());
            }
            let port = 33_434 + u16::from(ttl) + (cycle % 64) as u16 * 64;
            let Ok(Heard::From(ip, time, kind)) = probe(&sys, &options, to, ttl, port).await else {
                continue;
            };
            if let Some(hop) = hops.get_mut(usize::from(ttl) - 1) {
                hop.ip = Some(ip);
                hop.times.push(time.as_secs_f64() * 1000.0);
            }
            if kind != Some(IcmpErrorKind::TtlExceeded) {
                reach = ttl;
                break;
            }
        }
        let _ = sys.sleep(Duration::from_secs(1)).await;
    }
    sys.out(&format!(
        "HOST: {:<27} Loss%   Snt   Last   Avg  Best  Wrst StDev\n",
        sys.hostname()
    ));
    for (n, hop) in hops.iter().enumerate().take(usize::from(reach)) {
        let name = match hop.ip {
            None => "???".to_owned(),
            Some(ip) if parsed.has('n') => ip.to_string(),
            Some(ip) => resolv::reverse(&sys, ip)
                .await
                .unwrap_or_else(|| ip.to_string()),
        };
        let got = hop.times.len() as f64;
        let mean = hop.times.iter().sum::<f64>() / got.max(1.0);
        let spread =
            (hop.times.iter().map(|t| (t - mean).powi(2)).sum::<f64>() / got.max(1.0)).sqrt();
        let best = hop.times.iter().copied().reduce(f64::min).unwrap_or(0.0);
        let worst = hop.times.iter().copied().reduce(f64::max).unwrap_or(0.0);
        let last = hop.times.last().copied().unwrap_or(0.0);
        let loss = 100.0 - 100.0 * got / f64::from(cycles.max(1));
        sys.out(&format!("{:>3}.|-- {name:<24} {loss:>6.1}% {cycles:>5} {last:>6.1} {mean:>5.1} {best:>5.1} {worst:>5.1} {spread:>5.1}\n", n + 1));
    }
    0
}
