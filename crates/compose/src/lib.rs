//! Compose files: from text to a project, as docker compose 2.40.3 reads them.
//!
//! Start reading at [`load()`], which takes what a command line and a machine offer ([`LoadOptions`], [`Files`]) and
//! returns a [`model::Project`] with everything resolved, or Compose's own sentence.
//! The way between: [`yaml`] reads text into a [`value::Value`] tree, later steps change that tree, and [`model`] reads
//! the finished tree into types.
//!
//! This crate is pure: no machine, no engine, no terminal, no clock.

pub mod config;
pub mod interpolate;
pub mod load;
pub mod model;
pub mod ports;
pub mod value;
pub mod yaml;

mod canonical;
mod dotenv;
mod duration;
mod error;
mod go;
mod merge;
mod mount;
mod path;
mod schema;
mod shape;
mod units;
mod words;

pub use error::{LoadError, Position};
pub use load::{Files, LoadOptions, Loaded, Skip, load, load_tree, project_name};
