//! System calls about files.

use super::{Call, Sys};
use crate::errno::Errno;
use crate::fs::access::Access;
use crate::fs::{DirEntry, Metadata, Node, path, procfs};
use crate::process::WaitKey;
use crate::process::files::{Fd, FileId, FileKind, OpenOptions};
use crate::process::tty::TtyId;
use bytes::Bytes;

impl Sys {
    pub(super) fn file(&self, fd: Fd) -> Result<FileId, Errno> {
        self.me(|p| p.fds.get(&fd).copied())
            .flatten()
            .ok_or(Errno::EBADF)
    }

    fn install(&self, file: FileId) -> Result<Fd, Errno> {
        let mut k = self.kernel.borrow_mut();
        let p = k.proc.get_mut(self.id).ok_or(Errno::ESRCH)?;
        // The lowest that is free: they stand in order, so those before it are as many as it says.
        let taken = p.fds.keys().zip(0..).take_while(|(fd, at)| fd.0 == *at);
        let fd = Fd(u32::try_from(taken.count()).or(Err(Errno::EMFILE))?);
        p.fds.insert(fd, file);
        Ok(fd)
    }

    pub(super) fn install_kind(&self, kind: FileKind) -> Result<Fd, Errno> {
        let file = self.kernel.borrow_mut().proc.files.add(kind);
        self.install(file)
    }

    /// Opens a file.
    /// # Errors
    /// As `open(2)`.
    pub fn open(&self, path: &str, options: OpenOptions) -> Result<Fd, Errno> {
        let file = self.kernel.borrow_mut().file_open(self.id, path, options)?;
        self.install(file)
    }

    /// Closes a descriptor.
    pub fn close(&self, fd: Fd) {
        let mut k = self.kernel.borrow_mut();
        let file = k.proc.get_mut(self.id).and_then(|p| p.fds.remove(&fd));
        if let Some(file) = file {
            k.file_release(file);
        }
    }

    /// Another descriptor `to` for what `from` is open on; what `to` was before is closed.
    /// # Errors
    /// `EBADF`.
    pub fn dup2(&self, from: Fd, to: Fd) -> Result<(), Errno> {
        let file = self.file(from)?;
        if from == to {
            return Ok(());
        }
        self.close(to);
        let mut k = self.kernel.borrow_mut();
        k.proc.files.retain(file);
        k.proc
            .get_mut(self.id)
            .ok_or(Errno::ESRCH)?
            .fds
            .insert(to, file);
        Ok(())
    }

    /// The open file behind a descriptor, to be given to a child; the child gets a reference of its own when it starts.
    /// # Errors
    /// `EBADF`.
    pub fn handle(&self, fd: Fd) -> Result<FileId, Errno> {
        self.file(fd)
    }

    /// A pipe: reading and writing end.
    /// # Errors
    /// `EMFILE`.
    pub fn pipe(&self) -> Result<(Fd, Fd), Errno> {
        let (r, w) = self.kernel.borrow_mut().proc.files.pipe();
        Ok((self.install(r)?, self.install(w)?))
    }

    /// Listens for this machine's programs at a path, as a socket of AF_UNIX does; its file gets the permissions `mode`.
    /// `backlog`: how many streams may wait.
    /// # Errors
    /// `ENOENT`, `EADDRINUSE` if something else stands there.
    pub fn listen_local(&self, path: &str, mode: u32, backlog: u32) -> Result<Fd, Errno> {
        let mut kernel = self.kernel.borrow_mut();
        let file = kernel.local_listen(self.id, path, mode, backlog)?;
        drop(kernel);
        self.install(file)
    }

