//! The swarm: engines on several machines that run services together.
//!
//! Managers keep a `store` of objects. The one that leads changes it (`changes`, `kept`), makes tasks of services (`orchestrate`,
//! `update`), gives out addresses and ports (`allocate`) and nodes (`schedule`); those are pure, and work on the store with a
//! `Pen`. `dispatcher` tells nodes what they are to do, and managers what they are to know; `agent` is the node's side of
//! that, `executor` turns tasks into containers. Nodes tell each other of containers on their networks by `gossip`, which
//! `plane` turns into what the network driver and the balancer know. `members` is init, join and leave; `requests` what
//! clients ask. All that crosses machines is a message of `wire`, sent through the simulated network.
//!
//! Source: moby `daemon/cluster`, swarmkit.

mod agent;
mod allocate;
mod attach;
mod changes;
mod dispatcher;
mod executor;
mod gossip;
mod kept;
mod lock;
mod logs;
mod members;
mod networks;
mod orchestrate;
mod packed;
mod plane;
mod raft;
mod requests;
#[cfg(test)]
mod sample;
mod schedule;
mod store;
mod templates;
mod tokens;
mod update;
mod validate;
mod wire;

use std::net::IpAddr;
use std::pin::Pin;

use sorted::{SortedMap, SortedSet};

use self::dispatcher::{Assignment, Session};
pub(crate) use self::executor::TASK_ID;
use self::gossip::Table;
use self::store::{Pen, Store};
use self::wire::{Message, Refusal};
use crate::api::{Peer, Service, SwarmChanged, SwarmNode, Task};
use crate::daemon::Engine;
use crate::error::Error;
use crate::stream::Sender;

/// The port of managers.
const PORT: u16 = 2377;

/// What an engine knows of the swarm that it is in.
#[derive(Default)]
pub(crate) struct Swarm {
    /// Id of this node.
    node: String,
    /// The address that others reach it at.
    addr: Option<IpAddr>,
    /// The port at which it listens as a manager.
    port: u16,
    manager: bool,
    /// Whether it is the manager that leads.
    leads: bool,
    /// The managers that are known.
    managers: Vec<Peer>,
    /// What managers know.
    store: Store,
    /// What this node is to do.
    assigned: Assignment,
    /// Tasks that somebody looks after here.
    controlled: SortedMap<String, ()>,
    /// Leading: the nodes that are connected.
    sessions: SortedMap<String, Session>,
    /// Not leading: the way to the one that does.
    link: Option<Sender<Message>>,
    /// Counts elections.
    term: u64,
    /// The one in which this manager voted last.
    voted: u64,
    /// What was asked of it, and the answers.
    asked: SortedMap<u64, Option<Result<SwarmChanged, Refusal>>>,
    /// Numbers sessions, questions and so on.
    counter: u64,
    /// What there is on networks, here and elsewhere.
    table: Table,
    /// How far updates of services are, so that an old one ends when a new one begins.
    updates: SortedMap<String, u64>,
    /// Containers and networks of the swarm that they got no place on in time.
    unplaced: SortedSet<(String, String)>,
    /// Leading: output of tasks that somebody here reads.
    readings: SortedMap<u64, logs::Reading>,
    /// Not leading: output that the leading manager reads, by its numbers.
    told_logs: SortedSet<u64>,
}

/// The swarm of an engine, if it is in one.
#[derive(Default)]
pub(crate) struct Membership {
    pub(crate) swarm: Option<Box<Swarm>>,
    /// What it was in before it restarted, if it has to be unlocked first.
    locked: Option<Box<Swarm>>,
    /// Grows whenever a swarm is entered or left, so that whoever works for one knows that it is over.
    generation: u64,
}

impl Membership {
    /// In a swarm: whether this node is one of its managers.
    pub(crate) fn manager(&self) -> Option<bool> {
        self.swarm.as_ref().map(|swarm| swarm.manager)
    }

    /// Whether a network of the swarm is called so, as a manager knows.
    pub(crate) fn names_network(&self, name: &str) -> bool {
        let networks = self.swarm.iter().flat_map(|s| s.store.networks.values());
        networks.into_iter().any(|n| n.name == name)
    }
}

