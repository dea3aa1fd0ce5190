//! A file that is being edited.

use serde::{Deserialize, Serialize};

/// What there is to say about a file that is being typed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Checked {
    /// What is wrong in it, from top to bottom.
    pub marks: Vec<Mark>,
    /// What is accepted in it and has no effect, from top to bottom; empty while something is wrong.
    pub remarks: Vec<Mark>,
    /// The Compose project that it describes; empty if it describes none.
    pub project: String,
    /// What `up` would do, in the order in which it is told.
    pub plan: Vec<Planned>,
    /// The line that does it, to be typed on the machine; empty for a file that describes no project.
    pub up: String,
    /// The line that takes it down again.
    pub down: String,
    /// The line that runs the file, if it is a script.
    pub run: String,
}

/// Something to say about a place in a file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Mark {
    /// The line, from 0.
    pub line: usize,
    /// The first character, from 0.
    pub from: usize,
    /// The character after the last one.
    pub to: usize,
    /// What is wrong or without effect.
    pub text: String,
    /// What would mend it, if that is obvious.
    pub fix: Option<Mend>,
}

/// An edit: characters of one line give way to a text.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Mend {
    /// What it would be, such as `Replace with backend`.
    pub label: String,
    /// The line, from 0; one past the last appends.
    pub line: usize,
    /// The first character that goes, from 0.
    pub from: usize,
    /// The character after the last one that goes.
    pub to: usize,
    /// What comes in their place.
    pub text: String,
}

/// What `up` does with networks and containers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Deed {
    /// Made.
    Create,
    /// Replaced by new ones.
    Recreate,
    /// Started.
    Start,
    /// Left as they are.
    Keep,
    /// Removed.
    Remove,
    /// Left, though the file knows nothing of them.
    Orphan,
    /// Missing, or another's: nothing is done.
    Refuse,
}

/// One thing that `up` would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// What.
    pub deed: Deed,
    /// With which networks and containers.
    pub names: Vec<String>,
}
