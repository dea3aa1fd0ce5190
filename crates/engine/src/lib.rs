//! dockerd, the Docker Engine: containers, images, networks and what it takes to run them on one machine.
//!
//! Start reading at [`api`], the types that the engine's clients speak, which are those of the Docker Engine API.
//! The engine changes kernels through their public calls and never decides whether a packet passes.
//! It has never heard of command lines, tables or terminals: it returns data and exact error sentences.

#![warn(clippy::wildcard_enum_match_arm)]

pub mod api;
pub mod error;

pub use error::{Class, Error};
pub mod images;
pub mod ipam;
pub mod hosts;
pub mod names;
pub mod ports;
pub mod resolvconf;
pub mod firewall;
mod sha256;
