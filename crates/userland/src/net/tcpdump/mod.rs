//! `tcpdump`, as version 4.99 with libpcap 1.11.
//!
//! [`filter`] decides which frames are wanted, [`print`] tells of them in [`wire::summary`]'s words, [`file`] reads and
//! writes captures.
//! Devices here compute checksums themselves, so those of outgoing segments are right, where a real machine leaves them to
//! its network card.

mod file;
mod filter;
mod options;
mod print;
mod shot;

use std::net::IpAddr;

use kernel::Errno;
use kernel::ids::LinkId;
use kernel::process::files::Fd;
use kernel::process::signal::Signal;
use kernel::sock::{Family, Received, SockOpt, SockType};
use kernel::sys::Sys;
use kernel::time::{Duration, Instant};
use sorted::SortedMap;
use wire::Proto;
use wire::pcap::LinkType;

use crate::Flavour;
use crate::net::resolv;
use file::Out;
use filter::{Filter, Names, Subject, Wrong};
use options::{Options, VERSION};
use print::Printer;
use shot::Shot;

/// Words offered by completion.
pub const WORDS: &[&str] = &[
    "-n", "-nn", "-e", "-i", "any", "-c", "-A", "-X", "-v", "-w", "-r", "-l", "-q", "-t", "-tttt",
    "host", "port", "net", "src", "dst", "icmp", "tcp", "udp", "arp",
];

/// The `tcpdump` program.
pub async fn main(sys: Sys, args: Vec<String>, _: Flavour) -> i32 {
    let options = match options::parse(&args) {
        Ok(options) => options,
        Err(options::Refusal::Version) => {
            sys.out(VERSION);
            return 0;
        }
        Err(options::Refusal::Help) => {
            sys.out(&format!("{VERSION}{}", options::USAGE));
            return 0;
        }
        Err(options::Refusal::Usage(why)) => {
            sys.err(&format!("tcpdump: {why}\n{VERSION}{}", options::USAGE));
            return 1;
        }
        Err(options::Refusal::Said(text)) => return fail(&sys, &text),
        Err(options::Refusal::NotModelled(option)) => {
            return crate::not_modelled(&sys, "tcpdump", &option);
        }
    };
    if options.list_devices {
        return list_devices(&sys);
    }
    match &options.read {
        Some(path) => read(&sys, &options, path).await,
        None => capture(&sys, &options).await,
    }
}

/// How long the kernel gathers frames before it hands them over together. Source: tcpdump's `timeout`, and the timer of
/// Linux's `net/packet/af_packet.c`, which runs on whether frames come or not.
const BLOCK: Duration = Duration::from_secs(1);
/// The same where somebody looks on.
const SHORT_BLOCK: Duration = Duration::from_millis(100);

/// What a socket captures, block by block.
struct Blocks {
    fd: Fd,
    length: Duration,
    opened: Instant,
    /// A frame whose block has not been handed over.
    first: Option<Received>,
}

impl Blocks {
    fn new(sys: &Sys, fd: Fd, awaited: bool) -> Self {
        Self {
            fd,
            length: if awaited { SHORT_BLOCK } else { BLOCK },
            opened: sys.now(),
            first: None,
        }
    }

    /// The next frame, at the end of its block.
    async fn next(&mut self, sys: &Sys) -> Result<Received, Errno> {
        let received = sys.recv_from(self.fd).await?;
        let past = (received.at - self.opened).as_nanos() / self.length.as_nanos();
        let ends = u32::try_from(past + 1).unwrap_or(u32::MAX);
        let until = self.opened + self.length.saturating_mul(ends);
        if sys.now() < until {
            self.first = Some(received.clone());
            sys.sleep(until - sys.now()).await?;
            self.first = None;
        }
        Ok(received)
    }
}

fn fail(sys: &Sys, text: &str) -> i32 {
    sys.err(&format!("tcpdump: {text}\n"));
    1
}

/// The names of services, and the hosts asked for so far.
struct Known {
    services: SortedMap<(Proto, u16), String>,
    hosts: SortedMap<String, Vec<IpAddr>>,
}

impl Names for Known {
    fn host(&self, name: &str) -> Option<Vec<IpAddr>> {
        self.hosts.get(name).cloned()
    }

    fn port(&self, name: &str) -> Option<u16> {
        let found = self.services.iter().find(|(_, known)| *known == name);
        found.map(|((_, port), _)| *port)
    }
}

