//! ping from iputils.

use super::{Heard, Printer, Prober, ms};
use crate::args::{self, Wrong};
use crate::net::connect::From as LocalEnd;
use crate::net::resolv;
use kernel::Errno;
use kernel::net::{RouteKind, RouteQuery};
use kernel::sock::{Family, SockOpt};
use kernel::sys::Sys;
use kernel::time::Duration;
use sorted::SortedMap;
use std::net::{IpAddr, Ipv4Addr};
use wire::IcmpErrorKind;

const USAGE: &str = "
Usage
  ping [options] <destination>

Options:
  <destination>      DNS name or IP address
  -3                 RTT precision (do not round up the result time)
  -a                 use audible ping
  -A                 use adaptive ping
  -B                 sticky source address
  -c <count>         stop after <count> replies
  -C                 call connect() syscall on socket creation
  -D                 print timestamps
  -d                 use SO_DEBUG socket option
  -e <identifier>    define identifier for ping session, default is random for
                     SOCK_RAW and kernel defined for SOCK_DGRAM
                     Imply using SOCK_RAW (for IPv4 only for identifier 0)
  -f                 flood ping
  -h                 print help and exit
  -H                 force reverse DNS name resolution (useful for numeric
                     destinations or for -f), override -n
  -I <interface>     either interface name or address
  -i <interval>      seconds between sending each packet
  -L                 suppress loopback of multicast packets
  -l <preload>       send <preload> number of packages while waiting replies
  -m <mark>          tag the packets going out
  -M <pmtud opt>     define path MTU discovery, can be one of <do|dont|want|probe>
  -n                 no reverse DNS name resolution, override -H
  -O                 report outstanding replies
  -p <pattern>       contents of padding byte
  -q                 quiet output
  -Q <tclass>        use quality of service <tclass> bits
  -s <size>          use <size> as number of data bytes to be sent
  -S <size>          use <size> as SO_SNDBUF socket option value
  -t <ttl>           define time to live
  -U                 print user-to-user latency
  -v                 verbose output
  -V                 print version and exit
  -w <deadline>      reply wait <deadline> in seconds
  -W <timeout>       time to wait for response

IPv4 options:
  -4                 use IPv4
  -b                 allow pinging broadcast
  -R                 record route
  -T <timestamp>     define timestamp, can be one of <tsonly|tsandaddr|tsprespec>

IPv6 options:
  -6                 use IPv6
  -F <flowlabel>     define flow label, default is random
  -N <nodeinfo opt>  use IPv6 node info query, try <help> as argument

For more details see ping(8).
";

const VERSION: &str = "ping from iputils 20250605
libcap: yes, IDN: yes, NLS: no, error.h: yes, getrandom(): yes, __fpending(): yes
";

/// The shortest time between requests that others than root may ask for.
const SHORTEST: Duration = Duration::from_millis(2);

/// What `-v` tells of the sockets and of the address that was found. Anybody may have echo sockets on these machines.
fn sockets(family: Option<Family>, to: IpAddr, name: &str) -> String {
    let word = |family: Option<Family>| match family {
        None => "AF_UNSPEC",
        Some(Family::V4) => "AF_INET",
        Some(Family::V6) => "AF_INET6",
    };
    let socket = |number: Option<u32>| match number {
        Some(number) => format!("{number} (socktype: SOCK_DGRAM)"),
        None => "-1 (socktype: 0)".to_owned(),
    };
    let (four, six) = match family {
        None => (Some(3), Some(4)),
        Some(Family::V4) => (Some(3), None),
        Some(Family::V6) => (None, Some(3)),
    };
    format!(
        "ping: sock4.fd: {}, sock6.fd: {}, hints.ai_family: {}\nping: ai->ai_family: {}, ai->ai_canonname: '{name}'\n",
        socket(four),
        socket(six),
        word(family),
        word(Some(Family::of(to)))
    )
}

/// Names of answering addresses, each asked for once.
struct Names {
    sys: Sys,
    /// What is put behind the address of a link.
    device: String,
    numeric: bool,
    known: SortedMap<IpAddr, Option<String>>,
}

