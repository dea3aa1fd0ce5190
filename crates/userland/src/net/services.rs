//! The names of ports, as a program finds them in `/etc/services`.

use kernel::sys::Sys;

pub(crate) use wire::services::*;

/// The list of the machine or container that a program runs in; empty if there is none.
#[must_use]
pub fn read(sys: &Sys) -> String {
    sys.read_text("/etc/services").unwrap_or_default()
}
