//! What may be asked of a network's address pools. Source: moby `api/types/network/ipam.go`.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv6Net};

use crate::api::IpamPool;
use crate::error::Error;

/// Checks the pools of one request. Pools of a family that is off are not looked at. Every fault is listed, one a line.
pub fn check_pools(pools: &[IpamPool], ipv4: bool, ipv6: bool) -> Result<(), Error> {
    let mut faults = Vec::new();
    for pool in pools {
        check_pool(pool, ipv4, ipv6, &mut faults);
    }
    // Several are told as a list. Source: moby `internal/multierror`.
    let told = match faults.as_slice() {
        [] => return Ok(()),
        [one] => one.clone(),
        several => format!("* {}", several.join("\n* ")),
    };
    Err(Error::invalid(format!("invalid network config:\n{told}")))
}

/// Parses `a.b.c.d/n` in the strict way of Go: both parts present, no leading zeros, host bits kept.
pub fn strict_net(text: &str) -> Option<IpNet> {
    let (addr, len) = text.split_once('/')?;
    // The crate takes leading zeros, which Go does not. Source: go `net/netip`, `ParsePrefix`.
    let addr: std::net::IpAddr = addr.parse().ok()?;
    let whole = len == "0" || (!len.starts_with('0') && len.bytes().all(|b| b.is_ascii_digit()));
    let len = whole.then(|| len.parse().ok()).flatten()?;
    IpNet::new(addr, len).ok()
}

/// Why a bridge takes no such subnet, as far as it is IPv6: multicast, or part of the link-local one or around it.
/// Source: moby `libnetwork/drivers/bridge/bridge_linux.go`, `validateIPv6Subnet`.
pub fn unfit_v6(net: &IpNet) -> Option<String> {
    let IpNet::V6(v6) = net else {
        return None;
    };
    if v6.addr().is_multicast() {
        return Some(format!("multicast subnet '{net}' is not allowed"));
    }
    let local = &LINK_LOCAL;
    let overlaps = v6.contains(local) || local.contains(&v6.trunc());
    (overlaps && v6.trunc() != *local)
        .then(|| format!("'{net}' clashes with the Link-Local prefix '{local}'"))
}

/// Where the link-local addresses lie that a kernel makes.
pub const LINK_LOCAL: Ipv6Net =
    Ipv6Net::new_assert(std::net::Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 64);

fn check_pool(pool: &IpamPool, ipv4: bool, ipv6: bool, faults: &mut Vec<String>) {
    let Some(subnet) = strict_net(&pool.subnet) else {
        faults.push(format!(
            "invalid subnet {}: invalid CIDR block notation",
            pool.subnet
        ));
        return;
    };
    let v6 = matches!(subnet, IpNet::V6(_));
    if (v6 && !ipv6) || (!v6 && !ipv4) {
        return;
    }
    if subnet != subnet.trunc() {
        faults.push(format!(
            "invalid subnet {subnet}: it should be {}",
            subnet.trunc()
        ));
    }
    check_range(&pool.ip_range, &subnet, faults);
    check_address(&pool.gateway, "gateway", &pool.gateway, &subnet, faults);
    for (name, addr) in &pool.auxiliary_addresses {
        check_address(addr, "auxiliary address", name, &subnet, faults);
    }
}

fn check_range(text: &str, subnet: &IpNet, faults: &mut Vec<String>) {
    if text.is_empty() {
        return;
    }
    let Some(range) = strict_net(text) else {
        faults.push(format!(
            "invalid ip-range {text}: invalid CIDR block notation"
        ));
        return;
    };
    if range.addr().is_ipv6() != subnet.addr().is_ipv6() {
        faults.push(format!(
            "invalid ip-range {text}: parent subnet is an {} block",
            family(subnet)
        ));
        return;
    }
    let bigger = range.prefix_len() < subnet.prefix_len();
    if bigger {
        faults.push(format!(
            "invalid ip-range {text}: CIDR block is bigger than its parent subnet {subnet}"
        ));
    }
    if range != range.trunc() {
        faults.push(format!(
            "invalid ip-range {text}: it should be {}",
            range.trunc()
        ));
    }
    if !bigger && !subnet.contains(&range.addr()) {
        faults.push(format!(
            "invalid ip-range {text}: parent subnet {subnet} doesn't contain ip-range"
        ));
    }
}

