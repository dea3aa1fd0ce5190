//! A container's first process: starting it, passing its output on, and what follows from its end.

use kernel::Errno;
use kernel::ids::ProcessId;
use kernel::process::exec::Spawn;
use kernel::process::rlimit::Limit;
use kernel::process::{Capabilities, ExitStatus};
use kernel::time::Duration;

use crate::clock::rfc3339;
use crate::daemon::Engine;
use crate::error::{Class, Error, Result};
use crate::links;
use crate::ports::exposed;
use crate::state::{Container, State};

use super::capabilities::capabilities;
use super::init;
use super::streams::Streams;

/// First wait of a restart policy; it doubles with each restart in a row. Source: moby `restartmanager`.
const FIRST_RESTART_WAIT: Duration = Duration::from_millis(100);
const LONGEST_RESTART_WAIT: Duration = Duration::from_secs(60);
/// How long the engine needs to hear of the end of a container's first process: what the kernel still sends for its closed
/// sockets is sent meanwhile.
const NOTICE: Duration = Duration::from_millis(1);
/// A run this long begins the waits anew, nanoseconds.
const LONG_RUN: i64 = 10_000_000_000;
/// The exit code of a container that could not be started for a reason of no other code. Source: moby `daemon/start.go`.
pub(super) const UNKNOWN: i64 = 128;
pub(super) const CREATE_FAILED: &str = "failed to create task for container: failed to create shim task: OCI runtime create failed: \
    runc create failed";
pub(super) const INIT_FAILED: &str =
    "unable to start container process: error during container init";

/// Which pid namespace a container's processes are in.
pub(super) enum Pids {
    /// One of their own.
    Own,
    /// That of another container, named by its first process, or the machine's.
    Shared(Option<ProcessId>),
}

impl Engine {
    /// Starts a container that does not run, with its sandbox.
    pub(crate) fn start(&self, id: &str) -> Result<()> {
        {
            let mut state = self.state();
            let c = state
                .containers
                .get_mut(id)
                .ok_or_else(|| Error::no_such_container(id))?;
            if c.state.paused {
                return Err(Error::conflict(
                    "cannot start a paused container, try unpause instead",
                ));
            }
            if c.state.lives() {
                return Err(Error::new(Class::NotModified, ""));
            }
            c.state.error.clear();
            c.failed = None;
            c.user_stopped = false;
        }
        let started = self.start_inner(id);
        if let Err((error, code)) = started {
            return self.start_failed(id, error, code);
        }
        self.container_event("start", id, &[]);
        self.notify();
        Ok(())
    }

    /// Takes in that a container could not be attached to its networks.
    pub(super) fn fail_start(&self, id: &str, error: Error) -> Result<()> {
        self.volumes_event("mount", id);
        self.start_failed(id, error, UNKNOWN)
    }

    fn start_failed(&self, id: &str, error: Error, code: i64) -> Result<()> {
        {
            self.volumes_event("unmount", id);
            let now = self.sys().kernel(|k| k.now);
            let mut state = self.state();
            if let Some(c) = state.containers.get_mut(id) {
                c.state.error = error.to_string();
                c.failed = Some(now);
                // A code that an earlier run left stays.
                if code != UNKNOWN || c.state.exit_code == 0 {
                    c.state.exit_code = code;
                }
                c.process = None;
            }
            drop(state);
            self.notify();
            if self
                .state()
                .containers
                .get(id)
                .is_some_and(|c| c.host_config.auto_remove)
            {
                self.remove(id, true);
            }
            Err(error)
        }
    }

    fn start_inner(&self, id: &str) -> Result<(), (Error, i64)> {
        let shared = self.shared_namespace(id).map_err(|e| (e, UNKNOWN))?;
        if !shared {
            self.check_links(id).map_err(|e| (e, UNKNOWN))?;
            self.check_name_servers(id).map_err(|e| (e, UNKNOWN))?;
            self.check_extra_hosts(id).map_err(|e| (e, UNKNOWN))?;
        }
        self.make_run_files(id);
        self.volumes_event("mount", id);
        // Networks come after the container's first process, which waits for them: what cannot run is never attached.
        if let Err(error) = self.check_process(id) {
            self.say_disconnected(id);
            return Err(error);
        }
        if !shared {
            self.write_hostname(id);
            self.check_networks(id)
                .inspect_err(|_| self.say_disconnected(id))
                .and_then(|()| self.make_sandbox(id))
                .map_err(|e| (e.within("failed to set up container networking"), UNKNOWN))?;
        }
        self.spawn_first(id).inspect_err(|_| {
            self.remove_sandbox(id);
        })
    }

