//! Where a session goes, and how it is opened.

use super::CLOSED;
use crate::args::Parsed;
use crate::net::connect::{self, From as LocalEnd};
use crate::net::pgwire::{self, Fields, Message, put_text};
use crate::net::resolv;
use crate::net::stream::Stream;
use crate::server::postgres::SOCKET;
use kernel::Errno;
use kernel::sys::Sys;
use kernel::time::Duration;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Where to, and as whom.
pub(super) struct Target {
    pub(super) host: Option<String>,
    pub(super) port: u16,
    pub(super) user: String,
    pub(super) database: String,
    pub(super) timeout: Option<Duration>,
    /// The number of the server's process for this session.
    pub(super) backend: std::cell::Cell<u32>,
}

impl Target {
    pub(super) fn read(sys: &Sys, parsed: &Parsed) -> Self {
        let setting = |letter: char, variable: &str| {
            parsed
                .value(letter)
                .map(str::to_owned)
                .or_else(|| sys.env(variable))
                .filter(|v| !v.is_empty())
        };
        let mut target = Self {
            host: setting('h', "PGHOST").filter(|h| !h.starts_with('/')),
            port: setting('p', "PGPORT")
                .and_then(|p| p.parse().ok())
                .unwrap_or(5432),
            user: String::new(),
            database: String::new(),
            timeout: sys
                .env("PGCONNECT_TIMEOUT")
                .and_then(|t| t.parse().ok())
                .filter(|t| *t > 0)
                .map(Duration::from_secs),
            backend: std::cell::Cell::new(0),
        };
        let mut user = setting('U', "PGUSER");
        let mut database = setting('d', "PGDATABASE");
        let mut operands = parsed.operands.iter();
        if let Some(first) = operands.next() {
            database = Some(first.clone());
            user = operands.next().cloned().or(user);
        }
        if let Some(rest) = database.as_deref().and_then(|d| {
            d.strip_prefix("postgresql://")
                .or_else(|| d.strip_prefix("postgres://"))
        }) {
            let rest = rest.split('?').next().unwrap_or_default().to_owned();
            let (authority, name) = rest.split_once('/').unwrap_or((&rest, ""));
            let (who, place) = authority
                .rsplit_once('@')
                .map_or((None, authority), |(w, p)| (w.split(':').next(), p));
            let (host, port) = place.split_once(':').unwrap_or((place, ""));
            target.host = Some(host.to_owned())
                .filter(|h| !h.is_empty())
                .or(target.host);
            target.port = port.parse().unwrap_or(target.port);
            user = who.map(str::to_owned).or(user);
            database = Some(name.to_owned()).filter(|n| !n.is_empty());
        }
        // `host=db user=me`, as a service's connection string.
        if let Some(text) = database.clone().filter(|text| text.contains('=')) {
            database = None;
            for (name, value) in text
                .split_whitespace()
                .filter_map(|word| word.split_once('='))
            {
                let value = value.trim_matches('\'').to_owned();
                match name {
                    "host" | "hostaddr" => target.host = Some(value),
                    "port" => target.port = value.parse().unwrap_or(target.port),
                    "user" => user = Some(value),
                    "dbname" => database = Some(value),
                    "connect_timeout" => {
                        let seconds = value.parse().ok().filter(|t| *t > 0);
                        target.timeout = seconds.map(Duration::from_secs);
                    }
                    _ => {}
                }
            }
        }
        target.user = user.unwrap_or_else(|| {
            if sys.me(|p| p.uid) == Some(0) {
                "root".to_owned()
            } else {
                "postgres".to_owned()
            }
        });
        target.database = database.unwrap_or_else(|| target.user.clone());
        target
    }

    /// Connects and opens a session. Errors: the sentence after `psql: error: `.
    pub(super) async fn open(&self, sys: &Sys) -> Result<Stream, String> {
        let Some(host) = &self.host else {
            return self.open_local(sys).await;
        };
        let found = resolv::lookup(sys, host, None).await;
        let addresses = found
            .map_err(|e| {
                format!(
                    "could not translate host name \"{host}\" to address: {}",
                    e.text()
                )
            })?
            .addresses;
        let mut errors = Vec::new();
        for ip in addresses {
            let shown = if host.parse::<IpAddr>().is_ok() {
                String::new()
            } else {
                format!(" ({ip})")
            };
            let place = format!(
                "connection to server at \"{host}\"{shown}, port {} failed: ",
                self.port
            );
            match self.session(sys, SocketAddr::new(ip, self.port)).await {
                Ok(stream) => return Ok(stream),
                Err(Failure::Connect(Errno::ETIMEDOUT)) if self.timeout.is_some() => {
                    errors.push(format!("{place}timeout expired"));
                }
                Err(Failure::Connect(error)) => {
                    errors.push(format!("{place}{error}\n\tIs the server running on that host and accepting TCP/IP connections?"));
                }
                // A server that says no is not asked again at another address.
                Err(Failure::Told(text)) => return Err(format!("{place}{text}")),
            }
        }
        Err(errors.join("\n"))
    }

