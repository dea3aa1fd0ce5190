//! `ip link add`, `set` and `delete`.

use kernel::Errno;
use kernel::ids::{LinkId, NetnsId};
use kernel::net::link::MAX_NAME;
use kernel::net::{LinkSpec, LinkSpecKind};
use kernel::state::Kernel;
use kernel::sys::Sys;
use wire::MacAddr;

use super::{Context, Fail, Said, changed_device, stacked};
use crate::inspect::netns::named_or_pid;
use crate::inspect::say::Words;

fn mac(text: &str) -> Result<MacAddr, Fail> {
    let bytes = link_address(text)?.len();
    text.parse().ok().ok_or_else(|| {
        Fail::new(
            1,
            format_args!("Invalid address length {bytes} - must be 6 bytes"),
        )
    })
}

/// The bytes of an address, which need not be as many as a device's. Source: iproute2 ll_addr.c, `ll_addr_a2n`.
pub(super) fn link_address(text: &str) -> Result<Vec<u8>, Fail> {
    let byte = |part: &str| {
        let bad = || Fail::new(1, format_args!("\"{part}\" is invalid lladdr."));
        u8::from_str_radix(part, 16).ok().ok_or_else(bad)
    };
    text.split(':').map(byte).collect()
}

fn number(text: &str, what: &str) -> Result<u32, Fail> {
    text.parse()
        .ok()
        .ok_or_else(|| Fail::bad_argument(text, &format!("Invalid \"{what}\" value")))
}

fn namespace(sys: &Sys, text: &str) -> Result<NetnsId, Fail> {
    named_or_pid(sys, text).ok_or_else(|| Fail::bad_argument(text, "Invalid \"netns\" value"))
}

/// A new name for a device, checked as iproute2 checks it before it asks the kernel. Source: iproute2 utils.c,
/// `check_ifname`.
fn new_name(text: &str) -> Result<String, Fail> {
    let bad = |b: u8| b == b'/' || b.is_ascii_whitespace();
    match text.is_empty() || text.len() > MAX_NAME || text.bytes().any(bad) {
        true => Err(Fail::argument(text, "\"name\" not a valid ifname")),
        false => Ok(text.to_owned()),
    }
}

/// The name of a device that is meant, of which iproute2 wants only that it is one.
fn meant_name(text: &str) -> Result<String, Fail> {
    match text {
        "" => Err(Fail::argument(text, "\"dev\" not a valid ifname")),
        text => Ok(text.to_owned()),
    }
}

/// `vf N`: a function of a network card, which no device here has.
fn virtual_function(words: &mut Words<'_>) -> Result<(), Fail> {
    let value = words.value()?;
    number(value, "vf").map(drop)
}

/// The smallest unit of a device that looks like Ethernet, in bytes. Source: Linux `ETH_MIN_MTU`.
const MIN_MTU: u32 = 68;

/// The end of a veth that is named second.
struct Peer {
    name: String,
    ns: NetnsId,
    mac: Option<MacAddr>,
    mtu: Option<u32>,
}

