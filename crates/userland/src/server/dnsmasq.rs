//! `dnsmasq`: answers for the names in its configuration, as far as a small lab needs it.

use super::listen;
use crate::net::resolv;
use bytes::Bytes;
use kernel::Errno;
use kernel::process::files::Fd;
use kernel::sys::Sys;
use kernel::time::Duration;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::rc::Rc;
use wire::dns::{Edns, Flags, Message, Name, Rcode, Record, RecordData, RecordType};

/// The largest answer by UDP. Source: dnsmasq `EDNS_PKTSZ`.
const UDP_SIZE: u16 = 1232;
/// What it reads when nothing else is named.
const CONFIG: &str = "/etc/dnsmasq.conf";
const TIMEOUT: Duration = Duration::from_secs(5);
/// How many aliases are followed.
const MAX_ALIASES: usize = 10;

/// What the configuration says.
#[derive(Debug, Default)]
struct Config {
    port: u16,
    ttl: u32,
    records: Vec<(Name, RecordData)>,
    /// `local=/domain/`, and `address=/#/` for the root: what else is within does not exist.
    closed: Vec<Name>,
    /// `listen-address`.
    listen: Vec<IpAddr>,
    /// `bind-interfaces`: to listen there only, rather than everywhere and to leave the rest unanswered.
    binds: bool,
    /// `address=/domain/ip`.
    domains: Vec<(Name, IpAddr)>,
    servers: Vec<IpAddr>,
}

/// The `dnsmasq` program.
pub async fn main(sys: Sys, args: Vec<String>, _flavour: crate::Flavour) -> i32 {
    let mut config = Config {
        port: 53,
        ..Config::default()
    };
    let mut words: Vec<String> = args.get(1..).unwrap_or_default().to_vec();
    if !words
        .iter()
        .any(|w| w.starts_with("--conf-file") || w == "-C")
        && sys.exists(CONFIG)
    {
        words.push(format!("--conf-file={CONFIG}"));
    }
    let mut background = true;
    for word in &words {
        match word.as_str() {
            "-k" | "-d" | "--keep-in-foreground" | "--no-daemon" => background = false,
            word => {
                let Err(problem) = config.option(&sys, word.trim_start_matches('-')) else {
                    continue;
                };
                sys.err(&format!("\ndnsmasq: {problem}\n"));
                return 1;
            }
        }
    }
    let mut sockets = Vec::new();
    let everywhere = [
        IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    ];
    let addresses = match config.binds && !config.listen.is_empty() {
        true => config.listen.clone(),
        false => everywhere.to_vec(),
    };
    for ip in addresses {
        let addr = SocketAddr::new(ip, config.port);
        let pair = listen::udp(&sys, addr, true)
            .and_then(|udp| Ok((udp, listen::tcp(&sys, addr, true, 32)?)));
        match pair {
            Ok(pair) => sockets.push(pair),
            Err(error) => {
                sys.err(&format!(
                    "\ndnsmasq: failed to create listening socket for {}: {error}\n",
                    match ip.is_unspecified() {
                        true => format!("port {}", config.port),
                        false => ip.to_string(),
                    }
                ));
                return 2;
            }
        }
    }
    let config = Rc::new(config);
    if background {
        let Some(mut spawn) = sys.child(args) else {
            return 1;
        };
        (spawn.group, spawn.tty) = (None, None);
        let started = sys.fork(spawn, |child| {
            Box::pin(async move { run(child, sockets, config).await })
        });
        return i32::from(started.is_err());
    }
    run(sys, sockets, config).await
}

async fn run(sys: Sys, sockets: Vec<(Fd, Fd)>, config: Rc<Config>) -> i32 {
    for (udp, tcp) in sockets {
        let (task, conf) = (sys.clone(), config.clone());
        sys.spawn_task(async move { serve_udp(task, udp, conf).await });
        let (task, conf) = (sys.clone(), config.clone());
        sys.spawn_task(async move {
            listen::serve(&task, tcp, |sys, fd, _| {
                let conf = conf.clone();
                async move {
                    let mut stream = crate::net::stream::Stream::new(&sys, fd);
                    let _ = serve_tcp(&sys, &mut stream, &conf).await;
                }
            })
            .await;
        });
    }
    std::future::pending::<()>().await;
    0
}

