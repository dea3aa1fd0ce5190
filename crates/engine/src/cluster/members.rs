//! Entering and leaving a swarm.
//!
//! Source: moby `daemon/cluster/{swarm,listen_addr}.go`.

use std::net::{IpAddr, SocketAddr};

use kernel::net::Scope;
use kernel::time::Duration;

use super::dispatcher::{managers, new_node};
use super::store::{Pen, Store};
use super::wire::{self, Incoming, Message};
use super::{PORT, Swarm, no_node, tokens};
use crate::api::{
    Ipam, IpamPool, NetworkCreateRequest, Peer, RemoveOptions, Swarm as SwarmObject,
    SwarmInitRequest, SwarmJoinRequest,
};
use crate::daemon::Engine;
use crate::error::{Error, Result};

const IN_ONE: &str = "This node is already part of a swarm. Use \"docker swarm leave\" to leave this swarm and join another one.";
/// What a new manager's log holds before the node and the cluster are as they stay: its own election, objects as they are
/// made, certificates, the ingress network. Seen.
const ENTRIES_BEFORE: u64 = 8;
/// How long `join` waits.
const PATIENCE: Duration = Duration::from_secs(20);
/// When the gateway bridge comes after `init` or `join`. Seen: a moment later.
const BRIDGE_DELAY: Duration = Duration::from_millis(150);

impl Engine {
    /// `POST /swarm/init`.
    pub(crate) async fn swarm_init(&self, request: SwarmInitRequest) -> Result<String> {
        if self.is_locked() || (self.in_swarm() && !request.force_new_cluster) {
            return Err(Error::unavailable(IN_ONE));
        }
        if request.force_new_cluster && self.in_swarm() {
            return self.reinit();
        }
        let (addr, port) = self.advertised(&request.advertise_addr, &request.listen_addr)?;
        let mut spec = request.spec;
        if spec.name.is_empty() {
            "default".clone_into(&mut spec.name);
        }
        let limit = &mut spec.orchestration.task_history_retention_limit;
        limit.get_or_insert(5);
        let or = |value: &mut i64, default: i64| {
            if *value == 0 {
                *value = default;
            }
        };
        or(&mut spec.dispatcher.heartbeat_period, 5_000_000_000);
        or(&mut spec.ca_config.node_cert_expiry, 7_776_000_000_000_000);
        or(&mut spec.raft.election_tick, 10);
        or(&mut spec.raft.heartbeat_tick, 1);
        if spec.raft.snapshot_interval == 0 {
            spec.raft.snapshot_interval = 10_000;
        }
        spec.raft.keep_old_snapshots.get_or_insert(0);
        if spec.raft.log_entries_for_slow_followers == 0 {
            spec.raft.log_entries_for_slow_followers = 500;
        }
        spec.encryption_config.auto_lock_managers |= request.auto_lock_managers;
        let description = self.describe();
        let now = self.now();
        let own = self.with(|state, kernel| {
            let mut store = Store::default();
            let mut pen = Pen {
                store: &mut store,
                rng: &mut kernel.rng,
                now,
                happened: Vec::new(),
                timers: Vec::new(),
                batch: None,
            };
            let (id, own) = (pen.id(), pen.id());
            pen.store.log = ENTRIES_BEFORE;
            let (version, time) = (pen.version(), pen.time());
            let locks = spec.encryption_config.auto_lock_managers;
            pen.store.swarm = SwarmObject {
                id,
                version,
                created_at: time.clone(),
                updated_at: time.clone(),
                spec,
                tls_info: tokens::certificate(pen.rng),
                root_rotation_in_progress: false,
                default_addr_pool: Some(request.default_addr_pool).filter(|p| !p.is_empty()),
                subnet_size: match request.subnet_size {
                    0 => 24,
                    given => given,
                },
                data_path_port: match request.data_path_port {
                    0 => 4789,
                    given => given,
                },
                join_tokens: Some(tokens::tokens(pen.rng)),
            };
            if locks {
                pen.store.unlock_key = tokens::unlock_key(pen.rng);
            }
            let mut description = description;
            description.tls_info.clone_from(&pen.store.swarm.tls_info);
            let first = version;
            pen.store.swarm.version = pen.version();
            let mut node = new_node(
                (&own, first, &time),
                description,
                Some(format!("{addr}:{port}")),
                &request.availability,
                addr,
            );
            if let Some(m) = node.manager_status.as_mut() {
                m.leader = true;
            }
            pen.store.nodes.insert(own.clone(), node);
            let ingress = NetworkCreateRequest {
                name: "ingress".to_owned(),
                driver: "overlay".to_owned(),
                ingress: true,
                ipam: Some(Ipam {
                    config: Some(Vec::<IpamPool>::new()),
                    ..Ipam::default()
                }),
                ..NetworkCreateRequest::default()
            };
            pen.network_create(&ingress)?;
            pen.store.log = pen.store.swarm.version.index;
            let swarm = Swarm {
                node: own.clone(),
                addr: Some(addr),
                port,
                manager: true,
                leads: true,
                managers: managers(&store),
                store,
                ..Swarm::default()
            };
            state.membership.generation += 1;
            state.membership.swarm = Some(Box::new(swarm));
            Ok::<_, Error>(own)
        })?;
        if let Err(error) = self.listen_for_nodes() {
            self.state().membership.swarm = None;
            return Err(error);
        }
        self.pen(|pen| pen.allocate_balancers());
        self.stand();
        self.watch_quorum();
        self.enter();
        Ok(own)
    }

