//! Commands run in a container beside its first process.

use bytes::Bytes;
use kernel::ids::ProcessId;
use kernel::process::ExitStatus;

use crate::api::{
    ExecCreateRequest, ExecCreateResponse, ExecInspect, ExecProcessConfig, ExecStartRequest,
};
use crate::client::AttachOptions;
use crate::daemon::Engine;
use crate::error::{Error, Result};
use crate::logs::Output;
use crate::state::Exec;
use crate::stream::{Attached, Channel, Frame, Input, channel};

use super::capabilities::{capabilities, seccomp_lets_administer};
use super::checks;
use super::streams::Streams;

const EXEC_FAILED: &str = "OCI runtime exec failed: exec failed: unable to start container process";

impl Engine {
    /// `POST /containers/{id}/exec`.
    pub(crate) fn exec_create(
        &self,
        container: String,
        request: ExecCreateRequest,
    ) -> Result<ExecCreateResponse> {
        let container = self.running_for_exec(&container)?;
        if request.cmd.is_empty() {
            return Err(Error::invalid("No exec command specified"));
        }
        self.check_links(&container)?;
        let mount = self.state().containers.get(&container).map(|c| c.mount);
        if let Some(mount) = mount {
            self.user(mount, &request.user)?;
        }
        let id = self.add_exec(&container, request);
        Ok(ExecCreateResponse { id })
    }

    fn running_for_exec(&self, container: &str) -> Result<String> {
        let state = self.state();
        let c = state.find_container(container)?;
        checks::not_restarting(c)?;
        if !c.state.running {
            return Err(Error::conflict(format!(
                "container {} is not running",
                c.id
            )));
        }
        if c.state.paused {
            return Err(Error::conflict(format!(
                "Container {container} is paused, unpause the container before exec"
            )));
        }
        Ok(c.id.clone())
    }

    /// `POST /exec/{id}/start`.
    pub(crate) async fn exec_start(
        &self,
        exec: String,
        request: ExecStartRequest,
        options: AttachOptions,
    ) -> Result<Attached> {
        let (container, wanted) = {
            let mut state = self.state();
            let found = state
                .execs
                .get_mut(&exec)
                .ok_or_else(|| Error::not_found(format!("No such exec instance: {exec}")))?;
            if std::mem::replace(&mut found.started, true) {
                return Err(Error::conflict(format!(
                    "exec command {exec} has already run"
                )));
            }
            (found.container.clone(), found.request.clone())
        };
        self.running_for_exec(&container)?;
        let (sender, frames) = channel::<Frame>(self.sys());
        let console = options.console.filter(|_| wanted.tty && !request.detach);
        let streams = self
            .streams(wanted.tty, console, wanted.attach_stdin && !request.detach)
            .map_err(|e| Error::internal(e.text()))?;
        let process = match self.launch_exec(&exec, &container, &wanted, &streams) {
            Ok(process) => process,
            Err(error) => {
                if request.detach {
                    return Err(error);
                }
                let data = Bytes::from(format!("{error}\r\n"));
                sender.send(Frame {
                    channel: Channel::Stdout,
                    data,
                });
                return Ok(Attached {
                    output: frames,
                    input: None,
                });
            }
        };
        let output = Output::default();
        match (wanted.attach_stdout, wanted.attach_stderr) {
            (true, false) => output.attach(Some(Channel::Stdout), sender),
            (false, true) => output.attach(Some(Channel::Stderr), sender),
            _ => output.attach(None, sender),
        }
        let mut input = None;
        if wanted.attach_stdin && console.is_none() && !request.detach {
            let (sender, receiver) = channel(self.sys());
            self.feed(streams.stdin(), Some(receiver), true);
            input = Some(Input { sender });
        }
        let terminal = streams
            .terminal()
            .map(|tty| self.lend_terminal(tty, process));
        let engine = self.clone();
        self.sys().spawn_task(async move {
            let status = engine.watch(process, &output, streams.sources()).await;
            drop(terminal);
            engine.exec_ended(&exec, &container, status);
            // Only now, so that the exit code is known to whoever sees the end of the output.
            output.close();
        });
        Ok(Attached {
            output: frames,
            input,
        })
    }

    /// Keeps a command to be run in a container, and says so. Returns its id.
    pub(super) fn add_exec(&self, container: &str, request: ExecCreateRequest) -> String {
        let id = self.new_id();
        let line = event_line(&request);
        let exec = Exec {
            container: container.to_owned(),
            request,
            process: None,
            started: false,
            exit_code: None,
            pid: 0,
        };
        self.state().execs.insert(id.clone(), exec);
        let said = [("execID", id.clone())];
        self.container_event(&format!("exec_create: {line}"), container, &said);
        id
    }

