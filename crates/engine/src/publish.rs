//! Published ports: which port of the machine leads to which port of a container, and who carries it there.

use sorted::SortedMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use kernel::Errno;
use kernel::process::files::Fd;
use kernel::sock::{Family, SockOpt, SockType};

use crate::api::PortBinding;
use crate::daemon::Engine;
use crate::error::{Error, Result};
use crate::firewall::bridge::PortRule;
use crate::ports::{ContainerPort, Proto, Range, exposed};
use crate::state::{Published, State};

/// How often a port of a range is tried that some process of the machine turns out to hold. Source: moby.
const ATTEMPTS: usize = 10;
/// As the Go runtime asks for.
const BACKLOG: u32 = 4096;
/// Number of the descriptor that docker-proxy finds its socket at.
pub(crate) const LISTEN_FD: Fd = Fd(4);

/// One thing to publish.
struct Wanted {
    port: ContainerPort,
    /// Addresses that share one port of the machine.
    hosts: Vec<IpAddr>,
    /// `None` for any.
    range: Option<Range>,
}

/// What a container's endpoints look like to published ports.
struct Place {
    /// Where addresses of IPv4 and of IPv6 on the machine lead.
    ends: [Option<End>; 2],
    userland_proxy: bool,
}

/// A container's endpoint on a network that publishes ports.
#[derive(Clone)]
struct End {
    network: String,
    v4: Option<IpAddr>,
    v6: Option<IpAddr>,
    routed: bool,
}

impl Engine {
    /// Publishes a container's ports of IPv4 and IPv6 on the networks given, and withdraws what was published on others. What is
    /// where it should be stays as it is, unless its network gains or loses the other family: all of that one is published
    /// anew, which gives it other ephemeral ports. Source: moby `libnetwork/drivers/bridge`, `ProgramExternalConnectivity`; seen.
    pub(crate) fn publish_on(&self, container: &str, networks: [Option<String>; 2]) -> Result<()> {
        self.publish_as(container, networks, None)
    }

    /// Publishes a container's ports anew where they were, after an engine that left it running.
    pub(crate) fn publish_again(&self, container: &str) {
        let (networks, kept) = {
            let mut state = self.state();
            let sandbox = state.containers.get_mut(container);
            let Some(sandbox) = sandbox.and_then(|c| c.sandbox.as_mut()) else {
                return;
            };
            let kept = sandbox.published.iter().filter_map(Wanted::of).collect();
            (std::mem::take(&mut sandbox.publishes_on), merged(kept))
        };
        self.unpublish(container, &|_| true);
        let _ = self.publish_as(container, networks, Some(&kept));
    }

    /// Publishes what is `kept`, or else what the container asks for.
    fn publish_as(
        &self,
        container: &str,
        networks: [Option<String>; 2],
        kept: Option<&[Wanted]>,
    ) -> Result<()> {
        let before = {
            let mut state = self.state();
            let sandbox = state.containers.get_mut(container);
            let Some(sandbox) = sandbox.and_then(|c| c.sandbox.as_mut()) else {
                return Ok(());
            };
            std::mem::replace(&mut sandbox.publishes_on, networks.clone())
        };
        let families = |of: &[Option<String>; 2], id: &String| {
            [0, 1].map(|at| of.get(at).is_some_and(|n| n.as_ref() == Some(id)))
        };
        let stays = |id: &String| families(&before, id) == families(&networks, id);
        self.unpublish(container, &|p| {
            let on = networks.get(usize::from(p.is_v6()));
            on.and_then(Option::as_ref) != Some(&p.network) || !stays(&p.network)
        });
        for left in before.iter().flatten().filter(|id| !stays(id)) {
            self.forget_flows(container, left);
        }
        let [v4, v6] = networks
            .each_ref()
            .map(|n| n.as_ref().filter(|id| !stays(id)));
        // Each network takes ports of its own.
        if v4 == v6 {
            return self.publish_families(container, [v4, v6], kept);
        }
        self.publish_families(container, [v4, None], kept)?;
        self.publish_families(container, [None, v6], kept)
    }

