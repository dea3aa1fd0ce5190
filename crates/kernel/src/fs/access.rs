//! What permission bits let a process do. Sources: path_resolution(7), unlink(2).
//!
//! Files have owners and no groups of their own: a file's group is taken to have its owner's number, as it is where nobody
//! changed it.

use super::{Metadata, Node, path};
use crate::errno::Errno;
use crate::ids::ProcessId;
use crate::process::Process;
use crate::state::Kernel;

/// What a process wants to do with what stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Look at what it holds.
    Read,
    /// Change what it holds.
    Write,
}

impl Kernel {
    /// Checks whether a process may do something with what stands at a resolved path; if it wants to write where nothing
    /// stands, whether it may put something there.
    /// # Errors
    /// `EACCES`.
    pub(crate) fn permit(&self, who: ProcessId, at: &str, access: Access) -> Result<(), Errno> {
        let p = self.proc.get(who).ok_or(Errno::ESRCH)?;
        let Some(meta) = self.lookup(p.mount, at) else {
            return match access {
                Access::Read => Ok(()),
                Access::Write => self.permit_entry(who, at),
            };
        };
        let wanted = match access {
            Access::Read => 0o4,
            Access::Write => 0o2,
        };
        match allows(p, meta, wanted) {
            true => Ok(()),
            false => Err(Errno::EACCES),
        }
    }

    /// Checks whether a process may add a name to a directory, or take it away.
    /// # Errors
    /// `EACCES`; `EPERM` for another's file in a directory where everybody has his own, such as `/tmp`.
    pub(crate) fn permit_entry(&self, who: ProcessId, at: &str) -> Result<(), Errno> {
        let p = self.proc.get(who).ok_or(Errno::ESRCH)?;
        let folder = path::split(at).and_then(|(folder, _)| self.lookup(p.mount, folder));
        let Some(folder) = folder else {
            return Ok(());
        };
        if !allows(p, folder, 0o3) {
            return Err(Errno::EACCES);
        }
        let others = |meta: &Metadata| meta.uid != p.uid && folder.uid != p.uid;
        let sticky = folder.mode & 0o1000 != 0 && p.uid != 0;
        match self.lookup(p.mount, at) {
            Some(meta) if sticky && others(meta) => Err(Errno::EPERM),
            _ => Ok(()),
        }
    }

    /// Checks whether a process may change the bits of what stands at a resolved path.
    /// # Errors
    /// `EPERM`.
    pub(crate) fn permit_change(&self, who: ProcessId, at: &str) -> Result<(), Errno> {
        let p = self.proc.get(who).ok_or(Errno::ESRCH)?;
        match self.lookup(p.mount, at) {
            Some(meta) if p.uid != 0 && meta.uid != p.uid => Err(Errno::EPERM),
            _ => Ok(()),
        }
    }
}

/// Whether all of the bits wanted are set for a process. Devices are for everybody.
fn allows(p: &Process, meta: &Metadata, wanted: u32) -> bool {
    let of_all = matches!(
        meta.node,
        Node::Device(_) | Node::Netns(_) | Node::Symlink(_)
    );
    let shift = if meta.uid == p.uid {
        6
    } else if meta.uid == p.gid || p.groups.contains(&meta.uid) {
        3
    } else {
        0
    };
    of_all || p.uid == 0 || (meta.mode >> shift) & wanted == wanted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::Tree;
    use crate::process::exec::Spawn;
    use crate::time::Instant;

    #[test]
    fn only_owners_write_and_sticky_directories_keep_names() {
        let mut k = Kernel::new(1);
        let machine = k.add_machine("host");
        let mut tree = Tree::default();
        let file = || Node::File(bytes::Bytes::new());
        tree.put("/tmp", Node::Dir, 0o1777, Instant::ZERO);
        tree.put("/tmp/roots", file(), 0o644, Instant::ZERO);
        tree.put("/etc/secret", file(), 0o600, Instant::ZERO);
        let mount = k.add_tree(tree);
        let mut spawn = Spawn::on_machine(&k, machine, vec!["sh".into()]).unwrap();
        (spawn.mount, spawn.uid, spawn.gid) = (mount, 7, 7);
        let who = k.process_insert(spawn, "/bin/sh".into()).unwrap();
        assert_eq!(
            k.permit(who, "/etc/secret", Access::Read),
            Err(Errno::EACCES)
        );
        assert_eq!(k.permit(who, "/etc/new", Access::Write), Err(Errno::EACCES));
        assert_eq!(k.permit(who, "/tmp/new", Access::Write), Ok(()));
        assert_eq!(k.permit(who, "/tmp/roots", Access::Read), Ok(()));
        assert_eq!(
            k.permit(who, "/tmp/roots", Access::Write),
            Err(Errno::EACCES)
        );
        assert_eq!(k.permit_entry(who, "/tmp/roots"), Err(Errno::EPERM));
        assert_eq!(k.permit_change(who, "/tmp/roots"), Err(Errno::EPERM));
    }
}
