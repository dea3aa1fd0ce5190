//! The table of programs: what the kernel's program table is filled from, and what completion offers.

use kernel::process::Running;
use kernel::sys::Sys;
use kernel::world::{Program, Programs};

use crate::Flavour;

/// A program as an image's files may name it.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Its name, as typed.
    pub name: &'static str,
    /// What it does, in a line.
    pub about: &'static str,
    /// Words offered after it by completion: options and subcommands.
    pub words: &'static [&'static str],
    /// Its entry point in machines and images with GNU tools.
    pub gnu: Option<Program>,
    /// Its entry point in busybox images, and the key for that (`busybox:NAME`).
    pub busybox: Option<(&'static str, Program)>,
}

/// Runs a program that never waits.
#[must_use]
pub fn plain(sys: Sys, main: fn(Sys, Vec<String>, Flavour) -> i32, flavour: Flavour) -> Running {
    Box::pin(async move {
        let args = sys.args();
        main(sys, args, flavour)
    })
}

/// Makes an [`Entry`] from `async fn main(Sys, Vec<String>, Flavour) -> i32`; `plain` is one that is not `async`.
#[macro_export]
macro_rules! entry {
    (plain both $name:literal, $about:literal, $words:expr, $main:path) => {
        $crate::entry!(@ $name, $about, $words, Some($crate::entry!(plain Gnu, $main)),
            Some((concat!("busybox:", $name), $crate::entry!(plain Busybox, $main))))
    };
    (plain gnu $name:literal, $about:literal, $words:expr, $main:path) => {
        $crate::entry!(@ $name, $about, $words, Some($crate::entry!(plain Gnu, $main)), None)
    };
    (plain busybox $name:literal, $about:literal, $words:expr, $main:path) => {
        $crate::entry!(@ $name, $about, $words, None,
            Some((concat!("busybox:", $name), $crate::entry!(plain Busybox, $main))))
    };
    (both $name:literal, $about:literal, $words:expr, $main:path) => {
        $crate::entry!(@ $name, $about, $words, Some($crate::entry!(Gnu, $main)),
            Some((concat!("busybox:", $name), $crate::entry!(Busybox, $main))))
    };
    (gnu $name:literal, $about:literal, $words:expr, $main:path) => {
        $crate::entry!(@ $name, $about, $words, Some($crate::entry!(Gnu, $main)), None)
    };
    (busybox $name:literal, $about:literal, $words:expr, $main:path) => {
        $crate::entry!(@ $name, $about, $words, None,
            Some((concat!("busybox:", $name), $crate::entry!(Busybox, $main))))
    };
    (@ $name:literal, $about:literal, $words:expr, $gnu:expr, $busybox:expr) => {
        $crate::registry::Entry {
            name: $name,
            about: $about,
            words: $words,
            gnu: $gnu,
            busybox: $busybox,
        }
    };
    (plain $flavour:ident, $main:path) => {
        |sys| $crate::registry::plain(sys, $main, $crate::Flavour::$flavour)
    };
    ($flavour:ident, $main:path) => {
        |sys| {
            let args = sys.args();
            Box::pin($main(sys, args, $crate::Flavour::$flavour))
        }
    };
}

/// The tables that make up the registry; a new group of programs adds its own here.
const TABLES: &[&[Entry]] = &[
    crate::shell::PROGRAMS,
    crate::text::PROGRAMS,
    crate::system::PROGRAMS,
    crate::net::PROGRAMS,
    crate::net::iptables::PROGRAMS,
    crate::net::conntrack::PROGRAMS,
    crate::net::nft::PROGRAMS,
    crate::net::ufw::PROGRAMS,
    crate::server::PROGRAMS,
    crate::inspect::PROGRAMS,
    crate::nettools::PROGRAMS,
    crate::service::PROGRAMS,
];

/// All programs, group by group.
pub fn entries() -> impl Iterator<Item = &'static Entry> {
    TABLES.iter().copied().flatten()
}

/// The program called `name`.
#[must_use]
pub fn find(name: &str) -> Option<&'static Entry> {
    entries().find(|entry| entry.name == name)
}

/// The entry point of a program in that flavour.
#[must_use]
pub fn program(name: &str, flavour: Flavour) -> Option<Program> {
    let entry = find(name)?;
    match flavour {
        Flavour::Gnu => entry.gnu,
        Flavour::Busybox => entry.busybox.map(|(_, program)| program),
    }
}

/// Fills the kernel's table: GNU programs under their names, busybox's under `busybox:NAME`.
pub fn fill(programs: &mut Programs) {
    for entry in entries() {
        if let Some(program) = entry.gnu {
            programs.add(entry.name, program);
        }
        if let Some((key, program)) = entry.busybox {
            programs.add(key, program);
            if entry.gnu.is_none() {
                programs.add(entry.name, program);
            }
        }
    }
}

/// The names of busybox's applets here, sorted.
#[must_use]
pub fn applets() -> Vec<&'static str> {
    let mut names: Vec<&'static str> = entries()
        .filter(|entry| entry.busybox.is_some())
        .map(|entry| entry.name)
        .collect();
    sorted::sort(&mut names);
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        let mut names: Vec<&str> = entries().map(|entry| entry.name).collect();
        let count = names.len();
        sorted::sort(&mut names);
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
