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
}

impl LoadError {
    /// Makes an error that has no one place.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            at: None,
        }
    }

    /// Makes an error about one place.
    pub fn at(text: impl Into<String>, at: Position) -> Self {
        Self {
            text: text.into(),
            at: Some(at),
        }
    }
}