impl Names {
    async fn show(&mut self, ip: IpAddr) -> String {
        if resolv::is_of_a_link(ip) {
            return format!("{ip}{}", self.device);
        }
        if self.numeric {
            return ip.to_string();
        }
        if !self.known.contains_key(&ip) {
            let name = resolv::reverse(&self.sys, ip).await;
            self.known.insert(ip, name);
        }
        match self.known.get(&ip).and_then(Option::as_ref) {
            Some(name) => format!("{name} ({ip})"),
            None => ip.to_string(),
        }
    }
}

/// The bytes that hex digits stand for, two each, at most sixteen of them; the text again if it is something else.
/// Source: iputils `ping_common.c`, `fill`.
fn hex(text: &str) -> Result<Vec<u8>, &str> {
    let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(16)).collect();
    let digits = digits.ok_or(text)?;
    let byte = |pair: &[u32]| pair.iter().fold(0, |byte, digit| byte << 4 | digit);
    let bytes = digits.chunks(2).take(16).map(byte);
    Ok(bytes.filter_map(|byte| u8::try_from(byte).ok()).collect())
}

/// What is wrong with the number that an option takes; `None` if it is one, or if the option takes none.
fn wrong_number(letter: char, value: &str) -> Option<String> {
    let (least, most) = match letter {
        'c' => (1, i64::MAX),
        's' => (0, i64::from(i32::MAX)),
        't' => (0, 255),
        'w' | 'e' => (0, i64::from(i32::MAX)),
        _ => return None,
    };
    match value.parse::<i64>() {
        Err(_) => Some(format!("invalid argument: '{value}'")),
        Ok(number) if (least..=most).contains(&number) => (letter == 's' && number > 65_527)
            .then(|| format!("invalid -s value: '{value}': out of range: 0 <= value <= 65527")),
        Ok(_) => Some(format!(
            "invalid argument: '{value}': out of range: {least} <= value <= {most}"
        )),
    }
}

