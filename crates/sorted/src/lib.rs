//! Ordered collections and sorting, in little code.
//!
//! The standard library's ordered map and its sorts are made anew, at several kilobytes each, for every type they are
//! used with, which a page that has to be downloaded pays for.
//! These do the work that depends on a type in a few lines, and everything else once.
//! They know nothing of the rest of the project.

mod map;
mod order;
#[cfg(feature = "serde")]
mod serial;
mod set;

pub use map::{Entry, SortedMap};
pub use order::{sort, sort_by, sort_by_key};
pub use set::SortedSet;

use std::cmp::Ordering;

/// Where something stands among `len` sorted ones, or else where it would: `compare` says how the one at a position
/// compares with it.
fn search(len: usize, compare: &mut dyn FnMut(usize) -> Ordering) -> Result<usize, usize> {
    let (mut low, mut high) = (0, len);
    // Keys often come in order: the end is tried first.
    if let Some(last) = len.checked_sub(1) {
        match compare(last) {
            Ordering::Less => return Err(len),
            Ordering::Equal => return Ok(last),
            Ordering::Greater => high = last,
        }
    }
    while low < high {
        let middle = low.midpoint(high);
        match compare(middle) {
            Ordering::Less => low = middle + 1,
            Ordering::Equal => return Ok(middle),
            Ordering::Greater => high = middle,
        }
    }
    Err(low)
}
