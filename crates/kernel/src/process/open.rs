//! Opening files: what stands at a path, and what a descriptor of it is then.

use super::files::{Fd, FileId, FileKind, OpenOptions, RegularFile};
use super::tty::Stream;
use crate::errno::Errno;
use crate::fs::access::Access;
use crate::fs::{Node, Place, path, procfs};
use crate::ids::ProcessId;
use crate::state::Kernel;
use bytes::Bytes;

impl Kernel {
    /// Opens a path for a process.
    /// # Errors
    /// What `open(2)` says.
    pub fn file_open(
        &mut self,
        who: ProcessId,
        path: &str,
        options: OpenOptions,
    ) -> Result<FileId, Errno> {
        let process = self.proc.get(who).ok_or(Errno::ESRCH)?;
        let (mount, cwd, tty) = (process.mount, process.cwd.clone(), process.tty);
        let path = path::absolute(&cwd, path);
        // A descriptor under its name is opened as another one of the same file.
        if let Some((holder, fd)) = procfs::descriptor(self, who, &path) {
            let uid = process.uid;
            let holder = self.proc.get(holder).ok_or(Errno::ENOENT)?;
            if uid != 0 && uid != holder.uid {
                return Err(Errno::EACCES);
            }
            let id = *holder.fds.get(&fd).ok_or(Errno::ENOENT)?;
            self.proc.files.retain(id);
            return Ok(id);
        }
        let path = self.resolve(mount, &path, true)?;
        if procfs::covers(&path) {
            if let Some(ns) = procfs::network_namespace(self, who, &path) {
                return Ok(self.proc.files.add(FileKind::Netns(ns)));
            }
            if options.write {
                procfs::may_write(self, who, &path)?;
            }
            let computed = procfs::read(self, who, &path)?;
            let file = RegularFile {
                mount,
                path,
                computed: Some(computed),
                offset: 0,
                options,
            };
            return Ok(self.proc.files.add(FileKind::Regular(file)));
        }
        let node = self.lookup(mount, &path).map(|m| m.node.clone());
        let seen = path;
        let place = self.place(mount, &seen);
        let Place {
            tree: mount,
            path,
            read_only,
        } = place.clone();
        let stored = matches!(node, Some(Node::File(_) | Node::Program(_)) | None);
        let changes = options.write && (node.is_some() || options.create);
        if read_only && stored && changes {
            return Err(Errno::EROFS);
        }
        if changes {
            self.permit(who, &seen, Access::Write)?;
        }
        if options.read && node.is_some() {
            self.permit(who, &seen, Access::Read)?;
        }
        let kind = match node {
            Some(Node::Device(name)) => match &*name {
                "tty" => FileKind::Tty(tty.ok_or(Errno::ENXIO)?, Stream::Out),
                "stdin" | "stdout" | "stderr" => {
                    let fd = Fd(match &*name {
                        "stdin" => 0,
                        "stdout" => 1,
                        _ => 2,
                    });
                    let id = *self
                        .proc
                        .get(who)
                        .and_then(|p| p.fds.get(&fd))
                        .ok_or(Errno::ENOENT)?;
                    self.proc.files.retain(id);
                    return Ok(id);
                }
                "zero" | "full" => FileKind::Zero,
                "random" | "urandom" => FileKind::Random,
                _ => FileKind::Null,
            },
            Some(Node::Netns(ns)) => FileKind::Netns(ns),
            Some(Node::Socket(_)) => return Err(Errno::ENXIO),
            Some(Node::Dir) if options.write => return Err(Errno::EISDIR),
            None if !options.create => return Err(Errno::ENOENT),
            found => {
                if options.truncate || found.is_none() {
                    self.file_store(mount, &path, Bytes::new())?;
                }
                if found.is_none() {
                    let uid = self.proc.get(who).map_or(0, |p| p.uid);
                    self.give_to(&place, uid);
                }
                FileKind::Regular(RegularFile {
                    mount,
                    path,
                    computed: None,
                    offset: 0,
                    options,
                })
            }
        };
        Ok(self.proc.files.add(kind))
    }
}
