//! The C library's resolver: names to addresses and back, as every program of a machine or container asks for them.
//!
//! Order and rules are glibc's: `/etc/hosts` first, then the servers of `/etc/resolv.conf` with its search list (resolv.conf(5)).

mod conf;
mod exchange;
mod hosts;

pub use conf::ResolvConf;
pub use exchange::{Answer, exchange, exchange_all, exchange_datagrams, exchange_tcp, new_id};
pub(crate) use hosts::all_lines_count;
pub use hosts::{entries, hosts_file};

use self::hosts::in_hosts_file;
use super::services;
use kernel::ids::LinkId;
use kernel::sock::Family;
use kernel::sys::Sys;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use wire::dns::{Message, Name, Rcode, RecordData, RecordType};

/// Where a name server listens.
pub const DNS_PORT: u16 = 53;

/// Why a name could not be turned into an address. Source: getaddrinfo(3).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LookupError {
    /// `EAI_NONAME`: there is no such name.
    NoName,
    /// `EAI_AGAIN`: the servers failed, or none answered.
    TryAgain,
    /// `EAI_NODATA`: the name exists without an address of the family.
    NoData,
    /// `EAI_ADDRFAMILY`: a literal address of the other family.
    WrongFamily,
}

impl LookupError {
    /// What glibc's `gai_strerror` says.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::NoName => "Name or service not known",
            Self::TryAgain => "Temporary failure in name resolution",
            Self::NoData => "No address associated with hostname",
            Self::WrongFamily => "Address family for hostname not supported",
        }
    }
}

/// A name's addresses with the name under which they were found (`ping` prints it).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The addresses, best first.
    pub addresses: Vec<IpAddr>,
    /// The name that had them: with the search domain, at the end of aliases.
    pub canonical: String,
    /// The name that was asked for, if it is an alias of that one.
    pub alias: Option<String>,
}

impl Found {
    fn of(name: &str, addresses: Vec<IpAddr>) -> Self {
        Self {
            addresses,
            canonical: name.to_owned(),
            alias: None,
        }
    }
}

/// Whether an address says nothing about the link that it is on: each link has some of the kind.
#[must_use]
pub fn is_of_a_link(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(_) => false,
        IpAddr::V6(ip) => ip.is_unicast_link_local() || matches!(ip.segments(), [0xff02, ..]),
    }
}

/// An address of a link together with the device that leads there, by name or number: `fe80::1%eth0` (RFC 4007 section 11).
#[must_use]
pub fn zoned(sys: &Sys, text: &str) -> Option<(IpAddr, LinkId)> {
    let (address, zone) = text.split_once('%')?;
    let ip: IpAddr = address.parse().ok().filter(|ip| is_of_a_link(*ip))?;
    let ns = sys.netns();
    let device = sys.kernel(|k| {
        let numbered = |link: &LinkId| k.link(*link).is_some_and(|l| l.index.to_string() == zone);
        k.link_by_name(ns, zone)
            .or_else(|| k.links(ns).into_iter().find(numbered))
    });
    Some((ip, device?))
}

/// Turns a name or a literal address into addresses, as `getaddrinfo` does.
///
/// `family` `None` asks for both; IPv6 addresses then come first only if the machine could reach them.
/// # Errors
/// See [`LookupError`].
pub async fn lookup(sys: &Sys, name: &str, family: Option<Family>) -> Result<Found, LookupError> {
    let wanted = |ip: &IpAddr| family.is_none_or(|f| Family::of(*ip) == f);
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    let zoned = || zoned(sys, bare).map(|(ip, _)| ip);
    if let Some(ip) = bare.parse::<IpAddr>().ok().or_else(zoned) {
        let found = Found::of(name, vec![ip]);
        return if wanted(&ip) {
            Ok(found)
        } else {
            Err(LookupError::WrongFamily)
        };
    }
    if let Some(ip) = inet_aton(name) {
        return if wanted(&ip.into()) {
            Ok(Found::of(name, vec![ip.into()]))
        } else {
            Err(LookupError::WrongFamily)
        };
    }
    if name.is_empty() || name.len() > Name::MAX_LEN || name.contains(char::is_whitespace) {
        sys.no_name(name);
        return Err(LookupError::NoName);
    }
    if let Some(found) = in_hosts_file(sys, name.trim_end_matches('.'), family) {
        return Ok(Found {
            addresses: ordered(sys, found.addresses),
            ..found
        });
    }
    if name.eq_ignore_ascii_case("localhost") {
        let both = [
            IpAddr::V6(Ipv6Addr::LOCALHOST),
            IpAddr::V4(Ipv4Addr::LOCALHOST),
        ];
        let both = both.into_iter().filter(wanted).collect();
        return Ok(Found::of(name, both));
    }
    let conf = ResolvConf::load(sys);
    let mut error = LookupError::NoName;
    for candidate in conf.candidates(name) {
        match ask_addresses(sys, &conf, &candidate, family).await {
            Ok(found) => {
                return Ok(Found {
                    addresses: ordered(sys, found.addresses),
                    ..found
                });
            }
            // No answer at all ends the search; anything else is remembered, and the search goes on (glibc res_query.c).
            Err(Failure::Silence) => return Err(LookupError::TryAgain),
            Err(Failure::Refused) => error = LookupError::TryAgain,
            Err(Failure::NoData) if error == LookupError::NoName => error = LookupError::NoData,
            Err(Failure::NoData | Failure::NoName) => {}
        }
    }
    Err(error)
}

