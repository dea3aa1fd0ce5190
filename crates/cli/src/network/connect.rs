//! `docker network connect`.

use sorted::SortedMap;

use engine::api::{EndpointIpamConfig, EndpointSettings, NetworkConnectRequest};

use crate::args::{ArgRule, Command, Flag, Parsed, verb};
use crate::container::checks;
use crate::network::asked;
use crate::session::{Outcome, Session, complaint, refused};

pub(crate) static COMMAND: Command = Command {
    name: "connect",
    usage: "[OPTIONS] NETWORK CONTAINER",
    short: "Connect a container to a network",
    flags: &[&[
        Flag::strings("alias", "Add network-scoped alias for the container"),
        Flag::strings("driver-opt", "driver options for the network"),
        Flag::int(
            "gw-priority",
            "Highest gw-priority provides the default gateway. Accepts positive and negative values.",
        ),
        Flag::text("ip", "IPv4 address (e.g., \"172.30.100.104\")"),
        Flag::text("ip6", "IPv6 address (e.g., \"2001:db8::33\")"),
        Flag::list("link", "Add link to another container").check(checks::link),
        Flag::strings(
            "link-local-ip",
            "Add a link-local address for the container",
        ),
    ]],
    args: ArgRule::Exactly(2),
    action: verb!(run),
    ..Command::BLANK
};

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let links = parsed.all("link");
    let endpoint = EndpointSettings {
        // Docker sends these even when they are empty, and inspect shows it.
        ipam_config: Some(EndpointIpamConfig {
            ipv4_address: parsed.text("ip").to_owned(),
            ipv6_address: parsed.text("ip6").to_owned(),
            link_local_ips: parsed.all("link-local-ip").to_vec(),
        }),
        links: (!links.is_empty()).then(|| links.to_vec()),
        aliases: Some(parsed.all("alias").to_vec()),
        driver_opts: Some(driver_options(parsed.all("driver-opt")).map_err(complaint)?),
        gw_priority: parsed.int("gw-priority"),
        ..EndpointSettings::default()
    };
    if !parsed.arg(0).trim().is_empty() && parsed.arg(1).trim().is_empty() {
        return Err(complaint("invalid container name or ID: value is empty"));
    }
    let request = NetworkConnectRequest {
        container: parsed.arg(1).to_owned(),
        endpoint_config: Some(endpoint),
    };
    session
        .client()?
        .network_connect(&asked(parsed.arg(0)), request)
        .await
        .map_err(refused)?;
    Ok(0)
}

fn driver_options(options: &[String]) -> Result<SortedMap<String, String>, String> {
    let split = |option: &String| match option.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => {
            Ok((key.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err("invalid key/value pair format in driver options".to_owned()),
    };
    options.iter().map(split).collect()
}
