//! YAML as go-yaml 3 reads it: text to a tree of [`Node`]s that know their places, and from there to values.

mod compose;
mod decode;
mod fault;
mod scalar;

pub use compose::{Content, Edit, Node, documents};
pub use decode::Decoded;
pub(crate) use scalar::resolve;
