//! Plays rounds in processes of their own, watches over them, and tells which of them failed.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::Target;
use crate::corpus::Corpus;
use crate::shown;

/// What makes the command play rounds for the driver, from a seed on.
pub(crate) const WORKER: &str = "--worker";

/// How long one input may take, for each target that runs on the same processor. Steps are bounded, too; this is for what loops
/// within one, on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// How much memory a worker may hold, KiB.
const MEMORY: u64 = 1 << 20;

/// How often a worker's memory is looked at.
const LOOK: Duration = Duration::from_millis(100);

/// After so many failed rounds of one target there is enough to mend.
const ENOUGH: usize = 3;

/// What a panic's message may take of the report, bytes.
const SAID: usize = 2000;

/// Recursive parsers get what the main thread of a program has on most systems.
const STACK: usize = 8 << 20;

/// Which rounds are played.
#[derive(Clone, Copy)]
pub(crate) enum Extent {
    /// Each target's fixed number, from 0 on.
    Fixed,
    /// The same ones and those that follow, for so many seconds for each target, all targets at once.
    Full(u64),
    /// New ones, for so many seconds for each target.
    Seconds(u64),
    /// The one of this seed, in this process, its inputs printed before each is fed.
    Round(u64),
    /// From this seed on, in this process, telling the driver before each input.
    Worker(u64),
}

/// Plays what is asked for and prints a line for each target and a count; false if a round failed.
pub(crate) fn drive(targets: &[&'static Target], extent: Extent) -> Result<bool, String> {
    match extent {
        Extent::Round(seed) => targets
            .iter()
            .try_for_each(|t| play(t, seed))
            .map(|()| true),
        Extent::Worker(seed) => targets
            .iter()
            .try_for_each(|t| work(t, seed))
            .map(|()| true),
        Extent::Fixed | Extent::Full(_) | Extent::Seconds(_) => supervise_all(targets, extent),
    }
}

fn supervise_all(targets: &[&'static Target], extent: Extent) -> Result<bool, String> {
    let corpus = Corpus::read()?;
    let waiting = Mutex::new(targets.iter());
    let (mut passed, mut failed) = (0, 0);
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let lanes = match extent {
        Extent::Full(_) => targets.len(),
        _ => processors,
    };
    let shared = u32::try_from(lanes.div_ceil(processors)).unwrap_or(u32::MAX);
    let patience = PATIENCE.saturating_mul(shared);
    thread::scope(|scope| {
        let (sender, reports) = mpsc::channel();
        for _ in 0..lanes {
            let (sender, waiting, corpus) = (sender.clone(), &waiting, &corpus);
            scope.spawn(move || {
                // The lock is held only while the next target is taken.
                while let Some(target) = waiting.lock().ok().and_then(|mut w| w.next()) {
                    let _ = sender.send(supervise(target, corpus, extent, patience));
                }
            });
        }
        drop(sender);
        for Report { line, faults } in reports {
            faults.iter().for_each(|fault| println!("{fault}"));
            println!("{line}");
            if faults.is_empty() {
                passed += 1;
            } else {
                failed += 1;
            }
        }
    });
    println!("{passed} passed, {failed} failed");
    Ok(failed == 0)
}

/// What came of a target.
struct Report {
    line: String,
    faults: Vec<String>,
}

/// Plays a target's rounds, beginning again with a new process after each that failed.
fn supervise(
    target: &'static Target,
    corpus: &Corpus,
    extent: Extent,
    patience: Duration,
) -> Report {
    let begun = Instant::now();
    let over = |seconds| begun + Duration::from_secs(seconds);
    // Rounds before `least` are played however long they take.
    let (first, least, end, until) = match extent {
        Extent::Seconds(n) => (now_as_seed(), 0, u64::MAX, Some(over(n))),
        Extent::Full(n) => (0, target.rounds, u64::MAX, Some(over(n))),
        _ => (0, 0, target.rounds, None),
    };
    let goes_on = |next| next < end && (next < least || until.is_none_or(|u| Instant::now() < u));
    let mut next = first;
    let mut faults = Vec::new();
    while faults.len() < ENOUGH && goes_on(next) {
        match watch(target, next, patience, &goes_on) {
            Ok(reached) => next = reached,
            Err(Fault { seed, input, what }) => {
                let inputs = target
                    .maker(corpus)
                    .map(|m| m.round(seed))
                    .unwrap_or_default();
                let input = input.and_then(|i| inputs.get(i)).map(|i| shown(i));
                faults.push(format!(
                    "FAIL {name}: {what}\n  input: {input}\n  again: cargo xtask fuzz {name} --seed {seed}",
                    name = target.name,
                    input = input.as_deref().unwrap_or("none yet"),
                ));
                next = seed + 1;
            }
        }
    }
    let line = format!(
        "{}: {} rounds of {} inputs from seed {first}, {} failed, {:.1} s",
        target.name,
        next - first,
        target.inputs,
        faults.len(),
        begun.elapsed().as_secs_f64(),
    );
    Report { line, faults }
}

/// A first seed that no earlier run had.
fn now_as_seed() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |t| t.as_secs()) << 16
}

