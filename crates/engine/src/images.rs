//! The images that the simulated engine has: those of a catalogue, and those that were made of containers and archives.

mod catalogue;
mod change;
mod commit;
mod layer;
mod record;
mod references;
mod remove;
pub(crate) mod requests;
mod save;

use std::rc::Rc;

use kernel::fs::Tree;

use crate::api::{
    Filters, GraphDriver, HistoryResponseItem, ImageConfig, ImageInspect, ImageMetadata,
    ImageSummary, RootFs,
};
use crate::clock::{self, UnixNanos};
use crate::error::{Error, Result};
use crate::filters::{boolean_filter, check_filters, has_labels, is_before_until};

use catalogue::Catalogue;
use layer::Layer;
use record::{HistoryItem, Making};
use references::is_reference;

pub(crate) use layer::written;
pub use references::{check_name, familiar_name, name_and_tag};

/// When the oldest image of the catalogue says it was made: three quarters of an hour before a simulation usually begins,
/// as on a machine that has just been set up.
const CREATED: UnixNanos = 1_762_762_500_000_000_000;
const SECOND: UnixNanos = 1_000_000_000;
/// What is said of something that was made elsewhere.
const IMPORTED: &str = "Imported from -";

/// One image.
pub struct Image {
    /// Repositories and tags that it goes by.
    pub names: Vec<String>,
    /// `sha256:` and 64 hexadecimal digits.
    pub id: String,
    /// What it says about containers.
    pub config: ImageConfig,
    author: String,
    created: UnixNanos,
    history: Vec<HistoryItem>,
    /// What its id is the digest of.
    json: String,
    /// The lowest first.
    layers: Vec<Rc<Layer>>,
    /// The image that it was made from on this engine, or empty.
    parent: String,
    /// When it was last given a name, if here.
    tagged: Option<UnixNanos>,
}

/// All images of one engine.
pub struct Images {
    catalogue: Rc<Catalogue>,
    list: Vec<Image>,
}

impl Images {
    /// Reads the catalogue. Errors: `Internal` if it is not what it should be.
    pub fn load() -> Result<Self> {
        let catalogue = Rc::new(Catalogue::load()?);
        let mut images = Self {
            catalogue: catalogue.clone(),
            list: Vec::new(),
        };
        for (entry, e) in catalogue.images.iter().enumerate() {
            if e.made.is_some() {
                images.list.extend(images.of_entry(entry));
            }
        }
        Ok(images)
    }

    /// Finds an image by name, with or without tag, or by id. Errors: `Invalid` for what cannot be a name, `NotFound`.
    pub fn find(&self, reference: &str) -> Result<&Image> {
        let name = familiar_name(reference);
        let by_name = self.list.iter().find(|i| i.names.contains(&name));
        let found = by_name.or_else(|| self.by_id(reference));
        found.ok_or_else(|| match check_name(reference) {
            Ok(()) => Error::not_found(format!("No such image: {name}")),
            Err(why) => Error::invalid(why),
        })
    }

    /// Finds an image by its id or the beginning of it.
    fn by_id(&self, reference: &str) -> Option<&Image> {
        let digits = reference.strip_prefix("sha256:").unwrap_or(reference);
        let is_id = digits.len() >= 4 && digits.bytes().all(|b| b.is_ascii_hexdigit());
        let mut all = self.list.iter();
        all.find(|i| is_id && i.id.get(7..).is_some_and(|id| id.starts_with(digits)))
    }

    /// Returns the file tree of an image, which containers lay theirs over.
    pub fn tree(&self, image: &Image) -> Rc<Tree> {
        image
            .layers
            .last()
            .map_or_else(Rc::default, |top| top.tree(&self.catalogue))
    }

    /// Returns the bytes of an image, by id.
    pub fn size(&self, id: &str) -> u64 {
        self.list.iter().find(|i| i.id == id).map_or(0, Image::size)
    }

    /// Returns the names of all images that are there or can be fetched, those of the catalogue first.
    pub fn names(&self) -> impl Iterator<Item = &String> {
        let known = self.catalogue.images.iter().map(|e| &e.name);
        let made = self.list.iter().flat_map(|i| &i.names);
        known.chain(made.filter(|name| self.catalogue.images.iter().all(|e| e.name != **name)))
    }

    /// Returns how many images there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Returns the bytes of all layers together.
    pub fn layers_size(&self) -> u64 {
        let mut seen = Vec::new();
        let layers = self.list.iter().flat_map(|i| &i.layers);
        let mut new = |l: &&Rc<Layer>| {
            let is_new = !seen.contains(&l.chain);
            seen.push(l.chain.clone());
            is_new
        };
        layers.filter(|l| new(l)).map(|l| l.size).sum()
    }

