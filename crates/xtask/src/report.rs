//! What the person at the terminal reads: sentences, steps with their times, failures, and the final count.

use std::fmt::{self, Display};
use std::time::Instant;

/// A failure, as the one sentence that is printed for it.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

pub(crate) type Result<T> = std::result::Result<T, Failure>;

/// Turns any error into a [`Failure`] that says what was being done.
pub(crate) trait Context<T> {
    /// `doing` completes the sentence "cannot ...".
    fn context<D: Display>(self, doing: impl FnOnce() -> D) -> Result<T>;
}

impl<T, E: Display> Context<T> for std::result::Result<T, E> {
    fn context<D: Display>(self, doing: impl FnOnce() -> D) -> Result<T> {
        self.map_err(|error| Failure(format!("cannot {}: {error}", doing())))
    }
}

/// Says one thing that is about to be done, or was found out.
pub(crate) fn say(sentence: impl Display) {
    eprintln!("xtask: {sentence}");
}

/// How many checks passed and failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

impl Tally {
    pub(crate) const PASS: Self = Self {
        passed: 1,
        failed: 0,
    };
    pub(crate) const FAIL: Self = Self {
        passed: 0,
        failed: 1,
    };

    pub(crate) fn add(&mut self, other: Self) {
        self.passed = self.passed.saturating_add(other.passed);
        self.failed = self.failed.saturating_add(other.failed);
    }
}

impl Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// Runs `work` and says afterwards how long it took.
pub(crate) fn timed<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let start = Instant::now();
    let outcome = work();
    let seconds = start.elapsed().as_secs_f64();
    match &outcome {
        Ok(_) => say(format_args!("{name}: done in {seconds:.1} s")),
        Err(_) => say(format_args!("{name}: failed after {seconds:.1} s")),
    }
    outcome
}
