//! `ifconfig`, and the table of devices for `netstat -i`.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr};

use ipnet::Ipv4Net;
use kernel::Errno;
use kernel::ids::LinkId;
use kernel::net::{AddrSpec, Link, Scope};
use kernel::sys::Sys;
use wire::MacAddr;

use super::{device_flags, devices, netmask};
use crate::Flavour;
use crate::usage;

/// The `ifconfig` program.
pub(super) fn main(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let busybox = flavour == Flavour::Busybox;
    let (mut all, mut short) = (false, false);
    let mut words = args.iter().skip(1).map(String::as_str).peekable();
    while let Some(word) = words.next_if(|word| word.starts_with('-')) {
        match word {
            "--help" if busybox => {
                return usage::refuse(&sys, "ifconfig", "--help");
            }
            "-a" => all = true,
            "-s" if !busybox => short = true,
            "-v" => {}
            other if busybox => {
                return usage::refuse(&sys, "ifconfig", other);
            }
            other => return crate::not_modelled(&sys, "ifconfig", other),
        }
    }
    let Some(name) = words.next() else {
        if short {
            sys.out(
                "Iface      MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg\n",
            );
            sys.out(&counters(&sys));
        } else {
            sys.out(&listing(&sys, all, busybox));
        }
        return 0;
    };
    let ns = sys.netns();
    let Some(link) = sys.kernel(|k| k.link_by_name(ns, name)) else {
        let before = if busybox { "ifconfig: " } else { "" };
        let text =
            format!("{before}{name}: error fetching interface information: Device not found\n");
        sys.err(&text);
        return 1;
    };
    let changes: Vec<&str> = words.collect();
    if changes.is_empty() {
        let text = sys.kernel(|k| k.link(link).map(|link| block(link, busybox)));
        sys.out(&text.unwrap_or_default());
        return 0;
    }
    match change(&sys, link, &changes) {
        Ok(()) => 0,
        Err((call, error)) => {
            let before = if busybox { "ifconfig: " } else { "" };
            sys.err(&format!("{before}{call}: {error}\n"));
            if busybox { 1 } else { 255 }
        }
    }
}

/// All devices, or those that are up.
pub(super) fn listing(sys: &Sys, all: bool, busybox: bool) -> String {
    devices(sys, |link| {
        if all || link.admin_up {
            block(link, busybox)
        } else {
            String::new()
        }
    })
    .concat()
}

/// The rows of `netstat -i`.
pub(super) fn counters(sys: &Sys) -> String {
    devices(sys, |link| {
        if !link.admin_up {
            return String::new();
        }
        let stats = &link.stats;
        // Each flag's letter is its first, save that the list begins with the broadcast one.
        let mut letters: Vec<char> = device_flags(link)
            .iter()
            .filter_map(|(_, word)| word.chars().next())
            .collect();
        let order = "BLMPRU";
        sorted::sort_by_key(&mut letters, |letter| order.find(*letter));
        let flags: String = letters.into_iter().collect();
        format!(
            "{:<15} {:>5} {:>8} {:>6} {:>6} {:<6} {:>8} {:>6} {:>6} {:>6} {flags}\n",
            link.name,
            link.mtu,
            stats.rx_packets,
            0,
            stats.rx_dropped,
            0,
            stats.tx_packets,
            0,
            stats.tx_dropped,
            0
        )
    })
    .concat()
}

/// Bytes for people: one digit behind the point, cut and not rounded.
fn human(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let (mut tenths, mut units) = (bytes.saturating_mul(10), UNITS.iter());
    let mut unit = units.next();
    while tenths >= 10_240
        && let Some(next) = units.next()
    {
        tenths /= 1024;
        unit = Some(next);
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, unit.unwrap_or(&""))
}

/// IPv4 addresses without a label of their own, and IPv6 ones.
fn block(link: &Link, busybox: bool) -> String {
    let labelled = |spec: &&AddrSpec| spec.label.as_ref().is_some_and(|label| *label != link.name);
    let own: Vec<&AddrSpec> = link.addrs.iter().filter(|spec| !labelled(spec)).collect();
    let mut out = if busybox {
        busybox_block(link, &link.name, &own, true)
    } else {
        gnu_block(link, &link.name, &own, true)
    };
    for spec in link.addrs.iter().filter(labelled) {
        let label = spec.label.as_deref().unwrap_or_default();
        out.push_str(&if busybox {
            busybox_block(link, label, &[spec], false)
        } else {
            gnu_block(link, label, &[spec], false)
        });
    }
    out
}

