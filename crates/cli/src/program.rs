//! What a command does when it is run.

/// What a command does.
#[derive(Clone, Copy)]
pub enum Action {
    /// Prints its help: a group, or a command that only exists to be explained.
    Help,
    /// Says that it is known and not modelled.
    NotModelled,
}
