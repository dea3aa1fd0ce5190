//! Mounts: a directory or a file of one tree, seen at a place of another.
//!
//! Programs name paths as they see them; [`Kernel::place`] tells where one is stored. Nothing is copied, so that both sides
//! have the very same file.

use super::tree::walk;
use super::{DirEntry, Metadata, Node, path};
use crate::errno::Errno;
use crate::ids::MountId;
use crate::state::Kernel;
use std::rc::Rc;

/// Something of another tree that is seen in this one.
#[derive(Clone, Debug)]
pub struct Mount {
    /// Where it is seen: an absolute path.
    pub at: String,
    /// The tree that it is stored in.
    pub tree: MountId,
    /// Where in that tree: an absolute path.
    pub source: String,
    /// Whether programs can only read it here.
    pub read_only: bool,
    /// For what lives in memory: with which options it was mounted.
    pub memory: Option<Rc<str>>,
}

/// Where a path of a tree is stored.
#[derive(Clone, Debug)]
pub struct Place {
    /// The tree.
    pub tree: MountId,
    /// The path in it.
    pub path: String,
    /// Whether it can only be read from where it was looked at.
    pub read_only: bool,
}

impl Mount {
    /// What of a path lies below the mount.
    fn rest<'a>(&self, path: &'a str) -> Option<&'a str> {
        let rest = path.strip_prefix(self.at.as_str())?;
        (rest.is_empty() || rest.starts_with('/')).then_some(rest)
    }

    fn stored(&self, path: &str) -> String {
        path::absolute(
            "/",
            &(self.source.clone() + self.rest(path).unwrap_or_default()),
        )
    }
}

impl Kernel {
    fn mount_at(&self, tree: MountId, path: &str) -> Option<&Mount> {
        let mounts = &self.tree(tree)?.mounts;
        let seen = mounts.iter().filter(|m| m.rest(path).is_some());
        seen.max_by_key(|m| m.at.len())
    }

    /// Where an absolute, resolved path of `tree` is stored.
    #[must_use]
    pub fn place(&self, tree: MountId, path: &str) -> Place {
        match self.mount_at(tree, path) {
            Some(m) => Place {
                tree: m.tree,
                path: m.stored(path),
                read_only: m.read_only,
            },
            None => Place {
                tree,
                path: path.to_owned(),
                read_only: self.tree(tree).is_some_and(|t| t.read_only),
            },
        }
    }

    /// Where a path that a program wants to change is stored.
    /// # Errors
    /// `EROFS`.
    pub fn writable(&self, tree: MountId, path: &str) -> Result<Place, Errno> {
        let place = self.place(tree, path);
        match place.read_only {
            true => Err(Errno::EROFS),
            false => Ok(place),
        }
    }

    /// Makes a user the owner of what was just put somewhere.
    pub(crate) fn give_to(&mut self, place: &Place, uid: u32) {
        if uid != 0
            && let Some(tree) = self.tree_mut(place.tree)
        {
            // It is there: it was just put there.
            let _: Result<(), Errno> = tree.update(&place.path, |meta| meta.uid = uid);
        }
    }

    /// What a program sees at an absolute, resolved path, links not followed.
    #[must_use]
    pub fn lookup(&self, tree: MountId, path: &str) -> Option<&Metadata> {
        match self.mount_at(tree, path) {
            Some(m) => self.tree(m.tree)?.get(&m.stored(path)),
            None => self.tree(tree)?.get(path),
        }
    }

    /// Where an absolute path leads for a program, as [`super::Tree::resolve`] tells it of what is stored.
    /// # Errors
    /// `ENOENT`, `ENOTDIR`, `ELOOP`.
    pub fn resolve(&self, tree: MountId, path: &str, follow_last: bool) -> Result<String, Errno> {
        walk(path, follow_last, &|path| self.lookup(tree, path))
    }

    /// The names that a program sees in a directory, sorted by bytes.
    #[must_use]
    pub fn list(&self, tree: MountId, dir: &str) -> Vec<DirEntry> {
        let place = self.place(tree, dir);
        let mut found = self
            .tree(place.tree)
            .map_or_else(Vec::new, |t| t.list(&place.path));
        for entry in &mut found {
            let path = path::absolute(dir, &entry.name);
            if self.is_mounted(tree, &path)
                && let Some(meta) = self.lookup(tree, &path)
            {
                entry.meta = meta.clone();
            }
        }
        found
    }

    /// Whether something is mounted right at a path.
    #[must_use]
    pub fn is_mounted(&self, tree: MountId, path: &str) -> bool {
        self.tree(tree)
            .is_some_and(|t| t.mounts.iter().any(|m| m.at == path))
    }

    /// What a program sees at and below a path, by what follows that path, directories before what is in them.
    #[must_use]
    pub fn subtree(&self, tree: MountId, path: &str) -> Vec<(String, Metadata)> {
        let Some(top) = self.lookup(tree, path) else {
            return Vec::new();
        };
        let mut found = vec![(String::new(), top.clone())];
        let mut at = 0;
        while let Some((below, meta)) = found.get(at) {
            at += 1;
            if matches!(meta.node, Node::Dir) {
                let below = below.clone();
                let entries = self.list(tree, &path::absolute("/", &format!("{path}{below}")));
                found.extend(
                    entries
                        .into_iter()
                        .map(|e| (format!("{below}/{}", e.name), e.meta)),
                );
            }
        }
        found
    }

