//! Every check of the project, in one run with one count at its end.

mod arrows;
mod beside;
mod browser;
mod budget;
mod cargo;
mod dependencies;
mod licence;
mod replay;
mod tidy;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::project::Project;
use crate::report::{Failure, Result, Tally, say};
use beside::Beside;

/// One step of the test run.
struct Step {
    /// What it is called on the command line.
    name: &'static str,
    /// What it checks.
    about: &'static str,
    /// When it runs.
    turn: Turn,
    run: fn(&Project) -> Result<Tally>,
}

/// When a step runs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// After the one before it.
    Next,
    /// Beside those that follow: it builds for wasm, in a folder of its own, and mostly keeps one processor busy.
    Beside,
    /// When all others are over: it needs the built page, and to wait for animations undisturbed.
    Alone,
}

/// The steps in the order in which they begin: quick ones first, and what needs the built page after it is built.
const STEPS: [Step; 11] = [
    Step {
        name: "format",
        about: "the code is formatted",
        turn: Turn::Next,
        run: cargo::format,
    },
    Step {
        name: "tidy",
        about: "the house is in order",
        turn: Turn::Next,
        run: tidy::run,
    },
    Step {
        name: "dependencies",
        about: "dependencies keep to deny.toml",
        turn: Turn::Next,
        run: dependencies::run,
    },
    Step {
        name: "budget",
        about: "the page builds and stays small",
        turn: Turn::Beside,
        run: budget::run,
    },
    Step {
        name: "wasm",
        about: "the same bytes in wasm as natively",
        turn: Turn::Beside,
        run: replay::run,
    },
    Step {
        name: "lint-page",
        about: "clippy finds nothing in the page",
        turn: Turn::Beside,
        run: cargo::lint_page,
    },
    Step {
        name: "lint",
        about: "clippy finds nothing",
        turn: Turn::Next,
        run: cargo::lint,
    },
    Step {
        name: "unit",
        about: "unit and property tests",
        turn: Turn::Next,
        run: cargo::test,
    },
    Step {
        name: "transcripts",
        about: "recordings of the real engine",
        turn: Turn::Next,
        run: cargo::transcripts,
    },
    Step {
        name: "fuzz",
        about: "no input upsets a parser",
        turn: Turn::Next,
        run: cargo::fuzz,
    },
    Step {
        name: "browser",
        about: "the page works in a browser",
        turn: Turn::Alone,
        run: browser::run,
    },
];

/// Runs all steps, or the chosen ones, goes on after a failure, and prints the count on a line of its own at the end.
pub(crate) fn run(project: &Project, chosen: &[&str]) -> Result<ExitCode> {
    if let Some(unknown) = chosen
        .iter()
        .find(|name| STEPS.iter().all(|step| step.name != **name))
    {
        let names: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
        return Err(Failure::new(format!(
            "there is no step `{unknown}`; the steps are {}",
            names.join(", ")
        )));
    }
    let chosen = || {
        let wanted = |step: &&Step| chosen.is_empty() || chosen.contains(&step.name);
        STEPS.iter().filter(wanted)
    };
    let start = Instant::now();
    let mut run = Run::default();
    let mut beside = None;
    let apart = chosen().any(|step| step.turn != Turn::Beside);
    for step in chosen() {
        match step.turn {
            Turn::Beside if apart => {
                if beside.is_none() {
                    let all = chosen().filter(|step| step.turn == Turn::Beside);
                    beside = Some(Beside::start(all.map(|step| step.name).collect())?);
                }
                continue;
            }
            Turn::Alone => run.join(beside.take()),
            Turn::Next | Turn::Beside => {}
        }
        say(format_args!("{}: {}", step.name, step.about));
        let start = Instant::now();
        let outcome = (step.run)(project);
        run.note(step.name, start.elapsed(), outcome);
    }
    run.join(beside);
    Ok(run.end(start.elapsed()))
}

/// What has run so far.
#[derive(Default)]
struct Run {
    total: Tally,
    failed: Vec<String>,
    times: Vec<(String, Duration)>,
}

impl Run {
    fn note(&mut self, name: &str, time: Duration, outcome: Result<Tally>) {
        let tally = outcome.unwrap_or_else(|failure| {
            say(format_args!("{name}: {failure}"));
            Tally::FAIL
        });
        say(format_args!(
            "{name}: {tally}, in {:.1} s",
            time.as_secs_f64()
        ));
        if tally.failed > 0 {
            self.failed.push(name.to_owned());
        }
        self.total.add(tally);
        self.times.push((name.to_owned(), time));
    }

    /// Waits for what runs beside, and shows what it said.
    fn join(&mut self, beside: Option<Beside>) {
        if let Some(beside) = beside {
            let (name, time, outcome) = beside.end();
            self.note(&name, time, outcome);
        }
    }

    /// Prints the times and, on a line of its own at the end, the count.
    fn end(self, time: Duration) -> ExitCode {
        for (name, time) in &self.times {
            say(format_args!("{:7.1} s  {name}", time.as_secs_f64()));
        }
        say(format_args!("{:7.1} s  in all", time.as_secs_f64()));
        if !self.failed.is_empty() {
            say(format_args!("failed: {}", self.failed.join(", ")));
        }
        println!("{}", self.total);
        match self.failed.as_slice() {
            [] => ExitCode::SUCCESS,
            _ => ExitCode::FAILURE,
        }
    }
}

/// Prints each fault as one failed check, or counts one that passed if there is none.
fn judge(check: &str, faults: &[String]) -> Tally {
    for fault in faults {
        println!("FAIL {check}: {fault}");
    }
    if faults.is_empty() {
        Tally::PASS
    } else {
        Tally::FAIL
    }
}
