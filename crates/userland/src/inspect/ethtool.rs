//! `ethtool`: what a device's driver says of itself.

use kernel::net::{Link, LinkKind};
use kernel::sys::Sys;

use super::say::{Fail, Said, say};
use crate::Flavour;

/// Words for completion.
pub const WORDS: &[&str] = &["-i", "-S", "-P"];

/// What a veth can leave to others. Seen on Linux 6.19.
const FEATURES: &str = include_str!("features.txt");

/// The `ethtool` program.
pub fn main(sys: Sys, args: Vec<String>, _: Flavour) -> i32 {
    let said = run(&sys, args.get(1..).unwrap_or_default());
    say(&sys, said)
}

fn run(sys: &Sys, args: &[String]) -> Said {
    let bad = "ethtool: bad command line argument(s)\nFor more information run ethtool -h";
    let (option, name) = match args {
        [name] if !name.starts_with('-') => ("", name.as_str()),
        [version] if version == "--version" => return Ok("ethtool version 7.2\n".to_owned()),
        [option, name] if option.starts_with('-') => (option.as_str(), name.as_str()),
        [option, ..] if option.starts_with('-') && args.len() > 2 => {
            return Err(Fail::not_modelled("ethtool", option));
        }
        _ => return Err(Fail::new(1, bad)),
    };
    let (ns, admin) = (sys.netns(), sys.has_net_admin());
    let said = sys.kernel(|k| {
        let found = k.link_by_name(ns, name).and_then(|id| k.link(id));
        let Some(link) = found else {
            return Err(no_device(option, admin));
        };
        let virtual_driver = driver(link);
        match option {
            "" => Ok(settings(link)),
            "-k" | "--show-features" if matches!(link.kind, LinkKind::Veth(_)) => {
                Ok(format!("Features for {name}:\n{FEATURES}"))
            }
            "-i" | "--driver" => match virtual_driver {
                Some(driver) => Ok(driver_text(driver)),
                None => Err(Fail::new(
                    71,
                    "Cannot get driver information: Operation not supported",
                )),
            },
            "-S" | "--statistics" => {
                let peer = match link.kind {
                    LinkKind::Veth(_) => k.link_lower(link.id).map(|(index, _)| index),
                    _ => None,
                };
                match peer {
                    Some(index) => Ok(format!(
                        "NIC statistics:\n     peer_ifindex: {index}\n{XDP}"
                    )),
                    None => Err(Fail::new(94, "no stats available")),
                }
            }
            // None of these drivers has such a setting.
            "-a" | "--show-pause" | "-g" | "--show-ring" | "-c" | "--show-coalesce" => {
                Err(Fail::new(1, "netlink error: Operation not supported"))
            }
            "-P" | "--show-permaddr" => Ok("Permanent address: not set\n".to_owned()),
            other => Err(Fail::not_modelled("ethtool", other)),
        }
    });
    // Who may not ask about waking the machine up is told so, and the rest.
    if option.is_empty() && said.is_ok() && !admin {
        sys.err("netlink error: Operation not permitted\n");
    }
    said
}

/// What a veth counts besides: nothing ever uses XDP here.
const XDP: &str = "     rx_queue_0_xdp_packets: 0\n     rx_queue_0_xdp_bytes: 0\n     rx_queue_0_drops: 0\n     rx_queue_0_xdp_redirect: 0\n     rx_queue_0_xdp_drops: 0\n     rx_queue_0_xdp_tx: 0\n     rx_queue_0_xdp_tx_errors: 0\n     tx_queue_0_xdp_xmit: 0\n     tx_queue_0_xdp_xmit_errors: 0\n";

/// ethtool asks for the settings piece by piece, and each fails alike.
fn no_device(option: &str, admin: bool) -> Fail {
    let one = "netlink error: no device matches name (offset 24)\nnetlink error: No such device\n";
    match option {
        // The third question is about waking the machine up, which not everybody may ask.
        "" if !admin => Fail::new(
            75,
            format_args!(
                "{}netlink error: Operation not permitted\n{}No data available",
                one.repeat(2),
                one.repeat(4)
            ),
        ),
        "" => Fail::new(75, format_args!("{}No data available", one.repeat(7))),
        "-i" | "--driver" => Fail::new(71, "Cannot get driver information: No such device"),
        "-S" | "--statistics" => {
            Fail::new(96, "Cannot get stats strings information: No such device")
        }
        _ => Fail::new(1, one.trim_end()),
    }
}

/// A driver's name, version and whether it fills the other fields.
struct Driver {
    name: &'static str,
    version: &'static str,
    empty: &'static str,
    statistics: &'static str,
}

fn driver(link: &Link) -> Option<Driver> {
    match link.kind.text() {
        "bridge" => Some(Driver {
            name: "bridge",
            version: "2.3",
            empty: "N/A",
            statistics: "no",
        }),
        // Cables between machines are veths on the recorded machines, too.
        "veth" | "" if !link.is_loopback() => Some(Driver {
            name: "veth",
            version: "1.0",
            empty: "",
            statistics: "yes",
        }),
        _ => None,
    }
}

fn driver_text(driver: Driver) -> String {
    let Driver {
        name,
        version,
        empty,
        statistics,
    } = driver;
    format!(
        "driver: {name}\nversion: {version}\nfirmware-version: {empty}\nexpansion-rom-version: \nbus-info: {empty}\nsupports-statistics: {statistics}\nsupports-test: no\nsupports-eeprom-access: no\nsupports-register-dump: no\nsupports-priv-flags: no\n"
    )
}

fn settings(link: &Link) -> String {
    let name = &link.name;
    let detected = if link.is_running() { "yes" } else { "no" };
    if link.is_loopback() {
        return format!("Settings for {name}:\n\tLink detected: {detected}\n");
    }
    let bridge = link.kind.text() == "bridge";
    let (speed, duplex, port, crossed) = if bridge {
        let speed = if link.is_running() {
            "10000Mb/s"
        } else {
            "Unknown!"
        };
        (speed, "Unknown! (255)", "Other", "")
    } else {
        ("10000Mb/s", "Full", "Twisted Pair", "\tMDI-X: Unknown\n")
    };
    format!(
        "Settings for {name}:\n\tSupported ports: [  ]\n\tSupported link modes:   Not reported\n\tSupported pause frame use: No\n\tSupports auto-negotiation: No\n\tSupported FEC modes: Not reported\n\tAdvertised link modes:  Not reported\n\tAdvertised pause frame use: No\n\tAdvertised auto-negotiation: No\n\tAdvertised FEC modes: Not reported\n\tSpeed: {speed}\n\tDuplex: {duplex}\n\tAuto-negotiation: off\n\tPort: {port}\n\tPHYAD: 0\n\tTransceiver: internal\n{crossed}\tLink detected: {detected}\n"
    )
}