    fn publish_families(
        &self,
        container: &str,
        [v4, v6]: [Option<&String>; 2],
        kept: Option<&[Wanted]>,
    ) -> Result<()> {
        let (asked, place, name, endpoint) = {
            let state = self.state();
            let Some(c) = state.containers.get(container) else {
                return Ok(());
            };
            let end = |network: Option<&String>, of_v6: bool| {
                let n = state.networks.get(network?)?;
                let (driver, e) = (n.driver.as_ref()?, n.endpoints.get(container)?);
                let end = End {
                    network: n.id.clone(),
                    v4: e.addr(false).map(|a| a.addr()),
                    v6: e.addr(true).map(|a| a.addr()),
                    routed: driver.is_routed(of_v6),
                };
                let default = driver.publish_address();
                let found = (end, default, e.spec.id.clone());
                driver.publishes_ports().then_some(found)
            };
            let (of_v4, of_v6) = (end(v4, false), end(v6, true));
            let Some((_, default, endpoint)) = of_v4.as_ref().or(of_v6.as_ref()) else {
                return Ok(());
            };
            let asked = match kept {
                Some(_) => Vec::new(),
                None => wanted(c, *default),
            };
            let (name, endpoint) = (c.name.clone(), endpoint.clone());
            let place = Place {
                ends: [of_v4, of_v6].map(|found| found.map(|(end, ..)| end)),
                userland_proxy: state.config.userland_proxy,
            };
            (asked, place, name, endpoint)
        };
        for w in kept.unwrap_or(&asked) {
            if let Err(error) = self.publish_one(container, w, &place) {
                self.unpublish(container, &|_| true);
                return Err(error.within(format!(
                    "driver failed programming external connectivity on endpoint {name} ({endpoint})"
                )));
            }
        }
        for end in place.ends.iter().flatten() {
            self.forget_flows(container, &end.network);
        }
        Ok(())
    }

    fn publish_one(&self, container: &str, wanted: &Wanted, place: &Place) -> Result<()> {
        // Addresses that need no port of the machine: those of a routed family.
        let routed = |host: &IpAddr| {
            place
                .end(*host)
                .is_some_and(|end| end.routed && (host.is_ipv4() || end.v6.is_some()))
        };
        let (open, bound): (Vec<IpAddr>, Vec<IpAddr>) =
            wanted.hosts.iter().copied().partition(routed);
        let bound: Vec<IpAddr> = bound
            .into_iter()
            .filter(|host| place.target(*host).is_some())
            .collect();
        let (port, sockets) = self.bind_all(&bound, wanted, place)?;
        let open = open.into_iter().map(|host| ((host, 0), None));
        let bound = bound.into_iter().map(|host| (host, port)).zip(sockets);
        let mut failure = Ok(());
        let mut all: Vec<_> = open.chain(bound).collect();
        sorted::sort_by_key(&mut all, |((host, _), _)| {
            wanted.hosts.iter().position(|given| given == host)
        });
        for ((host, port), socket) in all {
            // Without NAT it does not matter which address of the machine was named.
            let at = match host {
                _ if !routed(&host) => (host, port),
                IpAddr::V4(_) => (Ipv4Addr::UNSPECIFIED.into(), port),
                IpAddr::V6(_) => (Ipv6Addr::UNSPECIFIED.into(), port),
            };
            // Those that come after a failure are held too, so that withdrawing all of them frees their ports.
            let recorded = self.record(container, wanted.port, at, socket, place);
            failure = failure.and(recorded);
        }
        failure
    }

    /// Returns the ports that the machine gives to those who ask for any.
    fn machines_range(&self) -> Option<Range> {
        let ns = self.ns();
        let name = "net.ipv4.ip_local_port_range";
        let text = self.sys().kernel(|k| k.sysctl_get(ns, name))?;
        let (first, last) = text.split_once(char::is_whitespace)?;
        Some((first.parse().ok()?, last.trim().parse().ok()?))
    }

