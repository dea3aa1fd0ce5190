//! Files: one tree a machine, one a container, with image layers shared below.
//!
//! [`Tree`] is the stored part; [`Mount`] shows a part of one tree in another; [`path`] turns what a program says into a place in it; [`tar`] makes archives; [`procfs`] answers for `/proc` and
//! `/sys`, which are views of the kernel rather than stored; [`nsfs`] knows the namespaces there.

pub(crate) mod access;
mod contents;
mod mounts;
pub mod nsfs;
pub mod path;
pub mod procfs;
pub mod tar;
mod tree;

pub use mounts::{Mount, Place};
pub use tree::{DirEntry, Metadata, Node, Tree};
