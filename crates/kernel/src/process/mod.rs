//! Processes: who runs, where, as whom, and with which open files.

pub mod exec;
pub mod files;
mod limits;
pub mod local;
mod open;
mod pipe;
pub mod rlimit;
pub mod signal;
pub mod tty;

use crate::errno::Errno;
use crate::ids::{MachineId, MountId, NetnsId, ProcessId, TaskId};
use crate::map::Lookup;
use crate::state::Kernel;
use crate::time::Instant;
use files::{Fd, FileId, Files};
use signal::{Signal, SignalSet};
use sorted::SortedMap;
use std::collections::VecDeque;
use std::rc::Rc;
use tty::{Tty, TtyId};

/// A host name shared by processes (a UTS namespace). The first ones belong to the machines, in order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UtsId(pub u32);

/// What a UTS namespace holds.
#[derive(Clone, Debug)]
pub(crate) struct Uts {
    host: Rc<str>,
    domain: Rc<str>,
}

/// What Linux has for a name that nobody set.
const UNNAMED: &str = "(none)";

/// What a process may do beyond the ordinary. Only what the network tools ask for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Capabilities {
    /// CAP_NET_ADMIN: change links, addresses, routes, rules.
    pub net_admin: bool,
    /// CAP_NET_RAW: raw and packet sockets.
    pub net_raw: bool,
    /// CAP_NET_BIND_SERVICE: ports below `ip_unprivileged_port_start`.
    pub net_bind: bool,
    /// CAP_SYS_ADMIN: enter namespaces, write sysctls of the machine.
    pub sys_admin: bool,
}

impl Capabilities {
    /// What root on the machine may.
    pub const ALL: Self = Self {
        net_admin: true,
        net_raw: true,
        net_bind: true,
        sys_admin: true,
    };
    /// What everybody else may.
    pub const NONE: Self = Self {
        net_admin: false,
        net_raw: false,
        net_bind: false,
        sys_admin: false,
    };
    /// What root in a container may by default. Source: moby `oci/caps/defaults.go`.
    pub const CONTAINER: Self = Self {
        net_admin: false,
        net_raw: true,
        net_bind: true,
        sys_admin: false,
    };
}

/// Where a process is in its life.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProcessState {
    /// Running or sleeping.
    Running,
    /// Frozen by `docker pause` or SIGSTOP.
    Paused,
    /// Ended, not yet waited for: its wait status.
    Zombie(ExitStatus),
}

/// How a process ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExitStatus {
    /// It returned this.
    Code(i32),
    /// A signal ended it.
    Signal(Signal),
}

impl ExitStatus {
    /// What a shell shows as `$?`: the code, or 128 and the signal's number.
    #[must_use]
    pub const fn code(self) -> i32 {
        match self {
            Self::Code(code) => code & 0xff,
            Self::Signal(signal) => 128 + signal.number(),
        }
    }
}

/// A process.
pub struct Process {
    /// Its id in the world.
    pub id: ProcessId,
    /// The machine it runs on.
    pub machine: MachineId,
    /// The pid that the machine shows.
    pub pid: u32,
    /// The pid in its own pid namespace (1 for a container's first process).
    pub ns_pid: u32,
    /// The first process of its pid namespace; itself for a container's first, `None` on the machine itself.
    pub pid_ns: Option<ProcessId>,
    /// Its parent.
    pub parent: Option<ProcessId>,
    /// Its process group: the id of the group's leader.
    pub group: ProcessId,
    /// Its network namespace.
    pub netns: NetnsId,
    /// The namespace whose devices `/sys` shows: that in which it was mounted, whatever is entered later. See sysfs(5).
    pub sysfs: NetnsId,
    /// Its file tree.
    pub mount: MountId,
    /// Its host name's namespace.
    pub uts: UtsId,
    /// The command line, `argv[0]` included.
    pub argv: Vec<String>,
    /// The resolved path of the program.
    pub exe: String,
    /// Working directory.
    pub cwd: String,
    /// Environment, in the order in which it was given.
    pub env: Vec<(String, String)>,
    /// User id.
    pub uid: u32,
    /// Group id.
    pub gid: u32,
    /// Further groups that it is in.
    pub groups: Vec<u32>,
    /// Limits of its resources.
    pub limits: rlimit::Limits,
    /// Capabilities.
    pub caps: Capabilities,
    /// Open files.
    pub fds: SortedMap<Fd, FileId>,
    /// Where it is in its life.
    pub state: ProcessState,
    /// When it was started.
    pub started: Instant,
    /// The terminal that signals from the keyboard come from.
    pub tty: Option<TtyId>,
    pub(crate) tasks: Vec<TaskId>,
    pub(crate) caught: SignalSet,
    pub(crate) ignored: SignalSet,
    pub(crate) pending: VecDeque<Signal>,
    pub(crate) children: Vec<ProcessId>,
    /// For the first process of a pid namespace: the last pid given in it.
    pub(crate) last_ns_pid: u32,
    /// Its parent ended before it: nobody will ask how it ends.
    pub(crate) orphaned: bool,
    /// It is killed when its parent ends.
    pub(crate) dies_with_parent: bool,
    /// Told to end; the executor drops its tasks.
    pub(crate) doomed: Option<ExitStatus>,
    /// What it printed into without waiting for room: it goes on when there is.
    pub(crate) overfull: Option<WaitKey>,
    /// What system calls it may still make before they cost time.
    pub(crate) credit: limits::Credit,
}

