//! What managers know of a swarm: its objects, each with the index of the change that it comes from.
//!
//! Pure. The manager that leads writes with a [`Pen`]; the others, and a daemon that starts again, read what was kept.
//! Source: swarmkit `manager/state/store`.

use std::net::Ipv4Addr;

use kernel::rng::Rng;
use serde::{Deserialize, Serialize};
use sorted::SortedMap;

use crate::api::{
    EndpointSpec, EventType, Ipam, IpamPool, NetworkInspect, ObjectVersion, Secret, Service, Swarm,
    SwarmConfig, SwarmDriver, SwarmIpam, SwarmNetwork, SwarmNetworkSpec, SwarmNode, Task,
    TaskStatus,
};
use crate::clock::{UnixNanos, rfc3339};
use crate::error::{Class, Error, Result};

/// How long managers gather what nodes tell of tasks, nanoseconds; here nodes take no time to start containers, so that it is
/// as long as real ones take.
const GATHERING: i64 = 500_000_000;

/// A network of the swarm.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Net {
    pub(crate) id: String,
    pub(crate) version: ObjectVersion,
    pub(crate) name: String,
    pub(crate) created: UnixNanos,
    /// As inspect tells it: every subnet with its gateway.
    pub(crate) ipam: Ipam,
    /// The subnets that the user gave.
    pub(crate) pools: Vec<IpamPool>,
    pub(crate) ipv6: bool,
    /// The driver's options, the tunnel's number among them; none before it is allocated.
    pub(crate) options: Option<SortedMap<String, String>>,
    /// Those that the user gave.
    pub(crate) asked: SortedMap<String, String>,
    pub(crate) labels: SortedMap<String, String>,
    pub(crate) internal: bool,
    pub(crate) attachable: bool,
    pub(crate) ingress: bool,
    /// The address given last: the next one is looked for after it.
    pub(crate) last: u32,
}

/// Everything that managers know.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Store {
    /// How many changes there were.
    pub(crate) index: u64,
    /// How many entries managers' logs have: what is changed together is one. Objects tell it as their version.
    pub(crate) log: u64,
    pub(crate) swarm: Swarm,
    /// What unlocks managers, or empty.
    pub(crate) unlock_key: String,
    pub(crate) nodes: SortedMap<String, SwarmNode>,
    pub(crate) networks: SortedMap<String, Net>,
    pub(crate) services: SortedMap<String, Service>,
    pub(crate) tasks: SortedMap<String, Task>,
    pub(crate) secrets: SortedMap<String, Secret>,
    pub(crate) configs: SortedMap<String, SwarmConfig>,
    /// How tasks' services were to be reached when the tasks were made.
    pub(crate) endpoints: SortedMap<String, EndpointSpec>,
    /// When tasks came to a state last, and the entry of managers' logs that tells of it.
    pub(crate) steps: SortedMap<String, (UnixNanos, u64)>,
    /// The number of a tunnel that was given out last.
    pub(crate) last_vni: Option<u32>,
    /// Addresses of networks' balancers, by `node/network`.
    pub(crate) balancers: SortedMap<String, Ipv4Addr>,
}

/// Something that happened to an object, to be told as an event.
pub(crate) struct Happened {
    pub(crate) kind: EventType,
    pub(crate) action: &'static str,
    pub(crate) id: String,
    pub(crate) attributes: SortedMap<String, String>,
}

/// What a change is written with.
pub(crate) struct Pen<'a> {
    pub(crate) store: &'a mut Store,
    pub(crate) rng: &'a mut Rng,
    pub(crate) now: UnixNanos,
    pub(crate) happened: Vec<Happened>,
    /// Tasks that may run after so many nanoseconds.
    pub(crate) timers: Vec<(i64, String)>,
    /// Inside of a batch: the entry that its changes share, once there is one.
    pub(crate) batch: Option<Option<u64>>,
}

/// An object with an id and a name, as references find it.
pub(crate) trait Named {
    fn name(&self) -> &str;
}

macro_rules! named {
    ($($kind:ty: $($path:ident).+;)*) => {
        $(impl Named for $kind {
            fn name(&self) -> &str {
                &self.$($path).+
            }
        })*
    };
}

named! {
    SwarmNode: description.hostname;
    Net: name;
    Service: spec.name;
    Task: name;
    Secret: spec.name;
    SwarmConfig: spec.name;
}