    /// Starts a command that was kept, and says so. Errors: what the user reads, with the exit code kept.
    pub(super) fn launch_exec(
        &self,
        exec: &str,
        container: &str,
        wanted: &ExecCreateRequest,
        streams: &Streams,
    ) -> Result<ProcessId> {
        let said = [("execID", exec.to_owned())];
        let line = event_line(wanted);
        self.container_event(&format!("exec_start: {line}"), container, &said);
        if let Err((error, code)) = self.check_directory(container, &wanted.working_dir) {
            if let Some(e) = self.state().execs.get_mut(exec) {
                e.exit_code = Some(code);
            }
            streams.close_child_ends(self);
            return Err(error);
        }
        let spawned = self.spawn_exec(container, wanted, streams);
        streams.close_child_ends(self);
        let process = match spawned {
            Ok(process) => process,
            Err((name, errno)) => {
                let (error, code) = self.start_error(EXEC_FAILED, container, &name, errno);
                if let Some(e) = self.state().execs.get_mut(exec) {
                    e.exit_code = Some(code);
                }
                return Err(error);
            }
        };
        let pid = self
            .sys()
            .kernel(|k| k.proc.get(process).map_or(0, |p| u64::from(p.pid)));
        if let Some(e) = self.state().execs.get_mut(exec) {
            e.process = Some(process);
            e.pid = pid;
        }
        Ok(process)
    }

    /// Checks the directory that a command is to run in; it is not made, unlike that of a container's first process.
    fn check_directory(&self, container: &str, dir: &str) -> Result<(), (Error, i64)> {
        if dir.is_empty() {
            return Ok(());
        }
        if !dir.starts_with('/') {
            let why = "OCI runtime exec failed: exec failed: Cwd must be an absolute path";
            return Err((Error::invalid(why), 128));
        }
        let mount = self.state().containers.get(container).map(|c| c.mount);
        let exists = self.sys().kernel(|k| {
            let path = k.resolve(mount?, dir, true).ok()?;
            k.lookup(mount?, &path).map(|_node| ())
        });
        exists.ok_or_else(|| {
            let why = format!(
                "{EXEC_FAILED}: chdir to cwd (\"{dir}\") set in config.json failed: no such file or directory"
            );
            (Error::invalid(why), 127)
        })
    }

    /// Keeps how a command ended, and says so.
    pub(super) fn exec_ended(&self, exec: &str, container: &str, status: ExitStatus) {
        let code = i64::from(status.code());
        if let Some(e) = self.state().execs.get_mut(exec) {
            e.exit_code = Some(code);
            e.process = None;
        }
        let said = [("execID", exec.to_owned()), ("exitCode", code.to_string())];
        self.container_event("exec_die", container, &said);
    }

    fn spawn_exec(
        &self,
        container: &str,
        wanted: &ExecCreateRequest,
        streams: &Streams,
    ) -> Result<ProcessId, (String, kernel::Errno)> {
        let name = wanted.cmd.first().cloned().unwrap_or_default();
        let spawn = {
            let state = self.state();
            let made = state.containers.get(container).and_then(|c| {
                let mut spawn = self.spawn_in(&state, c, wanted.cmd.clone())?;
                let first = c.process?;
                let pid_ns = |k: &kernel::Kernel| k.proc.get(first).and_then(|first| first.pid_ns);
                spawn.pid_ns = self.sys().kernel(|k| pid_ns(k));
                // Another user than the container's has what that one gave up.
                spawn.caps = if wanted.privileged {
                    kernel::process::Capabilities {
                        sys_admin: seccomp_lets_administer(c),
                        ..kernel::process::Capabilities::ALL
                    }
                } else {
                    capabilities(c)
                };
                let user = if wanted.user.is_empty() {
                    &c.config.user
                } else {
                    &wanted.user
                };
                self.run_as(&mut spawn, user);
                let given = wanted.env.as_deref().unwrap_or_default();
                self.equip(&state, c, &mut spawn, wanted.tty, given);
                if !wanted.working_dir.is_empty() {
                    spawn.cwd.clone_from(&wanted.working_dir);
                }
                Some(spawn)
            });
            let mut spawn = made.ok_or_else(|| (name.clone(), kernel::Errno::ESRCH))?;
            streams.give_to(&mut spawn);
            spawn.parent = Some(self.sys().id());
            spawn
        };
        self.sys().spawn(spawn).map_err(|errno| (name, errno))
    }

    /// `GET /exec/{id}/json`.
    pub(crate) fn exec_inspect(&self, exec: String) -> Result<ExecInspect> {
        let state = self.state();
        let e = state
            .execs
            .get(&exec)
            .ok_or_else(|| Error::not_found(format!("No such exec instance: {exec}")))?;
        Ok(ExecInspect {
            id: exec.clone(),
            running: e.process.is_some(),
            exit_code: e.exit_code,
            process_config: ExecProcessConfig {
                tty: e.request.tty,
                entrypoint: e.request.cmd.first().cloned().unwrap_or_default(),
                arguments: e.request.cmd.iter().skip(1).cloned().collect(),
                privileged: e.request.privileged,
                user: e.request.user.clone(),
            },
            open_stdin: e.request.attach_stdin,
            open_stderr: e.request.attach_stderr,
            open_stdout: e.request.attach_stdout,
            container_id: e.container.clone(),
            pid: e.pid,
            ..ExecInspect::default()
        })
    }
}

/// A command as events tell it: a blank follows the program also where nothing comes after it.
fn event_line(request: &ExecCreateRequest) -> String {
    let (program, arguments) = request.cmd.split_first().unzip();
    let arguments = arguments.map_or_else(String::new, |rest| rest.join(" "));
    format!("{} {arguments}", program.map_or("", String::as_str))
}