impl Process {
    /// The short name: `comm`, at most 15 characters of the program's file name.
    #[must_use]
    pub fn comm(&self) -> String {
        self.short_name().to_owned()
    }

    fn short_name(&self) -> &str {
        // A title that the program gave itself (`nginx: worker process`, `redis-server *:6379`) does not change the name.
        let name = self
            .argv
            .first()
            .filter(|name| !name.contains(' '))
            .unwrap_or(&self.exe);
        let file = name.rsplit('/').next().unwrap_or(name);
        let file = file.trim_start_matches('-');
        match file.char_indices().nth(15) {
            Some((end, _)) => file.get(..end).unwrap_or(file),
            None => file,
        }
    }

    /// The value of an environment variable.
    #[must_use]
    pub fn env(&self, key: &str) -> Option<&str> {
        self.env
            .iter()
            .find(|(k, _)| k == key)
            .map(|(_, v)| v.as_str())
    }
}

/// What a task waits for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum WaitKey {
    /// A socket became readable, writable, connected or broken.
    Socket(crate::ids::SocketId),
    /// A pipe, sink or terminal changed.
    File(FileId),
    /// A pipe's buffer changed.
    Pipe(u32),
    /// A stream leads to a listening socket of AF_UNIX.
    Door(local::DoorId),
    /// A terminal has input.
    Tty(TtyId),
    /// A terminal shows more.
    TtyOutput(TtyId),
    /// A child of this process ended.
    Child(ProcessId),
    /// This process got a signal, or was thawed.
    Process(ProcessId),
    /// A condition between tasks; see [`crate::sys::Sys::notify`].
    Condition(u32),
}

/// A program's future: its exit code.
pub type Running = std::pin::Pin<Box<dyn Future<Output = i32>>>;

/// A task that the executor has not seen yet.
pub(crate) struct NewTask {
    pub(crate) id: TaskId,
    pub(crate) process: ProcessId,
    /// Whether the process ends with it.
    pub(crate) main: bool,
    pub(crate) future: Running,
}

/// All processes, and what the executor needs to know about their tasks.
#[derive(Default)]
pub struct Processes {
    /// By id; ended and waited-for ones are `None`.
    pub(crate) all: Vec<Option<Process>>,
    by_pid: SortedMap<(MachineId, u32), ProcessId>,
    crowds: limits::Crowds,
    departed: limits::Departed,
    /// Those that became another program, in the order in which they did.
    pub(crate) renamed: Vec<ProcessId>,
    ended: usize,
    pub(crate) uts: Vec<Uts>,
    /// Open files of all processes.
    pub files: Files,
    /// Terminals.
    pub ttys: Vec<Tty>,
    waiters: Lookup<WaitKey, Vec<TaskId>>,
    pub(crate) ready: VecDeque<TaskId>,
    pub(crate) new_tasks: Vec<NewTask>,
    pub(crate) dead_tasks: Vec<TaskId>,
    pub(crate) current: Option<TaskId>,
    pub(crate) next_task: u32,
    pub(crate) next_condition: u32,
    pub(crate) doors: local::Doors,
}