/// Runs `ip link add`.
pub(super) fn add(sys: &Sys, context: &Context, args: &[String]) -> Said {
    let mut spec = LinkSpec::new("", LinkSpecKind::Dummy);
    let mut ns = context.ns;
    let mut kind = None;
    let mut parent = None;
    let mut peer = Peer {
        name: String::new(),
        ns,
        mac: None,
        mtu: None,
    };
    let mut extra = Vec::new();
    let mut words = Words::new(args);
    while let Some(word) = words.next() {
        match word {
            "name" => spec.name = new_name(words.value()?)?,
            "dev" => spec.name = meant_name(words.value()?)?,
            "vf" => virtual_function(&mut words)?,
            "link" => parent = Some(words.value()?.to_owned()),
            "address" => spec.mac = Some(mac(words.value()?)?),
            "mtu" => spec.mtu = Some(number(words.value()?, "mtu")?),
            "index" => spec.index = Some(number(words.value()?, "index")?),
            "txqueuelen" | "qlen" | "txqlen" => {
                spec.txqlen = Some(number(words.value()?, "txqueuelen")?);
            }
            "netns" => ns = namespace(sys, words.value()?)?,
            "numtxqueues" | "numrxqueues" => {
                number(words.value()?, word)?;
            }
            "type" => {
                kind = Some(words.value()?.to_owned());
                if kind.as_deref() == Some("veth") {
                    veth_words(sys, &mut words, &mut peer)?;
                } else {
                    extra = words.by_ref().map(str::to_owned).collect();
                }
            }
            name if spec.name.is_empty() => spec.name = meant_name(name)?,
            other => {
                return Err(Fail::new(
                    255,
                    format_args!("Error: either \"name\" is duplicate, or \"{other}\" is garbage."),
                ));
            }
        }
    }
    let Some(kind) = kind else {
        return Err(Fail::new(
            1,
            "Not enough information: \"type\" argument is required",
        ));
    };
    // A tunnel names the device that it is laid over among its own words.
    let at = extra.iter().position(|word| word == "dev");
    if let Some(at) = at.filter(|at| kind == "vxlan" && at + 1 < extra.len()) {
        parent = Some(extra.remove(at + 1));
        extra.remove(at);
    }
    sys.kernel(|k| {
        let parent = parent
            .map(|name| changed_device(k, context.ns, &name))
            .transpose()?;
        spec.kind = match kind.as_str() {
            "bridge" | "dummy" if !extra.is_empty() => {
                return Err(Fail::not_modelled(
                    "ip",
                    &format!("link add type {kind} {}", extra.join(" ")),
                ));
            }
            "bridge" => LinkSpecKind::Bridge,
            "dummy" => LinkSpecKind::Dummy,
            "veth" => LinkSpecKind::Veth {
                peer_name: peer.name.clone(),
                peer_ns: peer.ns,
                peer_mac: peer.mac,
            },
            kind if stacked::KINDS.contains(&kind) => stacked::spec(kind, parent, &extra)?,
            "macvtap" | "ipvtap" | "bond" | "team" | "gre" | "gretap" | "ipip" | "sit" | "tun"
            | "wireguard" | "ifb" | "vrf" | "vti" | "geneve" | "macsec" => {
                return Err(Fail::not_modelled("ip", &format!("link add type {kind}")));
            }
            _ => return Err(Fail::kernel("Unknown device type.")),
        };
        context.permit()?;
        let name_taken = k.link_by_name(ns, &spec.name).is_some();
        let (name, mtu) = (spec.name.clone(), spec.mtu);
        k.link_add(ns, spec)
            .map_err(|error| refused(error, &kind, (&name, mtu), name_taken))?;
        if let (Some(mtu), Some(link)) = (peer.mtu, k.link_by_name(peer.ns, &peer.name)) {
            k.link_set_mtu(link, mtu).map_err(Fail::netlink)?;
        }
        Ok(String::new())
    })
}

fn refused(error: Errno, kind: &str, (name, mtu): (&str, Option<u32>), name_taken: bool) -> Fail {
    match error {
        // The name comes first, whatever the kind.
        Errno::EINVAL if name.len() > MAX_NAME => {
            Fail::kernel("Attribute failed policy validation.")
        }
        Errno::EINVAL if !kernel::net::link::valid_name(name) => Fail::netlink(error),
        error if stacked::KINDS.contains(&kind) => stacked::refused(error, kind, name_taken),
        Errno::EINVAL if mtu.is_some_and(|mtu| mtu < MIN_MTU) => {
            Fail::kernel("mtu less than device minimum.")
        }
        Errno::EINVAL => Fail::kernel("mtu or address out of range for this kind of device."),
        Errno::EOPNOTSUPP => Fail::not_modelled("ip", &format!("link add type {kind}")),
        error => Fail::netlink(error),
    }
}

