//! The `lab` room.

pub mod view;
