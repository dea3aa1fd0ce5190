//! The images that the simulated engine has, read from a catalogue, and the file trees made from them.

mod requests;

use sorted::SortedMap;
use std::cell::OnceCell;
use std::rc::Rc;

use bytes::Bytes;
use kernel::fs::{Node, Tree};
use kernel::time::Instant;
use serde::Deserialize;

use crate::api::{
    Filters, GraphDriver, ImageConfig, ImageDeleteResponse, ImageInspect, ImageMetadata,
    ImageSummary, RootFs,
};
use crate::error::{Error, Result};
use crate::filters::{boolean_filter, check_filters, has_labels};
use crate::names::short_id;
use crate::sha256;

const CATALOGUE: &str = include_str!("../../../public/images/catalogue.json");
/// When every image says it was made: 2025-11-04, a day after the engine's release.
const CREATED: (&str, i64) = ("2025-11-04T12:00:00Z", 1_762_257_600);
/// What is said of each: it is one layer, made elsewhere.
const COMMENT: &str = "Imported from -";
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
    /// Repositories and tags that it goes by.
    pub names: Vec<String>,
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
        let list = catalogue.images.iter().enumerate().map(image).collect();
        Ok(Self {
            catalogue: Rc::new(catalogue),
            list,
        })
    }

    /// Finds an image by name, with or without tag, or by id.
    pub fn find(&self, reference: &str) -> Result<&Image> {
        let name = familiar_name(reference);
        let by_name = self.list.iter().find(|i| i.names.contains(&name));
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

    /// Returns the bytes of an image, by id.
    pub fn size(&self, id: &str) -> u64 {
        self.list.iter().find(|i| i.id == id).map_or(0, |i| i.size)
    }

    /// Returns how many images there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Lists the images. Errors: `Invalid` for a filter that is unknown or makes no sense, `NotFound` for one that names an
    /// image that is not there.
    pub fn summaries(&self, filters: &Filters) -> Result<Vec<ImageSummary>> {
        check_filters(
            filters,
            &["before", "dangling", "label", "reference", "since", "until"],
        )?;
        let Ok(dangling) = boolean_filter(filters, "dangling") else {
            let given = filters.get("dangling").map(|v| v.join(" "));
            let given = given.unwrap_or_default();
            return Err(Error::invalid(format!(
                "invalid filter 'dangling=[{given}]'"
            )));
        };
        // All are of one age, so that none is before or after another.
        for named in ["before", "since"]
            .iter()
            .filter_map(|key| filters.get(*key))
        {
            named
                .iter()
                .try_for_each(|name| self.find(name).map(drop))?;
        }
        let aged = filters.contains_key("before") || filters.contains_key("since");
        let by_name = |name: &String| {
            filters
                .get("reference")
                .is_none_or(|refs| refs.iter().any(|wanted| is_reference(wanted, name)))
        };
        let wanted = |image: &&Image| {
            !aged
                && dangling.is_none_or(|only| image.names.is_empty() == only)
                && has_labels(filters, "label", &image.config.labels)
                && (image.names.iter().any(by_name) || !filters.contains_key("reference"))
        };
        let summary = |image: &Image| ImageSummary {
            containers: -1,
            created: CREATED.1,
            id: image.id.clone(),
            labels: None,
            parent_id: String::new(),
            repo_digests: Vec::new(),
            repo_tags: image.names.iter().filter(|n| by_name(n)).cloned().collect(),
            shared_size: -1,
            size: image.size,
        };
        Ok(self.list.iter().filter(wanted).map(summary).collect())
    }

    /// Fetches an image of the catalogue. Returns false if there is none of that name.
    pub fn fetch(&mut self, reference: &str) -> bool {
        let name = familiar_name(reference);
        let mut all = self.catalogue.images.iter().enumerate();
        let Some(found) = all.find(|(_, e)| e.name == name) else {
            return false;
        };
        let made = image(found);
        for other in &mut self.list {
            other.names.retain(|n| *n != name);
        }
        match self.list.iter_mut().find(|i| i.id == made.id) {
            Some(known) => known.names.push(name),
            None => self.list.push(made),
        }
        true
    }

    /// Gives an image another name, which is taken from the one that had it. Returns the image's id. Errors: `NotFound`.
    pub fn tag(&mut self, reference: &str, name: &str) -> Result<String> {
        let id = self.find(reference)?.id.clone();
        let name = familiar_name(name);
        for image in &mut self.list {
            if image.id != id {
                image.names.retain(|n| *n != name);
            } else if !image.names.contains(&name) {
                image.names.push(name.clone());
                sorted::sort(&mut image.names);
            }
        }
        Ok(id)
    }

    /// Takes a name from an image, or all of them if it is named by its id, and forgets the image with its last name.
    /// `user` is a container that is made from it, and whether that runs. Errors: `NotFound`, and `Conflict` where the image
    /// is needed. Source: moby `daemon/images/image_delete.go`.
    pub fn remove(
        &mut self,
        reference: &str,
        force: bool,
        user: impl Fn(&str) -> Option<(String, bool)>,
    ) -> Result<Vec<ImageDeleteResponse>> {
        let image = self.find(reference)?;
        let (id, name) = (image.id.clone(), familiar_name(reference));
        let by_name = image.names.contains(&name);
        let short = short_id(id.strip_prefix("sha256:").unwrap_or(&id)).to_owned();
        let gone: Vec<String> = match by_name {
            true => vec![name.clone()],
            false => image.names.clone(),
        };
        if !by_name && gone.len() > 1 && !force {
            return Err(Error::conflict(format!(
                "conflict: unable to delete {short} (must be forced) - image is referenced in multiple repositories"
            )));
        }
        let last = gone.len() == image.names.len();
        if let Some((container, running)) = user(&id).filter(|_| last) {
            let container = short_id(&container);
            let state = if running { "running" } else { "stopped" };
            if by_name && !force {
                return Err(Error::conflict(format!(
                    "conflict: unable to remove repository reference \"{reference}\" (must force) - container {container} is \
                     using its referenced image {short}"
                )));
            }
            if !by_name && (running || !force) {
                let how = if running { "cannot" } else { "must" };
                return Err(Error::conflict(format!(
                    "conflict: unable to delete {short} ({how} be forced) - image is being used by {state} container {container}"
                )));
            }
        }
        let used = user(&id).is_some();
        if let Some(image) = self.list.iter_mut().find(|i| i.id == id) {
            image.names.retain(|n| !gone.contains(n));
        }
        let mut told: Vec<_> = gone
            .into_iter()
            .map(ImageDeleteResponse::untagged)
            .collect();
        if last && !used {
            self.list.retain(|i| i.id != id);
            let layer = format!("sha256:{}", sha256::hex(id.as_bytes()));
            told.extend([id, layer].map(ImageDeleteResponse::deleted));
        }
        Ok(told)
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
        let layer = sha256::hex(self.id.as_bytes());
        let place = |part: &str| format!("/var/lib/docker/overlay2/{layer}/{part}");
        let data = [
            ("MergedDir", "merged"),
            ("UpperDir", "diff"),
            ("WorkDir", "work"),
        ];
        ImageInspect {
            id: self.id.clone(),
            repo_tags: self.names.clone(),
            comment: COMMENT.to_owned(),
            created: CREATED.0.to_owned(),
            docker_version: crate::api::ENGINE_VERSION.to_owned(),
            config: self.config.clone(),
            architecture: "amd64".to_owned(),
            os: "linux".to_owned(),
            size: self.size,
            graph_driver: GraphDriver {
                data: Some(data.map(|(key, part)| (key.to_owned(), place(part))).into()),
                name: "overlay2".to_owned(),
            },
            root_fs: RootFs {
                kind: "layers".to_owned(),
                layers: vec![format!("sha256:{layer}")],
            },
            metadata: ImageMetadata {
                last_tag_time: CREATED.0.to_owned(),
            },
            ..ImageInspect::default()
        }
    }
}

