//! Compose files: from text to a project, as docker compose 2.40.3 reads them.
//!
//! Start reading at [`load()`], which takes what a command line and a machine offer ([`LoadOptions`], [`Files`]) and
//! returns a [`model::Project`] with everything resolved, or Compose's own sentence.
//! Between the text and the model everything is one tree, [`value::Value`]: [`yaml`] makes it, [`interpolate`] fills
//! variables in, `merge` lays files over each other, `schema` holds it against the table of all keys, `canonical` spells
//! out short forms, [`mod@load`] finishes it, `shape` brings it into the model's form.
//! [`config`] prints a project, [`assist`] is for editors, [`export`] writes
//! down what an engine holds.
//!
//! This crate is pure: no machine, no engine, no terminal, no clock.

pub mod assist;
pub mod config;
pub mod export;
pub mod go;
pub mod interpolate;
pub mod load;
pub mod model;
pub mod plan;
pub mod ports;
pub mod stack;
pub mod value;
pub mod words;
pub mod yaml;

mod canonical;
mod dotenv;
mod duration;
mod error;
mod merge;
mod mount;
mod path;
mod schema;
mod shape;

pub use engine::units;
pub use error::{LoadError, Position};
pub use load::{
    Files, LoadOptions, Loaded, Skip, env_file, load, load_tree, project_name, settings,
};
pub use mount::sections as mount_sections;