    /// Takes a port and binds it on every address.
    fn bind_all(
        &self,
        hosts: &[IpAddr],
        wanted: &Wanted,
        place: &Place,
    ) -> Result<(u16, Vec<Option<Fd>>)> {
        let Some(first) = hosts.first() else {
            return Ok((0, Vec::new()));
        };
        let proto = wanted.port.proto;
        let single = wanted.range.is_some_and(|(first, last)| first == last);
        let mut failure = Error::internal("no port");
        if let Some((0, last)) = wanted.range {
            return Err(Error::internal(format!("invalid port range: 0-{last}")));
        }
        if let Some(range) = self.machines_range() {
            self.state().ports.draw_from(range);
        }
        for _ in 0..ATTEMPTS {
            let taken = self.state().ports.request(hosts, proto, wanted.range);
            let port = taken.map_err(|e| Error::internal(e.to_string()))?;
            let mut sockets = Vec::new();
            let mut refused = None;
            for host in hosts {
                match self.bind(SocketAddr::new(*host, port), proto) {
                    Ok(socket) => sockets.push(socket),
                    Err(errno) => {
                        refused = Some((*host, errno));
                        break;
                    }
                }
            }
            if refused.is_none() {
                // All are bound before any listens, which is when two that overlap first meet. Without docker-proxy nobody is going
                // to take the connections.
                let backlog = if place.userland_proxy { BACKLOG } else { 0 };
                let heard = sockets.iter().flatten().try_for_each(|fd| match proto {
                    Proto::Tcp => self.sys().listen(*fd, backlog),
                    Proto::Udp | Proto::Sctp => Ok(()),
                });
                failure = match heard {
                    // The kernel has no SCTP, so that docker-proxy cannot hear it.
                    Ok(()) if proto == Proto::Sctp && place.userland_proxy => {
                        let at = SocketAddr::new(*first, port);
                        Error::internal(format!(
                            "error starting userland proxy: failed to listen on {at}: protocol not supported"
                        ))
                    }
                    Ok(()) => return Ok((port, sockets)),
                    Err(errno) => Error::internal(format!(
                        "failed to listen on TCP socket: {}",
                        errno.text().to_ascii_lowercase()
                    )),
                };
            }
            for socket in sockets.into_iter().flatten() {
                self.sys().close(socket);
            }
            for addr in hosts {
                self.state().ports.release(*addr, proto, port);
            }
            let Some((host, errno)) = refused else {
                if single || proto != Proto::Sctp {
                    break;
                }
                continue;
            };
            let target = place
                .target(host)
                .map(|target| SocketAddr::new(target, wanted.port.port).to_string())
                .unwrap_or_default();
            let (which, until) = match wanted.range {
                Some((_, last)) if !single => (format!(" {port}"), format!("-{last}")),
                _ => Default::default(),
            };
            // It is named as it was asked for: a port that the engine chose is not said.
            let at = match wanted.range {
                Some((first, _)) => SocketAddr::new(host, first).to_string(),
                None => SocketAddr::new(host, 0)
                    .to_string()
                    .trim_end_matches('0')
                    .to_owned(),
            };
            failure = Error::internal(format!(
                "failed to bind host port{which} for {at}{until}:{target}/{}: {}",
                wanted.port.proto,
                errno.text().to_ascii_lowercase()
            ));
            if single {
                break;
            }
        }
        Err(failure)
    }

    fn bind(&self, addr: SocketAddr, proto: Proto) -> Result<Option<Fd>, Errno> {
        let kind = match proto {
            Proto::Tcp => SockType::Stream,
            Proto::Udp => SockType::Datagram,
            // The simulation has no SCTP: rules alone carry it.
            Proto::Sctp => return Ok(None),
        };
        let family = if addr.is_ipv4() {
            Family::V4
        } else {
            Family::V6
        };
        let sys = self.sys();
        let fd = sys.socket(family, kind)?;
        let ready = || {
            if family == Family::V6 {
                sys.set_option(fd, SockOpt::V6Only(true))?;
            }
            sys.set_option(fd, SockOpt::ReuseAddr(true))?;
            sys.bind(fd, addr)
        };
        match ready() {
            Ok(()) => Ok(Some(fd)),
            Err(errno) => {
                sys.close(fd);
                Err(errno)
            }
        }
    }

