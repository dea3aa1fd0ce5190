//! `docker network create`.

use sorted::SortedMap;
use std::net::IpAddr;

use engine::api::{ConfigReference, Ipam, IpamPool, NetworkCreateRequest};
use ipnet::IpNet;

use crate::args::{ArgRule, Command, Flag, Parsed, verb};
use crate::pairs;
use crate::session::{Outcome, Session, complaint, refused};

pub(crate) static COMMAND: Command = Command {
    name: "create",
    usage: "[OPTIONS] NETWORK",
    short: "Create a network",
    flags: &[&[
        Flag::bool("attachable", "Enable manual container attachment"),
        Flag::map(
            "aux-address",
            "Auxiliary IPv4 or IPv6 addresses used by Network driver",
        )
        .default("map[]"),
        Flag::text(
            "config-from",
            "The network from which to copy the configuration",
        ),
        Flag::bool("config-only", "Create a configuration only network"),
        Flag::text("driver", "Driver to manage the Network")
            .short('d')
            .default("bridge"),
        Flag::strings("gateway", "IPv4 or IPv6 Gateway for the master subnet"),
        Flag::bool("ingress", "Create swarm routing-mesh network"),
        Flag::bool("internal", "Restrict external access to the network"),
        Flag::strings("ip-range", "Allocate container ip from a sub-range"),
        Flag::text("ipam-driver", "IP Address Management Driver").default("default"),
        Flag::map("ipam-opt", "Set IPAM driver specific options").default("map[]"),
        Flag::bool("ipv4", "Enable or disable IPv4 address assignment").default("true"),
        Flag::bool("ipv6", "Enable or disable IPv6 address assignment"),
        Flag::list("label", "Set metadata on a network").check(pairs::check_label),
        Flag::map("opt", "Set driver specific options")
            .short('o')
            .default("map[]"),
        Flag::text("scope", "Control the network's scope"),
        Flag::strings(
            "subnet",
            "Subnet in CIDR format that represents a network segment",
        ),
    ]],
    args: ArgRule::Exactly(1),
    action: verb!(run),
    ..Command::BLANK
};

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let pools = pools(&Addresses {
        subnets: parsed.all("subnet"),
        ranges: parsed.all("ip-range"),
        gateways: parsed.all("gateway"),
        others: &pairs::map(parsed.all("aux-address")),
    })
    .map_err(complaint)?;
    let request = NetworkCreateRequest {
        name: parsed.arg(0).to_owned(),
        driver: parsed.text("driver").to_owned(),
        scope: parsed.text("scope").to_owned(),
        enable_ipv4: parsed.given("ipv4").then(|| parsed.on("ipv4")),
        enable_ipv6: parsed.given("ipv6").then(|| parsed.on("ipv6")),
        ipam: Some(Ipam {
            driver: parsed.text("ipam-driver").to_owned(),
            options: Some(pairs::map(parsed.all("ipam-opt"))),
            config: Some(pools),
        }),
        internal: parsed.on("internal"),
        attachable: parsed.on("attachable"),
        ingress: parsed.on("ingress"),
        config_only: parsed.on("config-only"),
        config_from: parsed
            .given_text("config-from")
            .map(|name| ConfigReference {
                network: name.to_owned(),
            }),
        options: pairs::map(parsed.all("opt")),
        labels: pairs::map(parsed.all("label")),
    };
    let created = session
        .client()?
        .network_create(request)
        .await
        .map_err(refused)?;
    if !created.warning.is_empty() {
        session.complain(&format!("WARNING: {}", created.warning));
    }
    session.line(&created.id);
    Ok(0)
}

/// What the user said about addresses.
struct Addresses<'a> {
    subnets: &'a [String],
    ranges: &'a [String],
    gateways: &'a [String],
    others: &'a SortedMap<String, String>,
}

