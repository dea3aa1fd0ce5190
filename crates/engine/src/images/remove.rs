//! Removing images: by name, by id, and those that nothing uses. Source: moby `daemon/images/image_delete.go`.

use super::{Image, Images, familiar_name};
use crate::api::ImageDeleteResponse;
use crate::error::{Error, Result};
use crate::names::short_id;

/// What removing did.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Removed {
    /// Names, images and layers that are gone.
    pub(crate) told: Vec<ImageDeleteResponse>,
    /// Bytes of the layers that are gone.
    pub(crate) freed: u64,
}

/// Why an image cannot be removed.
struct Conflict {
    /// Whether force does not help either.
    hard: bool,
    /// Whether a container is the reason.
    used: bool,
    why: String,
}

impl Conflict {
    fn error(&self, id: &str) -> Error {
        let how = if self.hard { "cannot" } else { "must" };
        let why = &self.why;
        let id = short(id);
        Error::conflict(format!(
            "conflict: unable to delete {id} ({how} be forced) - {why}"
        ))
    }
}

/// Which container is made from an image, and whether it runs; one that runs before others.
pub(crate) type User<'a> = &'a dyn Fn(&str) -> Option<(String, bool)>;

/// How an image is to be removed.
#[derive(Clone, Copy)]
pub(crate) struct How {
    /// Also where it is used, as far as that goes.
    pub(crate) force: bool,
    /// Without the images that it was made from.
    pub(crate) no_prune: bool,
}

fn short(id: &str) -> &str {
    short_id(id.strip_prefix("sha256:").unwrap_or(id))
}

impl Images {
    /// Takes a name from an image, or all of them if it is named by its id, and removes the image with its last name.
    /// Errors: `NotFound`, and `Conflict` where the image is needed.
    pub(crate) fn remove(&mut self, reference: &str, how: How, user: User<'_>) -> Result<Removed> {
        let image = self.find(reference)?;
        let (id, name) = (image.id.clone(), familiar_name(reference));
        let mut done = Removed::default();
        let by_name = image.names.contains(&name);
        let single = image.names.len() <= 1;
        if by_name {
            if single
                && !how.force
                && let Some((container, _)) = user(&id)
            {
                return Err(Error::conflict(format!(
                    "conflict: unable to remove repository reference \"{reference}\" (must force) - container {} is using \
                     its referenced image {}",
                    short_id(&container),
                    short(&id),
                )));
            }
            self.untag(&id, &[name], &mut done);
            if !single {
                return Ok(done);
            }
        } else if one_repository(&image.names) {
            let names = image.names.clone();
            if let Some(conflict) = self.conflict(&id, how.force, true, user) {
                return Err(conflict.error(&id));
            }
            self.untag(&id, &names, &mut done);
        }
        self.delete(&id, how, by_name, user, &mut done)?;
        Ok(done)
    }

    fn untag(&mut self, id: &str, names: &[String], done: &mut Removed) {
        if let Some(image) = self.list.iter_mut().find(|i| i.id == id) {
            image.names.retain(|n| !names.contains(n));
        }
        let names = names.iter().cloned();
        done.told.extend(names.map(ImageDeleteResponse::untagged));
    }

    /// Removes an image and, if they have neither names nor children any more, those that it was made from. `quiet`: what
    /// is needed stays without a word.
    fn delete(
        &mut self,
        id: &str,
        how: How,
        quiet: bool,
        user: User<'_>,
        done: &mut Removed,
    ) -> Result<()> {
        if let Some(conflict) = self.conflict(id, how.force, false, user) {
            let needed = |i: &Image| !i.names.is_empty() || self.is_needed(&i.id);
            let dangling = self.list.iter().any(|i| i.id == id && !needed(i));
            return match quiet && (!dangling || conflict.used) {
                true => Ok(()),
                false => Err(conflict.error(id)),
            };
        }
        let Some(at) = self.list.iter().position(|i| i.id == id) else {
            return Ok(());
        };
        let names = self.list.get(at).map(|i| i.names.clone());
        self.untag(id, &names.unwrap_or_default(), done);
        let image = self.list.remove(at);
        done.told
            .push(ImageDeleteResponse::deleted(image.id.clone()));
        let kept = user(id).is_some();
        for layer in image.layers.iter().rev() {
            if kept || self.list.iter().any(|i| i.has(&layer.chain)) {
                break;
            }
            done.freed += layer.size;
            done.told
                .push(ImageDeleteResponse::deleted(layer.chain.clone()));
        }
        if how.no_prune || image.parent.is_empty() {
            return Ok(());
        }
        let parent = How {
            force: false,
            ..how
        };
        self.delete(&image.parent, parent, true, user, done)
    }

    /// Returns why an image has to stay. `named`: its names are no reason.
    fn conflict(&self, id: &str, force: bool, named: bool, user: User<'_>) -> Option<Conflict> {
        let conflict = |hard, used, why| Conflict { hard, used, why };
        if self.is_needed(id) {
            let why = "image has dependent child images".to_owned();
            return Some(conflict(true, false, why));
        }
        let by = user(id);
        let used = |state: &str, container: &str| {
            let container = short_id(container);
            format!("image is being used by {state} container {container}")
        };
        match &by {
            Some((container, true)) => {
                return Some(conflict(true, true, used("running", container)));
            }
            _ if force => return None,
            _ => {}
        }
        let named = named || self.list.iter().any(|i| i.id == id && i.names.is_empty());
        if !named {
            let why = "image is referenced in multiple repositories".to_owned();
            return Some(conflict(false, false, why));
        }
        by.map(|(container, _)| conflict(false, true, used("stopped", &container)))
    }
}

/// Whether all names are tags of one repository.
fn one_repository(names: &[String]) -> bool {
    let repository = |name: &String| name.rsplit_once(':').map(|(r, _)| r.to_owned());
    let mut all = names.iter().map(repository);
    match all.next() {
        Some(first) => all.all(|other| other == first),
        None => true,
    }
}