fn veth_words(sys: &Sys, words: &mut Words<'_>, peer: &mut Peer) -> Result<(), Fail> {
    let mut other = false;
    while let Some(word) = words.next() {
        match word {
            "peer" => other = true,
            _ if !other => {
                return Err(Fail::new(
                    1,
                    "Usage: ip link <options> type veth [peer <options>]\nTo get <options> type 'ip link add help'",
                ));
            }
            "dev" => {}
            "name" => peer.name = words.value()?.to_owned(),
            "netns" => peer.ns = namespace(sys, words.value()?)?,
            "address" => peer.mac = Some(mac(words.value()?)?),
            "mtu" => peer.mtu = Some(number(words.value()?, "mtu")?),
            "txqueuelen" | "qlen" => {
                words.value()?;
            }
            name if peer.name.is_empty() => peer.name = name.to_owned(),
            other => {
                return Err(Fail::new(
                    255,
                    format_args!("Error: either \"name\" is duplicate, or \"{other}\" is garbage."),
                ));
            }
        }
    }
    Ok(())
}

/// Runs `ip link delete`.
pub(super) fn delete(sys: &Sys, context: &Context, args: &[String]) -> Said {
    let mut name = None;
    let mut words = Words::new(args);
    while let Some(word) = words.next() {
        match word {
            "dev" | "name" => name = Some(words.value()?.to_owned()),
            "vf" => {
                virtual_function(&mut words)?;
                if words.peek().is_none() && name.is_none() {
                    return Err(Fail::new(255, "Error: argument \"dev\" is required"));
                }
            }
            "type" => words.by_ref().for_each(drop),
            word => name = Some(word.to_owned()),
        }
    }
    let Some(name) = name else {
        return Err(Fail::new(
            255,
            "Not enough information: \"dev\" argument is required.",
        ));
    };
    sys.kernel(|k| {
        let link = changed_device(k, context.ns, &name)?;
        context.permit()?;
        k.link_del(link)
            .map(|()| String::new())
            .map_err(Fail::netlink)
    })
}

