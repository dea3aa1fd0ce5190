//! Which manager leads, and whether enough of them agree.
//!
//! In place of raft's log the leader sends what it knows; the rest is raft's: terms, votes of more than half, and a leader that
//! loses touch with more than half leads no more. Source: swarmkit `manager/state/raft`.

use kernel::time::Duration;

use super::Swarm;
use super::store::rpc;
use super::wire::{self, Incoming, Message};
use crate::api::Peer;
use crate::daemon::Engine;
use crate::error::Result;

/// How long a manager that has lost the leader waits before it wants to lead itself; one after the other in the order of ids.
const ELECTION: Duration = Duration::from_secs(3);
/// How long agreement may take.
const PATIENCE: Duration = Duration::from_secs(10);

impl Swarm {
    /// Managers that are in touch with this one, itself included, and managers in all.
    fn quorum(&self) -> (usize, usize) {
        let managers = self
            .store
            .nodes
            .values()
            .filter(|n| n.spec.role == "manager");
        let all = managers.clone().count();
        let here = managers.filter(|n| n.id == self.node || self.sessions.contains_key(&n.id));
        (here.count(), all)
    }
}

impl Engine {
    /// Whether somebody leads, as far as this manager can tell.
    pub(super) fn has_leader(&self) -> bool {
        self.swarm(|s| {
            if s.leads {
                let (here, all) = s.quorum();
                return here * 2 > all;
            }
            s.link.is_some()
        })
        .unwrap_or(false)
    }

    /// Where the manager that leads is.
    pub(super) fn leader_addr(&self) -> Option<String> {
        let found = self.swarm(|s| {
            let linked = s.link.is_some();
            let leader =
                s.store.nodes.values().find(|n| {
                    n.manager_status.as_ref().is_some_and(|m| m.leader) && n.id != s.node
                });
            leader
                .filter(|_| linked)
                .and_then(|n| Some(n.manager_status.as_ref()?.addr.clone()))
        });
        found.flatten()
    }

    /// Waits until more than half of the managers are there to agree.
    pub(super) async fn check_quorum(&self) -> Result<()> {
        let agreed = self.until(|| {
            let ok = self.swarm(|s| {
                let (here, all) = s.quorum();
                here * 2 > all
            });
            (ok != Some(false)).then_some(())
        });
        match self.sys().timeout(PATIENCE, agreed).await {
            Some(()) => Ok(()),
            None => Err(rpc("DeadlineExceeded", "context deadline exceeded")),
        }
    }

    /// Answers a manager that wants to lead.
    pub(super) fn vote(&self, node: &str, term: u64, index: u64) -> Message {
        let granted = self.swarm(|s| {
            let known = s
                .store
                .nodes
                .get(node)
                .is_some_and(|n| n.spec.role == "manager");
            let free = s.link.is_none() && !s.leads;
            let newer = term >= s.term && term > s.voted && index >= s.store.index;
            let granted = s.manager && known && free && newer;
            if granted {
                s.voted = term;
            }
            // Who was refused is ahead of the others next time, unless they heard of its term.
            s.term = s.term.max(term);
            (granted, s.term)
        });
        let (granted, term) = granted.unwrap_or((false, 0));
        Message::Voted { granted, term }
    }

    /// Stands for election while nobody leads.
    pub(super) fn stand(&self) {
        let engine = self.clone();
        self.for_swarm(async move {
            loop {
                engine
                    .until(|| {
                        let alone = engine.swarm(|s| s.manager && !s.leads && s.link.is_none());
                        (alone == Some(true)).then_some(())
                    })
                    .await;
                let place = engine.swarm(|s| {
                    let managers = s.store.nodes.values().filter(|n| n.spec.role == "manager");
                    managers.take_while(|n| n.id != s.node).count()
                });
                let turns = u32::try_from(place.unwrap_or(0) + 1).unwrap_or(1);
                let _ = engine.sys().sleep(ELECTION.saturating_mul(turns)).await;
                let alone = engine.swarm(|s| s.manager && !s.leads && s.link.is_none());
                if alone == Some(true) && engine.is_elected().await {
                    engine.lead();
                }
            }
        });
    }