    /// The pid namespace that a container's processes are in. Source: moby `daemon/oci_linux.go`, `WithNamespaces`.
    pub(super) fn pids_of(&self, id: &str) -> Result<Pids> {
        let state = self.state();
        let c = state
            .containers
            .get(id)
            .ok_or_else(|| Error::no_such_container(id))?;
        let mode = c.host_config.pid_mode.as_str();
        let Some(other) = mode.strip_prefix("container:") else {
            return Ok(match mode {
                "host" => Pids::Shared(None),
                _ => Pids::Own,
            });
        };
        let other = state.find_container(other)?;
        let first = other.process.ok_or_else(|| {
            Error::conflict(format!(
                "failed to join PID namespace: container {} is not running",
                other.id
            ))
        })?;
        Ok(Pids::Shared(self.sys().kernel(|k| {
            k.proc.get(first).and_then(|process| process.pid_ns)
        })))
    }

    /// Checks the container whose namespace this one shares; false if it shares none.
    fn shared_namespace(&self, id: &str) -> Result<bool> {
        let mut state = self.state();
        let Some(other) = state.containers.get(id).and_then(|c| c.shares_with()) else {
            return Ok(false);
        };
        let other = state
            .find_container(other)
            .map_err(|e| e.within("joining network namespace of container"))?;
        if other.id == id {
            return Err(Error::invalid("cannot join own network namespace"));
        }
        if !other.state.running {
            return Err(Error::conflict(format!(
                "cannot join network namespace of a non running container: container {} is {}",
                other.name, other.state.status
            )));
        }
        let owner = state.namespace_owner(other);
        // The names are the owner's, in a UTS namespace of one's own: recording 1811.
        let (hostname, domainname) = (
            owner.config.hostname.clone(),
            owner.config.domainname.clone(),
        );
        let joined = owner
            .netns
            .or_else(|| owner.sandbox.as_ref().map(|s| s.netns));
        if let Some(c) = state.containers.get_mut(id) {
            self.sys().kernel(|k| {
                k.proc.set_hostname(c.uts, &hostname);
                k.proc.set_domain(c.uts, &domainname);
                // runc sets them in the namespace that is joined, for all who are in it.
                for (name, value) in &c.host_config.sysctls {
                    let _ = joined.map(|netns| k.sysctl_set(netns, name, value));
                }
            });
            c.config.hostname = hostname;
            c.config.domainname = domainname;
        }
        Ok(true)
    }

    fn spawn_first(&self, id: &str) -> Result<(), (Error, i64)> {
        let internal = |e: Errno| (Error::internal(e.text()), UNKNOWN);
        let (tty, open_stdin, once, output) = {
            let state = self.state();
            let c = state
                .containers
                .get(id)
                .ok_or_else(|| (Error::no_such_container(id), UNKNOWN))?;
            (
                c.config.tty,
                c.config.open_stdin,
                c.config.stdin_once,
                c.output.clone(),
            )
        };
        let console = output.take_console();
        let streams = self.streams(tty, console, open_stdin).map_err(internal)?;
        let spawned = self.first_process(id, &streams);
        streams.close_child_ends(self);
        let process = spawned.map_err(|(name, errno)| {
            let failed = format!("{CREATE_FAILED}: {INIT_FAILED}");
            self.start_error(&failed, id, &name, errno)
        })?;
        let terminal = streams
            .terminal()
            .map(|tty| self.lend_terminal(tty, process));
        let started = self
            .sys()
            .kernel(|k| k.proc.get(process).map(|p| (u64::from(p.pid), p.netns)));
        let (pid, netns) = started.map_or((0, None), |(pid, netns)| (pid, Some(netns)));
        let now = self.now();
        let mut state = self.state();
        if let Some(c) = state.containers.get_mut(id) {
            c.process = Some(process);
            c.netns = netns;
            c.started = now;
            c.ports_noted = Vec::new();
            c.state.status = "running".to_owned();
            c.state.running = true;
            c.state.pid = pid;
            c.sources = streams.sources();
            c.state.exit_code = 0;
            c.state.started_at = rfc3339(now);
        }
        drop(state);
        self.begin_health(id);
        output.set_stdin(streams.stdin());
        self.feed(streams.stdin(), output.take_input(), once);
        let (engine, id) = (self.clone(), id.to_owned());
        let outputs = streams.sources();
        self.sys().spawn_task(async move {
            let status = engine.watch(process, &output, outputs).await;
            drop(terminal);
            engine.ended(&id, status).await;
        });
        Ok(())
    }

