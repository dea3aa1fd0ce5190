//! `traceroute` (Linux and busybox) and `tracepath`.

mod tcp;

use super::connect::From as LocalEnd;
use super::resolv;
use crate::Flavour;
use crate::args::{self, Wrong};
use crate::usage;
use bytes::Bytes;
use kernel::Errno;
use kernel::process::files::Fd;
use kernel::sock::{Family, Received, SockOpt, SockType};
use kernel::sys::Sys;
use kernel::time::Duration;
use sorted::SortedMap;
use std::net::{IpAddr, SocketAddr};
use wire::IcmpErrorKind;

/// Where probes begin, as Van Jacobson chose it.
pub(super) const FIRST_PORT: u16 = 33_434;
/// Where those of `-U` go.
const DNS_PORT: u16 = 53;

/// What `-T` says to who may not write packets by hand.
const WITHOUT_RIGHTS: &str =
    "You do not have enough privileges to use this traceroute method.\nsocket: ";

/// The options that Linux's `traceroute` has and that are not modelled, letters first.
const KNOWN: &str = "geAMOD -gateway -extensions -as-path-lookups -module -options -dccp -protocol -mtu -back -sport -fwmark -debug -dont-fragment -first -interface -sim-queries -tos -flowlabel -source -sendwait -version -help";

/// What Linux's says about itself. Source: traceroute 2.1.6.
const USAGE: &str = include_str!("traceroute.txt");

/// What a probe is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A datagram to a port where nobody listens.
    Udp,
    /// An echo request.
    Icmp,
    /// The beginning of a connection.
    Tcp,
}

/// How probes are sent.
pub(super) struct Options {
    pub(super) numeric: bool,
    pub(super) kind: Kind,
    /// The first probe's port, and whether each further one goes to the next.
    pub(super) port: u16,
    pub(super) counts: bool,
    pub(super) max_hops: u8,
    pub(super) first: u8,
    pub(super) wait: Duration,
    pub(super) probes: u32,
    pub(super) size: usize,
    pub(super) gnu: bool,
    /// By which device, and from which address.
    pub(super) from: LocalEnd,
}

/// What came back for one probe.
pub(super) enum Heard {
    Nothing,
    From(IpAddr, Duration, Option<IcmpErrorKind>),
}