    /// A cluster of this manager alone, with what it knows.
    fn reinit(&self) -> Result<String> {
        let own = self.swarm(|s| {
            if !s.manager {
                return None;
            }
            let own = s.node.clone();
            s.store.index += 1;
            for node in s.store.nodes.values_mut().filter(|n| n.id != own) {
                "worker".clone_into(&mut node.spec.role);
                node.manager_status = None;
            }
            Some(own)
        });
        let own = own.flatten().ok_or_else(super::worker)?;
        self.lead();
        Ok(own)
    }

    /// What a node does once it is in a swarm.
    fn enter(&self) {
        self.listen_for_gossip();
        self.start_agent();
        let engine = self.clone();
        self.for_swarm(async move {
            let _ = engine.sys().sleep(BRIDGE_DELAY).await;
            let _ = engine.gateway_bridge();
            engine.manage();
        });
    }

    /// Goes on with the swarm that the engine was in before it restarted.
    pub(crate) fn resume_swarm(&self) {
        if !self.lock() {
            self.go_on();
        }
    }

    /// Goes on with the swarm that the engine is in.
    pub(super) fn go_on(&self) {
        let known = self.swarm(|s| {
            s.sessions = sorted::SortedMap::new();
            s.controlled = sorted::SortedMap::new();
            s.asked = sorted::SortedMap::new();
            s.updates = sorted::SortedMap::new();
            s.link = None;
            s.table = s.table.resumed();
            let assigned = std::mem::take(&mut s.assigned);
            s.assigned.heartbeat = assigned.heartbeat;
            s.manager
        });
        let Some(manager) = known else { return };
        self.state().membership.generation += 1;
        if manager {
            let _ = self.listen_for_nodes();
            self.resume_leading();
        }
        self.listen_for_gossip();
        self.start_agent();
    }

    /// `POST /swarm/join`.
    pub(crate) async fn swarm_join(&self, request: SwarmJoinRequest) -> Result<()> {
        if self.is_locked() || self.in_swarm() {
            return Err(Error::unavailable(IN_ONE));
        }
        // Who gives none at all is refused by the manager.
        if !request.join_token.is_empty() {
            tokens::digest(&request.join_token)?;
        }
        let advertised = match request.advertise_addr.as_str() {
            "" => None,
            given => Some(self.advertised(given, &request.listen_addr)?),
        };
        let joined = self
            .sys()
            .timeout(PATIENCE, self.join(&request, advertised))
            .await;
        match joined {
            Some(done) => done,
            None => Err(Error::unavailable(
                "Timeout was reached before node joined. The attempt to join the swarm will continue in the background. \
                 Use the \"docker info\" command to see the current swarm status of your node.",
            )),
        }
    }

