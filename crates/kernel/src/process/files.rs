//! Open files: what a file descriptor stands for, shared and counted as on Linux.

use super::WaitKey;
use super::local::DoorId;
use super::signal::Signal;
use super::tty::{Output, Stream, TtyId};
use crate::errno::Errno;
use crate::fs::{Node, Place, path, procfs};
use crate::ids::{MountId, NetnsId, ProcessId, SocketId};
use crate::state::Kernel;
use bytes::{Bytes, BytesMut};
use std::collections::VecDeque;

/// A file descriptor of one process.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Fd(pub u32);

impl Fd {
    /// Standard input.
    pub const STDIN: Self = Self(0);
    /// Standard output.
    pub const STDOUT: Self = Self(1);
    /// Standard error.
    pub const STDERR: Self = Self(2);
}

/// An open file description, shared by descriptors that were duplicated or inherited.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FileId(pub u32);

/// What is open.
#[derive(Debug)]
pub enum FileKind {
    /// `/dev/null`.
    Null,
    /// `/dev/zero` and `/dev/full`: as many zeros as are asked for.
    Zero,
    /// `/dev/urandom` and `/dev/random`.
    Random,
    /// A stored or computed file.
    Regular(RegularFile),
    /// The reading end of a pipe.
    PipeRead(u32),
    /// The writing end of a pipe.
    PipeWrite(u32),
    /// A socket.
    Socket(SocketId),
    /// One end of a stream of AF_UNIX: the pipes that it reads and writes.
    Stream {
        /// What comes.
        from: u32,
        /// What goes.
        to: u32,
    },
    /// A socket of AF_UNIX that listens.
    Door(DoorId),
    /// A terminal. What is written is marked as coming by this stream, so that a front end can tell errors apart.
    Tty(TtyId, Stream),
    /// Output that a front end collects.
    Sink(Output),
    /// A namespace's handle, for [`crate::sys::Sys::set_netns`].
    Netns(NetnsId),
}

/// What one read of a device without end gives at most, bytes: whoever wants all of it gets it piece by piece.
const PIECE: usize = 4096;

/// A regular file opened by a process.
#[derive(Debug)]
pub struct RegularFile {
    mount: MountId,
    path: String,
    /// For `/proc` and `/sys`: the text as it was when opened.
    computed: Option<Bytes>,
    offset: usize,
    options: OpenOptions,
}

/// How to open a file.
#[derive(Clone, Copy, Debug, Default)]
pub struct OpenOptions {
    /// For reading.
    pub read: bool,
    /// For writing.
    pub write: bool,
    /// Every write goes to the end.
    pub append: bool,
    /// Make it if it is not there.
    pub create: bool,
    /// Empty it first.
    pub truncate: bool,
}

impl OpenOptions {
    /// `<`.
    pub const READ: Self = Self {
        read: true,
        write: false,
        append: false,
        create: false,
        truncate: false,
    };
    /// `>`.
    pub const WRITE: Self = Self {
        read: false,
        write: true,
        append: false,
        create: true,
        truncate: true,
    };
    /// `>>`.
    pub const APPEND: Self = Self {
        read: false,
        write: true,
        append: true,
        create: true,
        truncate: false,
    };
}

#[derive(Debug)]
struct OpenFile {
    kind: FileKind,
    refs: u32,
}

/// As on Linux: 16 pages.
const PIPE_CAPACITY: usize = 65_536;

/// How large a file may grow, bytes: then the disk is full.
const MAX_FILE: usize = 16 << 20;

/// `old` with `data` written at `at`, and zeros in between; made in place if nobody else holds `old`.
fn overlaid(old: Bytes, at: usize, data: &[u8]) -> Bytes {
    let mut contents = old
        .try_into_mut()
        .unwrap_or_else(|shared| BytesMut::from(&*shared));
    if contents.len() < at {
        contents.resize(at, 0);
    }
    let over = data.len().min(contents.len() - at);
    let (inside, beyond) = data.split_at(over);
    contents
        .iter_mut()
        .skip(at)
        .zip(inside)
        .for_each(|(to, from)| *to = *from);
    contents.extend_from_slice(beyond);
    contents.freeze()
}

