//! Passing requests on to other servers.

use super::config::{Config, Match, Peer, Upstream, split_target};
use super::exchange::Exchange;
use super::page::Page;
use crate::net::connect::{self, From as LocalEnd};
use crate::net::http::{Answer, ReadError};
use crate::net::resolv::{self, ResolvConf};
use crate::net::stream::Stream;
use kernel::Errno;
use kernel::sys::Sys;
use kernel::time::{Duration, Instant};
use std::net::{IpAddr, SocketAddr};
use wire::dns::{Rcode, RecordData, RecordType};

/// How long a server that failed is not asked. Source: `fail_timeout`.
const FAIL_TIMEOUT: Duration = Duration::from_secs(10);

/// What a worker remembers of the servers it asks.
#[derive(Default)]
pub(super) struct Memory {
    /// For each group, how often it was asked.
    turns: Vec<(usize, usize)>,
    /// Until when a server that failed is left alone.
    disabled: Vec<(SocketAddr, Instant)>,
    /// What the resolver said, and until when that holds.
    names: Vec<(String, Vec<IpAddr>, Instant)>,
}

/// Looks up every host that is proxied to. nginx does this once, before it starts.
pub(super) async fn resolve_upstreams(sys: &Sys, config: &mut Config) -> Result<(), String> {
    for peer in config
        .upstreams
        .iter_mut()
        .flat_map(|upstream| &mut upstream.peers)
    {
        let found = resolv::lookup(sys, &peer.host, None).await;
        let Ok(found) = found else {
            return Err(format!(
                "host not found in upstream \"{}\" in {}",
                peer.shown, peer.place
            ));
        };
        peer.addresses = found
            .addresses
            .iter()
            .map(|ip| SocketAddr::new(*ip, peer.port))
            .collect();
    }
    Ok(())
}

/// Why a server gave no answer.
enum Failure {
    Connect(Errno),
    ConnectTimeout,
    Closed,
    Reset(Errno),
    Invalid,
    ReadTimeout,
}