    async fn join(
        &self,
        request: &SwarmJoinRequest,
        advertised: Option<(IpAddr, u16)>,
    ) -> Result<()> {
        let mut next: Vec<String> = request.remote_addrs.clone();
        let mut last = Error::invalid("at least 1 RemoteAddr is required to join");
        let mut hops = 0;
        while !next.is_empty() && hops < 8 {
            hops += 1;
            let remote = next.remove(0);
            match self.join_at(&remote, request, advertised).await {
                Ok(None) => return Ok(()),
                Ok(Some(elsewhere)) => next.insert(0, elsewhere),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// Asks a manager to be let in. Returns the one that leads where that is another.
    async fn join_at(
        &self,
        remote: &str,
        request: &SwarmJoinRequest,
        advertised: Option<(IpAddr, u16)>,
    ) -> Result<Option<String>> {
        let to = self.resolve_remote(remote)?;
        let line = wire::dial(self.sys(), to).await?;
        let port = advertised.map_or(PORT, |(_, port)| port);
        let message = Message::Join {
            token: request.join_token.clone(),
            description: Box::new(self.describe()),
            availability: request.availability.clone(),
            addr: advertised.map(|(a, _)| a.to_string()).unwrap_or_default(),
            port,
        };
        let sent = wire::send(self.sys(), line.fd, &message).await;
        let mut incoming = Incoming::new(line.fd);
        let answer = match sent {
            Ok(()) => incoming.next(self.sys()).await,
            Err(_) => None,
        };
        drop(line);
        let (node, manager, managers, addr) = match answer {
            Some(Message::Joined {
                node,
                manager,
                managers,
                addr,
            }) => (node, manager, managers, addr),
            Some(Message::Redirect { addr }) => return Ok(Some(addr)),
            Some(Message::Refused(why)) => return Err(why.error()),
            _ => {
                return Err(super::store::rpc(
                    "Unavailable",
                    "connection error: desc = \"error reading server preface: EOF\"",
                ));
            }
        };
        let managers: Vec<Peer> = managers;
        {
            let mut state = self.state();
            state.membership.generation += 1;
            state.membership.swarm = Some(Box::new(Swarm {
                node,
                addr: Some(addr),
                port,
                manager,
                managers,
                ..Swarm::default()
            }));
        }
        if manager {
            self.listen_for_nodes()?;
            self.stand();
        }
        self.enter();
        // It is one of them once it has been told what to do.
        self.until(|| {
            let told = self.swarm(|s| !s.assigned.managers.is_empty());
            (told != Some(false)).then_some(())
        })
        .await;
        Ok(None)
    }

    fn resolve_remote(&self, remote: &str) -> Result<SocketAddr> {
        let with_port = if remote.contains(':') {
            remote.to_owned()
        } else {
            format!("{remote}:{PORT}")
        };
        with_port.parse().map_err(|_bad| {
            let host = with_port.split(':').next().unwrap_or_default().to_owned();
            super::store::rpc(
                "Unavailable",
                format!(
                    "connection error: desc = \"transport: Error while dialing: dial tcp: lookup {host}: no such host\""
                ),
            )
        })
    }

    /// `POST /swarm/leave`.
    pub(crate) async fn swarm_leave(&self, force: bool) -> Result<()> {
        if self.is_locked() {
            if !force {
                return Err(Error::unavailable(
                    "Swarm is encrypted and locked. Please unlock it first or use `--force` to ignore this message.",
                ));
            }
            self.state().membership.locked = None;
            self.forget_overlays();
            return Ok(());
        }
        if !self.in_swarm() {
            return Err(no_node());
        }
        if !force && self.swarm(|s| s.manager) == Some(true) {
            return Err(Error::unavailable(self.why_stay()));
        }
        self.go().await;
        Ok(())
    }

    /// What is said to a manager that is about to leave.
    fn why_stay(&self) -> String {
        let mut text =
            "You are attempting to leave the swarm on a node that is participating as a manager. "
                .to_owned();
        let counts = self.swarm(|s| {
            let managers = s
                .store
                .nodes
                .values()
                .filter_map(|n| n.manager_status.as_ref());
            let reachable = managers
                .clone()
                .filter(|m| m.reachability == "reachable")
                .count();
            (reachable, managers.count() - reachable)
        });
        let (reachable, unreachable) = counts.unwrap_or((1, 0));
        if !self.has_leader() {
            text += "Doing so may lose the consensus of your cluster. ";
        } else if reachable <= unreachable + 2 {
            if reachable == 1 && unreachable == 0 {
                text += "Removing the last manager erases all current state of the swarm. Use `--force` to ignore this message.";
                return text;
            }
            text += &format!(
                "Removing this node leaves {} managers out of {}. Without a Raft quorum your swarm will be inaccessible. ",
                reachable - 1,
                reachable + unreachable
            );
        }
        text += "The only way to restore a swarm that has lost consensus is to reinitialize it with `--force-new-cluster`. \
                 Use `--force` to suppress this message.";
        text
    }

    /// Leaves: tasks' containers go, and so do networks of the swarm.
    async fn go(&self) {
        {
            let mut state = self.state();
            state.membership.generation += 1;
            state.membership.swarm = None;
        }
        self.notify();
        let tasks: Vec<String> = {
            let state = self.state();
            let own = state.containers.values();
            own.filter(|c| c.config.labels.contains_key(super::executor::TASK_ID))
                .map(|c| c.id.clone())
                .collect()
        };
        for id in tasks {
            let options = RemoveOptions {
                force: true,
                ..RemoveOptions::default()
            };
            let _ = self.container_remove(id, options).await;
        }
        self.leave_networks();
        self.forget_overlays();
    }

    /// Containers are on networks of the swarm no longer. Seen.
    fn leave_networks(&self) {
        let mut state = self.state();
        let of_swarm: Vec<(String, String)> = {
            let all = state.networks.values().filter(|n| n.scope == "swarm");
            all.map(|n| (n.id.clone(), n.name.clone())).collect()
        };
        for container in state.containers.values_mut() {
            let is_gone = |key: &str| of_swarm.iter().any(|(id, name)| key == id || key == name);
            container.endpoints.retain(|key, _| !is_gone(key));
        }
    }

    /// The node was removed from the swarm.
    pub(super) fn expelled(&self) {
        let engine = self.clone();
        self.sys().spawn_task(async move { engine.go().await });
    }

    /// The address that others are to use, and the port.
    fn advertised(&self, given: &str, listen: &str) -> Result<(IpAddr, u16)> {
        let port_of = |text: &str| text.rsplit_once(':').and_then(|(_, p)| p.parse().ok());
        let listens = port_of(listen).unwrap_or(PORT);
        let (host, port) = match given.rsplit_once(':') {
            Some((host, port)) => {
                let port = port.parse().map_err(|_bad| {
                    Error::invalid(
                        "advertise address must be a non-zero IP address or network interface (with optional port number)",
                    )
                })?;
                (host, port)
            }
            None => (given, listens),
        };
        let bad = || {
            Error::invalid(
                "advertise address must be a non-zero IP address or network interface (with optional port number)",
            )
        };
        if !host.is_empty() {
            if let Ok(addr) = host.parse::<IpAddr>() {
                if addr.is_unspecified() {
                    return Err(bad());
                }
                return Ok((addr, port));
            }
            let ns = self.ns();
            let found = self.sys().kernel(|k| {
                let link = k.link_by_name(ns, host)?;
                let addrs = k.addrs(link);
                let v4 = addrs.iter().find(|a| a.addr.is_ipv4());
                v4.map(|a| a.addr)
            });
            return found.map(|addr| (addr, port)).ok_or_else(bad);
        }
        let listening = listen.rsplit_once(':').map_or(listen, |(host, _)| host);
        if let Ok(addr) = listening.parse::<IpAddr>()
            && !addr.is_unspecified()
        {
            return Ok((addr, port));
        }
        match self.system_addrs().as_slice() {
            [(addr, _)] => Ok((*addr, port)),
            [] => Err(Error::invalid(
                "could not find the system's IP address - specify one with --advertise-addr",
            )),
            [(one, on), (other, at), ..] => Err(Error::invalid(if on == at {
                format!(
                    "could not choose an IP address to advertise since this system has multiple addresses on interface \
                     {on} ({one} and {other}) - specify one with --advertise-addr"
                )
            } else {
                format!(
                    "could not choose an IP address to advertise since this system has multiple addresses on different \
                     interfaces ({one} on {on} and {other} on {at}) - specify one with --advertise-addr"
                )
            })),
        }
    }

    /// Addresses of the machine that are no bridge's of the engine.
    fn system_addrs(&self) -> Vec<(IpAddr, String)> {
        let ns = self.ns();
        let own: Vec<ipnet::IpNet> = {
            let state = self.state();
            let bridges = state
                .networks
                .values()
                .filter(|n| n.driver_name == "bridge");
            bridges
                .flat_map(|n| n.pools.iter().map(|p| p.id.subnet))
                .collect()
        };
        self.sys().kernel(|k| {
            let mut found = Vec::new();
            for link in k.links(ns) {
                let Some(l) = k.link(link).filter(|l| !l.is_loopback()) else {
                    continue;
                };
                let v4 = l.addrs.iter().filter(|a| {
                    a.addr.is_ipv4()
                        && a.scope == Scope::Global
                        && !own.iter().any(|net| net.contains(&a.addr))
                });
                found.extend(v4.map(|a| (a.addr, l.name.to_string())));
            }
            found
        })
    }
}
