//! What programs ask about other processes and programs.

use kernel::Errno;
use kernel::fs::Node;
use kernel::ids::ProcessId;
use kernel::process::{Process, ProcessState};
use kernel::sys::Sys;

use crate::system::identity;

/// Where a command lies along `path`, links not followed; a name with a slash is looked up as it is.
///
/// # Errors
/// `ENOENT`; `EACCES` for a directory or a file that is not executable.
pub fn find_program(sys: &Sys, path: &str, name: &str) -> Result<String, Errno> {
    let check = |candidate: &str| {
        let meta = sys.stat(candidate, true)?;
        match meta.node {
            Node::Program(_) => Ok(()),
            Node::File(_) if meta.mode & 0o111 != 0 => Ok(()),
            _ => Err(Errno::EACCES),
        }
    };
    if name.is_empty() {
        return Err(Errno::ENOENT);
    }
    if name.contains('/') {
        return check(name).map(|()| name.to_owned());
    }
    let mut error = Errno::ENOENT;
    for dir in path.split(':').filter(|dir| !dir.is_empty()) {
        let candidate = format!("{}/{name}", dir.trim_end_matches('/'));
        match check(&candidate) {
            Ok(()) => return Ok(candidate),
            Err(Errno::EACCES) => error = Errno::EACCES,
            Err(_) => {}
        }
    }
    Err(error)
}

/// A process as programs like `ps` list it.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The kernel's id.
    pub id: ProcessId,
    /// The pid that the asking process sees.
    pub pid: u32,
    /// The parent's pid, 0 if that can't be seen.
    pub parent: u32,
    /// The command line.
    pub argv: Vec<String>,
    /// The short name.
    pub comm: String,
    /// Where it is in its life.
    pub state: ProcessState,
    /// User id.
    pub uid: u32,
    /// The user's name, or the number of one without.
    pub owner: String,
    /// When it was started.
    pub started: kernel::time::Instant,
    /// Whether it has a terminal.
    pub tty: Option<u32>,
}

/// The processes that `sys`'s process can see, by pid.
#[must_use]
pub fn visible(sys: &Sys) -> Vec<Listed> {
    let Some((machine, space)) = sys.me(|p| (p.machine, p.pid_ns)) else {
        return Vec::new();
    };
    let users = sys.read_text("/etc/passwd").unwrap_or_default();
    let mut out: Vec<Listed> = sys.kernel(|k| {
        let number = |p: &Process| if space.is_some() { p.ns_pid } else { p.pid };
        k.proc
            .of(machine)
            .filter(|p| space.is_none() || p.pid_ns == space)
            .map(|p| Listed {
                id: p.id,
                pid: number(p),
                parent: p
                    .parent
                    .and_then(|parent| k.proc.get(parent))
                    .filter(|parent| space.is_none() || parent.pid_ns == space)
                    .map_or(0, number),
                argv: p.argv.clone(),
                comm: p.comm(),
                state: p.state,
                uid: p.uid,
                owner: identity::name_among(&users, p.uid).unwrap_or_else(|| p.uid.to_string()),
                started: p.started,
                tty: p.tty.map(|tty| tty.0),
            })
            .collect()
    });
    sorted::sort_by_key(&mut out, |p| p.pid);
    out
}

/// The process that `sys`'s process sees under `pid`.
#[must_use]
pub fn by_pid(sys: &Sys, pid: u32) -> Option<ProcessId> {
    visible(sys)
        .into_iter()
        .find(|p| p.pid == pid)
        .map(|p| p.id)
}
