//! Images made of containers and of archives of files. Source: moby `daemon/commit.go`, `daemon/images/image_import.go`.

use std::rc::Rc;

use super::layer::{self, Layer, digest};
use super::record::{HistoryItem, Making, of_container};
use super::{IMPORTED, Image, Images, change, familiar_name};
use crate::api::{CommitOptions, ContainerConfig, EventType, ImportOptions};
use crate::clock::{self, UnixNanos};
use crate::daemon::Engine;
use crate::error::Result;
use sorted::SortedMap;

/// What an image is to be made of.
pub(super) struct New<'a> {
    pub(super) config: ContainerConfig,
    pub(super) container: Option<(&'a str, &'a ContainerConfig)>,
    /// The image below.
    pub(super) parent: &'a str,
    /// The files; nothing if none was written.
    pub(super) layer: Option<Layer>,
    pub(super) created: UnixNanos,
    pub(super) author: &'a str,
    pub(super) comment: &'a str,
    pub(super) reference: &'a str,
}

impl Images {
    pub(super) fn make(&mut self, new: New<'_>) -> String {
        let below = self.list.iter().find(|i| i.id == new.parent);
        let (mut history, mut layers) =
            below.map_or_else(Default::default, |i| (i.history.clone(), i.layers.clone()));
        let command = |(_, config): (&str, &ContainerConfig)| config.cmd.clone();
        history.push(HistoryItem {
            created: clock::rfc3339(new.created),
            author: new.author.to_owned(),
            created_by: new
                .container
                .and_then(command)
                .unwrap_or_default()
                .join(" "),
            comment: new.comment.to_owned(),
            empty_layer: new.layer.is_none(),
        });
        layers.extend(
            new.layer
                .map(|l| self.layer(&l.chain).unwrap_or_else(|| Rc::new(l))),
        );
        let made = Making {
            author: new.author,
            config: &new.config,
            container: new.container,
            created: new.created,
            history: &history,
            layers: &layers,
        };
        let json = made.json();
        let id = digest(json.as_bytes());
        let image = Image {
            names: Vec::new(),
            id: id.clone(),
            config: of_container(new.config),
            author: new.author.to_owned(),
            created: new.created,
            history,
            json,
            layers,
            parent: new.parent.to_owned(),
            tagged: None,
        };
        let named = !new.reference.is_empty();
        let names: Vec<String> = named
            .then(|| familiar_name(new.reference))
            .into_iter()
            .collect();
        self.keep(image, &names, Some(new.created));
        id
    }
}

impl Engine {
    /// `POST /commit`. Answers with the image's id.
    pub(crate) fn container_commit(
        &self,
        container: String,
        options: CommitOptions,
    ) -> Result<String> {
        let now = self.now();
        let (id, image, own, mount, running) = {
            let state = self.state();
            let c = state.find_container(&container)?;
            let running = c.state.running && !c.state.paused;
            (
                c.id.clone(),
                c.image.clone(),
                c.config.clone(),
                c.mount,
                running,
            )
        };
        let mut config = own.clone();
        change::apply(&mut config, &options.changes)?;
        let pause = options.pause && running;
        if pause {
            self.container_pause(id.clone())?;
        }
        let (epoch, tree) = self.sys().kernel(|k| {
            (
                k.epoch,
                k.tree_mut(mount).map(|tree| layer::of_container(tree)),
            )
        });
        let made = {
            let mut state = self.state();
            let below = state.images.list.iter().find(|i| i.id == image);
            let top = below.and_then(|i| i.layers.last()).cloned();
            let changed = tree.filter(|tree| tree.changes().next().is_some());
            state.images.make(New {
                config,
                container: Some((&id, &own)),
                parent: &image,
                layer: changed.map(|tree| Layer::of_tree(tree, top.as_deref(), epoch)),
                created: now,
                author: &options.author,
                comment: &options.comment,
                reference: &options.reference,
            })
        };
        self.image_event("create", &made);
        self.say_named(&made, &options.reference);
        let said = [
            ("comment", options.comment),
            ("imageID", made.clone()),
            (
                "imageRef",
                match options.reference.as_str() {
                    "" => String::new(),
                    name => super::references::full_name(name),
                },
            ),
        ];
        self.container_event("commit", &id, &said);
        if pause {
            self.container_unpause(id)?;
        }
        Ok(made)
    }

    fn say_named(&self, id: &str, reference: &str) {
        if !reference.is_empty() {
            let said = SortedMap::from([("name".to_owned(), familiar_name(reference))]);
            self.event(EventType::Image, "tag", id, said);
        }
    }

    /// `GET /containers/{id}/export`: all its files as an archive.
    pub(crate) fn container_export(&self, container: String) -> Result<Vec<u8>> {
        let (id, mount) = {
            let state = self.state();
            let c = state.find_container(&container)?;
            (c.id.clone(), c.mount)
        };
        let export = |k: &mut kernel::Kernel| {
            let epoch = k.epoch;
            Some(layer::export(k.tree_mut(mount)?, epoch))
        };
        let bytes = self.sys().kernel(export).unwrap_or_default();
        self.container_event("export", &id, &[]);
        Ok(bytes)
    }

    /// `POST /images/create` from an archive of files. Answers with the image's id.
    pub(crate) fn image_import(&self, bytes: Vec<u8>, options: ImportOptions) -> Result<String> {
        let mut config = ContainerConfig::default();
        change::apply(&mut config, &options.changes)?;
        let (epoch, now) = (self.sys().kernel(|k| k.epoch), self.now());
        let entries = super::save::read(&bytes, epoch)?;
        let made = {
            let mut state = self.state();
            let digest = digest(&bytes);
            let known = state.images.catalogue.clone();
            let comment = match options.message.as_str() {
                "" => IMPORTED,
                message => message,
            };
            state.images.make(New {
                config,
                container: None,
                parent: "",
                layer: Some(Layer::of_archive(entries, None, digest, &known)),
                created: now,
                author: "",
                comment,
                reference: &options.reference,
            })
        };
        self.say_named(&made, &options.reference);
        self.image_event("import", &made);
        Ok(made)
    }
}