    /// There are no local sockets here: where the server says that it has one, its loopback address is used.
    async fn open_local(&self, sys: &Sys) -> Result<Stream, String> {
        let place = format!(
            "connection to server on socket \"/var/run/postgresql/.s.PGSQL.{}\" failed: ",
            self.port
        );
        let hint = "\n\tIs the server running locally and accepting connections on that socket?";
        if !sys.exists(SOCKET) {
            return Err(format!("{place}{}{hint}", Errno::ENOENT));
        }
        let loopback = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), self.port);
        self.session(sys, loopback)
            .await
            .map_err(|failure| match failure {
                Failure::Connect(error) => format!("{place}{error}{hint}"),
                Failure::Told(text) => format!("{place}{text}"),
            })
    }

    async fn session(&self, sys: &Sys, to: SocketAddr) -> Result<Stream, Failure> {
        let fd = connect::tcp_within(sys, to, LocalEnd::default(), self.timeout)
            .await
            .map_err(Failure::Connect)?;
        let mut stream = Stream::new(sys, fd);
        let talk = self.handshake(&mut stream);
        let result = match self.timeout {
            Some(limit) => sys
                .timeout(limit, talk)
                .await
                .unwrap_or(Err(Failure::Connect(Errno::ETIMEDOUT))),
            None => talk.await,
        };
        result.map(|()| stream)
    }

    async fn handshake(&self, stream: &mut Stream) -> Result<(), Failure> {
        let closed = || Failure::Told(CLOSED.to_owned());
        let net = |e: Errno| Failure::Told(format!("could not receive data from server: {e}"));
        let request = [8u32.to_be_bytes(), pgwire::SSL_REQUEST.to_be_bytes()].concat();
        stream.write(&request).await.map_err(net)?;
        let answer = stream.exactly(1).await.map_err(net)?.ok_or_else(closed)?;
        if answer.as_ref() != b"N" {
            let text = format!(
                "received invalid response to SSL negotiation: {}",
                String::from_utf8_lossy(&answer)
            );
            return Err(Failure::Told(text));
        }
        let mut body = pgwire::VERSION_3.to_be_bytes().to_vec();
        for (key, value) in [
            ("user", self.user.as_str()),
            ("database", &self.database),
            ("application_name", "psql"),
            ("client_encoding", "UTF8"),
        ] {
            put_text(&mut body, key);
            put_text(&mut body, value);
        }
        body.push(0);
        let length = u32::try_from(body.len() + 4).unwrap_or(u32::MAX);
        stream
            .write(&[&length.to_be_bytes()[..], &body].concat())
            .await
            .map_err(net)?;
        while let Some(message) = Message::read(stream).await.map_err(net)? {
            match message.kind {
                b'Z' => return Ok(()),
                b'K' => self.backend.set(Fields(&message.body).int32().unwrap_or(0)),
                b'E' => {
                    let Told { severity, text, .. } = Told::read(&message.body);
                    return Err(Failure::Told(format!("{severity}:  {text}")));
                }
                b'R' if message.body != [0; 4] => {
                    return Err(Failure::Told(crate::not_modelled!("psql", "passwords")));
                }
                _ => {}
            }
        }
        Err(closed())
    }
}

enum Failure {
    Connect(Errno),
    Told(String),
}

/// What an error message or a notice says.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) severity: String,
    pub(super) text: String,
    pub(super) position: Option<usize>,
    /// Lines of detail and advice.
    pub(super) more: String,
}

impl Told {
    /// Takes a message apart.
    pub(super) fn read(body: &[u8]) -> Self {
        let mut fields = Fields(body);
        let mut told = Self::default();
        while let Some(kind) = fields.byte().filter(|k| *k != 0) {
            let value = fields.text().unwrap_or_default();
            match kind {
                b'S' => told.severity = value,
                b'M' => told.text = value,
                b'P' => told.position = value.parse().ok(),
                b'D' => told.more.push_str(&format!("DETAIL:  {value}\n")),
                b'H' => told.more.push_str(&format!("HINT:  {value}\n")),
                _ => {}
            }
        }
        told
    }
}
