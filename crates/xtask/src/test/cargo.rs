//! The checks that cargo runs: formatting, lints, tests, and the recorded transcripts by way of the native command.

use std::env;
use std::process::Command;

use crate::process;
use crate::project::Project;
use crate::report::{Failure, Result, Tally};
use crate::setup::{components, wasm};

/// rustfmt would change nothing.
pub(super) fn format(project: &Project) -> Result<Tally> {
    components(project)?;
    process::run(&mut process::cargo(project, &["fmt", "--all", "--check"]))?;
    Ok(Tally::PASS)
}

/// Clippy has no warning.
pub(super) fn lint(project: &Project) -> Result<Tally> {
    components(project)?;
    clippy(process::cargo(
        project,
        &["clippy", "--quiet", "--workspace", "--all-targets"],
    ))
}

/// Clippy has no warning for the page's target either, where it can read that one's standard library.
pub(super) fn lint_page(project: &Project) -> Result<Tally> {
    components(project)?;
    let toolchain = wasm::toolchain(project)?;
    if !toolchain.suits_clippy() {
        return Ok(Tally::default());
    }
    let mut page = process::cargo(project, &["clippy", "--quiet", "-p", "web"]);
    toolchain.configure(project, &mut page);
    clippy(page)
}

fn clippy(mut command: Command) -> Result<Tally> {
    process::run(command.args(["--", "-D", "warnings"]))?;
    Ok(Tally::PASS)
}

/// Where proptest takes the seed of its generator from.
const PROPERTY_SEED: &str = "PROPTEST_RNG_SEED";

/// All tests of the workspace, run natively; prints only what is not a passing test.
///
/// Properties see the same cases every time, so that a change fails for what it did and not by chance; a plain
/// `cargo test` looks for new ones.
pub(super) fn test(project: &Project) -> Result<Tally> {
    let mut tally = Tally::default();
    let mut command = process::cargo(project, &["test", "--workspace", "--no-fail-fast"]);
    if env::var_os(PROPERTY_SEED).is_none() {
        command.env(PROPERTY_SEED, "28");
    }
    let succeeded = process::lines(&mut command, |line| {
        if let Some(result) = tally_of_libtest(line) {
            tally.add(result);
        } else if !is_routine(line) {
            println!("{line}");
        }
    })?;
    Ok(settle(tally, succeeded))
}

/// The recordings in `tests/transcripts`, played by `drydock play --check`.
pub(super) fn transcripts(project: &Project) -> Result<Tally> {
    // Chosen from the whole workspace, so that the crates below are the very ones that the tests have built.
    process::run(&mut process::cargo(
        project,
        &["build", "--quiet", "--workspace", "--bin", "drydock"],
    ))?;
    let mut command = Command::new(project.target().join("debug/drydock"));
    command
        .args(["play", "--check", "tests/transcripts"])
        .current_dir(project.root());
    counted(&mut command)
}

/// How long each target of `tests/fuzz` is played, in seconds, all of them at once.
const FUZZED: &str = "60";

/// Each target of `tests/fuzz` with its fixed number of rounds, the same ones every time, and with those after them while there
/// is time.
pub(super) fn fuzz(project: &Project) -> Result<Tally> {
    // As above: what the tests have built serves here, too.
    process::run(&mut process::cargo(
        project,
        &["build", "--quiet", "--workspace", "--bin", "fuzz"],
    ))?;
    counted(Command::new(project.target().join("debug/fuzz")).args(["--full", FUZZED]))
}

/// Runs a program that ends with a line `N passed, N failed`, and shows what it prints before that.
pub(super) fn counted(command: &mut Command) -> Result<Tally> {
    let mut last = String::new();
    let succeeded = process::lines(command, |line| {
        if !last.is_empty() {
            println!("{last}");
        }
        last = line.to_owned();
    })?;
    match tally_of_closing_line(&last) {
        Some(tally) => Ok(settle(tally, succeeded)),
        None => {
            println!("{last}");
            Err(Failure::new(format!(
                "`{}` ended without a count",
                process::line(command)
            )))
        }
    }
}

/// A program that failed with no failed test in its count still failed.
fn settle(mut tally: Tally, succeeded: bool) -> Tally {
    if !succeeded && tally.failed == 0 {
        tally.add(Tally::FAIL);
    }
    tally
}

/// Reads `N passed, N failed`.
pub(super) fn tally_of_closing_line(line: &str) -> Option<Tally> {
    let (passed, failed) = line.trim().split_once(" passed, ")?;
    Some(Tally {
        passed: passed.parse().ok()?,
        failed: failed.strip_suffix(" failed")?.parse().ok()?,
    })
}

/// Reads `test result: ok. 3 passed; 1 failed; 0 ignored; ...`.
fn tally_of_libtest(line: &str) -> Option<Tally> {
    let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let count = |word: &str| {
        let part = counts.split("; ").find(|part| part.ends_with(word))?;
        part.split(' ').next()?.parse().ok()
    };
    Some(Tally {
        passed: count(" passed")?,
        failed: count(" failed")?,
    })
}

/// True for the lines of a test run that say only that all is well.
fn is_routine(line: &str) -> bool {
    let passed = line.starts_with("test ")
        && (line.ends_with(" ok") || line.ends_with(" - should panic ... ok"));
    let heading = line.starts_with("running ") && line.ends_with([' ', 's', 't']);
    passed || heading || line.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_from_libtest() {
        let line = "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s";
        assert_eq!(
            tally_of_libtest(line),
            Some(Tally {
                passed: 12,
                failed: 3
            })
        );
        assert_eq!(tally_of_libtest("test a ... ok"), None);
    }

    #[test]
    fn counts_are_read_from_closing_lines_only() {
        assert_eq!(
            tally_of_closing_line("4 passed, 0 failed"),
            Some(Tally {
                passed: 4,
                failed: 0
            })
        );
        for other in [
            "",
            "4 passed",
            "4 passed, 0 failed here",
            "x passed, 0 failed",
        ] {
            assert_eq!(tally_of_closing_line(other), None, "{other}");
        }
    }

    #[test]
    fn a_run_that_breaks_before_its_tests_counts_as_a_failure() {
        assert_eq!(
            settle(
                Tally {
                    passed: 5,
                    failed: 0
                },
                false
            ),
            Tally {
                passed: 5,
                failed: 1
            }
        );
        assert_eq!(
            settle(
                Tally {
                    passed: 5,
                    failed: 2
                },
                false
            ),
            Tally {
                passed: 5,
                failed: 2
            }
        );
    }

    #[test]
    fn only_passing_tests_are_left_out_of_the_output() {
        for quiet in ["test a::b ... ok", "running 3 tests", "running 1 test", ""] {
            assert!(is_routine(quiet), "{quiet}");
        }
        for shown in [
            "test a::b ... FAILED",
            "---- a::b stdout ----",
            "running late",
        ] {
            assert!(!is_routine(shown), "{shown}");
        }
    }
}
