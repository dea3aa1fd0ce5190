//! The embedded DNS server: part of the daemon's process, listening inside a container's namespace.
//!
//! It is reached at 127.0.0.11:53 through that namespace's own nat rules, and asks others with packets.
//! Source: moby `libnetwork/resolver.go`.

pub mod records;

use std::cell::Cell;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;

use bytes::Bytes;
use kernel::Errno;
use kernel::ids::{NetnsId, PacketId};
use kernel::process::files::Fd;
use kernel::sock::{Family, SockType};
use kernel::sys::{Condition, Sys, race};
use kernel::time::Duration;
use kernel::trace::{Checkpoint, DnsOutcome, Note};
use wire::dns::{Message, Name, Question, Rcode, Record, RecordData, RecordType};

use self::records::{Known, NetworkNames, Peer};
use crate::daemon::Engine;
use crate::gateway::{self, Candidate};
use crate::resolvconf::{EMBEDDED_SERVER, ExtServer};
use crate::state::State;

/// Seconds that an answer may be kept.
const TTL: u32 = 600;
/// How long one upstream server gets.
const UPSTREAM_TIMEOUT: Duration = Duration::from_secs(4);
/// How many upstream servers are asked.
const UPSTREAMS: usize = 3;
const UDP_LIMIT: u16 = 512;
const DNS_PORT: u16 = 53;

/// A running server.
pub(crate) struct Resolver {
    stopped: Rc<Cell<bool>>,
    changed: Condition,
}

/// What a server needs to answer.
#[derive(Clone)]
struct Server {
    engine: Engine,
    container: String,
    netns: NetnsId,
    upstreams: Rc<[ExtServer]>,
    ndots_given: bool,
    stopped: Rc<Cell<bool>>,
    changed: Condition,
}

impl Resolver {
    /// Starts a server in a namespace, with the rules that lead to it. `None` if it cannot listen there.
    pub(crate) fn start(
        engine: &Engine,
        container: &str,
        netns: NetnsId,
        upstreams: Vec<ExtServer>,
        ndots_given: bool,
    ) -> Option<Self> {
        let sys = engine.sys();
        let (udp, tcp) = in_namespace(sys, netns, || listen(sys)).ok()?;
        let port = |fd| sys.local_addr(fd).map(|a| a.port()).unwrap_or_default();
        let (udp_port, tcp_port) = (port(udp), port(tcp));
        sys.kernel(|k| crate::firewall::lead_to_resolver(k, netns, tcp_port, udp_port));
        let stopped: Rc<Cell<bool>> = Rc::default();
        let changed = sys.condition();
        let server = Server {
            engine: engine.clone(),
            container: container.to_owned(),
            netns,
            upstreams: upstreams.into(),
            ndots_given,
            stopped: stopped.clone(),
            changed: changed.clone(),
        };
        let other = server.clone();
        sys.spawn_task(async move { server.serve_udp(udp).await });
        sys.spawn_task(async move { other.serve_tcp(tcp).await });
        Some(Self { stopped, changed })
    }

    /// Ends the server.
    pub(crate) fn stop(&self) {
        self.stopped.set(true);
        self.changed.signal();
    }
}

/// Runs system calls with the process in another namespace.
fn in_namespace<T>(
    sys: &Sys,
    netns: NetnsId,
    calls: impl FnOnce() -> Result<T, Errno>,
) -> Result<T, Errno> {
    let home = sys.netns();
    sys.set_netns(netns)?;
    let result = calls();
    sys.set_netns(home)?;
    result
}

fn listen(sys: &Sys) -> Result<(Fd, Fd), Errno> {
    let addr: IpAddr = EMBEDDED_SERVER.parse().or(Err(Errno::EINVAL))?;
    let udp = sys.socket(Family::V4, SockType::Datagram)?;
    sys.bind(udp, SocketAddr::new(addr, 0))?;
    let tcp = sys.socket(Family::V4, SockType::Stream)?;
    sys.bind(tcp, SocketAddr::new(addr, 0))?;
    sys.listen(tcp, 4096)?;
    Ok((udp, tcp))
}

impl Server {
    fn sys(&self) -> &Sys {
        self.engine.sys()
    }