/// A round that failed: its seed, the number of the input at which it did, and how.
struct Fault {
    seed: u64,
    input: Option<usize>,
    what: String,
}

/// Lets a worker play rounds from `first` on while it `goes_on`; returns the round after the last.
fn watch(
    target: &Target,
    first: u64,
    patience: Duration,
    goes_on: &dyn Fn(u64) -> bool,
) -> Result<u64, Fault> {
    let mut at = Fault {
        seed: first,
        input: None,
        what: String::new(),
    };
    let started = std::env::current_exe().and_then(|me| {
        let mut command = Command::new(me);
        command.args([target.name, WORKER, &first.to_string()]);
        command.stdin(Stdio::null());
        command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
    });
    let mut child = match started {
        Ok(child) => child,
        Err(error) => {
            at.what = format!("the worker does not start: {error}");
            return Err(at);
        }
    };
    let (sender, lines) = mpsc::channel();
    let stdout = child.stdout.take();
    let reading = thread::spawn(move || {
        let lines = stdout
            .into_iter()
            .flat_map(|out| BufReader::new(out).lines());
        lines
            .map_while(Result::ok)
            .all(|line| sender.send(line).is_ok());
    });
    let stderr = child.stderr.take();
    let saying = thread::spawn(move || {
        let lines = stderr
            .into_iter()
            .flat_map(|err| BufReader::new(err).lines());
        // All is read, so that the worker is never held up; the first of it is kept.
        lines
            .map_while(Result::ok)
            .fold(String::new(), |said, line| {
                if said.len() < SAID {
                    said + &line + "\n"
                } else {
                    said
                }
            })
    });
    let mut heard = Instant::now();
    let trouble = loop {
        match lines.recv_timeout(LOOK) {
            Ok(line) => {
                heard = Instant::now();
                let (word, number) = line.split_once(' ').unwrap_or_default();
                match (word, number.parse::<u64>()) {
                    ("round", Ok(seed)) => {
                        (at.seed, at.input) = (seed, None);
                        if !goes_on(seed) {
                            end_worker(&mut child);
                            return Ok(seed);
                        }
                    }
                    ("input", Ok(number)) => at.input = usize::try_from(number).ok(),
                    _ => {}
                }
            }
            Err(RecvTimeoutError::Disconnected) => break None,
            Err(RecvTimeoutError::Timeout) if heard.elapsed() > patience => {
                break Some(format!("no end after {} s", patience.as_secs()));
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
        if memory(&child) > MEMORY {
            break Some(format!("holds more than {} MiB", MEMORY >> 10));
        }
    };
    let status = match &trouble {
        Some(_) => end_worker(&mut child),
        None => child.wait().ok(),
    };
    let _ = reading.join();
    let said = saying.join().unwrap_or_default();
    at.what = trouble.unwrap_or_else(|| {
        let status = status.map_or_else(|| "no status".to_owned(), |s| s.to_string());
        format!("the worker ended ({status}): {}", said.trim())
    });
    Err(at)
}

fn end_worker(child: &mut Child) -> Option<ExitStatus> {
    let _ = child.kill();
    child.wait().ok()
}

/// How much memory a process holds, KiB; 0 where the system does not tell.
fn memory(child: &Child) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id()));
    let status = status.unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:"));
    line.and_then(|l| l.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}

/// Plays rounds from a seed on, for ever, and tells before each of them and of its inputs.
fn work(target: &'static Target, first: u64) -> Result<(), String> {
    let tell = |word: &str, number: u64| {
        let mut out = std::io::stdout();
        writeln!(out, "{word} {number}")
            .and_then(|()| out.flush())
            .map_err(|e| e.to_string())
    };
    on_a_stack(move || {
        let maker = target.maker(&Corpus::read()?)?;
        for seed in first.. {
            tell("round", seed)?;
            target.feed(&maker, seed, &|number, _| tell("input", number))?;
        }
        Ok(())
    })
}

/// Plays one round, telling what it is fed.
fn play(target: &'static Target, seed: u64) -> Result<(), String> {
    on_a_stack(move || {
        let maker = target.maker(&Corpus::read()?)?;
        target.feed(&maker, seed, &|number, input| {
            println!("{number}: {}", shown(input));
            Ok(())
        })
    })
}

fn on_a_stack(work: impl FnOnce() -> Result<(), String> + Send + 'static) -> Result<(), String> {
    let thread = thread::Builder::new().stack_size(STACK).spawn(work);
    let thread = thread.map_err(|e| e.to_string())?;
    thread.join().unwrap_or_else(|_| Err("it panicked".into()))
}
