//! A TCP connection with a buffer for what was read: lines, exact lengths, whatever is there.

use bytes::{Bytes, BytesMut};
use kernel::Errno;
use kernel::process::files::Fd;
use kernel::sys::Sys;

/// What is read at once, bytes.
const PIECE: usize = 65_536;

/// A longer line is a protocol error.
const MAX_LINE: usize = 1 << 20;

/// An open stream socket; closed when this is dropped.
pub struct Stream {
    sys: Sys,
    fd: Fd,
    buffer: BytesMut,
}

impl Stream {
    /// Takes over a connected socket.
    #[must_use]
    pub fn new(sys: &Sys, fd: Fd) -> Self {
        Self {
            sys: sys.clone(),
            fd,
            buffer: BytesMut::new(),
        }
    }

    /// The socket.
    #[must_use]
    pub const fn fd(&self) -> Fd {
        self.fd
    }

    /// Reads more; false at the end.
    /// # Errors
    /// What the network reported.
    pub async fn fill(&mut self) -> Result<bool, Errno> {
        let data = self.sys.read(self.fd, PIECE).await?;
        self.buffer.extend_from_slice(&data);
        Ok(!data.is_empty())
    }

    /// What was read and not yet taken.
    #[must_use]
    pub fn buffered(&self) -> &[u8] {
        &self.buffer
    }

    /// Takes up to `max` bytes, waiting for at least one; empty at the end.
    /// # Errors
    /// What the network reported.
    pub async fn some(&mut self, max: usize) -> Result<Bytes, Errno> {
        if self.buffer.is_empty() {
            self.fill().await?;
        }
        let n = self.buffer.len().min(max);
        Ok(self.buffer.split_to(n).freeze())
    }

    /// Takes exactly `n` bytes; `None` if the end comes first.
    /// # Errors
    /// What the network reported.
    pub async fn exactly(&mut self, n: usize) -> Result<Option<Bytes>, Errno> {
        while self.buffer.len() < n {
            if !self.fill().await? {
                return Ok(None);
            }
        }
        Ok(Some(self.buffer.split_to(n).freeze()))
    }

    /// Takes a line, its end (LF or CRLF) cut off; `None` at the end, an unfinished last line counts as one.
    /// # Errors
    /// What the network reported; `EPROTO` for an endless line.
    pub async fn line(&mut self) -> Result<Option<String>, Errno> {
        loop {
            if let Some(at) = self.buffer.iter().position(|b| *b == b'\n') {
                let line = self.buffer.split_to(at + 1);
                let text = String::from_utf8_lossy(&line);
                let text = text.trim_end_matches('\n');
                return Ok(Some(text.strip_suffix('\r').unwrap_or(text).to_owned()));
            }
            if self.buffer.len() > MAX_LINE {
                return Err(Errno::EPROTO);
            }
            if !self.fill().await? {
                let rest = self.buffer.split();
                return Ok((!rest.is_empty()).then(|| String::from_utf8_lossy(&rest).into_owned()));
            }
        }
    }

    /// Writes everything.
    /// # Errors
    /// What the network reported; `EPIPE`.
    pub async fn write(&self, data: &[u8]) -> Result<(), Errno> {
        self.sys.write(self.fd, data).await
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.sys.close(self.fd);
    }
}
