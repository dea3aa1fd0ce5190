//! `ip addr add`, `change`, `replace`, `del` and `flush`.

use ipnet::IpNet;
use kernel::Errno;
use kernel::net::AddrSpec;
use kernel::net::link::MAX_NAME;
use kernel::sys::Sys;
use std::net::{IpAddr, Ipv4Addr};

use super::addr::{Wanted, scope};
use super::{Context, Fail, Said, changed_device, prefix};
use crate::inspect::say::Words;

/// An address and the device it is for, as given.
fn read(context: &Context, args: &[String]) -> Result<(AddrSpec, String), Fail> {
    let mut local: Option<IpNet> = None;
    let mut peer: Option<IpNet> = None;
    let mut broadcast = None;
    let mut wide = None;
    let mut label = None;
    let mut device = None;
    let (mut nodad, mut noprefixroute) = (false, false);
    let mut words = Words::new(args);
    while let Some(word) = words.next() {
        match word {
            "dev" => device = Some(words.value()?.to_owned()),
            "local" => local = Some(prefix::parse(words.value()?, context.v6)?),
            "peer" | "remote" => peer = Some(prefix::parse(words.value()?, context.v6)?),
            "broadcast" | "brd" => broadcast = Some(words.value()?.to_owned()),
            "scope" => {
                let value = words.value()?;
                let bad = |_why| Fail::argument(value, "invalid scope value.");
                wide = Some(scope(value).map_err(bad)?);
            }
            "label" => label = Some(words.value()?.to_owned()),
            "nodad" => nodad = true,
            "noprefixroute" => noprefixroute = true,
            "valid_lft" | "preferred_lft" => {
                let value = words.value()?;
                if value != "forever" && value.parse::<u32>().is_err() {
                    return Err(Fail::argument(value, &format!("{word} value")));
                } else if value != "forever" {
                    return Err(Fail::not_modelled("ip", &format!("{word} {value}")));
                }
            }
            "metric" | "home" | "mngtmpaddr" | "autojoin" | "optimistic" | "anycast" => {
                return Err(Fail::not_modelled("ip", &format!("address {word}")));
            }
            word if local.is_none() => local = Some(prefix::parse(word, context.v6)?),
            word => {
                return Err(Fail::new(
                    255,
                    format_args!("Error: either \"local\" is duplicate, or \"{word}\" is garbage."),
                ));
            }
        }
    }
    let Some(device) = device else {
        return Err(Fail::new(
            1,
            "Not enough information: \"dev\" argument is required.",
        ));
    };
    let Some(local) = local else {
        return Err(Fail::netlink(Errno::EOPNOTSUPP));
    };
    let mut spec = AddrSpec::new(
        local.addr(),
        peer.map_or(local.prefix_len(), |p| p.prefix_len()),
    );
    spec.peer = peer.map(|p| p.addr());
    spec.scope = wide.unwrap_or(spec.scope);
    spec.label = label.map(Into::into);
    spec.flags.nodad = nodad;
    spec.flags.noprefixroute = noprefixroute;
    spec.broadcast = match broadcast.as_deref() {
        None => None,
        Some(_) if spec.addr.is_ipv6() => {
            return Err(Fail::new(1, "Broadcast can be set only for IPv4 addresses"));
        }
        Some("+") => spec.clone().with_broadcast().broadcast,
        Some("-") => match spec.subnet().map(|net| net.network()) {
            Some(IpAddr::V4(network)) => Some(network),
            _ => None,
        },
        Some(text) => Some(text.parse::<Ipv4Addr>().ok().ok_or_else(|| {
            Fail::new(
                1,
                format_args!("Error: inet address is expected rather than \"{text}\"."),
            )
        })?),
    };
    Ok((spec, device))
}

/// Runs `ip addr add`, or with `replace` the commands that do not mind if it is there.
pub(super) fn add(sys: &Sys, context: &Context, args: &[String], replace: bool) -> Said {
    let (spec, device) = read(context, args)?;
    sys.kernel(|k| {
        let link = changed_device(k, context.ns, &device)?;
        context.permit()?;
        if spec
            .label
            .as_ref()
            .is_some_and(|label| label.len() > MAX_NAME)
        {
            return Err(Fail::kernel("Attribute failed policy validation."));
        }
        let (v6, multicast) = (spec.addr.is_ipv6(), spec.addr.is_multicast());
        match k.addr_add(link, spec) {
            Ok(()) => Ok(String::new()),
            Err(Errno::EEXIST) if replace => Ok(String::new()),
            Err(Errno::EEXIST) if v6 => Err(Fail::kernel("ipv6: address already assigned.")),
            Err(Errno::EEXIST) => Err(Fail::kernel("ipv4: Address already assigned.")),
            Err(Errno::EADDRNOTAVAIL) if v6 && multicast => Err(Fail::kernel(
                "ipv6: Cannot assign multicast address without \"IFA_F_MCAUTOJOIN\" flag.",
            )),
            Err(Errno::EACCES) => Err(Fail::kernel("ipv6: IPv6 is disabled on this device.")),
            Err(error) => Err(Fail::netlink(error)),
        }
    })
}

/// What iproute2 says to somebody who takes an address away without its prefix.
fn wildcard(spec: &AddrSpec) -> String {
    format!(
        "Warning: Executing wildcard deletion to stay compatible with old scripts.\n         Explicitly specify the prefix length ({}/32) to avoid this warning.\n         This special behaviour is likely to disappear in further releases,\n         fix your scripts!\n",
        spec.addr
    )
}

/// Runs `ip addr del`.
pub(super) fn delete(sys: &Sys, context: &Context, args: &[String]) -> Said {
    let (spec, device) = read(context, args)?;
    let bare = args.iter().all(|word| !word.contains('/'));
    if bare && spec.addr.is_ipv4() && spec.peer.is_none() {
        sys.err(&wildcard(&spec));
    }
    sys.kernel(|k| {
        let link = changed_device(k, context.ns, &device)?;
        context.permit()?;
        // Without a length any address of that number is meant.
        let known = k
            .addrs(link)
            .into_iter()
            .find(|addr| addr.addr == spec.addr && (bare || addr.prefix == spec.prefix));
        let gone = known
            .ok_or(Errno::EADDRNOTAVAIL)
            .and_then(|addr| k.addr_del(link, addr.addr, addr.prefix));
        gone.map(|()| String::new()).map_err(|error| match error {
            Errno::EADDRNOTAVAIL if spec.addr.is_ipv6() => Fail::kernel("ipv6: address not found."),
            Errno::EADDRNOTAVAIL => Fail::kernel("ipv4: Address not found."),
            error => Fail::netlink(error),
        })
    })
}

/// Runs `ip addr flush`.
pub(super) fn flush(sys: &Sys, context: &Context, args: &[String]) -> Said {
    if args.is_empty() {
        return Err(Fail::new(1, "Flush requires arguments."));
    }
    sys.kernel(|k| {
        let wanted = Wanted::read(k, context, args)?;
        let mut gone = Vec::new();
        for link in super::devices(k, context.ns)
            .into_iter()
            .filter(|link| wanted.links.passes(link))
        {
            gone.extend(
                k.addrs(link.id)
                    .into_iter()
                    .filter(|addr| wanted.passes(context, link, addr))
                    .map(|addr| (link.id, addr)),
            );
        }
        context.permit_flush(gone.len(), 255)?;
        let said = context.flushed(gone.len(), "addresses");
        for (link, addr) in gone {
            // A secondary may have gone with its primary.
            let _ = k.addr_del(link, addr.addr, addr.prefix);
        }
        Ok(said)
    })
}
