//! Making sure that the images of a project are there.

use sorted::SortedMap;

use compose::model::{Project, Service};
use engine::Class;

use super::context::Compose;
use super::converge::Creation;
use super::request::image_name;
use super::screen::Stage;
use crate::image::pull::check_name;
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
            check_name(&image).map_err(|why| {
                complaint(format!(
                    "unable to get image '{image}': Error response from daemon: {why}"
                ))
            })?;
            let mut found = client.image_inspect(image.as_str());
            let is_missing = matches!(&found, Err(e) if e.class() == Class::NotFound);
            if is_missing && service.build {
                return Err(not_built(service));
            }
            if policy == "always" || (is_missing && policy != "never") {
                self.pull(name, &image, creation.quiet_pull)?;
                found = client.image_inspect(image.as_str());
            }
            match found {
                Ok(image) => ids.insert(name.clone(), image.id),
                Err(e) => return Err(refused(e)),
            };
        }
        Ok(ids)
    }

    /// Fetches the image of a service and tells of it.
    pub(super) fn pull(&self, service: &str, image: &str, quiet: bool) -> Result<(), Failure> {
        let progress = match quiet {
            true => self.progress.silent(),
            false => self.progress.clone(),
        };
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

/// Says plainly that nothing is built.
pub(super) fn not_built(service: &Service) -> Failure {
    complaint(format!(
        "service \"{}\": building images is not modelled in this simulation",
        service.name
    ))
}