/// The `traceroute` program.
pub async fn main(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let gnu = flavour == Flavour::Gnu;
    let name = args::program(&args).to_owned();
    let parsed = match args::parse(
        &args,
        "46nIUTFvlrdm:w:q:f:p:s:i:t:z:N:",
        &[
            ("max-hops", 'm'),
            ("icmp", 'I'),
            ("udp", 'U'),
            ("tcp", 'T'),
            ("port", 'p'),
            ("queries", 'q'),
            ("wait", 'w'),
        ],
    ) {
        Ok(parsed) => parsed,
        Err(Wrong::Unknown(option)) if gnu && !KNOWN.contains(option.trim_start_matches('-')) => {
            let at = args
                .iter()
                .skip(1)
                .position(|word| word.starts_with(&option));
            let at = at.map_or(1, |at| at + 1);
            sys.err(&format!("Bad option `{option}' (argc {at})\n"));
            return 2;
        }
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    let Some(host) = parsed.operands.first() else {
        if !gnu {
            return usage::show(&sys, &name, None);
        }
        if args.len() > 1 {
            sys.err("Specify \"host\" missing argument.\n");
            return 2;
        }
        sys.err(USAGE);
        return 0;
    };
    let number = |letter: char| parsed.value(letter).and_then(|v| v.parse::<f64>().ok());
    if gnu && number('f').unwrap_or(1.0) > number('m').unwrap_or(30.0) {
        sys.err("first hop out of range\n");
        return 2;
    }
    if gnu && number('m').is_some_and(|most| most > 255.0) {
        sys.err("max hops cannot be more than 255\n");
        return 2;
    }
    if gnu && number('q').is_some_and(|probes| probes > 10.0) {
        sys.err("no more than 10 probes per hop\n");
        return 2;
    }
    let family = match parsed.last_of("46") {
        Some('4') => Some(Family::V4),
        Some(_) => Some(Family::V6),
        None => name.ends_with('6').then_some(Family::V6),
    };
    let found = match flavour {
        Flavour::Gnu => resolv::lookup(&sys, host, family)
            .await
            .map(|found| found.addresses.first().copied()),
        Flavour::Busybox => resolv::first(&sys, host, family).await.map(Some),
    };
    let to = match found {
        Ok(found) => found,
        Err(error) => {
            let text = if gnu {
                format!(
                    "{host}: {}\nCannot handle \"host\" cmdline arg `{host}' on position 1 (argc 1)\n",
                    error.text()
                )
            } else {
                format!("{name}: bad address '{host}'\n")
            };
            sys.err(&text);
            return if gnu { 2 } else { 1 };
        }
    };
    let Some(to) = to else { return 1 };
    let header = if to.is_ipv4() { 28 } else { 48 };
    let whole = parsed
        .operands
        .get(1)
        .and_then(|s| s.parse().ok())
        .unwrap_or(match (gnu, to.is_ipv4()) {
            (true, true) => 60,
            (true, false) => 80,
            (false, true) => 46,
            (false, false) => 72,
        });
    let max_hops = number('m').map_or(30, |m| m.clamp(1.0, 255.0) as u8);
    let begin = || {
        sys.out(&format!(
            "traceroute to {host} ({to}), {max_hops} hops max, {whole} byte packets\n"
        ));
    };
    let (kind, port, counts) = match parsed.last_of("IUT") {
        Some('I') => (Kind::Icmp, FIRST_PORT, true),
        Some('U') if gnu => (Kind::Udp, DNS_PORT, false),
        Some('T') if gnu => (Kind::Tcp, tcp::PORT, false),
        _ => (Kind::Udp, FIRST_PORT, true),
    };
    let options = Options {
        numeric: parsed.has('n'),
        kind,
        port: parsed
            .value('p')
            .and_then(|p| p.parse().ok())
            .unwrap_or(port),
        counts,
        max_hops,
        first: number('f').map_or(1, |f| f.clamp(1.0, 255.0) as u8),
        wait: Duration::try_from_secs_f64(number('w').unwrap_or(if gnu { 5.0 } else { 3.0 }))
            .unwrap_or_default(),
        probes: number('q').map_or(3, |q| q.clamp(1.0, 10.0) as u32),
        size: usize::saturating_sub(whole, header),
        gnu,
        from: match from(&sys, &parsed, to, gnu) {
            Ok(from) => from,
            Err(code) => {
                if gnu {
                    begin();
                }
                return code;
            }
        },
    };
    // Both connect first; what they have printed until then is still in their buffer when they complain.
    let ns = sys.netns();
    let connected = sys.kernel(|k| k.source_to_send(ns, to, None).err());
    if let Some(error) = connected {
        sys.err(&match flavour {
            Flavour::Gnu => format!("connect: {error}\n"),
            Flavour::Busybox => format!("{name}: can't connect to remote host ({to}): {error}\n"),
        });
    }
    if gnu || connected.is_none() {
        begin();
    }
    if connected.is_some() {
        return 1;
    }
    trace(&sys, &options, to).await
}

/// Where probes leave from, as `-i` and `-s` say; `Err`: the exit code, after saying why they cannot.
fn from(sys: &Sys, parsed: &args::Parsed, to: IpAddr, gnu: bool) -> Result<LocalEnd, i32> {
    let mut from = LocalEnd::default();
    if let Some(name) = parsed.value('i') {
        let ns = sys.netns();
        from.device = sys.kernel(|k| k.link_by_name(ns, name));
        if from.device.is_none() {
            let call = if gnu {
                "setsockopt SO_BINDTODEVICE"
            } else {
                "traceroute: setsockopt(SO_BINDTODEVICE)"
            };
            sys.no_device(name);
            sys.err(&format!("{call}: {}\n", Errno::ENODEV));
            return Err(1);
        }
    }
    if let Some(address) = parsed.value('s') {
        from.source = address.parse().ok();
    }
    let tried = sys
        .socket(Family::of(to), SockType::Datagram)
        .and_then(|fd| {
            let tried = from.apply(sys, fd, Family::of(to));
            sys.close(fd);
            tried
        });
    tried.map(|()| from).map_err(|error| {
        sys.err(&if gnu {
            format!("\nbind: {error}\n")
        } else {
            format!("traceroute: bind: {error}\n")
        });
        1
    })
}

async fn trace(sys: &Sys, o: &Options, to: IpAddr) -> i32 {
    let mut names: SortedMap<IpAddr, String> = SortedMap::new();
    let mut port = o.port;
    for ttl in o.first..=o.max_hops {
        let mut line = format!("{ttl:>2} ");
        let mut last = None;
        let mut done = false;
        for n in 0..o.probes {
            let heard = match probe(sys, o, to, ttl, port).await {
                Ok(heard) => heard,
                Err(Errno::EPERM) if o.kind == Kind::Tcp => {
                    sys.err(&format!("{WITHOUT_RIGHTS}{}\n", Errno::EPERM));
                    return 1;
                }
                Err(error) => {
                    let text = if o.gnu {
                        format!("send: {error}\n")
                    } else {
                        format!("traceroute: sendto: {error}\n")
                    };
                    sys.err(&text);
                    return 1;
                }
            };
            port = port.wrapping_add(u16::from(o.counts));
            match heard {
                // Linux's marks are one space apart, busybox's two.
                Heard::Nothing => line.push_str(if n > 0 && !o.gnu { "  *" } else { " *" }),
                Heard::From(ip, time, kind) => {
                    if last != Some(ip) {
                        let shown = if o.numeric {
                            ip.to_string()
                        } else {
                            shown(sys, &mut names, ip).await
                        };
                        line.push_str(&format!(" {shown}"));
                        last = Some(ip);
                    }
                    line.push_str(&format!(
                        "  {:.3} ms{}",
                        time.as_secs_f64() * 1000.0,
                        mark(kind)
                    ));
                    done |= kind != Some(IcmpErrorKind::TtlExceeded);
                }
            }
        }
        sys.out(&format!("{line}\n"));
        if done {
            return 0;
        }
    }
    0
}

async fn shown(sys: &Sys, names: &mut SortedMap<IpAddr, String>, ip: IpAddr) -> String {
    if let Some(name) = names.get(&ip) {
        return name.clone();
    }
    let name = resolv::reverse(sys, ip)
        .await
        .unwrap_or_else(|| ip.to_string());
    let text = format!("{name} ({ip})");
    names.insert(ip, text.clone());
    text
}

/// What follows the time if the answer was no ordinary one.
const fn mark(kind: Option<IcmpErrorKind>) -> &'static str {
    match kind {
        Some(IcmpErrorKind::HostUnreachable) => " !H",
        Some(IcmpErrorKind::NetUnreachable) => " !N",
        Some(IcmpErrorKind::ProtoUnreachable) => " !P",
        Some(
            IcmpErrorKind::AdminProhibited
            | IcmpErrorKind::NetProhibited
            | IcmpErrorKind::HostProhibited,
        ) => " !X",
        Some(IcmpErrorKind::FragNeeded { .. }) => " !F",
        _ => "",
    }
}

