//! Layers: what an image adds to, changes in and takes from those below, and archives of them.
//!
//! Source: OCI image specification 1.1, `layer.md` (the names that stand for what was removed).

use std::cell::OnceCell;
use std::rc::Rc;

use bytes::Bytes;
use kernel::fs::tar::{self, Style};
use kernel::fs::{Metadata, Node, Tree, path};
use kernel::time::Instant;

use super::catalogue::{Catalogue, put_devices};
use crate::mounts::OWN_FILES;
use crate::sha256;

/// What stands before the name of something that a layer removes.
const REMOVED: &str = ".wh.";
/// Stands for all that the layers below have in a directory.
const ALL_REMOVED: &str = ".wh..wh..opq";

/// One layer.
pub(super) struct Layer {
    /// `sha256:` and the digest of its archive.
    pub(super) digest: String,
    /// `sha256:` and the digest of it and all below it.
    pub(super) chain: String,
    /// Bytes.
    pub(super) size: u64,
    /// The image of the catalogue that it is made from.
    entry: Option<usize>,
    tree: OnceCell<Rc<Tree>>,
}

impl Layer {
    /// The only layer of an image of the catalogue.
    pub(super) fn of_entry(catalogue: &Catalogue, entry: usize) -> Self {
        let of = catalogue.images.get(entry);
        let named = of.map_or("", |e| match e.layer.as_str() {
            "" => &e.name,
            layer => layer,
        });
        let digest = digest(format!("layer of {named}").as_bytes());
        Self {
            chain: digest.clone(),
            digest,
            size: of.map_or(0, |e| e.size),
            entry: Some(entry),
            tree: OnceCell::new(),
        }
    }

    /// What was written over an image.
    pub(super) fn of_tree(tree: Tree, below: Option<&Self>, epoch: u64) -> Self {
        let tree = Rc::new(tree);
        let digest = digest(&archive(&tree, epoch));
        let changes = tree.changes();
        let size = changes.filter_map(|(_, meta)| written(meta?)).sum();
        Self {
            chain: chain(below, &digest),
            digest,
            size,
            entry: None,
            tree: OnceCell::from(tree),
        }
    }

    /// What an archive holds, over the layers below.
    pub(super) fn of_archive(
        entries: Vec<tar::Entry>,
        below: Option<&Self>,
        digest: String,
        catalogue: &Catalogue,
    ) -> Self {
        let size = entries.iter().filter_map(|(_, meta)| written(meta)).sum();
        let under = below.map(|below| below.tree(catalogue));
        Self {
            chain: chain(below, &digest),
            digest,
            size,
            entry: None,
            tree: OnceCell::from(Rc::new(unpack(entries, under))),
        }
    }

    /// The files that are seen in an image that ends with this layer.
    pub(super) fn tree(&self, catalogue: &Catalogue) -> Rc<Tree> {
        let make = || Rc::new(catalogue.build(self.entry.unwrap_or(usize::MAX)));
        self.tree.get_or_init(make).clone()
    }
}

/// `sha256:` and the digest of something.
pub(super) fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", sha256::hex(bytes))
}

/// The digest of a layer with what is below it. Source: OCI image specification, `config.md`, "Layer `ChainID`".
pub(super) fn chain(below: Option<&Layer>, own: &str) -> String {
    match below {
        Some(below) => digest(format!("{} {own}", below.chain).as_bytes()),
        None => own.to_owned(),
    }
}

/// How many bytes a node was given.
pub(crate) fn written(meta: &Metadata) -> Option<u64> {
    match &meta.node {
        Node::File(bytes) => u64::try_from(bytes.len()).ok(),
        Node::Dir
        | Node::Program(_)
        | Node::Symlink(_)
        | Node::Netns(_)
        | Node::Socket(_)
        | Node::Device(_) => None,
    }
}

/// What a container has written, without what is mounted in it or kept for it by the engine.
pub(super) fn of_container(tree: &Tree) -> Tree {
    let mut own = tree.clone();
    own.mounts.clear();
    own.read_only = false;
    for name in OWN_FILES {
        // One that it never had.
        let _ = own.remove(&format!("/etc/{name}"));
    }
    own
}

