//! Telling of captured frames.

use std::net::IpAddr;

use kernel::calendar::Calendar;
use kernel::sys::Sys;
use sorted::{SortedMap, SortedSet};
use wire::pcap::{LinkType, Stamp};
use wire::summary::{self, hex_dump, plain_hex_dump};
use wire::{Payload, Proto};

use super::options::Options;
use super::shot::{COOKED_LEN, Cooked, Shot};
use crate::net::{resolv, services};

/// Prints frames as the options say.
pub(super) struct Printer {
    options: Options,
    lines: summary::Printer,
    services: SortedMap<(Proto, u16), String>,
    /// Addresses whose names have been asked for.
    asked: SortedSet<IpAddr>,
    first: Option<Stamp>,
    last: Option<Stamp>,
    count: u64,
}

/// A link type as it is named.
pub(super) fn named(link_type: LinkType) -> String {
    match link_type {
        LinkType::ETHERNET => "EN10MB (Ethernet)".to_owned(),
        LinkType::LINUX_SLL2 => "LINUX_SLL2 (Linux cooked v2)".to_owned(),
        LinkType(number) => number.to_string(),
    }
}

/// The services that the machine's `/etc/services` names.
fn named_ports(sys: &Sys) -> SortedMap<(Proto, u16), String> {
    let list = services::read(sys);
    let mut found = SortedMap::new();
    for (name, port, proto, _) in services::entries(&list) {
        let proto = match proto {
            "tcp" => Proto::TCP,
            "udp" => Proto::UDP,
            _ => continue,
        };
        found
            .entry((proto, port))
            .or_insert_with(|| name.to_owned());
    }
    found
}

impl Printer {
    pub(super) fn new(sys: &Sys, options: &Options) -> Self {
        let services = named_ports(sys);
        let mut lines = summary::Printer::default();
        lines.link_header = options.link_header;
        lines.absolute_sequence = options.absolute;
        lines.verbose = options.verbose;
        lines.quiet = options.quiet;
        if options.numeric == 0 {
            lines.services = services.clone();
        }
        Self {
            options: options.clone(),
            lines,
            services,
            asked: SortedSet::new(),
            first: None,
            last: None,
            count: 0,
        }
    }

    /// What filters may call ports.
    pub(super) fn services(&self) -> SortedMap<(Proto, u16), String> {
        self.services.clone()
    }

    /// All that is printed of a frame.
    pub(super) async fn text(&mut self, sys: &Sys, shot: &Shot) -> Vec<u8> {
        if self.options.numeric == 0 {
            self.learn_names(sys, shot).await;
        }
        self.count += 1;
        let mut text = String::new();
        if self.options.number {
            text.push_str(&format!("{:5}  ", self.count));
        }
        text.push_str(&self.time(shot.at));
        match &shot.cooked {
            None => text.push_str(&self.lines.line(&shot.frame)),
            Some(cooked) => {
                text.push_str(&self.cooked(sys, shot, cooked));
                text.push_str(&self.lines.payload(&shot.frame));
            }
        }
        let mut out = text.into_bytes();
        self.dump(&mut out, shot);
        out
    }

    /// The header of a capture on all devices.
    fn cooked(&self, sys: &Sys, shot: &Shot, cooked: &Cooked) -> String {
        let ns = sys.netns();
        let name = sys.kernel(|k| {
            k.link_by_index(ns, cooked.index)
                .and_then(|id| k.link(id).map(|l| l.name.to_string()))
        });
        let name = name.unwrap_or_else(|| format!("ifindex {}", cooked.index));
        let mut text = format!("{name:<5} {:<3} ", cooked.kind.mark());
        if self.options.link_header {
            text.push_str(&format!(
                "ifindex {} {} ethertype {}, length {}: ",
                cooked.index,
                cooked.mac,
                summary::named(shot.frame.ethertype()),
                COOKED_LEN + shot.frame.payload.len()
            ));
        }
        text
    }

    /// Asks for the names of a frame's addresses, as tcpdump does while it prints.
    async fn learn_names(&mut self, sys: &Sys, shot: &Shot) {
        let addresses: [IpAddr; 2] = match &shot.frame.payload {
            Payload::Ip(packet) => [packet.src, packet.dst],
            Payload::Arp(arp) => [arp.target_ip.into(), arp.sender_ip.into()],
            Payload::Other { .. } => return,
        };
        for ip in addresses {
            if !self.asked.insert(ip) {
                continue;
            }
            if let Some(name) = resolv::reverse(sys, ip).await {
                let name = match name.split_once('.') {
                    Some((host, _)) if self.options.short_names => host.to_owned(),
                    _ => name,
                };
                self.lines.hosts.insert(ip, name);
            }
        }
    }

    fn time(&mut self, at: Stamp) -> String {
        let (seconds, micros) = at;
        let since = |before: Option<Stamp>| {
            let (s, us) = before.unwrap_or(at);
            let micros = |(s, us): Stamp| u64::from(s) * 1_000_000 + u64::from(us);
            let gap = micros(at).saturating_sub(micros((s, us)));
            let (seconds, micros) = (gap / 1_000_000, gap % 1_000_000);
            format!(
                " {:02}:{:02}:{:02}.{micros:06} ",
                seconds / 3600,
                seconds / 60 % 60,
                seconds % 60
            )
        };
        let clock = format!(
            "{:02}:{:02}:{:02}.{micros:06} ",
            seconds / 3600 % 24,
            seconds / 60 % 60,
            seconds % 60
        );
        let text = match self.options.times {
            0 => clock,
            1 => String::new(),
            2 => format!("{seconds}.{micros:06} "),
            3 => since(self.last),
            4 => {
                let day = Calendar::new(seconds.into());
                format!("{} {clock}", day.date())
            }
            _ => since(self.first),
        };
        self.first.get_or_insert(at);
        self.last = Some(at);
        text
    }

    /// The packet's bytes as `-A`, `-X` and `-x` ask for them, and the end of the line.
    fn dump(&self, out: &mut Vec<u8>, shot: &Shot) {
        let frame = shot.frame.emit();
        let carried = shot.carried(&frame);
        let whole = shot.bytes();
        let Options { hex, hex_ascii, .. } = self.options;
        if self.options.ascii {
            out.push(b'\n');
            let mut bytes = carried.iter().copied().peekable();
            while let Some(byte) = bytes.next() {
                match byte {
                    b'\r' if bytes.peek() == Some(&b'\n') => {}
                    b'\t' | b' ' | b'\n' => out.push(byte),
                    byte if byte.is_ascii_graphic() => out.push(byte),
                    _ => out.push(b'.'),
                }
            }
        } else if hex_ascii > 0 || hex > 0 {
            let bytes = if hex_ascii > 1 || hex > 1 {
                &whole
            } else {
                carried
            };
            out.push(b'\n');
            let text = if hex_ascii > 0 {
                hex_dump(bytes)
            } else {
                plain_hex_dump(bytes)
            };
            out.extend_from_slice(text.trim_end_matches('\n').as_bytes());
        }
        out.push(b'\n');
    }
}
