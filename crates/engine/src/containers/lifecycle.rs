//! Start, stop, kill, pause, rename, wait.

use kernel::process::signal::Signal;
use kernel::time::Duration;

use crate::api::{StopOptions, UpdateRequest, UpdateResponse, WaitCondition, WaitResponse};
use crate::daemon::Engine;
use crate::endpoints::all_names;
use crate::error::{Class, Error, Result};

use super::create::checked_name;
use super::{checks, resources};

/// What a signal to a container takes, through containerd and its shim.
const SIGNAL_DELAY: Duration = Duration::from_millis(5);
/// How much later than its end a container that is restarted starts.
const BETWEEN_RUNS: Duration = Duration::from_micros(10);
/// How long a container gets to stop by itself.
const STOP_TIMEOUT: i64 = 10;

impl Engine {
    fn id_of(&self, container: &str) -> Result<String> {
        Ok(self.state().find_container(container)?.id.clone())
    }

    /// `POST /containers/{id}/start`.
    pub(crate) fn container_start(&self, container: String) -> Result<()> {
        let id = self.id_of(&container)?;
        self.count_anew(&id);
        self.start(&id)
    }

    /// `POST /containers/{id}/start` of a container on networks of a swarm.
    pub(crate) async fn container_start_attached(&self, container: String) -> Result<()> {
        let id = self.id_of(&container)?;
        self.count_anew(&id);
        self.start_attached(&id).await
    }

    /// Whoever starts a container grants it all of its policy's restarts again. Source: moby `container/container.go`,
    /// `ResetRestartManager`.
    fn count_anew(&self, id: &str) {
        match self.state().containers.get_mut(id) {
            Some(c) if !c.state.lives() => c.restart_count = 0,
            _ => {}
        }
    }

    /// Starts a container, once managers have given it its places on networks of the swarm.
    pub(crate) async fn start_attached(&self, id: &str) -> Result<()> {
        let attached = self.attach_networks(id).await;
        let Err(error) = attached else {
            return self.start(id);
        };
        self.fail_start(id, error.within("failed to set up container networking"))
    }

    /// `POST /containers/{id}/stop`.
    pub(crate) async fn container_stop(
        &self,
        container: String,
        options: StopOptions,
    ) -> Result<()> {
        let id = self.id_of(&container)?;
        if !self
            .state()
            .containers
            .get(&id)
            .is_some_and(|c| c.state.running)
        {
            let mut state = self.state();
            let Some(c) = state.containers.get_mut(&id) else {
                return Err(Error::no_such_container(&container));
            };
            c.user_stopped = true;
            // One that waits to be restarted is stopped by not being restarted.
            if std::mem::take(&mut c.state.restarting) {
                "exited".clone_into(&mut c.state.status);
                drop(state);
                self.container_event("stop", &id, &[]);
                return Ok(());
            }
            return Err(Error::new(Class::NotModified, ""));
        }
        let stopped = self.stop(&id, &options, true).await;
        stopped.map_err(|e| e.within(format!("cannot stop container: {container}")))
    }

    /// `POST /containers/{id}/restart`.
    pub(crate) async fn container_restart(
        &self,
        container: String,
        options: StopOptions,
    ) -> Result<()> {
        let id = self.id_of(&container)?;
        let in_vain = |e: Error| e.within(format!("Cannot restart container {container}"));
        let (running, auto_remove) = {
            let mut state = self.state();
            let c = state.containers.get_mut(&id);
            c.map_or((false, false), |c| {
                c.state.restarting = false;
                (c.state.running, c.host_config.auto_remove)
            })
        };
        if running {
            // One that is removed when it ends lives on meanwhile. Source: moby `daemon/restart.go`.
            self.set_auto_remove(&id, false);
            let stopped = self.stop(&id, &options, true).await;
            self.set_auto_remove(&id, auto_remove);
            stopped.map_err(in_vain)?;
            // What it says next is said later than what it said last.
            let _ = self.sys().sleep(BETWEEN_RUNS).await;
        }
        self.count_anew(&id);
        let started = match self.waits_for_swarm(&id) {
            true => self.start_attached(&id).await,
            false => self.start(&id),
        };
        started.map_err(in_vain)?;
        self.container_event("restart", &id, &[]);
        Ok(())
    }

    fn set_auto_remove(&self, id: &str, removes: bool) {
        if let Some(c) = self.state().containers.get_mut(id) {
            c.host_config.auto_remove = removes;
        }
    }

