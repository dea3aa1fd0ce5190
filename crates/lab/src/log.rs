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
    /// Wrote a file in an editor.
    File {
        /// On this machine.
        machine: String,
        /// Its path.
        path: String,
        /// What it holds then.
        text: String,
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

/// The longest time that a saved lab may cover, virtual nanoseconds: ten years.
pub const MOST_TIME: u64 = 10 * 365 * 86_400 * 1_000_000_000;

/// The longest text that is looked at, bytes.
const MOST_TEXT: usize = 32 << 20;

impl Saved {
    /// Reads a saved lab and checks that it could have been saved.
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() > MOST_TEXT {
            return Err(format!(
                "this is not a saved lab: it is larger than {} MiB",
                MOST_TEXT >> 20
            ));
        }
        // The version comes first: what else there is may be told in another way.
        let version: Version =
            serde_json::from_str(text).map_err(|e| format!("this is not a saved lab: {e}"))?;
        if version.version != VERSION {
            return Err(format!(
                "the lab was saved in format {}, and only format {VERSION} is understood",
                version.version
            ));
        }
        let saved: Self =
            serde_json::from_str(text).map_err(|e| format!("this is not a saved lab: {e}"))?;
        let times = saved.log.iter().map(|e| e.at).chain([saved.now]);
        if !times.is_sorted() {
            return Err("this is not a saved lab: its times run backwards".into());
        }
        if saved.now > MOST_TIME {
            return Err("this is not a saved lab: it covers more than ten years".into());
        }
        Ok(saved)
    }
}

/// What is read first.
#[derive(Deserialize)]
struct Version {
    version: u32,
}

impl Input {
    /// Whether undo stops here: a line or a file, not a key press on the way.
    #[must_use]
    pub const fn is_step(&self) -> bool {
        matches!(self, Self::Line { .. } | Self::File { .. })
    }
}
