//! The files of machines, as an editor reads and writes them.

use kernel::Kernel;
use kernel::fs::{Node, Tree};

/// Where people keep their files.
pub(crate) const HOME: &str = "/root";

/// The longest file that is listed, bytes: what is longer is nothing to edit by hand.
const LONGEST: usize = 256 << 10;

fn tree<'a>(kernel: &'a Kernel, machine: &str) -> Option<&'a Tree> {
    kernel.tree(kernel.machine_named(machine)?.root)
}

/// Lists the files at home and in the folders there, by path, those of shells left out.
pub(crate) fn list(kernel: &Kernel, machine: &str) -> Vec<String> {
    let Some(tree) = tree(kernel, machine) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut add = |dir: &str| {
        let mut folders = Vec::new();
        for entry in tree.list(dir) {
            let path = format!("{dir}/{}", entry.name);
            let of_a_shell = entry.name.starts_with('.') && entry.name != ".env";
            match entry.meta.node {
                Node::File(bytes) if !of_a_shell && bytes.len() <= LONGEST => found.push(path),
                Node::Dir if !of_a_shell => folders.push(path),
                _ => {}
            }
        }
        folders
    };
    for folder in add(HOME) {
        add(&folder);
    }
    found
}

/// Returns a file's text; bytes that are none are replaced.
pub(crate) fn read(kernel: &Kernel, machine: &str, path: &str) -> Option<String> {
    match &tree(kernel, machine)?.get(path)?.node {
        Node::File(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        _ => None,
    }
}

/// Writes a file, with the directories above it; false if there is no such machine.
pub(crate) fn write(kernel: &mut Kernel, machine: &str, path: &str, text: &str) -> bool {
    let now = kernel.now;
    let root = kernel.machine_named(machine).map(|m| m.root);
    let Some(tree) = root.and_then(|root| kernel.tree_mut(root)) else {
        return false;
    };
    let node = Node::File(text.to_owned().into());
    tree.put(path, node, 0o644, now);
    true
}

/// A machine's files with one that is still being typed.
pub(crate) struct Draft<'a> {
    tree: Option<&'a Tree>,
    path: &'a str,
    text: &'a str,
}

impl<'a> Draft<'a> {
    pub(crate) fn new(kernel: &'a Kernel, machine: &str, path: &'a str, text: &'a str) -> Self {
        let tree = tree(kernel, machine);
        Self { tree, path, text }
    }
}

impl compose::Files for Draft<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        if path == self.path {
            return Ok(self.text.as_bytes().to_vec());
        }
        match self
            .tree
            .and_then(|tree| tree.get(path))
            .map(|meta| &meta.node)
        {
            Some(Node::File(bytes)) => Ok(bytes.to_vec()),
            Some(Node::Dir) => Err("is a directory".into()),
            _ => Err("no such file or directory".into()),
        }
    }

    fn exists(&self, path: &str) -> bool {
        path == self.path || self.tree.is_some_and(|tree| tree.get(path).is_some())
    }

    fn is_dir(&self, path: &str) -> bool {
        let meta = self.tree.and_then(|tree| tree.get(path));
        meta.is_some_and(|meta| matches!(meta.node, Node::Dir))
    }
}
