//! Help for whoever edits a Compose file: what is wrong in it and how to mend it, what has no effect in it,
//! and what could be typed next.
//!
//! All of it reads the one table of keys that the schema is. The text may be half typed, so what comes next is found by
//! indentation, not by parsing.

mod complete;
mod diagnose;
mod idle;
mod mend;
mod outline;

pub use complete::{Known, Suggestion, Suggestions, complete};
pub use diagnose::{Diagnosis, diagnose, diagnose_project};
pub use idle::remarks;
pub use mend::Fix;