    /// Says why a program could not be started in a container; also the exit code.
    pub(super) fn start_error(
        &self,
        before: &str,
        container: &str,
        name: &str,
        errno: Errno,
    ) -> (Error, i64) {
        let mount = self.state().containers.get(container).map(|c| c.mount);
        let is_directory = self.sys().kernel(|k| {
            let path = k.resolve(mount?, name, true).ok()?;
            Some(matches!(
                k.lookup(mount?, &path)?.node,
                kernel::fs::Node::Dir
            ))
        });
        start_error(before, name, errno, is_directory == Some(true))
    }

    fn first_process(&self, id: &str, streams: &Streams) -> Result<ProcessId, (String, Errno)> {
        let pids = self.pids_of(id).or(Err((String::new(), Errno::ESRCH)))?;
        let (has_init, spawn) = {
            let state = self.state();
            let c = state
                .containers
                .get(id)
                .ok_or((String::new(), Errno::ESRCH))?;
            let argv = c.command();
            let mut spawn = self
                .spawn_in(&state, c, argv)
                .ok_or((String::new(), Errno::ESRCH))?;
            match pids {
                Pids::Own => spawn.new_pid_ns = true,
                Pids::Shared(ns) => spawn.pid_ns = ns,
            }
            self.equip(&state, c, &mut spawn, c.config.tty, &[]);
            streams.give_to(&mut spawn);
            spawn.parent = Some(self.sys().id());
            (c.host_config.init.unwrap_or(state.config.init), spawn)
        };
        let name = spawn.argv.first().cloned().unwrap_or_default();
        let started = match has_init {
            true => {
                let command = spawn.argv.clone();
                let named = init::NAME.map(str::to_owned).into_iter();
                let spawn = Spawn {
                    argv: named.chain(command.iter().cloned()).collect(),
                    ..spawn
                };
                let body = |child| init::docker_init(child, command);
                self.sys().fork(spawn, body)
            }
            false => self.sys().spawn(spawn),
        };
        started.map_err(|errno| (name, errno))
    }

    /// A working directory that is missing is made, as the engine does.
    pub(crate) fn make_directory(&self, mount: kernel::ids::MountId, path: &str) {
        if path.is_empty() {
            return;
        }
        self.sys().kernel(|k| {
            let now = k.now;
            let at = k.destination(mount, path);
            let place = k.place(mount, &at);
            if k.lookup(mount, &at).is_none()
                && let Some(tree) = k.tree_mut(place.tree)
            {
                tree.put(&place.path, kernel::fs::Node::Dir, 0o755, now);
            }
        });
    }