/// Whether it is one of the devices that every container finds, which no archive holds.
fn is_device(path: &str, meta: &Metadata) -> bool {
    matches!(meta.node, Node::Device(_)) && path.starts_with("/dev/")
}

/// Writes a layer's archive.
pub(super) fn archive(tree: &Tree, epoch: u64) -> Vec<u8> {
    let gone = Metadata {
        node: Node::File(Bytes::new()),
        mode: 0o600,
        uid: 0,
        modified: Instant::ZERO,
    };
    let mut entries: Vec<(String, &Metadata)> = Vec::new();
    for (at, meta) in tree.changes().filter(|(at, _)| *at != "/") {
        match (meta, path::split(at)) {
            (Some(meta), _) if is_device(at, meta) => {}
            (Some(meta), _) => entries.push((relative(at), meta)),
            (None, Some((dir, name))) => {
                let dir = relative(&format!("{}/", dir.trim_end_matches('/')));
                entries.push((format!("{dir}{REMOVED}{name}"), &gone));
            }
            (None, None) => {}
        }
    }
    sorted::sort_by(&mut entries, |a, b| a.0.cmp(&b.0));
    let style = Style {
        epoch,
        named: false,
        ..Style::default()
    };
    tar::write(
        entries.iter().map(|(name, meta)| (name.as_str(), *meta)),
        style,
    )
}

fn relative(at: &str) -> String {
    at.trim_start_matches('/').to_owned()
}

/// Puts what an archive holds over the layers below. The lowest layer gets the devices, which no archive has.
pub(super) fn unpack(entries: Vec<tar::Entry>, below: Option<Rc<Tree>>) -> Tree {
    let mut tree = match below {
        Some(below) => Tree::over(below),
        None => {
            let mut tree = Tree::default();
            put_devices(&mut tree);
            tree
        }
    };
    for (name, meta) in entries {
        let at = path::absolute("/", name.trim_end_matches('/'));
        let (dir, name) = path::split(&at).unwrap_or(("/", ""));
        if name == ALL_REMOVED {
            for entry in tree.list(dir) {
                remove_all(&mut tree, &path::absolute(dir, &entry.name));
            }
        } else if let Some(name) = name.strip_prefix(REMOVED) {
            remove_all(&mut tree, &path::absolute(dir, name));
        } else {
            tree.put(&at, meta.node.clone(), meta.mode, meta.modified);
            // It has just been put there.
            let _ = tree.update(&at, |there| there.uid = meta.uid);
        }
    }
    tree
}

fn remove_all(tree: &mut Tree, at: &str) {
    for entry in tree.list(at) {
        remove_all(tree, &path::absolute(at, &entry.name));
    }
    // What is not there is removed already.
    let _ = tree.remove(at);
}

/// Writes all files of a tree as one archive, as `docker export` does: without mounts, which it holds as empty places.
pub(super) fn export(tree: &Tree, epoch: u64) -> Vec<u8> {
    let mut entries = Vec::new();
    collect(tree, "/", &mut entries);
    let style = Style {
        epoch,
        named: false,
        ..Style::default()
    };
    tar::write(
        entries.iter().map(|(name, meta)| (name.as_str(), meta)),
        style,
    )
}

fn collect(tree: &Tree, dir: &str, entries: &mut Vec<(String, Metadata)>) {
    for mut entry in tree.list(dir) {
        let at = path::absolute(dir, &entry.name);
        if is_device(&at, &entry.meta) {
            continue;
        }
        if at
            .strip_prefix("/etc/")
            .is_some_and(|n| OWN_FILES.contains(&n))
        {
            entry.meta.node = Node::File(Bytes::new());
        }
        let is_dir = matches!(entry.meta.node, Node::Dir);
        entries.push((relative(&at), entry.meta));
        if is_dir {
            collect(tree, &at, entries);
        }
    }
}
