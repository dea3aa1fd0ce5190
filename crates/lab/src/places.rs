//! Where on the stage things are: from the kernel's ids to the screen's words.
//!
//! What was learned stays known, so that the journey of a packet can still be told when its container is gone.

use crate::view::place;
use engine::survey::{Glance, glance};
use kernel::Kernel;
use kernel::ids::{LinkId, MachineId, NetnsId, ProcessId};
use sorted::{SortedMap, SortedSet};

/// How many of the latest processes keep their names when they have ended.
const KEPT_PROCESSES: usize = 10_000;

/// What a namespace is on the stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Space {
    /// The machine's name.
    pub(crate) machine: String,
    /// The machine's name for its root namespace, else the container's name.
    pub(crate) name: String,
    /// The container's id; `None` for a root namespace.
    pub(crate) container: Option<String>,
    /// Whether it is drawn opened up, with hooks and bridges: the root namespace of a Docker machine.
    pub(crate) opened: bool,
}

impl Space {
    /// Where its processes are.
    pub(crate) fn inside(&self) -> String {
        match &self.container {
            Some(id) => place::container(&self.machine, id),
            None if self.opened => place::local(&self.machine),
            None => place::machine(&self.machine),
        }
    }

    /// Where one of its hooks is (a container's and an outside machine's hooks are not drawn apart).
    pub(crate) fn hook(&self, hook: &str) -> String {
        if self.opened {
            place::hook(&self.machine, hook)
        } else {
            self.inside()
        }
    }
}

/// Everything that was ever learned about ids.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places {
    spaces: SortedMap<NetnsId, Space>,
    links: SortedMap<LinkId, Device>,
    processes: SortedMap<ProcessId, String>,
    /// The processes that ran when they were last looked at.
    running: SortedSet<ProcessId>,
    /// Ended processes made before this one are forgotten.
    oldest: usize,
    seen: (usize, usize, usize),
}

/// What a device is on the stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Device {
    /// Its name in its namespace.
    pub(crate) name: String,
    /// Where it is drawn.
    pub(crate) place: String,
    /// What part it plays.
    pub(crate) role: DeviceRole,
    /// The container's namespace that it is in.
    inside: Option<NetnsId>,
}

/// The part that a device plays in the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DeviceRole {
    /// The edge of a machine: a NIC.
    Edge,
    /// A bridge.
    Bridge,
    /// The machine's end of a cable to a container.
    Port,
    /// An interface inside a container.
    Inside,
    /// A loopback device.
    Loopback,
    /// Anything else.
    Other,
}

impl Places {
    /// How many things there are and were: changes whenever something is made.
    pub(crate) fn count(kernel: &Kernel) -> (usize, usize, usize) {
        let (links, namespaces) = kernel.net.made();
        (links, namespaces, kernel.proc.count())
    }

    /// Learns what is new. Cheap if nothing is. True if something was made that is drawn.
    pub(crate) fn learn(&mut self, kernel: &Kernel) -> bool {
        let count = Self::count(kernel);
        if self.seen == count {
            return false;
        }
        let drawn = (self.seen.0, self.seen.1) != (count.0, count.1);
        self.seen = count;
        for machine in &kernel.machines {
            let glance = glance(kernel, machine.id);
            self.learn_machine(kernel, machine.id, glance.as_ref());
        }
        drawn
    }

    /// Learns what processes are called by now: an entrypoint script becomes the server that it starts.
    pub(crate) fn rename(&mut self, kernel: &Kernel) {
        for process in kernel.machines.iter().flat_map(|m| kernel.proc.of(m.id)) {
            self.running.insert(process.id);
        }
        self.oldest = kernel.proc.count().saturating_sub(KEPT_PROCESSES);
        let (processes, oldest) = (&mut self.processes, self.oldest);
        self.running.retain(|id| {
            let alive = kernel.proc.get(*id).is_some();
            if let Some(name) = kernel.proc.name(*id)
                && processes.get(id) != Some(&name)
            {
                processes.insert(*id, name);
            }
            alive
        });
        if processes.len() > self.running.len() + 2 * KEPT_PROCESSES {
            processes.retain(|id, _| id.index() >= oldest || self.running.contains(id));
        }
    }