/// Source: moby `daemon/cluster/errors.go`.
pub(crate) fn no_manager() -> Error {
    Error::unavailable(
        "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this node \
         to swarm and try again.",
    )
}

fn worker() -> Error {
    Error::unavailable(
        "This node is not a swarm manager. Worker nodes can't be used to view or modify cluster state. Please run \
         this command on a manager node or promote the current node to a manager.",
    )
}

fn no_node() -> Error {
    Error::unavailable("This node is not part of a swarm")
}

fn no_leader() -> Error {
    Error::unavailable(
        "rpc error: code = Unknown desc = The swarm does not have a leader. It's possible that too few managers are \
         online. Make sure more than half of the managers are online.",
    )
}

impl Engine {
    /// Works with the swarm, if the engine is in one.
    fn swarm<T>(&self, f: impl FnOnce(&mut Swarm) -> T) -> Option<T> {
        self.state().membership.swarm.as_deref_mut().map(f)
    }

    /// Whether the engine is in a swarm.
    pub(crate) fn in_swarm(&self) -> bool {
        self.state().membership.swarm.is_some()
    }

    fn leads(&self) -> bool {
        self.swarm(|s| s.leads).unwrap_or(false)
    }

    /// Whether nothing goes on any more in the swarm, as far as the one that leads it can tell.
    pub(crate) fn swarm_rests(&self) -> bool {
        self.swarm(|s| {
            let rests = |t: &Task| {
                let state = t.status.state.as_str();
                match store::is_wanted(t) {
                    true if t.desired_state == "ready" => false,
                    true => store::is_over(state) || state == "running" || !t.status.err.is_empty(),
                    false => store::is_over(state),
                }
            };
            let updates = |s: &Service| {
                let status = s.update_status.as_ref();
                status.is_some_and(|u| u.completed_at.is_none() && !u.state.ends_with("paused"))
            };
            let connected = |n: &SwarmNode| {
                n.id == s.node || n.status.state == "down" || s.sessions.contains_key(&n.id)
            };
            !s.leads
                || s.store.tasks.values().all(rests)
                    && !s.store.services.values().any(updates)
                    && s.store.nodes.values().all(connected)
        })
        .unwrap_or(true)
    }

    fn generation(&self) -> u64 {
        self.state().membership.generation
    }

    /// Whether the swarm that was entered then is still the one.
    fn is_current(&self, generation: u64) -> bool {
        self.generation() == generation && self.in_swarm() && self.serves()
    }

    /// Waits until the swarm is left.
    async fn swarm_over(&self, generation: u64) {
        self.until(|| (!self.is_current(generation)).then_some(()))
            .await;
    }

    /// Runs something until it ends or the swarm is left.
    fn for_swarm(&self, work: impl Future<Output = ()> + 'static) {
        self.race_swarm(Box::pin(work));
    }

    /// The same in code that is there once, and not for each kind of work.
    fn race_swarm(&self, work: Pin<Box<dyn Future<Output = ()>>>) {
        let (engine, generation) = (self.clone(), self.generation());
        self.sys().spawn_task(async move {
            kernel::sys::race(work, engine.swarm_over(generation)).await;
        });
    }

    /// A number that was not used before.
    fn count(&self) -> u64 {
        self.swarm(|s| {
            s.counter += 1;
            s.counter
        })
        .unwrap_or(0)
    }

    /// Changes what managers know, where this one leads.
    fn pen<T>(&self, f: impl FnOnce(&mut Pen<'_>) -> T) -> Option<T> {
        let now = self.now();
        let (value, happened, timers) = self.with(|state, kernel| {
            let swarm = state.membership.swarm.as_deref_mut()?;
            if !swarm.leads {
                return None;
            }
            let mut pen = Pen {
                store: &mut swarm.store,
                rng: &mut kernel.rng,
                now,
                happened: Vec::new(),
                timers: Vec::new(),
                batch: None,
            };
            let value = f(&mut pen);
            Some((value, pen.happened, pen.timers))
        })?;
        for one in happened {
            let mut state = self.state();
            let (kind, action) = (one.kind, one.action);
            state
                .events
                .record_of_swarm(now, kind, action, &one.id, one.attributes);
        }
        for (delay, task) in timers {
            self.start_later(task, delay);
        }
        Some(value)
    }
}
