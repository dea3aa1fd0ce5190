//! `--publish` and `--expose`. Source: docker/go-connections `nat/nat.go`, docker/cli `container/opts.go`.

use sorted::SortedMap;
use std::net::IpAddr;

use engine::api::{Empty, PortBinding, PortMap};

use crate::go;

/// What was published and exposed.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Ports {
    /// All ports that the container is to expose, such as `80/tcp`.
    pub(crate) exposed: SortedMap<String, Empty>,
    /// Where some of them are published.
    pub(crate) bindings: PortMap,
}

/// Reads the values of `--publish` and `--expose`.
pub(crate) fn ports(publish: &[String], expose: &[String]) -> Result<Ports, String> {
    let mut ports = Ports::default();
    for spec in publish {
        let spec = if spec.contains('=') {
            short_form(spec)?
        } else {
            spec.clone()
        };
        for (port, binding) in mappings(&spec)? {
            ports.exposed.insert(port.clone(), Empty {});
            ports
                .bindings
                .entry(port)
                .or_default()
                .get_or_insert_default()
                .push(binding);
        }
    }
    for spec in expose {
        if spec.contains(':') {
            return Err(format!("invalid port format for --expose: {spec}"));
        }
        let (range, protocol) = split_protocol(spec);
        let (first, last) = range_of(range)
            .map_err(|why| format!("invalid range format for --expose: {spec}, error: {why}"))?;
        for port in first..=last {
            ports.exposed.insert(format!("{port}/{protocol}"), Empty {});
        }
    }
    Ok(ports)
}

/// Puts `published=8080,target=80,protocol=tcp` in the short form.
fn short_form(spec: &str) -> Result<String, String> {
    let (mut published, mut target, mut protocol) = ("", "", "tcp");
    for part in spec.split(',') {
        match part.split_once('=') {
            Some(("", _)) | None => {
                return Err(format!(
                    "invalid publish opts format (should be name=value but got '{part}')"
                ));
            }
            Some(("published", value)) => published = value,
            Some(("target", value)) => target = value,
            Some(("protocol", value)) => protocol = value,
            Some(_) => {}
        }
    }
    Ok(format!("{published}:{target}/{protocol}"))
}

fn split_protocol(spec: &str) -> (&str, &str) {
    match spec.split_once('/') {
        Some(("", _)) => ("", ""),
        Some((port, "")) => (port, "tcp"),
        Some((port, protocol)) => (port, protocol),
        None => (spec, "tcp"),
    }
}

/// Reads `80` or `8000-8002`.
fn range_of(text: &str) -> Result<(u16, u16), String> {
    if text.is_empty() {
        return Err("empty string specified for ports".into());
    }
    let number = |text: &str| match text.chars().all(|c| c.is_ascii_digit()) {
        true => decimal(text),
        false => Err(format!(
            "strconv.ParseUint: parsing {}: invalid syntax",
            go::quote(text)
        )),
    };
    let Some((first, last)) = text.split_once('-') else {
        let port = number(text)?;
        return Ok((port, port));
    };
    let (first, last) = (number(first)?, number(last)?);
    match last < first {
        true => Err(format!("invalid range specified for port: {text}")),
        false => Ok((first, last)),
    }
}

fn decimal(text: &str) -> Result<u16, String> {
    text.parse().map_err(|_invalid| {
        let why = if text.is_empty() {
            "invalid syntax"
        } else {
            "value out of range"
        };
        format!("strconv.ParseUint: parsing {}: {why}", go::quote(text))
    })
}

/// Reads `[[address:][host port]:]container port[/protocol]`.
fn mappings(spec: &str) -> Result<Vec<(String, PortBinding)>, String> {
    let parts: Vec<&str> = spec.split(':').collect();
    let (ip, host, container) = match parts.as_slice() {
        [container] => (String::new(), "", *container),
        [host, container] => (String::new(), *host, *container),
        [ip @ .., host, container] => (ip.join(":"), *host, *container),
        [] => (String::new(), "", ""),
    };
    let (container, protocol) = split_protocol(container);
    let ip = address(&ip)?;
    if container.is_empty() {
        return Err(format!("no port specified: {spec}<empty>"));
    }
    let (first, last) =
        range_of(container).map_err(|_why| format!("invalid containerPort: {container}"))?;
    let host_range = match host.is_empty() {
        true => None,
        false => Some(range_of(host).map_err(|_why| format!("invalid hostPort: {host}"))?),
    };
    if let Some((host_first, host_last)) = host_range
        && last - first != host_last - host_first
        && first != last
    {
        return Err(format!(
            "invalid ranges specified for container and host Ports: {container} and {host}"
        ));
    }
    let protocol = protocol.to_lowercase();
    if !matches!(protocol.as_str(), "tcp" | "udp" | "sctp") {
        return Err(format!("invalid proto: {protocol}"));
    }
    Ok((first..=last)
        .map(|port| {
            let host_port = match host_range {
                None => String::new(),
                // One container port and many on the host: any free one of these.
                Some((host_first, host_last)) if first == last && host_first != host_last => {
                    format!("{host_first}-{host_last}")
                }
                Some((host_first, _)) => (host_first + (port - first)).to_string(),
            };
            (
                format!("{port}/{protocol}"),
                PortBinding {
                    host_ip: ip.clone(),
                    host_port,
                },
            )
        })
        .collect())
}