impl Processes {
    pub(crate) fn add_uts(&mut self, name: &str) -> UtsId {
        self.uts.push(Uts {
            host: name.into(),
            domain: UNNAMED.into(),
        });
        UtsId(u32::try_from(self.uts.len() - 1).unwrap_or(u32::MAX))
    }

    /// The process `id`, if it is still there (a zombie is).
    #[must_use]
    pub fn get(&self, id: ProcessId) -> Option<&Process> {
        self.all.get(id.index())?.as_ref()
    }

    /// The process `id`, to change it.
    pub fn get_mut(&mut self, id: ProcessId) -> Option<&mut Process> {
        self.all.get_mut(id.index())?.as_mut()
    }

    /// The process that a machine shows under `pid`.
    #[must_use]
    pub fn by_pid(&self, machine: MachineId, pid: u32) -> Option<ProcessId> {
        self.by_pid.get(&(machine, pid)).copied()
    }

    /// How many processes there ever were.
    #[must_use]
    pub fn count(&self) -> usize {
        self.all.len()
    }

    /// The processes made since there had been so many, that are still there, in order of making.
    pub fn since(&self, made: usize) -> impl Iterator<Item = &Process> {
        self.all.iter().skip(made).flatten()
    }

    /// Processes that became another program since so many had, in that order.
    #[must_use]
    pub fn renamed_since(&self, count: usize) -> &[ProcessId] {
        self.renamed.get(count..).unwrap_or_default()
    }

    /// The processes of a machine, by pid.
    pub fn of(&self, machine: MachineId) -> impl Iterator<Item = &Process> {
        self.by_pid
            .range((machine, 0)..=(machine, u32::MAX))
            .filter_map(|(_, id)| self.get(*id))
    }

    /// The host name of a UTS namespace.
    #[must_use]
    pub fn hostname(&self, uts: UtsId) -> Rc<str> {
        self.uts
            .get(uts.0 as usize)
            .map_or_else(|| UNNAMED.into(), |uts| Rc::clone(&uts.host))
    }

    /// Sets a host name.
    pub fn set_hostname(&mut self, uts: UtsId, name: &str) {
        if let Some(slot) = self.uts.get_mut(uts.0 as usize) {
            slot.host = name.into();
        }
    }

    /// The domain of a UTS namespace, the NIS one that `domainname` tells of.
    #[must_use]
    pub fn domain(&self, uts: UtsId) -> &str {
        let found = self.uts.get(uts.0 as usize);
        found.map_or(UNNAMED, |uts| &uts.domain)
    }

    /// Sets the domain.
    pub fn set_domain(&mut self, uts: UtsId, name: &str) {
        if let Some(slot) = self.uts.get_mut(uts.0 as usize) {
            slot.domain = name.into();
        }
    }

    /// How many processes have ended so far.
    #[must_use]
    pub const fn ended(&self) -> usize {
        self.ended
    }

    /// The short name of a process, also of one that ended not long ago.
    #[must_use]
    pub fn name(&self, id: ProcessId) -> Option<&str> {
        match self.get(id) {
            Some(process) => Some(process.short_name()),
            None => self.departed.name(id),
        }
    }

    pub(crate) fn insert(&mut self, process: Process) {
        self.crowds.grow(process.machine, process.pid_ns);
        self.by_pid
            .insert((process.machine, process.pid), process.id);
        let index = process.id.index();
        while self.all.len() <= index {
            self.all.push(None);
        }
        if let Some(slot) = self.all.get_mut(index) {
            *slot = Some(process);
        }
    }

    /// The next pid in the pid namespace that `first` began.
    pub(crate) fn next_ns_pid(&mut self, first: ProcessId) -> u32 {
        self.get_mut(first).map_or(1, |p| {
            p.last_ns_pid += 1;
            p.last_ns_pid
        })
    }

