//! `/proc` and `/sys`: views of the kernel that look like files.
//!
//! What is here is what people and scripts read when they look at a network: interface lists, routes, sockets, sysctls, and
//! each process's own folder. Anything else does not exist.
//! `net` holds the files of `/proc/net`, `class` those of `/sys/class/net`.

mod class;
mod fib_trie;
mod net;
mod snmp;
mod unix;

use super::{DirEntry, Metadata, Node, nsfs};
use crate::errno::Errno;
use crate::ids::{NetnsId, ProcessId};
use crate::process::files::Fd;
use crate::process::{Process, ProcessState};
use crate::state::Kernel;
use crate::time::Instant;
use crate::trace::Note;
use bytes::Bytes;
use std::rc::Rc;

/// Whether a path is answered here and not stored.
#[must_use]
pub fn covers(path: &str) -> bool {
    ["/proc", "/sys"].iter().any(|root| {
        path.strip_prefix(root)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// A file's text as `who` sees it.
/// # Errors
/// `ENOENT`, `EISDIR`.
pub fn read(kernel: &Kernel, who: ProcessId, path: &str) -> Result<Bytes, Errno> {
    let me = kernel.proc.get(who).ok_or(Errno::ESRCH)?;
    let text = text_of(kernel, me, path).ok_or(Errno::ENOENT);
    match text {
        Err(_) if list(kernel, who, path).is_ok() => Err(Errno::EISDIR),
        text => text.map(Bytes::from),
    }
}

/// A sysctl of the network namespace or of the UTS namespace.
fn sysctl(kernel: &Kernel, me: &Process, name: &str) -> Option<String> {
    match name {
        "kernel/hostname" => Some(kernel.proc.hostname(me.uts).to_string()),
        "kernel/domainname" => Some(kernel.proc.domain(me.uts).to_owned()),
        _ => kernel.sysctl_get(me.netns, name),
    }
}

fn text_of(kernel: &Kernel, me: &Process, path: &str) -> Option<String> {
    if let Some(name) = path.strip_prefix("/proc/sys/") {
        return sysctl(kernel, me, name).map(|v| format!("{v}\n"));
    }
    if let Some(rest) = path.strip_prefix("/sys/class/net/") {
        let (name, file) = rest.split_once('/')?;
        return class::file(kernel, kernel.link_by_name(me.sysfs, name)?, file);
    }
    let rest = path.strip_prefix("/proc/")?;
    if let Some(file) = rest.strip_prefix("net/") {
        return net::file(kernel, me, file);
    }
    if let Some((pid, file)) = rest.split_once('/') {
        let process = by_name(kernel, me, pid)?;
        return match file.strip_prefix("net/") {
            Some(file) => net::file(kernel, process, file),
            None => process_file(kernel, me, process, file),
        };
    }
    match rest {
        "uptime" => Some(format!(
            "{}.{:02} 0.00\n",
            kernel.now.0 / 1_000_000_000,
            kernel.now.0 / 10_000_000 % 100
        )),
        "version" => Some("Linux version 6.12.0-drydock (simulated)\n".into()),
        "mounts" => process_file(kernel, me, me, rest),
        "loadavg" => Some("0.00 0.00 0.00 1/100 1\n".into()),
        _ => None,
    }
}

/// The descriptor that a path names, of the process itself (`/dev/fd/1`) or of another one (`/proc/7/fd/1`), and who holds it.
pub(crate) fn descriptor(kernel: &Kernel, who: ProcessId, path: &str) -> Option<(ProcessId, Fd)> {
    let me = kernel.proc.get(who)?;
    if let Some(number) = path.strip_prefix("/dev/fd/") {
        return Some((who, Fd(number.parse().ok()?)));
    }
    let (process, number) = path.strip_prefix("/proc/")?.split_once("/fd/")?;
    let process = by_name(kernel, me, process)?;
    Some((process.id, Fd(number.parse().ok()?)))
}

/// The process that a folder of `/proc` is about, if `me` may see it.
fn by_name<'a>(kernel: &'a Kernel, me: &'a Process, name: &str) -> Option<&'a Process> {
    if name == "self" || name == "thread-self" {
        return Some(me);
    }
    let pid: u32 = name.parse().ok()?;
    kernel
        .proc
        .of(me.machine)
        .find(|p| visible_pid(me, p) == Some(pid))
}

/// The pid under which `me` sees another process; `None` if it is outside of its pid namespace.
#[must_use]
pub fn visible_pid(me: &Process, other: &Process) -> Option<u32> {
    match me.pid_ns {
        None => Some(other.pid),
        Some(ns) if other.pid_ns == Some(ns) => Some(other.ns_pid),
        Some(_) => None,
    }
}

/// A file about process `p`, as `me` sees it.
fn process_file(kernel: &Kernel, me: &Process, p: &Process, file: &str) -> Option<String> {
    let nul = |parts: &[String]| parts.iter().fold(String::new(), |s, part| s + part + "\0");
    match file {
        "cmdline" => Some(nul(&p.argv)),
        "environ" => Some(nul(&p
            .env
            .iter()
            .map(|(k, v)| format!("{k}={v}"))
            .collect::<Vec<_>>())),
        "comm" => Some(format!("{}\n", p.comm())),
        "status" => Some(status(kernel, me, p)),
        // Every container has a cgroup namespace of its own, and is at its root.
        "cgroup" => Some("0::/\n".to_owned()),
        "mounts" => Some(mounts(kernel, p)),
        _ => None,
    }
}

/// `/proc/PID/status`, as far as its lines tell of anything here. Source: Linux `fs/proc/array.c`.
fn status(kernel: &Kernel, me: &Process, p: &Process) -> String {
    let state = match p.state {
        ProcessState::Running if me.id == p.id => "R (running)",
        ProcessState::Running => "S (sleeping)",
        ProcessState::Paused => "D (disk sleep)",
        ProcessState::Zombie(_) => "Z (zombie)",
    };
    let pid = visible_pid(me, p).unwrap_or(0);
    let parent = p.parent.and_then(|id| kernel.proc.get(id));
    // The first process of a namespace has its parent outside, where nobody inside sees it.
    let parent = parent
        .and_then(|parent| visible_pid(me, parent))
        .unwrap_or(0);
    let all = match (me.pid_ns, p.pid_ns) {
        (None, Some(_)) => format!("{pid}\t{}", p.ns_pid),
        _ => pid.to_string(),
    };
    let groups = std::iter::once(p.gid).chain(p.groups.iter().copied());
    let groups: String = groups.map(|group| format!("{group} ")).collect();
    let four = |id: u32| format!("{id}\t{id}\t{id}\t{id}");
    format!(
        "Name:\t{}\nUmask:\t0022\nState:\t{state}\nTgid:\t{pid}\nNgid:\t0\nPid:\t{pid}\nPPid:\t{parent}\nTracerPid:\t0\n\
         Uid:\t{}\nGid:\t{}\nFDSize:\t64\nGroups:\t{groups}\nNStgid:\t{all}\nNSpid:\t{all}\nThreads:\t1\n",
        p.comm(),
        four(p.uid),
        four(p.gid)
    )
}

/// `/proc/PID/mounts`: the root, what every Linux has, and what was mounted there.
fn mounts(kernel: &Kernel, p: &Process) -> String {
    let root = match p.pid_ns {
        Some(_) => "overlay / overlay rw,relatime 0 0",
        None => "/dev/vda1 / ext4 rw,relatime 0 0",
    };
    let mut out = format!(
        "{root}\nproc /proc proc rw,nosuid,nodev,noexec,relatime 0 0\nsysfs /sys sysfs ro,nosuid,nodev,noexec,relatime 0 0\n"
    );
    for mount in kernel.tree(p.mount).map_or(&[][..], |tree| &tree.mounts) {
        let (at, way) = (&mount.at, if mount.read_only { "ro" } else { "rw" });
        out += &match &mount.memory {
            Some(options) => format!("tmpfs {at} tmpfs {way},{options} 0 0\n"),
            None => format!("/dev/vda1 {at} ext4 {way},relatime 0 0\n"),
        };
    }
    out
}

/// Whether `who` may write to a file here.
/// # Errors
/// `EROFS` in a container without privilege, `ENOENT`, `EACCES`.
pub fn may_write(kernel: &mut Kernel, who: ProcessId, path: &str) -> Result<(), Errno> {
    let me = kernel.proc.get(who).ok_or(Errno::ESRCH)?;
    // Where the first process is not privileged, these files are mounted read-only for all that come after it.
    let first = me.pid_ns.and_then(|first| kernel.proc.get(first));
    let privileged = me.caps.sys_admin && first.is_none_or(|first| first.caps.sys_admin);
    let ns = me.netns;
    let Some(name) = path.strip_prefix("/proc/sys/") else {
        return Err(if stat(kernel, who, path, true).is_ok() {
            Errno::EACCES
        } else {
            Errno::ENOENT
        });
    };
    if sysctl(kernel, me, name).is_none() {
        return Err(Errno::ENOENT);
    }
    if !privileged {
        kernel.trace_note(ns, Note::Lacks("SYS_ADMIN"));
        return Err(Errno::EROFS);
    }
    Ok(())
}

/// Writes to a file.
/// # Errors
/// As [`may_write`]; `EINVAL`.
pub fn write(kernel: &mut Kernel, who: ProcessId, path: &str, data: &[u8]) -> Result<(), Errno> {
    may_write(kernel, who, path)?;
    let me = kernel.proc.get(who).ok_or(Errno::ESRCH)?;
    let (ns, uts) = (me.netns, me.uts);
    let name = path.strip_prefix("/proc/sys/").ok_or(Errno::EACCES)?;
    let text = String::from_utf8_lossy(data);
    match name {
        "kernel/hostname" => kernel.proc.set_hostname(uts, text.trim()),
        "kernel/domainname" => kernel.proc.set_domain(uts, text.trim()),
        _ => return kernel.sysctl_set(ns, name, text.trim()),
    }
    Ok(())
}

/// The process and the file's name for a path below `/proc/PID/ns`.
fn namespace_link<'a>(
    kernel: &'a Kernel,
    who: ProcessId,
    path: &'a str,
) -> Option<(&'a Process, &'a str)> {
    let (pid, name) = path.strip_prefix("/proc/")?.split_once("/ns/")?;
    let me = kernel.proc.get(who)?;
    Some((by_name(kernel, me, pid)?, name))
}

/// The network namespace that a path is a handle of: `/proc/PID/ns/net`.
#[must_use]
pub fn network_namespace(kernel: &Kernel, who: ProcessId, path: &str) -> Option<NetnsId> {
    let (process, name) = namespace_link(kernel, who, path)?;
    (name == "net").then_some(process.netns)
}

/// Where a symbolic link leads.
fn link_target(kernel: &Kernel, who: ProcessId, path: &str, follow: bool) -> Option<Rc<str>> {
    if let Some((process, name)) = namespace_link(kernel, who, path) {
        return nsfs::target(process, name).map(Into::into);
    }
    // What a device's folder is a link to is not here: those who follow it find the folder itself.
    let ns = kernel.proc.get(who).filter(|_| !follow)?.sysfs;
    class::link(kernel, ns, path.strip_prefix("/sys/class/net/")?).map(Into::into)
}

/// What stands at a path; `follow` as for `stat(2)`.
/// # Errors
/// `ENOENT`.
pub fn stat(kernel: &Kernel, who: ProcessId, path: &str, follow: bool) -> Result<Metadata, Errno> {
    if let Some(target) = link_target(kernel, who, path, follow) {
        return Ok(Metadata {
            node: Node::Symlink(target),
            mode: 0o777,
            uid: 0,
            modified: Instant::ZERO,
        });
    }
    let (node, mode) = match read(kernel, who, path) {
        Ok(data) => (
            Node::File(data),
            if path.starts_with("/proc/sys/") {
                0o644
            } else {
                0o444
            },
        ),
        Err(_) => (list(kernel, who, path).map(|_| Node::Dir)?, 0o555),
    };
    Ok(Metadata {
        node,
        mode,
        uid: 0,
        modified: Instant::ZERO,
    })
}

/// The names in a directory.
/// # Errors
/// `ENOENT`.
pub fn list(kernel: &Kernel, who: ProcessId, path: &str) -> Result<Vec<DirEntry>, Errno> {
    let me = kernel.proc.get(who).ok_or(Errno::ESRCH)?;
    let names: Vec<String> = match path {
        "/sys" => vec!["class".into()],
        "/sys/class" => vec!["net".into()],
        "/sys/class/net" => kernel
            .links(me.sysfs)
            .into_iter()
            .filter_map(|l| kernel.link(l))
            .map(|l| l.name.to_string())
            .collect(),
        "/proc/net" => net::names(),
        "/proc/net/xt_recent" => net::recent_names(kernel, me).ok_or(Errno::ENOENT)?,
        "/proc/net/vlan" => net::VLAN_NAMES.map(str::to_owned).to_vec(),
        "/proc" => {
            let pids = kernel
                .proc
                .of(me.machine)
                .filter_map(|p| visible_pid(me, p))
                .map(|pid| pid.to_string());
            pids.chain(
                [
                    "loadavg", "mounts", "net", "self", "sys", "uptime", "version",
                ]
                .map(str::to_owned),
            )
            .collect()
        }
        _ => {
            if let Some(rest) = path.strip_prefix("/sys/class/net/") {
                class::names(kernel, me.sysfs, rest).ok_or(Errno::ENOENT)?
            } else if path == "/proc/sys" || path.starts_with("/proc/sys/") {
                sysctl_names(kernel, me, path)?
            } else {
                let rest = path.strip_prefix("/proc/").ok_or(Errno::ENOENT)?;
                let (pid, namespaces) = match rest.strip_suffix("/ns") {
                    Some(pid) => (pid, true),
                    None => (rest, false),
                };
                by_name(kernel, me, pid).ok_or(Errno::ENOENT)?;
                if namespaces {
                    nsfs::names()
                } else {
                    [
                        "cgroup", "cmdline", "comm", "environ", "mounts", "net", "ns", "status",
                    ]
                    .map(str::to_owned)
                    .to_vec()
                }
            }
        }
    };
    let mut entries: Vec<DirEntry> = names
        .into_iter()
        .map(|name| {
            let meta = Metadata {
                node: Node::File(Bytes::new()),
                mode: 0o444,
                uid: 0,
                modified: Instant::ZERO,
            };
            DirEntry { name, meta }
        })
        .collect();
    sorted::sort_by(&mut entries, |a, b| a.name.cmp(&b.name));
    Ok(entries)
}

/// The names below a folder of `/proc/sys`, from the flat list of sysctls.
fn sysctl_names(kernel: &Kernel, me: &Process, path: &str) -> Result<Vec<String>, Errno> {
    let prefix = path
        .strip_prefix("/proc/sys")
        .unwrap_or_default()
        .trim_start_matches('/')
        .to_owned();
    let prefix = if prefix.is_empty() {
        prefix
    } else {
        prefix + "/"
    };
    let mut names: Vec<String> = kernel
        .sysctl_list(me.netns)
        .iter()
        .filter_map(|name| {
            name.strip_prefix(&prefix)?
                .split('/')
                .next()
                .map(str::to_owned)
        })
        .collect();
    sorted::sort(&mut names);
    names.dedup();
    if names.is_empty() {
        Err(Errno::ENOENT)
    } else {
        Ok(names)
    }
}
