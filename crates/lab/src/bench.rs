//! What a front end measures of itself: the same scenes natively and in the browser.
//!
//! The lab may not read a clock, so whoever measures brings one that tells milliseconds since any fixed moment.
//! On a machine that does other things too, only what runs alternately can be compared, and the quickest of several rounds
//! says most: what is compared here is measured so.

use crate::Lab;
use crate::log::Input;
use bytes::Bytes;
use kernel::ids::NetnsId;
use kernel::net::SendOpts;
use kernel::time::Duration;
use wire::{IcmpMessage, IpPacket, Transport};

/// One measured value: its name (under which `tests/budgets/bench.toml` keeps its goal), the value, its unit.
pub type Measure = (&'static str, f64, &'static str);

/// What a measurement needs of whoever asks for it.
pub struct Observer<'a> {
    /// Milliseconds since any fixed moment.
    pub clock: &'a dyn Fn() -> f64,
    /// Is told what is being done.
    pub tell: &'a dyn Fn(&str),
}

/// Measures one thing, or several that belong together.
pub type Step = fn(&Observer<'_>) -> Result<Vec<Measure>, String>;

/// All steps, each with its name, in the order in which they are to be taken.
pub const STEPS: &[(&str, Step)] = &[
    ("packets through Docker", full_path),
    ("docker run", docker_run),
    ("replay", replay),
];

/// How long a command may take, virtual nanoseconds.
const LIMIT: u64 = 60_000_000_000;

/// How long making a scene may take, milliseconds: a machine on which it takes longer is too slow to measure anything.
const PATIENCE: f64 = 60_000.0;

/// Among how many containers packets travel.
const FEW: u32 = 10;
const MANY: u32 = 1000;

/// How many containers are there when `docker run` is measured.
const THERE: u32 = 100;

/// How often each thing is measured.
const ROUNDS: u32 = 10;

/// Frames that devices send a second among few containers, and how much more one costs among many.
fn full_path(observer: &Observer<'_>) -> Result<Vec<Measure>, String> {
    let mut few = Path::new(observer, FEW)?;
    let mut many = Path::new(observer, MANY)?;
    (observer.tell)("sending");
    let (mut best_few, mut best_many) = (0.0_f64, 0.0_f64);
    for _ in 0..ROUNDS {
        best_few = best_few.max(few.rate(observer)?);
        best_many = best_many.max(many.rate(observer)?);
    }
    Ok(vec![
        ("full docker path", best_few, "frames/s"),
        (
            "hop cost, 1000 to 10 containers",
            best_few / best_many,
            "times",
        ),
        ("set up 1000 containers", many.setup / 1000.0, "s"),
    ])
}

/// A lab in which echo requests of one of many containers, and their answers, cross its cable, the bridge, Docker's rules,
/// connection tracking with NAT, and the LAN; everything is traced.
struct Path {
    lab: Lab,
    from: NetnsId,
    /// The identifier of the next burst.
    ident: u16,
    /// Milliseconds that it took to make.
    setup: f64,
}

impl Path {
    fn new(observer: &Observer<'_>, containers: u32) -> Result<Self, String> {
        let begun = (observer.clock)();
        let lab = with_containers(observer, containers)?;
        let setup = (observer.clock)() - begun;
        let from = lab
            .world
            .kernel(|k| {
                engine::survey::survey(k, k.machine_named("hostA")?.id)?
                    .containers
                    .last()?
                    .netns
            })
            .ok_or("the container has no namespace")?;
        Ok(Self {
            lab,
            from,
            ident: 0,
            setup,
        })
    }

    fn sent(&self) -> u64 {
        self.lab
            .world
            .kernel(|k| k.net.all_links().map(|l| l.stats.tx_packets).sum())
    }

    /// Frames that devices send a second.
    fn rate(&mut self, observer: &Observer<'_>) -> Result<f64, String> {
        const BURSTS: u16 = 60;
        const BURST: u16 = 100;
        let (before, begun) = (self.sent(), (observer.clock)());
        for _ in 0..BURSTS {
            self.ident += 1;
            self.burst(BURST)?;
        }
        let seconds = ((observer.clock)() - begun) / 1000.0;
        let frames = self.sent().saturating_sub(before);
        // Of the request and of its answer: the container's cable, the bridge or the NIC, and the other machine.
        if frames < u64::from(BURSTS) * u64::from(BURST) * 4 {
            return Err(format!("only {frames} frames were sent"));
        }
        Ok(frames as f64 / seconds)
    }

    fn burst(&mut self, requests: u16) -> Result<(), String> {
        let (ident, from) = (self.ident, self.from);
        self.lab.world.kernel(|k| {
            for seq in 0..requests {
                let request = IcmpMessage::EchoRequest {
                    ident,
                    seq,
                    data: Bytes::from_static(&[0; 56]),
                };
                let (src, dst) = ([0, 0, 0, 0].into(), [192, 168, 1, 50].into());
                k.ip_send(
                    from,
                    IpPacket::new(src, dst, Transport::Icmp(request)),
                    SendOpts::default(),
                )
                .map_err(|e| format!("the request is not sent: {e}"))?;
            }
            Ok::<_, String>(())
        })?;
        let until = self.lab.world.now() + Duration::from_millis(1);
        self.lab.world.run(until, u64::MAX, |_| false);
        Ok(())
    }
}

/// Milliseconds that `docker run -d` takes while 100 containers are there.
fn docker_run(observer: &Observer<'_>) -> Result<Vec<Measure>, String> {
    const MORE: u32 = 2;
    let mut lab = with_containers(observer, THERE)?;
    (observer.tell)("one more");
    let mut best = f64::MAX;
    for round in 0..ROUNDS {
        let begun = (observer.clock)();
        for i in 0..MORE {
            run_container(&mut lab, THERE + round * MORE + i)?;
        }
        best = best.min(((observer.clock)() - begun) / f64::from(MORE));
    }
    Ok(vec![("docker run at 100 containers", best, "ms")])
}

/// Milliseconds that it takes to restore a lab from a log of 200 commands, of the kind that people type in a lesson.
fn replay(observer: &Observer<'_>) -> Result<Vec<Measure>, String> {
    const LESSONS: u32 = 20;
    (observer.tell)("typing");
    let mut lab = fresh()?;
    for i in 0..LESSONS {
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
    (observer.tell)("replaying");
    let mut best = f64::MAX;
    for _ in 0..5 {
        let begun = (observer.clock)();
        let restored = Lab::restore(&saved)?;
        best = best.min((observer.clock)() - begun);
        if restored.terminals() != lab.terminals() {
            return Err("the restored lab differs".into());
        }
    }
    Ok(vec![("replay of 200 commands", best, "ms")])
}

fn fresh() -> Result<Lab, String> {
    Lab::new("lan", 1)
}

/// A lab with so many containers, each started by a line of its own.
fn with_containers(observer: &Observer<'_>, containers: u32) -> Result<Lab, String> {
    let begun = (observer.clock)();
    let mut lab = fresh()?;
    for i in 0..containers {
        if i % 100 == 0 {
            (observer.tell)(&format!("{i} of {containers} containers run"));
        }
        run_container(&mut lab, i)?;
        if (observer.clock)() - begun > PATIENCE {
            return Err(format!(
                "only {i} of {containers} containers run after {} s",
                PATIENCE / 1000.0
            ));
        }
    }
    Ok(lab)
}

fn run_container(lab: &mut Lab, number: u32) -> Result<(), String> {
    run(lab, &format!("docker run -d --name c{number} nginx"))
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
