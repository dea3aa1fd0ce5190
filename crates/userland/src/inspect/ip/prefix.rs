//! Reading addresses and prefixes as iproute2 does.

use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::Fail;

/// An address; IPv4 ones may be cut short (`10.1` is 10.1.0.0).
pub(super) fn address(text: &str, v6: Option<bool>) -> Option<IpAddr> {
    let found = match text {
        "default" | "any" | "all" if v6 == Some(true) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        "default" | "any" | "all" => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        text if text.contains(':') => text.parse().ok()?,
        text => {
            let mut bytes = [0; 4];
            let parts: Vec<&str> = text.split('.').collect();
            if parts.len() > bytes.len() {
                return None;
            }
            for (byte, part) in bytes.iter_mut().zip(parts) {
                *byte = part.parse().ok()?;
            }
            IpAddr::from(bytes)
        }
    };
    v6.is_none_or(|v6| v6 == found.is_ipv6()).then_some(found)
}

/// An address with the length of its prefix, which is the whole address if it is not given (nothing, for `default`).
pub(super) fn parse(text: &str, v6: Option<bool>) -> Result<IpNet, Fail> {
    let family = match v6 {
        None => "any valid",
        Some(false) => "inet",
        Some(true) => "inet6",
    };
    let wrong = || {
        Fail::new(
            1,
            format_args!("Error: {family} prefix is expected rather than \"{text}\"."),
        )
    };
    let (host, length) = text
        .split_once('/')
        .map_or((text, None), |(host, length)| (host, Some(length)));
    let addr = address(host, v6).ok_or_else(wrong)?;
    let whole = if addr.is_ipv6() { 128 } else { 32 };
    let length = match length {
        None if matches!(host, "default" | "any" | "all") => 0,
        None => whole,
        Some(length) => length
            .parse::<u8>()
            .ok()
            .or_else(|| mask(length))
            .ok_or_else(wrong)?,
    };
    IpNet::new(addr, length).ok().ok_or_else(wrong)
}

fn mask(text: &str) -> Option<u8> {
    let mask: Ipv4Addr = text.parse().ok()?;
    ipnet::ipv4_mask_to_prefix(mask).ok()
}

/// A single address, or iproute2's sentence.
pub(super) fn single(text: &str, v6: Option<bool>) -> Result<IpAddr, Fail> {
    let family = match v6 {
        None => "any valid",
        Some(false) => "inet",
        Some(true) => "inet6",
    };
    address(text, v6).ok_or_else(|| {
        Fail::new(
            1,
            format_args!("Error: {family} address is expected rather than \"{text}\"."),
        )
    })
}
