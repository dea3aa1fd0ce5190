//! A process's namespaces as `/proc/PID/ns` shows them: links that name a kind and a number, and that open as handles.

use crate::process::Process;

/// What a namespace of a kind is told apart by.
type Identity = fn(&Process) -> u64;

/// The kinds, and the number of each kind's first namespace beside the kernel's first inode number for them.
/// Source: Linux `include/linux/proc_ns.h`. Those of files, names and processes come together with a container.
const KINDS: [(&str, u64, Identity); 8] = [
    ("time", 0, |_| 0),
    ("cgroup", 1, |_| 0),
    ("user", 3, |_| 0),
    ("mnt", 0x101, |p| p.mount.0.into()),
    ("uts", 0x102, |p| p.uts.0.into()),
    ("ipc", 0x103, |p| p.pid_ns.map_or(0, |id| id.0.into())),
    ("pid", 0x104, |p| p.pid_ns.map_or(0, |id| id.0.into())),
    ("net", 6, |p| p.netns.0.into()),
];

/// The number of the first namespace.
const FIRST: u64 = 0xF000_0000 - 6;

/// The kinds of namespaces, in the order of [`numbers`].
#[must_use]
pub fn kinds() -> [&'static str; 8] {
    KINDS.map(|(name, ..)| name)
}

/// The inode numbers of a process's namespaces.
#[must_use]
pub fn numbers(process: &Process) -> [u64; 8] {
    KINDS.map(|(_, base, of)| {
        let id = of(process);
        FIRST + base + if base > 6 { id << 3 } else { id }
    })
}

/// The names in `/proc/PID/ns`; those of a process's children are the process's own here.
pub(super) fn names() -> Vec<String> {
    let children = ["pid_for_children", "time_for_children"];
    kinds()
        .into_iter()
        .chain(children)
        .map(str::to_owned)
        .collect()
}

/// Where a link in `/proc/PID/ns` leads, such as `net:[4026531840]`.
pub(super) fn target(process: &Process, name: &str) -> Option<String> {
    let kind = name.strip_suffix("_for_children").unwrap_or(name);
    if kind != name && !matches!(kind, "pid" | "time") {
        return None;
    }
    let (kind, number) = kinds()
        .into_iter()
        .zip(numbers(process))
        .find(|(known, _)| *known == kind)?;
    Some(format!("{kind}:[{number}]"))
}
