//! Address management: which subnets networks get, and which addresses endpoints get.
//!
//! Pure: it knows addresses and ranges, and neither kernels nor drivers.
//! [`Space`] hands out pools and addresses; [`validate`] judges what a user asks of a network.

mod block;
mod pool;
mod space;
mod validate;

pub use space::{Error, PoolId, Predefined, Space, engine_ula};
pub use validate::{LINK_LOCAL, check_pools, strict_net, unfit_v6};
