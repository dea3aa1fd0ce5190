//! What is in files: read, changed and stored at absolute, resolved paths.

use super::{Node, Place, Tree, path};
use crate::errno::Errno;
use crate::ids::MountId;
use crate::state::Kernel;
use bytes::{Bytes, BytesMut};

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

impl Kernel {
    /// The contents at an absolute, resolved path.
    /// # Errors
    /// `ENOENT`, `EISDIR`, `EINVAL` for what has no contents.
    pub fn file_contents(&self, mount: MountId, path: &str) -> Result<Bytes, Errno> {
        match &self.lookup(mount, path).ok_or(Errno::ENOENT)?.node {
            Node::File(data) => Ok(data.clone()),
            Node::Dir => Err(Errno::EISDIR),
            Node::Program(_) => Ok(Bytes::from_static(b"\x7fELF")),
            Node::Socket(_) => Err(Errno::ENXIO),
            Node::Device(name) if **name == *"null" => Ok(Bytes::new()),
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
            Some(Node::Device(name)) if *name == *"null" => Ok(()),
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
    pub fn tree(&self, mount: MountId) -> Option<&Tree> {
        self.mounts.get(mount.index())?.as_ref()
    }

    /// The file tree `mount`, to change it.
    pub fn tree_mut(&mut self, mount: MountId) -> Option<&mut Tree> {
        self.mounts.get_mut(mount.index())?.as_mut()
    }

    /// Writes at the end of a file that is there.
    /// # Errors
    /// As [`Self::file_contents`] and [`Self::file_store`]; `ENOSPC`.
    pub fn file_append(&mut self, mount: MountId, path: &str, data: &[u8]) -> Result<(), Errno> {
        self.file_write_at(mount, path, None, data).map(|_at| ())
    }

    /// Writes into a file at an offset, or at its end; says where.
    /// # Errors
    /// As [`Self::file_contents`] and [`Self::file_store`]; `ENOSPC`.
    pub(crate) fn file_write_at(
        &mut self,
        mount: MountId,
        path: &str,
        offset: Option<usize>,
        data: &[u8],
    ) -> Result<usize, Errno> {
        let length = self.file_contents(mount, path)?.len();
        let at = offset.unwrap_or(length);
        if at.saturating_add(data.len()) > MAX_FILE {
            return Err(Errno::ENOSPC);
        }
        let old = self.file_take(mount, path)?;
        self.file_store(mount, path, overlaid(old, at, data))?;
        Ok(at)
    }
}