/// The first IPv4 address is the only one that these tools show; the others need a label.
fn first_v4<'a>(addrs: &[&'a AddrSpec]) -> Option<(Ipv4Addr, &'a AddrSpec)> {
    addrs.iter().find_map(|spec| match spec.addr {
        IpAddr::V4(ip) => Some((ip, *spec)),
        IpAddr::V6(_) => None,
    })
}

fn gnu_block(link: &Link, name: &str, addrs: &[&AddrSpec], counted: bool) -> String {
    let flags = device_flags(link);
    let bits: u32 = flags.iter().map(|(bit, _)| bit).sum();
    let words: Vec<&str> = flags.iter().map(|(_, word)| *word).collect();
    let mut out = format!(
        "{name}: flags={bits}<{}>  mtu {}\n",
        words.join(","),
        link.mtu
    );
    if let Some((ip, spec)) = first_v4(addrs) {
        let _ = write!(out, "        inet {ip}  netmask {}", netmask(spec.prefix));
        if !link.is_loopback() {
            let broadcast = spec.broadcast.unwrap_or(Ipv4Addr::UNSPECIFIED);
            let _ = write!(out, "  broadcast {broadcast}");
        }
        out.push('\n');
    }
    for spec in addrs.iter().filter(|spec| spec.addr.is_ipv6()) {
        let (bits, scope) = match spec.scope {
            Scope::Host => ("10", "host"),
            Scope::Link => ("20", "link"),
            _ => ("0", "global"),
        };
        let _ = writeln!(
            out,
            "        inet6 {}  prefixlen {}  scopeid 0x{bits}<{scope}>",
            spec.addr, spec.prefix
        );
    }
    let _ = if link.is_loopback() {
        writeln!(
            out,
            "        loop  txqueuelen {}  (Local Loopback)",
            link.txqlen
        )
    } else {
        let (mac, queue) = (link.mac, link.txqlen);
        writeln!(out, "        ether {mac}  txqueuelen {queue}  (Ethernet)")
    };
    if counted {
        let s = &link.stats;
        let _ = writeln!(
            out,
            "        RX packets {}  bytes {} ({})\n        RX errors 0  dropped {}  overruns 0  frame 0\n        TX packets {}  bytes {} ({})\n        TX errors 0  dropped {} overruns 0  carrier 0  collisions 0",
            s.rx_packets,
            s.rx_bytes,
            human(s.rx_bytes),
            s.rx_dropped,
            s.tx_packets,
            s.tx_bytes,
            human(s.tx_bytes),
            s.tx_dropped
        );
    }
    out + "\n"
}

fn busybox_block(link: &Link, name: &str, addrs: &[&AddrSpec], counted: bool) -> String {
    let mut out = if link.is_loopback() {
        format!("{name:<9} Link encap:Local Loopback  \n")
    } else {
        let mac = link.mac.to_string().to_ascii_uppercase();
        format!("{name:<9} Link encap:Ethernet  HWaddr {mac}  \n")
    };
    if let Some((ip, spec)) = first_v4(addrs) {
        let _ = write!(out, "          inet addr:{ip} ");
        if !link.is_loopback() {
            let broadcast = spec.broadcast.unwrap_or(Ipv4Addr::UNSPECIFIED);
            let _ = write!(out, " Bcast:{broadcast} ");
        }
        let _ = writeln!(out, " Mask:{}", netmask(spec.prefix));
    }
    for spec in addrs.iter().filter(|spec| spec.addr.is_ipv6()) {
        let scope = match spec.scope {
            Scope::Host => "Host",
            Scope::Link => "Link",
            _ => "Global",
        };
        let _ = writeln!(
            out,
            "          inet6 addr: {}/{} Scope:{scope}",
            spec.addr, spec.prefix
        );
    }
    let words: Vec<&str> = device_flags(link).iter().map(|(_, word)| *word).collect();
    let _ = writeln!(
        out,
        "          {}  MTU:{}  Metric:1",
        words.join(" "),
        link.mtu
    );
    if counted {
        let s = &link.stats;
        let _ = writeln!(
            out,
            "          RX packets:{} errors:0 dropped:{} overruns:0 frame:0\n          TX packets:{} errors:0 dropped:{} overruns:0 carrier:0\n          collisions:0 txqueuelen:{} \n          RX bytes:{} ({})  TX bytes:{} ({})",
            s.rx_packets,
            s.rx_dropped,
            s.tx_packets,
            s.tx_dropped,
            link.txqlen,
            s.rx_bytes,
            human(s.rx_bytes),
            s.tx_bytes,
            human(s.tx_bytes)
        );
    }
    out + "\n"
}

