//! The life of a process: starting, ending, waiting.

use super::files::{Fd, FileId};
use super::rlimit::Limits;
use super::signal::SignalSet;
use super::tty::TtyId;
use super::{Capabilities, ExitStatus, Process, ProcessState, UtsId, WaitKey};
use crate::errno::Errno;
use crate::fs::{Node, path};
use crate::ids::{MachineId, MountId, NetnsId, ProcessId};
use crate::state::Kernel;
use sorted::SortedMap;
use std::collections::VecDeque;

/// How many interpreters may be nested. Source: Linux `BINPRM_MAX_RECURSION`.
const MAX_INTERPRETERS: u32 = 5;

/// The longest argument or environment variable, bytes, its end counted. Source: Linux `MAX_ARG_STRLEN`.
const MAX_ARGUMENT: usize = 131_072;

/// The longest command line with its environment, bytes. Source: execve(2), a quarter of the default stack.
const MAX_ARGUMENTS: usize = 2 << 20;

/// What a new process is to be. [`Spawn::from_parent`] begins with what fork would inherit.
#[derive(Clone, Debug)]
pub struct Spawn {
    /// The command line; `argv[0]` names the program, looked up in `PATH` if it holds no slash.
    pub argv: Vec<String>,
    /// Environment.
    pub env: Vec<(String, String)>,
    /// Working directory.
    pub cwd: String,
    /// The machine.
    pub machine: MachineId,
    /// File tree.
    pub mount: MountId,
    /// Network namespace.
    pub netns: NetnsId,
    /// Host name.
    pub uts: UtsId,
    /// Pid namespace to join; see `new_pid_ns`.
    pub pid_ns: Option<ProcessId>,
    /// Becomes process 1 of a pid namespace of its own.
    pub new_pid_ns: bool,
    /// User id.
    pub uid: u32,
    /// Group id.
    pub gid: u32,
    /// Further groups that it is in.
    pub groups: Vec<u32>,
    /// Limits of its resources.
    pub limits: Limits,
    /// Capabilities.
    pub caps: Capabilities,
    /// Open files: each gets another reference.
    pub fds: SortedMap<Fd, FileId>,
    /// Terminal.
    pub tty: Option<TtyId>,
    /// The process group to join; `None` makes the process the leader of a new one.
    pub group: Option<ProcessId>,
    /// The parent; `None` for a machine's own first processes.
    pub parent: Option<ProcessId>,
    /// Signals that the program starts out ignoring (SIGINT for background jobs of a script).
    pub ignored: SignalSet,
    /// Whether it is killed when its parent ends (`PR_SET_PDEATHSIG`, see prctl(2)).
    pub dies_with_parent: bool,
}

/// What `exec` found at a path.
#[derive(Clone, Debug)]
pub enum Executable {
    /// A program of the world's table, by key.
    Program(std::rc::Rc<str>),
    /// A script, and its interpreter with one argument at most.
    Script {
        /// `/bin/sh`.
        interpreter: String,
        /// `-e`.
        argument: Option<String>,
    },
}

impl Spawn {
    /// A process on `machine` itself, as root, with nothing open.
    #[must_use]
    pub fn on_machine(kernel: &Kernel, machine: MachineId, argv: Vec<String>) -> Option<Self> {
        let m = kernel.machine(machine)?;
        Some(Self {
            argv,
            env: Vec::new(),
            cwd: "/root".into(),
            machine,
            mount: m.root,
            netns: m.root_ns,
            uts: Kernel::machine_uts(machine),
            pid_ns: None,
            new_pid_ns: false,
            uid: 0,
            gid: 0,
            groups: Vec::new(),
            limits: Limits::default(),
            caps: Capabilities::ALL,
            fds: SortedMap::new(),
            tty: None,
            group: None,
            parent: None,
            ignored: SignalSet::default(),
            dies_with_parent: false,
        })
    }

