//! What exists: the state of the whole world, in arenas.

use crate::fs::Tree;
use crate::ids::{MachineId, MountId, NetnsId};
use crate::net::Net;
use crate::process::Processes;
use crate::rng::Rng;
use crate::sched::EventQueue;
use crate::sock::Sockets;
use crate::time::Instant;
use crate::trace::Trace;
use sorted::SortedMap;
use std::any::Any;
use std::rc::Rc;

/// The state of the world: everything but the running programs themselves, which the executor ([`crate::world`]) owns.
pub struct Kernel {
    /// The virtual clock.
    pub now: Instant,
    /// Calendar time at [`Instant::ZERO`], seconds since 1970.
    pub epoch: u64,
    /// The source of everything random.
    pub rng: Rng,
    /// What happened to packets.
    pub trace: Trace,
    /// What will happen.
    pub queue: EventQueue,
    /// The machines, in order of making.
    pub machines: Vec<Machine>,
    /// Namespaces, devices, segments.
    pub net: Net,
    /// Sockets of all namespaces.
    pub sock: Sockets,
    /// Processes of all machines.
    pub proc: Processes,
    /// File trees, of machines and of containers.
    pub(crate) mounts: Vec<Option<Tree>>,
}

/// A simulated machine.
pub struct Machine {
    /// Its id.
    pub id: MachineId,
    /// Its name in the picture (and its first host name).
    pub name: Rc<str>,
    /// Its root network namespace.
    pub root_ns: NetnsId,
    /// Its file tree.
    pub root: MountId,
    /// Services that local programs reach through a path, as through an AF_UNIX socket; see [`crate::sys::Sys::service`].
    pub services: SortedMap<String, Rc<dyn Any>>,
    /// The pid that the next process gets.
    pub(crate) next_pid: u32,
    /// How many queueing disciplines got their number from this machine.
    pub(crate) qdiscs: u16,
    /// The kernel's own log (`dmesg`; LOG targets write here).
    pub kernel_log: Vec<(Instant, String)>,
}

impl Kernel {
    /// An empty world.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            now: Instant::ZERO,
            epoch: crate::time::DEFAULT_EPOCH,
            rng: Rng::new(seed),
            trace: Trace::default(),
            queue: EventQueue::default(),
            machines: Vec::new(),
            net: Net::default(),
            sock: Sockets::default(),
            proc: Processes::default(),
            mounts: Vec::new(),
        }
    }

    /// Makes a machine with an empty file tree and a root namespace that holds only `lo`.
    pub fn add_machine(&mut self, name: &str) -> MachineId {
        let id = MachineId(u32::try_from(self.machines.len()).unwrap_or(u32::MAX));
        let root_ns = self.netns_add(id);
        let root = self.add_tree(Tree::default());
        self.machines.push(Machine {
            id,
            name: name.into(),
            root_ns,
            root,
            services: SortedMap::new(),
            next_pid: 1,
            qdiscs: 0,
            kernel_log: Vec::new(),
        });
        self.proc.add_uts(name);
        id
    }

    /// The machine `id`.
    #[must_use]
    pub fn machine(&self, id: MachineId) -> Option<&Machine> {
        self.machines.get(id.index())
    }

    /// The machine that is called `name`.
    #[must_use]
    pub fn machine_named(&self, name: &str) -> Option<&Machine> {
        self.machines.iter().find(|m| &*m.name == name)
    }

    /// Adds a file tree.
    pub fn add_tree(&mut self, tree: Tree) -> MountId {
        self.mounts.push(Some(tree));
        MountId(u32::try_from(self.mounts.len() - 1).unwrap_or(u32::MAX))
    }
}
