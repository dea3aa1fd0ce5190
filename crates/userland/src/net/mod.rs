//! Network tools.
//!
//! [`resolv`] is the C library's resolver, which all of them share; [`connect`], [`stream`] and [`http`] are what the clients
//! have in common.

pub mod connect;
pub mod http;
pub mod resolv;
pub mod stream;

pub mod curl;
pub mod ping;
pub mod conntrack;
pub mod iptables;

use crate::entry;
use crate::registry::Entry;

/// The programs of this group.
pub const PROGRAMS: &[Entry] = &[
    entry!(gnu "curl", "fetch an address", curl::WORDS, curl::main),
    entry!(both "ping", "ask a host for an echo", &["-c", "-i", "-W", "-w", "-s", "-t", "-I", "-q", "-n", "-4", "-6"], ping::main),
    entry!(both "ping6", "ask a host for an echo by IPv6", &["-c", "-i", "-W", "-w", "-s", "-I", "-q"], ping::main),
];
