//! Pipes, and streams of AF_UNIX, which are two of them.

use super::WaitKey;
use super::files::{FileId, FileKind, Files};
use super::local::DoorId;
use super::signal::Signal;
use crate::errno::Errno;
use crate::ids::ProcessId;
use crate::state::Kernel;
use bytes::Bytes;
use std::collections::VecDeque;

/// As on Linux: 16 pages.
const PIPE_CAPACITY: usize = 65_536;

#[derive(Debug, Default)]
pub(super) struct Pipe {
    buffer: VecDeque<u8>,
    readers: u32,
    writers: u32,
}

impl Files {
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

    /// Both ends of a stream that leads through a door: the one who knocked, and the one within.
    pub(super) fn streams(&mut self, door: DoorId) -> (FileId, FileId) {
        let (there, back) = (self.add_pipe(), self.add_pipe());
        let near = FileKind::Stream {
            from: back,
            to: there,
            door: None,
        };
        let far = FileKind::Stream {
            from: there,
            to: back,
            door: Some(door),
        };
        (self.add(near), self.add(far))
    }

    /// Whether there is room in a pipe, and whether there ever will be.
    pub(super) fn pipe_room(&self, pipe: u32) -> (bool, bool) {
        match self.pipes.get(pipe as usize) {
            Some(pipe) => (pipe.buffer.len() < PIPE_CAPACITY, pipe.readers > 0),
            None => (true, true),
        }
    }
}

impl Kernel {
    /// Ends what goes out by a stream; what comes is read on.
    /// # Errors
    /// `EBADF`; `ENOTSOCK` for what is no stream.
    pub(crate) fn stream_shutdown(&mut self, id: FileId) -> Result<(), Errno> {
        let file = self.proc.files.get_mut(id)?;
        let (from, to) = match file.kind {
            FileKind::Stream { from, to, .. } => (from, to),
            FileKind::PipeRead(_) => return Ok(()),
            _ => return Err(Errno::ENOTSOCK),
        };
        file.kind = FileKind::PipeRead(from);
        self.pipe_end_closed(to, false);
        Ok(())
    }

    pub(super) fn pipe_end_closed(&mut self, pipe: u32, reader: bool) {
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

    pub(super) fn pipe_read(&mut self, pipe: u32, max: usize) -> Result<Bytes, Errno> {
        let key = WaitKey::Pipe(pipe);
        let index = pipe as usize;
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

    /// Writes as much as there is room for, or all.
    pub(super) fn pipe_put(
        &mut self,
        who: ProcessId,
        pipe: u32,
        data: &[u8],
        all: bool,
    ) -> Result<usize, Errno> {
        let key = WaitKey::Pipe(pipe);
        let index = pipe as usize;
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
}