    /// Puts a process into the pid namespace that `first` began, with a number of its own there; `None`: the machine's.
    /// It stands for the child that `setns` and `fork` would make.
    pub fn enter_pid_ns(&mut self, id: ProcessId, first: Option<ProcessId>) {
        let Some(was) = self.get(id).map(|p| (p.machine, p.pid_ns)) else {
            return;
        };
        if was.1 == first {
            return;
        }
        let number = first.map(|first| self.next_ns_pid(first));
        self.crowds.shrink(was.0, was.1);
        self.crowds.grow(was.0, first);
        if let Some(p) = self.get_mut(id) {
            p.pid_ns = first;
            p.ns_pid = number.unwrap_or(p.pid);
        }
    }

    pub(crate) fn forget(&mut self, id: ProcessId) {
        if let Some(process) = self.all.get_mut(id.index()).and_then(Option::take) {
            self.by_pid.remove(&(process.machine, process.pid));
            self.crowds.shrink(process.machine, process.pid_ns);
            self.departed.note(id, process.comm());
        }
    }

    pub(crate) const fn new_task_id(&mut self) -> TaskId {
        let id = TaskId(self.next_task);
        self.next_task += 1;
        id
    }

    /// Whether the running task has to leave its system call for a signal: only a process's main task handles them.
    pub(crate) fn is_interrupted(&self, id: ProcessId) -> bool {
        self.get(id)
            .is_some_and(|p| !p.pending.is_empty() && p.tasks.first().copied() == self.current)
    }

    /// Lets the running task be woken by `key`.
    pub(crate) fn wait_on(&mut self, key: WaitKey) {
        if let Some(task) = self.current {
            let list = self.waiters.or_insert_with(key, Vec::new);
            if !list.contains(&task) {
                list.push(task);
            }
        }
    }

    /// Wakes every task that waits for `key`.
    pub fn wake(&mut self, key: WaitKey) {
        if let Some(tasks) = self.waiters.remove(&key) {
            self.ready.extend(tasks);
        }
    }
}

impl Kernel {
    /// A UTS namespace of its own, with this host name.
    pub fn add_hostname(&mut self, name: &str) -> UtsId {
        self.proc.add_uts(name)
    }

    /// The UTS namespace of a machine itself.
    #[must_use]
    pub const fn machine_uts(machine: MachineId) -> UtsId {
        UtsId(machine.0)
    }

    /// Sends a signal to a process, as `kill(2)` does.
    /// # Errors
    /// `ESRCH` if it is not there any more.
    pub fn kill(&mut self, id: ProcessId, signal: Signal) -> Result<(), Errno> {
        let process = self.proc.get_mut(id).ok_or(Errno::ESRCH)?;
        if matches!(process.state, ProcessState::Zombie(_)) {
            return Ok(());
        }
        match signal {
            Signal::KILL => process.doomed = Some(ExitStatus::Signal(signal)),
            Signal::STOP => process.state = ProcessState::Paused,
            Signal::CONT => process.state = ProcessState::Running,
            _ if process.caught.contains(signal) => process.pending.push_back(signal),
            // The first process of a pid namespace gets no signal that it does not catch (pid_namespaces(7)).
            _ if process.ignored.contains(signal)
                || signal.ignored_by_default()
                || process.pid_ns == Some(id) => {}
            _ => process.doomed = Some(ExitStatus::Signal(signal)),
        }
        let tasks = process.tasks.clone();
        self.proc.ready.extend(tasks);
        self.proc.wake(WaitKey::Process(id));
        Ok(())
    }

    /// Sends a signal to every process of a group.
    pub fn kill_group(&mut self, group: ProcessId, signal: Signal) {
        let members: Vec<_> = self
            .proc
            .all
            .iter()
            .flatten()
            .filter(|p| p.group == group)
            .map(|p| p.id)
            .collect();
        for id in members {
            let _ = self.kill(id, signal);
        }
    }

    /// Freezes or thaws a process and all others of its pid namespace (the cgroup freezer, as `docker pause` uses it).
    pub fn freeze(&mut self, first: ProcessId, frozen: bool) {
        let state = if frozen {
            ProcessState::Paused
        } else {
            ProcessState::Running
        };
        let mut woken = Vec::new();
        for process in self.proc.all.iter_mut().flatten() {
            if process.pid_ns == Some(first) && !matches!(process.state, ProcessState::Zombie(_)) {
                process.state = state;
                woken.extend_from_slice(&process.tasks);
            }
        }
        self.proc.ready.extend(woken);
    }
}