    /// Puts what [`Kernel::subtree`] gave at another path, over what is there.
    pub fn plant(&mut self, tree: MountId, path: &str, what: Vec<(String, Metadata)>) {
        for (below, meta) in what {
            let place = self.place(tree, &path::absolute("/", &format!("{path}{below}")));
            if let Some(tree) = self.tree_mut(place.tree) {
                let node = meta.node.clone();
                tree.put(&place.path, node, meta.mode, meta.modified);
                // What has just been put is there.
                let _: Result<(), Errno> = tree.update(&place.path, |m| *m = meta);
            }
        }
    }

    /// Where an absolute path without dots leads of which the end may not exist yet: links in what does are followed.
    #[must_use]
    pub fn destination(&self, tree: MountId, path: &str) -> String {
        let mut head = path;
        while !head.is_empty() {
            match self.lookup(tree, head).map(|m| &m.node) {
                Some(Node::Symlink(_)) => {
                    let real = self.resolve(tree, head, true).ok();
                    if let Some(real) = real.filter(|real| self.lookup(tree, real).is_some()) {
                        let rest = path.get(head.len()..).unwrap_or_default();
                        return self.destination(tree, &path::absolute("/", &(real + rest)));
                    }
                }
                Some(_) => break,
                None => {}
            }
            head = head.rsplit_once('/').map_or("", |(above, _)| above);
        }
        path.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::Tree;
    use crate::time::Instant;

    fn scene() -> (Kernel, MountId, MountId) {
        let mut k = Kernel::new(1);
        let mut host = Tree::default();
        let text = |t: &'static str| Node::File(bytes::Bytes::from_static(t.as_bytes()));
        host.put("/srv/site/index.html", text("hello"), 0o644, Instant::ZERO);
        host.put("/srv/one", text("1"), 0o600, Instant::ZERO);
        let host = k.add_tree(host);
        let mut own = Tree::default();
        own.put("/www/old", text("hidden"), 0o644, Instant::ZERO);
        own.put("/etc/one", text(""), 0o644, Instant::ZERO);
        own.put("/run", Node::Dir, 0o755, Instant::ZERO);
        own.put(
            "/var/run",
            Node::Symlink("/run".into()),
            0o777,
            Instant::ZERO,
        );
        let mount = |at: &str, source: &str, read_only| Mount {
            at: at.to_owned(),
            tree: host,
            source: source.to_owned(),
            read_only,
            memory: None,
        };
        own.mounts = vec![
            mount("/www", "/srv/site", false),
            mount("/etc/one", "/srv/one", true),
        ];
        let own = k.add_tree(own);
        (k, host, own)
    }

    #[test]
    fn both_sides_have_the_same_file_and_what_lies_below_is_hidden() {
        let (mut k, host, own) = scene();
        let names: Vec<_> = k.list(own, "/www").into_iter().map(|e| e.name).collect();
        assert_eq!(names, ["index.html"]);
        k.file_store(own, "/www/new", "x".into()).unwrap();
        assert_eq!(k.file_contents(host, "/srv/site/new").unwrap(), "x");
        k.file_store(host, "/srv/site/index.html", "bye".into())
            .unwrap();
        assert_eq!(k.file_contents(own, "/www/index.html").unwrap(), "bye");
        assert!(k.lookup(own, "/wwwx").is_none() && k.lookup(own, "/www/old").is_none());
    }

    #[test]
    fn a_mounted_file_is_listed_as_it_is_and_read_only_where_it_is_said() {
        let (k, host, own) = scene();
        let listed = k.list(own, "/etc");
        assert_eq!(listed[0].meta.mode, 0o600);
        assert_eq!(k.writable(own, "/etc/one").unwrap_err(), Errno::EROFS);
        assert!(k.writable(host, "/srv/one").is_ok() && k.writable(own, "/www/a").is_ok());
    }

    #[test]
    fn whole_trees_are_copied_and_ends_that_are_missing_are_found() {
        let (mut k, host, own) = scene();
        let what = k.subtree(own, "/www");
        k.plant(host, "/copy", what);
        assert_eq!(k.file_contents(host, "/copy/index.html").unwrap(), "hello");
        assert_eq!(k.destination(own, "/var/run/a/b"), "/run/a/b");
        assert_eq!(k.destination(own, "/new"), "/new");
        let tree = k.tree_mut(own).unwrap();
        for (path, target) in [("/run/lock", "../etc"), ("/run/gone", "/nowhere/x")] {
            tree.put(path, Node::Symlink(target.into()), 0o777, Instant::ZERO);
        }
        assert_eq!(k.destination(own, "/var/run/lock/one/x"), "/etc/one/x");
        assert_eq!(k.destination(own, "/var/run/gone/y"), "/run/gone/y");
    }
}
