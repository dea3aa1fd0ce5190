//! From what an engine holds back to texts that make the same again: a Compose file, and a script of docker commands.
//!
//! [`topology`] says what somebody asked for, without what images and the engine added; [`file`](self::file()) and
//! [`script`](self::script()) write it down.

mod asked;
mod file;
mod script;

pub use asked::{Attachment, Holder, Net, Topology, topology};
pub use file::file;
pub use script::script;