    /// Sends the stop signal, waits, sends SIGKILL, waits.
    pub(crate) async fn stop(&self, id: &str, options: &StopOptions, by_user: bool) -> Result<()> {
        let (signal, timeout, ended_before) = {
            let mut state = self.state();
            let c = state
                .containers
                .get_mut(id)
                .ok_or_else(|| Error::no_such_container(id))?;
            c.user_stopped = by_user;
            c.stopping = true;
            let named = options
                .signal
                .clone()
                .unwrap_or_else(|| c.config.stop_signal.clone());
            let signal = if named.is_empty() {
                Signal::TERM
            } else {
                parse_signal(&named)?
            };
            (
                signal,
                options
                    .timeout
                    .or(c.config.stop_timeout)
                    .unwrap_or(STOP_TIMEOUT),
                c.runs_ended,
            )
        };
        self.send(id, signal);
        // A frozen process cannot obey; the freezer lets go of it.
        self.resume(id);
        let ended = self.until(|| {
            let state = self.state();
            state
                .containers
                .get(id)
                .is_none_or(|c| c.runs_ended > ended_before)
                .then_some(())
        });
        if timeout < 0 {
            ended.await;
            return Ok(());
        }
        let limit = Duration::from_secs(u64::try_from(timeout).unwrap_or(0));
        if limit.is_zero() {
            // The second signal is told of at once, but a program that is quick ends by itself before it arrives.
            self.say_signal(id, Signal::KILL);
            if self.sys().timeout(SIGNAL_DELAY, ended).await.is_none() {
                self.signal(id, Signal::KILL);
                self.wait_ended(id, ended_before).await;
            }
        } else if self.sys().timeout(limit, ended).await.is_none() {
            self.send(id, Signal::KILL);
            self.wait_ended(id, ended_before).await;
        }
        Ok(())
    }

    async fn wait_ended(&self, id: &str, ended_before: u64) {
        self.until(|| {
            let state = self.state();
            state
                .containers
                .get(id)
                .is_none_or(|c| c.runs_ended > ended_before)
                .then_some(())
        })
        .await;
    }

    /// Sends a signal to a container's first process, and says so.
    fn send(&self, id: &str, signal: Signal) {
        self.signal(id, signal);
        self.say_signal(id, signal);
    }

    fn say_signal(&self, id: &str, signal: Signal) {
        self.container_event("kill", id, &[("signal", signal.number().to_string())]);
    }

    fn signal(&self, id: &str, signal: Signal) {
        let process = self.state().containers.get(id).and_then(|c| c.process);
        if let Some(process) = process {
            let _ = self.sys().kill(process, signal);
        }
    }

    /// Lets a paused container go on, and tells of it. Source: moby `daemon/kill.go`, `killWithSignal`.
    fn resume(&self, id: &str) {
        if self.thaw(id) {
            self.watch_health(id);
            self.container_event("unpause", id, &[]);
        }
    }

    /// Lets the processes of a paused container go on; says whether it was paused.
    fn thaw(&self, id: &str) -> bool {
        let frozen = {
            let mut state = self.state();
            let c = state.containers.get_mut(id).filter(|c| c.state.paused);
            c.and_then(|c| {
                c.state.paused = false;
                c.state.status = "running".to_owned();
                c.process
            })
        };
        if let Some(first) = frozen {
            self.sys().kernel(|k| k.freeze(first, false));
        }
        frozen.is_some()
    }

    /// `POST /containers/{id}/kill`.
    pub(crate) async fn container_kill(&self, container: String, signal: String) -> Result<()> {
        let signal = if signal.is_empty() {
            Signal::KILL
        } else {
            let known = match signal.parse::<u32>() {
                Ok(number) if number > 0 && Signal::parse(&signal).is_none() => Err(
                    Error::invalid(format!("the linux daemon does not support signal {number}")),
                ),
                _ => parse_signal(&signal),
            };
            known.map_err(|e| e.within(format!("cannot kill container: {container}")))?
        };
        let (id, running, ended_before) = {
            let mut state = self.state();
            let found = state.find_container(&container).map(|c| c.id.clone());
            let id = found.map_err(|e| e.within(format!("cannot kill container: {container}")))?;
            let c = state
                .containers
                .get_mut(&id)
                .ok_or_else(|| Error::no_such_container(&container))?;
            if c.state.lives() {
                c.user_stopped = true;
            }
            // One that waits to be restarted is not sent anything, but gives up waiting.
            if std::mem::take(&mut c.state.restarting) {
                "exited".clone_into(&mut c.state.status);
                return Ok(());
            }
            (id, c.state.running, c.runs_ended)
        };
        if !running {
            return Err(Error::conflict(format!(
                "cannot kill container: {container}: container {id} is not running"
            )));
        }
        self.send(&id, signal);
        if signal != Signal::KILL {
            self.resume(&id);
        } else {
            self.thaw(&id);
            self.wait_ended(&id, ended_before).await;
        }
        Ok(())
    }