    /// Lists the images, the newest first, without those that only others are made from unless `all`. Errors: `Invalid`
    /// for a filter that is unknown or makes no sense, `NotFound` for one that names an image that is not there.
    pub fn summaries(&self, all: bool, filters: &Filters) -> Result<Vec<ImageSummary>> {
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
        let created = |key: &str| -> Result<Option<UnixNanos>> {
            let named = filters.get(key).and_then(|names| names.first());
            let found = named.map(|name| self.find(name).map(|i| i.created));
            found.transpose()
        };
        let (before, since) = (created("before")?, created("since")?);
        let by_name = |name: &String| {
            filters
                .get("reference")
                .is_none_or(|refs| refs.iter().any(|wanted| is_reference(wanted, name)))
        };
        let mut wanted = Vec::new();
        for image in &self.list {
            let nameless = image.names.is_empty();
            let needed = nameless && self.is_needed(&image.id);
            let fits = before.is_none_or(|before| image.created < before)
                && since.is_none_or(|since| image.created > since)
                && is_before_until(filters, image.created)?
                && dangling.is_none_or(|only| (nameless && !needed) == only)
                && (all || !needed)
                && has_labels(filters, "label", &image.config.labels)
                && (image.names.iter().any(by_name) || !filters.contains_key("reference"));
            if fits {
                wanted.push(image);
            }
        }
        // Of one second, the one that came last is first.
        wanted.reverse();
        sorted::sort_by_key(&mut wanted, |i| -i.created);
        let summary = |image: &Image| ImageSummary {
            containers: -1,
            created: image.created.div_euclid(SECOND),
            id: image.id.clone(),
            labels: Some(image.config.labels.clone()).filter(|labels| !labels.is_empty()),
            parent_id: image.parent.clone(),
            repo_digests: Vec::new(),
            repo_tags: image.names.iter().filter(|n| by_name(n)).cloned().collect(),
            shared_size: self.shared_size(image),
            size: image.size(),
        };
        Ok(wanted.into_iter().map(summary).collect())
    }

    /// The bytes of an image's layers that another one has too.
    fn shared_size(&self, image: &Image) -> i64 {
        let others = || self.list.iter().filter(|other| other.id != image.id);
        let is_shared = |l: &&Rc<Layer>| others().any(|other| other.has(&l.chain));
        let shared: u64 = image.layers.iter().filter(is_shared).map(|l| l.size).sum();
        i64::try_from(shared).unwrap_or(i64::MAX)
    }

    /// The images that were made from one.
    fn children<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Image> {
        self.list.iter().filter(move |i| i.parent == id)
    }

    /// Whether an image was made from it.
    pub(crate) fn is_needed(&self, id: &str) -> bool {
        self.children(id).next().is_some()
    }

    /// Fetches an image of the catalogue. Returns false if there is none of that name.
    pub fn fetch(&mut self, reference: &str) -> bool {
        let name = familiar_name(reference);
        let mut all = self.catalogue.images.iter();
        let found = all.position(|e| e.name == name);
        let Some(made) = found.and_then(|entry| self.of_entry(entry)) else {
            return false;
        };
        self.keep(made, &[name], None);
        true
    }

    /// Gives an image another name, which is taken from the one that had it. Returns the image's id. Errors: `NotFound`.
    pub fn tag(&mut self, reference: &str, name: &str, now: UnixNanos) -> Result<String> {
        let id = self.find(reference)?.id.clone();
        self.name(&id, &familiar_name(name), Some(now));
        Ok(id)
    }

    /// Gives a name to an image. Returns the id of the other one that had it.
    fn name(&mut self, id: &str, name: &String, now: Option<UnixNanos>) -> Option<String> {
        let mut before = None;
        for image in &mut self.list {
            if image.id != id {
                if image.names.contains(name) {
                    before = Some(image.id.clone());
                }
                image.names.retain(|n| n != name);
                continue;
            }
            image.tagged = now.or(image.tagged);
            if !image.names.contains(name) {
                image.names.push(name.clone());
                sorted::sort_by_key(&mut image.names, |name| references::full_name(name));
            }
        }
        before
    }

    /// Takes an image in, unless it is there already, under names that are taken from others.
    fn keep(&mut self, image: Image, names: &[String], now: Option<UnixNanos>) {
        let id = image.id.clone();
        if !self.list.iter().any(|i| i.id == id) {
            self.list.push(image);
        }
        for name in names {
            self.name(&id, name, now);
        }
    }

