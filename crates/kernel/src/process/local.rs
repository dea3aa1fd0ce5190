//! Sockets of AF_UNIX that have a path: a door behind which a program listens for others of its machine, and the streams that
//! lead through it. A stream is two pipes, one for each direction. Source: unix(7).

use super::WaitKey;
use super::files::{FileId, FileKind};
use crate::errno::Errno;
use crate::fs::access::Access;
use crate::fs::{Node, path};
use crate::ids::ProcessId;
use crate::state::Kernel;
use crate::trace::Note;
use std::collections::VecDeque;

/// Which listening socket.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct DoorId(u32);

/// A socket that listens at a path.
#[derive(Debug, Default)]
pub(crate) struct Door {
    closed: bool,
    /// Ends of streams that nobody has taken yet.
    waiting: VecDeque<FileId>,
}

/// All listening sockets.
#[derive(Debug, Default)]
pub(crate) struct Doors(Vec<Door>);

impl Doors {
    fn get(&self, id: DoorId) -> Option<&Door> {
        self.0.get(id.0 as usize)
    }

    fn get_mut(&mut self, id: DoorId) -> Option<&mut Door> {
        self.0.get_mut(id.0 as usize)
    }
}

impl Kernel {
    /// Listens at a path, where a socket's file is made anew.
    /// # Errors
    /// `ENOENT` if the directory is not there, `EADDRINUSE` if something else is.
    pub fn local_listen(&mut self, who: ProcessId, at: &str, mode: u32) -> Result<FileId, Errno> {
        let process = self.proc.get(who).ok_or(Errno::ESRCH)?;
        let mount = process.mount;
        let at = self.destination(mount, &path::absolute(&process.cwd, at));
        let place = self.writable(mount, &at)?;
        let folder = path::split(&at).and_then(|(folder, _)| self.lookup(mount, folder));
        if !folder.is_some_and(|meta| matches!(meta.node, Node::Dir)) {
            return Err(Errno::ENOENT);
        }
        match self.lookup(mount, &at).map(|meta| &meta.node) {
            None | Some(Node::Socket(_)) => {}
            Some(_) => return Err(Errno::EADDRINUSE),
        }
        let doors = &mut self.proc.doors;
        let id = DoorId(u32::try_from(doors.0.len()).or(Err(Errno::EMFILE))?);
        doors.0.push(Door::default());
        let now = self.now;
        let tree = self.tree_mut(place.tree).ok_or(Errno::ENOENT)?;
        tree.put(&place.path, Node::Socket(id), mode, now);
        Ok(self.proc.files.add(FileKind::Door(id)))
    }

    /// Takes the next stream that leads here.
    /// # Errors
    /// `EAGAIN` if there is none yet (the running task is then woken when there is), `EINVAL` if the file does not listen.
    pub fn local_accept(&mut self, file: FileId) -> Result<FileId, Errno> {
        let Some(FileKind::Door(id)) = self.proc.files.kind(file) else {
            return Err(Errno::EINVAL);
        };
        let id = *id;
        let next = self
            .proc
            .doors
            .get_mut(id)
            .and_then(|d| d.waiting.pop_front());
        next.ok_or_else(|| {
            self.proc.wait_on(WaitKey::Door(id));
            Errno::EAGAIN
        })
    }

    /// A stream to whoever listens at a path.
    /// # Errors
    /// `ENOENT`, `ECONNREFUSED` if nobody listens there.
    pub fn local_connect(&mut self, who: ProcessId, at: &str) -> Result<FileId, Errno> {
        let ns = self.proc.get(who).ok_or(Errno::ESRCH)?.netns;
        let found = self.door(who, at);
        if found.is_err() {
            self.trace_note(ns, Note::NoListener(at.to_owned()));
        }
        let id = found?;
        let (near, far) = self.proc.files.streams();
        if let Some(door) = self.proc.doors.get_mut(id) {
            door.waiting.push_back(far);
        }
        self.proc.wake(WaitKey::Door(id));
        Ok(near)
    }

    /// What listens at a path.
    fn door(&self, who: ProcessId, at: &str) -> Result<DoorId, Errno> {
        let process = self.proc.get(who).ok_or(Errno::ESRCH)?;
        let at = self.resolve(process.mount, &path::absolute(&process.cwd, at), true)?;
        let found = self.lookup(process.mount, &at).ok_or(Errno::ENOENT)?;
        let open = |id: &DoorId| self.proc.doors.get(*id).is_some_and(|door| !door.closed);
        match found.node {
            Node::Socket(id) if open(&id) => self.permit(who, &at, Access::Write).map(|()| id),
            _ => Err(Errno::ECONNREFUSED),
        }
    }

    /// Nobody listens any more: who waits to be taken finds the stream at its end.
    pub(crate) fn door_close(&mut self, id: DoorId) {
        let Some(door) = self.proc.doors.get_mut(id) else {
            return;
        };
        door.closed = true;
        for stream in std::mem::take(&mut door.waiting) {
            self.file_release(stream);
        }
    }
}
