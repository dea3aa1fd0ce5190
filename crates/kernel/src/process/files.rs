//! Open files: what a file descriptor stands for, shared and counted as on Linux.

use super::WaitKey;
use super::local::DoorId;
use super::pipe::Pipe;
use super::signal::Signal;
use super::tty::{Output, Stream, TtyId};
use crate::errno::Errno;
use crate::fs::procfs;
use crate::ids::{MountId, NetnsId, ProcessId, SocketId};
use crate::state::Kernel;
use bytes::Bytes;

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
        /// The socket at which it was accepted; `None` for the end that asked.
        door: Option<DoorId>,
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
    pub(super) mount: MountId,
    pub(super) path: String,
    /// For `/proc` and `/sys`: the text as it was when opened.
    pub(super) computed: Option<Bytes>,
    pub(super) offset: usize,
    pub(super) options: OpenOptions,
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
pub(super) struct OpenFile {
    pub(super) kind: FileKind,
    refs: u32,
}

/// The open files of all processes.
#[derive(Debug, Default)]
pub struct Files {
    open: Vec<Option<OpenFile>>,
    free: Vec<u32>,
    pub(super) pipes: Vec<Pipe>,
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

    pub(super) fn get_mut(&mut self, id: FileId) -> Result<&mut OpenFile, Errno> {
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
            Some(FileKind::Stream { from, to, .. }) => {
                self.pipe_end_closed(from, true);
                self.pipe_end_closed(to, false);
            }
            Some(FileKind::Door(door)) => self.door_close(door),
            _ => {}
        }
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
                let pipe = *pipe;
                self.pipe_read(pipe, max)
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
            WaitKey::Pipe(pipe) => self.proc.files.pipe_room(pipe),
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
                let pipe = *pipe;
                self.pipe_put(who, pipe, data, all)
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
                let at = self.file_write_at(mount, &path, (!append).then_some(offset), data)?;
                if let FileKind::Regular(regular) = &mut self.proc.files.get_mut(id)?.kind {
                    regular.offset = at + data.len();
                }
                Ok(data.len())
            }
            FileKind::PipeRead(_) => Err(Errno::EBADF),
            FileKind::Netns(_) | FileKind::Door(_) => Err(Errno::EINVAL),
        }
    }
}
