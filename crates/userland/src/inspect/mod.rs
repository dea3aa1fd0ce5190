//! Programs that look at a machine's network and its kernel, or change them: `ip` and its like.
//!
//! All ask the kernel directly, as the real ones do by netlink; what they print is made from the kernel's own state.
//! [`say`] is how they answer, [`netns`] how they find namespaces.

pub mod brctl;
pub mod bridge;
mod colour;
pub mod ethtool;
pub mod ip;
pub mod lsns;
pub mod nsenter;
mod nstat;
pub mod ss;
pub mod sysctl;
pub(crate) mod tc;

mod json;
pub(crate) mod netns;
pub(crate) mod say;

pub use netns::DIR as NETNS_DIR;

crate::programs! {
    /// The programs of this group.
    pub const PROGRAMS;
    both "ip", "show and change links, addresses and routes", ip::WORDS, ip::main;
    plain gnu "bridge", "show and change bridges", bridge::WORDS, bridge::main;
    plain both "brctl", "show and change bridges, the old way", brctl::WORDS, brctl::main;
    both "nsenter", "run a program in another process's namespaces", nsenter::WORDS, nsenter::nsenter;
    both "unshare", "run a program in namespaces of its own", &["-n", "-u"], nsenter::unshare;
    gnu "lsns", "list namespaces", &["-t", "net", "-o", "-p", "-n", "-J"], lsns::main;
    plain gnu "ethtool", "show what a device says of itself", ethtool::WORDS, ethtool::main;
    plain gnu "ss", "list sockets", ss::WORDS, ss::main;
    plain gnu "nstat", "show what the protocols have counted", &["-a", "-z", "-s", "-r", "-j"], nstat::main;
    plain gnu "tc", "show and set queueing disciplines: delay, loss", tc::WORDS, tc::main;
    plain both "sysctl", "show and set the kernel's settings", sysctl::WORDS, sysctl::main;
}

#[cfg(test)]
mod tests;
