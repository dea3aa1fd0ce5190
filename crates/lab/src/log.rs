//! The ordered list of what people did, from which a whole lab follows.

use serde::{Deserialize, Serialize};

/// Something that a person did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Input {
    /// Typed a line (without its line feed) into a terminal.
    Line {
        /// The terminal.
        terminal: u32,
        /// The line.
        text: String,
    },
    /// Pressed a key that is not part of a line.
    Key {
        /// The terminal.
        terminal: u32,
        /// The key.
        key: Key,
    },
    /// Opened another terminal.
    OpenTerminal {
        /// On this machine.
        machine: String,
    },
    /// Closed a terminal; its shell hangs up.
    CloseTerminal {
        /// The terminal.
        terminal: u32,
    },
}

/// A key with a meaning of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Key {
    /// Ctrl-C.
    Interrupt,
    /// Ctrl-D.
    Eof,
}

/// An input with its time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Virtual nanoseconds since the lab began.
    pub at: u64,
    /// What was done.
    pub input: Input,
}

/// A lab as it is stored and shared: everything else follows from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    /// The format's version, for those who come later.
    pub version: u32,
    /// The scenario's name.
    pub scenario: String,
    /// The seed.
    pub seed: u64,
    /// What was done, in order.
    pub log: Vec<Entry>,
    /// How far the lab had come, virtual nanoseconds.
    pub now: u64,
}

/// The version that is written today.
pub const VERSION: u32 = 1;

impl Input {
    /// Whether undo stops here: a line or a terminal, not a key press on the way.
    #[must_use]
    pub const fn is_step(&self) -> bool {
        matches!(self, Self::Line { .. })
    }
}
