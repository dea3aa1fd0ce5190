//! The lab as files.

use serde::{Deserialize, Serialize};

/// What to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Export {
    /// A machine's networks and containers as a Compose file.
    ComposeFile,
    /// The same as a script of docker commands.
    Script,
    /// Every frame of the lab as a capture.
    Packets,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Exported {
    /// What to call it.
    pub name: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}
