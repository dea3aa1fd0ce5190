//! Every check of the project, in one run with one count at its end.

mod arrows;
mod browser;
mod budget;
mod cargo;
mod dependencies;
mod licence;
mod replay;
mod tidy;

use std::process::ExitCode;
use std::time::Instant;

use crate::project::Project;
use crate::report::{Failure, Result, Tally, say};

/// One step of the test run.
struct Step {
    /// What it is called on the command line.
    name: &'static str,
    /// What it checks.
    about: &'static str,
    run: fn(&Project) -> Result<Tally>,
}

/// The steps in the order in which they run: quick ones first, and those that need the built page after it is built.
const STEPS: [Step; 10] = [
    Step {
        name: "format",
        about: "the code is formatted",
        run: cargo::format,
    },
    Step {
        name: "tidy",
        about: "the house is in order",
        run: tidy::run,
    },
    Step {
        name: "dependencies",
        about: "dependencies keep to deny.toml",
        run: dependencies::run,
    },
    Step {
        name: "lint",
        about: "clippy finds nothing",
        run: cargo::lint,
    },
    Step {
        name: "unit",
        about: "unit and property tests",
        run: cargo::test,
    },
    Step {
        name: "transcripts",
        about: "recordings of the real engine",
        run: cargo::transcripts,
    },
    Step {
        name: "fuzz",
        about: "no input upsets a parser",
        run: cargo::fuzz,
    },
    Step {
        name: "wasm",
        about: "the same bytes in wasm as natively",
        run: replay::run,
    },
    Step {
        name: "budget",
        about: "the page builds and stays small",
        run: budget::run,
    },
    Step {
        name: "browser",
        about: "the page works in a browser",
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
    let mut total = Tally::default();
    let mut failures = Vec::new();
    let start_of_all = Instant::now();
    for step in STEPS
        .iter()
        .filter(|step| chosen.is_empty() || chosen.contains(&step.name))
    {
        say(format_args!("{}: {}", step.name, step.about));
        let start = Instant::now();
        let tally = (step.run)(project).unwrap_or_else(|failure| {
            say(format_args!("{}: {failure}", step.name));
            Tally::FAIL
        });
        say(format_args!(
            "{}: {tally}, in {:.1} s",
            step.name,
            start.elapsed().as_secs_f64()
        ));
        if tally.failed > 0 {
            failures.push(step.name);
        }
        total.add(tally);
    }
    if !failures.is_empty() {
        say(format_args!("failed: {}", failures.join(", ")));
    }
    say(format_args!(
        "{:.0} s in all",
        start_of_all.elapsed().as_secs_f64()
    ));
    println!("{total}");
    Ok(if failures.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
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
