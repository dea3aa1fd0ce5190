//! Compose files: from text to a project, as docker compose 2.40.3 reads them.
//!
//! Start reading at [`load()`], which takes what a command line and a machine offer ([`LoadOptions`], [`Files`]) and
//! returns a [`model::Project`] with everything resolved, or Compose's own sentence.
//! The way between: [`yaml`] reads text into a [`value::Value`] tree, later steps change that tree, and [`model`] reads
//! the finished tree into types.
//!
//! This crate is pure: no machine, no engine, no terminal, no clock.

pub mod load;
pub mod model;
pub mod value;
pub mod yaml;

mod duration;
mod error;

pub use error::{LoadError, Position};
pub use load::{Files, LoadOptions, Loaded, load};
