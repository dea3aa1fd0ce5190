//! Programs that read and write text.

use crate::entry;
use crate::registry::Entry;

pub mod echo;
pub mod printf;
pub mod regex;
pub mod test;

/// The programs of this group.
pub const PROGRAMS: &[Entry] = &[
    entry!(both "echo", "print arguments", &["-n", "-e"], echo::main),
    entry!(both "printf", "print by a format", &[], printf::main),
    entry!(both "test", "evaluate a condition", &[], test::main),
    entry!(both "[", "evaluate a condition", &[], test::main),
];