#[derive(Debug, Default)]
struct Pipe {
    buffer: VecDeque<u8>,
    readers: u32,
    writers: u32,
}

/// The open files of all processes.
#[derive(Debug, Default)]
pub struct Files {
    open: Vec<Option<OpenFile>>,
    free: Vec<u32>,
    pipes: Vec<Pipe>,
}

impl Files {
    /// Opens something, with one reference.
    pub fn add(&mut self, kind: FileKind) -> FileId {
        let file = Some(OpenFile { kind, refs: 1 });
        if let Some(index) = self.free.pop() {
            if let Some(slot) = self.open.get_mut(index as usize) {
                *slot = file;
            }
            return FileId(index);
        }
        self.open.push(file);
        FileId(u32::try_from(self.open.len() - 1).unwrap_or(u32::MAX))
    }

    /// What `id` stands for.
    #[must_use]
    pub fn kind(&self, id: FileId) -> Option<&FileKind> {
        self.open.get(id.0 as usize)?.as_ref().map(|f| &f.kind)
    }

    fn get_mut(&mut self, id: FileId) -> Result<&mut OpenFile, Errno> {
        self.open
            .get_mut(id.0 as usize)
            .and_then(Option::as_mut)
            .ok_or(Errno::EBADF)
    }

    /// Another reference to `id`.
    pub fn retain(&mut self, id: FileId) {
        if let Ok(file) = self.get_mut(id) {
            file.refs += 1;
        }
    }

    fn add_pipe(&mut self) -> u32 {
        self.pipes.push(Pipe {
            buffer: VecDeque::new(),
            readers: 1,
            writers: 1,
        });
        u32::try_from(self.pipes.len() - 1).unwrap_or(u32::MAX)
    }

    /// A pipe: reading and writing end.
    pub fn pipe(&mut self) -> (FileId, FileId) {
        let index = self.add_pipe();
        (
            self.add(FileKind::PipeRead(index)),
            self.add(FileKind::PipeWrite(index)),
        )
    }

    /// Both ends of a stream.
    pub(super) fn streams(&mut self) -> (FileId, FileId) {
        let (there, back) = (self.add_pipe(), self.add_pipe());
        let near = FileKind::Stream {
            from: back,
            to: there,
        };
        let far = FileKind::Stream {
            from: there,
            to: back,
        };
        (self.add(near), self.add(far))
    }

    /// What a sink has collected.
    #[must_use]
    pub fn sink(&self, id: FileId) -> Option<&Output> {
        match self.kind(id)? {
            FileKind::Sink(output) => Some(output),
            _ => None,
        }
    }
}

impl Kernel {
    /// Drops one reference to an open file; the last one closes it.
    pub fn file_release(&mut self, id: FileId) {
        let Ok(file) = self.proc.files.get_mut(id) else {
            return;
        };
        file.refs = file.refs.saturating_sub(1);
        if file.refs > 0 {
            return;
        }
        let closed = self
            .proc
            .files
            .open
            .get_mut(id.0 as usize)
            .and_then(Option::take);
        self.proc.files.free.push(id.0);
        match closed.map(|f| f.kind) {
            Some(FileKind::Socket(socket)) => self.sock_close(socket),
            Some(FileKind::PipeRead(pipe)) => self.pipe_end_closed(pipe, true),
            Some(FileKind::PipeWrite(pipe)) => self.pipe_end_closed(pipe, false),
            Some(FileKind::Stream { from, to }) => {
                self.pipe_end_closed(from, true);
                self.pipe_end_closed(to, false);
            }
            Some(FileKind::Door(door)) => self.door_close(door),
            _ => {}
        }
    }

