//! Containers that outlive their engine, by the setting `live-restore`.
//!
//! As in reality a process beside the engine holds each of them meanwhile: it reads what they print, and learns how they end.
//! What the engine itself did for them ends with it: docker-proxy and the embedded DNS server. Rules and interfaces stay.
//! Source: moby `daemon/daemon.go`, `restore`.

use std::cell::Cell;
use std::rc::Rc;

use kernel::ids::ProcessId;
use kernel::process::ExitStatus;
use kernel::sys::Sys;
use sorted::SortedMap;

use super::list::ports;
use super::streams::Sources;
use crate::api::StopOptions;
use crate::daemon::Engine;

/// The program that holds a container; the names are those of the real one.
const SHIM: &str = "/usr/bin/containerd-shim-runc-v2";

/// How a container that outlives its engine is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    /// It runs.
    Runs,
    /// It has ended, and no engine took that in yet.
    Ended(ExitStatus),
}

impl Engine {
    /// Leaves all running containers to processes of their own: the daemon goes down.
    pub(crate) fn leave_running(&self) {
        let running: Vec<(String, Sources)> = {
            let state = self.state();
            let running = state.containers.values().filter(|c| c.state.running);
            running.map(|c| (c.id.clone(), c.sources.clone())).collect()
        };
        for (id, sources) in running {
            self.end_health(&id);
            self.leave_services(&id);
            self.leave(&id, sources);
        }
    }

    /// Ends docker-proxy and the DNS server of a container; its rules stay.
    fn leave_services(&self, id: &str) {
        let proxies: Vec<_> = {
            let mut state = self.state();
            let sandbox = state
                .containers
                .get_mut(id)
                .and_then(|c| c.sandbox.as_mut());
            let Some(sandbox) = sandbox else { return };
            if let Some(resolver) = sandbox.resolver.take() {
                resolver.stop();
            }
            // The engine's own descriptors are closed when it ends.
            let published = sandbox.published.iter_mut();
            published
                .filter_map(|p| {
                    (p.socket, p.listener) = (None, None);
                    p.proxy.take()
                })
                .collect()
        };
        for proxy in proxies {
            let _ = self
                .sys()
                .kill(proxy, kernel::process::signal::Signal::KILL);
        }
    }

    /// Starts the process that holds a container, and makes it the parent of the container's first process.
    fn leave(&self, id: &str, sources: Sources) {
        let Some((process, output)) = ({
            let mut state = self.state();
            let c = state.containers.get_mut(id);
            c.and_then(|c| {
                c.held = Some(Held::Runs);
                Some((c.process?, c.output.clone()))
            })
        }) else {
            return;
        };
        let argv = [SHIM, "-namespace", "moby", "-id", id];
        let argv = argv.iter().map(ToString::to_string).collect();
        let Some(mut spawn) = self.sys().child(argv) else {
            return;
        };
        let files = sources
            .fds()
            .filter_map(|fd| Some((fd, self.sys().handle(fd).ok()?)));
        spawn.fds = files.collect::<SortedMap<_, _>>();
        spawn.group = None;
        let (before, name) = (self.clone(), id.to_owned());
        let body = move |sys: Sys| -> kernel::process::Running {
            let engine = before.seen_from(sys);
            Box::pin(async move {
                let status = engine.watch(process, &output, sources).await;
                if let Some(c) = engine.state().containers.get_mut(&name) {
                    c.held = Some(Held::Ended(status));
                }
                engine.notify();
                0
            })
        };
        if let Ok(shim) = self.sys().fork(spawn, body) {
            self.sys().kernel(|k| k.process_adopt(process, shim));
        }
    }

    /// Stops the containers that a daemon left which was killed: without `live-restore` the next one wants none of them.
    /// What they published is still told of by lists, which look at what was last noted. Source: moby `daemon/daemon.go`,
    /// `restore`; recording 2010.
    pub(crate) async fn end_what_was_left(&self) {
        let left: Vec<(String, ProcessId)> = {
            let mut state = self.state();
            let left = state.containers.values().filter(|c| c.held.is_none());
            let left: Vec<_> = left
                .filter_map(|c| Some((c.id.clone(), c.process?)))
                .collect();
            for (id, _) in &left {
                let ports = state.containers.get(id).map(|c| ports(&state, c));
                if let (Some(c), Some(ports)) = (state.containers.get_mut(id), ports) {
                    c.ports_noted = ports;
                }
            }
            left
        };
        let open = Rc::new(Cell::new(left.len()));
        let done = self.sys().condition();
        for (id, process) in left {
            self.sys()
                .kernel(|k| k.process_adopt(process, self.sys().id()));
            let (engine, name) = (self.clone(), id.clone());
            self.sys().spawn_task(async move {
                let status = engine.end_of(process).await;
                engine.ended(&name, status).await;
            });
            let (engine, open, done) = (self.clone(), open.clone(), done.clone());
            self.sys().spawn_task(async move {
                let _ = engine.stop(&id, &StopOptions::default(), true).await;
                open.set(open.get().saturating_sub(1));
                done.signal();
            });
        }
        done.until(|| (open.get() == 0).then_some(())).await;
    }

    /// Returns whether any container lives on from an earlier engine.
    pub(crate) fn has_live(&self) -> bool {
        self.state().containers.values().any(|c| c.held.is_some())
    }

    /// Takes the containers over again that an earlier engine left running.
    pub(crate) fn take_over(&self) {
        let left: Vec<String> = {
            let state = self.state();
            let left = state.containers.values().filter(|c| c.held.is_some());
            left.map(|c| c.id.clone()).collect()
        };
        for id in left {
            let runs = self.held(&id) == Some(Held::Runs);
            if runs {
                self.update_resolver(&id);
                self.publish_again(&id);
                self.begin_health(&id);
            }
            let engine = self.clone();
            self.sys().spawn_task(async move {
                let ended = || match engine.held(&id) {
                    Some(Held::Runs) => None,
                    Some(Held::Ended(status)) => Some(status),
                    None => Some(ExitStatus::Code(255)),
                };
                let status = engine.until(ended).await;
                if let Some(c) = engine.state().containers.get_mut(&id) {
                    c.held = None;
                }
                engine.ended(&id, status).await;
            });
        }
    }

    fn held(&self, id: &str) -> Option<Held> {
        self.state().containers.get(id).and_then(|c| c.held)
    }
}
