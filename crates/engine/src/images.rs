//! The images that the simulated engine has, read from a catalogue, and the file trees made from them.

use sorted::SortedMap;
use std::cell::OnceCell;
use std::rc::Rc;

use bytes::Bytes;
use kernel::fs::{Node, Tree};
use kernel::time::Instant;
use serde::Deserialize;

use crate::api::{Filters, ImageConfig, ImageInspect, ImageSummary};
use crate::error::{Error, Result};
use crate::sha256;

const CATALOGUE: &str = include_str!("../../../public/images/catalogue.json");
/// When every image says it was made: 2025-11-04, a day after the engine's release.
const CREATED: (&str, i64) = ("2025-11-04T12:00:00Z", 1_762_257_600);
const DEVICES: [&str; 9] = [
    "null", "zero", "full", "random", "urandom", "tty", "stdin", "stdout", "stderr",
];

#[derive(Deserialize)]
struct Catalogue {
    base: Layout,
    sets: SortedMap<String, ProgramSet>,
    images: Vec<Entry>,
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

#[derive(Deserialize)]
struct Entry {
    name: String,
    config: ImageConfig,
    sets: Vec<String>,
    programs: SortedMap<String, String>,
    files: SortedMap<String, File>,
    directories: Vec<String>,
    size: u64,
}

/// One image.
pub struct Image {
    /// Repository and tag.
    pub name: String,
    /// `sha256:` and 64 hexadecimal digits.
    pub id: String,
    /// What it says about containers.
    pub config: ImageConfig,
    size: u64,
    entry: usize,
    tree: OnceCell<Rc<Tree>>,
}

/// All images of one engine.
pub struct Images {
    catalogue: Rc<Catalogue>,
    list: Vec<Image>,
}

impl Images {
    /// Reads the catalogue. Errors: `Internal` if it is not what it should be.
    pub fn load() -> Result<Self> {
        let catalogue: Catalogue = serde_json::from_str(CATALOGUE)
            .map_err(|e| Error::internal(format!("image catalogue: {e}")))?;
        let make = |(entry, e): (usize, &Entry)| Image {
            name: e.name.clone(),
            id: format!("sha256:{}", sha256::hex(e.name.as_bytes())),
            config: e.config.clone(),
            size: e.size,
            entry,
            tree: OnceCell::new(),
        };
        let list = catalogue.images.iter().enumerate().map(make).collect();
        Ok(Self {
            catalogue: Rc::new(catalogue),
            list,
        })
    }

    /// Finds an image by name, with or without tag, or by id.
    pub fn find(&self, reference: &str) -> Result<&Image> {
        let name = familiar_name(reference);
        let by_name = self.list.iter().find(|i| i.name == name);
        let digits = reference.strip_prefix("sha256:").unwrap_or(reference);
        let is_id = digits.len() >= 4 && digits.bytes().all(|b| b.is_ascii_hexdigit());
        let by_id = || {
            self.list
                .iter()
                .find(|i| is_id && i.id.get(7..).is_some_and(|id| id.starts_with(digits)))
        };
        by_name
            .or_else(by_id)
            .ok_or_else(|| Error::not_found(format!("No such image: {name}")))
    }

    /// Returns the file tree of an image, which containers lay theirs over.
    pub fn tree(&self, image: &Image) -> Rc<Tree> {
        image
            .tree
            .get_or_init(|| Rc::new(self.build(image.entry)))
            .clone()
    }

    /// Returns how many images there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Lists the images; the only filter is `reference`.
    pub fn summaries(&self, filters: &Filters) -> Vec<ImageSummary> {
        let wanted = |image: &&Image| {
            filters.get("reference").is_none_or(|refs| {
                refs.iter().any(|r| {
                    image.name == familiar_name(r) || image.name.split(':').next() == Some(r)
                })
            })
        };
        let summary = |image: &Image| ImageSummary {
            containers: -1,
            created: CREATED.1,
            id: image.id.clone(),
            labels: None,
            parent_id: String::new(),
            repo_digests: Vec::new(),
            repo_tags: vec![image.name.clone()],
            shared_size: -1,
            size: image.size,
        };
        self.list.iter().filter(wanted).map(summary).collect()
    }

    fn build(&self, entry: usize) -> Tree {
        let mut tree = Tree::default();
        let Some(entry) = self.catalogue.images.get(entry) else {
            return tree;
        };
        for dir in self
            .catalogue
            .base
            .directories
            .iter()
            .chain(&entry.directories)
        {
            tree.put(dir, Node::Dir, 0o755, Instant::ZERO);
        }
        for name in DEVICES {
            tree.put(
                &format!("/dev/{name}"),
                Node::Device(name.into()),
                0o666,
                Instant::ZERO,
            );
        }
        for set in entry
            .sets
            .iter()
            .filter_map(|name| self.catalogue.sets.get(name))
        {
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
        for (path, file) in self.catalogue.base.files.iter().chain(&entry.files) {
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

impl Image {
    /// Tells everything about the image.
    pub fn inspect(&self) -> ImageInspect {
        ImageInspect {
            id: self.id.clone(),
            repo_tags: vec![self.name.clone()],
            repo_digests: Vec::new(),
            comment: String::new(),
            created: CREATED.0.to_owned(),
            author: String::new(),
            config: self.config.clone(),
            architecture: "amd64".to_owned(),
            os: "linux".to_owned(),
            size: self.size,
        }
    }
}

/// Returns a reference as the engine prints it: without the default registry, with a tag.
pub fn familiar_name(reference: &str) -> String {
    let name = reference.strip_prefix("docker.io/").unwrap_or(reference);
    let name = name.strip_prefix("library/").unwrap_or(name);
    let tagged = name
        .rsplit('/')
        .next()
        .is_some_and(|last| last.contains([':', '@']));
    if tagged {
        name.to_owned()
    } else {
        format!("{name}:latest")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_found_by_any_of_their_names() {
        let images = Images::load().unwrap();
        let nginx = images.find("nginx").unwrap();
        for name in [
            "nginx:latest",
            "docker.io/library/nginx",
            nginx.id.as_str(),
            &nginx.id[7..19],
        ] {
            assert_eq!(images.find(name).unwrap().name, "nginx:latest");
        }
        let err = images.find("nosuchimage").err().unwrap();
        assert_eq!(err.to_string(), "No such image: nosuchimage:latest");
    }

    #[test]
    fn every_image_can_run_its_command() {
        let images = Images::load().unwrap();
        for image in &images.list {
            let tree = images.tree(image);
            let config = &image.config;
            let argv = config.entrypoint.iter().chain(config.cmd.iter().flatten());
            let program = argv.clone().next().unwrap();
            let dirs = ["", "/usr/local/bin/", "/usr/sbin/", "/usr/bin/"];
            let found = dirs.iter().any(|dir| {
                tree.resolve(&format!("{dir}{program}"), true)
                    .is_ok_and(|path| tree.get(&path).is_some())
            });
            assert!(found, "{}: {program}", image.name);
        }
    }

    #[test]
    fn the_nginx_image_has_curl_and_no_ip() {
        let images = Images::load().unwrap();
        let tree = images.tree(images.find("nginx").unwrap());
        let at = |path: &str| {
            tree.resolve(path, true)
                .ok()
                .and_then(|p| tree.get(&p).cloned())
        };
        assert!(
            at("/bin/curl").is_some() && at("/usr/bin/ip").is_none() && at("/bin/ping").is_none()
        );
        assert!(matches!(
            at("/var/log/nginx/access.log").unwrap().node,
            Node::Device(_)
        ));
    }
}
