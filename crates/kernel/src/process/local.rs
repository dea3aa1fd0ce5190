//! Sockets of AF_UNIX that have a path: a door behind which a program listens for others of its machine, and the streams that
//! lead through it. A stream is two pipes, one for each direction. Source: unix(7).

use super::WaitKey;
use super::files::{FileId, FileKind};
use crate::errno::Errno;
use crate::fs::access::Access;
use crate::fs::{Node, path};
use crate::ids::{NetnsId, ProcessId};
use crate::state::Kernel;
use crate::trace::Note;
use std::collections::VecDeque;
use std::rc::Rc;

/// Which listening socket.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct DoorId(u32);

/// A socket that listens at a path.
#[derive(Debug)]
pub(crate) struct Door {
    closed: bool,
    path: Rc<str>,
    backlog: u32,
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

/// A socket of AF_UNIX as `ss` and `/proc/net/unix` list it.
#[derive(Clone, Debug)]
pub struct LocalSocket {
    /// The open file that it is.
    pub file: FileId,
    /// Its number.
    pub inode: u64,
    /// The number of the other end of a stream; `None` for one that listens.
    pub peer: Option<u64>,
    /// The path as it was given to the program that listened there; `None` for the end that asked.
    pub path: Option<Rc<str>>,
    /// How many streams wait to be accepted.
    pub waiting: usize,
    /// How many may.
    pub backlog: u32,
}

/// Where the numbers of these sockets begin: beyond those of others.
const FIRST_INODE: u64 = 1 << 20;
/// Where the numbers of streams begin; each end is known by the pipe that it reads.
const FIRST_STREAM: u64 = 1 << 21;

impl Kernel {
    /// The sockets of AF_UNIX that the processes of a network namespace have open: first those that listen.
    #[must_use]
    pub fn local_list(&self, ns: NetnsId) -> Vec<LocalSocket> {
        let machine = self.net.netns(ns).map(|netns| netns.machine);
        let processes = machine
            .into_iter()
            .flat_map(|machine| self.proc.of(machine));
        let mut files: Vec<FileId> = processes
            .filter(|process| process.netns == ns)
            .flat_map(|process| process.fds.values().copied())
            .collect();
        sorted::sort(&mut files);
        files.dedup();
        let mut found: Vec<LocalSocket> = files
            .into_iter()
            .filter_map(|file| self.local_socket(file))
            .collect();
        sorted::sort_by_key(&mut found, |socket| (socket.peer.is_some(), socket.inode));
        found
    }

    fn local_socket(&self, file: FileId) -> Option<LocalSocket> {
        let path = |door: &Door| Some(door.path.clone());
        let socket = match self.proc.files.kind(file)? {
            FileKind::Door(id) => {
                let door = self.proc.doors.get(*id)?;
                LocalSocket {
                    file,
                    inode: FIRST_INODE + u64::from(id.0),
                    peer: None,
                    path: path(door),
                    waiting: door.waiting.len(),
                    backlog: door.backlog,
                }
            }
            FileKind::Stream { from, to, door } => LocalSocket {
                file,
                inode: FIRST_STREAM + u64::from(*from),
                peer: Some(FIRST_STREAM + u64::from(*to)),
                path: door.and_then(|door| self.proc.doors.get(door).and_then(path)),
                waiting: 0,
                backlog: 0,
            },
            _ => return None,
        };
        Some(socket)
    }

    /// Listens at a path, where a socket's file is made anew. That only so many streams may wait as `backlog` says is told
    /// and not enforced.
    /// # Errors
    /// `ENOENT` if the directory is not there, `EADDRINUSE` if something else is.
    pub fn local_listen(
        &mut self,
        who: ProcessId,
        at: &str,
        mode: u32,
        backlog: u32,
    ) -> Result<FileId, Errno> {
        let process = self.proc.get(who).ok_or(Errno::ESRCH)?;
        let (mount, name) = (process.mount, at);
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
        doors.0.push(Door {
            closed: false,
            path: name.into(),
            backlog,
            waiting: VecDeque::new(),
        });
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
        let (near, far) = self.proc.files.streams(id);
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
