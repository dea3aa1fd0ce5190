//! Commands of a swarm.

pub(crate) mod config;
pub(crate) mod node;
pub(crate) mod secret;
pub(crate) mod service;
pub(crate) mod stack;
#[expect(
    clippy::module_inception,
    reason = "the file is named after the command"
)]
pub(crate) mod swarm;