    fn learn_machine(&mut self, kernel: &Kernel, id: MachineId, glance: Option<&Glance>) {
        let Some(machine) = kernel.machine(id) else {
            return;
        };
        let name = machine.name.to_string();
        let opened =
            glance.is_some() || self.spaces.get(&machine.root_ns).is_some_and(|s| s.opened);
        let root = Space {
            machine: name.clone(),
            name: name.clone(),
            container: None,
            opened,
        };
        self.spaces.insert(machine.root_ns, root);
        self.running.extend(kernel.proc.of(id).map(|p| p.id));
        let empty = Glance::default();
        let glance = glance.unwrap_or(&empty);
        for sandbox in &glance.sandboxes {
            let netns = sandbox.netns;
            if netns == machine.root_ns {
                continue;
            }
            let known = self.spaces.get(&netns).is_some_and(|space| {
                space.name == sandbox.name && space.container.as_ref() == Some(&sandbox.id)
            });
            if !known {
                let space = Space {
                    machine: name.clone(),
                    name: sandbox.name.clone(),
                    container: Some(sandbox.id.clone()),
                    opened: false,
                };
                self.spaces.insert(netns, space);
            }
            for link in kernel.links(netns) {
                self.learn_inner_link(kernel, link, netns, known);
            }
        }
        for link in kernel.links(machine.root_ns) {
            self.learn_root_link(kernel, link, &name, opened, glance);
        }
    }

    /// A device in a container's namespace, which was known before or not.
    fn learn_inner_link(&mut self, kernel: &Kernel, id: LinkId, ns: NetnsId, known: bool) {
        let Some(link) = kernel.link(id) else { return };
        let same = |d: &Device| *d.name == *link.name && d.inside == Some(ns);
        if known && self.links.get(&id).is_some_and(same) {
            return;
        }
        let Some(space) = self.spaces.get(&ns) else {
            return;
        };
        let role = if &*link.name == "lo" {
            DeviceRole::Loopback
        } else {
            DeviceRole::Inside
        };
        self.links.insert(
            id,
            Device {
                name: link.name.to_string(),
                place: space.inside(),
                role,
                inside: Some(ns),
            },
        );
    }

    fn learn_root_link(
        &mut self,
        kernel: &Kernel,
        id: LinkId,
        machine: &str,
        opened: bool,
        glance: &Glance,
    ) {
        let Some(link) = kernel.link(id) else { return };
        let bridge_of = |name: &str| {
            glance
                .bridges
                .iter()
                .find(|(bridge, _)| bridge == name)
                .map(|(_, network)| place::network(machine, network))
        };
        let (place, role) = if &*link.name == "lo" {
            (
                if opened {
                    place::local(machine)
                } else {
                    place::machine(machine)
                },
                DeviceRole::Loopback,
            )
        } else if let Some(network) = bridge_of(&link.name) {
            (network, DeviceRole::Bridge)
        } else if let Some(master) = link.master.and_then(|m| kernel.link(m)) {
            (
                bridge_of(&master.name).unwrap_or_else(|| place::local(machine)),
                DeviceRole::Port,
            )
        } else if opened {
            (place::port(machine, &link.name), DeviceRole::Edge)
        } else {
            (place::machine(machine), DeviceRole::Edge)
        };
        // A cable's end is known before its bridge is: what is learned later is better.
        self.links.insert(
            id,
            Device {
                name: link.name.to_string(),
                place,
                role,
                inside: None,
            },
        );
    }

    /// What a namespace is.
    pub(crate) fn space(&self, ns: NetnsId) -> Option<&Space> {
        self.spaces.get(&ns)
    }

    /// What a device is.
    pub(crate) fn device(&self, link: LinkId) -> Option<&Device> {
        self.links.get(&link)
    }

    /// A process's short name.
    pub(crate) fn process(&self, id: ProcessId) -> &str {
        let known = self.processes.get(&id);
        known
            .filter(|_| id.index() >= self.oldest || self.running.contains(&id))
            .map_or("a program", String::as_str)
    }
}
