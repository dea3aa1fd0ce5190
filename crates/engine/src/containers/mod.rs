//! Containers: what they are made from, how they live, what is told about them.

mod attach;
mod capabilities;
mod changes;
mod checks;
mod create;
mod devices;
mod exec;
mod files;
mod health;
mod init;
mod inspect;
mod lifecycle;
mod list;
mod live;
mod logging;
mod preconditions;
mod remove;
mod resources;
mod run;
mod streams;
mod top;
mod user;

pub(crate) use inspect::inspect;
pub(crate) use live::Held;
pub(crate) use streams::Sources;