/// Finds an object by id, name or beginning of the id; `kind` is its word in what is said of one that is not there.
/// Source: moby `daemon/cluster/helpers.go`.
pub(crate) fn find<'a, T: Named>(
    objects: &'a SortedMap<String, T>,
    kind: &str,
    reference: &str,
) -> Result<&'a T> {
    if let Some(found) = objects.get(reference) {
        return Ok(found);
    }
    let named: Vec<&T> = objects.values().filter(|o| o.name() == reference).collect();
    let found = if named.is_empty() && !reference.is_empty() {
        let begins = |(id, _): &(&String, &T)| id.starts_with(reference);
        objects.iter().filter(begins).map(|(_, o)| o).collect()
    } else {
        named
    };
    match found.as_slice() {
        [one] => Ok(one),
        [] => Err(Error::not_found(format!("{kind} {reference} not found"))),
        more => Err(Error::invalid(format!(
            "{kind} {reference} is ambiguous ({} matches found)",
            more.len()
        ))),
    }
}

/// What a manager answers over the wire, as clients see it.
pub(crate) fn rpc(code: &str, text: impl std::fmt::Display) -> Error {
    let class = match code {
        "NotFound" => Class::NotFound,
        "InvalidArgument" => Class::Invalid,
        "AlreadyExists" => Class::Conflict,
        "PermissionDenied" => Class::Forbidden,
        "Unavailable" | "DeadlineExceeded" => Class::Unavailable,
        _ => Class::Internal,
    };
    Error::new(class, format!("rpc error: code = {code} desc = {text}"))
}

/// How far a task is: states come in this order. Source: swarmkit `api/types.proto`, `TaskState`.
pub(crate) fn rank(state: &str) -> usize {
    const STATES: [&str; 14] = [
        "new",
        "pending",
        "assigned",
        "accepted",
        "preparing",
        "ready",
        "starting",
        "running",
        "complete",
        "shutdown",
        "failed",
        "rejected",
        "remove",
        "orphaned",
    ];
    STATES.iter().position(|s| *s == state).unwrap_or(0)
}

/// Whether a task has ended, or is to.
pub(crate) fn is_over(state: &str) -> bool {
    rank(state) > rank("running")
}

/// Whether a task is meant to be there: it has not ended and is not to go.
pub(crate) fn is_live(task: &Task) -> bool {
    !is_over(&task.status.state) && is_wanted(task)
}

/// Whether a task waits for the moment after which it may run, even if it has already turned out that it cannot.
/// Source: swarmkit `manager/orchestrator/restart`, `delays`.
pub(crate) fn is_delayed(task: &Task) -> bool {
    task.desired_state == "ready"
}

/// Whether a task is not to go.
pub(crate) fn is_wanted(task: &Task) -> bool {
    rank(&task.desired_state) <= rank("complete")
}

/// A new id: 25 digits of base 36. Source: swarmkit `identity/randomid.go`.
pub(crate) fn new_id(rng: &mut Rng) -> String {
    base36(rng, 25)
}

/// So many random digits of base 36.
pub(crate) fn base36(rng: &mut Rng, digits: usize) -> String {
    let digit = |n: u64| char::from_digit(u32::try_from(n).unwrap_or(0), 36).unwrap_or('0');
    (0..digits).map(|_| digit(rng.below(36))).collect()
}

impl Net {
    /// Whether it has been given what it needs.
    pub(crate) fn is_allocated(&self) -> bool {
        self.options.is_some()
    }

    /// As `network inspect` tells it on a manager.
    pub(crate) fn inspect(&self) -> NetworkInspect {
        NetworkInspect {
            name: self.name.clone(),
            id: self.id.clone(),
            created: rfc3339(self.created),
            scope: "swarm".to_owned(),
            driver: match self.is_allocated() {
                true => "overlay".to_owned(),
                false => String::new(),
            },
            enable_ipv4: true,
            enable_ipv6: self.ipv6,
            ipam: self.ipam.clone(),
            internal: self.internal,
            attachable: self.attachable,
            ingress: self.ingress,
            options: self.options.clone(),
            // What was never used on this machine is told with less.
            containers: None,
            labels: Some(self.labels.clone()).filter(|l| !l.is_empty()),
            ..NetworkInspect::default()
        }
    }