    /// The layer with a digest over what is below it, if an image has it or could be fetched that does.
    fn layer(&self, chain: &str) -> Option<Rc<Layer>> {
        let mut all = self.list.iter().flat_map(|i| &i.layers);
        let known = all.find(|l| l.chain == chain).cloned();
        known.or_else(|| {
            let entries = 0..self.catalogue.images.len();
            let mut layers = entries.map(|entry| Layer::of_entry(&self.catalogue, entry));
            layers.find(|l| l.chain == chain).map(Rc::new)
        })
    }

    /// Makes an image of an entry of the catalogue.
    fn of_entry(&self, entry: usize) -> Option<Image> {
        let e = self.catalogue.images.get(entry)?;
        let layer = Layer::of_entry(&self.catalogue, entry);
        let layer = self.layer(&layer.chain).unwrap_or_else(|| Rc::new(layer));
        let created = CREATED + e.made.unwrap_or(0) * SECOND;
        let history = HistoryItem {
            created: clock::rfc3339(created),
            comment: IMPORTED.to_owned(),
            ..HistoryItem::default()
        };
        let made = Making {
            author: "",
            config: &record::to_container(e.config.clone()),
            container: None,
            created,
            history: std::slice::from_ref(&history),
            layers: std::slice::from_ref(&layer),
        };
        let json = made.json();
        Some(Image {
            names: vec![e.name.clone()],
            id: layer::digest(json.as_bytes()),
            config: e.config.clone(),
            author: String::new(),
            created,
            history: vec![history],
            json,
            layers: vec![layer],
            parent: String::new(),
            tagged: Some(created),
        })
    }
}

impl Image {
    /// Bytes.
    fn size(&self) -> u64 {
        self.layers.iter().map(|l| l.size).sum()
    }

    /// Whether it has a layer.
    fn has(&self, chain: &str) -> bool {
        self.layers.iter().any(|l| l.chain == chain)
    }

    /// Tells everything about the image.
    pub fn inspect(&self) -> ImageInspect {
        let dir = |layer: &Layer, part: &str| {
            let name = layer.chain.strip_prefix("sha256:").unwrap_or_default();
            format!("/var/lib/docker/overlay2/{name}/{part}")
        };
        let mut data = sorted::SortedMap::new();
        if let Some((top, below)) = self.layers.split_last() {
            let parts = [
                ("MergedDir", "merged"),
                ("UpperDir", "diff"),
                ("WorkDir", "work"),
            ];
            for (key, part) in parts {
                data.insert(key.to_owned(), dir(top, part));
            }
            let below: Vec<String> = below.iter().rev().map(|l| dir(l, "diff")).collect();
            if !below.is_empty() {
                data.insert("LowerDir".to_owned(), below.join(":"));
            }
        }
        ImageInspect {
            id: self.id.clone(),
            repo_tags: self.names.clone(),
            parent: self.parent.clone(),
            comment: self.history.last().map_or("", |h| &h.comment).to_owned(),
            created: clock::rfc3339(self.created),
            docker_version: crate::api::ENGINE_VERSION.to_owned(),
            author: self.author.clone(),
            config: self.config.clone(),
            architecture: "amd64".to_owned(),
            os: "linux".to_owned(),
            size: self.size(),
            graph_driver: GraphDriver {
                data: Some(data),
                name: "overlay2".to_owned(),
            },
            root_fs: RootFs {
                kind: "layers".to_owned(),
                layers: self.layers.iter().map(|l| l.digest.clone()).collect(),
            },
            metadata: ImageMetadata {
                last_tag_time: self
                    .tagged
                    .map_or_else(|| clock::NEVER.to_owned(), clock::rfc3339),
            },
            ..ImageInspect::default()
        }
    }
}

impl Images {
    /// Tells how an image was made, the last step first. Steps of images that are not here are called `<missing>`.
    /// Source: moby `daemon/images/image_history.go`.
    pub fn history(&self, reference: &str) -> Result<Vec<HistoryResponseItem>> {
        let image = self.find(reference)?;
        let mut sizes = image.layers.iter().map(|l| l.size);
        let mut told: Vec<_> = image
            .history
            .iter()
            .map(|step| HistoryResponseItem {
                id: "<missing>".to_owned(),
                created: clock::seconds(&step.created),
                created_by: step.created_by.clone(),
                comment: step.comment.clone(),
                size: match step.empty_layer {
                    true => 0,
                    false => sizes.next().unwrap_or(0),
                },
                tags: Vec::new(),
            })
            .collect();
        told.reverse();
        let mut at = Some(image);
        for step in &mut told {
            let Some(image) = at else { break };
            step.id.clone_from(&image.id);
            step.tags.clone_from(&image.names);
            at = self.list.iter().find(|i| i.id == image.parent);
        }
        Ok(told)
    }
}

#[cfg(test)]
mod tests;
