//! What clients ask about images.

use sorted::SortedMap;

use super::familiar_name;
use super::remove::{How, Removed};
use crate::api::{
    EventType, Filters, HistoryResponseItem, ImageDeleteResponse, ImageInspect, ImageSummary,
    ImagesPruneReport,
};
use crate::daemon::Engine;
use crate::error::{Error, Result};
use crate::filters::{boolean_filter, check_filters, has_labels, is_before_until};
use crate::resolvconf::ResolvConf;
use crate::state::State;

/// Where images without a registry in their name come from.
const DOCKER_HUB: &str = "registry-1.docker.io";

impl Engine {
    /// `GET /images/json`.
    pub(crate) fn image_list(&self, all: bool, filters: Filters) -> Result<Vec<ImageSummary>> {
        let state = self.state();
        let mut listed = state.images.summaries(all, &filters)?;
        for image in &mut listed {
            let made = state.containers.values().filter(|c| c.image == image.id);
            image.containers = i64::try_from(made.count()).unwrap_or(i64::MAX);
        }
        Ok(listed)
    }

    /// What `GET /system/df` tells of all layers together, bytes.
    pub(crate) fn image_layers_size(&self) -> Result<u64> {
        Ok(self.state().images.layers_size())
    }

    /// `GET /images/{name}/json`.
    pub(crate) fn image_inspect(&self, image: String) -> Result<ImageInspect> {
        Ok(self.state().images.find(&image)?.inspect())
    }

    /// `GET /images/{name}/history`.
    pub(crate) fn image_history(&self, image: String) -> Result<Vec<HistoryResponseItem>> {
        self.state().images.history(&image)
    }

    /// `POST /images/{name}/tag`.
    pub(crate) fn image_tag(&self, image: String, name: String) -> Result<()> {
        let id = self.state().images.tag(&image, &name, self.now())?;
        let said = SortedMap::from([("name".to_owned(), familiar_name(&name))]);
        self.event(EventType::Image, "tag", &id, said);
        Ok(())
    }

    /// Tells of something that was done with an image as a whole.
    pub(super) fn image_event(&self, action: &str, id: &str) {
        let said = SortedMap::from([("name".to_owned(), id.to_owned())]);
        self.event(EventType::Image, action, id, said);
    }

    /// `GET /images/get`: an archive.
    pub(crate) fn image_save(&self, images: Vec<String>) -> Result<Vec<u8>> {
        let epoch = self.sys().kernel(|k| k.epoch);
        let bytes = self.state().images.save(&images, epoch)?;
        for name in &images {
            let id = self.state().images.find(name).map(|i| i.id.clone());
            if let Ok(id) = id {
                self.image_event("save", &id);
            }
        }
        Ok(bytes)
    }

    /// `POST /images/load`. Answers with what is told of it.
    pub(crate) fn image_load(&self, bytes: Vec<u8>) -> Result<Vec<String>> {
        let epoch = self.sys().kernel(|k| k.epoch);
        let done = self.state().images.load_archive(&bytes, epoch)?;
        for id in &done.ids {
            self.image_event("load", id);
        }
        Ok(done.lines)
    }

    /// `DELETE /images/{name}`.
    pub(crate) fn image_remove(
        &self,
        image: String,
        force: bool,
        no_prune: bool,
    ) -> Result<Vec<ImageDeleteResponse>> {
        if image.is_empty() {
            return Err(Error::not_found("page not found"));
        }
        Ok(self.remove_image(&image, How { force, no_prune })?.told)
    }

    fn remove_image(&self, image: &str, how: How) -> Result<Removed> {
        let (id, removed) = {
            let mut state = self.state();
            let State {
                images, containers, ..
            } = &mut *state;
            let user = |id: &str| {
                let all = || containers.values().filter(|c| c.image == id);
                let first = all().find(|c| c.state.running).or_else(|| all().next())?;
                Some((first.id.clone(), first.state.running))
            };
            (
                images.find(image)?.id.clone(),
                images.remove(image, how, &user)?,
            )
        };
        for one in &removed.told {
            if !one.untagged.is_empty() {
                self.image_event("untag", &id);
            } else if one.deleted == id {
                self.image_event("delete", &id);
            }
        }
        Ok(removed)
    }

    /// `POST /images/prune`: images without a name, or with `dangling=false` all that no container is made from.
    pub(crate) fn image_prune(&self, filters: Filters) -> Result<ImagesPruneReport> {
        check_filters(&filters, &["dangling", "label", "label!", "until"])?;
        let all = boolean_filter(&filters, "dangling")? == Some(false);
        let unused: Vec<ImageSummary> = {
            let state = self.state();
            let listed = state.images.summaries(true, &Filters::default())?;
            let mut unused = Vec::new();
            for image in listed {
                let labels = image.labels.as_ref();
                let needed = state.images.is_needed(&image.id);
                let fits = (all || (image.repo_tags.is_empty() && !needed))
                    && !(needed && image.repo_tags.is_empty())
                    && has_labels(&filters, "label", labels.unwrap_or(&SortedMap::new()))
                    && is_before_until(&filters, image.created.saturating_mul(1_000_000_000))?
                    && !state.containers.values().any(|c| c.image == image.id);
                if fits {
                    unused.push(image);
                }
            }
            unused
        };
        let mut report = ImagesPruneReport::default();
        let how = How {
            force: false,
            no_prune: false,
        };
        for image in unused {
            let names = match image.repo_tags.is_empty() {
                true => vec![image.id],
                false => image.repo_tags,
            };
            // What went with another one, or is needed after all, is no error.
            for removed in names.iter().filter_map(|n| self.remove_image(n, how).ok()) {
                report.images_deleted.extend(removed.told);
                report.space_reclaimed += removed.freed;
            }
        }
        self.say_pruned(EventType::Image, report.space_reclaimed);
        Ok(report)
    }

    /// `POST /build/prune`: no image has been built, so nothing was kept.
    pub(crate) fn build_prune(&self) -> Result<()> {
        self.say_pruned(EventType::Builder, 0);
        Ok(())
    }

    fn say_pruned(&self, kind: EventType, reclaimed: u64) {
        let said = SortedMap::from([("reclaimed".to_owned(), reclaimed.to_string())]);
        self.event(kind, "prune", "", said);
    }

    /// `POST /images/create`. There is no registry in the simulated world, so all that can be had is there already.
    pub(crate) fn image_pull(&self, image: String) -> Result<()> {
        if self.state().images.find(&image).is_ok() || self.state().images.fetch(&image) {
            return Ok(());
        }
        self.registry(registry_of(&image), "/v2/".to_owned())
    }

    /// Tells how far a question to a registry gets.
    pub(crate) fn registry(&self, host: String, path: String) -> Result<()> {
        let conf = ResolvConf::parse(&self.sys().read_text("/etc/resolv.conf").unwrap_or_default());
        let server = conf
            .servers()
            .next()
            .map_or_else(|| "127.0.0.1".to_owned(), |addr| addr.to_string());
        Err(Error::internal(format!(
            "Get \"https://{host}{path}\": dial tcp: lookup {name} on {server}:53: no such host",
            name = host.split(':').next().unwrap_or_default()
        )))
    }
}

/// Returns the host of the registry that an image's name points to. Source: distribution/reference.
pub(crate) fn registry_of(image: &str) -> String {
    match image.split_once('/') {
        Some((host, _)) if host.contains(['.', ':']) || host == "localhost" => match host {
            "docker.io" | "index.docker.io" => DOCKER_HUB,
            host => host,
        },
        _ => DOCKER_HUB,
    }
    .to_owned()
}
