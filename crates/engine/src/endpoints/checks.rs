//! Whether a container may be attached to a network, and with these settings.

use std::net::IpAddr;

use ipnet::IpNet;

use super::SHARED;
use super::plug::SYSCTLS;
use crate::api::{EndpointIpamConfig, EndpointSettings};
use crate::error::{Error, Result};
use crate::state::{Container, Network};

const NOT_IN_HOST_MODE: &str =
    "cannot connect container to host network - container must be created in host network mode";
const NOT_ALONE: &str = "container cannot be connected to multiple networks with one of the networks in private (none) mode";

/// Checks that the networks a container was created with go together. Source: moby `daemon/container_operations.go`,
/// `updateNetworkConfig`.
pub(crate) fn check_together(c: &Container) -> Result<()> {
    let has = |name| c.endpoints.contains_key(name);
    if c.endpoints.len() < 2 {
        Ok(())
    } else if c.network_mode() == "host" {
        Err(Error::invalid(SHARED))
    } else if has("host") {
        Err(Error::invalid(NOT_IN_HOST_MODE))
    } else if has("none") {
        Err(Error::invalid(NOT_ALONE))
    } else {
        Ok(())
    }
}

/// Whether a network mode names a user network.
pub(super) fn is_user_mode(mode: &str) -> bool {
    !matches!(mode, "bridge" | "host" | "none") && !mode.starts_with("container:")
}

/// Checks whether a container may be connected to a network, beside so many that it has already.
pub(super) fn check_connect(
    c: &Container,
    n: &Network,
    settings: &EndpointSettings,
    attached: usize,
) -> Result<()> {
    // Of one that does not run, it is only written down. Seen.
    if c.shares_with().is_some() && c.state.lives() {
        return Err(Error::invalid(SHARED));
    }
    check_settings(Some(n), settings)?;
    let hosted = c.network_mode() == "host";
    // Also one that does not run, until it is disconnected from the host.
    let with_host = c.endpoints.contains_key("host");
    if with_host && n.name != "host" {
        return Err(Error::invalid(SHARED));
    }
    if n.name == "host" && !hosted {
        return Err(Error::invalid(NOT_IN_HOST_MODE));
    }
    let joins_another = attached > 0 && !c.endpoints.contains_key(&n.name);
    if joins_another && (n.name == "none" || c.endpoints.contains_key("none")) {
        return Err(Error::invalid(NOT_ALONE));
    }
    if n.endpoints.contains_key(&c.id) {
        return Err(Error::forbidden(format!(
            "endpoint with name {} already exists in network {}",
            c.name, n.name
        )));
    }
    Ok(())
}

/// Checks what a container asks of a network, or of none. All faults are told. Source: moby `daemon/container_operations.go`.
pub(crate) fn check_settings(n: Option<&Network>, settings: &EndpointSettings) -> Result<()> {
    let mut faults = Vec::new();
    let ipam = settings.ipam_config.clone().unwrap_or_default();
    let user_defined = n.is_some_and(Network::is_user_defined);
    if !user_defined && (!ipam.ipv4_address.is_empty() || !ipam.ipv6_address.is_empty()) {
        faults.push(
            "user specified IP address is supported on user defined networks only".to_owned(),
        );
    }
    if !user_defined && settings.aliases.as_ref().is_some_and(|a| !a.is_empty()) {
        faults.push(
            "network-scoped alias is supported only for containers in user defined networks"
                .to_owned(),
        );
    }
    check_addresses(n, &ipam, &mut faults);
    check_options(settings, &mut faults);
    tell(&faults)
}

/// Checks what a container asks of a network that is not there yet, as far as that can be told.
pub(crate) fn check_settings_unseen(settings: &EndpointSettings) -> Result<()> {
    let mut faults = Vec::new();
    let ipam = settings.ipam_config.clone().unwrap_or_default();
    check_addresses(None, &ipam, &mut faults);
    check_options(settings, &mut faults);
    tell(&faults)
}

fn check_options(settings: &EndpointSettings, faults: &mut Vec<String>) {
    let options = settings.driver_opts.as_ref();
    if let Some(sysctls) = options.and_then(|o| o.get(SYSCTLS)) {
        for given in sysctls.split(',').filter(|s| !names_an_interface(s)) {
            faults.push(format!(
                "unrecognised network interface sysctl '{given}'; represent 'net.X.Y.ethN.Z=V' as 'net.X.Y.IFNAME.Z=V', \
                 'X' must be 'ipv4', 'ipv6' or 'mpls'"
            ));
        }
    }
}

fn tell(faults: &[String]) -> Result<()> {
    match faults {
        [] => Ok(()),
        [one] => Err(Error::invalid(format!("invalid endpoint settings:\n{one}"))),
        more => {
            let list: Vec<_> = more.iter().map(|f| format!("* {f}")).collect();
            Err(Error::invalid(format!(
                "invalid endpoint settings:\n{}",
                list.join("\n")
            )))
        }
    }
}

/// Whether a sysctl has the form `net.X.Y.IFNAME.Z`. The client puts `IFNAME` into lower case.
fn names_an_interface(sysctl: &str) -> bool {
    let parts: Vec<&str> = sysctl.splitn(5, '.').collect();
    matches!(
        parts.as_slice(),
        [_, "ipv4" | "ipv6" | "mpls", _, "IFNAME" | "ifname", _]
    )
}

fn check_addresses(n: Option<&Network>, ipam: &EndpointIpamConfig, faults: &mut Vec<String>) {
    let parse = |text: &str, v6: bool| {
        text.parse::<IpAddr>()
            .ok()
            .map(|a| a.to_canonical())
            .filter(|a| a.is_ipv6() == v6 && !a.is_unspecified())
    };
    for (v6, family, text) in [
        (false, "IPv4", &ipam.ipv4_address),
        (true, "IPv6", &ipam.ipv6_address),
    ] {
        if !text.is_empty() && parse(text, v6).is_none() {
            faults.push(format!("invalid {family} address: {text}"));
        }
    }
    for text in &ipam.link_local_ips {
        if text
            .parse::<IpAddr>()
            .ok()
            .is_none_or(|a| a.is_unspecified())
        {
            faults.push(format!("invalid link-local IP address: {text}"));
        }
    }
    let Some(n) = n else {
        return;
    };
    for (v6, text) in [(false, &ipam.ipv4_address), (true, &ipam.ipv6_address)] {
        if text.is_empty() {
            continue;
        }
        let given = configured_subnets(n, v6);
        if given.is_empty() {
            faults.push(
                "user specified IP address is supported only when connecting to networks with user configured subnets"
                    .to_owned(),
            );
        } else if !parse(text, v6)
            .is_some_and(|addr| given.iter().any(|subnet| subnet.contains(&addr)))
        {
            faults.push(format!(
                "no configured subnet or ip-range contain the IP address {text}"
            ));
        }
    }
}

/// The subnets of a family that the user named, also where the network has that family switched off.
fn configured_subnets(n: &Network, v6: bool) -> Vec<IpNet> {
    let chosen = |subnet: &IpNet| {
        let mut pools = n.pools.iter();
        pools.any(|pool| pool.id.subnet == *subnet && !pool.is_static)
    };
    let named = n.ipam.config.iter().flatten();
    named
        .filter_map(|pool| pool.subnet.parse().ok())
        .filter(|subnet: &IpNet| subnet.addr().is_ipv6() == v6 && !chosen(subnet))
        .collect()
}
