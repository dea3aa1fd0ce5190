//! Making sure that the images of a project are there.

use sorted::SortedMap;

use compose::model::{Project, Service};
use compose::plan::labels;
use engine::Class;

use super::context::Compose;
use super::converge::Creation;
use super::request::image_name;
use super::screen::Stage;
use crate::image::pull::{check_name, with_tag};
use crate::session::{Failure, complaint, refused, said};

impl Compose {
    /// Returns the ids of the images by service, having fetched those that are missing.
    pub(super) fn ensure_images(
        &self,
        project: &Project,
        creation: &Creation,
    ) -> Result<SortedMap<String, String>, Failure> {
        let mut ids = SortedMap::new();
        let client = self.client()?;
        for (name, service) in &project.services {
            let image = image_name(project, service);
            let policy = match creation.pull.as_deref() {
                None | Some("policy" | "") => service.pull_policy.as_deref().unwrap_or("missing"),
                Some(given) => given,
            };
            let unseen = |why: &str| complaint(format!("unable to get image '{image}': {why}"));
            check_name(&image)
                .map_err(|why| unseen(&format!("Error response from daemon: {why}")))?;
            let mut found = client.image_inspect(image.as_str());
            let is_missing = matches!(&found, Err(e) if e.class() == Class::NotFound);
            if let Err(e) = &found
                && !is_missing
            {
                return Err(unseen(&said(e)));
            }
            if is_missing && service.build {
                return Err(not_built(service));
            }
            if policy == "always" || (is_missing && policy != "never") {
                self.pull(name, &image)?;
                found = client.image_inspect(image.as_str());
            }
            match found {
                // Its container cannot be made, which is told then.
                Err(_) if is_missing && policy == "never" => continue,
                Ok(image) => {
                    ids.insert(name.clone(), image.id);
                }
                Err(e) => return Err(refused(e)),
            }
        }
        Ok(ids)
    }

    /// Fetches the image of a service and tells of it. What the flags for quiet leave out is how far it has come, which is
    /// nothing here.
    pub(super) fn pull(&self, service: &str, image: &str) -> Result<(), Failure> {
        let progress = &self.progress;
        progress.event(service, Stage::Working, "Pulling", "");
        if self.dry {
            progress.event(service, Stage::Done, "Pulled", "");
            return Ok(());
        }
        match self.client()?.image_pull(image) {
            Ok(()) => {
                progress.event(service, Stage::Done, "Pulled", "");
                Ok(())
            }
            Err(e) => {
                progress.event(service, Stage::Error, "Error", &e.to_string());
                Err(complaint(said(&e)))
            }
        }
    }
}

/// Which images go with a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Images {
    /// None.
    None,
    /// Those that were made of it.
    Local,
    /// Those, and those that it uses.
    All,
}

impl Compose {
    /// Returns the names of the images that go with a project. Source: docker/compose `pkg/compose/image_pruner.go`.
    pub(super) fn images_to_remove(
        &self,
        project: &Project,
        which: Images,
    ) -> Result<Vec<String>, Failure> {
        if which == Images::None {
            return Ok(Vec::new());
        }
        let label = format!("{}={}", labels::PROJECT, project.name);
        let filters = SortedMap::from([("label".to_owned(), vec![label])]);
        let made = self.client()?.image_list(false, filters).map_err(refused)?;
        let made = made
            .into_iter()
            .filter_map(|i| i.repo_tags.into_iter().next());
        let used = project.services.values();
        let used = used.map(|service| with_tag(&image_name(project, service)));
        let mut all: Vec<String> = match which {
            Images::All => used.chain(made).collect(),
            Images::None | Images::Local => made.collect(),
        };
        sorted::sort(&mut all);
        all.dedup();
        Ok(all)
    }

    /// Removes an image, unless something still uses it.
    pub(super) fn remove_image(&self, image: &str) -> Result<(), Failure> {
        let event = format!("Image {image}");
        self.progress.working(&event, "Removing");
        let removed = match self.dry {
            true => Ok(()),
            false => self.client()?.image_remove(image, false, false).map(drop),
        };
        match removed {
            Ok(()) => self.progress.done(&event, "Removed"),
            Err(e) if e.class() == Class::Conflict => {
                self.warn_of(&event, "Resource is still in use");
            }
            Err(e) if e.class() == Class::NotFound => {
                self.progress
                    .done(&event, "Warning: No resource found to remove");
            }
            Err(e) => return Err(refused(e)),
        }
        Ok(())
    }
}

/// Says plainly that nothing is built.
pub(super) fn not_built(service: &Service) -> Failure {
    complaint(format!(
        "service \"{}\": building images is not modelled in this simulation",
        service.name
    ))
}
