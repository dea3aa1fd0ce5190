//! Programs that run on the simulated machines and in their containers.
//!
//! They know system calls and nothing else: no engine, no world, no other machine.
//! Start reading at `shell`, which starts all the others, and at `registry`, which names them.

pub mod args;
pub mod inspect;
pub mod io;
pub mod net;
pub mod nettools;
pub mod process;
#[cfg(test)]
mod programs_tests;
pub mod registry;
pub mod server;
pub mod service;
pub mod shell;
pub mod system;
#[cfg(test)]
mod testutil;
pub mod text;
pub mod usage;

use kernel::sys::Sys;

/// Whose version of a program runs: their texts and exit codes differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    /// busybox's applet.
    Busybox,
    /// GNU coreutils, procps, util-linux and the like.
    Gnu,
}

/// What is said of something known that is left out here, without the program's name before it.
///
/// Takes the program and the thing, which may name values as `format!` does. These calls are the list of what is not
/// modelled: `cargo xtask docs` reads them from the source and writes `docs/not-modelled.md`.
#[macro_export]
macro_rules! not_modelled {
    ($program:literal, $what:literal $(, $value:expr)*) => {
        $crate::left_out(&format!($what $(, $value)*))
    };
}

/// The sentence of [`not_modelled!`].
#[must_use]
pub fn left_out(what: &str) -> String {
    format!("{what}: not modelled in Drydock")
}

/// Says that a program's option is left out here, and gives the exit code for that.
pub fn not_modelled(sys: &Sys, program: &str, option: &str) -> i32 {
    let name = program.rsplit('/').next().unwrap_or(program);
    sys.err(&format!(
        "{name}: option {option} is not modelled in Drydock\n"
    ));
    2
}