pub(super) async fn main(sys: Sys, args: Vec<String>) -> i32 {
    let parsed = match args::parse(
        &args,
        "46aAbBc:CDde:fhHi:I:l:LM:m:nOp:qQ:rRs:S:t:T:UvVw:W:",
        &[],
    ) {
        Ok(parsed) => parsed,
        Err(wrong) => {
            let text = match wrong {
                Wrong::Unknown(option) => format!(
                    "ping: invalid option -- '{}'\n",
                    option.trim_start_matches('-')
                ),
                Wrong::Missing(letter) => {
                    format!("ping: option requires an argument -- '{letter}'\n")
                }
            };
            sys.err(&format!("{text}{USAGE}"));
            return 2;
        }
    };
    if parsed.has('h') {
        sys.err(USAGE);
        return 2;
    }
    if parsed.has('V') {
        sys.out(VERSION);
        return 0;
    }
    let Some(host) = parsed.operands.last() else {
        sys.err("ping: usage error: Destination address required\n");
        return 2;
    };
    let wrong = parsed.options.iter().find_map(|(letter, value)| {
        wrong_number(*letter, value.as_deref()?).map(|why| format!("ping: {why}\n"))
    });
    if let Some(wrong) = wrong {
        sys.err(&wrong);
        return 1;
    }
    if parsed.has('R') {
        return crate::not_modelled(&sys, "ping", "-R");
    }
    let stamps = ["tsonly", "tsandaddr", "tsprespec"];
    if let Some(unknown) = parsed.value('T').filter(|kind| !stamps.contains(kind)) {
        sys.err(&format!("ping: invalid timestamp type: {unknown}\n"));
        return 2;
    }
    if parsed.has('T') {
        return crate::not_modelled(&sys, "ping", "-T");
    }
    let discovery = parsed.value('M');
    if let Some(unknown) = discovery.filter(|m| !["do", "dont", "want", "probe"].contains(m)) {
        sys.err(&format!("ping: invalid -M argument: {unknown}\n"));
        return 2;
    }
    let number = |letter: char| parsed.value(letter).and_then(|v| v.parse::<u64>().ok());
    let seconds = |letter: char| {
        parsed
            .value(letter)
            .and_then(|v| v.parse().ok())
            .and_then(|s| Duration::try_from_secs_f64(s).ok())
    };
    let family = parsed
        .last_of("46")
        .map(|l| if l == '4' { Family::V4 } else { Family::V6 });
    // It asks for both families, whichever is wanted. Source: iputils ping.c.
    let found = match resolv::lookup(&sys, host, None).await {
        Ok(found) => found,
        Err(error) => {
            sys.err(&format!("ping: {host}: {}\n", error.text()));
            return 2;
        }
    };
    let wanted = |ip: &&IpAddr| family.is_none_or(|f| Family::of(**ip) == f);
    let Some(to) = found.addresses.iter().find(wanted).copied() else {
        let error = resolv::LookupError::WrongFamily;
        sys.err(&format!("ping: {host}: {}\n", error.text()));
        return 2;
    };
    // A name could have led to either family.
    let of_one_family = family.is_some() || host.parse::<IpAddr>().is_ok();
    let most = if to.is_ipv4() && of_one_family {
        65_507
    } else {
        65_527
    };
    if let Some(size) = number('s').filter(|size| *size > most) {
        sys.err(&format!(
            "ping: invalid -s value: '{size}': out of range: 0 <= value <= {most}\n"
        ));
        return 1;
    }
    if parsed.has('v') {
        sys.err(&sockets(family, to, &found.canonical));
    }
    // Connecting to nowhere leads to oneself.
    let to = match to {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        to => to,
    };
    let zone = resolv::zoned(&sys, host).map(|(_, device)| device);
    let of_a_link = resolv::is_of_a_link(to);
    let nowhere = of_a_link && zone.is_none();
    if nowhere {
        sys.err("ping: Warning: IPv6 link-local address on ICMP datagram socket may require ifname or scope-id => use: address%<ifname|scope-id>\n");
    }
    let from = match parsed.value('I') {
        None => LocalEnd {
            device: zone,
            ..LocalEnd::default()
        },
        Some(text) => match LocalEnd::parse(&sys, text) {
            Some(from) => from,
            None => {
                let error = Errno::ENODEV;
                sys.err(&format!("ping: SO_BINDTODEVICE {text}: {error}\n"));
                return 2;
            }
        },
    };
    let ns = sys.netns();
    let source = from
        .source
        .map_or_else(|| sys.kernel(|k| k.source_to_send(ns, to, from.device)), Ok);
    let source = match source {
        Ok(source) => source,
        // Broadcasts are what is mostly refused.
        Err(Errno::EACCES) => {
            sys.err("ping: Do you want to ping broadcast? Then -b. If not, check your local firewall rules\n");
            return 2;
        }
        Err(error) => {
            sys.err(&format!("ping: connect: {error}\n"));
            return 2;
        }
    };
    let everybody = sys.kernel(|k| {
        let query = RouteQuery {
            oif: from.device,
            ..RouteQuery::to(to)
        };
        let route = k.route_get(ns, &query);
        route.is_ok_and(|r| r.kind == RouteKind::Broadcast)
    });
    if everybody && !parsed.has('b') {
        sys.err("ping: Do you want to ping broadcast? Then -b. If not, check your local firewall rules\n");
        return 2;
    }
    if everybody {
        sys.err("WARNING: pinging broadcast address\n");
    }
    let pattern = match parsed.value('p').map(hex) {
        None => Vec::new(),
        Some(Ok(pattern)) => pattern,
        Some(Err(text)) => {
            sys.err(&format!(
                "ping: patterns must be specified as hex digits: {text}\n"
            ));
            return 2;
        }
    };
    if !pattern.is_empty() && !parsed.has('q') {
        let digits: String = pattern.iter().map(|b| format!("{b:02x}")).collect();
        sys.out(&format!("PATTERN: 0x{digits}\n"));
    }
    let size = number('s').unwrap_or(56).min(65_527) as usize;
    let ttl = number('t').and_then(|t| u8::try_from(t).ok());
    let mut prober = match Prober::open(&sys, to, size, from, ttl, true) {
        Ok(prober) => prober,
        Err(error) => {
            let what = if from.source.is_some() {
                "bind"
            } else {
                "socket"
            };
            sys.err(&format!("ping: {what}: {error}\n"));
            return 2;
        }
    };
    prober.pattern = pattern;
    // Path MTU discovery is on for what fits, unless one says otherwise.
    let length = size + if to.is_ipv4() { 28 } else { 48 };
    let whole_now = || match discovery {
        Some("do" | "probe") => true,
        Some("dont") => false,
        _ => length <= sys.kernel(|k| k.mtu_for(ns, to)) as usize,
    };
    // IPv4's looks whether the address that the kernel chose is one of the device's. Source: iputils ping.c, `ping4_run`.
    let elsewhere = from.device.filter(|_| to.is_ipv4()).is_some_and(|device| {
        let own = sys.kernel(|k| k.addrs(device));
        from.source.is_none() && own.iter().all(|own| own.addr != source)
    });
    if let (true, Some(_), Some(device)) = (nowhere || elsewhere, from.device, parsed.value('I')) {
        sys.err(&format!(
            "ping: Warning: source address might be selected on device other than: {device}\n"
        ));
    }
    // Where such an address is said to be shown with its device.
    let device = from
        .device
        .and_then(|device| sys.kernel(|k| Some(format!("%{}", k.link(device)?.name))));
    let zone_shown = device
        .clone()
        .filter(|_| zone.is_some())
        .unwrap_or_default();
    let via = match (from.device, parsed.value('I')) {
        (Some(_), Some(device)) if nowhere => format!(" from :: {device}:"),
        (Some(_), Some(device)) => format!(" from {source} {device}:"),
        (None, Some(_)) => format!(" from {source} :"),
        _ => String::new(),
    };
    let whole = if to.is_ipv4() {
        format!("({})", size + 28)
    } else {
        String::new()
    };
    let of_data = if to.is_ipv4() {
        " bytes of data."
    } else {
        " data bytes"
    };
    let mut printer = Printer::new(&sys);
    printer.hold(&format!(
        "PING {} ({to}{zone_shown}){via} {size}{whole}{of_data}\n",
        found.canonical
    ));
    let literal =
        zone.is_some() || host.parse::<IpAddr>().is_ok() || resolv::inet_aton(host).is_some();
    let mut names = Names {
        sys: sys.clone(),
        device: device.unwrap_or_default(),
        // Of the two, the one given last holds.
        numeric: match parsed.last_of("nH") {
            Some(letter) => letter == 'n',
            None => literal || parsed.has('f'),
        },
        known: SortedMap::new(),
    };
    let count = number('c');
    let default_interval = if parsed.has('f') {
        Duration::from_millis(10)
    } else {
        Duration::from_secs(1)
    };
    let interval = seconds('i').unwrap_or(default_interval);
    // Source: iputils `ping/ping_common.c`, `setup`, `MIN_USER_INTERVAL_MS`.
    let flood = seconds('i').unwrap_or_default();
    let floods = flood < SHORTEST && (parsed.has('i') || parsed.has('f'));
    if floods && sys.me(|me| me.uid).unwrap_or(0) != 0 {
        printer.say("");
        sys.err("ping: cannot flood, minimal interval for user must be >= 2 ms, use -i 0.002 (or higher)\n");
        return 2;
    }
    let interval = interval.max(SHORTEST);
    let linger = seconds('W').unwrap_or(Duration::from_secs(10));
    let deadline = number('w').map(|w| sys.now() + Duration::from_secs(w));
    let quiet = parsed.has('q') || parsed.has('f');
    let stamp = |text: String| {
        let (s, ns) = sys.wall_clock();
        if parsed.has('D') {
            format!("[{s}.{:06}] {text}", ns / 1000)
        } else {
            text
        }
    };
    let mut pipe: u64 = 1;
    let mut next = sys.now();
    let mut leave_at = None;
    loop {
        let enough = |p: &Prober| count.is_some_and(|c| p.received + p.errors >= c);
        if enough(&prober) || (deadline.is_some() && prober.errors > 0) {
            break;
        }
        let sending = deadline.is_some() || count.is_none_or(|c| prober.transmitted < c);
        if sending && sys.now() >= next {
            let seq = (prober.transmitted + 1) as u16;
            if parsed.has('O')
                && prober.transmitted > 0
                && prober.sent_at.contains_key(&(prober.transmitted as u16))
            {
                printer.say(&format!(
                    "no answer yet for icmp_seq={}\n",
                    prober.transmitted
                ));
            }
            let _ = sys.set_option(prober.fd, SockOpt::DontFragment(whole_now()));
            if let Err(error) = prober.send(seq).await {
                // Of a firewall's EPERM, or of a route that has gone, nothing is said: recording 2207.
                let too_long = error == Errno::EMSGSIZE;
                if !quiet && too_long {
                    printer.say("");
                    sys.err(&format!("ping: sendmsg: {error}\n"));
                    // A client that carries both streams hears of it before what follows.
                    let _ = sys.sleep(Duration::from_micros(20)).await;
                }
                prober.errors += u64::from(too_long);
            }
            next = sys.now() + interval;
            if deadline.is_none() && count.is_some_and(|c| prober.transmitted >= c) {
                let wait = if prober.received > 0 {
                    (prober.longest() * 2).max(interval)
                } else {
                    linger
                };
                leave_at = Some(sys.now() + wait);
            }
            continue;
        }
        let until = leave_at.unwrap_or(next);
        let until = deadline.map_or(until, |d| d.min(until));
        match prober.hear(until).await {
            Heard::Reply {
                seq,
                message,
                time,
                again,
            } => {
                pipe = pipe.max(prober.transmitted.saturating_sub(u64::from(seq)) + 1);
                if !quiet {
                    let from = names.show(message.from.ip()).await;
                    // There has to be room for the time of sending.
                    let time = if size >= 16 {
                        format!(" time={} ms", short(time))
                    } else {
                        String::new()
                    };
                    let again = if again { " (DUP!)" } else { "" };
                    printer.say(&stamp(format!(
                        "{} bytes from {from}: icmp_seq={seq} ttl={}{time}{again}\n",
                        size + 8,
                        message.ttl
                    )));
                }
            }
            Heard::Error(seq, message) => {
                pipe = pipe.max(prober.transmitted.saturating_sub(u64::from(seq)) + 1);
                if !quiet {
                    let what = message.icmp_error.map_or_else(
                        || "Unknown error".to_owned(),
                        |kind| words(kind, to.is_ipv6()),
                    );
                    let from = names.show(message.from.ip()).await;
                    printer.say(&stamp(format!("From {from} icmp_seq={seq} {what}\n")));
                }
            }
            Heard::Interrupt => break,
            Heard::Time if deadline.is_some_and(|d| sys.now() >= d) => break,
            Heard::Time if leave_at.is_some_and(|d| sys.now() >= d) => break,
            Heard::Time => {}
            Heard::Failed(error) => {
                printer.say("");
                sys.err(&format!("ping: recvmsg: {error}\n"));
            }
        }
    }
    printer.say(&summary(&prober, &found.canonical, pipe));
    let late = deadline.is_some() && count.is_some_and(|c| prober.received < c);
    i32::from(prober.received == 0 || late)
}