    /// Takes the next stream that leads to a path.
    /// # Errors
    /// `EINVAL` if the descriptor does not listen; `EINTR`.
    pub fn accept_local<'a>(&'a self, fd: Fd) -> Call<'a, Result<Fd, Errno>> {
        Box::pin(async move {
            let file = self.file(fd)?;
            let stream = self.blocking(|k| k.local_accept(file)).await?;
            self.install(stream)
        })
    }

    /// A stream to whoever listens at a path.
    /// # Errors
    /// `ENOENT`, `ECONNREFUSED`.
    pub fn connect_local(&self, path: &str) -> Result<Fd, Errno> {
        let file = self.kernel.borrow_mut().local_connect(self.id, path)?;
        self.install(file)
    }

    /// Reads up to `max` bytes; empty at the end.
    /// # Errors
    /// As `read(2)`.
    pub fn read<'a>(&'a self, fd: Fd, max: usize) -> Call<'a, Result<Bytes, Errno>> {
        Box::pin(async move {
            let file = self.file(fd)?;
            self.blocking(|k| k.file_read(file, max)).await
        })
    }

    /// Reads to the end, at most `limit` bytes.
    /// # Errors
    /// As `read(2)`; `EFBIG` beyond the limit.
    pub fn read_all<'a>(&'a self, fd: Fd, limit: usize) -> Call<'a, Result<Vec<u8>, Errno>> {
        Box::pin(async move {
            let mut out = Vec::new();
            loop {
                let piece = self.read(fd, 65_536).await?;
                if piece.is_empty() {
                    return Ok(out);
                }
                if out.len() + piece.len() > limit {
                    return Err(Errno::EFBIG);
                }
                out.extend_from_slice(&piece);
            }
        })
    }

    /// Writes everything.
    /// # Errors
    /// As `write(2)`.
    pub fn write<'a>(&'a self, fd: Fd, data: &'a [u8]) -> Call<'a, Result<(), Errno>> {
        Box::pin(async move {
            let file = self.file(fd)?;
            let mut rest = data;
            while !rest.is_empty() {
                let n = self.blocking(|k| k.file_write(self.id, file, rest)).await?;
                rest = rest.get(n..).unwrap_or_default();
            }
            Ok(())
        })
    }

    /// Writes text to standard output without waiting: a process that has printed more than there was room for stops at the
    /// next call that may wait, until somebody has read it. Whoever prints without end has to make such calls in between.
    /// Errors are ignored, as `printf` does (a broken pipe ends the process anyway).
    pub fn out(&self, text: &str) {
        self.print(Fd::STDOUT, text.as_bytes());
    }

    /// Writes text to standard error, as [`Sys::out`] does.
    pub fn err(&self, text: &str) {
        self.print(Fd::STDERR, text.as_bytes());
    }

    /// Writes bytes to a descriptor, as [`Sys::out`] does.
    pub fn print(&self, fd: Fd, data: &[u8]) {
        if let Ok(file) = self.file(fd) {
            let mut k = self.kernel.borrow_mut();
            k.file_print(self.id, file, data);
        }
    }

    /// Whether the descriptor is a terminal.
    #[must_use]
    pub fn is_tty(&self, fd: Fd) -> bool {
        let Ok(file) = self.file(fd) else {
            return false;
        };
        matches!(
            self.kernel.borrow().proc.files.kind(file),
            Some(FileKind::Tty(..))
        )
    }

    /// Waits until a terminal shows more than its first `from` pieces; see [`crate::Kernel::tty_shown`].
    pub async fn terminal_output(&self, tty: TtyId, from: u64) -> (Bytes, u64) {
        std::future::poll_fn(|_| {
            let mut k = self.kernel.borrow_mut();
            let (shown, next) = k.tty_shown(tty, from);
            if next > from {
                return std::task::Poll::Ready((shown, next));
            }
            k.proc.wait_on(WaitKey::TtyOutput(tty));
            std::task::Poll::Pending
        })
        .await
    }

    /// A stored or computed file's contents.
    /// # Errors
    /// As `open(2)`.
    pub fn read_file(&self, path: &str) -> Result<Bytes, Errno> {
        let path = self.real_path(path)?;
        let k = self.kernel.borrow();
        if procfs::covers(&path) {
            return procfs::read(&k, self.id, &path);
        }
        k.permit(self.id, &path, Access::Read)?;
        let mount = k.proc.get(self.id).ok_or(Errno::ESRCH)?.mount;
        k.file_contents(mount, &path)
    }

    /// The same as text; bytes that are not UTF-8 are replaced.
    /// # Errors
    /// As `open(2)`.
    pub fn read_text(&self, path: &str) -> Result<String, Errno> {
        Ok(String::from_utf8_lossy(&self.read_file(path)?).into_owned())
    }

    /// Writes a whole file, making it if needed.
    /// # Errors
    /// As `open(2)`.
    pub fn write_file(&self, path: &str, data: &[u8]) -> Result<(), Errno> {
        let path = self.real_path(path)?;
        let mut k = self.kernel.borrow_mut();
        if procfs::covers(&path) {
            return procfs::write(&mut k, self.id, &path, data);
        }
        let p = k.proc.get(self.id).ok_or(Errno::ESRCH)?;
        let (mount, uid) = (p.mount, p.uid);
        let place = k.writable(mount, &path)?;
        k.permit(self.id, &path, Access::Write)?;
        let fresh = k.lookup(mount, &path).is_none();
        k.file_store(mount, &path, Bytes::copy_from_slice(data))?;
        if fresh {
            k.give_to(&place, uid);
        }
        Ok(())
    }

    /// What stands at `path`, symbolic links followed or not.
    /// # Errors
    /// `ENOENT`, `ENOTDIR`, `ELOOP`.
    pub fn stat(&self, path: &str, follow: bool) -> Result<Metadata, Errno> {
        let k = self.kernel.borrow();
        let p = k.proc.get(self.id).ok_or(Errno::ESRCH)?;
        let path = k.resolve(p.mount, &path::absolute(&p.cwd, path), follow)?;
        if procfs::covers(&path) {
            return procfs::stat(&k, self.id, &path, follow);
        }
        k.lookup(p.mount, &path).cloned().ok_or(Errno::ENOENT)
    }

    /// Whether anything stands at `path`.
    #[must_use]
    pub fn exists(&self, path: &str) -> bool {
        self.stat(path, true).is_ok()
    }

    /// Whether `path` is a directory.
    #[must_use]
    pub fn is_dir(&self, path: &str) -> bool {
        self.stat(path, true)
            .is_ok_and(|m| matches!(m.node, Node::Dir))
    }

    /// The names in a directory, sorted by bytes, without `.` and `..`.
    /// # Errors
    /// `ENOENT`, `ENOTDIR`.
    pub fn read_dir(&self, dir: &str) -> Result<Vec<DirEntry>, Errno> {
        let path = self.real_path(dir)?;
        let k = self.kernel.borrow();
        if procfs::covers(&path) {
            return procfs::list(&k, self.id, &path);
        }
        let mount = k.proc.get(self.id).ok_or(Errno::ESRCH)?.mount;
        k.permit(self.id, &path, Access::Read)?;
        match k.lookup(mount, &path).map(|m| &m.node) {
            Some(Node::Dir) => Ok(k.list(mount, &path)),
            Some(_) => Err(Errno::ENOTDIR),
            None => Err(Errno::ENOENT),
        }
    }

    /// Puts a node (directory, link, program ...) at `path`; the directory above must exist.
    /// # Errors
    /// `EEXIST`, `ENOENT`, `EROFS`, `EACCES`.
    pub fn make_node(&self, path: &str, node: Node, mode: u32) -> Result<(), Errno> {
        let mut k = self.kernel.borrow_mut();
        let now = k.now;
        let p = k.proc.get(self.id).ok_or(Errno::ESRCH)?;
        let full = k.resolve(p.mount, &path::absolute(&p.cwd, path), false)?;
        if k.lookup(p.mount, &full).is_some() {
            return Err(Errno::EEXIST);
        }
        let uid = p.uid;
        let place = k.writable(p.mount, &full)?;
        let (dir, _) = path::split(&place.path).ok_or(Errno::EEXIST)?;
        if k.tree(place.tree)
            .is_none_or(|tree| tree.get(dir).is_none())
        {
            return Err(Errno::ENOENT);
        }
        k.permit_entry(self.id, &full)?;
        let tree = k.tree_mut(place.tree).ok_or(Errno::ENOENT)?;
        tree.put(&place.path, node, mode, now);
        k.give_to(&place, uid);
        Ok(())
    }

    /// Removes a file, link or empty directory.
    /// # Errors
    /// `ENOENT`, `ENOTEMPTY`, `EROFS`, `EACCES`, `EPERM`; `EBUSY` for what is mounted.
    pub fn remove(&self, path: &str) -> Result<(), Errno> {
        let mut k = self.kernel.borrow_mut();
        let p = k.proc.get(self.id).ok_or(Errno::ESRCH)?;
        let full = k.resolve(p.mount, &path::absolute(&p.cwd, path), false)?;
        k.lookup(p.mount, &full).ok_or(Errno::ENOENT)?;
        k.permit_entry(self.id, &full)?;
        if k.is_mounted(p.mount, &full) {
            return Err(Errno::EBUSY);
        }
        let place = k.writable(p.mount, &full)?;
        let tree = k.tree_mut(place.tree).ok_or(Errno::ENOENT)?;
        tree.remove(&place.path)
    }

    /// Whether something is mounted right at `path`: it cannot be moved or removed.
    #[must_use]
    pub fn is_mounted(&self, path: &str) -> bool {
        let real = self.real_path(path).unwrap_or_default();
        let mount = self.me(|p| p.mount);
        mount.is_some_and(|mount| self.kernel.borrow().is_mounted(mount, &real))
    }

    /// Changes permission bits.
    /// # Errors
    /// `ENOENT`; `EPERM` for another's file.
    pub fn chmod(&self, path: &str, mode: u32) -> Result<(), Errno> {
        let full = self.real_path(path)?;
        let mut k = self.kernel.borrow_mut();
        let mount = k.proc.get(self.id).ok_or(Errno::ESRCH)?.mount;
        let place = k.writable(mount, &full)?;
        k.permit_change(self.id, &full)?;
        k.tree_mut(place.tree)
            .ok_or(Errno::ENOENT)?
            .update(&place.path, |meta| meta.mode = mode)
    }
}