    /// `POST /containers/{id}/pause`.
    pub(crate) fn container_pause(&self, container: String) -> Result<()> {
        let (id, process) = {
            let mut state = self.state();
            let id = state.find_container(&container)?.id.clone();
            let c = state
                .containers
                .get_mut(&id)
                .ok_or_else(|| Error::no_such_container(&container))?;
            checks::not_restarting(c)?;
            let Some(process) = c.process.filter(|_| c.state.running) else {
                return Err(Error::conflict(format!("container {id} is not running")));
            };
            if c.state.paused {
                return Err(Error::conflict(format!("Container {id} is already paused")));
            }
            c.state.paused = true;
            c.state.status = "paused".to_owned();
            (id, process)
        };
        self.sys().kernel(|k| k.freeze(process, true));
        self.end_health(&id);
        self.container_event("pause", &id, &[]);
        Ok(())
    }

    /// `POST /containers/{id}/unpause`.
    pub(crate) fn container_unpause(&self, container: String) -> Result<()> {
        let id = self.id_of(&container)?;
        if !self
            .state()
            .containers
            .get(&id)
            .is_some_and(|c| c.state.paused)
        {
            return Err(Error::internal(format!("Container {id} is not paused")));
        }
        self.resume(&id);
        Ok(())
    }

    /// `POST /containers/{id}/rename`.
    pub(crate) fn container_rename(&self, container: String, name: String) -> Result<()> {
        let (id, old) = {
            let mut state = self.state();
            let c = state.find_container(&container)?;
            let (id, old) = (c.id.clone(), c.name.clone());
            let name = name.strip_prefix('/').unwrap_or(&name);
            if name.is_empty() {
                return Err(Error::invalid("Neither old nor new names may be empty"));
            }
            if name == old {
                return Err(Error::invalid(
                    "Renaming a container with the same name as its current name",
                ));
            }
            let name = checked_name(&state, name).map_err(|e| {
                // The sentence about what is allowed names the container with a slash here.
                let said = e.to_string().replace("name (", "name (/");
                let before = "Error when allocating new name";
                if e.class() == Class::Invalid {
                    Error::invalid(said).within(before)
                } else {
                    e.within(before)
                }
            })?;
            // A network that it could not be attached to while it runs is in the way.
            let lost = state
                .containers
                .get(&id)
                .filter(|c| c.state.running)
                .and_then(|c| {
                    let detached = |key: &&String| {
                        let network = state.network_of(c, key);
                        network.is_ok_and(|n| !n.endpoints.contains_key(&id))
                    };
                    c.endpoints.keys().find(detached).cloned()
                });
            if let Some(network) = lost {
                return Err(Error::not_found(format!(
                    "no endpoint attached to network {network} found"
                )));
            }
            if let Some(c) = state.containers.get_mut(&id) {
                c.name.clone_from(&name);
            }
            for link in state.containers.values_mut().flat_map(|c| &mut c.links) {
                if link.child == id {
                    link.name.clone_from(&name);
                }
            }
            for at in 0..state.networks.len() {
                let names = {
                    let (Some(c), Some((_, n))) =
                        (state.containers.get(&id), state.networks.get_index(at))
                    else {
                        continue;
                    };
                    let settings = c
                        .endpoints
                        .get(&n.name)
                        .map(|a| a.settings.clone())
                        .unwrap_or_default();
                    // On every network: from then on the default bridge has its name, too, for those who are asked there.
                    (n.name.clone(), all_names(c, &settings))
                };
                let endpoint = state
                    .networks
                    .get_index_mut(at)
                    .and_then(|(_, n)| n.endpoints.get_mut(&id));
                let Some(endpoint) = endpoint else { continue };
                endpoint.name.clone_from(&name);
                let (network, names) = names;
                endpoint.dns_names.clone_from(&names);
                let attachment = state
                    .containers
                    .get_mut(&id)
                    .and_then(|c| c.endpoints.get_mut(&network));
                if let Some(attachment) = attachment {
                    attachment.settings.dns_names = Some(names);
                }
            }
            (id, old)
        };
        self.container_event("rename", &id, &[("oldName", format!("/{old}"))]);
        Ok(())
    }