fn summary(p: &Prober, host: &str, pipe: u64) -> String {
    let mut text = format!(
        "\n--- {host} ping statistics ---\n{} packets transmitted, {} received",
        p.transmitted, p.received
    );
    if p.duplicates > 0 {
        text.push_str(&format!(", +{} duplicates", p.duplicates));
    }
    if p.errors > 0 {
        text.push_str(&format!(", +{} errors", p.errors));
    }
    if p.transmitted > 0 {
        let loss = (p.transmitted - p.received) as f64 * 100.0 / p.transmitted as f64;
        // As %g prints it: at most six significant digits.
        let loss = format!("{loss:.4}");
        let loss = loss.trim_end_matches('0').trim_end_matches('.');
        text.push_str(&format!(
            ", {loss}% packet loss, time {}ms",
            (p.last - p.first).as_millis()
        ));
    }
    text.push('\n');
    let mut comma = "";
    if p.received > 0 && p.size >= 16 {
        let [min, mean, max, spread] = p.summary();
        text.push_str(&format!(
            "rtt min/avg/max/mdev = {}/{}/{}/{} ms",
            ms(min),
            ms(mean),
            ms(max),
            ms(spread)
        ));
        comma = ", ";
    }
    if pipe > 1 {
        text.push_str(&format!("{comma}pipe {pipe}"));
    }
    text.push('\n');
    text
}

