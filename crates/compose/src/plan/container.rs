//! What is done with the containers of one service.

use sorted::SortedMap;
use std::cmp::Reverse;

use crate::model::{Project, Service};

/// A container of the project, as it was seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Container {
    /// Its id.
    pub id: String,
    /// Its name, without a slash.
    pub name: String,
    /// Its service.
    pub service: String,
    /// Its number within the service; 0 if it has none.
    pub number: i64,
    /// `created`, `running`, `paused`, `restarting`, `exited` and so on.
    pub state: String,
    /// The fingerprint that it was made from.
    pub config_hash: String,
    /// Id of the image that it was made from.
    pub image: String,
    /// Ids of the networks that it is attached to.
    pub networks: Vec<String>,
    /// When it was made, seconds since 1970.
    pub created: i64,
    /// Whether `run` made it.
    pub one_off: bool,
}

impl Container {
    /// Returns whether it runs and is not paused.
    pub fn is_running(&self) -> bool {
        self.state == "running"
    }
}

/// When a container that is there is made anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Recreate {
    /// When it is not what the project says.
    #[default]
    Diverged,
    /// Always: `--force-recreate`.
    Force,
    /// Never: `--no-recreate`.
    Never,
}

/// What the containers of a service ought to be.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    /// How many.
    pub scale: usize,
    /// Fingerprint of the service.
    pub config_hash: String,
    /// Id of the image.
    pub image: String,
    /// Ids of the service's networks.
    pub networks: Vec<&'a str>,
    /// When to make one anew.
    pub recreate: Recreate,
}

/// One thing to do, in the order of a plan; all of one plan may be done side by side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// One too many: stop and remove it.
    Remove(Container),
    /// Put a new one in its place.
    Recreate(Container),
    /// It runs and is what it should be.
    Running(Container),
    /// It is what it should be, and will be started.
    Keep(Container),
    /// It is in some odd state: start it.
    Start(Container),
    /// Make the one of this number.
    Create(i64),
}

impl Wanted<'_> {
    fn is_obsolete(&self, container: &Container) -> bool {
        match self.recreate {
            Recreate::Never => false,
            Recreate::Force => true,
            Recreate::Diverged => {
                container.config_hash != self.config_hash
                    || container.image != self.image
                    || (container.is_running()
                        && self
                            .networks
                            .iter()
                            .any(|id| !container.networks.iter().any(|has| has == id)))
            }
        }
    }
}

/// Returns what to do with the containers of one service. Those that need no change are kept first, low numbers before others,
/// then of the rest the newest. Source: compose `pkg/compose/convergence.go`, `ensureService`.
pub fn steps(wanted: &Wanted<'_>, seen: &[Container]) -> Vec<Step> {
    let mut kept: Vec<(bool, &Container)> = seen
        .iter()
        .map(|container| (wanted.is_obsolete(container), container))
        .collect();
    sorted::sort_by_key(&mut kept, |(obsolete, container)| {
        let number = if *obsolete { 0 } else { container.number };
        (*obsolete, number, Reverse(container.created))
    });
    let mut steps: Vec<Step> = kept
        .into_iter()
        .enumerate()
        .map(|(index, (obsolete, container))| {
            let container = container.clone();
            match container.state.as_str() {
                _ if index >= wanted.scale => Step::Remove(container),
                _ if obsolete => Step::Recreate(container),
                "running" => Step::Running(container),
                "created" | "restarting" | "exited" => Step::Keep(container),
                _ => Step::Start(container),
            }
        })
        .collect();
    let missing = wanted.scale.saturating_sub(seen.len());
    steps.extend((next_number(seen)..).take(missing).map(Step::Create));
    steps
}

/// Returns the first number after those that are taken.
pub fn next_number(seen: &[Container]) -> i64 {
    let greatest = seen.iter().map(|container| container.number).max();
    greatest.unwrap_or(0).saturating_add(1)
}

/// Returns whether a container belongs to nothing in the project; one of `run` does once it has ended.
pub fn is_orphan(project: &Project, container: &Container) -> bool {
    if container.one_off {
        return matches!(container.state.as_str(), "exited" | "dead");
    }
    let has = |services: &SortedMap<String, Service>| services.contains_key(&container.service);
    !has(&project.services) && !has(&project.disabled_services)
}
