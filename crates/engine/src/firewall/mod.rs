//! Docker's packet filter rules: [`bridge`] says which, [`rule`] what one is, [`Firewall`] writes them.
//!
//! Nothing else in the engine writes rules.

pub mod bridge;
pub mod rule;
