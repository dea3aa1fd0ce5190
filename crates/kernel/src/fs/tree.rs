//! A file tree: what is stored, by path, over a shared lower layer.

use super::mounts::Mount;
use super::path;
use crate::errno::Errno;
use crate::ids::NetnsId;
use crate::process::local::DoorId;
use crate::time::Instant;
use bytes::Bytes;
use sorted::{SortedMap, SortedSet};
use std::ops::Bound;
use std::rc::Rc;

/// What a path holds.
#[derive(Clone, Debug)]
pub enum Node {
    /// A directory.
    Dir,
    /// Contents.
    File(Bytes),
    /// A program: the key under which it stands in the world's program table ([`crate::world::Programs`]).
    Program(Rc<str>),
    /// A symbolic link's target, as written.
    Symlink(Rc<str>),
    /// A network namespace's handle (`nsfs`).
    Netns(NetnsId),
    /// Where a program listens for others of its machine.
    Socket(DoorId),
    /// `/dev/null`, `/dev/zero`, `/dev/stdout` and so on, by name.
    Device(Rc<str>),
}

/// A node with what `ls -l` shows of it.
#[derive(Clone, Debug)]
pub struct Metadata {
    /// What it is.
    pub node: Node,
    /// Permission bits.
    pub mode: u32,
    /// Owner's user id.
    pub uid: u32,
    /// When it was last written.
    pub modified: Instant,
}

/// A name in a directory.
#[derive(Clone, Debug)]
pub struct DirEntry {
    /// The name, without a path.
    pub name: String,
    /// What stands there.
    pub meta: Metadata,
}

/// A file tree.
#[derive(Clone, Debug)]
pub struct Tree {
    /// The image's layer below, shared by all containers of it.
    lower: Option<Rc<Self>>,
    upper: SortedMap<String, Metadata>,
    /// Paths of the lower layer that were removed.
    whiteouts: SortedSet<String>,
    /// What programs see in places of this tree that lies elsewhere.
    pub mounts: Vec<Mount>,
    /// Whether programs may change nothing but what is mounted.
    pub read_only: bool,
}

impl Default for Tree {
    fn default() -> Self {
        let root = Metadata {
            node: Node::Dir,
            mode: 0o755,
            uid: 0,
            modified: Instant::ZERO,
        };
        Self {
            lower: None,
            upper: SortedMap::from([("/".to_owned(), root)]),
            whiteouts: SortedSet::new(),
            mounts: Vec::new(),
            read_only: false,
        }
    }
}

/// As Linux counts (`MAXSYMLINKS`).
const MAX_SYMLINKS: u32 = 40;

/// See [`Tree::resolve`]; `look` tells what stands at a path.
pub(super) fn walk<'a>(
    path: &'a str,
    follow_last: bool,
    look: &dyn Fn(&str) -> Option<&'a Metadata>,
) -> Result<String, Errno> {
    // What is stored lies in directories all the way, and what is not, in one that is: most paths need not be gone through.
    match look(path).map(|m| &m.node) {
        Some(Node::Symlink(_)) if follow_last => {}
        Some(_) => return Ok(path.to_owned()),
        None => {
            let (dir, name) = path::split(path).unwrap_or_default();
            let is_dir = || matches!(look(dir).map(|m| &m.node), Some(Node::Dir));
            if !matches!(name, "" | "." | "..") && is_dir() {
                return Ok(path.to_owned());
            }
        }
    }
    let parts = |path: &'a str| path.split('/').rev().filter(|part| !part.is_empty());
    let mut links = 0;
    let mut todo: Vec<&str> = parts(path).collect();
    // Empty for the root, so that names can follow.
    let mut at = String::with_capacity(path.len());
    while let Some(part) = todo.pop() {
        let before = at.len();
        path::step(&mut at, part);
        let seen = if at.is_empty() { "/" } else { &at };
        let last = todo.is_empty();
        match look(seen).map(|m| &m.node) {
            Some(Node::Symlink(target)) if !last || follow_last => {
                links += 1;
                if links > MAX_SYMLINKS {
                    return Err(Errno::ELOOP);
                }
                let absolute = target.starts_with('/');
                at.truncate(if absolute { 0 } else { before });
                todo.extend(parts(target));
            }
            Some(Node::Dir) => {}
            Some(_) | None if last => {}
            Some(_) => return Err(Errno::ENOTDIR),
            // /proc and /sys are not stored: their inner paths are procfs's to judge.
            None if super::procfs::covers(seen) => {}
            None => return Err(Errno::ENOENT),
        }
    }
    if at.is_empty() {
        at.push('/');
    }
    Ok(at)
}

impl Tree {
    /// An empty tree over `lower`.
    #[must_use]
    pub fn over(lower: Rc<Self>) -> Self {
        Self {
            lower: Some(lower),
            upper: SortedMap::new(),
            whiteouts: SortedSet::new(),
            mounts: Vec::new(),
            read_only: false,
        }
    }