/// Sorts ranges, gateways and set-aside addresses to the subnets that they lie in.
/// Source: docker/cli `network/create.go`, `createIPAMConfig`.
fn pools(given: &Addresses<'_>) -> Result<Vec<IpamPool>, String> {
    if given.subnets.len() < given.ranges.len() || given.subnets.len() < given.gateways.len() {
        return Err("every ip-range or gateway must have a corresponding subnet".into());
    }
    let mut pools: Vec<IpamPool> = Vec::new();
    for subnet in given.subnets {
        for other in &pools {
            if lies_in(subnet, &other.subnet)? || lies_in(&other.subnet, subnet)? {
                return Err("multiple overlapping subnet configuration is not supported".into());
            }
        }
        pools.push(IpamPool {
            subnet: subnet.clone(),
            ..IpamPool::default()
        });
    }
    for range in given.ranges {
        block(range)?;
        let pool = pool_of(&mut pools, range)?
            .ok_or_else(|| format!("no matching subnet for range {range}"))?;
        if !pool.ip_range.is_empty() {
            let (other, subnet) = (&pool.ip_range, &pool.subnet);
            return Err(format!(
                "cannot configure multiple ranges ({range}, {other}) on the same subnet ({subnet})"
            ));
        }
        pool.ip_range.clone_from(range);
    }
    for gateway in given.gateways {
        let pool = pool_of(&mut pools, gateway)?
            .ok_or_else(|| format!("no matching subnet for gateway {gateway}"))?;
        if !pool.gateway.is_empty() {
            let (other, subnet) = (&pool.gateway, &pool.subnet);
            return Err(format!(
                "cannot configure multiple gateways ({gateway}, {other}) for the same subnet ({subnet})"
            ));
        }
        pool.gateway.clone_from(gateway);
    }
    for (name, address) in given.others {
        let pool = pool_of(&mut pools, address)?
            .ok_or_else(|| format!("no matching subnet for aux-address {address}"))?;
        pool.auxiliary_addresses
            .insert(name.clone(), address.clone());
    }
    Ok(pools)
}

/// Finds the pool that an address or block lies in.
fn pool_of<'a>(
    pools: &'a mut [IpamPool],
    address: &str,
) -> Result<Option<&'a mut IpamPool>, String> {
    for pool in pools {
        if lies_in(&pool.subnet, address)? {
            return Ok(Some(pool));
        }
    }
    Ok(None)
}

fn block(text: &str) -> Result<IpNet, String> {
    text.parse::<IpNet>()
        .map_err(|_invalid| format!("invalid CIDR address: {text}"))
}

/// True if `data`, an address or a block, begins inside `subnet`.
fn lies_in(subnet: &str, data: &str) -> Result<bool, String> {
    let subnet = block(subnet).map_err(|why| format!("invalid subnet: {why}"))?;
    let address = match data.contains('/') {
        true => Some(block(data)?.addr()),
        false => data.parse::<IpAddr>().ok(),
    };
    Ok(address.is_some_and(|address| subnet.contains(&address)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fails(subnets: &[&str], ranges: &[&str], gateways: &[&str], others: &[&str]) -> String {
        let own = |texts: &[&str]| texts.iter().map(|&t| t.to_owned()).collect::<Vec<_>>();
        let others = pairs::map(&own(others));
        pools(&Addresses {
            subnets: &own(subnets),
            ranges: &own(ranges),
            gateways: &own(gateways),
            others: &others,
        })
        .unwrap_err()
    }

    #[test]
    fn addresses_without_a_subnet_are_told_apart() {
        assert_eq!(
            fails(&[], &["10.0.0.0/24"], &[], &[]),
            "every ip-range or gateway must have a corresponding subnet"
        );
        assert_eq!(
            fails(&["10.0.0.0/24"], &[], &[], &["a=10.1.0.1"]),
            "no matching subnet for aux-address 10.1.0.1"
        );
        assert_eq!(
            fails(&["10.0.0.0/24"], &["10.1.0.0/28"], &[], &[]),
            "no matching subnet for range 10.1.0.0/28"
        );
        assert_eq!(
            fails(&["10.0.0.0/24"], &["10.0.0.1-9"], &[], &[]),
            "invalid CIDR address: 10.0.0.1-9"
        );
        assert_eq!(
            fails(&["10.1.2.0/23", "10.1.3.248/30"], &[], &[], &[]),
            "multiple overlapping subnet configuration is not supported"
        );
        assert_eq!(
            fails(
                &["10.0.0.0/24", "10.1.0.0/24"],
                &[],
                &["10.0.0.1", "10.0.0.2"],
                &[]
            ),
            "cannot configure multiple gateways (10.0.0.2, 10.0.0.1) for the same subnet (10.0.0.0/24)"
        );
    }
}