/// Changes a device, word by word. An error names the call that failed.
fn change(sys: &Sys, link: LinkId, words: &[&str]) -> Result<(), (&'static str, Errno)> {
    let mut words = words.iter().copied();
    while let Some(word) = words.next() {
        let mut value = |call| words.next().ok_or((call, Errno::EINVAL));
        let call = match word {
            "up" | "down" | "promisc" | "-promisc" => "SIOCSIFFLAGS",
            "mtu" => "SIOCSIFMTU",
            "hw" => "SIOCSIFHWADDR",
            "txqueuelen" => "SIOCSIFTXQLEN",
            "netmask" => "SIOCSIFNETMASK",
            "broadcast" => "SIOCSIFBRDADDR",
            "del" => "SIOCDIFADDR",
            _ => "SIOCSIFADDR",
        };
        if !sys.may_admin_net() {
            return Err((call, Errno::EPERM));
        }
        let number = |text: &str| text.parse::<u32>().or(Err((call, Errno::EINVAL)));
        let done = match word {
            "up" => sys.kernel(|k| k.link_set_up(link)),
            "down" => sys.kernel(|k| k.link_set_down(link)),
            "promisc" | "-promisc" => sys.kernel(|k| k.link_set_promisc(link, word == "promisc")),
            "mtu" => {
                let mtu = number(value(call)?)?;
                sys.kernel(|k| k.link_set_mtu(link, mtu))
            }
            "txqueuelen" => {
                let len = number(value(call)?)?;
                sys.kernel(|k| k.link_set_txqlen(link, len))
            }
            "hw" => {
                value(call)?;
                let mac: Result<MacAddr, _> = value(call)?.parse();
                let mac = mac.or(Err((call, Errno::EINVAL)))?;
                sys.kernel(|k| k.link_set_mac(link, mac))
            }
            "netmask" => {
                let mask = value(call)?.parse::<Ipv4Addr>().ok();
                let net = mask.and_then(|m| Ipv4Net::with_netmask(Ipv4Addr::UNSPECIFIED, m).ok());
                let len = net.ok_or((call, Errno::EINVAL))?.prefix_len();
                let old = first_address(sys, link).ok_or((call, Errno::EADDRNOTAVAIL))?;
                set_address(sys, link, IpAddr::V4(old.0), len)
            }
            "broadcast" => {
                value(call)?;
                Ok(())
            }
            "add" | "del" => {
                let (ip, len) = prefixed(value(call)?).ok_or((call, Errno::EINVAL))?;
                if word == "add" {
                    let spec = AddrSpec::new(ip, len).with_broadcast();
                    sys.kernel(|k| k.addr_add(link, spec))
                } else {
                    sys.kernel(|k| k.addr_del(link, ip, len))
                }
            }
            "inet" | "inet6" | "multicast" | "arp" => Ok(()),
            address => {
                let (ip, len) = prefixed(address).ok_or((call, Errno::EINVAL))?;
                set_address(sys, link, ip, len).and_then(|()| sys.kernel(|k| k.link_set_up(link)))
            }
        };
        done.map_err(|error| (call, error))?;
    }
    Ok(())
}

/// An address with its prefix; without one, that of its class.
fn prefixed(text: &str) -> Option<(IpAddr, u8)> {
    match text.split_once('/') {
        Some((ip, len)) => Some((ip.parse().ok()?, len.parse().ok()?)),
        None => {
            let ip: IpAddr = text.parse().ok()?;
            let len = match ip {
                IpAddr::V4(ip) => match ip.octets() {
                    [0..=127, ..] => 8,
                    [128..=191, ..] => 16,
                    _ => 24,
                },
                IpAddr::V6(_) => 128,
            };
            Some((ip, len))
        }
    }
}

fn first_address(sys: &Sys, link: LinkId) -> Option<(Ipv4Addr, u8)> {
    let addrs = sys.kernel(|k| k.addrs(link));
    addrs.iter().find_map(|spec| match spec.addr {
        IpAddr::V4(ip) => Some((ip, spec.prefix)),
        IpAddr::V6(_) => None,
    })
}

/// Makes this the device's first IPv4 address, in place of the one it had; adds an IPv6 one.
fn set_address(sys: &Sys, link: LinkId, ip: IpAddr, len: u8) -> Result<(), Errno> {
    let old = first_address(sys, link).filter(|_| ip.is_ipv4());
    sys.kernel(|k| {
        if let Some((old, prefix)) = old {
            k.addr_del(link, old.into(), prefix)?;
        }
        k.addr_add(link, AddrSpec::new(ip, len).with_broadcast())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_cut_and_not_rounded() {
        assert_eq!(human(392), "392.0 B");
        assert_eq!(human(3339), "3.2 KiB");
        assert_eq!(human(20 << 20), "20.0 MiB");
    }
}
