//! Which tasks there are: as many as services want, again after they end, and no longer than they are wanted.
//!
//! Everything here looks at all there is and does what is missing, so that it does not matter how often it is asked.
//! Source: swarmkit `manager/orchestrator/{replicated,global,jobs,restart,taskreaper}`.

use sorted::SortedMap;

use super::schedule::{constraints_of, demands, is_open, meets};
use super::store::{Pen, is_delayed, is_live, is_over, is_wanted, rank};
use crate::api::{
    ObjectVersion, Service, ServiceEndpoint, ServiceSpec, SwarmNode, Task, TaskRestartPolicy,
    TaskSpec, TaskStatus,
};

/// How long a task that ended waits for its follower. Source: swarmkit `api/defaults/service.go`.
const RESTART_DELAY: i64 = 5_000_000_000;
/// How many tasks of a slot are kept.
const HISTORY: i64 = 5;

/// Where a task belongs among its service's: a slot, or a node.
type Place = (u64, String);

fn place(service: &Service, task: &Task) -> Place {
    if is_global(service) {
        (0, task.node_id.clone())
    } else {
        (task.slot, String::new())
    }
}

fn is_global(service: &Service) -> bool {
    service.spec.mode.global.is_some() || service.spec.mode.global_job.is_some()
}

pub(crate) fn is_job(service: &Service) -> bool {
    service.spec.mode.replicated_job.is_some() || service.spec.mode.global_job.is_some()
}

/// How many tasks a service that is no global one wants.
pub(crate) fn replicas(spec: &ServiceSpec) -> u64 {
    let replicated = spec.mode.replicated.unwrap_or_default();
    replicated.replicas.unwrap_or(1)
}

/// What a service's tasks are to be like, as they tell it themselves.
pub(crate) fn task_spec(service: &Service) -> TaskSpec {
    let mut spec = service.spec.task_template.clone();
    if spec.networks.is_empty() {
        spec.networks.clone_from(&service.spec.networks);
    }
    spec.runtime.clear();
    spec
}

fn policy(spec: &TaskSpec) -> TaskRestartPolicy {
    spec.restart_policy.clone().unwrap_or_default()
}

/// Whether a task that ended gets a follower, by what its service says of it.
fn is_restarted(task: &Task, earlier: u64) -> bool {
    let policy = policy(&task.spec);
    let most = policy.max_attempts.unwrap_or(0);
    let may = most == 0 || earlier <= most;
    may && match policy.condition.as_str() {
        "none" => false,
        "on-failure" => task.status.state != "complete",
        _ => true,
    }
}

/// Whether a node may have tasks of a service that is on every node.
pub(crate) fn is_eligible(node: &SwarmNode, spec: &TaskSpec) -> bool {
    is_open(node) && meets(node, &constraints_of(spec))
}

