//! What clients ask about images.

use sorted::SortedMap;

use super::familiar_name;
use crate::api::{EventType, Filters, ImageDeleteResponse, ImageInspect, ImageSummary};
use crate::daemon::Engine;
use crate::error::{Error, Result};
use crate::filters::{boolean_filter, check_filters, has_labels};
use crate::resolvconf::ResolvConf;
use crate::state::State;

/// Where images without a registry in their name come from.
const DOCKER_HUB: &str = "registry-1.docker.io";

impl Engine {
    /// `GET /images/json`.
    pub(crate) fn image_list(&self, filters: Filters) -> Result<Vec<ImageSummary>> {
        self.state().images.summaries(&filters)
    }

    /// `GET /images/{name}/json`.
    pub(crate) fn image_inspect(&self, image: String) -> Result<ImageInspect> {
        Ok(self.state().images.find(&image)?.inspect())
    }

    /// `POST /images/{name}/tag`.
    pub(crate) fn image_tag(&self, image: String, name: String) -> Result<()> {
        let id = self.state().images.tag(&image, &name)?;
        let said = SortedMap::from([("name".to_owned(), familiar_name(&name))]);
        self.event(EventType::Image, "tag", &id, said);
        Ok(())
    }

    /// `DELETE /images/{name}`.
    pub(crate) fn image_remove(
        &self,
        image: String,
        force: bool,
    ) -> Result<Vec<ImageDeleteResponse>> {
        let (id, told) = {
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
                images.find(&image)?.id.clone(),
                images.remove(&image, force, user)?,
            )
        };
        let said = || SortedMap::from([("name".to_owned(), id.clone())]);
        for one in &told {
            if !one.untagged.is_empty() {
                self.event(EventType::Image, "untag", &id, said());
            } else if one.deleted == id {
                self.event(EventType::Image, "delete", &id, said());
            }
        }
        Ok(told)
    }

    /// `POST /images/prune`: images without a name, or with `dangling=false` all that no container is made from.
    pub(crate) fn image_prune(&self, filters: Filters) -> Result<Vec<ImageDeleteResponse>> {
        check_filters(&filters, &["dangling", "label", "label!", "until"])?;
        let all = boolean_filter(&filters, "dangling")? == Some(false);
        let unused: Vec<String> = {
            let state = self.state();
            let listed = state.images.summaries(&Filters::default())?.into_iter();
            listed
                .filter(|i| all || i.repo_tags.is_empty())
                .filter(|i| {
                    has_labels(
                        &filters,
                        "label",
                        i.labels.as_ref().unwrap_or(&SortedMap::new()),
                    )
                })
                .filter(|i| !state.containers.values().any(|c| c.image == i.id))
                .map(|i| i.id)
                .collect()
        };
        let mut told = Vec::new();
        for id in unused {
            told.extend(self.image_remove(id, true)?);
        }
        let said = SortedMap::from([("reclaimed".to_owned(), "0".to_owned())]);
        self.event(EventType::Image, "prune", "", said);
        Ok(told)
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
            .first()
            .map_or_else(|| "127.0.0.1".to_owned(), ToString::to_string);
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
