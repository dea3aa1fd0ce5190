//! `arp`.

use std::net::{IpAddr, Ipv4Addr};

use kernel::Errno;
use kernel::ids::LinkId;
use kernel::net::{NeighState, TableId};
use kernel::sock::Family;
use kernel::sys::Sys;
use wire::MacAddr;

use super::Hosts;
use crate::Flavour;
use crate::args::{self, Parsed, Wrong};
use crate::net::resolv;
use crate::usage;

/// A row of the table.
struct Row {
    ip: Ipv4Addr,
    mac: Option<MacAddr>,
    permanent: bool,
    device: String,
}

/// The `arp` program.
pub(super) async fn main(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let busybox = flavour == Flavour::Busybox;
    if busybox && args.iter().any(|word| word == "--help") {
        return usage::refuse(&sys, "arp", "--help");
    }
    let long = [
        ("all", 'a'),
        ("numeric", 'n'),
        ("delete", 'd'),
        ("set", 's'),
        ("device", 'i'),
        ("verbose", 'v'),
    ];
    let parsed = match args::parse(&args, "aendsvDi:H:t:A:p:", &long) {
        Ok(parsed) => parsed,
        Err(Wrong::Unknown(option)) if busybox => {
            return usage::refuse(&sys, "arp", &option);
        }
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    let ns = sys.netns();
    let device = match parsed.value('i') {
        None => None,
        Some(name) => match sys.kernel(|k| k.link_by_name(ns, name)) {
            Some(link) => Some(link),
            None => {
                sys.err(&format!("arp: device {name}: No such device\n"));
                return 255;
            }
        },
    };
    let fails = if busybox { 1 } else { 255 };
    let done = if parsed.has('d') {
        delete(&sys, &parsed, device, busybox).await
    } else if parsed.has('s') {
        set(&sys, &parsed, device, busybox).await
    } else {
        return show(&sys, &parsed, device, busybox).await;
    };
    match done {
        Ok(()) => 0,
        Err(text) => {
            sys.err(&format!("{text}\n"));
            fails
        }
    }
}

/// The address of the first operand.
async fn host(sys: &Sys, parsed: &Parsed) -> Result<Ipv4Addr, String> {
    let Some(name) = parsed.operands.first() else {
        return Err("arp: need host name".to_owned());
    };
    match resolv::lookup(sys, name, Some(Family::V4)).await {
        Ok(found) => match found.addresses.first() {
            Some(IpAddr::V4(ip)) => Ok(*ip),
            _ => Err(format!("{name}: Unknown host")),
        },
        Err(_) => Err(format!("{name}: Unknown host")),
    }
}

/// The device by which an address is reached.
fn device_of(sys: &Sys, ip: Ipv4Addr, given: Option<LinkId>) -> Result<LinkId, Errno> {
    if let Some(link) = given {
        return Ok(link);
    }
    let ns = sys.netns();
    let on_link = sys.kernel(|k| {
        k.routes(ns, false, Some(TableId::MAIN))
            .into_iter()
            .filter(|route| route.dst.contains(&IpAddr::V4(ip)))
            .max_by_key(|route| route.dst.prefix_len())
            .filter(|route| route.via.is_none())
            .and_then(|route| route.link)
    });
    on_link.ok_or(Errno::ENETUNREACH)
}

async fn delete(
    sys: &Sys,
    parsed: &Parsed,
    device: Option<LinkId>,
    busybox: bool,
) -> Result<(), String> {
    let ip = host(sys, parsed).await?;
    let refused = |error: Errno| {
        if busybox {
            format!("arp: SIOCDARP(priv): {error}")
        } else {
            format!("SIOCDARP(dontpub): {error}")
        }
    };
    if !sys.may_admin_net() {
        return Err(refused(Errno::EPERM));
    }
    let link = device_of(sys, ip, device).map_err(refused)?;
    let ns = sys.netns();
    sys.kernel(|k| k.neigh_del(ns, link, ip.into()))
        .or(Err(format!("No ARP entry for {ip}")))
}

async fn set(
    sys: &Sys,
    parsed: &Parsed,
    device: Option<LinkId>,
    busybox: bool,
) -> Result<(), String> {
    let ip = host(sys, parsed).await?;
    let Some(mac) = parsed.operands.get(1) else {
        return Err("arp: need hardware address".to_owned());
    };
    let mac: MacAddr = mac
        .parse()
        .or(Err("arp: invalid hardware address".to_owned()))?;
    let refused = |error: Errno| {
        let before = if busybox { "arp: " } else { "" };
        format!("{before}SIOCSARP: {error}")
    };
    if !sys.may_admin_net() {
        return Err(refused(Errno::EPERM));
    }
    let link = device_of(sys, ip, device).map_err(refused)?;
    let state = if parsed.operands.iter().any(|word| word == "temp") {
        NeighState::Stale
    } else {
        NeighState::Permanent
    };
    let ns = sys.netns();
    sys.kernel(|k| k.neigh_add(ns, link, ip.into(), mac, state))
        .map_err(refused)
}

async fn show(sys: &Sys, parsed: &Parsed, device: Option<LinkId>, busybox: bool) -> i32 {
    let wanted = match parsed.operands.first() {
        None => None,
        Some(_) => match host(sys, parsed).await {
            Ok(ip) => Some(ip),
            Err(text) => {
                sys.err(&format!("{text}\n"));
                return if busybox { 1 } else { 255 };
            }
        },
    };
    let ns = sys.netns();
    let (total, rows) = sys.kernel(|k| {
        let known = k.neighbours(ns).into_iter().filter_map(|n| match n.ip {
            IpAddr::V4(ip) => Some((ip, n)),
            IpAddr::V6(_) => None,
        });
        let known: Vec<_> = known.collect();
        let rows: Vec<Row> = known
            .iter()
            .filter(|(ip, n)| {
                wanted.is_none_or(|wanted| wanted == *ip)
                    && device.is_none_or(|link| link == n.link)
            })
            .map(|(ip, n)| Row {
                ip: *ip,
                mac: n
                    .mac
                    .filter(|_| !matches!(n.state, NeighState::Incomplete | NeighState::Failed)),
                permanent: n.state == NeighState::Permanent,
                device: k
                    .link(n.link)
                    .map(|l| l.name.to_string())
                    .unwrap_or_default(),
            })
            .collect();
        (known.len(), rows)
    });
    let mut hosts = Hosts::new(parsed.has('n'));
    let linux = !busybox && !parsed.has('a');
    if linux && !rows.is_empty() {
        sys.out(
            "Address                  HWtype  HWaddress           Flags Mask            Iface\n",
        );
    }
    for row in &rows {
        let name = hosts.name(sys, row.ip.into()).await;
        let line = if linux {
            row.in_columns(name)
        } else {
            row.as_bsd(name.as_deref().unwrap_or("?"), busybox)
        };
        sys.out(&line);
    }
    if rows.is_empty() {
        let text = match wanted {
            Some(ip) if !parsed.has('a') || busybox => {
                let name = parsed.operands.first().map_or("", String::as_str);
                format!("{name} ({ip}) -- no entry\n")
            }
            _ if device.is_some() || wanted.is_some() => {
                format!("arp: in {total} entries no match found.\n")
            }
            _ => String::new(),
        };
        sys.out(&text);
    }
    0
}

impl Row {
    fn in_columns(&self, name: Option<String>) -> String {
        let name = name.unwrap_or_else(|| self.ip.to_string());
        let (kind, mac, flags) = match self.mac {
            Some(mac) if self.permanent => ("ether", mac.to_string(), "CM"),
            Some(mac) => ("ether", mac.to_string(), "C"),
            None => ("", "(incomplete)".to_owned(), ""),
        };
        format!(
            "{name:<23.23}  {kind:<8}{mac:<20}{flags:<22}{}\n",
            self.device
        )
    }

    fn as_bsd(&self, name: &str, busybox: bool) -> String {
        let at = match self.mac {
            Some(mac) => format!("{mac} [ether] "),
            None => "<incomplete> ".to_owned(),
        };
        // busybox leaves the room of its flags also where there are none.
        let flags = match (self.permanent, busybox) {
            (true, _) => "PERM ",
            (false, true) => " ",
            (false, false) => "",
        };
        format!("{name} ({}) at {at}{flags}on {}\n", self.ip, self.device)
    }
}