    /// A child of `parent` that inherits everything.
    #[must_use]
    pub fn from_parent(parent: &Process, argv: Vec<String>) -> Self {
        Self {
            argv,
            env: parent.env.clone(),
            cwd: parent.cwd.clone(),
            machine: parent.machine,
            mount: parent.mount,
            netns: parent.netns,
            uts: parent.uts,
            pid_ns: parent.pid_ns,
            new_pid_ns: false,
            uid: parent.uid,
            gid: parent.gid,
            groups: parent.groups.clone(),
            limits: parent.limits.clone(),
            caps: parent.caps,
            fds: parent.fds.clone(),
            tty: parent.tty,
            group: Some(parent.group),
            parent: Some(parent.id),
            ignored: parent.ignored,
            dies_with_parent: false,
        }
    }

    fn path_var(&self) -> &str {
        self.env.iter().find(|(k, _)| k == "PATH").map_or(
            "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            |(_, v)| v,
        )
    }
}

impl Kernel {
    /// Where the program `name` lies for a process with this tree, directory and `PATH`; the path as found, links followed.
    /// # Errors
    /// `ENOENT`; `EACCES` for a directory or a file that is not executable.
    pub fn find_program(
        &self,
        mount: MountId,
        cwd: &str,
        path_var: &str,
        name: &str,
    ) -> Result<String, Errno> {
        let check = |candidate: &str| -> Result<String, Errno> {
            let resolved = self.resolve(mount, candidate, true)?;
            let meta = self.lookup(mount, &resolved).ok_or(Errno::ENOENT)?;
            match meta.node {
                Node::Program(_) => Ok(resolved),
                Node::File(_) if meta.mode & 0o111 != 0 => Ok(resolved),
                _ => Err(Errno::EACCES),
            }
        };
        if name.is_empty() {
            return Err(Errno::ENOENT);
        }
        if name.contains('/') {
            return check(&path::absolute(cwd, name));
        }
        let mut error = Errno::ENOENT;
        for dir in path_var.split(':').filter(|d| !d.is_empty()) {
            match check(&path::absolute(dir, name)) {
                Ok(found) => return Ok(found),
                Err(Errno::EACCES) => error = Errno::EACCES,
                Err(_) => {}
            }
        }
        Err(error)
    }

    /// What kind of executable lies at a resolved path.
    /// # Errors
    /// `ENOENT`, `ENOEXEC`.
    pub fn executable(&self, mount: MountId, path: &str) -> Result<Executable, Errno> {
        match &self.lookup(mount, path).ok_or(Errno::ENOENT)?.node {
            Node::Program(key) => Ok(Executable::Program(key.clone())),
            Node::File(data) => {
                let head = data.split(|b| *b == b'\n').next().unwrap_or_default();
                let line =
                    String::from_utf8_lossy(head.get(..head.len().min(127)).unwrap_or_default())
                        .into_owned();
                let line = line.strip_prefix("#!").ok_or(Errno::ENOEXEC)?.trim();
                let (interpreter, argument) = line
                    .split_once(char::is_whitespace)
                    .map_or((line, None), |(i, a)| (i, Some(a.trim())));
                Ok(Executable::Script {
                    interpreter: interpreter.to_owned(),
                    argument: argument.map(str::to_owned),
                })
            }
            _ => Err(Errno::EACCES),
        }
    }

