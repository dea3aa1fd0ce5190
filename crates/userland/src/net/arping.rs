//! `arping`, as iputils and as busybox have it.

use super::resolv;
use crate::Flavour;
use crate::args::{self, Wrong};
use kernel::Errno;
use kernel::ids::LinkId;
use kernel::net::SendOpts;
use kernel::process::files::Fd;
use kernel::process::signal::Signal;
use kernel::sock::{Family, SockType};
use kernel::sys::Sys;
use kernel::time::{Duration, Instant};
use std::net::{IpAddr, Ipv4Addr};
use wire::{Arp, ArpOp, Frame, MacAddr, Payload};

const USAGE: &str = "
Usage:
  arping [options] <destination>

Options:
  -f            quit on first reply
  -q            be quiet
  -b            keep on broadcasting, do not unicast
  -D            duplicate address detection mode
  -U            unsolicited ARP mode, update your neighbours
  -A            ARP answer mode, update your neighbours
  -V            print version and exit
  -c <count>    how many packets to send
  -w <timeout>  how long to wait for a reply
  -i <interval> set interval between packets (default: 1 second)
  -I <device>   which ethernet device to use
  -s <source>   source IP address
  <destination> DNS name or IP address

For more details see arping(8).
";

struct Arping {
    sys: Sys,
    fd: Fd,
    link: LinkId,
    mac: MacAddr,
    from: Ipv4Addr,
    to: Ipv4Addr,
}

