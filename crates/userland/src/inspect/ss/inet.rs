//! Sockets of the IP families among those that `ss` lists.

use kernel::sock::{SockType, SocketInfo};
use std::net::{IpAddr, SocketAddr};

use super::table::Row;
use crate::net::services;

/// A socket's line, without who has it open and its details; `list` is the text of `/etc/services`, empty for numbers.
pub(super) fn row(s: &SocketInfo, list: &str) -> Row {
    let proto = if s.kind == SockType::Stream {
        "tcp"
    } else {
        "udp"
    };
    let port = |port: u16| match port {
        0 => "*".to_owned(),
        port => services::name(list, port, proto).map_or_else(|| port.to_string(), str::to_owned),
    };
    // A socket that takes both families shows neither.
    let any = |addr: SocketAddr| s.local.is_ipv6() && !s.v6_only && addr.ip().is_unspecified();
    let address = |addr: SocketAddr| match addr.ip() {
        _ if any(addr) => "*:".to_owned(),
        IpAddr::V4(ip) => format!("{ip}:"),
        IpAddr::V6(ip) => format!("[{ip}]:"),
    };
    let cells = [
        match s.kind {
            SockType::Stream => "tcp",
            SockType::Datagram => "udp",
            _ => "p_raw",
        }
        .to_owned(),
        s.state.to_owned(),
        s.recv_queue.to_string(),
        s.send_queue.to_string(),
        address(s.local),
        port(s.local.port()),
        address(s.remote),
        port(s.remote.port()),
    ];
    Row {
        cells,
        ..Row::default()
    }
}
