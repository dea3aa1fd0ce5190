//! Which node a task goes to: the one with the fewest of its service among those that may take it.
//!
//! Source: swarmkit `manager/scheduler`, `filter.go` and `nodeinfo.go`; `manager/constraint`.

use super::store::{Pen, Store, is_live, is_wanted};
use crate::api::{Placement, Resources, SwarmNode, Task, TaskSpec};

/// A demand on nodes, such as `node.role==worker`.
pub(crate) struct Constraint {
    key: String,
    equal: bool,
    value: String,
}

/// Reads constraints. Source: swarmkit `manager/constraint/constraint.go`, `Parse`.
pub(crate) fn parse(texts: &[String]) -> Result<Vec<Constraint>, String> {
    texts
        .iter()
        .map(|text| {
            let found = [("==", true), ("!=", false)]
                .into_iter()
                .find_map(|(sign, equal)| Some((text.split_once(sign)?, equal)));
            let Some(((key, value), equal)) = found else {
                return Err("constraint expected one operator from ==, !=".to_owned());
            };
            let (key, value) = (key.trim(), value.trim());
            let is_key = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
            if key.is_empty() || !key.chars().all(is_key) {
                return Err(format!("key '{key}' is invalid"));
            }
            let is_value = |c: char| c.is_ascii_alphanumeric() || ":-_ .*()?+[]\\^$|/".contains(c);
            if value.is_empty() || !value.chars().all(is_value) {
                return Err(format!("value '{value}' is invalid"));
            }
            Ok(Constraint {
                key: key.to_owned(),
                equal,
                value: value.to_owned(),
            })
        })
        .collect()
}

/// What a node is, by the words of constraints; `None` for a word that is none.
fn attribute(node: &SwarmNode, key: &str) -> Option<String> {
    let lower = key.to_ascii_lowercase();
    let label = |prefix: &str| {
        key.get(..prefix.len())
            .filter(|p| p.eq_ignore_ascii_case(prefix))
    };
    Some(match lower.as_str() {
        "node.id" => node.id.clone(),
        "node.hostname" => node.description.hostname.clone(),
        "node.role" => node.spec.role.clone(),
        "node.ip" => node.status.addr.clone(),
        "node.platform.os" => node.description.platform.os.clone(),
        "node.platform.arch" => node.description.platform.architecture.clone(),
        _ if label("node.labels.").is_some() => {
            let name = key.get("node.labels.".len()..)?;
            node.spec.labels.get(name).cloned().unwrap_or_default()
        }
        _ if label("engine.labels.").is_some() => {
            let name = key.get("engine.labels.".len()..)?;
            let labels = &node.description.engine.labels;
            labels.get(name).cloned().unwrap_or_default()
        }
        _ => return None,
    })
}

/// Whether a node meets all demands.
pub(crate) fn meets(node: &SwarmNode, constraints: &[Constraint]) -> bool {
    constraints.iter().all(|c| {
        attribute(node, &c.key).is_some_and(|is| is.eq_ignore_ascii_case(&c.value) == c.equal)
    })
}

/// The demands of a task.
pub(crate) fn constraints_of(spec: &TaskSpec) -> Vec<Constraint> {
    demands(spec.placement.as_ref())
}

/// The demands of a placement. Those that cannot be read are none: nobody gets so far with them.
pub(crate) fn demands(placement: Option<&Placement>) -> Vec<Constraint> {
    let texts = placement.map(|p| p.constraints.as_slice());
    parse(texts.unwrap_or_default()).unwrap_or_default()
}

/// Whether a node takes tasks at all.
pub(crate) fn is_open(node: &SwarmNode) -> bool {
    node.status.state == "ready" && node.spec.availability == "active"
}

fn reserved(spec: &TaskSpec) -> Resources {
    let asked = spec.resources.as_ref().and_then(|r| r.reservations.clone());
    asked.unwrap_or_default()
}

fn host_ports(store: &Store, task: &Task) -> Vec<(u32, String)> {
    let service = store.services.get(&task.service_id);
    let ports = service.iter().flat_map(|s| &s.endpoint.ports);
    ports
        .filter(|p| p.publish_mode == "host" && p.published_port != 0)
        .map(|p| (p.published_port, p.protocol.clone()))
        .collect()
}

/// Tasks that are on a node, or are to be.
fn on_node<'a>(store: &'a Store, node: &'a str) -> impl Iterator<Item = &'a Task> {
    store
        .tasks
        .values()
        .filter(move |t| t.node_id == node && is_live(t))
}