/// The `arping` program.
pub async fn main(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let gnu = flavour == Flavour::Gnu;
    let parsed = match args::parse(&args, "AbDfqUhc:w:I:s:i:", &[]) {
        Ok(parsed) => parsed,
        Err(Wrong::Unknown(option)) if gnu => {
            let letter = option.trim_start_matches('-');
            sys.err(&format!("arping: invalid option -- '{letter}'\n{USAGE}"));
            return 2;
        }
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    let Some(host) = parsed.operands.first() else {
        if !gnu {
            return crate::usage::show(&sys, "arping", None);
        }
        sys.err(USAGE);
        return 2;
    };
    let found = resolv::lookup(&sys, host, Some(Family::V4)).await;
    let first = found.map(|f| f.addresses.first().copied());
    let Ok(Some(IpAddr::V4(to))) = first else {
        let error = first.err().unwrap_or(resolv::LookupError::NoName);
        sys.err(&match gnu {
            true => format!("arping: {host}: {}\n", error.text()),
            false => format!("arping: bad address '{host}'\n"),
        });
        return 2;
    };
    let name = parsed.value('I').unwrap_or("eth0");
    let ns = sys.netns();
    let Some((link, mac, speaks_arp)) = sys.kernel(|k| {
        let id = k.link_by_name(ns, name)?;
        k.link(id).map(|l| (id, l.mac, l.kind.has_neighbours()))
    }) else {
        sys.err(&if gnu {
            format!("arping: Device {name} not available.\n")
        } else {
            format!("arping: unknown interface {name}\n")
        });
        return 2;
    };
    if !speaks_arp {
        sys.err(&if gnu {
            format!("arping: Interface \"{name}\" is not ARPable\n")
        } else {
            format!("arping: interface {name} is not ARPable\n")
        });
        return 2;
    }
    let gratuitous = parsed.has('U') || parsed.has('A');
    let own = sys.kernel(|k| k.source_for(ns, IpAddr::V4(to), Some(link)));
    let from = match (parsed.value('s').and_then(|s| s.parse().ok()), own) {
        (Some(from), _) => from,
        _ if parsed.has('D') => Ipv4Addr::UNSPECIFIED,
        _ if gratuitous => to,
        (None, Ok(IpAddr::V4(from))) => from,
        (None, _) => {
            sys.err(&format!("arping: {}\n", Errno::ENETUNREACH));
            return 2;
        }
    };
    let fd = match sys.socket(Family::V4, SockType::Packet(Some(link))) {
        Ok(fd) => fd,
        Err(error) => {
            sys.err(&format!("arping: socket: {error}\n"));
            return 2;
        }
    };
    sys.catch(Signal::INT);
    let quiet = parsed.has('q');
    if !quiet {
        sys.out(&format!("ARPING {to} from {from} {name}\n"));
    }
    let count = parsed.value('c').and_then(|c| c.parse::<u32>().ok());
    let end = parsed
        .value('w')
        .and_then(|w| w.parse::<u64>().ok())
        .map(|w| sys.now() + Duration::from_secs(w));
    let arping = Arping {
        sys: sys.clone(),
        fd,
        link,
        mac,
        from,
        to,
    };
    let (mut sent, mut broadcasts, mut received) = (0u32, 0u32, 0u32);
    let mut peer = None;
    'rounds: loop {
        if count.is_some_and(|c| sent >= c) || end.is_some_and(|e| sys.now() >= e) {
            break;
        }
        let unicast = peer.filter(|_| !parsed.has('b'));
        arping.send(
            unicast.unwrap_or(MacAddr::BROADCAST),
            if parsed.has('A') {
                ArpOp::Reply
            } else {
                ArpOp::Request
            },
        );
        let started = sys.now();
        sent += 1;
        broadcasts += u32::from(unicast.is_none());
        let until = started + Duration::from_secs(1);
        let until = end.map_or(until, |e| e.min(until));
        loop {
            match arping.hear(until).await {
                Some((mac, broadcast, at)) => {
                    received += 1;
                    peer = Some(mac);
                    if !quiet {
                        let way = if broadcast { "Broadcast" } else { "Unicast" };
                        let mut shown = mac.to_string();
                        if gnu {
                            shown.make_ascii_uppercase();
                        }
                        let gap = if gnu { "  " } else { " " };
                        sys.out(&format!(
                            "{way} reply from {to} [{shown}]{gap}{:.3}ms\n",
                            (at - started).as_secs_f64() * 1000.0
                        ));
                    }
                    if parsed.has('f') || parsed.has('D') || count.is_some_and(|c| received >= c) {
                        break 'rounds;
                    }
                }
                None if sys.take_signal().is_some() => break 'rounds,
                None => break,
            }
        }
    }
    if !quiet {
        let text = if gnu {
            format!(
                "Sent {sent} probes ({broadcasts} broadcast(s))\nReceived {received} response(s)\n"
            )
        } else {
            format!(
                "Sent {sent} probe(s) (0 broadcast(s))\nReceived {received} response(s) (0 request(s), 0 broadcast(s))\n"
            )
        };
        sys.out(&text);
    }
    if parsed.has('D') {
        return i32::from(received > 0);
    }
    i32::from(received == 0 && !gratuitous)
}

impl Arping {
    fn send(&self, to: MacAddr, op: ArpOp) {
        let arp = Arp {
            op,
            sender_mac: self.mac,
            sender_ip: self.from,
            target_mac: if to == MacAddr::BROADCAST {
                MacAddr::BROADCAST
            } else {
                to
            },
            target_ip: self.to,
        };
        let opts = SendOpts {
            by: Some(self.sys.id()),
            ..SendOpts::default()
        };
        // What cannot be sent is not answered: that is all arping would say about it, too.
        let _: Result<_, Errno> = self
            .sys
            .kernel(|k| k.frame_send(self.link, Frame::arp(to, self.mac, arp), opts));
    }

    /// The next reply from the target: its hardware address, whether it was broadcast, and when it came.
    async fn hear(&self, until: Instant) -> Option<(MacAddr, bool, Instant)> {
        loop {
            let message = self
                .sys
                .timeout(until - self.sys.now(), self.sys.recv_from(self.fd))
                .await?
                .ok()?;
            let Some((_, sending, frame)) = &message.frame else {
                continue;
            };
            let Payload::Arp(arp) = &frame.payload else {
                continue;
            };
            if !sending && arp.op == ArpOp::Reply && arp.sender_ip == self.to {
                return Some((arp.sender_mac, frame.dst.is_broadcast(), message.at));
            }
        }
    }
}
