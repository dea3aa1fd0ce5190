//! Groups of commands, and parts of groups, that are known and not modelled.

pub(crate) mod builder;
pub(crate) mod checkpoint;
pub(crate) mod manifest;
pub(crate) mod plugin;
pub(crate) mod trust;
pub(crate) mod volume;