/// An address in the old short forms: `0`, `127.1`, `0x7f000001`. Source: inet_aton(3), which `getaddrinfo` still takes.
pub(crate) fn inet_aton(text: &str) -> Option<Ipv4Addr> {
    let number = |part: &str| -> Option<u32> {
        match (part.strip_prefix("0x"), part.strip_prefix('0')) {
            (Some(digits), _) => u32::from_str_radix(digits, 16).ok(),
            (None, Some(digits)) if !digits.is_empty() => u32::from_str_radix(digits, 8).ok(),
            _ => part.parse().ok(),
        }
    };
    let parts: Vec<&str> = text.split('.').collect();
    let (last, first) = parts.split_last()?;
    if parts.len() > 4 || !text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    // The last part stands for all the bytes that are left.
    let rest = number(last)?;
    let room = 8 * (4 - u32::try_from(first.len()).ok()?);
    if room < 32 && rest >> room != 0 {
        return None;
    }
    let mut bits = 0u32;
    for (at, part) in first.iter().enumerate() {
        let byte = number(part).filter(|byte| *byte < 256)?;
        bits |= byte << (24 - 8 * u32::try_from(at).ok()?);
    }
    Some(Ipv4Addr::from(bits | rest))
}

/// The one address that busybox takes: its C library leaves those of `/etc/hosts` in the order of the file.
/// # Errors
/// See [`LookupError`].
pub async fn first(sys: &Sys, name: &str, family: Option<Family>) -> Result<IpAddr, LookupError> {
    let listed = in_hosts_file(sys, name.trim_end_matches('.'), family);
    let found = match listed {
        Some(found) => found,
        None => lookup(sys, name, family).await?,
    };
    found.addresses.first().copied().ok_or(LookupError::NoData)
}

/// The number of a port: as it is, or a name in `/etc/services`.
pub fn port(sys: &Sys, text: &str) -> Option<u16> {
    if let Ok(port) = text.parse() {
        return Some(port);
    }
    services::port(&services::read(sys), text)
}

/// As [`lookup`] for both families, each asked for by itself: a name then has an address of either in `/etc/hosts`.
/// Source: libcurl, asyn-thrdd.c.
/// # Errors
/// See [`LookupError`].
pub async fn lookup_each(sys: &Sys, name: &str) -> Result<Found, LookupError> {
    let listed = |family| in_hosts_file(sys, name.trim_end_matches('.'), Some(family));
    let (v6, v4) = match (listed(Family::V6), listed(Family::V4)) {
        (Some(v6), Some(v4)) => (v6, v4),
        // A name that the file knows by IPv4 only is asked for by IPv6.
        (None, Some(v4)) if speaks_v6(sys) => match lookup(sys, name, Some(Family::V6)).await {
            Ok(v6) => (v6, v4),
            Err(_) => return Ok(v4),
        },
        _ => return lookup(sys, name, None).await,
    };
    let both = [v6.addresses, v4.addresses].concat();
    Ok(Found::of(&v6.canonical, ordered(sys, both)))
}

/// Whether this namespace has an address of IPv6 beyond its links.
fn speaks_v6(sys: &Sys) -> bool {
    let ns = sys.netns();
    sys.kernel(|k| {
        let links = k.links(ns).into_iter();
        let mut given = links.flat_map(|link| k.addrs(link));
        given.any(|spec| spec.addr.is_ipv6() && spec.scope == kernel::net::Scope::Global)
    })
}

/// Why one candidate name gave no address.
enum Failure {
    NoName,
    NoData,
    /// A server answered that it failed.
    Refused,
    /// No server answered.
    Silence,
}

