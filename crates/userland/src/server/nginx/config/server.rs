//! Servers, and where they listen.

use super::Config;
use super::location::{Location, Match};
use super::scope::Scope;
use crate::server::nginx::syntax::{ConfigError, Directive};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// A `server`.
#[derive(Debug, Clone)]
pub(in crate::server::nginx) struct Server {
    /// Addresses, each with whether this server is the one for unknown names there.
    pub(in crate::server::nginx) listen: Vec<(SocketAddr, bool)>,
    pub(in crate::server::nginx) names: Vec<String>,
    pub(in crate::server::nginx) own: Location,
}

impl Config {
    pub(super) fn server(&mut self, d: &Directive, outer: &Scope) -> Result<Server, ConfigError> {
        let mut listening: Vec<(SocketAddr, bool)> = Vec::new();
        for d in d.inside.iter().filter(|d| d.word(0) == "listen") {
            let addr = listen(d)?;
            if listening.iter().any(|(known, _)| *known == addr) {
                return Err(d.error(&format!("a duplicate listen {addr}")));
            }
            listening.push((addr, d.words.iter().any(|w| w == "default_server")));
        }
        if listening.is_empty() {
            listening.push((
                SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 80),
                false,
            ));
        }
        let names = d.inside.iter().filter(|d| d.word(0) == "server_name");
        Ok(Server {
            listen: listening,
            names: names.flat_map(|d| d.args().to_vec()).collect(),
            own: self.location(d, "", Match::Prefix, outer)?,
        })
    }
}

fn listen(d: &Directive) -> Result<SocketAddr, ConfigError> {
    let text = d.word(1);
    if d.words
        .iter()
        .any(|w| matches!(w.as_str(), "ssl" | "quic" | "proxy_protocol"))
    {
        return Err(d.error(&crate::not_modelled!("nginx", "listen ssl")));
    }
    let any = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    if text.bytes().all(|b| b.is_ascii_digit()) {
        let port = text.parse().ok().filter(|port| *port > 0);
        let port = port.ok_or_else(|| {
            d.error(&format!(
                "invalid port in \"{text}\" of the \"listen\" directive"
            ))
        })?;
        return Ok(SocketAddr::new(any, port));
    }
    if let Ok(addr) = text
        .replace("*:", "0.0.0.0:")
        .replace("localhost:", "127.0.0.1:")
        .parse()
    {
        return Ok(addr);
    }
    let ip = text.trim_matches(['[', ']']).parse().ok();
    ip.map(|ip| SocketAddr::new(ip, 80)).ok_or_else(|| {
        d.error(&format!(
            "host not found in \"{text}\" of the \"listen\" directive"
        ))
    })
}