/// A change of a device; they are made in the order in which Linux makes those of one request.
#[derive(Debug)]
enum Change {
    Netns(NetnsId),
    VirtualFunction,
    Mac(String),
    Mtu(u32),
    Name(String),
    Queue(u32),
    Promisc(bool),
    Port(String, bool),
    Ageing(u32),
    Stp(bool),
    Label(&'static str, String),
    Master(Option<LinkId>),
    Up(bool),
}

impl Change {
    const fn place(&self) -> u8 {
        match self {
            Self::Netns(_) | Self::VirtualFunction => 0,
            Self::Mac(_) => 1,
            Self::Mtu(_) => 2,
            Self::Name(_) => 3,
            Self::Queue(_) => 4,
            Self::Promisc(_) => 5,
            Self::Master(_) => 6,
            Self::Port(..) | Self::Ageing(_) | Self::Stp(_) | Self::Label(..) => 7,
            Self::Up(_) => 8,
        }
    }
}

/// Runs `ip link set`.
pub(super) fn set(sys: &Sys, context: &Context, args: &[String]) -> Said {
    let mut name = None;
    let mut changes = Vec::new();
    let mut unmodelled = None;
    let mut words = Words::new(args);
    while let Some(word) = words.next() {
        match word {
            "up" => changes.push(Change::Up(true)),
            "down" => changes.push(Change::Up(false)),
            "dev" => name = Some(meant_name(words.value()?)?),
            "mtu" => changes.push(Change::Mtu(number(words.value()?, "mtu")?)),
            "address" => {
                let value = words.value()?;
                link_address(value)?;
                changes.push(Change::Mac(value.to_owned()));
            }
            "name" => changes.push(Change::Name(new_name(words.value()?)?)),
            "txqueuelen" | "qlen" | "txqlen" => {
                changes.push(Change::Queue(number(words.value()?, "txqueuelen")?));
            }
            "promisc" => changes.push(Change::Promisc(switch("promisc", words.value()?)?)),
            "netns" => changes.push(Change::Netns(namespace(sys, words.value()?)?)),
            "master" => {
                let master = words.value()?;
                let found = sys.kernel(|k| k.link_by_name(context.ns, master));
                let found =
                    found.ok_or_else(|| Fail::bad_argument(master, "Device does not exist"));
                changes.push(Change::Master(Some(found?)));
            }
            "nomaster" => changes.push(Change::Master(None)),
            "type" => unmodelled = port_words(&mut words, &mut changes)?,
            "alias" => changes.push(Change::Label("alias", words.value()?.to_owned())),
            "group" => {
                let value = words.value()?;
                super::link::group(value)?;
                changes.push(Change::Label("group", value.to_owned()));
            }
            "multicast" | "allmulticast" | "dynamic" => {
                let value = words.value()?;
                switch(word, value)?;
                let name = ["multicast", "allmulticast", "dynamic"];
                let name = name.into_iter().find(|name| *name == word);
                changes.extend(name.map(|name| Change::Label(name, value.to_owned())));
            }
            "arp" | "trailers" | "carrier" | "protodown" => {
                let value = words.value()?;
                let on = match word {
                    "carrier" => either(word, value)?,
                    word => switch(word, value)?,
                };
                // What it is by itself.
                if on != (word == "arp") {
                    unmodelled = Some(Fail::not_modelled("ip", &format!("link set {word}")));
                }
            }
            "addrgenmode" | "xdp" | "mode" | "state" => {
                return Err(Fail::not_modelled("ip", &format!("link set {word}")));
            }
            "vf" => {
                virtual_function(&mut words)?;
                if name.is_none() {
                    return Err(Fail::new(255, "Error: argument \"dev\" is required"));
                }
                words.by_ref().for_each(drop);
                changes.push(Change::VirtualFunction);
            }
            word if name.is_none() => name = Some(meant_name(word)?),
            word => {
                return Err(Fail::new(
                    255,
                    format_args!("Error: either \"dev\" is duplicate, or \"{word}\" is garbage."),
                ));
            }
        }
    }
    let Some(name) = name else {
        return Err(Fail::new(
            255,
            "Not enough information: \"dev\" argument is required.",
        ));
    };
    sorted::sort_by_key(&mut changes, Change::place);
    sys.kernel(|k| {
        let link = changed_device(k, context.ns, &name)?;
        if let Some(said) = unmodelled {
            return Err(said);
        }
        if !changes.is_empty() {
            context.permit()?;
        }
        changes
            .iter()
            .try_for_each(|change| apply(k, link, change))
            .map(|()| String::new())
    })
}

fn switch(option: &str, text: &str) -> Result<bool, Fail> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err(Fail::new(
            1,
            format_args!(
                "Error: argument of \"{option}\" must be \"on\" or \"off\", not \"{text}\""
            ),
        )),
    }
}

/// The same where iproute2 says it in other words. Source: iproute2 utils.c, `parse_one_of`.
fn either(option: &str, text: &str) -> Result<bool, Fail> {
    switch(option, text).map_err(|_why| {
        Fail::new(
            22,
            format_args!(
                "Error: argument of \"{option}\" must be one of \"off\", \"on\", not \"{text}\""
            ),
        )
    })
}