    fn pipe_end_closed(&mut self, pipe: u32, reader: bool) {
        if let Some(p) = self.proc.files.pipes.get_mut(pipe as usize) {
            let count = if reader {
                &mut p.readers
            } else {
                &mut p.writers
            };
            *count = count.saturating_sub(1);
        }
        self.proc.wake(WaitKey::Pipe(pipe));
    }

    /// Reads up to `max` bytes. Empty means the end.
    /// # Errors
    /// `EAGAIN` if there is nothing yet (the running task is then woken when there is), `EBADF`, `EISDIR`, or a socket's error.
    pub fn file_read(&mut self, id: FileId, max: usize) -> Result<Bytes, Errno> {
        let file = self.proc.files.get_mut(id)?;
        match &mut file.kind {
            FileKind::Null => Ok(Bytes::new()),
            FileKind::Zero => Ok(vec![0; max.min(PIECE)].into()),
            FileKind::Random => {
                let mut bytes = vec![0; max.min(PIECE)];
                self.rng.fill(&mut bytes);
                Ok(bytes.into())
            }
            FileKind::Regular(regular) => {
                if !regular.options.read {
                    return Err(Errno::EBADF);
                }
                let (mount, path, offset) = (regular.mount, regular.path.clone(), regular.offset);
                let computed = regular.computed.clone();
                let data = match computed {
                    Some(data) => data,
                    None => self.file_contents(mount, &path)?,
                };
                let start = offset.min(data.len());
                let out = data.slice(start..data.len().min(start.saturating_add(max)));
                if let FileKind::Regular(regular) = &mut self.proc.files.get_mut(id)?.kind {
                    regular.offset = start + out.len();
                }
                Ok(out)
            }
            FileKind::PipeRead(pipe) | FileKind::Stream { from: pipe, .. } => {
                let key = WaitKey::Pipe(*pipe);
                let index = *pipe as usize;
                let pipe = self.proc.files.pipes.get_mut(index).ok_or(Errno::EBADF)?;
                if !pipe.buffer.is_empty() {
                    let n = pipe.buffer.len().min(max);
                    let out: Bytes = pipe.buffer.drain(..n).collect();
                    self.proc.wake(key);
                    Ok(out)
                } else if pipe.writers == 0 {
                    Ok(Bytes::new())
                } else {
                    self.proc.wait_on(key);
                    Err(Errno::EAGAIN)
                }
            }
            FileKind::Socket(socket) => {
                let socket = *socket;
                self.sock_recv(socket, max)
            }
            FileKind::Tty(tty, _) => {
                let tty = *tty;
                self.tty_read(tty, max)
            }
            FileKind::PipeWrite(_) | FileKind::Sink(_) => Err(Errno::EBADF),
            FileKind::Netns(_) | FileKind::Door(_) => Err(Errno::EINVAL),
        }
    }

    /// Writes all of `data` at once, as far as anybody takes it; a process that has overfilled a pipe or a connection by this
    /// goes on when there is room again.
    pub(crate) fn file_print(&mut self, who: ProcessId, id: FileId, data: &[u8]) {
        let Some(process) = self.proc.get_mut(who).filter(|p| p.doomed.is_none()) else {
            return;
        };
        process.credit.borrow();
        if self.file_put(who, id, data, true).is_err() {
            return;
        }
        let key = match self.proc.files.kind(id) {
            Some(FileKind::PipeWrite(pipe) | FileKind::Stream { to: pipe, .. }) => {
                WaitKey::Pipe(*pipe)
            }
            Some(FileKind::Socket(socket)) => WaitKey::Socket(*socket),
            _ => return,
        };
        if !self.room(key).0
            && let Some(process) = self.proc.get_mut(who)
        {
            process.overfull = Some(key);
        }
    }

    /// Whether there is room for more output, and whether there ever will be.
    fn room(&self, key: WaitKey) -> (bool, bool) {
        match key {
            WaitKey::Pipe(pipe) => match self.proc.files.pipes.get(pipe as usize) {
                Some(pipe) => (pipe.buffer.len() < PIPE_CAPACITY, pipe.readers > 0),
                None => (true, true),
            },
            WaitKey::Socket(socket) => (self.sock_has_room(socket), true),
            _ => (true, true),
        }
    }