    /// What stands at the absolute path, links not followed.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&Metadata> {
        if let Some(meta) = self.upper.get(path) {
            return Some(meta);
        }
        if self.whiteouts.contains(path) {
            return None;
        }
        self.lower.as_ref()?.get(path)
    }

    /// Where `path` (absolute) leads when symbolic links are followed; the last component only if `follow_last`.
    ///
    /// The place itself need not exist, the directories above it must.
    /// # Errors
    /// `ENOENT`, `ENOTDIR`, `ELOOP`.
    pub fn resolve(&self, path: &str, follow_last: bool) -> Result<String, Errno> {
        walk(path, follow_last, &|path| self.get(path))
    }

    /// Puts a node at an absolute path, making the directories above it. Above one that is there, all are.
    pub fn put(&mut self, path: &str, node: Node, mode: u32, now: Instant) {
        let mut dir = path;
        while let Some((up, _)) = path::split(dir).filter(|(up, _)| self.get(up).is_none()) {
            self.upper.insert(
                up.to_owned(),
                Metadata {
                    node: Node::Dir,
                    mode: 0o755,
                    uid: 0,
                    modified: now,
                },
            );
            dir = up;
        }
        self.upper.insert(
            path.to_owned(),
            Metadata {
                node,
                mode,
                uid: 0,
                modified: now,
            },
        );
    }

    /// Changes what stands at `path` in place.
    /// # Errors
    /// `ENOENT` if nothing stands there.
    pub fn update(&mut self, path: &str, change: impl FnOnce(&mut Metadata)) -> Result<(), Errno> {
        if let Some(meta) = self.upper.get_mut(path) {
            change(meta);
            return Ok(());
        }
        let mut meta = self.get(path).ok_or(Errno::ENOENT)?.clone();
        change(&mut meta);
        self.upper.insert(path.to_owned(), meta);
        Ok(())
    }

    /// Removes a file, link or empty directory.
    /// # Errors
    /// `ENOENT`, `ENOTEMPTY`.
    pub fn remove(&mut self, path: &str) -> Result<(), Errno> {
        let meta = self.get(path).ok_or(Errno::ENOENT)?;
        if matches!(meta.node, Node::Dir) && !self.list(path).is_empty() {
            return Err(Errno::ENOTEMPTY);
        }
        self.upper.remove(path);
        if self.lower.as_ref().is_some_and(|l| l.get(path).is_some()) {
            self.whiteouts.insert(path.to_owned());
        }
        Ok(())
    }

    /// What differs from the layer below: what stands there now, `None` where something was removed.
    pub fn changes(&self) -> impl Iterator<Item = (&str, Option<&Metadata>)> {
        let removed = self
            .whiteouts
            .iter()
            .filter(|path| !self.upper.contains_key(*path));
        let there = self
            .upper
            .iter()
            .map(|(path, meta)| (path.as_str(), Some(meta)));
        there.chain(removed.map(|path| (path.as_str(), None)))
    }

    /// Whether the layer below has something at `path`.
    #[must_use]
    pub fn is_below(&self, path: &str) -> bool {
        self.lower
            .as_ref()
            .is_some_and(|lower| lower.get(path).is_some())
    }

    /// The names in a directory, sorted by bytes.
    #[must_use]
    pub fn list(&self, dir: &str) -> Vec<DirEntry> {
        let mut out = SortedMap::new();
        self.collect(dir, &mut out);
        out.into_iter()
            .map(|(name, meta)| DirEntry { name, meta })
            .collect()
    }

    fn collect(&self, dir: &str, out: &mut SortedMap<String, Metadata>) {
        let prefix = if dir == "/" {
            "/".to_owned()
        } else {
            format!("{dir}/")
        };
        if let Some(lower) = &self.lower {
            lower.collect(dir, out);
            out.retain(|name, _| !self.whiteouts.contains(&format!("{prefix}{name}")));
        }
        for (path, meta) in self
            .upper
            .range::<str, _>((Bound::Excluded(prefix.as_str()), Bound::Unbounded))
        {
            let Some(name) = path.strip_prefix(&prefix) else {
                break;
            };
            if !name.contains('/') {
                out.insert(name.to_owned(), meta.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &'static str) -> Node {
        Node::File(Bytes::from_static(text.as_bytes()))
    }

    #[test]
    fn a_layer_above_hides_and_reveals_nothing_it_removed() {
        let mut image = Tree::default();
        image.put("/etc/hosts", file("a"), 0o644, Instant::ZERO);
        image.put("/etc/issue", file("b"), 0o644, Instant::ZERO);
        let mut tree = Tree::over(Rc::new(image));
        tree.remove("/etc/issue").unwrap();
        tree.put("/etc/motd", file("c"), 0o644, Instant::ZERO);
        let names: Vec<_> = tree.list("/etc").into_iter().map(|e| e.name).collect();
        assert_eq!(names, ["hosts", "motd"]);
        assert!(tree.get("/etc/issue").is_none());
        assert_eq!(tree.remove("/etc").unwrap_err(), Errno::ENOTEMPTY);
    }

    #[test]
    fn links_are_followed_and_loops_end() {
        let mut t = Tree::default();
        t.put(
            "/usr/bin/sh",
            Node::Program("sh".into()),
            0o755,
            Instant::ZERO,
        );
        t.put(
            "/bin",
            Node::Symlink("usr/bin".into()),
            0o777,
            Instant::ZERO,
        );
        t.put("/loop", Node::Symlink("/loop".into()), 0o777, Instant::ZERO);
        assert_eq!(t.resolve("/bin/sh", true).unwrap(), "/usr/bin/sh");
        assert_eq!(t.resolve("/bin", false).unwrap(), "/bin");
        assert_eq!(t.resolve("/bin/new", true).unwrap(), "/usr/bin/new");
        assert_eq!(t.resolve("/usr/../bin/.", true).unwrap(), "/usr/bin");
        assert_eq!(t.resolve("/loop/x", true).unwrap_err(), Errno::ELOOP);
        assert_eq!(
            t.resolve("/usr/bin/sh/x", true).unwrap_err(),
            Errno::ENOTDIR
        );
        assert_eq!(t.resolve("/nowhere/x", true).unwrap_err(), Errno::ENOENT);
    }
}
