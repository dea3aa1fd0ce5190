//! What can be wrong with a Compose file.

/// A place in a file's text; both numbers count from one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

/// Why a project could not be loaded: Compose's sentence, and where its cause is if that is one place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct LoadError {
    /// What Compose prints.
    pub text: String,
    /// The place in the file, for an editor.
    pub at: Option<Position>,
    /// The keys that lead to the value in question, while its place is still to be looked up.
    pub path: Vec<String>,
}

impl LoadError {
    /// Makes an error that has no one place.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            at: None,
            path: Vec::new(),
        }
    }

    /// Makes an error about a value.
    pub(crate) fn along(text: impl Into<String>, path: Vec<String>) -> Self {
        Self {
            text: text.into(),
            at: None,
            path,
        }
    }

    /// Makes an error about one place.
    pub fn at(text: impl Into<String>, at: Position) -> Self {
        Self {
            text: text.into(),
            at: Some(at),
            path: Vec::new(),
        }
    }
}
