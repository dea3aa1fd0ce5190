//! A node that does not lead: its connection to the manager that does.
//!
//! Source: swarmkit `agent`.

use kernel::process::files::Fd;
use kernel::time::Duration;

use super::dispatcher::Assignment;
use super::no_leader;
use super::store::rank;
use super::wire::{self, Ask, Incoming, Message, Refusal};
use crate::api::{NodeDescription, SwarmChanged};
use crate::daemon::Engine;
use crate::error::Result;
use crate::stream::{Receiver, channel};

/// First and longest wait before another try to reach a manager.
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(8);
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(25);

impl Engine {
    /// Keeps this node connected to the manager that leads, unless it leads itself.
    pub(super) fn start_agent(&self) {
        let engine = self.clone();
        self.for_swarm(async move {
            let mut wait = FIRST_WAIT;
            loop {
                engine.until(|| (!engine.leads()).then_some(())).await;
                if engine.visit_managers().await {
                    wait = FIRST_WAIT;
                }
                let _ = engine.sys().sleep(wait).await;
                wait = wait.saturating_mul(2).min(LONGEST_WAIT);
            }
        });
    }

    /// Asks every manager that is known for a session. True if there was one, which is over then.
    async fn visit_managers(&self) -> bool {
        let own = self.swarm(|s| (s.node.clone(), s.managers.clone()));
        let Some((own, managers)) = own else {
            return false;
        };
        let mut next: Vec<String> = managers
            .into_iter()
            .filter(|m| m.node_id != own)
            .map(|m| m.addr)
            .collect();
        let mut asked: Vec<String> = Vec::new();
        while !next.is_empty() {
            let addr = next.remove(0);
            if asked.contains(&addr) || self.leads() {
                continue;
            }
            asked.push(addr.clone());
            match self.visit(&addr).await {
                Visit::Redirected(to) => next.insert(0, to),
                Visit::Had => return true,
                Visit::Failed => {}
            }
        }
        false
    }

    async fn visit(&self, addr: &str) -> Visit {
        let Ok(to) = addr.parse() else {
            return Visit::Failed;
        };
        let Ok(line) = wire::dial(self.sys(), to).await else {
            return Visit::Failed;
        };
        self.attend(line.fd).await
    }

