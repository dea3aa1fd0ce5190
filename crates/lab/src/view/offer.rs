//! What dropping a container on a network would do.

use serde::{Deserialize, Serialize};

/// Whether a container may be dropped on a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DropState {
    /// It is a member already.
    Member,
    /// It would be connected.
    #[default]
    Connects,
    /// Docker would refuse.
    Refused,
}

/// What dropping a container on a network would do.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DropOffer {
    /// The network's place id.
    pub network: String,
    /// Whether it may be dropped there.
    pub state: DropState,
    /// Docker's own message where it would refuse; empty otherwise.
    pub refusal: String,
    /// The interface it would get, such as `eth1`; empty unless it would be connected and runs.
    pub interface: String,
    /// The address it would get if nobody else joins first; empty unless it would be connected and runs.
    pub address: String,
    /// The command lines that connect it (one), empty unless it would be connected.
    pub connect: Vec<String>,
    /// The command lines that move it here from the other networks, empty unless it would be connected.
    pub move_here: Vec<String>,
    /// The command line that disconnects it, for a member.
    pub disconnect: String,
    /// The machine to type them on.
    pub machine: String,
}