    /// Asks the other managers. True if more than half are for this one.
    async fn is_elected(&self) -> bool {
        let asked = self.swarm(|s| {
            s.term += 1;
            s.voted = s.term;
            let others = super::dispatcher::managers(&s.store);
            let others: Vec<Peer> = others.into_iter().filter(|m| m.node_id != s.node).collect();
            let vote = Message::Vote {
                node: s.node.clone(),
                term: s.term,
                index: s.store.index,
            };
            // Nothing is known before the first word of the leader.
            (others, vote, s.store.index > 0)
        });
        let Some((others, vote, true)) = asked else {
            return false;
        };
        let all = others.len() + 1;
        let mut votes = 1;
        for manager in others {
            let Ok(addr) = manager.addr.parse() else {
                continue;
            };
            let Ok(line) = wire::dial(self.sys(), addr).await else {
                continue;
            };
            let _ = wire::send(self.sys(), line.fd, &vote).await;
            let mut incoming = Incoming::new(line.fd);
            let answer = self
                .sys()
                .timeout(ELECTION, incoming.next(self.sys()))
                .await;
            if let Some(Some(Message::Voted { granted, term })) = answer {
                votes += usize::from(granted);
                self.swarm(|s| s.term = s.term.max(term));
            }
        }
        votes * 2 > all
    }

    /// Leads from now on.
    pub(super) fn lead(&self) {
        self.swarm(|s| {
            s.leads = true;
            s.link = None;
            let own = s.node.clone();
            s.store.index += 1;
            for node in s.store.nodes.values_mut() {
                if let Some(m) = node.manager_status.as_mut() {
                    m.leader = node.id == own;
                }
                if node.id == own {
                    "ready".clone_into(&mut node.status.state);
                    node.status.message.clear();
                }
            }
        });
        self.notify();
        self.watch_missing();
        self.watch_quorum();
        let waiting = self.swarm(|s| {
            let ready = s
                .store
                .tasks
                .values()
                .filter(|t| t.desired_state == "ready");
            ready.map(|t| t.id.clone()).collect::<Vec<_>>()
        });
        for task in waiting.unwrap_or_default() {
            self.start_later(task, 5_000_000_000);
        }
        self.manage();
    }

    /// Nodes that do not come to a new leader are down after a while.
    fn watch_missing(&self) {
        let engine = self.clone();
        self.for_swarm(async move {
            let _ = engine.sys().sleep(Duration::from_secs(15)).await;
            let missing = engine.swarm(|s| {
                let nodes = s.store.nodes.keys();
                let missing = nodes.filter(|id| **id != s.node && !s.sessions.contains_key(*id));
                missing.cloned().collect::<Vec<_>>()
            });
            for node in missing.unwrap_or_default() {
                engine.lose_node(&node);
            }
        });
    }

    /// A leader that more than half have left leads no more.
    pub(super) fn watch_quorum(&self) {
        let engine = self.clone();
        self.for_swarm(async move {
            loop {
                let lost = || {
                    let lost = engine.swarm(|s| {
                        let (here, all) = s.quorum();
                        !s.leads || here * 2 <= all
                    });
                    (lost != Some(false)).then_some(())
                };
                engine.until(lost).await;
                if !engine.leads() {
                    return;
                }
                // Those who have just been made managers get a moment to come.
                let back = engine.until(|| {
                    let back = engine.swarm(|s| {
                        let (here, all) = s.quorum();
                        here * 2 > all
                    });
                    (back == Some(true)).then_some(())
                });
                if engine.sys().timeout(PATIENCE, back).await.is_none() {
                    engine.swarm(|s| {
                        s.leads = false;
                        s.sessions = sorted::SortedMap::new();
                    });
                    engine.notify();
                    return;
                }
            }
        });
    }

    /// Goes on after a restart of the daemon.
    pub(super) fn resume_leading(&self) {
        let alone = self.swarm(|s| {
            let others = super::dispatcher::managers(&s.store).len();
            s.leads = false;
            others <= 1
        });
        if alone == Some(true) {
            self.lead();
        }
        self.stand();
    }

    /// Becomes a manager, or ceases to be one, as it was told.
    pub(super) fn follow_role(&self) {
        let role = self.swarm(|s| {
            let (was, now) = (s.manager, s.assigned.manager);
            s.manager = now;
            if was && !now {
                s.store = super::Store::default();
                s.leads = false;
            }
            (was, now)
        });
        match role {
            Some((false, true)) => {
                self.notify();
                let _ = self.listen_for_nodes();
                self.stand();
            }
            Some((true, false)) => self.notify(),
            _ => {}
        }
    }
}