    /// What every process in a container has in common.
    pub(super) fn spawn_in(
        &self,
        state: &State,
        c: &Container,
        argv: Vec<String>,
    ) -> Option<Spawn> {
        // What is shared outlives the container it came from.
        let owner = state.namespace_owner(c);
        let mut spawn = self
            .sys()
            .kernel(|k| Spawn::on_machine(k, self.machine(), argv))?;
        spawn.mount = c.mount;
        spawn.netns = c
            .netns
            .or_else(|| owner.sandbox.as_ref().map(|s| s.netns))?;
        spawn.uts = c.uts;
        spawn.caps = capabilities(c);
        spawn.cwd = if c.config.working_dir.is_empty() {
            "/".to_owned()
        } else {
            c.config.working_dir.clone()
        };
        self.run_as(&mut spawn, &c.config.user);
        let groups = c.host_config.group_add.iter().flatten();
        let groups = groups.filter_map(|group| self.group(c.mount, group).ok());
        spawn.groups = groups.collect();
        for limit in c.host_config.ulimits.iter().flatten() {
            let value = |given: i64| u64::try_from(given).ok();
            let (soft, hard) = (value(limit.soft), value(limit.hard));
            spawn.limits.set(&limit.name, Limit { soft, hard });
        }
        Some(spawn)
    }

    /// Makes a process one of the user named, as whom it keeps root's capabilities no longer. Source: capabilities(7).
    pub(super) fn run_as(&self, spawn: &mut Spawn, user: &str) {
        (spawn.uid, spawn.gid) = self.user(spawn.mount, user).unwrap_or_default();
        if spawn.uid != 0 {
            spawn.caps = Capabilities::NONE;
        }
    }

    /// Gives a process its environment; runc adds the user's HOME at the end if nobody said another.
    pub(super) fn equip(
        &self,
        state: &State,
        c: &Container,
        spawn: &mut Spawn,
        tty: bool,
        given: &[String],
    ) {
        spawn.env = environment(state, c, tty, given);
        if spawn.env.iter().all(|(key, _)| key != "HOME") {
            let home = self.home(spawn.mount, spawn.uid);
            spawn.env.push(("HOME".to_owned(), home));
        }
    }

    /// Does what follows from the end of a container's first process.
    pub(super) async fn ended(&self, id: &str, status: ExitStatus) {
        let code = i64::from(status.code());
        let now = self.now();
        self.end_health(id);
        let _ = self.sys().sleep(NOTICE).await;
        self.remove_sandbox(id);
        self.volumes_event("unmount", id);
        let netns = self
            .state()
            .containers
            .get_mut(id)
            .and_then(|c| c.netns.take());
        if let Some(netns) = netns {
            self.release_netns(netns);
        }
        let (stopping, ran) = {
            let mut state = self.state();
            let Some(c) = state.containers.get_mut(id) else {
                return;
            };
            c.process = None;
            c.finished = now;
            c.runs_ended += 1;
            c.state.status = "exited".to_owned();
            c.state.running = false;
            c.state.paused = false;
            c.state.pid = 0;
            c.state.exit_code = code;
            c.state.finished_at = rfc3339(now);
            c.output.close();
            c.ended_by_itself = !c.stopping && !c.user_stopped;
            (std::mem::take(&mut c.stopping), now - c.started)
        };
        if stopping {
            self.container_event("stop", id, &[]);
        }
        let attributes = [
            ("execDuration", (ran / 1_000_000_000).to_string()),
            ("exitCode", code.to_string()),
        ];
        self.container_event("die", id, &attributes);
        self.notify();
        self.restart_by_policy(id, ran).await;
        if self
            .state()
            .containers
            .get(id)
            .is_some_and(|c| c.host_config.auto_remove && !c.state.running)
        {
            self.remove(id, true);
        }
    }

    /// Starts the container again if its policy says so, with growing waits.
    async fn restart_by_policy(&self, id: &str, ran: i64) {
        let wait = {
            let mut state = self.state();
            let Some(c) = state.containers.get_mut(id) else {
                return;
            };
            let policy = &c.host_config.restart_policy;
            let wanted = match policy.name.as_str() {
                "always" | "unless-stopped" => !c.user_stopped,
                "on-failure" => {
                    let limit = u64::try_from(policy.maximum_retry_count).unwrap_or(0);
                    !c.user_stopped
                        && c.state.exit_code != 0
                        && (limit == 0 || c.restart_count < limit)
                }
                _ => false,
            };
            if !wanted || !self.serves() {
                return;
            }
            let doubled = if ran > LONG_RUN {
                0
            } else {
                c.restart_count.min(10)
            };
            c.restart_count += 1;
            c.state.status = "restarting".to_owned();
            c.state.restarting = true;
            FIRST_RESTART_WAIT
                .saturating_mul(1 << doubled)
                .min(LONGEST_RESTART_WAIT)
        };
        let _ = self.sys().sleep(wait).await;
        let still = {
            let mut state = self.state();
            let Some(c) = state.containers.get_mut(id) else {
                return;
            };
            // Somebody may have stopped or started it by now.
            if !std::mem::take(&mut c.state.restarting) {
                return;
            }
            c.state.status = "exited".to_owned();
            !c.user_stopped && self.serves()
        };
        if still {
            let _ = self.start_attached(id).await;
        }
    }
}