    /// Whether process `who`, whose task is about to run, has to wait until somebody takes what it has printed. The task is
    /// woken then. A signal that it catches lets it go on.
    pub(crate) fn must_wait_for_room(&mut self, who: ProcessId) -> bool {
        let Some(key) = self.proc.get(who).and_then(|p| p.overfull) else {
            return false;
        };
        let (room, hope) = self.room(key);
        if !room && hope {
            self.proc.wait_on(key);
            return !self.proc.is_interrupted(who);
        }
        if let Some(process) = self.proc.get_mut(who) {
            process.overfull = None;
        }
        if !room {
            let _ = self.kill(who, Signal::PIPE);
        }
        self.proc.get(who).is_some_and(|p| p.doomed.is_some())
    }

    /// Writes some of `data`; says how much.
    /// # Errors
    /// `EAGAIN` if there is no room yet (the running task is then woken when there is), `EPIPE` (and `SIGPIPE` to `who`) if
    /// nobody will read it, `EBADF`, or a socket's error.
    pub fn file_write(&mut self, who: ProcessId, id: FileId, data: &[u8]) -> Result<usize, Errno> {
        self.file_put(who, id, data, false)
    }

    fn file_put(
        &mut self,
        who: ProcessId,
        id: FileId,
        data: &[u8],
        all: bool,
    ) -> Result<usize, Errno> {
        let now = self.now;
        let file = self.proc.files.get_mut(id)?;
        match &mut file.kind {
            FileKind::Null | FileKind::Zero | FileKind::Random => Ok(data.len()),
            FileKind::Sink(output) => {
                output.push(now, Stream::Out, data);
                Ok(data.len())
            }
            FileKind::Tty(tty, stream) => {
                let (tty, stream) = (*tty, *stream);
                self.tty_write(tty, stream, data);
                Ok(data.len())
            }
            FileKind::PipeWrite(pipe) | FileKind::Stream { to: pipe, .. } => {
                let key = WaitKey::Pipe(*pipe);
                let index = *pipe as usize;
                let pipe = self.proc.files.pipes.get_mut(index).ok_or(Errno::EBADF)?;
                if pipe.readers == 0 {
                    let _ = self.kill(who, Signal::PIPE);
                    return Err(Errno::EPIPE);
                }
                let room = PIPE_CAPACITY.saturating_sub(pipe.buffer.len());
                let n = if all {
                    data.len()
                } else {
                    room.min(data.len())
                };
                if n == 0 && !data.is_empty() {
                    self.proc.wait_on(key);
                    return Err(Errno::EAGAIN);
                }
                pipe.buffer.extend(data.iter().take(n));
                self.proc.wake(key);
                Ok(n)
            }
            FileKind::Socket(socket) => {
                let socket = *socket;
                let sent = self.sock_send(socket, data, all);
                if sent == Err(Errno::EPIPE) {
                    let _ = self.kill(who, Signal::PIPE);
                }
                sent
            }
            FileKind::Regular(regular) => {
                if !regular.options.write {
                    return Err(Errno::EBADF);
                }
                let (mount, path, append, offset) = (
                    regular.mount,
                    regular.path.clone(),
                    regular.options.append,
                    regular.offset,
                );
                if procfs::covers(&path) {
                    procfs::write(self, who, &path, data)?;
                    return Ok(data.len());
                }
                let length = self.file_contents(mount, &path)?.len();
                let at = if append { length } else { offset };
                if at.saturating_add(data.len()) > MAX_FILE {
                    return Err(Errno::ENOSPC);
                }
                let old = self.file_take(mount, &path)?;
                self.file_store(mount, &path, overlaid(old, at, data))?;
                if let FileKind::Regular(regular) = &mut self.proc.files.get_mut(id)?.kind {
                    regular.offset = at + data.len();
                }
                Ok(data.len())
            }
            FileKind::PipeRead(_) => Err(Errno::EBADF),
            FileKind::Netns(_) | FileKind::Door(_) => Err(Errno::EINVAL),
        }
    }

