//! A project as the commands see it: every default filled in, every short form spelled out.
//!
//! The types hold what has a meaning for containers and networks; the whole service, with the keys that are only kept
//! and printed, is its `tree`.

mod hook;
mod network;
mod project;
mod provided;
mod read;
mod service;
mod used;

pub use hook::Hook;
pub use network::{IpamPool, Network, Volume};
pub use project::Project;
pub use provided::{Origin, Provided};
pub use read::Reader;
pub(crate) use used::drop_unused;

pub use service::{
    Bind, Condition, Dependency, DeviceWish, HealthCheck, Port, RestartPolicy, Service,
    ServiceNetwork,
};
