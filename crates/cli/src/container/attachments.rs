//! `--network` in its short and long forms, and the flags that belong to the first network.
//! Source: docker/cli `opts/network.go`, `container/opts.go`.

use sorted::SortedMap;

use engine::api::{EndpointIpamConfig, EndpointSettings};

use super::checks;
use crate::args::{Parsed, split_commas};
use crate::go;

/// One `--network`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Attachment {
    /// The network.
    pub(crate) network: String,
    /// Further names there.
    pub(crate) aliases: Vec<String>,
    links: Vec<String>,
    ipv4: String,
    ipv6: String,
    mac: String,
    link_local: Vec<String>,
    /// Options for its driver.
    pub(crate) driver_options: SortedMap<String, String>,
    gateway_priority: i64,
}

/// The networks that a container is created with.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Attachments {
    /// The network mode: the first network.
    pub(super) mode: String,
    /// How it is attached, by network.
    pub(super) endpoints: SortedMap<String, EndpointSettings>,
}

/// Rejects a bad `--network`.
pub(super) fn check(text: &str) -> Result<(), String> {
    read(text).map(|_valid| ())
}

/// True unless the network is one of the engine's own kinds.
pub(crate) fn is_user_defined(network: &str) -> bool {
    !matches!(network, "" | "default" | "bridge" | "host" | "none")
        && !network.starts_with("container:")
}

/// True if the text holds `word=word`, which makes it the long form.
fn is_long(text: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.match_indices('=').any(|(at, _)| {
        let (before, after) = (
            text.get(..at).unwrap_or(""),
            text.get(at + 1..).unwrap_or(""),
        );
        before.ends_with(word) && after.starts_with(word)
    })
}

/// Reads one `--network`.
pub(crate) fn read(text: &str) -> Result<Attachment, String> {
    let mut attachment = Attachment::default();
    if !is_long(text) {
        text.clone_into(&mut attachment.network);
        return Ok(attachment);
    }
    for field in split_commas(text)? {
        let lower = field.to_ascii_lowercase();
        let (key, value) = match lower.split_once('=') {
            Some((key, value)) if !key.is_empty() => (key.trim(), value.trim().to_owned()),
            _ => return Err(format!("invalid field {field}")),
        };
        match key {
            "name" => attachment.network = value,
            "alias" => attachment.aliases.push(value),
            "ip" => attachment.ipv4 = value,
            "ip6" => attachment.ipv6 = value,
            "mac-address" => {
                attachment.mac = value;
            }
            "link-local-ip" => attachment.link_local.push(value),
            "driver-opt" => match value.split_once('=') {
                Some((key, value)) if !key.is_empty() => {
                    attachment
                        .driver_options
                        .insert(key.trim().to_owned(), value.trim().to_owned());
                }
                _ => return Err("invalid key value pair format in driver options".into()),
            },
            "gw-priority" => {
                attachment.gateway_priority = value
                    .parse()
                    .map_err(|_invalid| format!("invalid gw-priority ({value}): invalid syntax"))?;
            }
            other => return Err(format!("invalid field key {other}")),
        }
    }
    match attachment.network.is_empty() {
        true => Err("network name/id is not specified".into()),
        false => Ok(attachment),
    }
}

/// Works out all networks of a command line.
pub(super) fn attachments(parsed: &Parsed) -> Result<Attachments, String> {
    let mut given = parsed
        .all("network")
        .iter()
        .map(|text| read(text))
        .collect::<Result<Vec<_>, _>>()?;
    if given.is_empty() {
        given.push(Attachment {
            network: "default".into(),
            ..Attachment::default()
        });
    }
    let alone = given.len() == 1;
    let mut result = Attachments::default();
    if let Some(first) = given.first_mut() {
        apply_flags(first, parsed)?;
        result.mode.clone_from(&first.network);
    }
    let mut seen: Vec<&str> = Vec::new();
    for attachment in &given {
        let endpoint = endpoint(attachment)?;
        if seen.contains(&attachment.network.as_str()) {
            return Err(format!(
                "network {} is specified multiple times",
                go::quote(&attachment.network)
            ));
        }
        seen.push(&attachment.network);
        if !(alone && endpoint == EndpointSettings::default()) {
            result
                .endpoints
                .insert(attachment.network.clone(), endpoint);
        }
    }
    let own = given.iter().filter(|a| is_user_defined(&a.network)).count();
    if own > 0 && own < given.len() {
        return Err("conflicting options: cannot attach both user-defined and non-user-defined network-modes".into());
    }
    Ok(result)
}

