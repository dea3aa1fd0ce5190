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
    /// Whether machines and images with GNU tools may have it.
    pub gnu: bool,
    /// Its key in busybox images (`busybox:NAME`).
    pub busybox: Option<&'static str>,
}

/// The entry points of a program: of the GNU tools and of busybox.
#[derive(Debug, Clone, Copy)]
pub struct Mains {
    /// Where [`Entry::gnu`] is true.
    pub gnu: Option<Program>,
    /// Where [`Entry::busybox`] is some.
    pub busybox: Option<Program>,
}

/// Programs of one kind: [`programs!`](crate::programs) makes it.
///
/// What they are called stands apart from what they do: a world can be made that knows all names and has the code of few
/// programs, since the code may come later.
#[derive(Debug, Clone, Copy)]
pub struct Group {
    /// What they are called.
    pub entries: &'static [Entry],
    /// What they do, in the same order.
    pub mains: &'static [Mains],
}

/// Runs a program that never waits.
#[must_use]
pub fn plain(sys: Sys, main: fn(Sys, Vec<String>, Flavour) -> i32, flavour: Flavour) -> Running {
    Box::pin(async move {
        let args = sys.args();
        main(sys, args, flavour)
    })
}

/// Makes a [`Group`] of lines such as `both "nc", "connect and listen", &["-z"], nc::main;`.
///
/// `gnu`, `busybox` or `both` says who has it. The function is `async fn main(Sys, Vec<String>, Flavour) -> i32`; after
/// `plain` it is one that is not `async`.
#[macro_export]
macro_rules! programs {
    (
        $(#[$doc:meta])* pub const $group:ident;
        $($kind:ident $($of:ident)? $name:literal, $about:expr, $words:expr, $main:path;)*
    ) => {
        $(#[$doc])*
        pub const $group: $crate::registry::Group = $crate::registry::Group {
            entries: &[$($crate::programs!(@entry $kind $($of)? $name, $about, $words)),*],
            mains: &[$($crate::programs!(@main $kind $($of)? $main)),*],
        };
    };
    (@entry plain $of:ident $name:literal, $about:expr, $words:expr) => {
        $crate::programs!(@entry $of $name, $about, $words)
    };
    (@entry $of:ident $name:literal, $about:expr, $words:expr) => {
        $crate::registry::Entry {
            name: $name,
            about: $about,
            words: $words,
            gnu: $crate::programs!(@gnu $of),
            busybox: $crate::programs!(@busybox $of $name),
        }
    };
    (@gnu busybox) => { false };
    (@gnu $of:ident) => { true };
    (@busybox gnu $name:literal) => { None };
    (@busybox $of:ident $name:literal) => { Some(concat!("busybox:", $name)) };
    (@main plain $of:ident $main:path) => {
        $crate::programs!(@mains $of,
            |sys| $crate::registry::plain(sys, $main, $crate::Flavour::Gnu),
            |sys| $crate::registry::plain(sys, $main, $crate::Flavour::Busybox))
    };
    (@main $of:ident $main:path) => {
        $crate::programs!(@mains $of,
            |sys| {
                let args = sys.args();
                Box::pin($main(sys, args, $crate::Flavour::Gnu))
            },
            |sys| {
                let args = sys.args();
                Box::pin($main(sys, args, $crate::Flavour::Busybox))
            })
    };
    (@mains gnu, $gnu:expr, $busybox:expr) => {
        $crate::registry::Mains { gnu: Some($gnu), busybox: None }
    };
    (@mains busybox, $gnu:expr, $busybox:expr) => {
        $crate::registry::Mains { gnu: None, busybox: Some($busybox) }
    };
    (@mains both, $gnu:expr, $busybox:expr) => {
        $crate::registry::Mains { gnu: Some($gnu), busybox: Some($busybox) }
    };
}

/// The groups that make up the registry, a new one adds itself here.
macro_rules! groups {
    ($part:ident) => {
        &[
            crate::shell::PROGRAMS.$part,
            crate::text::PROGRAMS.$part,
            crate::system::PROGRAMS.$part,
            crate::net::PROGRAMS.$part,
            crate::net::iptables::PROGRAMS.$part,
            crate::net::conntrack::PROGRAMS.$part,
            crate::net::nft::PROGRAMS.$part,
            crate::net::ufw::PROGRAMS.$part,
            crate::server::OF_THE_LAN.$part,
            crate::server::PROGRAMS.$part,
            crate::inspect::PROGRAMS.$part,
            crate::nettools::PROGRAMS.$part,
            crate::service::PROGRAMS.$part,
        ]
    };
}

const ENTRIES: &[&[Entry]] = groups!(entries);
const MAINS: &[&[Mains]] = groups!(mains);

/// Those that machines run before anybody has typed anything: shells, the router's firewall and the LAN's servers.
const EARLY: [Group; 3] = [
    crate::shell::PROGRAMS,
    crate::net::iptables::PROGRAMS,
    crate::server::OF_THE_LAN,
];

/// What all programs are called, group by group.
pub fn entries() -> impl Iterator<Item = &'static Entry> {
    ENTRIES.iter().copied().flatten()
}

/// The program called `name`.
#[must_use]
pub fn find(name: &str) -> Option<&'static Entry> {
    entries().find(|entry| entry.name == name)
}

/// Fills the kernel's table: GNU programs under their names, busybox's under `busybox:NAME`.
pub fn fill(programs: &Programs) {
    for (entries, mains) in ENTRIES.iter().zip(MAINS) {
        add(programs, entries, mains);
    }
}

/// Fills the kernel's table with all names, and with the code of what machines run before anybody has typed anything.
/// [`fill`] has to follow before somebody does.
pub fn fill_early(programs: &Programs) {
    for entry in entries() {
        programs.announce(entry.name);
        if let Some(key) = entry.busybox {
            programs.announce(key);
        }
    }
    for group in EARLY {
        add(programs, group.entries, group.mains);
    }
}

fn add(programs: &Programs, entries: &[Entry], mains: &[Mains]) {
    for (entry, main) in entries.iter().zip(mains) {
        if let Some(program) = main.gnu {
            programs.add(entry.name, program);
        }
        if let (Some(key), Some(program)) = (entry.busybox, main.busybox) {
            programs.add(key, program);
            if !entry.gnu {
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