    /// Waits for `work`, unless the server is stopped meanwhile.
    async fn unless_stopped<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        race(
            async { Some(work.await) },
            self.changed.until(|| self.stopped.get().then_some(None)),
        )
        .await
    }

    async fn serve_udp(self, fd: Fd) {
        while let Some(received) = self.unless_stopped(self.sys().recv_from(fd)).await {
            // The socket goes with its namespace.
            let Ok(received) = received else { break };
            let server = self.clone();
            self.sys().spawn_task(async move {
                if let Some(answer) = server.answer(received.data, true, received.id).await {
                    let _ = server.sys().send_to(fd, answer, received.from).await;
                }
            });
        }
        self.sys().close(fd);
    }

    async fn serve_tcp(self, fd: Fd) {
        while let Some(accepted) = self.unless_stopped(self.sys().accept(fd)).await {
            let Ok((connection, _)) = accepted else { break };
            let server = self.clone();
            self.sys().spawn_task(async move {
                server
                    .unless_stopped(server.serve_connection(connection))
                    .await;
                server.sys().close(connection);
            });
        }
        self.sys().close(fd);
    }

    async fn serve_connection(&self, fd: Fd) {
        let mut pending: Vec<u8> = Vec::new();
        loop {
            while let Some(query) = take_framed(&mut pending) {
                let Some(answer) = self.answer(query, false, None).await else {
                    return;
                };
                let Ok(len) = u16::try_from(answer.len()) else {
                    return;
                };
                let framed = [len.to_be_bytes().as_slice(), &answer].concat();
                if self.sys().write(fd, &framed).await.is_err() {
                    return;
                }
            }
            match self.sys().read(fd, 65_536).await {
                Ok(data) if !data.is_empty() => pending.extend_from_slice(&data),
                _ => return,
            }
        }
    }

    /// Answers one query, by what is known or by asking others.
    async fn answer(&self, query: Bytes, udp: bool, packet: Option<PacketId>) -> Option<Bytes> {
        let message = Message::parse(query.clone()).ok()?;
        let question = message.questions.first()?.clone();
        let local = self.local(&message, &question);
        self.note(packet, &question, local.as_ref());
        if let Some(mut answer) = local {
            if udp {
                let limit = message
                    .edns
                    .map_or(UDP_LIMIT, |e| e.udp_size.max(UDP_LIMIT));
                answer.truncate(usize::from(limit));
            }
            return Some(emit_plain(&answer));
        }
        let forwarded = if self.may_forward() {
            self.forward(&query, message.id).await
        } else {
            None
        };
        Some(forwarded.unwrap_or_else(|| message.response(Rcode::SERVFAIL).emit()))
    }

    /// Answers from what the engine knows; `None` means that others have to be asked.
    fn local(&self, query: &Message, question: &Question) -> Option<Message> {
        let networks = networks_of(&self.engine.state(), &self.container);
        let mut answer = query.response(Rcode::NOERROR);
        answer.flags.ra = true;
        if question.rtype == RecordType::PTR {
            let addr = question.name.reverse_address()?;
            let name = records::reverse(&networks, addr)?.parse().ok()?;
            answer.answers.push(Record::new(
                question.name.clone(),
                TTL,
                RecordData::Ptr(name),
            ));
            return Some(answer);
        }
        let name = question.name.to_string();
        let name = name.trim_end_matches('.');
        let v6 = question.rtype == RecordType::AAAA;
        if ![RecordType::A, RecordType::AAAA, RecordType::MX].contains(&question.rtype) {
            return None;
        }
        match records::resolve(&networks, name, v6) {
            // A known name has no mail server; saying so keeps the question from going out.
            Known::Addresses(_) if question.rtype == RecordType::MX => Some(answer),
            Known::Addresses(mut addrs) => {
                if addrs.len() > 1 {
                    self.sys().kernel(|k| k.rng.shuffle(&mut addrs));
                }
                let record = |addr| Record::address(question.name.clone(), TTL, addr);
                answer.answers = addrs.into_iter().map(record).collect();
                Some(answer)
            }
            // With ndots set by somebody, a single label that is unknown is not for the outside.
            Known::Unknown if self.ndots_given && !name.contains('.') => Some(answer),
            Known::Unknown => None,
        }
    }

    /// Writes into the trace where the question was looked up and what came of it.
    fn note(&self, packet: Option<PacketId>, question: &Question, answer: Option<&Message>) {
        let Some(packet) = packet else { return };
        if !self.sys().kernel(|k| k.trace.enabled()) {
            return;
        }
        let name = question.name.to_string().trim_end_matches('.').to_owned();
        let networks = networks_of(&self.engine.state(), &self.container);
        let holds = |n: &NetworkNames| match records::resolve(std::slice::from_ref(n), &name, false)
        {
            Known::Addresses(_) => true,
            Known::Unknown => false,
        };
        let searched = networks
            .iter()
            .map(|n| (n.name.clone(), holds(n)))
            .collect();
        let outcome = match (answer, self.upstreams.first()) {
            (Some(answer), _) if answer.answers.is_empty() => DnsOutcome::NoData,
            (Some(answer), _) => {
                DnsOutcome::Found(answer.answers.iter().filter_map(|r| r.data.ip()).collect())
            }
            (None, Some(upstream)) if self.may_forward() => DnsOutcome::Forwarded(upstream.addr),
            (None, _) => DnsOutcome::Refused,
        };
        let kind = question.rtype.to_string();
        let note = Rc::new(Note::DnsSearch {
            name,
            kind,
            searched,
            outcome,
        });
        self.sys().kernel(|k| {
            k.trace
                .push(k.now, self.netns, packet, Checkpoint::Note(note));
        });
    }

    /// Returns whether questions may leave: not from a container that is only on internal networks.
    fn may_forward(&self) -> bool {
        let state = self.engine.state();
        let sandbox = state
            .containers
            .get(&self.container)
            .and_then(|c| c.sandbox.as_ref());
        sandbox.is_some_and(|s| s.gateway_v4.is_some() || s.gateway_v6.is_some())
    }

    /// Asks the upstream servers in turn. A server that fails or refuses is passed over; "no such name" is an answer.
    async fn forward(&self, query: &Bytes, id: u16) -> Option<Bytes> {
        for upstream in self.upstreams.iter().take(UPSTREAMS) {
            let Some(answer) = self.ask(upstream, query, id).await else {
                continue;
            };
            let rcode = Message::parse(answer.clone()).ok().map(|m| m.rcode);
            if rcode.is_some_and(|r| r != Rcode::SERVFAIL && r != Rcode::REFUSED) {
                return Some(answer);
            }
        }
        None
    }

    async fn ask(&self, upstream: &ExtServer, query: &Bytes, id: u16) -> Option<Bytes> {
        let sys = self.sys();
        // A server of the machine's own file is asked from there, whatever the container can reach.
        let netns = if upstream.from_host {
            self.engine.ns()
        } else {
            self.netns
        };
        let family = if upstream.addr.is_ipv4() {
            Family::V4
        } else {
            Family::V6
        };
        let fd = in_namespace(sys, netns, || sys.socket(family, SockType::Datagram)).ok()?;
        let exchange = async {
            sys.connect(fd, SocketAddr::new(upstream.addr, DNS_PORT))
                .await
                .ok()?;
            sys.write(fd, query).await.ok()?;
            loop {
                let received = sys.recv_from(fd).await.ok()?;
                if received.data.get(..2) == Some(id.to_be_bytes().as_slice()) {
                    return Some(received.data);
                }
            }
        };
        let answer = sys.timeout(UPSTREAM_TIMEOUT, exchange).await.flatten();
        sys.close(fd);
        answer
    }
}