/// Sends one probe and waits for what comes of it.
pub(super) async fn probe(
    sys: &Sys,
    o: &Options,
    to: IpAddr,
    ttl: u8,
    port: u16,
) -> Result<Heard, Errno> {
    let kind = match o.kind {
        Kind::Tcp => return tcp::probe(sys, o, to, ttl, port).await,
        Kind::Icmp => SockType::Ping,
        Kind::Udp => SockType::Datagram,
    };
    let fd = sys.socket(Family::of(to), kind)?;
    let result = send_and_hear(sys, fd, o, to, ttl, port).await;
    sys.close(fd);
    result
}

async fn send_and_hear(
    sys: &Sys,
    fd: Fd,
    o: &Options,
    to: IpAddr,
    ttl: u8,
    port: u16,
) -> Result<Heard, Errno> {
    o.from.apply(sys, fd, Family::of(to))?;
    sys.set_option(fd, SockOpt::Ttl(ttl))?;
    sys.set_option(fd, SockOpt::RecvErr(true))?;
    let started = sys.now();
    let data: Vec<u8> = (0x40u8..=0x7f).cycle().take(o.size).collect();
    sys.send_to(fd, Bytes::from(data), SocketAddr::new(to, port))
        .await?;
    let message: Received = match sys.timeout(o.wait, sys.recv_from(fd)).await {
        Some(Ok(message)) => message,
        Some(Err(_)) | None => return Ok(Heard::Nothing),
    };
    Ok(Heard::From(
        message.from.ip(),
        message.at - started,
        message.icmp_error,
    ))
}

