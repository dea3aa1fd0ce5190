//! `--publish` and `--expose`, whose short form is the one of Compose files. Source: docker/cli `container/opts.go`.

use compose::ports::{mappings, range, split_protocol};
use engine::api::{Empty, PortBinding, PortMap};
use sorted::SortedMap;

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
        for mapping in mappings(&spec)? {
            let port = format!("{}/{}", mapping.target, mapping.protocol);
            let binding = PortBinding {
                host_ip: mapping.host_ip,
                host_port: mapping.published,
            };
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
        let (ports_of, protocol) = split_protocol(spec);
        let (first, last) = range(ports_of)
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
