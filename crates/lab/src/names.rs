//! Who is who at the moment: containers, networks and addresses of all machines, for sentences.

use engine::survey::{ContainerFacts, NetworkFacts, Survey, survey};
use kernel::Kernel;
use kernel::ids::NetnsId;
use std::net::IpAddr;

/// All machines with what their engines know.
pub(crate) struct Directory<'a> {
    kernel: &'a Kernel,
    machines: Vec<(String, NetnsId, Survey)>,
}

/// A container and where it is.
#[derive(Clone, Copy)]
pub(crate) struct Known<'a> {
    pub(crate) machine: &'a str,
    pub(crate) survey: &'a Survey,
    pub(crate) container: &'a ContainerFacts,
}

impl<'a> Directory<'a> {
    pub(crate) fn new(kernel: &'a Kernel) -> Self {
        let machines = kernel
            .machines
            .iter()
            .map(|m| {
                (
                    m.name.to_string(),
                    m.root_ns,
                    survey(kernel, m.id).unwrap_or_default(),
                )
            })
            .collect();
        Self { kernel, machines }
    }

    fn containers(&self) -> impl Iterator<Item = Known<'_>> {
        self.machines.iter().flat_map(|(machine, _, survey)| {
            survey.containers.iter().map(move |container| Known {
                machine,
                survey,
                container,
            })
        })
    }

    /// The container with this full id.
    pub(crate) fn container(&self, id: &str) -> Option<Known<'_>> {
        self.containers().find(|k| k.container.id == id)
    }

    /// The container that a person means by a name: its name, an alias on some network, or a part of its id.
    pub(crate) fn meant_by(&self, name: &str) -> Option<Known<'_>> {
        let by_name = self
            .containers()
            .find(|k| k.container.name.eq_ignore_ascii_case(name));
        by_name.or_else(|| {
            self.containers().find(|k| {
                let alias = |n: &NetworkFacts| {
                    n.names
                        .iter()
                        .any(|(d, of)| *of == k.container.name && d.eq_ignore_ascii_case(name))
                };
                k.survey.networks.iter().any(alias)
            })
        })
    }

    /// The container that has an address.
    pub(crate) fn at_address(&self, ip: IpAddr) -> Option<Known<'_>> {
        self.containers().find(|k| {
            let has = |link: &kernel::ids::LinkId| {
                self.kernel
                    .link(*link)
                    .is_some_and(|l| l.addrs.iter().any(|a| a.addr == ip))
            };
            k.container.interfaces.iter().any(|(_, link)| has(link))
        })
    }

    /// The machine in whose root namespace an address is.
    pub(crate) fn machine_at(&self, ip: IpAddr) -> Option<&str> {
        self.machines
            .iter()
            .find(|(_, ns, _)| self.kernel.is_local(*ns, ip))
            .map(|(name, _, _)| name.as_str())
    }

    /// The IPv4 address of a machine on one of its devices.
    pub(crate) fn address_on(&self, machine: &str, device: &str) -> Option<IpAddr> {
        let (_, ns, _) = self.machines.iter().find(|(name, ..)| name == machine)?;
        let link = self.kernel.link_by_name(*ns, device)?;
        let addrs = self.kernel.addrs(link);
        addrs.iter().map(|a| a.addr).find(IpAddr::is_ipv4)
    }

    /// What a sentence calls an address: the container's or machine's name, else the address.
    pub(crate) fn call(&self, ip: IpAddr) -> String {
        match (self.at_address(ip), self.machine_at(ip)) {
            (Some(known), _) => known.container.name.clone(),
            (None, Some(machine)) if !ip.is_loopback() => machine.to_owned(),
            _ => ip.to_string(),
        }
    }

    /// What the engine of a machine knows.
    pub(crate) fn survey(&self, machine: &str) -> Option<&Survey> {
        self.machines
            .iter()
            .find(|(name, _, _)| name == machine)
            .map(|(_, _, survey)| survey)
    }
}

impl<'a> Known<'a> {
    /// The networks that it is on, by facts.
    pub(crate) fn networks(&self) -> impl Iterator<Item = &'a NetworkFacts> + use<'a> {
        let (survey, container) = (self.survey, self.container);
        container
            .networks
            .iter()
            .filter_map(move |id| survey.networks.iter().find(|n| n.id == *id))
    }

    /// The networks on which Docker answers for names.
    pub(crate) fn own_networks(&self) -> impl Iterator<Item = &'a NetworkFacts> + use<'a> {
        self.networks()
            .filter(|n| !matches!(n.name.as_str(), "bridge" | "host" | "none"))
    }
}