fn address(text: &str) -> Result<String, String> {
    let bare = match text
        .strip_prefix('[')
        .and_then(|inner| inner.strip_suffix(']'))
    {
        Some(inner) => inner,
        None if text.contains(':') => {
            return Err(format!(
                "invalid IP address {text}: address {text}:: too many colons in address"
            ));
        }
        None => text,
    };
    match bare.is_empty() || bare.parse::<IpAddr>().is_ok() {
        true => Ok(bare.to_owned()),
        false => Err(format!("invalid IP address: {bare}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn published(spec: &str) -> Result<String, String> {
        let ports = ports(&[spec.to_owned()], &[])?;
        let shown: Vec<String> = ports
            .bindings
            .iter()
            .flat_map(|(port, bindings)| {
                bindings
                    .iter()
                    .flatten()
                    .map(move |b| format!("{}:{}:{port}", b.host_ip, b.host_port))
            })
            .collect();
        Ok(shown.join(" "))
    }

    #[test]
    fn every_form_of_publishing_is_read() {
        assert_eq!(published("80").unwrap(), "::80/tcp");
        assert_eq!(published("8080:80").unwrap(), ":8080:80/tcp");
        assert_eq!(
            published("127.0.0.1:4000-4001:4000-4001/udp").unwrap(),
            "127.0.0.1:4000:4000/udp 127.0.0.1:4001:4001/udp"
        );
        assert_eq!(published("7000-7005:80").unwrap(), ":7000-7005:80/tcp");
        assert_eq!(published("[::1]:4100:80").unwrap(), "::1:4100:80/tcp");
        assert_eq!(published("127.0.0.1::80").unwrap(), "127.0.0.1::80/tcp");
        assert_eq!(
            published("published=8443,target=443,protocol=tcp").unwrap(),
            ":8443:443/tcp"
        );
        assert_eq!(published("target=80,bogus=1").unwrap(), "::80/tcp");
    }

    #[test]
    fn mistakes_name_the_part_that_is_wrong() {
        let cases = [
            ("70000:80", "invalid hostPort: 70000"),
            ("80:70000", "invalid containerPort: 70000"),
            ("90-80:90-80", "invalid containerPort: 90-80"),
            (
                "8000-8002:80-81",
                "invalid ranges specified for container and host Ports: 80-81 and 8000-8002",
            ),
            ("x:80", "invalid hostPort: x"),
            ("a.b:80:80", "invalid IP address: a.b"),
            ("80/foo", "invalid proto: foo"),
            (
                "80:80:80:80:80",
                "invalid IP address 80:80:80: address 80:80:80:: too many colons in address",
            ),
            ("8080:", "no port specified: 8080:<empty>"),
        ];
        for (spec, why) in cases {
            assert_eq!(published(spec).unwrap_err(), why);
        }
        let exposed = |spec: &str| ports(&[], &[spec.to_owned()]).unwrap_err();
        assert_eq!(
            exposed("8080:9090"),
            "invalid port format for --expose: 8080:9090"
        );
        assert_eq!(
            exposed("/tcp"),
            "invalid range format for --expose: /tcp, error: empty string specified for ports"
        );
        assert_eq!(
            exposed("8080-NaN/tcp"),
            "invalid range format for --expose: 8080-NaN/tcp, error: strconv.ParseUint: parsing \"NaN\": invalid syntax"
        );
        assert_eq!(
            exposed("1234567890-8080/tcp"),
            "invalid range format for --expose: 1234567890-8080/tcp, error: strconv.ParseUint: parsing \"1234567890\": value out of range"
        );
    }
}
