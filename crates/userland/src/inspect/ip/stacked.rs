//! Devices that stand on another one: what `ip link add` says about them, and what `-d` shows.

use kernel::Errno;
use kernel::ids::LinkId;
use kernel::net::{IpvlanFlag, IpvlanMode, Link, LinkKind, LinkSpecKind, MacvlanMode, VxlanSpec};
use kernel::state::Kernel;
use kernel::time::Duration;
use std::fmt::Write as _;
use std::net::IpAddr;

use super::{Fail, Json};
use crate::inspect::say::Words;

/// The kinds that are made on another device.
pub(super) const KINDS: [&str; 4] = ["macvlan", "ipvlan", "vlan", "vxlan"];

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
        "vxlan" => Ok(LinkSpecKind::Vxlan(vxlan(&mut words, parent)?)),
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

/// The port where none is named, which is older than the one that was assigned. Source: Linux `vxlan_port`.
const OLD_PORT: u16 = 8472;

fn vxlan(words: &mut Words<'_>, over: Option<LinkId>) -> Result<VxlanSpec, Fail> {
    let mut spec = VxlanSpec::new(0);
    (spec.port, spec.over) = (OLD_PORT, over);
    let mut id = None;
    while let Some(word) = words.next() {
        let (turned, name) = match word.strip_prefix("no") {
            Some(rest) => (false, rest),
            None => (true, word),
        };
        match name {
            "learning" => spec.learning = turned,
            "proxy" => spec.proxy = turned,
            "l2miss" => spec.l2miss = turned,
            "l3miss" => spec.l3miss = turned,
            "id" | "vni" => id = Some(number(words, "invalid id")?),
            "dstport" => {
                let port = number(words, "dst port")?;
                spec.port = u16::try_from(port).unwrap_or_default();
            }
            "local" => spec.local = Some(address(words, "invalid local address")?),
            "remote" => spec.remote = Some(address(words, "invalid remote address")?),
            "ageing" => {
                let seconds = number(words, "ageing timer")?;
                spec.ageing = Duration::from_secs(u64::from(seconds));
            }
            "ttl" | "hoplimit" if words.peek() == Some("auto") => {
                words.next();
            }
            "group" | "srcport" | "port" | "tos" | "ttl" | "hoplimit" | "df" | "flowlabel"
            | "maxaddress" | "udpcsum" | "external" | "gbp" | "gpe" | "rsc" | "vnifilter"
            | "localbypass" => return Err(Fail::not_modelled("ip", &format!("vxlan {word}"))),
            _ => return Err(unknown("vxlan", word)),
        }
    }
    spec.id = id.ok_or_else(|| Fail::new(1, "vxlan: missing virtual network identifier"))?;
    if spec.id >= 1 << 24 {
        return Err(Fail::argument(&spec.id.to_string(), "invalid id"));
    }
    Ok(spec)
}

fn number(words: &mut Words<'_>, what: &str) -> Result<u32, Fail> {
    let text = words.value()?;
    text.parse().ok().ok_or_else(|| Fail::argument(text, what))
}

fn address(words: &mut Words<'_>, what: &str) -> Result<IpAddr, Fail> {
    let text = words.value()?;
    text.parse().ok().ok_or_else(|| Fail::argument(text, what))
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
        (Errno::EEXIST, "vxlan") if !name_taken => {
            Fail::kernel("A VXLAN device with the specified VNI already exists.")
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
        LinkKind::Vxlan(vxlan) => vxlan_details(k, &vxlan.spec),
        _ => return None,
    })
}

/// As iproute2 7 prints it.
fn vxlan_details(k: &Kernel, spec: &VxlanSpec) -> String {
    let mut out = format!("id {} ", spec.id);
    for (name, addr) in [("remote", spec.remote), ("local", spec.local)] {
        if let Some(addr) = addr {
            let _ = write!(out, "{name} {addr} ");
        }
    }
    if let Some(over) = spec.over.and_then(|over| k.link(over)) {
        let _ = write!(out, "dev {} ", over.name);
    }
    let _ = write!(
        out,
        "srcport 0 0 dstport {} ttl auto ageing {} reserved_bits 0xf7ffffff000000ff ",
        spec.port,
        spec.ageing.as_secs()
    );
    for (told, word) in [
        (!spec.learning, "nolearning "),
        (spec.proxy, "proxy "),
        (spec.l2miss, "l2miss "),
        (spec.l3miss, "l3miss "),
    ] {
        if told {
            out.push_str(word);
        }
    }
    out
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
        LinkKind::Vxlan(vxlan) => vec![
            ("id", vxlan.spec.id.into()),
            ("port", u32::from(vxlan.spec.port).into()),
            ("learning", Json::Bool(vxlan.spec.learning)),
            ("proxy", Json::Bool(vxlan.spec.proxy)),
            ("l2miss", Json::Bool(vxlan.spec.l2miss)),
            ("l3miss", Json::Bool(vxlan.spec.l3miss)),
        ],
        _ => return None,
    };
    Some(Json::Map(map))
}