    /// Finds the program that a command line means: its key in the program table and its path. Rewrites `argv` for scripts as
    /// the kernel does (`interpreter [argument] path args...`).
    fn load_program(&self, spawn: &mut Spawn) -> Result<(std::rc::Rc<str>, String), Errno> {
        let strings = || {
            let variables = spawn.env.iter().map(|(k, v)| k.len() + 1 + v.len());
            spawn.argv.iter().map(String::len).chain(variables)
        };
        if strings().any(|len| len >= MAX_ARGUMENT) || strings().sum::<usize>() > MAX_ARGUMENTS {
            return Err(Errno::E2BIG);
        }
        let name = spawn.argv.first().cloned().unwrap_or_default();
        let exe = self.find_program(spawn.mount, &spawn.cwd, spawn.path_var(), &name)?;
        let mut path = exe.clone();
        for _ in 0..MAX_INTERPRETERS {
            match self.executable(spawn.mount, &path)? {
                Executable::Program(key) => return Ok((key, path)),
                Executable::Script {
                    interpreter,
                    argument,
                } => {
                    let mut argv = vec![interpreter.clone()];
                    argv.extend(argument);
                    // A script found through PATH sees its full path as $0.
                    argv.push(if name.contains('/') && path == exe {
                        name.clone()
                    } else {
                        path.clone()
                    });
                    argv.extend(spawn.argv.drain(..).skip(1));
                    spawn.argv = argv;
                    path = self.find_program(spawn.mount, "/", "", &interpreter)?;
                }
            }
        }
        Err(Errno::ELOOP)
    }

    /// Makes the process, without a task yet; says under which key its program stands in the program table.
    pub(crate) fn process_create(
        &mut self,
        mut spawn: Spawn,
    ) -> Result<(ProcessId, std::rc::Rc<str>), Errno> {
        let (key, path) = self.load_program(&mut spawn)?;
        Ok((self.process_insert(spawn, path)?, key))
    }

    /// Makes a process whose program lies at `path`, without a task yet.
    pub(crate) fn process_insert(
        &mut self,
        spawn: Spawn,
        path: String,
    ) -> Result<ProcessId, Errno> {
        let id = ProcessId(u32::try_from(self.proc.all.len()).unwrap_or(u32::MAX));
        if !spawn.new_pid_ns {
            self.proc.crowds.check(spawn.machine, spawn.pid_ns)?;
        }
        let machine = self
            .machines
            .get_mut(spawn.machine.index())
            .ok_or(Errno::ESRCH)?;
        let pid = machine.next_pid;
        machine.next_pid += 1;
        let pid_ns = if spawn.new_pid_ns {
            Some(id)
        } else {
            spawn.pid_ns
        };
        let ns_pid = match pid_ns {
            Some(first) if first == id => 1,
            Some(first) => self.proc.next_ns_pid(first),
            None => pid,
        };
        for file in spawn.fds.values() {
            self.proc.files.retain(*file);
        }
        if let Some(parent) = spawn.parent.and_then(|p| self.proc.get_mut(p)) {
            parent.children.push(id);
        }
        let sysfs = self.sysfs_of(&spawn);
        self.proc.insert(Process {
            id,
            machine: spawn.machine,
            pid,
            ns_pid,
            pid_ns,
            parent: spawn.parent,
            group: spawn.group.unwrap_or(id),
            netns: spawn.netns,
            sysfs,
            mount: spawn.mount,
            uts: spawn.uts,
            argv: spawn.argv,
            exe: path,
            cwd: spawn.cwd,
            env: spawn.env,
            uid: spawn.uid,
            gid: spawn.gid,
            groups: spawn.groups,
            limits: spawn.limits,
            caps: spawn.caps,
            fds: spawn.fds,
            state: ProcessState::Running,
            started: self.now,
            tty: spawn.tty,
            tasks: Vec::new(),
            caught: SignalSet::default(),
            ignored: spawn.ignored,
            dies_with_parent: spawn.dies_with_parent,
            pending: VecDeque::new(),
            children: Vec::new(),
            last_ns_pid: 1,
            orphaned: false,
            doomed: None,
            overfull: None,
            credit: super::limits::Credit::new(self.now),
        });
        Ok(id)
    }

    /// The namespace whose devices a new process finds under `/sys`: a file tree's first process mounts it, and others have it
    /// from their parent.
    fn sysfs_of(&self, spawn: &Spawn) -> NetnsId {
        let parent = spawn.parent.and_then(|p| self.proc.get(p));
        let machine = self.machine(spawn.machine);
        match (parent, machine) {
            (Some(parent), _) if parent.mount == spawn.mount => parent.sysfs,
            (_, Some(machine)) if machine.root == spawn.mount => machine.root_ns,
            _ => spawn.netns,
        }
    }