async fn serve_udp(sys: Sys, fd: Fd, config: Rc<Config>) {
    loop {
        match sys.recv_from(fd).await {
            Ok(message) => {
                let Ok(query) = Message::parse(message.data) else {
                    continue;
                };
                let (sys2, config, from) = (sys.clone(), config.clone(), message.from);
                // Forwarding waits for others, so each question has a task of its own.
                sys.spawn_task(async move {
                    let Some(mut answer) = config.answer(&sys2, &query).await else {
                        return;
                    };
                    answer.truncate(usize::from(
                        query.edns.map_or(512, |e| e.udp_size.clamp(512, UDP_SIZE)),
                    ));
                    let _ = sys2.send_to(fd, answer.emit(), from).await;
                });
            }
            Err(Errno::EBADF) => return,
            Err(_) => sys.pause().await,
        }
    }
}

async fn serve_tcp(
    sys: &Sys,
    stream: &mut crate::net::stream::Stream,
    config: &Config,
) -> Result<(), Errno> {
    while let Some(length) = stream.exactly(2).await? {
        let length = length.iter().fold(0usize, |n, b| n << 8 | usize::from(*b));
        let Some(bytes) = stream.exactly(length).await? else {
            return Ok(());
        };
        let Ok(query) = Message::parse(bytes) else {
            return Ok(());
        };
        let Some(answer) = config.answer(sys, &query).await else {
            return Ok(());
        };
        let bytes = answer.emit();
        let length = u16::try_from(bytes.len()).or(Err(Errno::EMSGSIZE))?;
        stream
            .write(&[&length.to_be_bytes()[..], &bytes].concat())
            .await?;
    }
    Ok(())
}

impl Config {
    /// Reads one line of a configuration file, or a long option.
    fn option(&mut self, sys: &Sys, line: &str) -> Result<(), String> {
        let (key, value) = line
            .split_once('=')
            .map_or((line, ""), |(k, v)| (k.trim(), v.trim()));
        let name = |text: &str| {
            text.parse::<Name>()
                .ok()
                .ok_or_else(|| format!("bad name \"{text}\""))
        };
        let fields: Vec<&str> = value.split(',').map(str::trim).collect();
        let field = |n: usize| fields.get(n).copied().unwrap_or_default();
        match key {
            "conf-file" | "C" => {
                let text = sys
                    .read_text(value)
                    .map_err(|e| format!("cannot read {value}: {e}"))?;
                for (number, line) in text.lines().enumerate() {
                    let line = line
                        .split('#')
                        .next()
                        .filter(|_| !line.contains("/#/"))
                        .unwrap_or(line)
                        .trim();
                    if !line.is_empty() {
                        self.option(sys, line)
                            .map_err(|e| format!("{e} at line {} of {value}", number + 1))?;
                    }
                }
            }
            "host-record" => {
                let ips: Vec<IpAddr> = fields.iter().filter_map(|f| f.parse().ok()).collect();
                for host in fields
                    .iter()
                    .filter(|f| f.parse::<IpAddr>().is_err() && f.parse::<u32>().is_err())
                {
                    for ip in &ips {
                        let data = match ip {
                            IpAddr::V4(ip) => RecordData::A(*ip),
                            IpAddr::V6(ip) => RecordData::Aaaa(*ip),
                        };
                        self.records.push((name(host)?, data));
                        // An address leads back to the first name that was given to it.
                        let back = Name::reverse(*ip);
                        if !self.records.iter().any(|(known, _)| *known == back) {
                            self.records.push((back, RecordData::Ptr(name(host)?)));
                        }
                    }
                }
            }
            "cname" => {
                let (target, aliases) = fields.split_last().ok_or("bad cname")?;
                for alias in aliases {
                    self.records
                        .push((name(alias)?, RecordData::Cname(name(target)?)));
                }
            }
            "txt-record" => {
                let texts = fields
                    .iter()
                    .skip(1)
                    .map(|t| Bytes::copy_from_slice(t.trim_matches('"').as_bytes()))
                    .collect();
                self.records.push((name(field(0))?, RecordData::Txt(texts)));
            }
            "mx-host" => {
                let preference = field(2).parse().unwrap_or(1);
                self.records.push((
                    name(field(0))?,
                    RecordData::Mx {
                        preference,
                        exchange: name(field(1))?,
                    },
                ));
            }
            "ptr-record" => self
                .records
                .push((name(field(0))?, RecordData::Ptr(name(field(1))?))),
            "address" => {
                let mut parts = value.trim_start_matches('/').split('/').collect::<Vec<_>>();
                let ip = parts.pop().unwrap_or_default();
                for domain in parts {
                    let zone = name(if domain == "#" { "." } else { domain })?;
                    match ip.parse() {
                        Ok(ip) => self.domains.push((zone, ip)),
                        Err(_) => self.closed.push(zone),
                    }
                }
            }
            "local" => {
                for domain in value.split('/').filter(|part| !part.is_empty()) {
                    self.closed.push(name(domain)?);
                }
            }
            "listen-address" => self
                .listen
                .extend(fields.iter().filter_map(|f| f.parse::<IpAddr>().ok())),
            "bind-interfaces" => self.binds = true,
            "server" => self.servers.push(
                value
                    .parse()
                    .ok()
                    .ok_or("server= is modelled only with an address")?,
            ),
            "local-ttl" => self.ttl = value.parse().ok().ok_or("bad number")?,
            "port" | "p" => self.port = value.parse().ok().ok_or("bad port")?,
            // They are about what a simulated machine does not have, or change nothing here.
            "no-resolv" | "no-hosts" | "auth-ttl" | "no-poll" | "bind-dynamic" | "interface"
            | "domain-needed" | "bogus-priv" | "cache-size" | "log-queries" | "log-facility"
            | "user" | "group" | "pid-file" | "except-interface" | "no-negcache" => {}
            other => return Err(crate::not_modelled!("dnsmasq", "option {other}")),
        }
        Ok(())
    }

