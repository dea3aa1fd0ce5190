//! Images as archives, in the form that `docker save` writes.
//!
//! Source: OCI image layout 1.1; moby `image/tarexport`.

use std::rc::Rc;

use bytes::Bytes;
use kernel::fs::tar::{self, Fault, Style};
use kernel::fs::{Metadata, Node};
use kernel::time::Instant;
use serde::Deserialize;
use sorted::SortedMap;

use super::layer::{self, Layer, digest};
use super::record::{Record, json};
use super::references::full_name;
use super::{Image, Images, familiar_name};
use crate::api::ContainerConfig;
use crate::clock;
use crate::error::{Error, Result};

const OCI: &str = "application/vnd.oci.image";
const MANIFEST: &str = "manifest.json";

/// An image in `manifest.json`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    config: String,
    #[serde(default)]
    repo_tags: Option<Vec<String>>,
    layers: Vec<String>,
}

/// The files of an archive.
#[derive(Default)]
struct Files(SortedMap<String, Bytes>);

impl Files {
    fn put(&mut self, name: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.0.insert(name.into(), Bytes::from(bytes.into()));
    }

    /// Puts something under its digest, of which it returns the digits.
    fn blob(&mut self, bytes: Vec<u8>) -> String {
        let digest = digest(&bytes);
        let digits = hex(&digest).to_owned();
        self.put(blob(&digest), bytes);
        digits
    }
}

fn hex(digest: &str) -> &str {
    digest.strip_prefix("sha256:").unwrap_or(digest)
}

fn blob(digest: &str) -> String {
    format!("blobs/sha256/{}", hex(digest))
}

impl Images {
    /// Writes images into an archive: a repository with all its tags, a name, or an id without names.
    /// Errors: `NotFound`.
    pub(crate) fn save(&self, references: &[String], epoch: u64) -> Result<Vec<u8>> {
        let mut chosen: Vec<(&Image, Vec<String>)> = Vec::new();
        for reference in references {
            for (image, name) in self.named(reference)? {
                let at = chosen.iter().position(|(known, _)| known.id == image.id);
                let at = at.unwrap_or_else(|| {
                    chosen.push((image, Vec::new()));
                    chosen.len() - 1
                });
                if let Some((_, names)) = chosen.get_mut(at) {
                    names.extend(name.filter(|name| !names.contains(name)));
                }
            }
        }
        let mut files = Files::default();
        let (mut listed, mut index) = (Vec::new(), Vec::new());
        let mut repositories: SortedMap<String, SortedMap<String, String>> = SortedMap::new();
        for (image, names) in &chosen {
            let saved = self.put(&mut files, image, epoch);
            for name in names {
                index.push(format!("{{{},{}}}", saved.entry, annotations(name)));
                let (repository, tag) = name.rsplit_once(':').unwrap_or((name, ""));
                let top = image.layers.last().map_or("", |l| hex(&l.digest));
                let tags = repositories.entry(repository.to_owned()).or_default();
                tags.insert(tag.to_owned(), top.to_owned());
            }
            if names.is_empty() {
                index.push(format!("{{{}}}", saved.entry));
            }
            listed.push(format!(
                "{{\"Config\":\"{}\",\"RepoTags\":{},\"Layers\":{},\"LayerSources\":{{{}}}}}",
                blob(&image.id),
                json(&Some(names).filter(|n| !n.is_empty())),
                json(&saved.blobs),
                saved.sources.join(","),
            ));
        }
        let index = index.join(",");
        files.put(MANIFEST, format!("[{}]", listed.join(",")));
        files.put("oci-layout", "{\"imageLayoutVersion\": \"1.0.0\"}");
        let head = format!("\"schemaVersion\":2,\"mediaType\":\"{OCI}.index.v1+json\"");
        files.put("index.json", format!("{{{head},\"manifests\":[{index}]}}"));
        if !repositories.is_empty() {
            files.put("repositories", json(&repositories) + "\n");
        }
        Ok(write(files, epoch))
    }

    /// The images that something stands for, each with its name if that was asked for.
    fn named(&self, reference: &str) -> Result<Vec<(&Image, Option<String>)>> {
        let name = familiar_name(reference);
        let bare = name.strip_suffix(":latest").filter(|bare| {
            let given = reference.rsplit('/').next().unwrap_or_default();
            !bare.is_empty() && !given.contains(':')
        });
        let mut found = Vec::new();
        for image in &self.list {
            let wanted = |n: &&String| match bare {
                Some(bare) => n.rsplit_once(':').is_some_and(|(r, _)| r == bare),
                None => **n == name,
            };
            found.extend(
                image
                    .names
                    .iter()
                    .filter(wanted)
                    .map(|n| (image, Some(n.clone()))),
            );
        }
        if found.is_empty() {
            let image = self.by_id(reference);
            found.extend(image.map(|image| (image, None)));
        }
        match found.is_empty() {
            true => Err(Error::not_found(format!("No such image: {reference}"))),
            false => Ok(found),
        }
    }