fn check_address(text: &str, what: &str, shown: &str, subnet: &IpNet, faults: &mut Vec<String>) {
    if text.is_empty() {
        return;
    }
    let Ok(addr) = text.parse::<IpAddr>() else {
        faults.push(format!("invalid {what} {shown}: invalid address"));
        return;
    };
    if addr.is_ipv6() != subnet.addr().is_ipv6() {
        faults.push(format!(
            "invalid {what} {shown}: parent subnet is an {} block",
            family(subnet)
        ));
    } else if !subnet.contains(&addr) {
        faults.push(format!(
            "invalid {what} {shown}: parent subnet {subnet} doesn't contain this address"
        ));
    }
}

fn family(net: &IpNet) -> &'static str {
    match net {
        IpNet::V4(_) => "IPv4",
        IpNet::V6(_) => "IPv6",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool(subnet: &str, range: &str, gateway: &str, aux: &[(&str, &str)]) -> IpamPool {
        IpamPool {
            subnet: subnet.into(),
            ip_range: range.into(),
            gateway: gateway.into(),
            auxiliary_addresses: aux
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect(),
        }
    }

    #[test]
    fn every_fault_is_told_in_the_engines_words() {
        let aux = [("nas", "192.168.0.1")];
        let cases = [
            (
                pool("foobar", "", "", &[]),
                "invalid subnet foobar: invalid CIDR block notation",
            ),
            (
                pool("10.1.2.3/24", "", "", &[]),
                "invalid subnet 10.1.2.3/24: it should be 10.1.2.0/24",
            ),
            (
                pool("10.10.10.0/24", "10.0.0.0/8", "", &[]),
                "invalid ip-range 10.0.0.0/8: CIDR block is bigger than its parent subnet 10.10.10.0/24",
            ),
            (
                pool("10.1.7.0/24", "10.1.7.0/16", "", &[]),
                "* invalid ip-range 10.1.7.0/16: CIDR block is bigger than its parent subnet 10.1.7.0/24\n\
                 * invalid ip-range 10.1.7.0/16: it should be 10.1.0.0/16",
            ),
            (
                pool("10.0.0.0/8", "192.168.0.1/24", "192.168.0.1", &aux),
                "* invalid ip-range 192.168.0.1/24: it should be 192.168.0.0/24\n\
                 * invalid ip-range 192.168.0.1/24: parent subnet 10.0.0.0/8 doesn't contain ip-range\n\
                 * invalid gateway 192.168.0.1: parent subnet 10.0.0.0/8 doesn't contain this address\n\
                 * invalid auxiliary address nas: parent subnet 10.0.0.0/8 doesn't contain this address",
            ),
            (
                pool(
                    "10.10.10.0/24",
                    "foobar",
                    "1001.10.5.3",
                    &[("nas", "dummy")],
                ),
                "* invalid ip-range foobar: invalid CIDR block notation\n\
                 * invalid gateway 1001.10.5.3: invalid address\n\
                 * invalid auxiliary address nas: invalid address",
            ),
            (
                pool("10.10.10.0/24", "2001:db8::/32", "2001:db8::1", &[]),
                "* invalid ip-range 2001:db8::/32: parent subnet is an IPv4 block\n\
                 * invalid gateway 2001:db8::1: parent subnet is an IPv4 block",
            ),
        ];
        for (pool, want) in cases {
            let err = check_pools(&[pool], true, false).unwrap_err();
            assert_eq!(err.to_string(), format!("invalid network config:\n{want}"));
        }
    }

    #[test]
    fn a_family_that_is_off_is_not_looked_at() {
        assert!(check_pools(&[pool("2001:db8::1/32", "", "10.0.0.1", &[])], true, false).is_ok());
        assert!(
            check_pools(
                &[pool("10.0.0.0/8", "10.10.0.0/16", "10.10.0.1", &[])],
                true,
                false
            )
            .is_ok()
        );
    }
}
