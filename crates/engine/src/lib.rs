//! dockerd, the Docker Engine: containers, images, networks and what it takes to run them on one machine.
//!
//! Start reading at [`api`], the types that the engine's clients speak, which are those of the Docker Engine API, and at
//! [`Client`], the calls. Behind them: `daemon` (start and end), `containers`, `networks`, `endpoints` and `sandbox`
//! (attaching one to the other), `drivers` (networks in the kernel), `publish` with `proxy`, [`dns`], [`firewall`].
//! Pure parts, each testable alone: [`ipam`], [`ports`], [`resolvconf`], [`hosts`], [`gateway`], [`dns::records`].
//!
//! The engine changes kernels through their public calls and never decides whether a packet passes.
//! It has never heard of command lines, tables or terminals: it returns data and exact error sentences.

#![warn(clippy::wildcard_enum_match_arm)]

mod announce;
pub mod api;
mod archive;
mod balancer;
pub mod client;
pub mod error;
pub mod stream;
pub mod survey;

pub use wire::sha256;

pub mod clock;
pub mod config;
pub mod dns;
pub mod firewall;
pub mod gateway;
pub mod go_json;
pub mod hosts;
pub mod images;
pub mod ipam;
pub mod names;
pub mod ports;
pub mod resolvconf;
pub mod units;

mod cluster;
mod containers;
mod daemon;
mod drivers;
mod endpoints;
mod events;
mod filters;
mod flows;
mod http;
mod links;
mod logs;
mod mounts;
mod netip;
mod networks;
mod overlays;
mod proxy;
mod publish;
mod reload;
mod sandbox;
mod state;
mod system;
mod volumes;

pub use archive::{Archive, unpack};
pub use client::{AttachOptions, Client};
pub use daemon::{register, register_early};
pub use error::{Class, Error};