    fn put(&self, files: &mut Files, image: &Image, epoch: u64) -> Saved {
        let (mut blobs, mut sources, mut manifest) = (Vec::new(), Vec::new(), Vec::new());
        for (at, layer) in image.layers.iter().enumerate() {
            let bytes = layer::archive(&layer.tree(&self.catalogue), epoch);
            let size = bytes.len();
            files.put(blob(&layer.digest), bytes);
            let kind = format!("\"mediaType\":\"{OCI}.layer.v1.tar\"");
            let digest = &layer.digest;
            manifest.push(format!(
                "{{{kind},\"digest\":\"{digest}\",\"size\":{size}}}"
            ));
            sources.push(format!(
                "\"{digest}\":{{{kind},\"size\":{size},\"digest\":\"{digest}\"}}"
            ));
            blobs.push(blob(digest));
            // What engines before 1.10 read, who knew every layer as an image.
            let created = clock::rfc3339(if at + 1 == image.layers.len() {
                image.created
            } else {
                0
            });
            let config = json(&ContainerConfig::default());
            let id = hex(&layer.chain);
            let old = format!(
                "{{\"id\":\"{id}\",\"created\":\"{created}\",\"container_config\":{config},\"os\":\"linux\"}}"
            );
            files.blob(old.into_bytes());
        }
        sorted::sort(&mut sources);
        files.put(blob(&image.id), image.json.as_bytes());
        let (id, size, kind) = (
            &image.id,
            image.json.len(),
            format!("{OCI}.manifest.v1+json"),
        );
        let manifest = format!(
            "{{\"schemaVersion\":2,\"mediaType\":\"{kind}\",\"config\":{{\"mediaType\":\"{OCI}.config.v1+json\",\
             \"digest\":\"{id}\",\"size\":{size}}},\"layers\":[{}]}}",
            manifest.join(","),
        );
        let size = manifest.len();
        let digits = files.blob(manifest.into_bytes());
        Saved {
            blobs,
            sources,
            entry: format!(
                "\"mediaType\":\"{kind}\",\"digest\":\"sha256:{digits}\",\"size\":{size}"
            ),
        }
    }

    /// Takes in the images of an archive. Returns a line for each of their names.
    /// Errors: what `docker load` says.
    pub(crate) fn load_archive(&mut self, bytes: &[u8], epoch: u64) -> Result<Loaded> {
        let entries = read(bytes, epoch)?;
        let file = |name: &str| {
            let entry = entries
                .iter()
                .find(|(n, _)| n.trim_start_matches("./") == name);
            match entry.map(|(_, meta)| &meta.node) {
                Some(Node::File(bytes)) => Ok(bytes.clone()),
                _ => Err(missing(name)),
            }
        };
        let text = |name: &str| Ok(String::from_utf8_lossy(&file(name)?).into_owned());
        // Without it, it could be one of the older kind, whose list this is.
        let listed: Vec<Listed> =
            parsed(&text(MANIFEST).map_err(|_old: Error| missing("repositories"))?)?;
        let mut done = Loaded::default();
        for one in listed {
            let config = text(&one.config)?;
            let record: Record = parsed(&config)?;
            let mut layers: Vec<Rc<Layer>> = Vec::new();
            for (digest, name) in record.rootfs.diff_ids.iter().zip(&one.layers) {
                let below = layers.last().map(|l| &**l);
                let layer = match self.layer(&layer::chain(below, digest)) {
                    Some(known) => known,
                    None => {
                        let entries = read(&file(name)?, epoch)?;
                        let digest = digest.clone();
                        Rc::new(Layer::of_archive(entries, below, digest, &self.catalogue))
                    }
                };
                layers.push(layer);
            }
            let names = one.repo_tags.unwrap_or_default();
            let image = Image {
                names: Vec::new(),
                id: digest(config.as_bytes()),
                config: record.config,
                author: record.author,
                created: clock::read(&record.created).unwrap_or(0),
                history: record.history,
                json: config,
                layers,
                parent: String::new(),
                tagged: None,
            };
            let id = image.id.clone();
            self.keep(image, &[], None);
            for name in &names {
                if let Some(old) = self.name(&id, name, None) {
                    done.lines.push(format!(
                        "The image {name} already exists, renaming the old one with ID {old} to empty string"
                    ));
                }
                done.lines.push(format!("Loaded image: {name}"));
            }
            if names.is_empty() {
                done.lines.push(format!("Loaded image ID: {id}"));
            }
            done.ids.push(id);
        }
        Ok(done)
    }
}

/// What loading did.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Loaded {
    /// What is told of it.
    pub(crate) lines: Vec<String>,
    /// The images.
    pub(crate) ids: Vec<String>,
}

/// What was written of one image.
struct Saved {
    blobs: Vec<String>,
    sources: Vec<String>,
    /// Its entry in the index, without braces.
    entry: String,
}

fn annotations(name: &str) -> String {
    let tag = name.rsplit_once(':').map_or("", |(_, tag)| tag);
    let full = full_name(name);
    format!(
        "\"annotations\":{{\"io.containerd.image.name\":\"{full}\",\"org.opencontainers.image.ref.name\":\"{tag}\"}}"
    )
}

fn write(files: Files, epoch: u64) -> Vec<u8> {
    let meta = |node, mode| Metadata {
        node,
        mode,
        uid: 0,
        modified: Instant::ZERO,
    };
    let dirs = ["blobs/", "blobs/sha256/"].map(|dir| (dir.to_owned(), meta(Node::Dir, 0o755)));
    let files = files.0.into_iter();
    let files = files.map(|(name, bytes)| (name, meta(Node::File(bytes), 0o644)));
    let all: Vec<_> = dirs.into_iter().chain(files).collect();
    let style = Style {
        epoch,
        named: false,
        ..Style::default()
    };
    tar::write(all.iter().map(|(name, meta)| (name.as_str(), meta)), style)
}

/// Reads an archive.
pub(super) fn read(bytes: &[u8], epoch: u64) -> Result<Vec<tar::Entry>> {
    tar::read(bytes, epoch).map_err(|fault| {
        Error::internal(match fault {
            Fault::Short => "unexpected EOF",
            Fault::NoArchive => "archive/tar: invalid tar header",
        })
    })
}

fn missing(name: &str) -> Error {
    Error::internal(format!(
        "open /var/lib/docker/tmp/docker-import-1/{name}: no such file or directory"
    ))
}

fn parsed<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|e| Error::internal(e.to_string()))
}