/// `type bridge_slave hairpin on` and the like; gives what is not modelled of it.
fn port_words(words: &mut Words<'_>, changes: &mut Vec<Change>) -> Result<Option<Fail>, Fail> {
    let kind = words.value()?;
    if kind == "bridge" && words.peek() == Some("ageing_time") {
        words.next();
        changes.push(Change::Ageing(number(words.value()?, "ageing_time")?));
        return match words.next() {
            None => Ok(None),
            Some(word) => Err(Fail::not_modelled("ip", &format!("bridge {word}"))),
        };
    }
    if kind == "bridge" && words.peek() == Some("stp_state") {
        words.next();
        let on: u32 = number(words.value()?, "stp_state")?;
        changes.push(Change::Stp(on != 0));
        return match words.next() {
            None => Ok(None),
            Some(word) => Err(Fail::not_modelled("ip", &format!("bridge {word}"))),
        };
    }
    if kind != "bridge_slave" {
        let word = words.peek().unwrap_or_default();
        let what = format!("link set type {kind} {word}");
        words.by_ref().for_each(drop);
        return Ok(Some(Fail::not_modelled("ip", what.trim_end())));
    }
    while let Some(word) = words.next() {
        if !matches!(
            word,
            "hairpin" | "isolated" | "learning" | "flood" | "mcast_flood" | "bcast_flood"
        ) {
            return Err(Fail::not_modelled("ip", &format!("bridge_slave {word}")));
        }
        changes.push(Change::Port(word.to_owned(), switch(word, words.value()?)?));
    }
    Ok(None)
}

fn apply(k: &mut Kernel, link: LinkId, change: &Change) -> Result<(), Fail> {
    let done = match change {
        Change::Netns(ns) => {
            return k.link_set_netns(link, *ns).map_err(|error| match error {
                Errno::EINVAL => Fail::kernel("The interface netns is immutable."),
                error => Fail::netlink(error),
            });
        }
        Change::VirtualFunction => Err(Errno::EOPNOTSUPP),
        Change::Mac(text) => k.link_set_mac(link, mac(text)?),
        Change::Mtu(mtu) => {
            let most = k.link(link).map_or(0, |l| l.kind.max_mtu());
            let least = k.link(link).map_or(0, |l| l.kind.min_mtu());
            return k.link_set_mtu(link, *mtu).map_err(|error| match error {
                Errno::EINVAL if *mtu > most => Fail::kernel("mtu greater than device maximum."),
                Errno::EINVAL if *mtu < least => Fail::kernel("mtu less than device minimum."),
                error => Fail::netlink(error),
            });
        }
        Change::Name(name) => k.link_set_name(link, name),
        Change::Queue(len) => k.link_set_txqlen(link, *len),
        Change::Promisc(on) => k.link_set_promisc(link, *on),
        // Hundredths of a second.
        Change::Ageing(time) => {
            let ageing = kernel::time::Duration::from_millis(u64::from(*time) * 10);
            k.bridge_set_ageing(link, ageing)
        }
        Change::Stp(on) => k.bridge_set_stp(link, *on),
        Change::Label(what, value) => k.link_label(link, |labels| {
            let on = value == "on";
            match *what {
                "alias" => labels.alias = value.as_str().into(),
                "group" => labels.group = super::link::group(value).unwrap_or_default(),
                "allmulticast" => labels.allmulti = on,
                "dynamic" => labels.dynamic = on,
                _ => labels.no_multicast = !on,
            }
        }),
        Change::Port(what, on) => set_port(k, link, what, *on),
        Change::Master(master) => {
            return k
                .link_set_master(link, *master)
                .map_err(|error| match error {
                    Errno::ELOOP => Fail::kernel("Can not enslave a bridge to a bridge."),
                    error => Fail::netlink(error),
                });
        }
        Change::Up(true) => k.link_set_up(link),
        Change::Up(false) => k.link_set_down(link),
    };
    done.map_err(Fail::netlink)
}

/// Sets one of a bridge port's switches.
pub(crate) fn set_port(k: &mut Kernel, link: LinkId, what: &str, on: bool) -> Result<(), Errno> {
    k.bridge_port_set(link, |port| {
        let place = match what {
            "hairpin" => &mut port.hairpin,
            "isolated" => &mut port.isolated,
            "learning" => &mut port.learning,
            "flood" => &mut port.flood,
            "mcast_flood" => &mut port.mcast_flood,
            _ => &mut port.bcast_flood,
        };
        *place = on;
    })
}