/// Writes an answer without compressed names, as the library does that the real server is made with; the size of a
/// message shows in what `dig` prints.
fn emit_plain(answer: &Message) -> Bytes {
    let mut head = answer.clone();
    let records = std::mem::take(&mut head.answers);
    let mut bytes = head.emit().to_vec();
    let count = u16::try_from(records.len())
        .unwrap_or(u16::MAX)
        .to_be_bytes();
    for (at, byte) in count.into_iter().enumerate() {
        if let Some(place) = bytes.get_mut(6 + at) {
            *place = byte;
        }
    }
    for record in &records {
        let (rtype, data) = match &record.data {
            RecordData::A(addr) => (RecordType::A, addr.octets().to_vec()),
            RecordData::Aaaa(addr) => (RecordType::AAAA, addr.octets().to_vec()),
            RecordData::Ptr(name) => (RecordType::PTR, plain_name(name)),
            // The engine answers nothing else by itself.
            RecordData::Cname(_)
            | RecordData::Ns(_)
            | RecordData::Mx { .. }
            | RecordData::Txt(_)
            | RecordData::Srv { .. }
            | RecordData::Soa(_)
            | RecordData::Other { .. } => continue,
        };
        bytes.extend(plain_name(&record.name));
        bytes.extend(rtype.0.to_be_bytes());
        bytes.extend(record.class.to_be_bytes());
        bytes.extend(record.ttl.to_be_bytes());
        bytes.extend(u16::try_from(data.len()).unwrap_or(0).to_be_bytes());
        bytes.extend(data);
    }
    bytes.into()
}