    /// The answer to a query; `None` for what is no query.
    async fn answer(&self, sys: &Sys, query: &Message) -> Option<Message> {
        if query.flags.qr {
            return None;
        }
        let Some(question) = query.questions.first().filter(|_| query.flags.opcode == 0) else {
            return Some(query.response(Rcode::NOTIMP));
        };
        let mut found = Vec::new();
        let known = self.collect(&question.name, question.rtype, &mut found);
        // The root exists for everybody.
        let known = known || question.name == Name::root();
        let closed = self.closed.iter().any(|z| question.name.is_within(z));
        let rcode = match (known, closed) {
            (true, _) => Rcode::NOERROR,
            (false, true) => Rcode::NXDOMAIN,
            (false, false) if self.servers.is_empty() => Rcode::REFUSED,
            (false, false) => return Some(self.forward(sys, query).await),
        };
        let mut answer = query.response(rcode);
        answer.flags = Flags {
            ra: true,
            aa: !found.is_empty(),
            ..answer.flags
        };
        for record in &found {
            if let RecordData::Mx {
                exchange: target, ..
            }
            | RecordData::Srv { target, .. } = &record.data
            {
                let mut more = Vec::new();
                self.collect(target, RecordType::A, &mut more);
                self.collect(target, RecordType::AAAA, &mut more);
                answer.additionals.extend(more);
            }
        }
        answer.answers = found;
        answer.edns = query.edns.map(|_| Edns {
            udp_size: UDP_SIZE,
            dnssec_ok: false,
            cookie: None,
        });
        Some(answer)
    }

    /// Gathers the records for a name and type, aliases followed; whether the name exists at all.
    fn collect(&self, name: &Name, rtype: RecordType, out: &mut Vec<Record>) -> bool {
        let mut name = name.clone();
        let mut known = false;
        for _ in 0..MAX_ALIASES {
            let here: Vec<&RecordData> = self
                .records
                .iter()
                .filter(|(n, _)| same(n, &name))
                .map(|(_, d)| d)
                .collect();
            known |= !here.is_empty();
            let wanted = here
                .iter()
                .filter(|d| d.rtype() == rtype || rtype == RecordType::ANY);
            out.extend(wanted.map(|d| Record::new(name.clone(), self.ttl, (*d).clone())));
            if here.is_empty()
                && let Some((_, ip)) = self.domains.iter().find(|(zone, _)| name.is_within(zone))
            {
                known = true;
                let record = Record::address(name.clone(), self.ttl, *ip);
                out.extend(Some(record).filter(|r| r.data.rtype() == rtype));
            }
            let alias = here.iter().find_map(|d| match d {
                RecordData::Cname(to) if rtype != RecordType::CNAME && rtype != RecordType::ANY => {
                    Some(to.clone())
                }
                _ => None,
            });
            let Some(target) = alias else { return known };
            out.push(Record::new(
                name,
                self.ttl,
                RecordData::Cname(target.clone()),
            ));
            name = target;
        }
        known
    }

    async fn forward(&self, sys: &Sys, query: &Message) -> Message {
        for server in &self.servers {
            let asked = Message {
                id: resolv::new_id(sys),
                ..query.clone()
            };
            if let Ok(answer) = resolv::exchange(
                sys,
                SocketAddr::new(*server, resolv::DNS_PORT),
                &asked,
                TIMEOUT,
            )
            .await
            {
                return Message {
                    id: query.id,
                    ..answer.message
                };
            }
        }
        query.response(Rcode::SERVFAIL)
    }
}

fn same(a: &Name, b: &Name) -> bool {
    a.is_within(b) && b.is_within(a)
}