/// The sentence and exit code for a program that could not be started.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the C library has a word for every other error"
)]
fn start_error(before: &str, name: &str, errno: Errno, is_directory: bool) -> (Error, i64) {
    let (why, code) = match errno {
        Errno::EACCES if is_directory => ("is a directory: permission denied".to_owned(), 126),
        Errno::ENOENT if name.contains('/') => {
            (format!("stat {name}: no such file or directory"), 127)
        }
        Errno::ENOENT => ("executable file not found in $PATH".to_owned(), 127),
        Errno::ENOEXEC => (
            "this program is not modelled in this simulation".to_owned(),
            126,
        ),
        other => (other.text().to_ascii_lowercase(), 126),
    };
    (
        Error::invalid(format!("{before}: exec: \"{name}\": {why}")),
        code,
    )
}

/// Where programs are looked for if neither the user nor the image says. Source: moby `oci/defaults.go`.
pub(super) const DEFAULT_PATH: &str =
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// What is said last of a variable that is known takes its place; a name alone only takes it away. Source: moby
/// `container/env.go`, `ReplaceOrAppendEnvVars`.
fn replace_or_append(all: &mut Vec<String>, said: &[String]) {
    let before = all.len();
    for said in said {
        let key = said.split('=').next();
        let mut known = all.iter_mut().take(before);
        match known.find(|v| v.split('=').next() == key) {
            Some(known) => known.clone_from(said),
            None => all.push(said.clone()),
        }
    }
}

/// Returns the environment of a container's process: PATH first, then the host name, the terminal's kind, links, what the
/// user and the image say, what was given to this process alone. Source: moby `container/container_unix.go`,
/// `CreateDaemonEnvironment`.
fn environment(state: &State, c: &Container, tty: bool, given: &[String]) -> Vec<(String, String)> {
    let mut own = c.config.env.clone().unwrap_or_default();
    let is_path = |v: &&String| v.starts_with("PATH=");
    let mut all: Vec<String> = own.iter().filter(is_path).cloned().collect();
    if all.is_empty() {
        all.push(DEFAULT_PATH.to_owned());
    }
    all.push(format!("HOSTNAME={}", c.config.hostname));
    if tty {
        all.push("TERM=xterm".to_owned());
    }
    let bridge = state.networks.values().find(|n| n.name == "bridge");
    for link in &c.links {
        let Some(child) = state.containers.get(&link.child) else {
            continue;
        };
        let addr = bridge
            .and_then(|n| n.endpoints.get(&child.id))
            .and_then(|e| e.addr(false));
        if let Some(addr) = addr {
            let ports = exposed(&child.config);
            let ports = ports.into_iter().map(|(_, port)| port).collect();
            let env = child.config.env.clone().unwrap_or_default();
            all.extend(links::environment(
                &c.name,
                &link.alias,
                addr.addr(),
                ports,
                &env,
            ));
        }
    }
    own.retain(|v| !v.starts_with("PATH="));
    replace_or_append(&mut all, &own);
    replace_or_append(&mut all, given);
    let mut env: Vec<(String, String)> = Vec::new();
    for (key, value) in all.iter().filter_map(|v| v.split_once('=')) {
        // Of several that have one name runc keeps the last.
        env.retain(|(known, _)| known != key);
        env.push((key.to_owned(), value.to_owned()));
    }
    env
}
