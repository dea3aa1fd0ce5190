//! The short form of a published port. Source: docker/go-connections, `nat/nat.go`.

use std::net::IpAddr;

use crate::go;

/// One container port and where it is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// The container's port.
    pub target: u16,
    /// `tcp`, `udp` or `sctp`.
    pub protocol: String,
    /// The machine's address; empty for any.
    pub host_ip: String,
    /// The machine's port or range of ports; empty to let the engine choose.
    pub published: String,
}

/// Reads `[[address:][host port]:]container port[/protocol]`; ranges give one mapping for each container port.
pub fn mappings(spec: &str) -> Result<Vec<Mapping>, String> {
    let parts: Vec<&str> = spec.split(':').collect();
    let (ip, host, container) = match parts.as_slice() {
        [container] => (String::new(), "", *container),
        [host, container] => (String::new(), *host, *container),
        [ip @ .., host, container] => (ip.join(":"), *host, *container),
        [] => (String::new(), "", ""),
    };
    let (container, protocol) = split_protocol(container);
    let host_ip = address(&ip)?;
    if container.is_empty() {
        return Err(format!("no port specified: {spec}<empty>"));
    }
    let (first, last) =
        range(container).map_err(|_why| format!("invalid containerPort: {container}"))?;
    let host_range = match host.is_empty() {
        true => None,
        false => Some(range(host).map_err(|_why| format!("invalid hostPort: {host}"))?),
    };
    if let Some((host_first, host_last)) = host_range
        && last - first != host_last - host_first
        && first != last
    {
        return Err(format!(
            "invalid ranges specified for container and host Ports: {container} and {host}"
        ));
    }
    let protocol = protocol.to_ascii_lowercase();
    if !matches!(protocol.as_str(), "tcp" | "udp" | "sctp") {
        return Err(format!("invalid proto: {protocol}"));
    }
    Ok((first..=last)
        .map(|target| Mapping {
            target,
            protocol: protocol.clone(),
            host_ip: host_ip.clone(),
            published: match host_range {
                None => String::new(),
                // One container port and many on the host: any free one of these.
                Some((host_first, host_last)) if first == last && host_first != host_last => {
                    format!("{host_first}-{host_last}")
                }
                Some((host_first, _)) => (host_first + (target - first)).to_string(),
            },
        })
        .collect())
}

/// Splits `80/udp`; without a protocol it is TCP, and a third part does not count.
pub fn split_protocol(spec: &str) -> (&str, &str) {
    let mut parts = spec.split('/');
    let port = parts.next().unwrap_or_default();
    match (port, parts.next()) {
        ("", Some(_)) => ("", ""),
        (port, None | Some("")) => (port, "tcp"),
        (port, Some(protocol)) => (port, protocol),
    }
}

/// Reads `80` or `8000-8002`; a third part does not count. Errors: Go's words. Source: docker/go-connections v0.6.0
/// `nat/parse.go`.
pub fn range(text: &str) -> Result<(u16, u16), String> {
    if text.is_empty() {
        return Err("empty string specified for ports".into());
    }
    let mut parts = text.split('-');
    let first = number(parts.next().unwrap_or_default())?;
    let last = parts.next().map_or(Ok(first), number)?;
    match last < first {
        true => Err(format!("invalid range specified for port: {text}")),
        false => Ok((first, last)),
    }
}

fn number(text: &str) -> Result<u16, String> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits).ok_or_else(|| {
        let why = match digits {
            true => "value out of range",
            false => "invalid syntax",
        };
        format!("strconv.ParseUint: parsing {}: {why}", go::quote(text))
    })
}

fn address(text: &str) -> Result<String, String> {
    let bare = match text
        .strip_prefix('[')
        .and_then(|inner| inner.strip_suffix(']'))
    {
        Some(inner) => inner,
        None if text.contains(':') => {
            let why = match text.starts_with('[') && !text.contains(']') {
                true => "missing ']' in address",
                false => "too many colons in address",
            };
            return Err(format!("invalid IP address {text}: address {text}:: {why}"));
        }
        None => text,
    };
    match bare.is_empty() || bare.parse::<IpAddr>().is_ok() {
        true => Ok(bare.to_owned()),
        false => Err(format!("invalid IP address: {bare}")),
    }
}
