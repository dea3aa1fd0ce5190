//! Network tools.
//!
//! [`resolv`] is the C library's resolver, which all of them share; [`connect`], [`stream`] and [`http`] are what the clients
//! have in common.

pub mod connect;
pub mod http;
pub mod resolv;
pub mod stream;

pub mod curl;
pub mod iptables;

use crate::entry;
use crate::registry::Entry;

/// The programs of this group.
pub const PROGRAMS: &[Entry] = &[entry!(gnu "curl", "fetch an address", curl::WORDS, curl::main)];
