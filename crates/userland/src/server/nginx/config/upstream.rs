//! Groups of servers, and what is passed on to them.

use super::Config;
use crate::server::nginx::syntax::{ConfigError, Directive};
use std::net::SocketAddr;

/// `proxy_pass`.
#[derive(Debug, Clone)]
pub(in crate::server::nginx) struct Proxy {
    /// What follows `http://`.
    pub(in crate::server::nginx) to: String,
    /// The group of servers, if it is known without looking at the request.
    pub(in crate::server::nginx) upstream: Option<usize>,
}

/// A group of servers: that of an `upstream`, or one host.
#[derive(Debug, Clone)]
pub(in crate::server::nginx) struct Upstream {
    pub(in crate::server::nginx) name: String,
    pub(in crate::server::nginx) peers: Vec<Peer>,
}

/// One host of an [`Upstream`].
#[derive(Debug, Clone)]
pub(in crate::server::nginx) struct Peer {
    pub(in crate::server::nginx) host: String,
    pub(in crate::server::nginx) port: u16,
    pub(in crate::server::nginx) backup: bool,
    pub(in crate::server::nginx) down: bool,
    pub(in crate::server::nginx) weight: usize,
    /// As the error about its name shows it.
    pub(in crate::server::nginx) shown: String,
    pub(in crate::server::nginx) place: String,
    /// Its addresses, as they were when nginx started.
    pub(in crate::server::nginx) addresses: Vec<SocketAddr>,
}

impl Config {
    pub(super) fn proxy(&mut self, d: &Directive) -> Result<Proxy, ConfigError> {
        let text = d.word(1);
        let Some(to) = text.strip_prefix("http://") else {
            return Err(d.error(&if text.starts_with("https://") {
                crate::not_modelled!("nginx", "proxy_pass https://")
            } else {
                "invalid URL prefix".to_owned()
            }));
        };
        let (authority, _) = split_target(to);
        let known = self.upstreams.iter().position(|u| u.name == authority);
        let upstream = match known {
            _ if authority.contains('$') => None,
            Some(at) => Some(at),
            None => {
                let mut peer = peer(authority, d)?;
                peer.shown.clone_from(&peer.host);
                self.upstreams.push(Upstream {
                    name: authority.to_owned(),
                    peers: vec![peer],
                });
                Some(self.upstreams.len() - 1)
            }
        };
        Ok(Proxy {
            to: to.to_owned(),
            upstream,
        })
    }
}

/// Host and port on the one hand, path on the other.
pub(in crate::server::nginx) fn split_target(to: &str) -> (&str, &str) {
    to.find('/').map_or((to, ""), |at| to.split_at(at))
}

fn peer(text: &str, d: &Directive) -> Result<Peer, ConfigError> {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()),
        _ => (text, Some(80)),
    };
    let port = port.ok_or_else(|| d.error(&format!("invalid port in upstream \"{text}\"")))?;
    let has = |word: &str| d.words.iter().any(|w| w == word);
    let weight = d
        .words
        .iter()
        .find_map(|w| w.strip_prefix("weight=")?.parse().ok());
    Ok(Peer {
        host: host.to_owned(),
        port,
        backup: has("backup"),
        down: has("down"),
        weight: weight.unwrap_or(1),
        shown: text.to_owned(),
        place: d.place(),
        addresses: Vec::new(),
    })
}

pub(super) fn upstream(d: &Directive) -> Result<Upstream, ConfigError> {
    let servers = d.inside.iter().filter(|d| d.word(0) == "server");
    let peers = servers
        .map(|d| peer(d.word(1), d))
        .collect::<Result<Vec<_>, _>>()?;
    if peers.is_empty() {
        return Err(d.error("no servers are inside upstream"));
    }
    Ok(Upstream {
        name: d.word(1).to_owned(),
        peers,
    })
}
