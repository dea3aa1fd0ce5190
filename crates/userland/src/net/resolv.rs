//! The C library's resolver: names to addresses and back, as every program of a machine or container asks for them.
//!
//! Order and rules are glibc's: `/etc/hosts` first, then the servers of `/etc/resolv.conf` with its search list (resolv.conf(5)).

use super::services;
use kernel::Errno;
use kernel::ids::LinkId;
use kernel::sock::{Family, SockType};
use kernel::sys::Sys;
use kernel::time::Duration;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use wire::dns::{Message, Name, Question, Rcode, RecordData, RecordType};

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

/// What `/etc/resolv.conf` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvConf {
    /// At most three servers, in order; the machine itself if none is given.
    pub servers: Vec<IpAddr>,
    /// Domains that are tried after names.
    pub search: Vec<String>,
    /// A name with at least so many dots is tried as it is first.
    pub ndots: usize,
    /// How long to wait for an answer.
    pub timeout: Duration,
    /// How often to ask each server.
    pub attempts: u32,
}

impl Default for ResolvConf {
    fn default() -> Self {
        Self {
            servers: vec![IpAddr::V4(Ipv4Addr::LOCALHOST)],
            search: Vec::new(),
            ndots: 1,
            timeout: Duration::from_secs(5),
            attempts: 2,
        }
    }
}

impl ResolvConf {
    /// Reads the file's text; what makes no sense is passed over, as glibc does.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut conf = Self::default();
        let mut servers = Vec::new();
        for line in text.lines() {
            let mut words = line.split_whitespace();
            match words.next() {
                Some("nameserver") => {
                    servers.extend(words.next().and_then(|w| w.parse::<IpAddr>().ok()));
                }
                Some("search") => conf.search = words.map(str::to_owned).collect(),
                Some("domain") => conf.search = words.take(1).map(str::to_owned).collect(),
                Some("options") => words.for_each(|w| conf.option(w)),
                _ => {}
            }
        }
        servers.truncate(3);
        if !servers.is_empty() {
            conf.servers = servers;
        }
        conf
    }

    fn option(&mut self, word: &str) {
        let Some((key, value)) = word.split_once(':') else {
            return;
        };
        let Ok(n) = value.parse::<u32>() else { return };
        match key {
            "ndots" => self.ndots = n.min(15) as usize,
            "timeout" => self.timeout = Duration::from_secs(u64::from(n.clamp(1, 30))),
            "attempts" => self.attempts = n.clamp(1, 5),
            _ => {}
        }
    }

    /// The process's own `/etc/resolv.conf`.
    #[must_use]
    pub fn load(sys: &Sys) -> Self {
        sys.read_text("/etc/resolv.conf")
            .map(|t| Self::parse(&t))
            .unwrap_or_default()
    }

    /// The names that are asked for, in order, when a program means `name`.
    #[must_use]
    pub fn candidates(&self, name: &str) -> Vec<String> {
        if let Some(absolute) = name.strip_suffix('.') {
            return vec![absolute.to_owned()];
        }
        let dots = name.matches('.').count();
        let searched = self
            .search
            .iter()
            .filter(|d| *d != ".")
            .map(|domain| format!("{name}.{}", domain.trim_end_matches('.')));
        if dots >= self.ndots {
            std::iter::once(name.to_owned()).chain(searched).collect()
        } else {
            searched.chain(std::iter::once(name.to_owned())).collect()
        }
    }

    /// The same for BIND's tools, which search for no name that has dots enough. Source: bind9 `bin/dig/dighost.c`.
    #[must_use]
    pub fn bind_candidates(&self, name: &str) -> Vec<String> {
        let mut names = self.candidates(name);
        if name.matches('.').count() >= self.ndots {
            names.truncate(1);
        }
        names
    }
}

/// The addresses that `/etc/hosts` gives a name, in order of the file.
#[must_use]
pub fn hosts_file(text: &str, name: &str) -> Vec<IpAddr> {
    entries(text)
        .filter(|(_, names)| names.iter().any(|n| n.eq_ignore_ascii_case(name)))
        .map(|(ip, _)| ip)
        .collect()
}