/// Why a node does not take a task: the number of the reason, or `None` if it does.
fn refusal(store: &Store, node: &SwarmNode, task: &Task) -> Option<usize> {
    if !is_open(node) {
        return Some(0);
    }
    let wants = reserved(&task.spec);
    if wants != Resources::default() {
        let mut free = node.description.resources.clone();
        for other in on_node(store, &node.id) {
            let used = reserved(&other.spec);
            free.nano_cpus -= used.nano_cpus;
            free.memory_bytes -= used.memory_bytes;
        }
        if wants.nano_cpus > free.nano_cpus || wants.memory_bytes > free.memory_bytes {
            return Some(1);
        }
    }
    if !meets(node, &constraints_of(&task.spec)) {
        return Some(2);
    }
    let ports = host_ports(store, task);
    let mut others = on_node(store, &node.id).filter(|t| t.id != task.id);
    if !ports.is_empty() && others.any(|t| host_ports(store, t).iter().any(|p| ports.contains(p))) {
        return Some(3);
    }
    let most = task.spec.placement.as_ref().map_or(0, |p| p.max_replicas);
    let same = on_node(store, &node.id).filter(|t| t.service_id == task.service_id);
    if most > 0 && same.filter(|t| t.id != task.id).count() as u64 >= most {
        return Some(4);
    }
    None
}

/// Says why no node takes a task. Source: swarmkit `scheduler/pipeline.go`, `Explain`.
fn explain(counts: [usize; 5]) -> String {
    let mut reasons: Vec<(usize, usize)> = counts.into_iter().enumerate().collect();
    sorted::sort_by_key(&mut reasons, |(n, count)| (usize::MAX - count, *n));
    let told = reasons.into_iter().filter(|(_, count)| *count > 0);
    let texts: Vec<String> = told
        .map(|(n, count)| {
            let nodes = match count {
                1 => "1 node".to_owned(),
                _ => format!("{count} nodes"),
            };
            match n {
                0 => format!("{nodes} not available for new tasks"),
                1 => format!("insufficient resources on {nodes}"),
                2 => format!("scheduling constraints not satisfied on {nodes}"),
                3 => format!("host-mode port already in use on {nodes}"),
                _ => "max replicas per node limit exceed".to_owned(),
            }
        })
        .collect();
    if texts.is_empty() {
        "no suitable node".to_owned()
    } else {
        format!("no suitable node ({})", texts.join("; "))
    }
}

impl Pen<'_> {
    /// Gives every task that waits for a node one, or says why there is none.
    pub(crate) fn schedule(&mut self) {
        let waits = |t: &&Task| t.status.state == "pending" && is_wanted(t);
        let mut waiting: Vec<(String, u64, String)> = self
            .store
            .tasks
            .values()
            .filter(waits)
            .map(|t| (t.service_id.clone(), t.slot, t.id.clone()))
            .collect();
        sorted::sort(&mut waiting);
        for (.., id) in waiting {
            self.place(&id);
        }
    }

    fn place(&mut self, id: &str) {
        let Some(task) = self.store.tasks.get(id).cloned() else {
            return;
        };
        let mut counts = [0; 5];
        let mut best: Option<((usize, usize, String, String), String)> = None;
        for node in self.store.nodes.values() {
            if !task.node_id.is_empty() && task.node_id != node.id {
                continue;
            }
            if let Some(reason) = refusal(self.store, node, &task) {
                if let Some(count) = counts.get_mut(reason) {
                    *count += 1;
                }
                continue;
            }
            let all = on_node(self.store, &node.id).count();
            let same = on_node(self.store, &node.id)
                .filter(|t| t.service_id == task.service_id)
                .count();
            let spread = self.spread(&task, node);
            let key = (spread + same, all, node.created_at.clone(), node.id.clone());
            if best.as_ref().is_none_or(|(than, _)| key < *than) {
                best = Some((key, node.id.clone()));
            }
        }
        let time = self.time();
        match best {
            Some((_, node)) => self.task(id, |t| {
                t.node_id = node;
                "assigned".clone_into(&mut t.status.state);
                "scheduler assigned task to node".clone_into(&mut t.status.message);
                t.status.err.clear();
                t.status.timestamp = time;
            }),
            None => {
                let why = explain(counts);
                if task.status.err != why {
                    self.task(id, |t| t.status.err = why);
                }
            }
        }
    }

    /// How many tasks of the service are where a label has the same value, for services that are spread over it; those count
    /// before the node's own.
    fn spread(&self, task: &Task, node: &SwarmNode) -> usize {
        let preferences = task.spec.placement.iter().flat_map(|p| &p.preferences);
        let over = preferences.filter_map(|p| p.spread.as_ref()).next();
        let Some(over) = over else {
            return 0;
        };
        let here = attribute(node, &over.spread_descriptor);
        let alike = self
            .store
            .nodes
            .values()
            .filter(|n| attribute(n, &over.spread_descriptor) == here);
        alike
            .flat_map(|n| on_node(self.store, &n.id))
            .filter(|t| t.service_id == task.service_id)
            .count()
            .saturating_mul(1000)
    }
}

#[cfg(test)]
mod tests;
