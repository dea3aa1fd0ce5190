//! Ports that a service publishes. Source: docker/cli `opts/port.go`.

use compose::ports::{Mapping, mappings};
use engine::api::PortConfig;

use super::values::fields;

/// Rejects a bad `--publish`.
pub(super) fn check(text: &str) -> Result<(), String> {
    read(text).map(|_valid| ())
}

/// Reads all values of a flag, which were checked.
pub(super) fn all(texts: &[String]) -> Vec<PortConfig> {
    let read = texts.iter().filter_map(|text| read(text).ok());
    read.flatten().collect()
}

/// Reads one value in its long or short form; a range gives several ports.
pub(crate) fn read(text: &str) -> Result<Vec<PortConfig>, String> {
    if !text.contains('=') {
        return short(text);
    }
    let mut port = PortConfig {
        protocol: "tcp".into(),
        publish_mode: "ingress".into(),
        ..PortConfig::default()
    };
    for (key, value) in fields(text).map_err(|why| {
        let field = why.strip_prefix("invalid field '");
        let field = field.and_then(|field| field.strip_suffix("' must be a key=value pair"));
        field.map_or_else(|| why.clone(), |field| format!("invalid field: {field}"))
    })? {
        let number = |what: &str| {
            value.parse::<u16>().map(u32::from).map_err(|error| {
                let why = match *error.kind() == std::num::IntErrorKind::PosOverflow {
                    true => "value out of range",
                    false => "invalid syntax",
                };
                format!("invalid {what} port ({value}): value must be an integer: {why}")
            })
        };
        match key.as_str() {
            "protocol" if matches!(value.as_str(), "tcp" | "udp" | "sctp") => port.protocol = value,
            "protocol" => {
                return Err(format!("invalid protocol value '{value}'"));
            }
            "mode" if matches!(value.as_str(), "ingress" | "host") => port.publish_mode = value,
            "mode" => {
                return Err(format!(
                    "invalid publish mode value ({value}): must be either 'ingress' or 'host'"
                ));
            }
            "target" => port.target_port = number("target")?,
            "published" => port.published_port = number("published")?,
            _ => return Err(format!("invalid field key: {key}")),
        }
    }
    match port.target_port {
        0 => Err("missing mandatory field 'target'".into()),
        _ => Ok(vec![port]),
    }
}

fn short(text: &str) -> Result<Vec<PortConfig>, String> {
    let mut ports = Vec::new();
    for mapping in mappings(text)? {
        let Mapping {
            target,
            protocol,
            host_ip,
            published,
        } = mapping;
        if !host_ip.is_empty() {
            return Err("hostip is not supported".into());
        }
        let (first, last) = published
            .split_once('-')
            .unwrap_or((&published, &published));
        let (first, last) = (first.parse().unwrap_or(0), last.parse().unwrap_or(0));
        ports.extend((first..=last).map(|published_port: u32| PortConfig {
            protocol: protocol.clone(),
            target_port: u32::from(target),
            published_port,
            publish_mode: "ingress".into(),
            ..PortConfig::default()
        }));
    }
    Ok(ports)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let one = |p: PortConfig| {
            format!(
                "{}:{}/{}/{}",
                p.published_port, p.target_port, p.protocol, p.publish_mode
            )
        };
        match read(text) {
            Ok(ports) => ports.into_iter().map(one).collect::<Vec<_>>().join(" "),
            Err(why) => why,
        }
    }

    #[test]
    fn ports_are_read_in_both_forms() {
        let cases = [
            ("8080:80", "8080:80/tcp/ingress"),
            ("80", "0:80/tcp/ingress"),
            ("53:53/udp", "53:53/udp/ingress"),
            ("80-81:90-91", "80:90/tcp/ingress 81:91/tcp/ingress"),
            (
                "published=9,target=8,protocol=udp,mode=host",
                "9:8/udp/host",
            ),
            ("127.0.0.1:80:80", "hostip is not supported"),
            ("published=80", "missing mandatory field 'target'"),
            (
                "target=80,mode=none",
                "invalid publish mode value (none): must be either 'ingress' or 'host'",
            ),
            (
                "target=80,published=x",
                "invalid published port (x): value must be an integer: invalid syntax",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(shown(text), expected, "{text}");
        }
    }
}