    /// Ends a process: closes its files, ends its pid namespace if it was the first in it, tells its parent.
    pub(crate) fn process_ended(&mut self, id: ProcessId, status: ExitStatus) {
        let Some(process) = self.proc.get_mut(id) else {
            return;
        };
        if matches!(process.state, ProcessState::Zombie(_)) {
            return;
        }
        process.state = ProcessState::Zombie(status);
        self.proc.ended += 1;
        let Some(process) = self.proc.get_mut(id) else {
            return;
        };
        let fds = std::mem::take(&mut process.fds);
        let children = std::mem::take(&mut process.children);
        let parent = process.parent;
        let orphaned = process.orphaned;
        let tasks = std::mem::take(&mut process.tasks);
        let first = process.pid_ns == Some(id);
        self.proc.dead_tasks.extend(tasks);
        for file in fds.into_values() {
            self.file_release(file);
        }
        if first {
            let members: Vec<_> = self
                .proc
                .all
                .iter()
                .flatten()
                .filter(|p| p.pid_ns == Some(id) && p.id != id)
                .map(|p| p.id)
                .collect();
            for member in members {
                self.process_ended(member, ExitStatus::Signal(super::signal::Signal::KILL));
            }
        }
        for child in children {
            if let Some(c) = self.proc.get_mut(child) {
                c.parent = None;
                c.orphaned = true;
                let dies_too = c.dies_with_parent;
                if matches!(c.state, ProcessState::Zombie(_)) {
                    self.proc.forget(child);
                } else if dies_too {
                    let _ = self.kill(child, super::signal::Signal::KILL);
                }
            }
        }
        self.proc.wake(WaitKey::Process(id));
        match parent {
            Some(parent) if self.proc.get(parent).is_some() => {
                self.proc.wake(WaitKey::Child(parent));
            }
            // Started from outside: whoever did asks with `reap`.
            None if !orphaned => {}
            _ => self.proc.forget(id),
        }
    }
}

impl Kernel {
    /// How a process that was started from outside (no parent) ended, and forgets it; `None` while it runs.
    pub fn reap(&mut self, id: ProcessId) -> Option<ExitStatus> {
        match self.proc.get(id).map(|p| p.state) {
            Some(ProcessState::Zombie(status)) => {
                self.proc.forget(id);
                Some(status)
            }
            _ => None,
        }
    }

    /// Gives a process another parent, which is told of its end.
    pub fn process_adopt(&mut self, id: ProcessId, parent: ProcessId) {
        let before = self.proc.get_mut(id).and_then(|p| p.parent.replace(parent));
        if let Some(before) = before.and_then(|before| self.proc.get_mut(before)) {
            before.children.retain(|child| *child != id);
        }
        if let Some(parent) = self.proc.get_mut(parent) {
            parent.children.push(id);
        }
    }

    /// Whether a process is gone or has ended.
    #[must_use]
    pub fn has_ended(&self, id: ProcessId) -> bool {
        !matches!(
            self.proc.get(id).map(|p| p.state),
            Some(ProcessState::Running | ProcessState::Paused)
        )
    }

    /// Turns a process into another program, as `execve(2)` does; says under which key the program stands.
    pub(crate) fn process_exec(
        &mut self,
        id: ProcessId,
        argv: Vec<String>,
        env: Vec<(String, String)>,
    ) -> Result<std::rc::Rc<str>, Errno> {
        let p = self.proc.get(id).ok_or(Errno::ESRCH)?;
        let mut spawn = Spawn::from_parent(p, argv);
        spawn.env = env;
        let (key, exe) = self.load_program(&mut spawn)?;
        let p = self.proc.get_mut(id).ok_or(Errno::ESRCH)?;
        p.argv = spawn.argv;
        p.env = spawn.env;
        p.exe = exe;
        // Handlers do not survive an exec, being ignored does.
        p.caught = SignalSet::default();
        self.proc.renamed.push(id);
        Ok(key)
    }
}
