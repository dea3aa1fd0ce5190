//! Exchanging the tasks of a service for new ones, a few at a time.
//!
//! Source: swarmkit `manager/orchestrator/update/updater.go`.

use kernel::time::Duration;

use super::store::{Pen, is_live, is_over, rank};
use crate::api::{Service, Task, UpdateConfig, UpdateStatus};
use crate::daemon::Engine;

const MONITOR: i64 = 5_000_000_000;

fn nanos(time: i64) -> Duration {
    Duration::from_nanos(u64::try_from(time).unwrap_or(0))
}

/// Whether an update goes on.
fn is_going_on(service: &Service) -> bool {
    let state = service.update_status.as_ref().map(|s| s.state.as_str());
    matches!(state, Some("updating" | "rollback_started"))
}

fn is_rollback(service: &Service) -> bool {
    let state = service.update_status.as_ref().map(|s| s.state.as_str());
    state == Some("rollback_started")
}

/// How a service's tasks are exchanged now.
fn config(service: &Service) -> UpdateConfig {
    let given = match is_rollback(service) {
        true => service.spec.rollback_config.clone(),
        false => service.spec.update_config.clone(),
    };
    given.unwrap_or_else(|| UpdateConfig {
        parallelism: 1,
        monitor: MONITOR,
        ..UpdateConfig::default()
    })
}

impl Pen<'_> {
    /// Tasks of a service that are not as it wants them now, of slots that have no newer one.
    fn dirty(&self, service: &Service) -> Vec<Task> {
        let own = || {
            self.store
                .tasks
                .values()
                .filter(|t| t.service_id == service.id)
        };
        let same = |a: &Task, b: &Task| a.slot == b.slot && (a.slot != 0 || a.node_id == b.node_id);
        let live = own().filter(|t| is_live(t) && !self.is_current(service, t));
        let mut dirty: Vec<Task> = live
            .filter(|t| !own().any(|o| is_live(o) && same(o, t) && self.is_current(service, o)))
            .cloned()
            .collect();
        sorted::sort_by_key(&mut dirty, |t| (t.slot, t.id.clone()));
        dirty
    }

    /// Ends an update.
    fn end_update(&mut self, id: &str, state: &str, message: &str) {
        let (version, time) = (self.version(), self.time());
        if let Some(service) = self.store.services.get_mut(id)
            && let Some(status) = &mut service.update_status
        {
            state.clone_into(&mut status.state);
            message.clone_into(&mut status.message);
            status.completed_at = (!state.ends_with("paused")).then(|| time.clone());
            service.version = version;
            service.updated_at.clone_from(&time);
            let (name, state) = (service.spec.name.clone(), state.to_owned());
            let told = [("name", name.as_str()), ("updatestate.new", state.as_str())];
            self.tell(crate::api::EventType::Service, "update", id, &told);
        }
    }

    /// A task of an update failed: what its service wants then.
    fn fail_update(&mut self, service: &Service, task: &str) {
        let back = is_rollback(service);
        let action = config(service).failure_action;
        let why = |what: &str| format!("{what} due to failure or early termination of task {task}");
        match (action.as_str(), &service.previous_spec) {
            ("rollback", Some(previous)) if !back => {
                let _ = self.change_spec(&service.id, previous.clone(), true);
                let time = self.time();
                if let Some(service) = self.store.services.get_mut(&service.id) {
                    service.previous_spec = None;
                    service.update_status = Some(UpdateStatus {
                        state: "rollback_started".to_owned(),
                        started_at: Some(time),
                        completed_at: None,
                        message: why("update rolled back"),
                    });
                }
            }
            _ if back => self.end_update(&service.id, "rollback_paused", &why("rollback paused")),
            _ => self.end_update(&service.id, "paused", &why("update paused")),
        }
    }
}

impl Engine {
    /// Goes on with updates, each of which has somebody who works on it.
    pub(super) fn follow_updates(&self) {
        let begun = self.swarm(|s| {
            let mut begun = Vec::new();
            for service in s.store.services.values().filter(|s| is_going_on(s)) {
                // A service that is changed again begins anew.
                let started = service
                    .update_status
                    .as_ref()
                    .and_then(|u| u.started_at.clone());
                let key = format!("{}/{}", service.id, started.unwrap_or_default());
                if s.updates.insert(key.clone(), 0).is_none() {
                    begun.push((key, service.id.clone()));
                }
            }
            begun
        });
        for (key, id) in begun.unwrap_or_default() {
            let engine = self.clone();
            self.for_swarm(async move { engine.update(&key, &id).await });
        }
    }

    /// The service, as long as this very update of it goes on.
    fn updating(&self, key: &str, id: &str) -> Option<Service> {
        let service = self.swarm(|s| s.store.services.get(id).cloned().filter(|_| s.leads))??;
        let started = service.update_status.as_ref()?.started_at.clone()?;
        let same = key == format!("{id}/{started}");
        Some(service).filter(|s| same && is_going_on(s))
    }

