//! `docker compose volumes`, and making and removing the volumes of a project.

use sorted::SortedMap;

use compose::config::volume_hash;
use compose::model::{Project, Service, Volume};
use compose::plan::{VolumeStep, labels, volume_labels, volume_step};
use engine::Class;
use engine::api::VolumeCreateRequest;

use super::context::{Compose, Scope};
use super::screen::Stage;
use super::{DRY_RUN, log};
use crate::args::{Command, Flag, Parsed, verb};
use crate::flags::FORMAT_LIST;
use crate::session::{Failure, Outcome, STDIN, Session, complaint, refused, said};
use crate::volume::ls;

pub(super) static COMMAND: Command = Command {
    name: "volumes",
    usage: "[OPTIONS] [SERVICE...]",
    short: "List volumes",
    flags: &[&[
        DRY_RUN,
        Flag::text("format", FORMAT_LIST).default("table"),
        Flag::bool("quiet", "Only display volume names").short('q'),
    ]],
    action: verb!(run),
    ..Command::BLANK
};

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let compose = Compose::new(session, &parsed)?;
    let named = compose.named(&parsed.args).await?;
    let mut volumes = compose.labelled_volumes(&named.name)?;
    if !parsed.args.is_empty() {
        let containers = compose.containers(&named.name, Scope::ALL)?;
        let client = compose.client()?;
        let mut mounted = Vec::new();
        for container in containers
            .iter()
            .filter(|c| parsed.args.contains(&c.service))
        {
            let seen = client.container_inspect(container.id.as_str());
            mounted.extend(seen.map_err(refused)?.mounts);
        }
        volumes.retain(|volume| mounted.iter().any(|mount| mount.name == volume.name));
    }
    let format = match parsed.on("quiet") {
        true => "{{.Name}}",
        false => parsed.text("format"),
    };
    let text = ls::table(volumes, format).map_err(complaint)?;
    compose.session.sys.out(&text);
    Ok(0)
}

impl Compose {
    /// Returns the volumes that carry the project's label.
    pub(super) fn labelled_volumes(
        &self,
        project: &str,
    ) -> Result<Vec<engine::api::Volume>, Failure> {
        let label = format!("{}={project}", labels::PROJECT);
        let filters = SortedMap::from([("label".to_owned(), vec![label])]);
        self.client()?.volume_list(filters).map_err(refused)
    }

    /// Makes sure that every volume of the project is there.
    pub(super) async fn ensure_volumes(&self, project: &Project, yes: bool) -> Result<(), Failure> {
        for (key, volume) in &project.volumes {
            let found = match self.client()?.volume_inspect(volume.name.as_str()) {
                Ok(found) => Some(found.labels.unwrap_or_default()),
                Err(e) if e.class() == Class::NotFound => None,
                Err(e) => return Err(refused(e)),
            };
            if volume.external {
                if found.is_none() {
                    let name = &volume.name;
                    return Err(complaint(format!("external volume \"{name}\" not found")));
                }
                continue;
            }
            let hash = volume_hash(volume);
            let (warning, step) = volume_step(&project.name, &volume.name, &hash, found.as_ref());
            if let Some(warning) = warning {
                log::warn(&self.session, &warning);
            }
            match step {
                VolumeStep::Use => {}
                VolumeStep::Create => self.make_volume(&project.name, key, volume, hash)?,
                VolumeStep::Diverged => {
                    let text = format!(
                        "Volume \"{}\" exists but doesn't match configuration in compose file. Recreate (data will be lost)?",
                        volume.name
                    );
                    if yes || self.asks(&text).await {
                        self.remove_diverged_volume(project, key, volume).await?;
                        self.make_volume(&project.name, key, volume, hash)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Asks a question; without a terminal the answer is no.
    async fn asks(&self, text: &str) -> bool {
        match self.session.sys.is_tty(STDIN) {
            true => self.session.confirm(text).await,
            false => {
                self.session.sys.out(text);
                false
            }
        }
    }

    /// Removes a volume whose definition has changed, with the containers of the services that mount it.
    async fn remove_diverged_volume(
        &self,
        project: &Project,
        key: &str,
        volume: &Volume,
    ) -> Result<(), Failure> {
        let mounts = |s: &&Service| s.volumes.iter().any(|m| m.source.as_deref() == Some(key));
        let users = project.services.values().filter(mounts);
        let users: Vec<String> = users.map(|s| s.name.clone()).collect();
        let mut containers = self.containers(&project.name, Scope::ALL)?;
        containers.retain(|c| users.contains(&c.service));
        self.remove_all(None, &containers, None, false).await?;
        if !self.dry {
            let client = self.client()?;
            let removed = client.volume_remove(volume.name.as_str(), true);
            removed.map_err(refused)?;
        }
        Ok(())
    }

    fn make_volume(
        &self,
        project: &str,
        key: &str,
        volume: &Volume,
        hash: String,
    ) -> Result<(), Failure> {
        let event = format!("Volume {}", volume.name);
        self.progress.working(&event, "Creating");
        if !self.dry {
            let request = VolumeCreateRequest {
                driver: volume.driver.clone().unwrap_or_default(),
                driver_opts: volume.driver_opts.clone(),
                labels: volume_labels(project, key, volume, hash),
                name: volume.name.clone(),
            };
            if let Err(e) = self.client()?.volume_create(request) {
                self.progress.failed(&event, "Error");
                return Err(refused(e));
            }
        }
        self.progress.done(&event, "Created");
        Ok(())
    }

    /// Removes a volume of the project, if it is there and nobody uses it.
    pub(super) fn remove_volume(&self, name: &str) -> Result<(), Failure> {
        let client = self.client()?;
        match client.volume_inspect(name) {
            Ok(_) => {}
            Err(e) if e.class() == Class::NotFound => return Ok(()),
            Err(e) => return Err(refused(e)),
        }
        let event = format!("Volume {name}");
        self.progress.working(&event, "Removing");
        if !self.dry
            && let Err(e) = client.volume_remove(name, true)
        {
            if e.class() == Class::Conflict {
                let still = "Resource is still in use";
                self.progress.event(&event, Stage::Warning, "", still);
                return Ok(());
            }
            self.progress.failed(&event, "Error");
            return Err(complaint(said(&e)));
        }
        self.progress.done(&event, "Removed");
        Ok(())
    }
}