    /// `POST /containers/{id}/update`.
    pub(crate) fn container_update(
        &self,
        container: String,
        request: UpdateRequest,
    ) -> Result<UpdateResponse> {
        let UpdateRequest {
            restart_policy,
            mut limits,
        } = request;
        // Before anybody looks for the container.
        checks::restart_policy(&restart_policy)?;
        let warnings = resources::check(&mut limits, true)?;
        let id = {
            let mut state = self.state();
            let id = state.find_container(&container)?.id.clone();
            if let Some(c) = state.containers.get_mut(&id) {
                let within = format!("Cannot update container {}", c.id);
                let renews = !matches!(restart_policy.name.as_str(), "" | "no");
                resources::update(&mut c.host_config, &limits).map_err(|e| e.within(&within))?;
                if c.host_config.auto_remove && renews {
                    return Err(Error::conflict(
                        "Restart policy cannot be updated because AutoRemove is enabled for the container",
                    )
                    .within(&within));
                }
                if !restart_policy.name.is_empty() {
                    c.host_config.restart_policy = restart_policy;
                }
            }
            id
        };
        self.container_event("update", &id, &[]);
        Ok(UpdateResponse { warnings })
    }

    /// `POST /containers/{id}/wait`.
    pub(crate) async fn container_wait(
        &self,
        container: String,
        condition: WaitCondition,
    ) -> Result<WaitResponse> {
        let (id, ended_before) = {
            let state = self.state();
            let c = state.find_container(&container)?;
            (c.id.clone(), c.runs_ended)
        };
        let status_code = self
            .until(|| {
                let state = self.state();
                let Some(c) = state.containers.get(&id) else {
                    return Some(state.last_codes.get(&id).copied().unwrap_or_default());
                };
                let done = match condition {
                    WaitCondition::NotRunning => !c.state.running,
                    WaitCondition::NextExit => c.runs_ended > ended_before,
                    WaitCondition::Removed => false,
                };
                done.then_some(c.state.exit_code)
            })
            .await;
        Ok(WaitResponse { status_code })
    }

    /// Stops every container: the daemon goes down.
    pub(crate) async fn stop_all(&self) {
        let running: Vec<String> = {
            let state = self.state();
            state
                .containers
                .values()
                .filter(|c| c.state.running)
                .map(|c| c.id.clone())
                .collect()
        };
        for id in &running {
            let engine = self.clone();
            let id = id.clone();
            self.sys().spawn_task(async move {
                let _ = engine.stop(&id, &StopOptions::default(), false).await;
            });
        }
        self.until(|| {
            let state = self.state();
            running
                .iter()
                .all(|id| state.containers.get(id).is_none_or(|c| !c.state.running))
                .then_some(())
        })
        .await;
    }

    /// Starts what the restart policies say after the daemon has started again.
    pub(crate) fn restore_containers(&self) {
        let wanted: Vec<String> = {
            let mut state = self.state();
            let alone = |c: &&mut crate::state::Container| c.state.running && c.held.is_none();
            for c in state.containers.values_mut().filter(alone) {
                // Their machine went down with the daemon.
                c.state.running = false;
                c.state.status = "exited".to_owned();
                c.state.exit_code = 255;
                c.sandbox = None;
                c.netns = None;
                c.process = None;
            }
            let wants =
                |c: &&crate::state::Container| match c.host_config.restart_policy.name.as_str() {
                    "always" => c.started != 0,
                    "unless-stopped" => c.started != 0 && !c.user_stopped,
                    // Who stopped it does not count here. Seen.
                    "on-failure" => {
                        let most = c.host_config.restart_policy.maximum_retry_count;
                        let most = u64::try_from(most).unwrap_or(0);
                        c.started != 0
                            && c.state.exit_code != 0
                            && (most == 0 || c.restart_count < most)
                    }
                    _ => false,
                };
            state
                .containers
                .values()
                .filter(|c| c.held.is_none())
                .filter(wants)
                .map(|c| c.id.clone())
                .collect()
        };
        for id in wanted {
            match self.waits_for_swarm(&id) {
                true => self.start_with_swarm(id),
                false => {
                    let _ = self.start(&id);
                }
            }
        }
    }
}

fn parse_signal(text: &str) -> Result<Signal> {
    Signal::parse(text).ok_or_else(|| Error::invalid(format!("invalid signal: {text}")))
}