/// Gives the first network what the flags of old say.
fn apply_flags(first: &mut Attachment, parsed: &Parsed) -> Result<(), String> {
    let clash = |flag: &str, own: &str| {
        Err(format!(
            "conflicting options: cannot specify both --{flag} and per-network {own}"
        ))
    };
    let aliases = parsed.all("network-alias");
    if !aliases.is_empty() {
        if !first.aliases.is_empty() {
            return clash("network-alias", "alias");
        }
        first.aliases = aliases.to_vec();
    }
    // On the default bridge `--link` means something else: see the host configuration.
    if is_user_defined(&first.network) {
        first.links = parsed.all("link").to_vec();
    }
    if parsed.given("ip") {
        if !first.ipv4.is_empty() {
            return clash("ip", "IPv4 address");
        }
        parsed.text("ip").clone_into(&mut first.ipv4);
    }
    if parsed.given("ip6") {
        if !first.ipv6.is_empty() {
            return clash("ip6", "IPv6 address");
        }
        parsed.text("ip6").clone_into(&mut first.ipv6);
    }
    if parsed.given("mac-address") {
        if !first.mac.is_empty() {
            return clash("mac-address", "MAC address");
        }
        parsed.text("mac-address").trim().clone_into(&mut first.mac);
    }
    let link_local = parsed.all("link-local-ip");
    if !link_local.is_empty() {
        if !first.link_local.is_empty() {
            return clash("link-local-ip", "link-local IP addresses");
        }
        first.link_local = link_local.to_vec();
    }
    Ok(())
}

fn endpoint(attachment: &Attachment) -> Result<EndpointSettings, String> {
    if attachment.network.trim().is_empty() {
        return Err("no name set for network".into());
    }
    if !is_user_defined(&attachment.network) && !attachment.aliases.is_empty() {
        return Err("network-scoped aliases are only supported for user-defined networks".into());
    }
    checks::mac(&attachment.mac)?;
    let some = |list: &Vec<String>| (!list.is_empty()).then(|| list.clone());
    let addressed = !attachment.ipv4.is_empty()
        || !attachment.ipv6.is_empty()
        || !attachment.link_local.is_empty();
    Ok(EndpointSettings {
        ipam_config: addressed.then(|| EndpointIpamConfig {
            ipv4_address: attachment.ipv4.clone(),
            ipv6_address: attachment.ipv6.clone(),
            link_local_ips: attachment.link_local.clone(),
        }),
        links: some(&attachment.links),
        aliases: some(&attachment.aliases),
        mac_address: attachment.mac.clone(),
        driver_opts: (!attachment.driver_options.is_empty())
            .then(|| attachment.driver_options.clone()),
        gw_priority: attachment.gateway_priority,
        ..EndpointSettings::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{Interpretation, interpret};
    use crate::docker::DOCKER;

    fn from(line: &str) -> Result<Attachments, String> {
        let words: Vec<String> = format!("run {line} busybox")
            .split_whitespace()
            .map(str::to_owned)
            .collect();
        match interpret(&DOCKER, &words) {
            Interpretation::Run { parsed, .. } => attachments(&parsed),
            Interpretation::Fail(failure) => Err(failure.text.lines().next().unwrap().to_owned()),
            Interpretation::Help { .. } => panic!("help"),
        }
    }

    #[test]
    fn plain_and_long_forms_say_the_same() {
        assert_eq!(
            from("--network net1").unwrap(),
            from("--network name=net1").unwrap()
        );
        assert_eq!(
            from("").unwrap(),
            Attachments {
                mode: "default".into(),
                endpoints: SortedMap::new()
            }
        );
        let two =
            from("--network net1 --ip 10.0.0.9 --network name=net2,alias=a,gw-priority=3").unwrap();
        assert_eq!(two.mode, "net1");
        assert_eq!(
            two.endpoints
                .get("net1")
                .unwrap()
                .ipam_config
                .as_ref()
                .unwrap()
                .ipv4_address,
            "10.0.0.9"
        );
        assert_eq!(two.endpoints.get("net2").unwrap().gw_priority, 3);
        assert_eq!(
            two.endpoints.get("net2").unwrap().aliases,
            Some(vec!["a".to_owned()])
        );
    }

    #[test]
    fn contradictions_are_told() {
        let cases = [
            (
                "--network blue --network blue",
                "network \"blue\" is specified multiple times",
            ),
            (
                "--network name=b,ip=1.2.3.5 --ip 1.2.3.4",
                "conflicting options: cannot specify both --ip and per-network IPv4 address",
            ),
            (
                "--network host --network x",
                "conflicting options: cannot attach both user-defined and non-user-defined network-modes",
            ),
            (
                "--network bridge --network-alias y",
                "network-scoped aliases are only supported for user-defined networks",
            ),
            (
                "--network a --mac-address zz",
                "zz is not a valid mac address",
            ),
            (
                "--network name=blue,bogus=1",
                "invalid argument \"name=blue,bogus=1\" for \"--network\" flag: invalid field key bogus",
            ),
            (
                "--network name=blue,gw-priority=high",
                "invalid argument \"name=blue,gw-priority=high\" for \"--network\" flag: \
                 invalid gw-priority (high): invalid syntax",
            ),
            (
                "--network name=a,b",
                "invalid argument \"name=a,b\" for \"--network\" flag: invalid field b",
            ),
        ];
        for (line, why) in cases {
            assert_eq!(from(line).unwrap_err(), why, "{line}");
        }
    }
}
