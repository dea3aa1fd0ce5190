//! busybox's ping.

use super::{Heard, Printer, Prober, ms};
use crate::args;
use crate::net::connect::From as LocalEnd;
use crate::net::resolv;
use crate::usage;
use kernel::net::RouteQuery;
use kernel::sock::Family;
use kernel::sys::Sys;
use kernel::time::Duration;

pub(super) async fn main(sys: Sys, args: Vec<String>) -> i32 {
    let name = args::program(&args).to_owned();
    let parsed = match args::parse(&args, "46c:s:i:At:I:W:w:qp:n", &[]) {
        Ok(parsed) => parsed,
        Err(wrong) => return usage::wrong(&sys, &name, &wrong),
    };
    let Some(host) = parsed.operands.first() else {
        return usage::show(&sys, &name, None);
    };
    for (letter, value) in &parsed.options {
        if let Some(value) = value
            && "csWwt".contains(*letter)
            && value.parse::<u32>().is_err()
        {
            sys.err(&format!("{name}: invalid number '{value}'\n"));
            return 1;
        }
    }
    let number = |letter: char| parsed.value(letter).and_then(|v| v.parse::<u64>().ok());
    let family = match parsed.last_of("46") {
        Some('4') => Some(Family::V4),
        Some(_) => Some(Family::V6),
        None if name == "ping6" => Some(Family::V6),
        None => None,
    };
    let Ok(to) = resolv::first(&sys, host, family).await else {
        sys.err(&format!("{name}: bad address '{host}'\n"));
        return 1;
    };
    let mut from = match parsed.value('I') {
        None => LocalEnd::default(),
        Some(text) => match LocalEnd::parse(&sys, text) {
            Some(from) => from,
            None => {
                sys.err(&format!("{name}: bad address '{text}'\n"));
                return 1;
            }
        },
    };
    // Its socket is a raw one, for which an address of a link means the link of its route.
    if from.device.is_none() && resolv::is_of_a_link(to) {
        let ns = sys.netns();
        let route = sys.kernel(|k| k.route_get(ns, &RouteQuery::to(to)));
        from.device = route.ok().map(|route| route.link);
    }
    let size = number('s').unwrap_or(56).min(65_507) as usize;
    let ttl = number('t').and_then(|t| u8::try_from(t).ok());
    let mut prober = match Prober::open(&sys, to, size, from, ttl, false) {
        Ok(prober) => prober,
        Err(error) => {
            sys.err(&format!(
                "{name}: {}: {error}\n",
                if from.source.is_some() {
                    "bind"
                } else {
                    "can't create raw socket"
                }
            ));
            return 1;
        }
    };
    let source = from
        .source
        .map(|ip| format!(" from {ip}"))
        .unwrap_or_default();
    let mut printer = Printer::new(&sys);
    printer.hold(&format!("PING {host} ({to}){source}: {size} data bytes\n"));
    if !sys.me(|p| p.caps.net_raw).unwrap_or(true) {
        sys.lacks("NET_RAW");
        printer.say("");
        sys.err("ping: permission denied (are you root?)\n");
        return 1;
    }
    let count = number('c').unwrap_or(0);
    let interval = parsed
        .value('i')
        .and_then(|v| v.parse().ok())
        .and_then(|s| Duration::try_from_secs_f64(s).ok());
    let interval = interval.unwrap_or(Duration::from_secs(1));
    let wait = Duration::from_secs(number('W').unwrap_or(10));
    let deadline = number('w')
        .filter(|w| *w > 0)
        .map(|w| sys.now() + Duration::from_secs(w));
    let mut seq: u16 = 0;
    let mut next = sys.now();
    loop {
        if sys.now() >= next {
            if count > 0 && prober.transmitted >= count {
                break;
            }
            if let Err(error) = prober.send(seq).await {
                printer.say("");
                sys.err(&format!("{name}: sendto: {error}\n"));
                return 1;
            }
            seq = seq.wrapping_add(1);
            let all_sent = count > 0 && prober.transmitted >= count;
            next = sys.now()
                + if !all_sent {
                    interval
                } else if prober.received > 0 {
                    // About twice the longest time, in seconds, at least one.
                    Duration::from_secs((prober.longest().as_micros() / (512 * 1024)).max(1) as u64)
                } else {
                    wait
                };
        }
        let until = deadline.map_or(next, |d| d.min(next));
        match prober.hear(until).await {
            Heard::Reply {
                seq,
                message,
                time,
                again,
            } => {
                if !parsed.has('q') {
                    let time = ms(time);
                    let again = if again { " (DUP!)" } else { "" };
                    printer.say(&format!(
                        "{} bytes from {}: seq={seq} ttl={} time={time} ms{again}\n",
                        size + 8,
                        message.from.ip(),
                        message.ttl
                    ));
                }
                if count > 0 && prober.received >= count {
                    break;
                }
                if parsed.has('A') {
                    next = sys.now();
                }
            }
            Heard::Interrupt => break,
            Heard::Time if deadline.is_some_and(|d| sys.now() >= d) => break,
            Heard::Error(..) | Heard::Time | Heard::Failed(_) => {}
        }
    }
    let loss = (prober.transmitted - prober.received) * 100 / prober.transmitted.max(1);
    let mut text = format!(
        "\n--- {host} ping statistics ---\n{} packets transmitted, {} packets received, ",
        prober.transmitted, prober.received
    );
    if prober.duplicates > 0 {
        text.push_str(&format!("{} duplicates, ", prober.duplicates));
    }
    text.push_str(&format!("{loss}% packet loss\n"));
    if prober.received > 0 {
        let [min, mean, max, _] = prober.summary();
        text.push_str(&format!(
            "round-trip min/avg/max = {}/{}/{} ms\n",
            ms(min),
            ms(mean),
            ms(max)
        ));
    }
    printer.say(&text);
    i32::from(prober.received == 0 || (deadline.is_some() && prober.received < count))
}
