//! `docker` as a program: flags, tables, Go templates, help and error texts.
//!
//! Arguments go in, an engine is asked through its API, exact text comes out.
//! This crate knows no kernel internals and no drivers, and decides nothing about networks.
//!
//! Start reading at [`docker`], the table of all commands, then one verb, such as `network/ls.rs`.
//! The machinery under the verbs is pure: [`args`] reads command lines from tables, [`template`] is Go's
//! `text/template`, [`format`] lays out tables, ages and ports, [`filter`] reads `--filter`.

#![warn(clippy::wildcard_enum_match_arm)]

pub mod args;
pub mod complete;
pub mod docker;
pub mod filter;
pub mod format;
pub mod go;
pub mod program;
pub mod session;
pub mod template;

pub use program::{announce, register};

mod absent;
mod compose;
mod container;
mod each;
mod flags;
mod host;
mod image;
mod inspect;
mod network;
mod output;
mod pairs;
mod settings;
mod since;
mod swarm;
mod system;
mod volume;