    /// A session with a manager.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "what else is said is not for this side"
    )]
    async fn attend(&self, fd: Fd) -> Visit {
        let hello = Message::Hello {
            node: self.swarm(|s| s.node.clone()).unwrap_or_default(),
            description: Box::new(self.describe()),
            index: self.swarm(|s| s.store.index).unwrap_or(0),
        };
        if wire::send(self.sys(), fd, &hello).await.is_err() {
            return Visit::Failed;
        }
        let mut incoming = Incoming::new(fd);
        let first = self
            .sys()
            .timeout(PATIENCE, incoming.next(self.sys()))
            .await;
        let Some(Some(mut message)) = first else {
            return Visit::Failed;
        };
        match message {
            Message::Redirect { addr } => return Visit::Redirected(addr),
            Message::Refused(_) => return Visit::Failed,
            _ => {}
        }
        let (outbox, out) = channel(self.sys());
        let number = self.count();
        self.swarm(|s| {
            s.link = Some(outbox);
            s.counter = number;
        });
        self.notify();
        self.report_all();
        let reads = async {
            loop {
                self.obey(message);
                let next = incoming.next(self.sys());
                let limit = self.heartbeat().saturating_mul(3);
                match self.sys().timeout(limit, next).await.flatten() {
                    Some(next) => message = next,
                    None => break,
                }
            }
        };
        let ended = self.until(|| self.leads().then_some(()));
        let talk = kernel::sys::race(reads, self.talk(fd, &out));
        kernel::sys::race(talk, ended).await;
        self.swarm(|s| s.link = None);
        self.notify();
        Visit::Had
    }

    /// Sends what there is to say, and signs of life.
    async fn talk(&self, fd: Fd, out: &Receiver<Message>) {
        let beats = async {
            loop {
                let _ = self.sys().sleep(self.heartbeat()).await;
                let sent = self.swarm(|s| s.link.as_ref().map(|l| l.send(Message::Beat)));
                if sent.flatten() != Some(true) {
                    break;
                }
            }
        };
        let writes = async {
            while let Some(message) = out.next().await {
                if wire::send(self.sys(), fd, &message).await.is_err() {
                    break;
                }
            }
        };
        kernel::sys::race(writes, beats).await;
    }

    fn heartbeat(&self) -> Duration {
        let period = self.swarm(|s| s.assigned.heartbeat).unwrap_or(0);
        match u64::try_from(period).unwrap_or(0) {
            0 => Duration::from_secs(5),
            nanos => Duration::from_nanos(nanos),
        }
    }

    /// Takes in what the manager says.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "what else is said is not for this side"
    )]
    fn obey(&self, message: Message) {
        match message {
            Message::Assign(assigned) => self.take_assignment(*assigned),
            Message::Know(store) => {
                let index = store.index;
                self.swarm(|s| {
                    s.store = *store;
                    s.link.as_ref().map(|l| l.send(Message::Known { index }))
                });
                self.notify();
            }
            Message::Answer { number, answer } => {
                self.swarm(|s| {
                    if let Some(slot) = s.asked.get_mut(&number) {
                        *slot = Some(answer);
                    }
                });
                self.notify();
            }
            Message::Leave => self.expelled(),
            Message::Logs {
                number,
                container,
                options,
            } => self.tell_logs(number, container, options),
            Message::LogsOver { number } => {
                self.swarm(|s| s.told_logs.remove(&number));
                self.notify();
            }
            _ => {}
        }
    }

    /// Does what a manager wants of this node.
    pub(super) fn take_assignment(&self, assigned: Assignment) {
        let (before, changed) = {
            let taken = self.swarm(|s| {
                let mut assigned = assigned;
                // What is known here of tasks is newer than what comes back.
                for task in &mut assigned.tasks {
                    let own = s.assigned.tasks.iter().find(|t| t.id == task.id);
                    if let Some(own) =
                        own.filter(|t| rank(&t.status.state) > rank(&task.status.state))
                    {
                        task.status = own.status.clone();
                    }
                }
                // A task that ends after its service is gone is reached through what its container was made with.
                for task in &assigned.tasks {
                    let id = &task.service_id;
                    if let (None, Some(brief)) =
                        (assigned.services.get(id), s.assigned.services.get(id))
                    {
                        assigned.services.insert(id.clone(), brief.clone());
                    }
                }
                let changed = s.assigned != assigned;
                s.managers.clone_from(&assigned.managers);
                (std::mem::replace(&mut s.assigned, assigned), changed)
            });
            let Some(taken) = taken else { return };
            taken
        };
        if !changed {
            return;
        }
        self.follow_role();
        self.follow_networks();
        self.follow_tasks(&before);
        let nodes = self.swarm(|s| s.assigned.nodes != before.nodes);
        if nodes == Some(true) {
            self.follow_nodes();
        }
        self.refresh_plane();
        self.notify();
    }

    /// Has the manager that leads do something.
    pub(super) async fn ask(&self, ask: Ask) -> Result<SwarmChanged> {
        if self.leads() {
            let node = self.swarm(|s| s.node.clone()).unwrap_or_default();
            return self.answer(&node, ask).await;
        }
        let number = self.count();
        let sent = self.swarm(|s| {
            let message = Message::Ask {
                number,
                ask: Box::new(ask),
            };
            let sent = s.link.as_ref().is_some_and(|l| l.send(message));
            if sent {
                s.asked.insert(number, None);
            }
            sent
        });
        if sent != Some(true) {
            return Err(no_leader());
        }
        let answer = self.until(|| {
            let answer = self.swarm(|s| match s.asked.get(&number) {
                Some(Some(answer)) => Some(Ok(answer.clone())),
                Some(None) if s.link.is_some() => None,
                _ => Some(Err(no_leader())),
            });
            answer.unwrap_or_else(|| Some(Err(super::no_node())))
        });
        let answer = self.sys().timeout(PATIENCE, answer).await;
        self.swarm(|s| s.asked.remove(&number));
        match answer {
            Some(answer) => answer?.map_err(Refusal::error),
            None => Err(super::store::rpc(
                "DeadlineExceeded",
                "context deadline exceeded",
            )),
        }
    }

    /// What this node says of itself.
    pub(super) fn describe(&self) -> NodeDescription {
        use crate::api::{
            ENGINE_VERSION, EngineDescription, Platform, PluginDescription, Resources,
        };
        let tls_info = self
            .swarm(|s| s.store.swarm.tls_info.clone())
            .unwrap_or_default();
        let info = self.info().unwrap_or_default();
        let plugin = |kind: &str, name: &String| PluginDescription {
            kind: kind.to_owned(),
            name: name.clone(),
        };
        let mut plugins: Vec<PluginDescription> = Vec::new();
        plugins.extend(info.plugins.log.iter().map(|n| plugin("Log", n)));
        plugins.extend(info.plugins.network.iter().map(|n| plugin("Network", n)));
        plugins.extend(info.plugins.volume.iter().map(|n| plugin("Volume", n)));
        NodeDescription {
            hostname: info.name,
            platform: Platform {
                architecture: info.architecture,
                os: info.os_type,
            },
            resources: Resources {
                nano_cpus: i64::try_from(info.ncpu).unwrap_or(0) * 1_000_000_000,
                memory_bytes: i64::try_from(info.mem_total).unwrap_or(0),
            },
            engine: EngineDescription {
                engine_version: ENGINE_VERSION.to_owned(),
                labels: info
                    .labels
                    .iter()
                    .filter_map(|l| l.split_once('='))
                    .map(|(k, v)| (k.to_owned(), v.to_owned()))
                    .collect(),
                plugins,
            },
            tls_info,
        }
    }
}

/// What came of asking a manager for a session.
enum Visit {
    /// There was one, which is over.
    Had,
    /// Another one leads.
    Redirected(String),
    Failed,
}
