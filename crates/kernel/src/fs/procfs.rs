//! `/proc` and `/sys`: views of the kernel that look like files.

use super::{DirEntry, Metadata, Node};
use crate::errno::Errno;
use crate::ids::ProcessId;
use crate::state::Kernel;
use crate::time::Instant;
use bytes::Bytes;

/// Whether a path is answered here and not stored.
#[must_use]
pub fn covers(path: &str) -> bool {
    ["/proc", "/sys"].iter().any(|root| path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

/// A file's text as `who` sees it.
/// # Errors
/// `ENOENT`, `EISDIR`.
pub fn read(kernel: &Kernel, who: ProcessId, path: &str) -> Result<Bytes, Errno> {
    let _ = (kernel, who, path);
    Err(Errno::ENOENT)
}

/// Writes to a file.
/// # Errors
/// `ENOENT`, `EACCES`, `EROFS`, `EINVAL`.
pub fn write(kernel: &mut Kernel, who: ProcessId, path: &str, data: &[u8]) -> Result<(), Errno> {
    let _ = (kernel, who, path, data);
    Err(Errno::ENOENT)
}

/// What stands at a path.
/// # Errors
/// `ENOENT`.
pub fn stat(kernel: &Kernel, who: ProcessId, path: &str) -> Result<Metadata, Errno> {
    let node = match read(kernel, who, path) {
        Ok(data) => Node::File(data),
        Err(_) => list(kernel, who, path).map(|_| Node::Dir)?,
    };
    Ok(Metadata { node, mode: 0o444, uid: 0, modified: Instant::ZERO })
}

/// The names in a directory.
/// # Errors
/// `ENOENT`, `ENOTDIR`.
pub fn list(kernel: &Kernel, who: ProcessId, path: &str) -> Result<Vec<DirEntry>, Errno> {
    let _ = (kernel, who);
    if path == "/proc" || path == "/sys" { Ok(Vec::new()) } else { Err(Errno::ENOENT) }
}
