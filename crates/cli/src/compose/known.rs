//! Projects of which only the containers are known, as after `-p NAME` without a file.

use compose::model::{Network, Project, Service, Volume};
use compose::plan::{self, Container, Reach, labels};

use super::context::{Compose, Scope};
use crate::session::{Failure, complaint};

impl Compose {
    /// Returns what containers and networks tell of a project.
    pub(super) fn project_of(
        &self,
        name: &str,
        containers: &[Container],
    ) -> Result<Project, Failure> {
        let mut project = Project {
            name: name.to_owned(),
            ..Project::default()
        };
        let scope = Scope::WITH_ONE_OFF;
        for summary in self.summaries(name, scope)? {
            let label = |label: &str| summary.labels.get(label).cloned().unwrap_or_default();
            let service = label(labels::SERVICE);
            if !containers.iter().any(|c| c.id == summary.id) {
                continue;
            }
            let needs = plan::dependencies_from_label(&label(labels::DEPENDS_ON));
            let entry = project.services.entry(service.clone()).or_default();
            entry.name = service;
            entry.image = Some(summary.image.clone());
            entry.depends_on.extend(needs);
            entry.scale = Some(entry.scale.unwrap_or(0) + 1);
        }
        for (key, network) in self.labelled_networks(name)? {
            project.networks.insert(
                key.clone(),
                Network {
                    key,
                    name: network,
                    ..Network::default()
                },
            );
        }
        for volume in self.labelled_volumes(name)? {
            let labels = volume.labels.unwrap_or_default();
            let key = labels.get(labels::VOLUME).cloned().unwrap_or_default();
            let volume = Volume {
                name: volume.name,
                ..Volume::default()
            };
            project.volumes.insert(key, volume);
        }
        Ok(project)
    }

    /// The same, narrowed down to these services and what they need. Errors: something that is needed is not there.
    pub(super) fn selected_project_of(
        &self,
        name: &str,
        containers: &[Container],
        services: &[String],
    ) -> Result<Project, Failure> {
        let mut project = self.project_of(name, containers)?;
        if containers.is_empty() {
            return Err(complaint(format!(
                "no container found for project \"{name}\": not found"
            )));
        }
        plan::select(&mut project, services, Reach::Dependencies).map_err(complaint)?;
        let missing = |service: &Service| {
            let needs = service.depends_on.keys();
            needs
                .filter(|need| !project.services.contains_key(*need))
                .map(|need| complaint(format!("could not find {need}: not found")))
                .next()
        };
        let failure = project.services.values().find_map(missing);
        match failure {
            Some(failure) => Err(failure),
            None => Ok(project),
        }
    }
}