    /// Writes the rules for one address, starts docker-proxy, and remembers all that.
    fn record(
        &self,
        container: &str,
        port: ContainerPort,
        (host, host_port): (IpAddr, u16),
        socket: Option<Fd>,
        place: &Place,
    ) -> Result<()> {
        let (Some(target), Some(end)) = (place.target(host), place.end(host)) else {
            return Ok(());
        };
        let network_id = end.network.as_str();
        let ns = self.ns();
        let (rules, written) = self.with(|state, kernel| {
            let config = state.config.clone();
            let driver = state
                .networks
                .get(network_id)
                .and_then(|n| n.driver.as_ref());
            if host.is_ipv4() != target.is_ipv4() {
                return (Vec::new(), Ok(()));
            }
            let rule = PortRule {
                proto: port.proto,
                host,
                host_port,
                container: SocketAddr::new(target, port.port),
            };
            let rules = driver
                .map(|d| d.port_rules(&rule, &config))
                .unwrap_or_default();
            let written = state.firewall.add(kernel, ns, &rules);
            (rules, written)
        });
        let listener = socket.and_then(|fd| self.sys().socket_id(fd).ok());
        let mut held = socket;
        let mut proxy = None;

        if let Some(fd) = socket.filter(|_| place.userland_proxy) {
            proxy = self.start_proxy(port, host, host_port, target, fd);
            if proxy.is_some() {
                self.sys().close(fd);
                held = None;
            }
        }
        let shown = if host_port == 0 {
            String::new()
        } else {
            host_port.to_string()
        };
        let published = Published {
            network: network_id.to_owned(),
            port,
            binding: PortBinding {
                host_ip: host.to_string(),
                host_port: shown,
            },
            allocated: (host_port != 0).then_some((host, host_port)),
            rules,
            proxy,
            socket: held,
            listener,
        };
        let mut state = self.state();
        if let Some(s) = state
            .containers
            .get_mut(container)
            .and_then(|c| c.sandbox.as_mut())
        {
            s.published.push(published);
        }
        written
    }

    fn start_proxy(
        &self,
        port: ContainerPort,
        host: IpAddr,
        host_port: u16,
        target: IpAddr,
        fd: Fd,
    ) -> Option<kernel::ids::ProcessId> {
        let argv = [
            "/usr/sbin/docker-proxy",
            "-proto",
            &port.proto.to_string(),
            "-host-ip",
            &host.to_string(),
            "-host-port",
            &host_port.to_string(),
            "-container-ip",
            &target.to_string(),
            "-container-port",
            &port.port.to_string(),
            "-use-listen-fd",
        ];
        let sys = self.sys();
        let mut spawn = sys.child(argv.iter().map(ToString::to_string).collect())?;
        let file = sys.handle(fd).ok()?;
        spawn.fds = SortedMap::from([(LISTEN_FD, file)]);
        spawn.group = None;
        // Source: moby `cmd/docker-proxy`, started by `libnetwork/portmapper/proxy_linux.go` with `Pdeathsig`.
        spawn.dies_with_parent = true;
        let id = sys.spawn(spawn).ok()?;
        let waiter = sys.clone();
        // Nobody else would collect it when it ends.
        sys.spawn_task(async move {
            let _ = waiter.wait(Some(id)).await;
        });
        Some(id)
    }

    /// Withdraws those of a container's published ports that are meant.
    pub(crate) fn unpublish(&self, container: &str, meant: &dyn Fn(&Published) -> bool) {
        let published = {
            let mut state = self.state();
            let Some(s) = state
                .containers
                .get_mut(container)
                .and_then(|c| c.sandbox.as_mut())
            else {
                return;
            };
            let all = std::mem::take(&mut s.published);
            let (gone, stays) = all.into_iter().partition(|p| meant(p));
            s.published = stays;
            gone
        };
        for p in published {
            let p: Published = p;
            // At once, so that the port is free for whoever publishes it next; the proxy is only told to end.
            if let Some(socket) = p.listener {
                self.sys().kernel(|k| k.sock_close(socket));
            }
            if let Some(proxy) = p.proxy {
                let _ = self
                    .sys()
                    .kill(proxy, kernel::process::signal::Signal::KILL);
            }
            if let Some(socket) = p.socket {
                self.sys().close(socket);
            }
            let ns = self.ns();
            self.with(|state, kernel| {
                state.firewall.remove(kernel, ns, &p.rules);
                if let Some((addr, port)) = p.allocated {
                    state.ports.release(addr, p.port.proto, port);
                }
            });
        }
    }
}

