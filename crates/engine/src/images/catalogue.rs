//! The catalogue of images that this world knows, and the file trees made from it.

use bytes::Bytes;
use kernel::fs::{Node, Tree};
use kernel::time::Instant;
use serde::Deserialize;
use sorted::SortedMap;

use crate::api::ImageConfig;
use crate::error::{Error, Result};

const CATALOGUE: &str = include_str!("../../../../public/images/catalogue.json");
/// What every image has in `/dev`; archives leave it out.
const DEVICES: [&str; 9] = [
    "null", "zero", "full", "random", "urandom", "tty", "stdin", "stdout", "stderr",
];

/// All that there is to know.
#[derive(Deserialize)]
pub(super) struct Catalogue {
    base: Layout,
    sets: SortedMap<String, ProgramSet>,
    /// The images, those that are used most first.
    pub(super) images: Vec<Entry>,
}

#[derive(Deserialize)]
struct Layout {
    files: SortedMap<String, File>,
    directories: Vec<String>,
}

#[derive(Deserialize)]
struct ProgramSet {
    directory: String,
    #[serde(default)]
    flavour: Option<String>,
    programs: Vec<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum File {
    Link { link: String },
    Text { text: String, mode: Option<String> },
}

/// One image.
#[derive(Deserialize)]
pub(super) struct Entry {
    /// Repository and tag.
    pub(super) name: String,
    /// What it says about containers.
    pub(super) config: ImageConfig,
    sets: Vec<String>,
    programs: SortedMap<String, String>,
    files: SortedMap<String, File>,
    directories: Vec<String>,
    /// Bytes, as the real one has them.
    pub(super) size: u64,
    /// How many seconds after the oldest one it was made; nothing if it has to be fetched first.
    #[serde(default)]
    pub(super) made: Option<i64>,
    /// The image whose only layer is this one's too; its own if it says nothing.
    #[serde(default)]
    pub(super) layer: String,
}

/// Where everybody may put files.
const EVERYBODYS: &str = "/tmp";

impl Catalogue {
    /// Reads it. Errors: `Internal` if it is not what it should be.
    pub(super) fn load() -> Result<Self> {
        serde_json::from_str(CATALOGUE)
            .map_err(|e| Error::internal(format!("image catalogue: {e}")))
    }

    /// Makes the file tree of an image.
    pub(super) fn build(&self, entry: usize) -> Tree {
        let mut tree = Tree::default();
        let Some(entry) = self.images.get(entry) else {
            return tree;
        };
        for dir in self.base.directories.iter().chain(&entry.directories) {
            let mode = if dir == EVERYBODYS { 0o1777 } else { 0o755 };
            tree.put(dir, Node::Dir, mode, Instant::ZERO);
        }
        put_devices(&mut tree);
        for set in entry.sets.iter().filter_map(|name| self.sets.get(name)) {
            for program in &set.programs {
                let key = set
                    .flavour
                    .as_ref()
                    .map_or_else(|| program.clone(), |f| format!("{f}:{program}"));
                tree.put(
                    &format!("{}/{program}", set.directory),
                    Node::Program(key.into()),
                    0o755,
                    Instant::ZERO,
                );
            }
        }
        for (path, key) in &entry.programs {
            tree.put(
                path,
                Node::Program(key.as_str().into()),
                0o755,
                Instant::ZERO,
            );
        }
        let services = Node::File(wire::services::LIST.into());
        tree.put("/etc/services", services, 0o644, Instant::ZERO);
        for (path, file) in self.base.files.iter().chain(&entry.files) {
            match file {
                File::Link { link } => tree.put(
                    path,
                    Node::Symlink(link.as_str().into()),
                    0o777,
                    Instant::ZERO,
                ),
                File::Text { text, mode } => {
                    let mode = mode
                        .as_ref()
                        .and_then(|m| u32::from_str_radix(m, 8).ok())
                        .unwrap_or(0o644);
                    tree.put(
                        path,
                        Node::File(Bytes::copy_from_slice(text.as_bytes())),
                        mode,
                        Instant::ZERO,
                    );
                }
            }
        }
        tree
    }
}

/// Puts into a tree what programs find in `/dev`.
pub(super) fn put_devices(tree: &mut Tree) {
    for name in DEVICES {
        tree.put(
            &format!("/dev/{name}"),
            Node::Device(name.into()),
            0o666,
            Instant::ZERO,
        );
    }
}