/// The `tracepath` program: hop by hop, with the path's MTU.
pub async fn tracepath(sys: Sys, args: Vec<String>, _flavour: Flavour) -> i32 {
    let parsed = match args::parse(&args, "46nbm:l:p:", &[]) {
        Ok(parsed) => parsed,
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    let Some(host) = parsed.operands.first() else {
        sys.err("\nUsage\n  tracepath [options] <destination>\n");
        return 1;
    };
    let to = match resolv::lookup(&sys, host, None).await {
        Ok(found) => found.addresses.first().copied(),
        Err(error) => {
            sys.err(&format!("tracepath: {host}: {}\n", error.text()));
            return 1;
        }
    };
    let Some(to) = to else { return 1 };
    let ns = sys.netns();
    let mut mtu = sys.kernel(|k| k.mtu_for(ns, to));
    sys.out(&format!(
        " 1?: [LOCALHOST]                      pmtu {mtu}\n"
    ));
    let max = parsed
        .value('m')
        .and_then(|m| m.parse().ok())
        .unwrap_or(30u8);
    let mut o = Options {
        numeric: true,
        kind: Kind::Udp,
        port: FIRST_PORT,
        counts: true,
        max_hops: max,
        first: 1,
        wait: Duration::from_secs(1),
        probes: 1,
        size: 0,
        gnu: true,
        from: LocalEnd::default(),
    };
    let mut names = SortedMap::new();
    for ttl in 1..=max {
        o.size = (mtu as usize).saturating_sub(if to.is_ipv4() { 28 } else { 48 });
        let heard = probe(&sys, &o, to, ttl, 44_444 + u16::from(ttl)).await;
        let (ip, time, kind) = match heard {
            Ok(Heard::From(ip, time, kind)) => (ip, time, kind),
            Ok(Heard::Nothing) => {
                sys.out(&format!("{ttl:>2}:  no reply\n"));
                continue;
            }
            Err(error) => {
                sys.err(&format!("tracepath: send failed: {error}\n"));
                return 1;
            }
        };
        let name = if parsed.has('n') {
            ip.to_string()
        } else {
            shown(&sys, &mut names, ip)
                .await
                .split(" (")
                .next()
                .unwrap_or_default()
                .to_owned()
        };
        let tail = match kind {
            Some(IcmpErrorKind::FragNeeded { mtu: narrower }) => {
                mtu = narrower;
                format!(" pmtu {mtu}")
            }
            Some(IcmpErrorKind::PortUnreachable) => " reached".to_owned(),
            _ => String::new(),
        };
        sys.out(&format!(
            "{ttl:>2}:  {name:<52} {:>7.3}ms{tail}\n",
            time.as_secs_f64() * 1000.0
        ));
        if kind == Some(IcmpErrorKind::PortUnreachable) {
            sys.out(&format!("     Resume: pmtu {mtu} hops {ttl} back {ttl}\n"));
            return 0;
        }
    }
    sys.out(&format!(
        "     Too many hops: pmtu {mtu}\n     Resume: pmtu {mtu}\n"
    ));
    0
}
