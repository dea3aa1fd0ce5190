//! Removing containers.

use kernel::time::Duration;
use sorted::SortedMap;

use crate::api::{ContainersPruneReport, EventType, Filters, RemoveOptions};
use crate::daemon::Engine;
use crate::error::{Error, Result};
use crate::filters::{check_filters, has_labels, is_before_until};

/// How long the files of a container take to go.
const REMOVAL: Duration = Duration::from_micros(100);

impl Engine {
    /// `DELETE /containers/{id}`.
    pub(crate) async fn container_remove(
        &self,
        container: String,
        options: RemoveOptions,
    ) -> Result<()> {
        if options.link {
            return self.remove_link(&container);
        }
        let (id, running, status) = {
            let state = self.state();
            let c = state.find_container(&container)?;
            (c.id.clone(), c.state.lives(), c.state.status.clone())
        };
        if running && !options.force {
            let (is, advice) = match status.as_str() {
                "paused" => ("paused and must be unpaused first", ""),
                is => (is, ": stop the container before removing or force remove"),
            };
            return Err(Error::conflict(format!(
                "cannot remove container \"{container}\": container is {is}{advice}"
            )));
        }
        let already = |now: bool| {
            let mut state = self.state();
            let c = state.containers.get_mut(&id);
            c.is_some_and(|c| std::mem::replace(&mut c.removing, now))
        };
        if already(true) {
            return Err(Error::conflict(format!(
                "removal of container {container} is already in progress"
            )));
        }
        if running {
            let killed = self.container_kill(id.clone(), "KILL".to_owned()).await;
            if let Err(error) = killed {
                already(false);
                return Err(error);
            }
        }
        let _ = self.sys().sleep(REMOVAL).await;
        self.remove(&id, options.volumes);
        Ok(())
    }

    /// Removes the link that a container calls by `PARENT/ALIAS`. If that runs, its hosts file is made anew, by which it loses the
    /// lines of its other links as well. Source: moby `daemon/delete.go`, `rmLink`; seen on a running engine.
    fn remove_link(&self, name: &str) -> Result<()> {
        let mut state = self.state();
        let path = name.strip_prefix('/').unwrap_or(name);
        let Some((parent, alias)) = path.split_once('/') else {
            state.find_container(name)?;
            return Err(Error::internal(
                "Conflict, cannot remove the default link name of the container",
            ));
        };
        let parent = state.find_container(parent).ok().map(|c| c.id.clone());
        // The name goes with the container that it leads to.
        let there: Vec<String> = state.containers.keys().cloned().collect();
        let known = parent.as_ref().and_then(|id| state.containers.get_mut(id));
        let links = known.map(|c| &mut c.links);
        let linked = |l: &crate::links::Link| l.alias == alias && there.contains(&l.child);
        match links {
            Some(links) if links.iter().any(linked) => {
                links.retain(|l| !linked(l));
                drop(state);
                parent.iter().for_each(|id| self.renew_hosts(id));
                Ok(())
            }
            _ => Err(Error::no_such_container(path)),
        }
    }

    /// Forgets a container that does not run, and with `volumes` also its anonymous volumes.
    pub(crate) fn remove(&self, id: &str, volumes: bool) {
        if !self.state().containers.contains_key(id) {
            return;
        }
        self.container_event("destroy", id, &[]);
        let mut state = self.state();
        let gone = state.containers.shift_remove(id);
        if let Some(gone) = &gone {
            state.last_codes.insert(id.to_owned(), gone.state.exit_code);
        }
        state.execs.retain(|_, e| e.container != id);
        drop(state);
        if let Some(c) = gone {
            self.remove_files(&c.dir);
            if volumes {
                self.remove_anonymous(&c.mounts);
            }
        }
        self.notify();
    }

    /// `POST /containers/prune`.
    pub(crate) fn container_prune(&self, filters: Filters) -> Result<ContainersPruneReport> {
        check_filters(&filters, &["label", "label!", "until"])?;
        is_before_until(&filters, 0)?;
        let stopped: Vec<String> = {
            let state = self.state();
            let wanted = |c: &&crate::state::Container| {
                !c.state.running
                    && !c.state.restarting
                    && is_before_until(&filters, c.created).unwrap_or(false)
                    && has_labels(&filters, "label", &c.config.labels)
                    && (!filters.contains_key("label!")
                        || !has_labels(&filters, "label!", &c.config.labels))
            };
            // The newest first, as a list has them.
            state
                .containers
                .values()
                .rev()
                .filter(wanted)
                .map(|c| c.id.clone())
                .collect()
        };
        let mut space_reclaimed = 0;
        for id in &stopped {
            let sizes = self.container_size(id.clone());
            space_reclaimed += sizes.map_or(0, |sizes| sizes.written);
            self.remove(id, false);
        }
        let said = SortedMap::from([("reclaimed".to_owned(), space_reclaimed.to_string())]);
        self.event(EventType::Container, "prune", "", said);
        Ok(ContainersPruneReport {
            containers_deleted: stopped,
            space_reclaimed,
        })
    }
}