impl Pen<'_> {
    /// Makes a task of a service.
    pub(crate) fn create_task(
        &mut self,
        service: &Service,
        slot: u64,
        node: &str,
        desired: &str,
    ) -> String {
        let (id, version, time) = (self.id(), self.version(), self.time());
        let task = Task {
            id: id.clone(),
            version,
            created_at: time.clone(),
            updated_at: time.clone(),
            spec: task_spec(service),
            service_id: service.id.clone(),
            slot,
            node_id: node.to_owned(),
            status: TaskStatus {
                timestamp: time,
                state: "new".to_owned(),
                message: "created".to_owned(),
                ..TaskStatus::default()
            },
            desired_state: desired.to_owned(),
            job_iteration: service.job_status.as_ref().map(|j| j.job_iteration),
            ..Task::default()
        };
        self.store.tasks.insert(id.clone(), task);
        if service.endpoint != ServiceEndpoint::default() {
            let endpoint = service.spec.endpoint_spec.clone().unwrap_or_default();
            self.store.endpoints.insert(id.clone(), endpoint);
        }
        id
    }

    /// Whether a task is as its service wants its tasks now. Source: swarmkit `orchestrator/task.go`, `IsTaskDirty`.
    pub(crate) fn is_current(&self, service: &Service, task: &Task) -> bool {
        let mut spec = task_spec(service);
        if spec.placement != task.spec.placement {
            // Where tasks may be is nothing to one that is in a right place.
            let wanted = std::mem::replace(&mut spec.placement, task.spec.placement.clone());
            if spec == task.spec {
                let node = self.store.nodes.get(&task.node_id);
                let demands = demands(wanted.as_ref());
                return node.is_some_and(|n| meets(n, &demands));
            }
            return false;
        }
        let asked = service.spec.endpoint_spec.clone().unwrap_or_default();
        let had = self.store.endpoints.get(&task.id);
        task.spec == spec && had.is_none_or(|had| *had == asked)
    }

    /// Refuses tasks on nodes that are not, or no longer, what their services demand.
    /// Source: swarmkit `orchestrator/constraintenforcer`.
    pub(crate) fn enforce(&mut self) {
        let misplaced = |t: &&Task| {
            let is_there = rank(&t.status.state) >= rank("assigned") && is_live(t);
            let service = self.store.services.get(&t.service_id);
            let node = self.store.nodes.get(&t.node_id);
            let active = node.filter(|n| n.spec.availability == "active");
            is_there
                && service.zip(active).is_some_and(|(s, n)| {
                    !meets(n, &demands(s.spec.task_template.placement.as_ref()))
                        && !meets(n, &demands(t.spec.placement.as_ref()))
                })
        };
        let found = self.store.tasks.values().filter(misplaced);
        let ids: Vec<String> = found.map(|t| t.id.clone()).collect();
        let time = self.time();
        self.together(|pen| {
            for id in ids {
                pen.task(&id, |t| {
                    "rejected".clone_into(&mut t.status.state);
                    "task rejected by constraint enforcer".clone_into(&mut t.status.message);
                    "assigned node no longer meets constraints".clone_into(&mut t.status.err);
                    t.status.timestamp.clone_from(&time);
                });
            }
        });
    }

    /// Brings tasks in line with services and nodes.
    pub(crate) fn orchestrate(&mut self) {
        self.leave_nodes();
        let services: Vec<Service> = self.store.services.values().cloned().collect();
        for service in &services {
            self.together(|pen| {
                pen.restart(service);
                if is_job(service) {
                    pen.job(service);
                } else if is_global(service) {
                    pen.everywhere(service);
                } else {
                    pen.replicate(service);
                }
            });
        }
    }

    fn tasks_of(&self, service: &Service) -> Vec<Task> {
        let own = self.store.tasks.values();
        own.filter(|t| t.service_id == service.id)
            .cloned()
            .collect()
    }

    /// Tasks leave nodes that are drained or down. Source: swarmkit `orchestrator/restart`, `InvalidNode`.
    fn leave_nodes(&mut self) {
        let lost: Vec<String> = self
            .store
            .tasks
            .values()
            .filter(|t| is_wanted(t) && !t.node_id.is_empty() && t.spec.container_spec.is_some())
            .filter(|t| {
                self.store.nodes.get(&t.node_id).is_none_or(|node| {
                    node.spec.availability == "drain" || node.status.state == "down"
                })
            })
            .map(|t| t.id.clone())
            .collect();
        for id in lost {
            self.desire(&id, "shutdown");
        }
    }

    /// Gives tasks that ended by themselves followers, after a moment.
    fn restart(&mut self, service: &Service) {
        let tasks = self.tasks_of(service);
        for task in &tasks {
            if !is_over(&task.status.state) || !is_wanted(task) || is_delayed(task) {
                continue;
            }
            let done = is_job(service) && task.status.state == "complete";
            if done {
                continue;
            }
            self.desire(&task.id, "shutdown");
            let here = place(service, task);
            let alike = |t: &&Task| place(service, t) == here && t.spec == task.spec;
            let earlier = tasks.iter().filter(alike).count() as u64;
            let still_wanted = is_global(service)
                || is_job(service)
                || self.wanted_slots(service, &tasks).contains(&task.slot);
            if still_wanted && is_restarted(task, earlier) {
                let delay = policy(&service.spec.task_template)
                    .delay
                    .unwrap_or(RESTART_DELAY);
                let node = if is_global(service) {
                    &*task.node_id
                } else {
                    ""
                };
                let id = self.create_task(service, task.slot, node, "ready");
                self.timers.push((delay, id));
            }
        }
    }

    /// The slots that a service keeps or is to have. Source: swarmkit `orchestrator/replicated/services.go`.
    fn wanted_slots(&self, service: &Service, tasks: &[Task]) -> Vec<u64> {
        let wanted = usize::try_from(replicas(&service.spec)).unwrap_or(usize::MAX);
        let mut slots: SortedMap<u64, (bool, String)> = SortedMap::new();
        for task in tasks.iter().filter(|t| is_wanted(t)) {
            let runs = task.status.state == "running";
            let slot = slots.entry(task.slot).or_default();
            if runs || slot.1.is_empty() {
                *slot = (runs || slot.0, task.node_id.clone());
            }
        }
        // Of too many those stay that are the first of their node.
        let mut count: SortedMap<String, usize> = SortedMap::new();
        let mut order: Vec<(bool, usize, u64)> = Vec::new();
        for (slot, (runs, node)) in slots.iter() {
            let nth = count.entry(node.clone()).or_default();
            order.push((!runs, *nth, *slot));
            *nth += 1;
        }
        sorted::sort(&mut order);
        let mut kept: Vec<u64> = order.iter().take(wanted).map(|(.., slot)| *slot).collect();
        let mut next = 1;
        while kept.len() < wanted {
            if !kept.contains(&next) {
                kept.push(next);
            }
            next += 1;
        }
        kept
    }

    fn replicate(&mut self, service: &Service) {
        let tasks = self.tasks_of(service);
        let wanted = self.wanted_slots(service, &tasks);
        // Of slots that are not wanted any more nothing is kept to be shown.
        for task in &tasks {
            if !wanted.contains(&task.slot) {
                self.desire(&task.id, "remove");
            }
        }
        let mut slots = wanted;
        sorted::sort(&mut slots);
        for slot in slots {
            self.fill(service, &tasks, (slot, String::new()));
        }
    }

    fn everywhere(&mut self, service: &Service) {
        let tasks = self.tasks_of(service);
        let nodes: Vec<SwarmNode> = self.store.nodes.values().cloned().collect();
        for node in &nodes {
            if is_eligible(node, &service.spec.task_template) {
                self.fill(service, &tasks, (0, node.id.clone()));
                continue;
            }
            // One that is only paused keeps what it has.
            let fits = meets(node, &constraints_of(&service.spec.task_template));
            if fits && node.spec.availability == "pause" {
                continue;
            }
            let here = tasks
                .iter()
                .filter(|t| t.node_id == node.id && is_wanted(t));
            for task in here {
                self.desire(&task.id, "shutdown");
            }
        }
    }

    /// Puts a task where there is none, unless the last one there ended for good.
    fn fill(&mut self, service: &Service, tasks: &[Task], here: Place) {
        let there: Vec<&Task> = tasks.iter().filter(|t| place(service, t) == here).collect();
        for waits in there.iter().filter(|t| is_delayed(t)) {
            if self.is_current(service, waits) {
                return;
            }
            if is_over(&waits.status.state) {
                self.desire(&waits.id, "shutdown");
            }
        }
        let stored = |t: &&&Task| self.store.tasks.get(&t.id).is_some_and(is_live);
        let replaced = self
            .store
            .tasks
            .values()
            .any(|t| t.service_id == service.id && place(service, t) == here && is_live(t));
        if replaced || there.iter().any(|t| stored(&t)) {
            return;
        }
        let last = there.iter().max_by_key(|t| t.version.index.max(1));
        if let Some(last) = last {
            let itself = matches!(
                last.status.state.as_str(),
                "complete" | "failed" | "rejected"
            );
            let gone = itself && !is_restarted(last, there.len() as u64);
            if gone && self.is_current(service, last) {
                return;
            }
        }
        self.create_task(service, here.0, &here.1, "running");
    }

    /// Tasks of a job run until enough have ended well.
    fn job(&mut self, service: &Service) {
        let iteration = service.job_status.as_ref().map(|j| j.job_iteration);
        let tasks = self.tasks_of(service);
        let (own, old): (Vec<&Task>, Vec<&Task>) =
            tasks.iter().partition(|t| t.job_iteration == iteration);
        for task in old.iter().filter(|t| is_wanted(t)) {
            self.desire(&task.id, "remove");
        }
        if is_global(service) {
            let nodes: Vec<SwarmNode> = self.store.nodes.values().cloned().collect();
            for node in nodes
                .iter()
                .filter(|n| is_eligible(n, &service.spec.task_template))
            {
                let here = |t: &&&Task| t.node_id == node.id;
                if own.iter().any(|t| here(&t)) {
                    continue;
                }
                self.create_task(service, 0, &node.id, "complete");
            }
            return;
        }
        let job = service.spec.mode.replicated_job.unwrap_or_default();
        let total = job.total_completions.or(job.max_concurrent).unwrap_or(1);
        let at_once = job.max_concurrent.filter(|n| *n > 0).unwrap_or(1);
        let complete = own.iter().filter(|t| t.status.state == "complete").count() as u64;
        let current: Vec<Task> = self.tasks_of(service);
        let live = |t: &&Task| t.job_iteration == iteration && is_live(t);
        let mut running = current.iter().filter(live).count() as u64;
        let busy = |slot: u64| {
            current.iter().any(|t| {
                t.job_iteration == iteration
                    && t.slot == slot
                    && (is_live(t) || t.status.state == "complete")
            })
        };
        // Seen: a job's slots are counted from 0.
        for slot in 0..total {
            if running >= at_once || complete + running >= total {
                break;
            }
            if !busy(slot) {
                self.create_task(service, slot, "", "complete");
                running += 1;
            }
        }
    }

    /// Forgets tasks that have gone, and the oldest of those that are only kept to be shown.
    pub(crate) fn reap(&mut self) {
        let limit = self
            .store
            .swarm
            .spec
            .orchestration
            .task_history_retention_limit;
        let limit = usize::try_from(limit.unwrap_or(HISTORY)).unwrap_or(usize::MAX);
        let (mut gone, mut ended): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
        let mut history: SortedMap<(String, u64, String), Vec<(u64, String)>> = SortedMap::new();
        for task in self.store.tasks.values() {
            let nowhere = rank(&task.status.state) < rank("assigned");
            let left = is_over(&task.status.state) || nowhere;
            let no_node = !task.node_id.is_empty() && !self.store.nodes.contains_key(&task.node_id);
            let service = self.store.services.get(&task.service_id);
            let of_nobody = service.is_none() && task.spec.container_spec.is_some();
            if (task.desired_state == "remove" && left) || no_node || (of_nobody && left) {
                gone.push(task.id.clone());
                continue;
            }
            if !is_wanted(task) && nowhere {
                ended.push(task.id.clone());
            }
            if let Some(service) = service {
                let (slot, node) = place(service, task);
                let at = created(task);
                let key = (service.id.clone(), slot, node);
                history.entry(key).or_default().push((at, task.id.clone()));
            }
        }
        for tasks in history.values_mut() {
            sorted::sort(tasks);
            let mut spare = tasks.len().saturating_sub(limit.max(1));
            for (_, id) in tasks.iter() {
                if spare == 0 {
                    break;
                }
                let task = self.store.tasks.get(id);
                if task.is_some_and(|t| is_over(&t.status.state) && !is_wanted(t)) {
                    gone.push(id.clone());
                    spare -= 1;
                }
            }
        }
        let time = self.time();
        for id in ended {
            self.task(&id, |t| {
                "shutdown".clone_into(&mut t.status.state);
                t.status.err.clear();
                t.status.timestamp.clone_from(&time);
            });
        }
        for id in gone {
            self.version();
            self.store.tasks.remove(&id);
            self.store.endpoints.remove(&id);
        }
    }

    /// The run of a job that begins now.
    pub(crate) fn next_iteration(&self, service: &Service) -> ObjectVersion {
        let last = service.job_status.as_ref().map(|j| j.job_iteration.index);
        ObjectVersion {
            index: last.map_or(0, |n| n + 1),
        }
    }
}

/// When a task was made, to sort by: its time is text of fixed beginnings, but not of fixed length.
fn created(task: &Task) -> u64 {
    let digits = task.created_at.bytes().filter(u8::is_ascii_digit);
    let (number, count) = digits.take(19).fold((0_u64, 0_u32), |(n, c), d| {
        (n.wrapping_mul(10) + u64::from(d - b'0'), c + 1)
    });
    number.wrapping_mul(10_u64.pow(19_u32.saturating_sub(count)))
}

#[cfg(test)]
mod tests;
