//! Files: one tree a machine, one a container, with image layers shared below.
//!
//! [`Tree`] is the stored part; [`path`] turns what a program says into a place in it; [`procfs`] answers for `/proc` and
//! `/sys`, which are views of the kernel rather than stored.

pub mod path;
pub mod procfs;
mod tree;

pub use tree::{DirEntry, Metadata, Node, Tree};
