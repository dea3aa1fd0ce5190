//! Devices that stand on another one: what `ip link add` says about them, and what `-d` shows.

use kernel::Errno;
use kernel::ids::LinkId;
use kernel::net::{IpvlanFlag, IpvlanMode, Link, LinkKind, LinkSpecKind, MacvlanMode};
use kernel::state::Kernel;

use super::{Fail, Json};
use crate::inspect::say::Words;

/// The kinds that are made on another device.
pub(super) const KINDS: [&str; 3] = ["macvlan", "ipvlan", "vlan"];

/// What the words after `type` ask for.
pub(super) fn spec(
    kind: &str,
    parent: Option<LinkId>,
    extra: &[String],
) -> Result<LinkSpecKind, Fail> {
    let mut words = Words::new(extra);
    // Without a device to stand on the kernel finds the request invalid, after the words were understood.
    let lower = || parent.ok_or_else(|| Fail::netlink(Errno::EINVAL));
    match kind {
        "macvlan" => {
            let mode = macvlan(&mut words)?;
            Ok(LinkSpecKind::Macvlan {
                lower: lower()?,
                mode,
            })
        }
        "ipvlan" => {
            let (mode, flag) = ipvlan(&mut words)?;
            Ok(LinkSpecKind::Ipvlan {
                lower: lower()?,
                mode,
                flag,
            })
        }
        _ => {
            let id = vlan(&mut words)?;
            let id = id.ok_or_else(|| Fail::kernel("8021q: VLAN properties not specified."))?;
            let lower = parent.ok_or_else(|| Fail::kernel("8021q: link not specified."))?;
            if id > kernel::net::dev::vlan::MAX_ID {
                return Err(Fail::kernel("8021q: Invalid VLAN id."));
            }
            Ok(LinkSpecKind::Vlan { lower, id })
        }
    }
}

fn macvlan(words: &mut Words<'_>) -> Result<MacvlanMode, Fail> {
    let mut mode = MacvlanMode::Vepa;
    while let Some(word) = words.next() {
        if word != "mode" {
            return Err(unknown("macvlan", word));
        }
        mode = match words.value()? {
            "private" => MacvlanMode::Private,
            "vepa" => MacvlanMode::Vepa,
            "bridge" => MacvlanMode::Bridge,
            "passthru" => MacvlanMode::Passthru,
            "source" => return Err(Fail::not_modelled("ip", "macvlan mode source")),
            other => {
                return Err(Fail::new(
                    1,
                    format_args!(
                        "Error: argument of \"mode\" must be \"private\", \"vepa\", \"bridge\", \"passthru\" or \"source\", not \"{other}\""
                    ),
                ));
            }
        };
    }
    Ok(mode)
}

fn ipvlan(words: &mut Words<'_>) -> Result<(IpvlanMode, IpvlanFlag), Fail> {
    let (mut mode, mut flag) = (IpvlanMode::L3, IpvlanFlag::Bridge);
    while let Some(word) = words.next() {
        match word {
            "mode" => {
                mode = match words.value()? {
                    "l2" => IpvlanMode::L2,
                    "l3" => IpvlanMode::L3,
                    "l3s" => IpvlanMode::L3S,
                    _ => {
                        return Err(Fail::new(
                            1,
                            "Error: argument of \"mode\" must be either \"l2\", \"l3\" or \"l3s\"",
                        ));
                    }
                }
            }
            "bridge" => flag = IpvlanFlag::Bridge,
            "private" => flag = IpvlanFlag::Private,
            "vepa" => flag = IpvlanFlag::Vepa,
            other => return Err(unknown("ipvlan", other)),
        }
    }
    Ok((mode, flag))
}

/// The tag; `None` if it was not given.
fn vlan(words: &mut Words<'_>) -> Result<Option<u16>, Fail> {
    let mut id = None;
    while let Some(word) = words.next() {
        match word {
            "id" => {
                let text = words.value()?;
                id = Some(
                    text.parse()
                        .ok()
                        .ok_or_else(|| Fail::argument(text, "id is invalid"))?,
                );
            }
            "protocol" | "proto" => match words.value()? {
                "802.1q" | "802.1Q" => {}
                "802.1ad" | "802.1AD" => {
                    return Err(Fail::not_modelled("ip", "vlan protocol 802.1ad"));
                }
                other => return Err(Fail::argument(other, "protocol is invalid")),
            },
            "reorder_hdr" | "gvrp" | "mvrp" | "loose_binding" | "bridge_binding"
            | "ingress-qos-map" | "egress-qos-map" => {
                return Err(Fail::not_modelled("ip", &format!("vlan {word}")));
            }
            other => return Err(unknown("vlan", other)),
        }
    }
    Ok(id)
}

fn unknown(kind: &str, word: &str) -> Fail {
    Fail::new(
        255,
        format_args!("{kind}: unknown command \"{word}\"?\nUsage: ... {kind} ..."),
    )
}

/// The kernel's answer when it will not make one.
pub(super) fn refused(error: Errno, kind: &str, name_taken: bool) -> Fail {
    match (error, kind) {
        // A name that is taken is refused before the kind is asked.
        (Errno::EEXIST, "vlan") if !name_taken => {
            Fail::kernel("8021q: VLAN device already exists.")
        }
        (Errno::EOPNOTSUPP, "vlan") => Fail::kernel("8021q: VLANs not supported on device."),
        (error, _) => Fail::netlink(error),
    }
}

/// What `-d` tells of such a device, after its kind.
pub(super) fn details(k: &Kernel, link: &Link) -> Option<String> {
    Some(match &link.kind {
        LinkKind::Macvlan(macvlan) => {
            format!(
                "mode {} bcqueuelen 1000 usedbcqueuelen 1000 ",
                macvlan.mode.text()
            )
        }
        LinkKind::Ipvlan(_) => {
            let (mode, flag) = k.ipvlan_settings(link.id)?;
            format!(" mode {} {} ", mode.text(), flag.text())
        }
        LinkKind::Vlan(vlan) => format!("protocol 802.1Q id {} <REORDER_HDR> ", vlan.id),
        _ => return None,
    })
}

/// The same for JSON: `info_data`.
pub(super) fn data(k: &Kernel, link: &Link) -> Option<Json> {
    let map = match &link.kind {
        LinkKind::Macvlan(macvlan) => vec![
            ("mode", macvlan.mode.text().into()),
            ("bcqueuelen", 1000_u32.into()),
            ("usedbcqueuelen", 1000_u32.into()),
        ],
        LinkKind::Ipvlan(_) => {
            let (mode, flag) = k.ipvlan_settings(link.id)?;
            vec![
                ("mode", mode.text().into()),
                ("mode_flag", flag.text().into()),
            ]
        }
        LinkKind::Vlan(vlan) => vec![
            ("protocol", "802.1Q".into()),
            ("id", u32::from(vlan.id).into()),
            ("flags", Json::List(vec!["REORDER_HDR".into()])),
        ],
        _ => return None,
    };
    Some(Json::Map(map))
}