/// Reads the filter, asking for its hosts. `Err` is the exit code, after saying why.
async fn filter_of(
    sys: &Sys,
    options: &Options,
    services: SortedMap<(Proto, u16), String>,
) -> Result<Filter, i32> {
    let mut known = Known {
        services,
        hosts: SortedMap::new(),
    };
    loop {
        match filter::parse(&options.filter, &known) {
            Ok(filter) => return Ok(filter),
            Err(Wrong::Said(text)) => return Err(fail(sys, &text)),
            Err(Wrong::Unasked(name)) => {
                let found = resolv::lookup(sys, &name, None).await;
                let addresses = found.map(|found| found.addresses).unwrap_or_default();
                known.hosts.insert(name, addresses);
            }
        }
    }
}

/// `tcpdump -D`.
fn list_devices(sys: &Sys) -> i32 {
    let ns = sys.netns();
    let names: Vec<String> = sys.kernel(|k| {
        let links = k.links(ns).into_iter().filter_map(|id| k.link(id));
        let mut rows: Vec<(bool, bool, String)> = links
            .map(|link| {
                let (up, running) = (link.admin_up, link.carrier);
                let wireless = if link.is_loopback() { ", Loopback" } else { "" };
                let state = match (up, running) {
                    (true, true) => format!("[Up, Running{wireless}]"),
                    (true, false) => format!("[Up{wireless}, Disconnected]"),
                    (false, _) => format!("[none{wireless}]"),
                };
                (
                    !(up && running),
                    link.is_loopback(),
                    format!("{} {state}", link.name)
                        .replace("[Up, Running]", "[Up, Running, Connected]"),
                )
            })
            .collect();
        sorted::sort_by_key(&mut rows, |(down, loopback, _)| (*down, *loopback));
        let any = "any (Pseudo-device that captures on all interfaces) [Up, Running]";
        let at = rows
            .iter()
            .position(|(down, loopback, _)| *down || *loopback);
        rows.insert(at.unwrap_or(rows.len()), (false, false, any.to_owned()));
        rows.into_iter()
            .map(|(_, _, text)| text)
            .chain(OTHERS.map(str::to_owned))
            .collect()
    });
    for (i, name) in names.iter().enumerate() {
        sys.out(&format!("{}.{name}\n", i + 1));
    }
    0
}

/// What libpcap lists besides on every machine.
const OTHERS: [&str; 5] = [
    "bluetooth-monitor (Bluetooth Linux Monitor) [Wireless]",
    "nflog (Linux netfilter log (NFLOG) interface) [none]",
    "nfqueue (Linux netfilter queue (NFQUEUE) interface) [none]",
    "dbus-system (D-Bus system bus) [none]",
    "dbus-session (D-Bus session bus) [none]",
];

/// The device to listen to when none is named: the first that is up and not the loopback.
fn first_device(sys: &Sys) -> Option<String> {
    let ns = sys.netns();
    sys.kernel(|k| {
        let links: Vec<_> = k
            .links(ns)
            .into_iter()
            .filter_map(|id| k.link(id))
            .collect();
        let usable = |loopback| {
            links
                .iter()
                .find(move |link| link.admin_up && link.is_loopback() == loopback)
        };
        usable(false)
            .or_else(|| usable(true))
            .map(|link| link.name.to_string())
    })
}

/// Which device, by name or by its number in `-D`'s list.
fn device(sys: &Sys, name: &str) -> Option<LinkId> {
    let ns = sys.netns();
    sys.kernel(|k| k.link_by_name(ns, name))
}

