//! Network tools.
//!
//! [`resolv`] is the C library's resolver, which all of them share.

pub mod resolv;
