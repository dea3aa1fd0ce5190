//! Who is who at the moment: containers, networks and addresses of all machines, for sentences.

use engine::survey::{ContainerFacts, NetworkFacts, Survey, survey};
use kernel::Kernel;
use kernel::ids::{LinkId, NetnsId, ProcessId};
use kernel::net::qdisc::QdiscSpec;
use kernel::net::{LinkKind, RouteKind, RouteQuery, TableId};
use kernel::netfilter::{Family, TableName, Target};
use kernel::sock::SockType;
use kernel::time::Duration;
use std::net::{IpAddr, SocketAddr};

/// What a person calls a container: of a service's task not its id, nor that of its node.
#[must_use]
pub fn short(name: &str) -> &str {
    let id = |part: &str| part.len() == 25 && part.bytes().all(|b| b.is_ascii_alphanumeric());
    let mut name = name;
    while let Some((rest, _)) = name.rsplit_once('.').filter(|(_, last)| id(last)) {
        name = rest;
    }
    name
}

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

    /// The machines with what their engines know.
    pub(crate) fn surveys(&self) -> impl Iterator<Item = (&str, &Survey)> {
        self.machines
            .iter()
            .map(|(name, _, survey)| (name.as_str(), survey))
    }

    /// The container with this full id.
    pub(crate) fn container(&self, id: &str) -> Option<Known<'_>> {
        self.containers().find(|k| k.container.id == id)
    }

    /// The containers of a machine.
    pub(crate) fn on(&self, machine: &str) -> impl Iterator<Item = Known<'_>> {
        self.containers().filter(move |k| k.machine == machine)
    }

    /// The container that could last not be started, if that was not before a time; when, and why.
    pub(crate) fn failed_since(&self, since: u64) -> Option<(Known<'_>, u64, &str)> {
        let failed = self.containers().filter_map(|k| {
            let (at, error) = k.container.failed.as_ref()?;
            (*at >= since).then_some((k, *at, error.as_str()))
        });
        failed.max_by_key(|(_, at, _)| *at)
    }

    /// The ports of a machine at which somebody listens.
    pub(crate) fn ports(&self, machine: &str) -> Vec<u16> {
        let root = self.root_of(machine);
        let all = root.map(|ns| [false, true].map(|udp| self.listening(ns, udp)));
        all.iter()
            .flatten()
            .flatten()
            .map(SocketAddr::port)
            .collect()
    }

    /// The root namespace of a machine.
    pub(crate) fn root_of(&self, machine: &str) -> Option<NetnsId> {
        let root = self.machines.iter().find(|(name, ..)| name == machine);
        root.map(|(_, ns, _)| *ns)
    }

    /// The container whose first process this is.
    pub(crate) fn of_process(&self, first: ProcessId) -> Option<Known<'_>> {
        self.containers()
            .find(|k| k.container.process == Some(first))
    }

    /// The container that a person means by a name: its name, an alias on some network, or a part of its id.
    pub(crate) fn meant_by(&self, name: &str) -> Option<Known<'_>> {
        let by_name = self
            .containers()
            .find(|k| k.container.name.eq_ignore_ascii_case(name));
        by_name.or_else(|| {
            self.containers().find(|k| {
                if k.container
                    .aliases
                    .iter()
                    .any(|a| a.eq_ignore_ascii_case(name))
                {
                    return true;
                }
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

    /// The machine and the network inside it that an address belongs to; one that stands on the LAN's own is no such network
    /// unless it is routed.
    pub(crate) fn network_around(&self, ip: IpAddr) -> Option<(&str, &NetworkFacts)> {
        if let Some(known) = self.at_address(ip) {
            return Some((known.machine, known.network_with(ip)?));
        }
        self.surveys().find_map(|(machine, survey)| {
            let mut inside = survey
                .networks
                .iter()
                .filter(|n| n.parent.is_empty() || n.mode.starts_with("l3"));
            let network = inside.find(|n| n.subnet_of(ip).is_some())?;
            Some((machine, network))
        })
    }

    /// The destinations of a machine's route by which it sends to an address over a router, unless it is the default one.
    pub(crate) fn own_route(&self, machine: &str, to: IpAddr) -> Option<ipnet::IpNet> {
        let ns = self.root_of(machine)?;
        let routes = self.kernel.routes(ns, to.is_ipv6(), Some(TableId::MAIN));
        let fits = routes.into_iter().filter(|r| r.dst.contains(&to));
        let best = fits.max_by_key(|r| r.dst.prefix_len())?;
        (best.via.is_some() && best.dst.prefix_len() > 0).then_some(best.dst)
    }

    /// The machine in whose root namespace an address is.
    pub(crate) fn machine_at(&self, ip: IpAddr) -> Option<&str> {
        self.machines
            .iter()
            .find(|(_, ns, _)| self.kernel.is_local(*ns, ip))
            .map(|(name, _, _)| name.as_str())
    }

    /// A device in a machine's root namespace, by name.
    pub(crate) fn device_of(&self, machine: &str, name: &str) -> Option<LinkId> {
        let (_, ns, _) = self.machines.iter().find(|(m, ..)| m == machine)?;
        self.kernel.link_by_name(*ns, name)
    }

    /// The devices that are ports of a bridge.
    pub(crate) fn ports_of(&self, bridge: LinkId) -> impl Iterator<Item = LinkId> {
        let ns = self.kernel.link(bridge).map(|b| b.ns);
        let all = ns.map(|ns| self.kernel.links(ns)).unwrap_or_default();
        all.into_iter().filter(move |l| {
            let port = self.kernel.link(*l);
            port.is_some_and(|p| p.master == Some(bridge))
        })
    }

    /// Whether a device is the machine's end of a cable, and a port of nothing.
    pub(crate) fn unplugged(&self, link: LinkId) -> bool {
        let device = self.kernel.link(link);
        device.is_some_and(|d| d.master.is_none() && matches!(d.kind, LinkKind::Veth(_)))
    }

    /// The IPv4 address of a machine on one of its devices.
    pub(crate) fn address_on(&self, machine: &str, device: &str) -> Option<IpAddr> {
        let link = self.device_of(machine, device)?;
        let addrs = self.kernel.addrs(link);
        addrs.iter().map(|a| a.addr).find(IpAddr::is_ipv4)
    }

    /// The device that has an address, in whatever namespace.
    pub(crate) fn link_at(&self, ip: IpAddr) -> Option<LinkId> {
        let known = self.at_address(ip)?;
        let has = |link: &LinkId| self.kernel.addrs(*link).iter().any(|a| a.addr == ip);
        known.container.interfaces.iter().map(|(_, l)| *l).find(has)
    }

    /// The other end of a container's cable, or the device that its interface stands on.
    pub(crate) fn peer(&self, link: LinkId) -> Option<LinkId> {
        match &self.kernel.link(link)?.kind {
            LinkKind::Veth(veth) => Some(veth.peer),
            LinkKind::Macvlan(macvlan) => Some(macvlan.lower),
            LinkKind::Ipvlan(ipvlan) => Some(ipvlan.lower),
            LinkKind::Vlan(vlan) => Some(vlan.lower),
            _ => None,
        }
    }

    /// A device's name, its namespace, and whether it is set up.
    pub(crate) fn device(&self, link: LinkId) -> Option<(&str, NetnsId, bool)> {
        let found = self.kernel.link(link)?;
        Some((&found.name, found.ns, found.admin_up))
    }

    /// For how long a device holds back what it sends, if somebody set that with `tc`.
    pub(crate) fn held_back(&self, link: LinkId) -> Option<Duration> {
        match &self.kernel.qdisc(link)?.spec {
            QdiscSpec::Netem(netem) => Some(netem.delay).filter(|delay| !delay.is_zero()),
            QdiscSpec::Fifo { .. } => None,
        }
    }

    /// The devices of a namespace.
    pub(crate) fn devices(&self, ns: NetnsId) -> Vec<LinkId> {
        self.kernel.links(ns)
    }

    /// By which device a namespace sends to an address, and what that device takes at once, in bytes.
    pub(crate) fn way_out(&self, ns: NetnsId, to: IpAddr) -> Option<(String, u32)> {
        let route = self.kernel.route_get(ns, &RouteQuery::to(to)).ok()?;
        let link = self.kernel.link(route.link)?;
        Some((link.name.to_string(), link.mtu))
    }

    /// Whether a namespace has an IPv6 address, else an IPv4 one, that reaches beyond its links.
    pub(crate) fn has_family(&self, ns: NetnsId, v6: bool) -> bool {
        let links = self.kernel.links(ns).into_iter();
        let mut addrs = links.flat_map(|l| self.kernel.addrs(l).into_iter().map(|a| a.addr));
        addrs.any(|a| match a {
            IpAddr::V6(a) => v6 && !a.is_loopback() && !a.is_unicast_link_local(),
            IpAddr::V4(a) => !v6 && !a.is_loopback(),
        })
    }

    /// The names of a namespace's devices.
    pub(crate) fn device_names(&self, ns: NetnsId) -> Vec<&str> {
        let links = self.devices(ns).into_iter();
        let names = links.filter_map(|id| Some(&*self.kernel.link(id)?.name));
        names.collect()
    }

    /// Whether an engine runs on a machine.
    pub(crate) fn engine_runs(&self, machine: &str) -> bool {
        let found = self.kernel.machines.iter().find(|m| *m.name == *machine);
        found.is_some_and(|m| survey(self.kernel, m.id).is_some())
    }

    /// The address of a machine without an engine that forwards, on a link of this namespace.
    pub(crate) fn router_beside(&self, ns: NetnsId) -> Option<IpAddr> {
        let forwards = |ns| self.kernel.sysctl_number(ns, "net.ipv4.ip_forward", 0) != 0;
        let near = |ip: &IpAddr| {
            let query = RouteQuery::to(*ip);
            let route = self.kernel.route_get(ns, &query);
            ip.is_ipv4() && route.is_ok_and(|r| r.via.is_none() && r.kind == RouteKind::Unicast)
        };
        let routers = self.machines.iter().filter(|(_, root, survey)| {
            *root != ns && survey.networks.is_empty() && forwards(*root)
        });
        let mut addrs = routers.flat_map(|(_, root, _)| {
            let links = self.kernel.links(*root).into_iter();
            links.flat_map(|l| self.kernel.addrs(l).into_iter().map(|a| a.addr))
        });
        addrs.find(near)
    }

    /// Whether a chain of rules jumps into another.
    pub(crate) fn jumps(
        &self,
        ns: NetnsId,
        v6: bool,
        table: TableName,
        (from, to): (&str, &str),
    ) -> bool {
        let family = if v6 { Family::V6 } else { Family::V4 };
        let netns = self.kernel.net.netns(ns);
        let chain = netns.and_then(|n| n.nf.table(family, table)?.chain(from));
        let into = |target: &Target| matches!(target, Target::Jump(chain) if **chain == *to);
        chain.is_some_and(|chain| chain.rules().iter().any(|entry| into(&entry.rule.target)))
    }

    /// Where programs of a namespace listen, by UDP or by TCP.
    pub(crate) fn listening(&self, ns: NetnsId, udp: bool) -> Vec<SocketAddr> {
        let all = self.kernel.sock_list(ns).into_iter();
        let open = |s: &kernel::sock::SocketInfo| match udp {
            true => s.state == "UNCONN" && s.kind == SockType::Datagram,
            false => s.state == "LISTEN",
        };
        all.filter(open)
            // Docker's own name server is none of the container's programs.
            .filter(|s| s.local.ip() != IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 0, 11)))
            .map(|s| s.local)
            .collect()
    }

    /// The ports on which a container's own processes listen for others.
    pub(crate) fn listening_of(&self, known: Known<'_>) -> Vec<u16> {
        let Some(ns) = known.container.netns else {
            return Vec::new();
        };
        let root = known.container.process;
        let own = |owner: Option<ProcessId>| {
            known.container.network_mode != "host"
                || owner.is_some_and(|o| {
                    Some(o) == root || self.kernel.proc.get(o).and_then(|p| p.parent) == root
                })
        };
        let all = self.kernel.sock_list(ns).into_iter();
        all.filter(|s| s.state == "LISTEN" && !s.local.ip().is_loopback() && own(s.owner))
            .map(|s| s.local.port())
            .collect()
    }

    /// A container's first IPv4 address.
    pub(crate) fn address_of(&self, known: Known<'_>) -> Option<IpAddr> {
        let links = known.container.interfaces.iter();
        let mut addrs = links.flat_map(|(_, l)| self.kernel.addrs(*l).into_iter().map(|a| a.addr));
        addrs.find(IpAddr::is_ipv4)
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

    /// The network of its whose subnet holds an address.
    pub(crate) fn network_with(&self, address: IpAddr) -> Option<&'a NetworkFacts> {
        self.networks().find(|n| n.subnet_of(address).is_some())
    }

    /// The networks on which Docker answers for names.
    pub(crate) fn own_networks(&self) -> impl Iterator<Item = &'a NetworkFacts> + use<'a> {
        self.networks().filter(|n| answers_for_names(n))
    }
}

/// Whether Docker answers for names on a network, as on all that somebody made.
pub(crate) fn answers_for_names(network: &NetworkFacts) -> bool {
    !matches!(network.name.as_str(), "bridge" | "host" | "none")
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn tasks_are_called_without_their_ids() {
        assert_eq!(short("web.1.k3v9x0q2m1d8z7w5t4r6y1u2p"), "web.1");
        let global = "agent.k3v9x0q2m1d8z7w5t4r6y1u2p.u2pk3v9x0q2m1d8z7w5t4r6y1";
        assert_eq!(short(global), "agent");
        assert_eq!(short("my.container"), "my.container");
    }
}