/// Asks for the addresses of one exact name, both families at once.
async fn ask_addresses(
    sys: &Sys,
    conf: &ResolvConf,
    name: &str,
    family: Option<Family>,
) -> Result<Found, Failure> {
    // What is no name at all is not asked for.
    if name.parse::<Name>().is_err() {
        sys.no_name(name);
        return Err(Failure::NoName);
    }
    let types: &[RecordType] = match family {
        Some(Family::V4) => &[RecordType::A],
        Some(Family::V6) => &[RecordType::AAAA],
        None => &[RecordType::A, RecordType::AAAA],
    };
    let mut found = Found::of(name, Vec::new());
    let mut failure = Failure::NoName;
    for answer in ask_together(sys, conf, name, types)
        .await
        .or(Err(Failure::Silence))?
    {
        match answer.rcode {
            Rcode::NOERROR => {
                for record in &answer.answers {
                    match &record.data {
                        RecordData::Cname(to) => {
                            found.canonical = to.to_string().trim_end_matches('.').to_owned();
                            found.alias = Some(name.trim_end_matches('.').to_owned());
                        }
                        data => found.addresses.extend(data.ip()),
                    }
                }
                if !matches!(failure, Failure::Refused) {
                    failure = Failure::NoData;
                }
            }
            Rcode::NXDOMAIN => {}
            _ => failure = Failure::Refused,
        }
    }
    if found.addresses.is_empty() {
        Err(failure)
    } else {
        Ok(found)
    }
}

/// IPv6 before IPv4 if there is a route to it, else after (RFC 6724 rule 1), otherwise in the given order. A link-local address
/// leads nowhere as long as no device is named.
fn ordered(sys: &Sys, mut addresses: Vec<IpAddr>) -> Vec<IpAddr> {
    let ns = sys.netns();
    let reached = |ip: &IpAddr| sys.kernel(|k| k.source_for(ns, *ip, None)).is_ok();
    sorted::sort_by_key(&mut addresses, |ip| match ip {
        IpAddr::V6(v6) if !v6.is_unicast_link_local() && reached(ip) => 0,
        IpAddr::V4(_) => 1,
        IpAddr::V6(_) => 2,
    });
    addresses
}

/// The name of an address: `/etc/hosts`, then a PTR question.
pub async fn reverse(sys: &Sys, ip: IpAddr) -> Option<String> {
    let hosts = sys.read_text("/etc/hosts").unwrap_or_default();
    if let Some(name) = entries(&hosts)
        .find(|(i, _)| *i == ip)
        .and_then(|(_, names)| names.first().map(|n| (*n).to_owned()))
    {
        return Some(name);
    }
    let conf = ResolvConf::load(sys);
    let question = Name::reverse(ip).to_string();
    let answer = ask(sys, &conf, &question, RecordType::PTR).await.ok()?;
    answer.answers.iter().find_map(|r| match &r.data {
        RecordData::Ptr(name) => Some(name.to_string().trim_end_matches('.').to_owned()),
        _ => None,
    })
}

/// Asks the configured servers, each in turn and as often as the configuration says.
/// # Errors
/// `TryAgain` if none answers.
pub async fn ask(
    sys: &Sys,
    conf: &ResolvConf,
    name: &str,
    rtype: RecordType,
) -> Result<Message, LookupError> {
    ask_together(sys, conf, name, &[rtype])
        .await?
        .pop()
        .map(|answer| answer.message)
        .ok_or(LookupError::TryAgain)
}

/// The same for several types of one name, asked at once.
/// # Errors
/// `TryAgain` if none answers, `NoName` for a name that cannot be asked for.
pub async fn ask_together(
    sys: &Sys,
    conf: &ResolvConf,
    name: &str,
    types: &[RecordType],
) -> Result<Vec<Answer>, LookupError> {
    let name: Name = name.parse().ok().ok_or(LookupError::NoName)?;
    let queries: Vec<Message> = types
        .iter()
        .map(|rtype| Message::query(new_id(sys), name.clone(), *rtype))
        .collect();
    let mut last = Err(LookupError::TryAgain);
    for _ in 0..conf.attempts {
        for server in &conf.servers {
            match exchange_all(
                sys,
                SocketAddr::new(*server, DNS_PORT),
                &queries,
                conf.timeout,
            )
            .await
            {
                Ok(answers)
                    if answers.iter().any(|a| {
                        matches!(a.rcode, Rcode::SERVFAIL | Rcode::REFUSED | Rcode::NOTIMP)
                    }) =>
                {
                    last = Ok(answers);
                }
                Ok(answers) => return Ok(answers),
                Err(_) => {}
            }
        }
        if last.is_ok() {
            break;
        }
    }
    last
}
