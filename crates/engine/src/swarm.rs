//! What an engine that is in no swarm answers to whoever asks for something of one.

use std::convert::Infallible;

use crate::daemon::Engine;
use crate::error::{Error, Result};

/// Source: moby `daemon/cluster/errors.go`.
pub(crate) fn no_manager() -> Error {
    Error::unavailable(
        "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this node \
         to swarm and try again.",
    )
}

impl Engine {
    /// What every request about nodes, services, secrets and configs comes to.
    pub(crate) fn swarm_manager(&self) -> Result<Infallible> {
        Err(no_manager())
    }

    /// `POST /swarm/leave`.
    pub(crate) fn swarm_leave(&self) -> Result<Infallible> {
        Err(Error::unavailable("This node is not part of a swarm"))
    }
}
