//! Conditions about what packets carry, and about how much of it.

use super::matching::Volatile;
use std::rc::Rc;

/// The options of `-m string`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pattern {
    /// What is looked for (`--string`, `--hex-string`).
    pub bytes: Rc<[u8]>,
    /// Whether packets without it are meant.
    pub not: bool,
    /// The way of searching (`--algo`), which is only shown: all find the same.
    pub algorithm: &'static str,
    /// Where in the IP packet it may begin (`--from`).
    pub from: u16,
    /// Up to where (`--to`).
    pub to: u16,
    /// Whether small and capital letters are alike (`--icase`).
    pub any_case: bool,
}

/// The options of `-m quota`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Quota {
    /// How many bytes hold (`--quota`).
    pub bytes: u64,
    /// Whether what comes after them is meant.
    pub not: bool,
    /// How many bytes there have been.
    pub used: Volatile<u64>,
}