/// Makes an image of an entry of the catalogue.
fn image((entry, e): (usize, &Entry)) -> Image {
    Image {
        names: vec![e.name.clone()],
        id: format!("sha256:{}", sha256::hex(e.name.as_bytes())),
        config: e.config.clone(),
        size: e.size,
        entry,
        tree: OnceCell::new(),
    }
}

/// Returns whether a name is what a pattern asks for, in which `*` and `?` stand for anything but a slash.
/// Source: distribution/reference, `FamiliarMatch`.
fn is_reference(pattern: &str, name: &str) -> bool {
    let bare = name.rsplit_once(':').map_or(name, |(bare, _)| bare);
    [name, bare].iter().any(|text| is_like(pattern, text))
}

/// Matches piece by piece between slashes; within one, only the last star that was met has ever to be widened.
fn is_like(pattern: &str, text: &str) -> bool {
    let (mut patterns, mut texts) = (pattern.split('/'), text.split('/'));
    loop {
        match (patterns.next(), texts.next()) {
            (None, None) => return true,
            (Some(p), Some(t)) if is_like_piece(p.as_bytes(), t.as_bytes()) => {}
            _ => return false,
        }
    }
}

fn is_like_piece(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        match (pattern.get(p), text.get(t), star) {
            (Some(b'*'), _, _) => {
                star = Some((p, t));
                p += 1;
            }
            (Some(a), Some(b), _) if a == b || *a == b'?' => {
                p += 1;
                t += 1;
            }
            (_, _, Some((at, from))) => {
                star = Some((at, from + 1));
                p = at + 1;
                t = from + 1;
            }
            _ => return false,
        }
    }
    pattern.iter().skip(p).all(|c| *c == b'*')
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
            assert_eq!(images.find(name).unwrap().names, ["nginx:latest"]);
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
            assert!(found, "{:?}: {program}", image.names);
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

    #[test]
    fn an_image_goes_with_its_last_name_and_can_be_fetched_again() {
        let mut images = Images::load().unwrap();
        let nobody = |_: &str| None;
        let id = images.tag("nginx", "team/web:1").unwrap();
        assert_eq!(images.find("team/web:1").unwrap().id, id);
        let told = images.remove("nginx", false, nobody).unwrap();
        assert_eq!(told, [ImageDeleteResponse::untagged("nginx:latest".into())]);
        let user = |_: &str| Some(("0123456789abcdef".to_owned(), true));
        let refused = images.remove("team/web:1", false, user).unwrap_err();
        assert!(refused.to_string().starts_with(
            "conflict: unable to remove repository reference \"team/web:1\" (must force) - container 0123456789ab"
        ));
        assert_eq!(images.remove("team/web:1", false, nobody).unwrap().len(), 3);
        assert!(images.find(&id).is_err());
        assert!(images.fetch("nginx") && images.find(&id).is_ok());
        assert!(!images.fetch("nosuch"));
    }

    #[test]
    fn references_match_as_patterns_between_slashes() {
        for (pattern, name, want) in [
            ("nginx", "nginx:alpine", true),
            ("ngin*", "nginx:alpine", true),
            ("*:alp?ne", "nginx:alpine", true),
            ("*", "team/web:1", false),
            ("*/w*b", "team/web:1", true),
            ("team/*:2", "team/web:1", false),
        ] {
            assert_eq!(is_reference(pattern, name), want, "{pattern} {name}");
        }
    }
}