/// Three significant digits, as iputils shows times of single packets.
fn short(time: Duration) -> String {
    let ms = time.as_secs_f64() * 1000.0;
    match time.as_micros() {
        100_000.. => format!("{ms:.0}"),
        10_000.. => format!("{ms:.1}"),
        1_000.. => format!("{ms:.2}"),
        _ => format!("{ms:.3}"),
    }
}

/// What an ICMP error is called. Source: iputils `pr_icmph`, `print_icmp` of ping6.
fn words(kind: IcmpErrorKind, v6: bool) -> String {
    let text = match (kind, v6) {
        (IcmpErrorKind::NetUnreachable, false) => "Destination Net Unreachable",
        (IcmpErrorKind::HostUnreachable | IcmpErrorKind::RejectRoute, false) => {
            "Destination Host Unreachable"
        }
        (IcmpErrorKind::ProtoUnreachable, false) => "Destination Protocol Unreachable",
        (IcmpErrorKind::PortUnreachable, false) => "Destination Port Unreachable",
        (IcmpErrorKind::FragNeeded { mtu }, false) => {
            return format!("Frag needed and DF set (mtu = {mtu})");
        }
        (IcmpErrorKind::NetProhibited, false) => "Destination Net Prohibited",
        (IcmpErrorKind::HostProhibited, false) => "Destination Host Prohibited",
        (IcmpErrorKind::AdminProhibited | IcmpErrorKind::PolicyFail, false) => "Packet filtered",
        (IcmpErrorKind::TtlExceeded, false) => "Time to live exceeded",
        (IcmpErrorKind::ReassemblyExceeded, false) => "Frag reassembly time exceeded",
        (IcmpErrorKind::Redirect { gateway }, _) => {
            return format!("Redirect (New nexthop: {gateway})");
        }
        (IcmpErrorKind::NetUnreachable, true) => "Destination unreachable: No route",
        (
            IcmpErrorKind::AdminProhibited
            | IcmpErrorKind::NetProhibited
            | IcmpErrorKind::HostProhibited,
            true,
        ) => "Destination unreachable: Administratively prohibited",
        (IcmpErrorKind::HostUnreachable, true) => "Destination unreachable: Address unreachable",
        (IcmpErrorKind::PortUnreachable, true) => "Destination unreachable: Port unreachable",
        (IcmpErrorKind::PolicyFail, true) => {
            "Destination unreachable: Source address failed ingress/egress policy"
        }
        (IcmpErrorKind::RejectRoute, true) => {
            "Destination unreachable: Reject route to destination"
        }
        (IcmpErrorKind::FragNeeded { mtu }, true) => return format!("Packet too big: mtu={mtu}"),
        (IcmpErrorKind::TtlExceeded, true) => "Time exceeded: Hop limit",
        (IcmpErrorKind::ReassemblyExceeded, true) => "Time exceeded: Defragmentation failure",
        (IcmpErrorKind::ProtoUnreachable, true) => "Parameter problem: Unknown header",
    };
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_bytes_in_hex() {
        assert_eq!(hex("ff"), Ok(vec![0xff]));
        assert_eq!(hex("abc"), Ok(vec![0xab, 0x0c]));
        assert_eq!(hex(&"12".repeat(20)).map(|bytes| bytes.len()), Ok(16));
        assert_eq!(hex("xy"), Err("xy"));
    }

    #[test]
    fn times_have_three_digits() {
        for (us, text) in [
            (71, "0.071"),
            (1_234, "1.23"),
            (12_340, "12.3"),
            (123_400, "123"),
        ] {
            assert_eq!(short(Duration::from_micros(us)), text);
        }
    }
}