impl Exchange<'_> {
    /// What the server that is proxied to answers.
    pub(super) async fn pass(&mut self) -> Page {
        let Some(proxy) = &self.location.proxy else {
            return self.error(404);
        };
        let with_variables = proxy.to.contains('$');
        let to = self.fill(&proxy.to);
        let (authority, target) = split_target(&to);
        let (authority, target) = (authority.to_owned(), target.to_owned());
        let path = self.target_path(&target, with_variables);
        let known = proxy.upstream.or_else(|| {
            let all = &self.client.shared.config.upstreams;
            all.iter()
                .position(|u| u.name == authority && u.peers.len() > 1)
        });
        let targets = match known {
            Some(at) => self.in_turn(at),
            None => match self.resolved(&authority).await {
                Ok(targets) => targets,
                Err(page) => return page,
            },
        };
        let single = targets.len() == 1;
        let shown_upstream =
            |addr: &dyn std::fmt::Display| format!(", upstream: \"http://{addr}{path}\"");
        let mut status = 502;
        let mut tried = false;
        for addr in targets {
            let now = self.client.sys.now();
            let resting = {
                let mut memory = self.client.memory.borrow_mut();
                memory.disabled.retain(|(_, until)| *until > now);
                memory.disabled.iter().any(|(known, _)| *known == addr)
            };
            if resting && !single {
                continue;
            }
            tried = true;
            match self.ask(addr, &authority, &path).await {
                Ok(page) => {
                    let took = (self.client.sys.now() - now).as_secs_f64();
                    self.asked.push((addr.to_string(), page.status, took));
                    return page;
                }
                Err(failure) => {
                    let (text, code) = match failure {
                        Failure::Connect(error) => (
                            format!("connect() failed ({}: {error}) while connecting to upstream", error.number()),
                            502,
                        ),
                        Failure::ConnectTimeout => (
                            "upstream timed out (110: Connection timed out) while connecting to upstream".into(),
                            504,
                        ),
                        Failure::ReadTimeout => (
                            "upstream timed out (110: Connection timed out) while reading response header from upstream".into(),
                            504,
                        ),
                        Failure::Closed => (
                            "upstream prematurely closed connection while reading response header from upstream".into(),
                            502,
                        ),
                        Failure::Reset(error) => (
                            format!("recv() failed ({}: {error}) while reading response header from upstream", error.number()),
                            502,
                        ),
                        Failure::Invalid => (
                            "upstream sent no valid HTTP/1.0 header while reading response header from upstream".into(),
                            502,
                        ),
                    };
                    status = code;
                    let took = (self.client.sys.now() - now).as_secs_f64();
                    self.asked.push((addr.to_string(), code, took));
                    let mut lines = vec![("error", text)];
                    if !single {
                        let until = self.client.sys.now() + FAIL_TIMEOUT;
                        self.client.memory.borrow_mut().disabled.push((addr, until));
                        let warning = (
                            "warn",
                            "upstream server temporarily disabled while connecting to upstream"
                                .to_owned(),
                        );
                        lines.insert(usize::from(code != 504), warning);
                    }
                    for (level, text) in lines {
                        self.complain_of(level, &text, &shown_upstream(&addr)).await;
                    }
                }
            }
        }
        if !tried {
            self.complain_of(
                "error",
                "no live upstreams while connecting to upstream",
                &shown_upstream(&authority),
            )
            .await;
        }
        self.error(status)
    }

    /// Writes to the error log; `upstream` stands behind the request.
    async fn complain_of(&self, level: &str, what: &str, upstream: &str) {
        self.client
            .complain_of(level, self.request, Some(self.server), what, upstream)
            .await;
    }

    /// The path that is asked for: with a path in `proxy_pass`, that takes the place of the location's prefix.
    fn target_path(&self, target: &str, with_variables: bool) -> String {
        let query = if self.args.is_empty() {
            String::new()
        } else {
            format!("?{}", self.args)
        };
        if target.is_empty() {
            return if self.internal || self.uri != self.request.path() {
                format!("{}{query}", self.uri)
            } else {
                self.request.target.clone()
            };
        }
        if with_variables || matches!(self.location.kind, Match::Pattern(_)) {
            return target.to_owned();
        }
        let rest = self
            .uri
            .strip_prefix(self.location.name.as_str())
            .unwrap_or_default();
        format!("{target}{rest}{query}")
    }

    /// The addresses of a group's servers, each server once, the one whose turn it is first.
    fn in_turn(&self, at: usize) -> Vec<SocketAddr> {
        let Some(Upstream { peers, .. }) = self.client.shared.config.upstreams.get(at) else {
            return Vec::new();
        };
        let spread = |backup: bool| {
            let chosen = peers
                .iter()
                .filter(move |peer: &&Peer| peer.backup == backup && !peer.down);
            chosen.flat_map(|peer| {
                peer.addresses
                    .iter()
                    .flat_map(|a| std::iter::repeat_n(*a, peer.weight))
            })
        };
        let mut first: Vec<SocketAddr> = spread(false).collect();
        let mut memory = self.client.memory.borrow_mut();
        let turn = match memory.turns.iter_mut().find(|(known, _)| *known == at) {
            Some((_, turn)) => {
                *turn += 1;
                *turn
            }
            None => {
                memory.turns.push((at, 0));
                0
            }
        };
        let shift = turn % first.len().max(1);
        first.rotate_left(shift);
        let mut out: Vec<SocketAddr> = Vec::new();
        for addr in first.into_iter().chain(spread(true)) {
            if !out.contains(&addr) {
                out.push(addr);
            }
        }
        out
    }

    /// The addresses of a host that is only known now.
    async fn resolved(&self, authority: &str) -> Result<Vec<SocketAddr>, Page> {
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, port.parse().unwrap_or(80)),
            _ => (authority, 80),
        };
        let with_port = |ips: Vec<IpAddr>| {
            ips.into_iter()
                .map(|ip| SocketAddr::new(ip, port))
                .collect()
        };
        if let Ok(ip) = host.trim_matches(['[', ']']).parse() {
            return Ok(with_port(vec![ip]));
        }
        let scope = &self.location.scope;
        if scope.resolver.is_empty() {
            self.complain("error", &format!("no resolver defined to resolve {host}"))
                .await;
            return Err(self.error(502));
        }
        let sys = &self.client.sys;
        let now = sys.now();
        let remembered = {
            let mut memory = self.client.memory.borrow_mut();
            memory.names.retain(|(.., until)| *until > now);
            memory
                .names
                .iter()
                .find(|(name, ..)| name == host)
                .map(|(_, ips, _)| ips.clone())
        };
        if let Some(ips) = remembered {
            return Ok(with_port(ips));
        }
        let conf = ResolvConf {
            servers: scope.resolver.clone(),
            ..ResolvConf::default()
        };
        let why = match resolv::ask_together(sys, &conf, host, &[RecordType::A, RecordType::AAAA])
            .await
        {
            Err(_) => "110: Operation timed out",
            Ok(answers) => {
                let mut ips = Vec::new();
                let mut ttl = u32::MAX;
                for record in answers.iter().flat_map(|answer| &answer.message.answers) {
                    match record.data {
                        RecordData::A(ip) => ips.push(IpAddr::V4(ip)),
                        RecordData::Aaaa(ip) => ips.push(IpAddr::V6(ip)),
                        _ => continue,
                    }
                    ttl = ttl.min(record.ttl);
                }
                if !ips.is_empty() {
                    let valid = scope
                        .resolver_valid
                        .unwrap_or_else(|| Duration::from_secs(u64::from(ttl)));
                    self.client.memory.borrow_mut().names.push((
                        host.to_owned(),
                        ips.clone(),
                        now + valid,
                    ));
                    return Ok(with_port(ips));
                }
                let failed = answers.iter().any(|a| a.message.rcode == Rcode::SERVFAIL);
                if failed {
                    "2: Server failure"
                } else {
                    "3: Host not found"
                }
            }
        };
        self.complain("error", &format!("{host} could not be resolved ({why})"))
            .await;
        Err(self.error(502))
    }

    /// Asks one server.
    async fn ask(&self, addr: SocketAddr, authority: &str, path: &str) -> Result<Page, Failure> {
        let sys = &self.client.sys;
        let scope = &self.location.scope;
        self.client.count_upstream();
        let connecting = connect::tcp(sys, addr, LocalEnd::default());
        let fd = match sys.timeout(scope.connect_timeout, connecting).await {
            Some(Ok(fd)) => fd,
            Some(Err(Errno::ETIMEDOUT)) | None => return Err(Failure::ConnectTimeout),
            Some(Err(error)) => return Err(Failure::Connect(error)),
        };
        let mut upstream = Stream::new(sys, fd);
        let text = self.forwarded(authority, path);
        let reading = async {
            upstream
                .write(&[text.as_bytes(), &self.request.body].concat())
                .await
                .map_err(Failure::Reset)?;
            Answer::read(&mut upstream)
                .await
                .map_err(|error| match error {
                    ReadError::Net(error) => Failure::Reset(error),
                    ReadError::NotHttp => Failure::Invalid,
                    _ => Failure::Closed,
                })
        };
        let answer = match sys.timeout(scope.read_timeout, reading).await {
            Some(answer) => answer?,
            None => return Err(Failure::ReadTimeout),
        };
        let mut body = answer.body(&self.request.method);
        let mut page = Page {
            status: answer.status,
            reason: answer.status_line.splitn(3, ' ').nth(2).map(str::to_owned),
            chunked: answer.header("Content-Length").is_none() && self.request.method != "HEAD",
            foreign: true,
            ..Page::default()
        };
        while let Ok(Some(piece)) = body.next(&mut upstream).await {
            page.body.extend_from_slice(&piece);
        }
        for (name, value) in answer.headers {
            let lower = name.to_ascii_lowercase();
            match lower.as_str() {
                "connection" | "keep-alive" | "content-length" | "transfer-encoding" | "server"
                | "date" => {}
                "content-type" => page.kind = Some(value),
                // As `proxy_redirect default` does.
                "location" => page
                    .headers
                    .push((name, self.redirected(&value, authority))),
                hidden if scope.proxy_hidden.iter().any(|known| known == hidden) => {}
                "last-modified" if value.ends_with(" GMT") => page.modified = Some(value),
                _ => page.headers.push((name, value)),
            }
        }
        Ok(page)
    }

    /// Where the other server redirects to, as seen from outside.
    fn redirected(&self, location: &str, authority: &str) -> String {
        let Some(proxy) = self
            .location
            .proxy
            .as_ref()
            .filter(|proxy| !proxy.to.contains('$'))
        else {
            return location.to_owned();
        };
        let (_, target) = split_target(&proxy.to);
        let inner = format!(
            "http://{authority}{}",
            if target.is_empty() {
                &self.location.name
            } else {
                target
            }
        );
        match location.strip_prefix(&inner) {
            Some(rest) => self.here(&format!("{}{rest}", self.location.name)),
            None => location.to_owned(),
        }
    }

    /// The request as it is sent on.
    fn forwarded(&self, authority: &str, path: &str) -> String {
        let request = self.request;
        let mut text = format!("{} {path} HTTP/1.1\r\n", request.method);
        let set = &self.location.scope.proxy_headers;
        let is_set = |name: &str| {
            set.iter()
                .any(|(known, _)| known.eq_ignore_ascii_case(name))
        };
        for (name, value) in set {
            let value = self.fill(value);
            if !value.is_empty() {
                text.push_str(&format!("{name}: {value}\r\n"));
            }
        }
        if !is_set("host") {
            text.push_str(&format!(
                "Host: {}\r\n",
                authority.strip_suffix(":80").unwrap_or(authority)
            ));
        }
        if !request.body.is_empty() {
            text.push_str(&format!("Content-Length: {}\r\n", request.body.len()));
        }
        for (name, value) in &request.headers {
            let own = [
                "host",
                "connection",
                "content-length",
                "transfer-encoding",
                "keep-alive",
                "expect",
                "upgrade",
            ];
            if !own.iter().any(|own| name.eq_ignore_ascii_case(own)) && !is_set(name) {
                text.push_str(&format!("{name}: {value}\r\n"));
            }
        }
        text + "\r\n"
    }
}
