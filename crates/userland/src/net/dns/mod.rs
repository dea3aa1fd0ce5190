//! Tools that ask name servers: `dig`, `host`, `nslookup`, `getent`.

pub mod dig;
mod dig_options;
mod dig_yaml;
pub mod getent;
pub mod host;
pub mod nslookup;
mod nslookup_options;

use super::resolv::{self, ResolvConf};
use kernel::Errno;
use kernel::sys::Sys;
use kernel::time::Duration;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use wire::dns::{Message, Name, Rcode, Record, RecordData};

/// Whom BIND's tools ask: without a server in the file, the machine itself by both families. Source: BIND 9.20
/// `dighost.c`, `setup_system`; recording 1853.
fn own_servers(conf: &ResolvConf) -> Vec<IpAddr> {
    if conf.named {
        return conf.servers.clone();
    }
    vec![Ipv6Addr::LOCALHOST.into(), Ipv4Addr::LOCALHOST.into()]
}

/// A name as the DNS tools print it, with its final dot.
fn dotted(name: &Name) -> String {
    let text = name.to_string();
    if text.ends_with('.') {
        text
    } else {
        format!("{text}.")
    }
}

/// Reads a name. Errors: why BIND's tools refuse it. Source: BIND `lib/dns/name.c`, `lib/isc/result.c`.
fn legal(text: &str) -> Result<Name, &'static str> {
    let labels = || text.strip_suffix('.').unwrap_or(text).split('.');
    if text.is_empty() {
        Err("unexpected end of input")
    } else if text != "." && labels().any(str::is_empty) {
        Err("empty label")
    } else if labels().any(|label| label.len() > 63) {
        Err("label too long")
    } else {
        text.parse().map_err(|_too_long| "ran out of space")
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
        Errno::EACCES => "permission denied",
        Errno::ECONNRESET => "connection reset",
        _ => "unexpected error",
    }
}

/// How a question is put to the servers: a number of rounds, each server waited for so long.
#[derive(Clone, Copy)]
struct Manner<'a> {
    /// The name as it was typed, which some failures tell.
    name: &'a str,
    tcp: bool,
    timeout: Duration,
    tries: u32,
    /// What is done with an answer that was cut.
    cut: Cut,
}

/// What is done with an answer that did not fit into a datagram.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cut {
    /// It will do.
    Take,
    /// The question is put again by TCP.
    Again,
    /// The same, and that is told.
    Tell,
}

/// What came of a question.
struct Outcome {
    /// What is said of the servers that failed.
    complaints: String,
    answer: Option<(SocketAddr, resolv::Answer)>,
    /// Whether the answer came by TCP.
    by_tcp: bool,
    /// Whether the complaints say already that no server was reached, as those of connections do.
    told: bool,
}

impl Manner<'_> {
    /// What is said of one server's failure, and whether it ends a round by itself: a connection that does not come about
    /// does, and so does a datagram's socket that finds no route. Source: BIND `bin/dig/dighost.c`.
    fn complaint(&self, server: SocketAddr, error: Errno) -> (String, bool) {
        let (ip, port, words) = (server.ip(), server.port(), failure_words(error));
        let what = match (self.tcp, error) {
            (true, _) => "Connection to",
            (false, Errno::ENETUNREACH) => "UDP setup with",
            (false, _) => {
                let text = format!(";; communications error to {ip}#{port}: {words}\n");
                return (text, false);
            }
        };
        let name = self.name;
        let text = format!(";; {what} {ip}#{port}({ip}) for {name} failed: {words}.\n{UNREACHED}");
        (text, true)
    }
}

/// What BIND's tools say when nobody answers.
const UNREACHED: &str = ";; no servers could be reached\n";

/// One question to each server in turn, in rounds.
async fn ask_servers(
    sys: &Sys,
    servers: &[SocketAddr],
    query: &Message,
    manner: Manner<'_>,
) -> Outcome {
    let (tcp, timeout) = (manner.tcp, manner.timeout);
    let mut complaints = String::new();
    let (mut told, mut by_tcp) = (false, tcp);
    for _ in 0..manner.tries.max(1) {
        for server in servers {
            let result = if tcp {
                resolv::exchange_tcp(sys, *server, query, timeout).await
            } else {
                let query = std::slice::from_ref(query);
                let found = resolv::exchange_datagrams(sys, *server, query, timeout, true).await;
                found.and_then(|mut found| found.pop().ok_or(Errno::ETIMEDOUT))
            };
            let result = match result {
                Ok(answer) if answer.flags.tc && manner.cut != Cut::Take => {
                    if manner.cut == Cut::Tell {
                        complaints.push_str(";; Truncated, retrying in TCP mode.\n");
                    }
                    by_tcp = true;
                    resolv::exchange_tcp(sys, *server, query, timeout).await
                }
                other => other,
            };
            match result {
                Ok(answer) => {
                    return Outcome {
                        complaints,
                        answer: Some((*server, answer)),
                        by_tcp,
                        told: false,
                    };
                }
                Err(mut error) => {
                    // What the machine's own filter drops is waited for all the same.
                    if error == Errno::EPERM {
                        let _ = sys.sleep(timeout).await;
                        error = Errno::ETIMEDOUT;
                    }
                    let (text, ends) = manner.complaint(*server, error);
                    complaints.push_str(&text);
                    told = ends;
                }
            }
        }
    }
    Outcome {
        complaints,
        answer: None,
        by_tcp,
        told,
    }
}