    async fn update(&self, key: &str, id: &str) {
        let mut watched: Vec<String> = Vec::new();
        let (mut failed, mut first) = (Vec::<String>::new(), true);
        loop {
            let Some(service) = self.updating(key, id) else {
                return;
            };
            let how = config(&service);
            let dirty = self.pen(|pen| pen.dirty(&service)).unwrap_or_default();
            if dirty.is_empty() {
                break;
            }
            if !std::mem::take(&mut first) && how.delay > 0 {
                let _ = self.sys().sleep(nanos(how.delay)).await;
                if self.updating(key, id).is_none() {
                    return;
                }
            }
            let at_once = match how.parallelism {
                0 => dirty.len(),
                n => usize::try_from(n).unwrap_or(usize::MAX),
            };
            let batch: Vec<Task> = dirty.into_iter().take(at_once).collect();
            let new = self.exchange(key, id, &service, &batch, &how).await;
            watched.extend(new);
            if self.count_failures(id, &service, &watched, &mut failed, &how) {
                return;
            }
        }
        // The last ones are watched for a while too.
        let Some(service) = self.updating(key, id) else {
            return;
        };
        let how = config(&service);
        let monitor = if how.monitor > 0 {
            how.monitor
        } else {
            MONITOR
        };
        let fails = self.until(|| {
            let gone = self.updating(key, id).is_none();
            let failed = self
                .failures(&watched)
                .into_iter()
                .any(|t| !failed.contains(&t));
            (gone || failed).then_some(())
        });
        // Where nothing had to be exchanged nothing has to be watched.
        let monitor = if watched.is_empty() { 0 } else { monitor };
        let ended = self.sys().timeout(nanos(monitor), fails).await;
        if self.updating(key, id).is_none() {
            return;
        }
        if ended.is_some() && self.count_failures(id, &service, &watched, &mut failed, &how) {
            return;
        }
        let (state, message) = match is_rollback(&service) {
            true => ("rollback_completed", "rollback completed"),
            false => ("completed", "update completed"),
        };
        self.pen(|pen| pen.end_update(id, state, message));
        self.manage();
    }

    /// Tasks among these that ended by themselves.
    fn failures(&self, watched: &[String]) -> Vec<String> {
        let failed = self.swarm(|s| {
            let own = watched.iter().filter_map(|id| s.store.tasks.get(id));
            let bad =
                |t: &&Task| matches!(t.status.state.as_str(), "failed" | "rejected" | "complete");
            own.filter(bad).map(|t| t.id.clone()).collect()
        });
        failed.unwrap_or_default()
    }

    /// Takes in failures; true if the update ended with them.
    fn count_failures(
        &self,
        id: &str,
        service: &Service,
        watched: &[String],
        failed: &mut Vec<String>,
        how: &UpdateConfig,
    ) -> bool {
        for task in self.failures(watched) {
            if !failed.contains(&task) {
                failed.push(task);
            }
        }
        let total = self.swarm(|s| {
            let own = s
                .store
                .tasks
                .values()
                .filter(|t| t.service_id == id && is_live(t));
            own.count()
        });
        let total = total.unwrap_or(0).max(1);
        let share = failed.len() as f32 / total as f32;
        let Some(last) = failed.last() else {
            return false;
        };
        if how.failure_action == "continue" || share <= how.max_failure_ratio {
            return false;
        }
        self.pen(|pen| pen.fail_update(service, last));
        self.manage();
        true
    }

    /// Exchanges some tasks, and waits until that is done. Returns the new ones.
    async fn exchange(
        &self,
        key: &str,
        id: &str,
        service: &Service,
        batch: &[Task],
        how: &UpdateConfig,
    ) -> Vec<String> {
        let start_first = how.order == "start-first";
        let new: Vec<String> = self
            .pen(|pen| {
                let mut new = Vec::new();
                for old in batch {
                    let global = service.spec.mode.global.is_some();
                    let node = if global { old.node_id.as_str() } else { "" };
                    let desired = if start_first { "running" } else { "ready" };
                    pen.together(|pen| {
                        new.push(pen.create_task(service, old.slot, node, desired));
                        if !start_first {
                            pen.desire(&old.id, "shutdown");
                        }
                    });
                }
                new
            })
            .unwrap_or_default();
        self.manage();
        let states = |ids: &[String], done: &dyn Fn(&Task) -> bool| {
            self.swarm(|s| {
                let mut known = ids.iter().filter_map(|id| s.store.tasks.get(id));
                known.all(done)
            })
            .unwrap_or(true)
        };
        let gone = || self.updating(key, id).is_none();
        if !start_first {
            let old: Vec<String> = batch.iter().map(|t| t.id.clone()).collect();
            let stopped =
                |t: &Task| is_over(&t.status.state) || rank(&t.status.state) < rank("assigned");
            self.until(|| (gone() || states(&old, &stopped)).then_some(()))
                .await;
            self.pen(|pen| new.iter().for_each(|id| pen.desire(id, "running")));
            self.manage();
        }
        let up = |t: &Task| rank(&t.status.state) >= rank("running");
        self.until(|| (gone() || states(&new, &up)).then_some(()))
            .await;
        if start_first {
            let came = self.swarm(|s| {
                new.iter()
                    .all(|id| s.store.tasks.get(id).is_some_and(is_live))
            });
            if came == Some(true) {
                self.pen(|pen| batch.iter().for_each(|old| pen.desire(&old.id, "shutdown")));
                self.manage();
            }
        }
        new
    }
}
