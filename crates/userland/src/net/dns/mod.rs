//! Tools that ask name servers: `dig`, `host`, `nslookup`, `getent`.

pub mod dig;
mod dig_options;
pub mod getent;
pub mod host;
pub mod nslookup;

use super::resolv;
use kernel::Errno;
use kernel::sys::Sys;
use kernel::time::Duration;
use std::net::{IpAddr, SocketAddr};
use wire::dns::{Message, Name, Rcode, Record, RecordData};

/// A name as the DNS tools print it, with its final dot.
fn dotted(name: &Name) -> String {
    let text = name.to_string();
    if text.ends_with('.') {
        text
    } else {
        format!("{text}.")
    }
}

/// What a response code is called.
fn status(rcode: Rcode) -> String {
    match rcode {
        Rcode::NOERROR => "NOERROR".to_owned(),
        Rcode::FORMERR => "FORMERR".to_owned(),
        Rcode::SERVFAIL => "SERVFAIL".to_owned(),
        Rcode::NXDOMAIN => "NXDOMAIN".to_owned(),
        Rcode::NOTIMP => "NOTIMP".to_owned(),
        Rcode::REFUSED => "REFUSED".to_owned(),
        Rcode(other) => format!("RESERVED{other}"),
    }
}

/// A record's data as zone files write it.
fn data(record: &Record) -> String {
    match &record.data {
        RecordData::A(ip) => ip.to_string(),
        RecordData::Aaaa(ip) => ip.to_string(),
        RecordData::Ptr(name) | RecordData::Cname(name) | RecordData::Ns(name) => dotted(name),
        RecordData::Mx {
            preference,
            exchange,
        } => format!("{preference} {}", dotted(exchange)),
        RecordData::Txt(texts) => texts
            .iter()
            .map(|t| format!("\"{}\"", String::from_utf8_lossy(t)))
            .collect::<Vec<_>>()
            .join(" "),
        RecordData::Srv {
            priority,
            weight,
            port,
            target,
        } => format!("{priority} {weight} {port} {}", dotted(target)),
        RecordData::Soa(soa) => format!(
            "{} {} {} {} {} {} {}",
            dotted(&soa.mname),
            dotted(&soa.rname),
            soa.serial,
            soa.refresh,
            soa.retry,
            soa.expire,
            soa.minimum
        ),
        RecordData::Other { bytes, .. } => {
            let digits: String = bytes.iter().map(|b| format!("{b:02X}")).collect();
            format!("\\# {} {digits}", bytes.len())
        }
    }
}

/// The address of a server that a user names.
async fn server_address(sys: &Sys, text: &str) -> Option<IpAddr> {
    resolv::lookup(sys, text, None)
        .await
        .ok()?
        .addresses
        .first()
        .copied()
}

/// How BIND's tools word a failed exchange.
fn failure_words(error: Errno) -> &'static str {
    match error {
        Errno::ECONNREFUSED => "connection refused",
        Errno::ENETUNREACH => "network unreachable",
        Errno::EHOSTUNREACH => "host unreachable",
        Errno::ETIMEDOUT => "timed out",
        Errno::EPERM | Errno::EACCES => "permission denied",
        Errno::ECONNRESET => "connection reset",
        _ => "unexpected error",
    }
}

/// One question to each server in turn, `tries` rounds; each failure is told to `complain`.
async fn ask_servers(
    sys: &Sys,
    servers: &[SocketAddr],
    query: &Message,
    tcp: bool,
    timeout: Duration,
    tries: u32,
) -> (Vec<String>, Option<(SocketAddr, resolv::Answer)>) {
    let mut complaints = Vec::new();
    for _ in 0..tries.max(1) {
        for server in servers {
            let result = if tcp {
                resolv::exchange_tcp(sys, *server, query, timeout).await
            } else {
                resolv::exchange(sys, *server, query, timeout).await
            };
            match result {
                Ok(answer) => return (complaints, Some((*server, answer))),
                Err(error) => {
                    complaints.push(format!(
                        ";; communications error to {}#{}: {}\n",
                        server.ip(),
                        server.port(),
                        failure_words(error)
                    ));
                }
            }
        }
    }
    (complaints, None)
}