impl Wanted {
    /// What gives a published port again.
    fn of(published: &Published) -> Option<Self> {
        let port = published.binding.host_port.parse().ok();
        Some(Self {
            port: published.port,
            hosts: vec![published.binding.host_ip.parse().ok()?],
            range: port.map(|port| (port, port)),
        })
    }
}

impl Published {
    fn is_v6(&self) -> bool {
        self.binding.host_ip.contains(':')
    }
}

impl Place {
    /// Returns the endpoint that an address of the machine leads to.
    fn end(&self, host: IpAddr) -> Option<&End> {
        self.ends.get(usize::from(host.is_ipv6()))?.as_ref()
    }

    /// Returns where a binding leads: an address of its own family, or for IPv6 what docker-proxy makes of IPv4.
    fn target(&self, host: IpAddr) -> Option<IpAddr> {
        let end = self.end(host)?;
        if host.is_ipv4() {
            end.v4
        } else {
            end.v6.or(end.v4.filter(|_| self.userland_proxy))
        }
    }
}

/// Returns what a container wants published, exact ports first, then by container port, protocol, host ports
/// and addresses.
fn wanted(c: &crate::state::Container, default: Option<IpAddr>) -> Vec<Wanted> {
    let any = PortBinding::default();
    let given = c
        .host_config
        .published()
        .flat_map(|(port, bindings)| bindings.iter().map(move |binding| (port.as_str(), binding)));
    let exposed = exposed(&c.config);
    let exposed = exposed.keys().filter(|port| {
        c.host_config.publish_all_ports && !c.host_config.published().any(|(one, _)| one == *port)
    });
    let all = given.chain(exposed.map(|port| (port.as_str(), &any)));
    let mut list: Vec<Wanted> = all
        .filter_map(|(port, binding)| {
            Some(Wanted {
                port: port.parse().ok()?,
                hosts: hosts(&binding.host_ip, default),
                range: range(&binding.host_port),
            })
        })
        .collect();
    let is_exact = |w: &Wanted| w.range.is_some_and(|(first, last)| first == last);
    let order = |w: &Wanted| {
        let hosts = w.hosts.clone();
        (!is_exact(w), w.port.port, w.port.proto, w.range, hosts)
    };
    sorted::sort_by_key(&mut list, order);
    merged(list)
}

/// Those that differ in the machine's address only are given the same port.
fn merged(list: Vec<Wanted>) -> Vec<Wanted> {
    let mut merged: Vec<Wanted> = Vec::new();
    for next in list {
        match merged.last_mut() {
            Some(last) if last.port == next.port && last.range == next.range => {
                last.hosts.extend(next.hosts);
            }
            _ => merged.push(next),
        }
    }
    merged
}

/// Returns the addresses that a binding means: both families if it names none. IPv4 within IPv6 is IPv4.
fn hosts(given: &str, default: Option<IpAddr>) -> Vec<IpAddr> {
    let both = || {
        vec![
            IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        ]
    };
    match given.trim_matches(['[', ']']).parse::<IpAddr>() {
        Ok(addr) => vec![addr.to_canonical()],
        Err(_) => default
            .map(|a| a.to_canonical())
            .filter(|a| *a != IpAddr::V4(Ipv4Addr::UNSPECIFIED))
            .map_or_else(both, |a| vec![a]),
    }
}

fn range(text: &str) -> Option<Range> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let range = (first.parse().ok()?, last.parse().ok()?);
    (range != (0, 0)).then_some(range)
}

/// Returns the ports of a container as inspect tells them: those that are published, and those only exposed.
pub(crate) fn port_map(c: &crate::state::Container, state: &State) -> crate::api::PortMap {
    let mut map = crate::api::PortMap::new();
    let Some(sandbox) = &c.sandbox else {
        return map;
    };
    let publishes = sandbox
        .joined
        .iter()
        .filter_map(|id| state.networks.get(id))
        .any(|n| n.driver.as_ref().is_some_and(|d| d.publishes_ports()));
    if publishes {
        map.extend(exposed(&c.config).into_iter().map(|(port, _)| (port, None)));
    }
    for p in &sandbox.published {
        map.entry(p.port.to_string())
            .or_default()
            .get_or_insert_default()
            .push(p.binding.clone());
    }
    map
}