fn plain_name(name: &Name) -> Vec<u8> {
    let mut bytes = Vec::new();
    for label in name.labels() {
        bytes.push(u8::try_from(label.len()).unwrap_or(0));
        bytes.extend_from_slice(label);
    }
    bytes.push(0);
    bytes
}

/// Takes one message with its two bytes of length off the front.
fn take_framed(pending: &mut Vec<u8>) -> Option<Bytes> {
    let len = usize::from(u16::from_be_bytes(*pending.first_chunk::<2>()?));
    if pending.len() < len + 2 {
        return None;
    }
    let rest = pending.split_off(len + 2);
    let message = std::mem::replace(pending, rest);
    Some(Bytes::from(message).slice(2..))
}

/// Gathers the names that a container can see, its networks in gateway order.
fn networks_of(state: &State, container: &str) -> Vec<NetworkNames> {
    let Some(c) = state.containers.get(container) else {
        return Vec::new();
    };
    let Some(sandbox) = &c.sandbox else {
        return Vec::new();
    };
    let networks: Vec<_> = sandbox
        .joined
        .iter()
        .filter_map(|id| state.networks.get(id))
        .collect();
    let candidates: Vec<Candidate> = networks.iter().map(|n| n.candidate(container)).collect();
    let names = |at: usize| {
        let n = networks.get(at)?;
        // On the engine's own networks only those who were renamed have names.
        let named = |e: &crate::state::Endpoint| !e.dns_names.is_empty();
        if !n.is_user_defined() && !n.endpoints.values().any(named) {
            return None;
        }
        let peer = |e: &crate::state::Endpoint| Peer {
            names: e.dns_names.clone(),
            addrs: e.spec.addrs.iter().map(|a| a.addr()).collect(),
        };
        let links = c
            .endpoints
            .get(&n.name)
            .and_then(|a| a.settings.links.as_ref());
        let split = |l: &String| {
            let (name, alias) = crate::links::parse(l);
            (alias.to_owned(), name.to_owned())
        };
        let mut peers: Vec<Peer> = n
            .endpoints
            .values()
            .filter(|e| named(e))
            .map(peer)
            .collect();
        let mut services = Vec::new();
        if n.is_overlay() {
            let here: Vec<IpAddr> = peers.iter().flat_map(|p| p.addrs.iter().copied()).collect();
            let (elsewhere, known) = state.balancer.names(&n.id, &here);
            peers.extend(elsewhere);
            services = known;
        }
        Some(NetworkNames {
            name: n.name.clone(),
            peers,
            services,
            links: links.into_iter().flatten().map(split).collect(),
        })
    };
    let mut order = gateway::order(&candidates);
    // Networks of the swarm come before those of the machine, the ingress network between them. Source: moby `sandbox.go`.
    if networks.iter().any(|n| n.is_overlay()) {
        sorted::sort_by_key(&mut order, |at| {
            networks.get(*at).map(|n| (!n.is_overlay(), n.ingress))
        });
    }
    order.into_iter().filter_map(names).collect()
}
