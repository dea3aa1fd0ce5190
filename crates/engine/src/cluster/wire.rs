//! What nodes say to each other: messages over TCP, each with its length before it.
//!
//! The real ones speak gRPC to managers and memberlist's protocol among themselves; who says what when is the same.

use kernel::Errno;
use kernel::process::files::Fd;
use kernel::sock::{Family, SockOpt, SockType};
use kernel::sys::Sys;
use kernel::time::Duration;
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, SocketAddr};

use super::dispatcher::Assignment;
use super::gossip::Entry;
use super::packed;
use super::store::Store;
use crate::api::{LogsOptions, NodeDescription, Peer, SwarmChange, SwarmChanged, TaskStatus};
use crate::error::{Class, Error, Result};

/// How long a connection may take to come about.
pub(super) const DIAL: Duration = Duration::from_secs(5);

/// What a node asks of the manager that leads.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Ask {
    /// A change that was asked of a manager that does not lead.
    Change(SwarmChange),
    /// A container wants onto a network.
    Attach {
        container: String,
        network: String,
        address: String,
    },
    /// A container has left a network.
    Detach { container: String, network: String },
}

/// A failure as it travels.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Refusal {
    status: u16,
    text: String,
}

/// A message.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Message {
    /// A machine wants to be a node.
    Join {
        token: String,
        description: Box<NodeDescription>,
        availability: String,
        /// Where it is reached; the host is empty where the manager sees it better.
        addr: String,
        port: u16,
    },
    /// It is one.
    Joined {
        node: String,
        manager: bool,
        managers: Vec<Peer>,
        addr: IpAddr,
    },
    /// It is not.
    Refused(Refusal),
    /// Another manager leads.
    Redirect { addr: String },
    /// A node begins a session. A manager says how much it knows.
    Hello {
        node: String,
        description: Box<NodeDescription>,
        index: u64,
    },
    /// It still is there.
    Beat,
    /// How tasks are.
    Status(Vec<(String, TaskStatus)>),
    /// It asks for something.
    Ask { number: u64, ask: Box<Ask> },
    /// It gets an answer.
    Answer {
        number: u64,
        answer: Result<SwarmChanged, Refusal>,
    },
    /// What a node is to do.
    Assign(Box<Assignment>),
    /// What other managers are to know.
    Know(Box<Store>),
    /// A manager has written down what it is to know.
    Known { index: u64 },
    /// A manager wants to lead.
    Vote { node: String, term: u64, index: u64 },
    /// Whether it may.
    Voted { granted: bool, term: u64 },
    /// A node is to go.
    Leave,
    /// A manager wants to know what a container prints.
    Logs {
        number: u64,
        container: String,
        options: LogsOptions,
    },
    /// It printed this, to standard error if true; nothing: that was all.
    Logged {
        number: u64,
        frame: Option<(bool, Vec<u8>)>,
    },
    /// Nobody reads that any more.
    LogsOver { number: u64 },
    /// What there is on a node's networks.
    Gossip {
        node: String,
        addr: IpAddr,
        number: u64,
        entries: Vec<Entry>,
        /// Whether whoever says it knows nothing yet of whom it is said to.
        asks: bool,
    },
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self {
            status: error.class().status(),
            text: error.to_string(),
        }
    }
}

impl Refusal {
    /// The failure.
    pub(super) fn error(self) -> Error {
        let class = match self.status {
            400 => Class::Invalid,
            404 => Class::NotFound,
            409 => Class::Conflict,
            403 => Class::Forbidden,
            503 => Class::Unavailable,
            501 => Class::NotModelled,
            _ => Class::Internal,
        };
        Error::new(class, self.text)
    }
}

/// A connection, which ends with whoever has it.
pub(super) struct Line {
    sys: Sys,
    pub(super) fd: Fd,
}

impl Line {
    pub(super) fn new(sys: &Sys, fd: Fd) -> Self {
        Self {
            sys: sys.clone(),
            fd,
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.sys.close(self.fd);
    }
}

/// Connects; the error is as Go's network library says it.
pub(super) async fn dial(sys: &Sys, to: SocketAddr) -> Result<Line> {
    let family = if to.is_ipv4() { Family::V4 } else { Family::V6 };
    let failed = |why: &str| {
        super::store::rpc(
            "Unavailable",
            format!(
                "connection error: desc = \"transport: Error while dialing: dial tcp {to}: {why}\""
            ),
        )
    };
    let fd = sys
        .socket(family, SockType::Stream)
        .map_err(|e| failed(e.text()))?;
    let line = Line::new(sys, fd);
    match sys.timeout(DIAL, sys.connect(fd, to)).await {
        Some(Ok(())) => Ok(line),
        Some(Err(e)) => Err(failed(&format!(
            "connect: {}",
            e.text().to_ascii_lowercase()
        ))),
        None => Err(failed("i/o timeout")),
    }
}

/// Takes connections at a port of all the machine's addresses.
pub(super) fn listen(sys: &Sys, port: u16) -> Result<Fd, Errno> {
    bound(sys, SockType::Stream, port, |fd| sys.listen(fd, 4096))
}

/// Takes datagrams at a port of all the machine's addresses.
pub(super) fn listen_datagrams(sys: &Sys, port: u16) -> Result<Fd, Errno> {
    bound(sys, SockType::Datagram, port, |_| Ok(()))
}

fn bound(
    sys: &Sys,
    kind: SockType,
    port: u16,
    then: impl FnOnce(Fd) -> Result<(), Errno>,
) -> Result<Fd, Errno> {
    let fd = sys.socket(Family::V6, kind)?;
    let any = SocketAddr::new(IpAddr::V6(std::net::Ipv6Addr::UNSPECIFIED), port);
    // As the Go runtime does.
    let bound = sys
        .set_option(fd, SockOpt::ReuseAddr(kind == SockType::Stream))
        .and_then(|()| sys.bind(fd, any))
        .and_then(|()| then(fd));
    if bound.is_err() {
        sys.close(fd);
    }
    bound.map(|()| fd)
}

/// Sends a message.
pub(super) async fn send(sys: &Sys, fd: Fd, message: &Message) -> Result<(), Errno> {
    let Some(body) = packed::to_bytes(message) else {
        return Err(Errno::EINVAL);
    };
    let length = u32::try_from(body.len()).or(Err(Errno::EMSGSIZE))?;
    let framed = [length.to_be_bytes().as_slice(), &body].concat();
    sys.write(fd, &framed).await.map(|_| ())
}

/// The messages that come over a connection.
pub(super) struct Incoming {
    fd: Fd,
    pending: Vec<u8>,
}

impl Incoming {
    pub(super) fn new(fd: Fd) -> Self {
        Self {
            fd,
            pending: Vec::new(),
        }
    }

    /// The next message; `None` at the end, or when what comes is none.
    pub(super) async fn next(&mut self, sys: &Sys) -> Option<Message> {
        loop {
            if let Some((length, rest)) = self.pending.split_first_chunk::<4>() {
                let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
                if let Some(body) = rest.get(..length) {
                    let message = packed::from_bytes(body);
                    self.pending.drain(..4 + length);
                    return message;
                }
            }
            match sys.read(self.fd, 65_536).await {
                Ok(data) if !data.is_empty() => self.pending.extend_from_slice(&data),
                _ => return None,
            }
        }
    }
}