    /// As tasks tell it.
    pub(crate) fn of_task(&self) -> SwarmNetwork {
        let driver = |options: &SortedMap<String, String>| SwarmDriver {
            name: "overlay".to_owned(),
            options: options.clone(),
        };
        let ipam = SwarmIpam {
            driver: SwarmDriver {
                name: "default".to_owned(),
                ..SwarmDriver::default()
            },
            configs: self.ipam.config.clone().unwrap_or_default(),
        };
        SwarmNetwork {
            id: self.id.clone(),
            version: self.version,
            created_at: rfc3339(self.created),
            updated_at: rfc3339(self.created),
            spec: SwarmNetworkSpec {
                name: self.name.clone(),
                labels: self.labels.clone(),
                driver_configuration: Some(driver(&self.asked)),
                internal: self.internal,
                attachable: self.attachable,
                ingress: self.ingress,
                ipam_options: Some(SwarmIpam {
                    configs: Vec::new(),
                    ..ipam.clone()
                }),
                scope: "swarm".to_owned(),
                ..SwarmNetworkSpec::default()
            },
            driver_state: driver(&self.options.clone().unwrap_or_default()),
            ipam_options: Some(ipam),
        }
    }
}

impl Pen<'_> {
    /// The time as objects tell it.
    pub(crate) fn time(&self) -> String {
        rfc3339(self.now)
    }

    /// The version of what is changed now.
    pub(crate) fn version(&mut self) -> ObjectVersion {
        self.store.index += 1;
        let index = match self.batch {
            Some(Some(shared)) => shared,
            Some(None) | None => {
                self.store.log += 1;
                self.store.log
            }
        };
        if self.batch.is_some() {
            self.batch = Some(Some(index));
        }
        ObjectVersion { index }
    }

    /// Makes changes that are one entry of managers' logs. Source: swarmkit `manager/state/store/memory.go`, `Batch`.
    pub(crate) fn together<T>(&mut self, changes: impl FnOnce(&mut Self) -> T) -> T {
        let outer = self.batch;
        if outer.is_none() {
            self.batch = Some(None);
        }
        let value = changes(self);
        self.batch = outer.and(self.batch);
        value
    }

    /// Makes an id.
    pub(crate) fn id(&mut self) -> String {
        new_id(self.rng)
    }

    /// Notes that something happened.
    pub(crate) fn tell(
        &mut self,
        kind: EventType,
        action: &'static str,
        id: &str,
        attributes: &[(&str, &str)],
    ) {
        let pair = |(k, v): &(&str, &str)| ((*k).to_owned(), (*v).to_owned());
        self.happened.push(Happened {
            kind,
            action,
            id: id.to_owned(),
            attributes: attributes.iter().map(pair).collect(),
        });
    }

    /// Changes a task, if it is there.
    pub(crate) fn task(&mut self, id: &str, change: impl FnOnce(&mut Task)) {
        let (version, time) = (self.version(), self.time());
        if let Some(task) = self.store.tasks.get_mut(id) {
            change(task);
            task.version = version;
            task.updated_at = time;
        }
    }

    /// Takes in how a task is. Those that a node comes through at once are told together, whichever the task: a manager
    /// gathers them for a tenth of a second. Source: swarmkit `manager/dispatcher/dispatcher.go`, `maxBatchInterval`.
    pub(crate) fn status(&mut self, id: &str, status: TaskStatus) {
        let step = match status.state.as_str() {
            "accepted" => "preparing",
            "ready" => "starting",
            other => other,
        };
        let step = step.to_owned();
        let of_step = self.store.steps.get(&step).copied();
        let shared = of_step.filter(|(since, _)| self.now - since < GATHERING);
        if let Some((_, entry)) = shared {
            self.batch = Some(Some(entry));
        }
        self.task(id, |t| t.status = status);
        self.batch = None;
        if shared.is_none() {
            let entry = (self.now, self.store.log);
            self.store.steps.insert(step, entry);
        }
    }

    /// Wants a task to come to a state; it never goes back.
    pub(crate) fn desire(&mut self, id: &str, state: &str) {
        let now = self.store.tasks.get(id).map(|t| rank(&t.desired_state));
        if now.is_some_and(|now| now < rank(state)) {
            self.task(id, |t| state.clone_into(&mut t.desired_state));
        }
    }

    /// Changes a node, if it is there.
    pub(crate) fn node(&mut self, id: &str, change: impl FnOnce(&mut SwarmNode)) {
        let (version, time) = (self.version(), self.time());
        if let Some(node) = self.store.nodes.get_mut(id) {
            change(node);
            node.version = version;
            node.updated_at = time;
        }
    }
}