/// The lines of `/etc/hosts`: address and names.
pub fn entries(text: &str) -> impl Iterator<Item = (IpAddr, Vec<&str>)> {
    text.lines().filter_map(|line| {
        let mut words = line.split('#').next()?.split_whitespace();
        let ip = words.next()?.parse().ok()?;
        let names: Vec<&str> = words.collect();
        (!names.is_empty()).then_some((ip, names))
    })
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

/// Whether all lines of `/etc/hosts` count, not only the first that fits. Source: host.conf(5), glibc nss_files.
pub(crate) fn all_lines_count(sys: &Sys) -> bool {
    sys.read_text("/etc/host.conf")
        .is_ok_and(|text| text.lines().any(|line| line.trim() == "multi on"))
}

/// As [`lookup`] for both families, each asked for by itself: a name then has an address of either in `/etc/hosts`.
/// Source: libcurl, asyn-thrdd.c.
/// # Errors
/// See [`LookupError`].
pub async fn lookup_each(sys: &Sys, name: &str) -> Result<Found, LookupError> {
    let listed = |family| in_hosts_file(sys, name.trim_end_matches('.'), Some(family));
    let (Some(v6), Some(v4)) = (listed(Family::V6), listed(Family::V4)) else {
        return lookup(sys, name, None).await;
    };
    let both = [v6.addresses, v4.addresses].concat();
    Ok(Found::of(&v6.canonical, ordered(sys, both)))
}

/// What `/etc/hosts` says about a name: the first line that fits, or all. The canonical name is the first of its line.
fn in_hosts_file(sys: &Sys, name: &str, family: Option<Family>) -> Option<Found> {
    let hosts = sys.read_text("/etc/hosts").ok()?;
    let mut lines = entries(&hosts)
        .map(|(ip, names)| match (ip, family) {
            // The other loopback address stands for this one (glibc nss_files).
            (IpAddr::V6(Ipv6Addr::LOCALHOST), Some(Family::V4)) => {
                (IpAddr::V4(Ipv4Addr::LOCALHOST), names)
            }
            _ => (ip, names),
        })
        .filter(|(ip, names)| {
            family.is_none_or(|f| Family::of(*ip) == f)
                && names.iter().any(|n| n.eq_ignore_ascii_case(name))
        })
        .peekable();
    let canonical = lines
        .peek()
        .and_then(|(_, names)| names.first().copied())?
        .to_owned();
    let most = match all_lines_count(sys) {
        true => usize::MAX,
        false => 1,
    };
    let addresses = lines.take(most).map(|(ip, _)| ip).collect();
    Some(Found::of(&canonical, addresses))
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

/// A random id for a query.
#[must_use]
pub fn new_id(sys: &Sys) -> u16 {
    (sys.kernel(|k| k.rng.next_u32()) & 0xffff) as u16
}

/// An answer with its size as it came, which is not what it would be sent as: name servers differ in how they shorten names.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What it says.
    pub message: Message,
    /// Bytes received.
    pub size: usize,
}

impl Answer {
    fn parse(bytes: bytes::Bytes) -> Result<Self, Errno> {
        let size = bytes.len();
        Ok(Self {
            message: Message::parse(bytes).or(Err(Errno::EPROTO))?,
            size,
        })
    }
}

impl std::ops::Deref for Answer {
    type Target = Message;

    fn deref(&self) -> &Message {
        &self.message
    }
}

/// Several questions to one server at once, from one socket; the answers in the order of the questions.
/// # Errors
/// `ETIMEDOUT` if not all are answered, or what the network reported.
pub async fn exchange_all(
    sys: &Sys,
    server: SocketAddr,
    queries: &[Message],
    timeout: Duration,
) -> Result<Vec<Answer>, Errno> {
    let mut out = Vec::new();
    let found = exchange_datagrams(sys, server, queries, timeout).await?;
    for (answer, query) in found.into_iter().zip(queries) {
        out.push(if answer.flags.tc {
            exchange_tcp(sys, server, query, timeout).await?
        } else {
            answer
        });
    }
    Ok(out)
}

/// Several questions to one server at once, by UDP alone: answers may be cut.
/// # Errors
/// As [`exchange`].
pub async fn exchange_datagrams(
    sys: &Sys,
    server: SocketAddr,
    queries: &[Message],
    timeout: Duration,
) -> Result<Vec<Answer>, Errno> {
    let fd = sys.socket(Family::of(server.ip()), SockType::Datagram)?;
    let talk = async {
        sys.connect(fd, server).await?;
        for query in queries {
            sys.write(fd, &query.emit()).await?;
        }
        let mut found: Vec<Option<Answer>> = vec![None; queries.len()];
        while found.iter().any(Option::is_none) {
            let Ok(answer) = Answer::parse(sys.recv_from(fd).await?.data) else {
                continue;
            };
            if let Some((slot, _)) = found
                .iter_mut()
                .zip(queries)
                .find(|(slot, query)| slot.is_none() && answers(query, &answer))
            {
                *slot = Some(answer);
            }
        }
        Ok(found)
    };
    let result = sys
        .timeout(timeout, talk)
        .await
        .unwrap_or(Err(Errno::ETIMEDOUT));
    sys.close(fd);
    Ok(result?.into_iter().flatten().collect())
}

/// One question to one server, by UDP, and again by TCP if the answer did not fit.
/// # Errors
/// `ETIMEDOUT` without an answer, or what the network reported.
pub async fn exchange(
    sys: &Sys,
    server: SocketAddr,
    query: &Message,
    timeout: Duration,
) -> Result<Answer, Errno> {
    exchange_all(sys, server, std::slice::from_ref(query), timeout)
        .await?
        .pop()
        .ok_or(Errno::ETIMEDOUT)
}

/// The same by TCP, where each message is preceded by its length (RFC 1035 section 4.2.2).
/// # Errors
/// As [`exchange`].
pub async fn exchange_tcp(
    sys: &Sys,
    server: SocketAddr,
    query: &Message,
    timeout: Duration,
) -> Result<Answer, Errno> {
    let fd = sys.socket(Family::of(server.ip()), SockType::Stream)?;
    let talk = async {
        sys.connect(fd, server).await?;
        let bytes = query.emit();
        let length = u16::try_from(bytes.len()).or(Err(Errno::EMSGSIZE))?;
        sys.write(fd, &[&length.to_be_bytes()[..], &bytes].concat())
            .await?;
        let mut got = Vec::new();
        loop {
            if let Some((head, body)) = got.split_first_chunk::<2>()
                && body.len() >= usize::from(u16::from_be_bytes(*head))
            {
                return Answer::parse(bytes::Bytes::copy_from_slice(body));
            }
            let piece = sys.read(fd, 65_536).await?;
            if piece.is_empty() {
                return Err(Errno::ECONNRESET);
            }
            got.extend_from_slice(&piece);
        }
    };
    let result = sys
        .timeout(timeout, talk)
        .await
        .unwrap_or(Err(Errno::ETIMEDOUT));
    sys.close(fd);
    result
}

fn answers(query: &Message, answer: &Message) -> bool {
    let same = |a: &Question, b: &Question| a.name == b.name && a.rtype == b.rtype;
    answer.flags.qr
        && answer.id == query.id
        && answer
            .questions
            .iter()
            .zip(&query.questions)
            .all(|(a, b)| same(a, b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn search_domains_come_before_or_after_by_the_number_of_dots() {
        let conf = ResolvConf::parse(
            "search a.test b.test\nnameserver 10.0.0.1\nnameserver x\noptions ndots:1 timeout:2 rotate\n",
        );
        assert_eq!(conf.candidates("web"), ["web.a.test", "web.b.test", "web"]);
        assert_eq!(
            conf.candidates("web.x"),
            ["web.x", "web.x.a.test", "web.x.b.test"]
        );
        assert_eq!(conf.candidates("web."), ["web"]);
        assert_eq!(conf.servers, ["10.0.0.1".parse::<IpAddr>().unwrap()]);
        assert_eq!(conf.timeout, Duration::from_secs(2));
        let docker = ResolvConf::parse("nameserver 127.0.0.11\nsearch a.test\noptions ndots:0\n");
        assert_eq!(docker.candidates("web"), ["web", "web.a.test"]);
    }

    #[test]
    fn hosts_are_matched_whole_and_without_case() {
        let text =
            "127.0.0.1\tlocalhost\n# 1.1.1.1 web\n172.17.0.2\tdatabase 0123456789ab DB # note\n";
        assert_eq!(
            hosts_file(text, "db"),
            ["172.17.0.2".parse::<IpAddr>().unwrap()]
        );
        assert!(hosts_file(text, "data").is_empty());
        assert!(hosts_file(text, "web").is_empty());
    }
}
