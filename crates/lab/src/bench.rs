//! What a front end measures of itself: the same scenes natively and in the browser.
//!
//! The lab may not read a clock, so whoever measures brings one that tells milliseconds since any fixed moment.

use crate::Lab;
use crate::log::Input;
use bytes::Bytes;
use kernel::net::SendOpts;
use kernel::time::Duration;
use wire::{IcmpMessage, IpPacket, Transport};

/// One measured value: its name (under which `tests/budgets/bench.toml` keeps its goal), the value, its unit.
pub type Measure = (&'static str, f64, &'static str);

/// How long a command may take, virtual nanoseconds.
const LIMIT: u64 = 60_000_000_000;

/// Measures everything.
/// # Errors
/// If a scene does not come to be as it should; the text says why.
pub fn all(clock: &impl Fn() -> f64) -> Result<Vec<Measure>, String> {
    let (few, many) = (full_path(clock, 10)?, full_path(clock, 1000)?);
    Ok(vec![
        ("full docker path", few, "frames/s"),
        ("hop cost, 1000 to 10 containers", few / many, "times"),
        ("docker run at 100 containers", docker_run(clock)?, "ms"),
        ("replay of 200 commands", replay(clock)?, "ms"),
    ])
}

/// Frames that devices send a second while the echo requests of one of so many containers, and their answers, cross
/// its cable, the bridge, Docker's rules, connection tracking with NAT, and the LAN; everything is traced.
fn full_path(clock: &impl Fn() -> f64, containers: u32) -> Result<f64, String> {
    const BURSTS: u16 = 300;
    const BURST: u16 = 100;
    let mut lab = fresh()?;
    for i in 0..containers {
        run(&mut lab, &format!("docker run -d --name c{i} nginx"))?;
    }
    let ns = lab
        .world
        .kernel(|k| {
            engine::survey::survey(k, k.machine_named("hostA")?.id)?
                .containers
                .last()?
                .netns
        })
        .ok_or("the container has no namespace")?;
    let sent = |lab: &Lab| {
        lab.world
            .kernel(|k| k.net.all_links().map(|l| l.stats.tx_packets).sum::<u64>())
    };
    let (before, begun) = (sent(&lab), clock());
    for ident in 0..BURSTS {
        lab.world.kernel(|k| {
            for seq in 0..BURST {
                let request = IcmpMessage::EchoRequest {
                    ident,
                    seq,
                    data: Bytes::from_static(&[0; 56]),
                };
                let (src, dst) = ([0, 0, 0, 0].into(), [192, 168, 1, 50].into());
                k.ip_send(
                    ns,
                    IpPacket::new(src, dst, Transport::Icmp(request)),
                    SendOpts::default(),
                )
                .map_err(|e| format!("the request is not sent: {e}"))?;
            }
            Ok::<_, String>(())
        })?;
        let until = lab.world.now() + Duration::from_millis(1);
        lab.world.run(until, u64::MAX, |_| false);
    }
    let seconds = (clock() - begun) / 1000.0;
    let frames = sent(&lab).saturating_sub(before);
    // Of the request and of its answer: the container's cable, the bridge or the NIC, and the other machine.
    if frames < u64::from(BURSTS) * u64::from(BURST) * 4 {
        return Err(format!("only {frames} frames were sent"));
    }
    Ok(frames as f64 / seconds)
}

/// Milliseconds that `docker run -d` takes on average while 100 containers are there.
fn docker_run(clock: &impl Fn() -> f64) -> Result<f64, String> {
    const THERE: u32 = 100;
    const MORE: u32 = 20;
    let mut lab = fresh()?;
    for i in 0..THERE {
        run(&mut lab, &format!("docker run -d --name c{i} nginx"))?;
    }
    let begun = clock();
    for i in THERE..THERE + MORE {
        run(&mut lab, &format!("docker run -d --name c{i} nginx"))?;
    }
    Ok((clock() - begun) / f64::from(MORE))
}

/// Milliseconds that it takes to restore a lab from a log of 200 commands, of the kind that people type in a lesson.
fn replay(clock: &impl Fn() -> f64) -> Result<f64, String> {
    const ROUNDS: u32 = 20;
    let mut lab = fresh()?;
    for i in 0..ROUNDS {
        for line in [
            format!("docker network create net{i}"),
            format!("docker run -d --name web{i} --network net{i} nginx"),
            format!("docker run -d --name box{i} --network net{i} nicolaka/netshoot sleep 3600"),
            format!("docker exec box{i} curl -s http://web{i}"),
            format!("docker exec box{i} ping -c 1 web{i}"),
            format!("docker network inspect net{i} | grep Name"),
            "docker ps --format '{{.Names}}'".to_owned(),
            "iptables -t nat -S | wc -l".to_owned(),
            format!("docker rm -f web{i} box{i}"),
            format!("docker network rm net{i}"),
        ] {
            run(&mut lab, &line)?;
        }
    }
    let saved = lab.save();
    let begun = clock();
    let restored = Lab::restore(&saved)?;
    let took = clock() - begun;
    if restored.terminals() != lab.terminals() {
        return Err("the restored lab differs".into());
    }
    Ok(took)
}

fn fresh() -> Result<Lab, String> {
    Lab::new("lan", 1)
}

/// Types a line into the first terminal and waits until it has ended well.
fn run(lab: &mut Lab, line: &str) -> Result<(), String> {
    let input = lab.next_input();
    let terminal = *lab.terminals.keys().next().ok_or("there is no terminal")?;
    lab.apply(Input::Line {
        terminal,
        text: line.to_owned(),
    });
    if !lab.run_idle(LIMIT) {
        return Err(format!("`{line}` did not end"));
    }
    let terminal = lab.terminals.get(&terminal);
    let exit = terminal.and_then(|t| t.runs().iter().rev().find(|r| r.input == input)?.exit);
    if exit == Some(0) {
        Ok(())
    } else {
        Err(format!("`{line}` ended with {exit:?}"))
    }
}