    /// The contents at an absolute, resolved path.
    /// # Errors
    /// `ENOENT`, `EISDIR`, `EINVAL` for what has no contents.
    pub fn file_contents(&self, mount: MountId, path: &str) -> Result<Bytes, Errno> {
        match &self.lookup(mount, path).ok_or(Errno::ENOENT)?.node {
            Node::File(data) => Ok(data.clone()),
            Node::Dir => Err(Errno::EISDIR),
            Node::Program(_) => Ok(Bytes::from_static(b"\x7fELF")),
            Node::Socket(_) => Err(Errno::ENXIO),
            Node::Symlink(_) | Node::Netns(_) | Node::Device(_) => Err(Errno::EINVAL),
        }
    }

    /// Takes the stored contents out, so that they can be changed without a copy; the file is empty until they are stored.
    fn file_take(&mut self, mount: MountId, path: &str) -> Result<Bytes, Errno> {
        let tree = self.tree_mut(mount).ok_or(Errno::ENOENT)?;
        let mut taken = Bytes::new();
        tree.update(path, |meta| {
            if let Node::File(data) = &mut meta.node {
                taken = std::mem::take(data);
            }
        })?;
        Ok(taken)
    }

    /// Stores contents at the place of an absolute, resolved path.
    /// # Errors
    /// `EISDIR`, `ENOENT` if the directory is not there.
    pub fn file_store(&mut self, mount: MountId, path: &str, data: Bytes) -> Result<(), Errno> {
        let now = self.now;
        let Place { tree, path, .. } = self.place(mount, path);
        let path = path.as_str();
        let tree = self.tree_mut(tree).ok_or(Errno::ENOENT)?;
        match tree.get(path).map(|m| m.node.clone()) {
            Some(Node::Dir) => Err(Errno::EISDIR),
            Some(Node::File(_) | Node::Program(_)) => tree.update(path, |meta| {
                meta.node = Node::File(data);
                meta.modified = now;
            }),
            Some(Node::Socket(_)) => Err(Errno::ENXIO),
            Some(Node::Symlink(_) | Node::Netns(_) | Node::Device(_)) => Err(Errno::EINVAL),
            None => {
                let (dir, _) = path::split(path).ok_or(Errno::EISDIR)?;
                if !matches!(tree.get(dir).map(|m| &m.node), Some(Node::Dir)) {
                    return Err(Errno::ENOENT);
                }
                tree.put(path, Node::File(data), 0o644, now);
                Ok(())
            }
        }
    }

    /// The file tree `mount`.
    #[must_use]
    pub fn tree(&self, mount: MountId) -> Option<&crate::fs::Tree> {
        self.mounts.get(mount.index())?.as_ref()
    }

    /// The file tree `mount`, to change it.
    pub fn tree_mut(&mut self, mount: MountId) -> Option<&mut crate::fs::Tree> {
        self.mounts.get_mut(mount.index())?.as_mut()
    }

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
        let own = path
            .strip_prefix("/dev/fd/")
            .or_else(|| path.strip_prefix("/proc/self/fd/"));
        if let Some(fd) = own.and_then(|number| number.parse().ok()).map(Fd) {
            let found = self.proc.get(who).and_then(|p| p.fds.get(&fd)).copied();
            let id = found.ok_or(Errno::ENOENT)?;
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
        let Place {
            tree: mount,
            path,
            read_only,
        } = self.place(mount, &path);
        let stored = matches!(node, Some(Node::File(_) | Node::Program(_)) | None);
        let changes = options.write && (node.is_some() || options.create);
        if read_only && stored && changes {
            return Err(Errno::EROFS);
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
