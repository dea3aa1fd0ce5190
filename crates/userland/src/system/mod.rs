//! Programs about files, processes and the machine.

use crate::registry::Entry;

/// The programs of this group.
pub const PROGRAMS: &[Entry] = &[];
