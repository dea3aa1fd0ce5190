//! Where on the stage things are: from the kernel's ids to the screen's words.
//!
//! What was learned stays known, so that the journey of a packet can still be told when its container is gone.

use crate::handmade;
use crate::view::place;
use engine::survey::{Backstage, Sandbox, glance};
use kernel::Kernel;
use kernel::ids::{LinkId, MachineId, NetnsId, ProcessId};
use kernel::map::Lookup;
use kernel::net::{Link, LinkKind};
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
    /// The network that it is the part of which this machine has.
    pub(crate) network: Option<String>,
    /// Whether somebody made it by hand, and named it.
    pub(crate) by_hand: bool,
}

impl Space {
    /// Whether it is a machine's root namespace.
    pub(crate) fn is_root(&self) -> bool {
        self.container.is_none() && self.network.is_none() && !self.by_hand
    }

    /// Where its processes are.
    pub(crate) fn inside(&self) -> String {
        if let Some(network) = &self.network {
            return place::network(&self.machine, network);
        }
        match &self.container {
            Some(id) => place::container(&self.machine, id),
            None if self.by_hand => place::namespace(&self.machine, &self.name),
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
    spaces: Lookup<NetnsId, Space>,
    links: Lookup<LinkId, Device>,
    processes: SortedMap<ProcessId, String>,
    /// The processes that ran when they were last looked at, and maybe some that were made after [`Self::oldest`].
    running: SortedSet<ProcessId>,
    /// Ended processes made before this one are forgotten.
    oldest: usize,
    /// How many processes had become another program when that was last looked at.
    renamed: usize,
    /// How many devices and namespaces there were, and how many processes.
    seen: (usize, usize),
    made: usize,
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
    /// What it was a port of, among how many bridges of networks, and whether it was such a bridge or stood for one, when it was
    /// looked at last.
    under: (Option<LinkId>, usize, bool),
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
    /// The end of a tunnel to other machines.
    Tunnel,
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

    /// Learns what is new. Cheap unless it is drawn: true if it is, since a namespace or a device was made.
    pub(crate) fn learn(&mut self, kernel: &Kernel) -> bool {
        let strange = self.learn_processes(kernel);
        let made = kernel.net.made();
        let drawn = self.seen != made;
        let known = std::mem::replace(&mut self.seen, made).0;
        if drawn || strange {
            self.learn_since(kernel, known);
        }
        drawn
    }

    /// Learns of new processes; whether a first one runs in a namespace that is not known yet. They come and go by the dozen
    /// for each command, so that not all is looked at again for each of them.
    fn learn_processes(&mut self, kernel: &Kernel) -> bool {
        let mut strange = false;
        for process in kernel.proc.since(self.made) {
            strange |= !self.spaces.contains(&process.netns);
            self.running.insert(process.id);
            self.name_process(kernel, process.id);
        }
        self.made = kernel.proc.count();
        strange
    }

    /// Looks at all that is drawn: a container gets another name, and a cable's end a bridge, after it was made.
    pub(crate) fn learn_all(&mut self, kernel: &Kernel) {
        self.learn_since(kernel, 0);
    }

    /// Looks at the namespaces that are not known yet, and at the devices made since there had been so many.
    fn learn_since(&mut self, kernel: &Kernel, devices: usize) {
        for machine in &kernel.machines {
            self.learn_machine(kernel, machine.id, devices);
        }
    }

    /// Learns what processes are called by now: an entrypoint script becomes the server that it starts.
    pub(crate) fn rename(&mut self, kernel: &Kernel) {
        if self.learn_processes(kernel) {
            self.learn_since(kernel, self.seen.0);
        }
        let renamed = kernel.proc.renamed_since(self.renamed);
        self.renamed += renamed.len();
        for id in renamed {
            self.name_process(kernel, *id);
        }
        self.oldest = kernel.proc.count().saturating_sub(KEPT_PROCESSES);
        if self.oldest > 0 {
            self.running.retain(|id| kernel.proc.get(*id).is_some());
        }
        let (oldest, running) = (self.oldest, &self.running);
        if self.processes.len() > running.len() + 2 * KEPT_PROCESSES {
            self.processes
                .retain(|id, _| id.index() >= oldest || running.contains(id));
        }
    }

    fn name_process(&mut self, kernel: &Kernel, id: ProcessId) {
        if let Some(name) = kernel.proc.name(id) {
            self.processes.insert(id, name.to_owned());
        }
    }

    fn learn_machine(&mut self, kernel: &Kernel, id: MachineId, devices: usize) {
        let Some(machine) = kernel.machine(id) else {
            return;
        };
        let name = &*machine.name;
        let bridges = glance(kernel, id, |sandbox| {
            if sandbox.netns != machine.root_ns {
                self.learn_sandbox(kernel, name, sandbox, devices);
            }
        });
        let before = self.spaces.get(&machine.root_ns).map(|s| s.opened);
        let opened = bridges.is_some() || before == Some(true);
        // An engine that has come changes where all of them are drawn.
        let devices = if before == Some(opened) { devices } else { 0 };
        let root = Space {
            machine: name.to_owned(),
            name: name.to_owned(),
            container: None,
            opened,
            network: None,
            by_hand: false,
        };
        self.spaces.insert(machine.root_ns, root);
        for backstage in engine::survey::backstage(kernel, id) {
            self.learn_backstage(kernel, name, &backstage);
        }
        // Without an engine nobody can tell what is its own.
        let known = bridges.as_ref().map(Vec::len);
        let mut bridges = bridges.unwrap_or_default();
        if known.is_some() {
            let handmade = handmade::find(
                kernel,
                id,
                |name| bridges.iter().any(|(bridge, _)| bridge == name),
                |ns| self.spaces.get(&ns).is_some_and(|s| s.container.is_some()),
            );
            for (name, ns) in &handmade.namespaces {
                self.learn_named(kernel, &machine.name, name, *ns);
            }
            let bars = handmade.bars.iter().map(|bar| bar.name.to_string());
            bridges.extend(bars.map(|bar| (bar.clone(), bar)));
        }
        let known = known.unwrap_or_default();
        for link in kernel.links_since(machine.root_ns, devices) {
            self.learn_root_link(kernel, link, name, opened, &bridges, known);
        }
    }

    fn learn_sandbox(
        &mut self,
        kernel: &Kernel,
        machine: &str,
        sandbox: Sandbox<'_>,
        devices: usize,
    ) {
        let netns = sandbox.netns;
        let known = self.spaces.get(&netns).is_some_and(|space| {
            space.name == sandbox.name && space.container.as_deref() == Some(sandbox.id)
        });
        if !known {
            let space = Space {
                machine: machine.to_owned(),
                name: sandbox.name.to_owned(),
                container: Some(sandbox.id.to_owned()),
                opened: false,
                network: None,
                by_hand: false,
            };
            self.spaces.insert(netns, space);
        }
        let devices = if known { devices } else { 0 };
        for link in kernel.links_since(netns, devices) {
            self.learn_inner_link(link, netns, known);
        }
    }

    /// The namespace of an overlay network or of its balancer: all of it is at the network's place.
    fn learn_backstage(&mut self, kernel: &Kernel, machine: &str, at: &Backstage) {
        let space = Space {
            machine: machine.to_owned(),
            name: at.name.clone(),
            container: None,
            opened: false,
            network: Some(at.network.clone()),
            by_hand: false,
        };
        let place = space.inside();
        self.spaces.insert(at.netns, space);
        for link in kernel.links_since(at.netns, 0) {
            let role = match &link.kind {
                LinkKind::Loopback => DeviceRole::Loopback,
                LinkKind::Bridge(_) => DeviceRole::Bridge,
                LinkKind::Vxlan(_) => DeviceRole::Tunnel,
                _ if link.master.is_some() => DeviceRole::Port,
                _ => DeviceRole::Inside,
            };
            let device = Device {
                name: link.name.to_string(),
                place: place.clone(),
                role,
                inside: Some(at.netns),
                under: (None, 0, false),
            };
            self.links.insert(link.id, device);
        }
    }

    /// A namespace that was made by hand. There are few of them, so that all is looked at again.
    fn learn_named(&mut self, kernel: &Kernel, machine: &str, name: &str, netns: NetnsId) {
        let space = Space {
            machine: machine.to_owned(),
            name: name.to_owned(),
            container: None,
            opened: false,
            network: None,
            by_hand: true,
        };
        self.spaces.insert(netns, space);
        for link in kernel.links_since(netns, 0) {
            self.learn_inner_link(link, netns, false);
        }
    }

    /// A device in a container's namespace, which was known before or not.
    fn learn_inner_link(&mut self, link: &Link, ns: NetnsId, known: bool) {
        let same = |d: &Device| *d.name == *link.name && d.inside == Some(ns);
        if known && self.links.get(&link.id).is_some_and(same) {
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
            link.id,
            Device {
                name: link.name.to_string(),
                place: space.inside(),
                role,
                inside: Some(ns),
                under: (None, 0, false),
            },
        );
    }

    fn learn_root_link(
        &mut self,
        kernel: &Kernel,
        link: &Link,
        machine: &str,
        opened: bool,
        bridges: &[(String, String)],
        networks: usize,
    ) {
        // Only the name, the bridge, whether that bridge is known to be a network's, and whether it stands for one itself,
        // change where it is drawn.
        let bar = bridges.iter().any(|(bridge, _)| *bridge == *link.name);
        let under = (link.master, networks, bar);
        let same = |d: &Device| *d.name == *link.name && d.inside.is_none() && d.under == under;
        if opened && self.links.get(&link.id).is_some_and(same) {
            return;
        }
        let bridge_of = |name: &str| {
            bridges
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
            let cable = matches!(link.kind, LinkKind::Veth(_));
            let role = if cable {
                DeviceRole::Port
            } else {
                DeviceRole::Bridge
            };
            (network, role)
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
            link.id,
            Device {
                name: link.name.to_string(),
                place,
                role,
                inside: None,
                under,
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