/// Listens, until a signal or enough packets.
async fn capture(sys: &Sys, options: &Options) -> i32 {
    let named = options.interface.clone().or_else(|| first_device(sys));
    let Some(name) = named else {
        return fail(sys, "no suitable device found");
    };
    let any = name == "any";
    let link = device(sys, &name);
    if !any && link.is_none() {
        return fail(
            sys,
            &format!("{name}: No such device exists\n(No such device exists)"),
        );
    }
    let fd = match sys.socket(Family::V4, SockType::Packet(link.filter(|_| !any))) {
        Ok(fd) => fd,
        Err(Errno::EPERM) => {
            let text = "You don't have permission to perform this capture on that device";
            return fail(
                sys,
                &format!(
                    "{name}: {text}\n(Attempt to create packet socket failed - CAP_NET_RAW may be required)"
                ),
            );
        }
        Err(error) => return fail(sys, &format!("{name}: {error}")),
    };
    if !any && !options.modest {
        // Any device here can; a failure would be that the socket is gone.
        let _ = sys.set_option(fd, SockOpt::Promiscuous(true));
    }
    if any {
        sys.err("tcpdump: WARNING: any: That device doesn't support promiscuous mode\n(Promiscuous mode not supported on the \"any\" device)\n");
    }
    let mut printer = Printer::new(sys, options);
    let filter = match filter_of(sys, options, printer.services()).await {
        Ok(filter) => filter,
        Err(code) => return code,
    };
    let link_type = if any {
        LinkType::LINUX_SLL2
    } else {
        LinkType::ETHERNET
    };
    let mut out = match Out::open(sys, options, link_type).await {
        Ok(out) => out,
        Err(code) => return code,
    };
    let listening = format!(
        "listening on {name}, link-type {}, snapshot length {} bytes\n",
        print::named(link_type),
        options.snaplen
    );
    if options.verbose == 0 && options.write.is_none() {
        let hint = "tcpdump: verbose output suppressed, use -v[v]... for full protocol decode\n";
        sys.err(&format!("{hint}{listening}"));
    } else {
        sys.err(&format!("tcpdump: {listening}"));
    }
    sys.catch(Signal::INT);
    sys.catch(Signal::TERM);
    let mut blocks = Blocks::new(sys, fd, out.is_awaited());
    let (mut seen, mut captured) = (0u64, 0u64);
    let mut code = 0;
    while options.count.is_none_or(|count| captured < count) {
        match blocks.next(sys).await {
            Ok(received) => {
                let Some(shot) = Shot::of(sys, &received, any) else {
                    continue;
                };
                if !options.wants(shot.outbound)
                    || !filter.matches(&Subject::new(&shot.frame, shot.outbound))
                {
                    continue;
                }
                seen += 1;
                captured += 1;
                if !out.put(sys, &mut printer, &shot).await {
                    code = 1;
                    break;
                }
            }
            Err(Errno::EINTR) => {
                if sys.take_signal().is_some() {
                    out.interrupted();
                    break;
                }
            }
            Err(Errno::ENETDOWN) => {
                out.flush(sys).await;
                sys.err("tcpdump: pcap_loop: The interface disappeared\n");
                code = 1;
                break;
            }
            Err(error) => {
                out.flush(sys).await;
                code = fail(sys, &format!("pcap_loop: {error}"));
                break;
            }
        }
    }
    out.flush(sys).await;
    seen += waiting(sys, blocks, options, &filter, any);
    let plural = if captured == 1 { "" } else { "s" };
    let seen_plural = if seen == 1 { "" } else { "s" };
    sys.err(&format!(
        "{captured} packet{plural} captured\n{seen} packet{seen_plural} received by filter\n0 packets dropped by kernel\n"
    ));
    code
}

/// How many packets that the filter lets through nobody has read.
fn waiting(sys: &Sys, blocks: Blocks, options: &Options, filter: &Filter, any: bool) -> u64 {
    let Ok(socket) = sys.socket_id(blocks.fd) else {
        return 0;
    };
    let mut count = 0;
    let mut first = blocks.first;
    let mut next = || {
        let queued = || sys.kernel(|k| k.sock_recv_from(socket)).ok();
        first.take().or_else(queued)
    };
    while let Some(received) = next() {
        let wanted = Shot::of(sys, &received, any).is_some_and(|shot| {
            options.wants(shot.outbound)
                && filter.matches(&Subject::new(&shot.frame, shot.outbound))
        });
        count += u64::from(wanted);
    }
    count
}

/// Reads a capture.
async fn read(sys: &Sys, options: &Options, path: &str) -> i32 {
    let bytes = match file::contents(sys, path).await {
        Ok(bytes) => bytes,
        Err(text) => return fail(sys, &text),
    };
    let reader = match file::reader(&bytes) {
        Ok(reader) => reader,
        Err(text) => return fail(sys, &text),
    };
    let link_type = reader.link_type;
    sys.err(&format!(
        "reading from file {path}, link-type {}, snapshot length {}\n",
        print::named(link_type),
        wire::pcap::SNAPLEN
    ));
    let mut printer = Printer::new(sys, options);
    let filter = match filter_of(sys, options, printer.services()).await {
        Ok(filter) => filter,
        Err(code) => return code,
    };
    let mut out = match Out::open(sys, options, link_type).await {
        Ok(out) => out,
        Err(code) => return code,
    };
    let mut count = 0u64;
    for (at, bytes) in reader {
        if options.count.is_some_and(|wanted| count >= wanted) {
            break;
        }
        let Some(shot) = Shot::read(at, bytes, link_type) else {
            continue;
        };
        if filter.matches(&Subject::new(&shot.frame, shot.outbound)) {
            count += 1;
            if !options.count_only && !out.put(sys, &mut printer, &shot).await {
                return 1;
            }
        }
    }
    out.flush(sys).await;
    if options.count_only {
        let plural = if count == 1 { "" } else { "s" };
        sys.out(&format!("{count} packet{plural}\n"));
    }
    0
}
