//! What can go wrong, in the engine's own sentences.

use thiserror::Error;

/// The kind of a failure; decides the status of the answer and the exit code of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// The request is malformed or contradicts itself.
    Invalid,
    /// The object does not exist.
    NotFound,
    /// The request contradicts the state of an object.
    Conflict,
    /// Not allowed, whatever the state.
    Forbidden,
    /// Something that is needed is not there now.
    Unavailable,
    /// The engine could not do it.
    Internal,
    /// Nothing had to be done.
    NotModified,
    /// Real Docker can do it; the simulation does not.
    NotModelled,
}

impl Class {
    /// Returns the HTTP status with which the engine answers.
    pub fn status(self) -> u16 {
        match self {
            Self::Invalid => 400,
            Self::NotFound => 404,
            Self::Conflict => 409,
            Self::Forbidden => 403,
            Self::Unavailable => 503,
            Self::Internal => 500,
            Self::NotModified => 304,
            Self::NotModelled => 501,
        }
    }
}

/// A failure: its class, and the exact sentence that the engine answers with.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct Error {
    class: Class,
    message: String,
}

/// What the engine's functions return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Makes a failure of the given class.
    pub fn new(class: Class, message: impl Into<String>) -> Self {
        Self {
            class,
            message: message.into(),
        }
    }

    /// The request is malformed or contradicts itself.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(Class::Invalid, message)
    }

    /// The object does not exist.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(Class::NotFound, message)
    }

    /// The request contradicts the state of an object.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(Class::Conflict, message)
    }

    /// Not allowed, whatever the state.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(Class::Forbidden, message)
    }

    /// The engine could not do it.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(Class::Internal, message)
    }

    /// Something that is needed is not there now.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::new(Class::Unavailable, message)
    }

    /// Real Docker can do it; the simulation does not. `what` names it, as in "volume mounts".
    pub fn not_modelled(what: &str) -> Self {
        Self::new(
            Class::NotModelled,
            format!("{what}: not modelled in this simulation"),
        )
    }

    /// No container has this name or id.
    pub fn no_such_container(name: &str) -> Self {
        Self::not_found(format!("No such container: {name}"))
    }

    /// No network has this name or id.
    pub fn no_such_network(name: &str) -> Self {
        Self::not_found(format!("network {name} not found"))
    }

    /// Returns the class.
    pub fn class(&self) -> Class {
        self.class
    }

    /// Puts `before: ` in front of the sentence, as each layer of the engine does.
    #[must_use]
    pub fn within(self, before: impl std::fmt::Display) -> Self {
        Self {
            message: format!("{before}: {}", self.message),
            ..self
        }
    }

    /// Gives the same sentence another class.
    #[must_use]
    pub fn with_class(self, class: Class) -> Self {
        Self { class, ..self }
    }
}
