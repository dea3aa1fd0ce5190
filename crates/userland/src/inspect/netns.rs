//! Finding network namespaces: by name under `/run/netns`, by path, by process.

use kernel::Errno;
use kernel::ids::NetnsId;
use kernel::process::files::OpenOptions;
use kernel::sys::Sys;

/// Where `ip netns` keeps names.
pub const DIR: &str = "/run/netns";

/// The namespace whose handle lies at `path`.
///
/// # Errors
/// As `open(2)`; `EINVAL` if it is no namespace's handle.
pub(crate) fn by_path(sys: &Sys, path: &str) -> Result<NetnsId, Errno> {
    let fd = sys.open(path, OpenOptions::READ)?;
    let found = sys.netns_of(fd);
    sys.close(fd);
    found
}

/// The named namespaces, by name.
pub(crate) fn named(sys: &Sys) -> Vec<(String, NetnsId)> {
    let names = sys.read_dir(DIR).unwrap_or_default();
    names
        .into_iter()
        .filter_map(|entry| {
            by_path(sys, &format!("{DIR}/{}", entry.name))
                .ok()
                .map(|ns| (entry.name, ns))
        })
        .collect()
}

/// The namespace that a user means by a name or a process's number.
pub(crate) fn named_or_pid(sys: &Sys, text: &str) -> Option<NetnsId> {
    by_path(sys, &format!("{DIR}/{text}"))
        .ok()
        .or_else(|| by_path(sys, &format!("/proc/{}/ns/net", text.parse::<u32>().ok()?)).ok())
}
