//! Frames as `tcpdump -n` prints them, one line each and without the time.
//!
//! Source: the output of tcpdump 4.99. Protocols above UDP and TCP are told for DNS, VXLAN and HTTP only.

mod dns;
mod head;
mod icmp;
mod tcp;

use sorted::SortedMap;
use std::fmt::Write as _;
use std::net::IpAddr;

use crate::frame::ethertype;
use crate::{Arp, ArpOp, Frame, IpPacket, MacAddr, Payload, Proto, Transport, UdpDatagram, vxlan};

use tcp::Flow;

/// Prints frames, and remembers each TCP connection's first sequence numbers to print later ones relative to them.
#[derive(Clone, Debug, Default)]
pub struct Printer {
    /// Begin with the link-level header, as `-e` does.
    pub link_header: bool,
    /// Print TCP sequence numbers as they are on the wire, as `-S` does.
    pub absolute_sequence: bool,
    /// How much more to tell: 1 for `-v` (the IP header and checksums), 2 for `-vv`.
    pub verbose: u8,
    /// Tell less about protocols, as `-q` does.
    pub quiet: bool,
    /// Names to print instead of addresses: what `-n` prevents.
    pub hosts: SortedMap<IpAddr, String>,
    /// Names to print instead of ports.
    pub services: SortedMap<(Proto, u16), String>,
    flows: SortedMap<Flow, tcp::Start>,
}

/// One frame's line, with absolute TCP sequence numbers.
#[must_use]
pub fn line(frame: &Frame) -> String {
    Printer {
        absolute_sequence: true,
        ..Printer::default()
    }
    .line(frame)
}

/// One IP packet's line, with absolute TCP sequence numbers.
#[must_use]
pub fn packet_line(packet: &IpPacket) -> String {
    let mut out = String::new();
    Printer {
        absolute_sequence: true,
        ..Printer::default()
    }
    .packet(&mut out, packet);
    out
}

impl Printer {
    /// A frame's line; a frame within a VXLAN packet follows on a line of its own.
    pub fn line(&mut self, frame: &Frame) -> String {
        let mut out = String::new();
        self.frame(&mut out, frame);
        out
    }

    /// What a frame carries, without its Ethernet header: for devices that have another one or none.
    pub fn payload(&mut self, frame: &Frame) -> String {
        let mut out = String::new();
        self.carried(&mut out, frame);
        out
    }

    fn frame(&mut self, out: &mut String, frame: &Frame) {
        if self.link_header {
            let outer = if frame.vlan.is_some() {
                ethertype::VLAN
            } else {
                frame.ethertype()
            };
            put(
                out,
                format_args!(
                    "{} > {}, ethertype {}, length {}: ",
                    self.mac(frame.src),
                    self.mac(frame.dst),
                    named(outer),
                    frame.len()
                ),
            );
        }
        if let Some(tag) = frame.vlan {
            put(out, format_args!("vlan {}, p {}, ", tag.id, tag.priority));
            if self.link_header {
                put(
                    out,
                    format_args!("ethertype {}, ", named(frame.ethertype())),
                );
            }
        }
        self.carried(out, frame);
    }

    fn carried(&mut self, out: &mut String, frame: &Frame) {
        match &frame.payload {
            Payload::Arp(arp) => self.arp(out, arp),
            Payload::Ip(packet) => self.packet(out, packet),
            Payload::Other { ethertype, bytes } => {
                if !self.link_header {
                    put(
                        out,
                        format_args!(
                            "{} > {}, ethertype {}, ",
                            frame.src,
                            frame.dst,
                            named(*ethertype)
                        ),
                    );
                }
                put(out, format_args!("length {}", bytes.len()));
            }
        }
    }

    fn arp(&self, out: &mut String, arp: &Arp) {
        if !self.link_header {
            out.push_str("ARP, ");
        }
        if self.verbose > 0 {
            out.push_str("Ethernet (len 6), IPv4 (len 4), ");
        }
        let Arp {
            op,
            sender_mac,
            sender_ip,
            target_mac,
            target_ip,
        } = arp;
        // tcpdump 4.99 tells of probes and announcements as of any other question.
        let (sender_ip, target_ip) = (
            self.host((*sender_ip).into()),
            self.host((*target_ip).into()),
        );
        match op {
            ArpOp::Request => {
                put(out, format_args!("Request who-has {target_ip}"));
                if *target_mac != MacAddr::ZERO {
                    put(out, format_args!(" ({})", self.mac(*target_mac)));
                }
                put(out, format_args!(" tell {sender_ip}"));
            }
            ArpOp::Reply => put(
                out,
                format_args!("Reply {sender_ip} is-at {}", self.mac(*sender_mac)),
            ),
        }
        put(out, format_args!(", length {}", Arp::LEN));
    }

    fn packet(&mut self, out: &mut String, packet: &IpPacket) {
        if !self.link_header {
            out.push_str(if packet.is_v6() { "IP6 " } else { "IP " });
        }
        if self.verbose > 0 {
            head::ip(out, packet);
        }
        let IpPacket {
            src,
            dst,
            transport,
            ..
        } = packet;
        let (from, to) = (self.host(*src), self.host(*dst));
        if let Some((from_port, to_port)) = transport.ports() {
            let proto = packet.protocol();
            let (from_port, to_port) = (self.port(proto, from_port), self.port(proto, to_port));
            put(out, format_args!("{from}.{from_port} > {to}.{to_port}: "));
        } else {
            put(out, format_args!("{from} > {to}: "));
        }
        match transport {
            Transport::Tcp(segment) if self.quiet => {
                put(out, format_args!("tcp {}", segment.payload.len()));
            }
            Transport::Tcp(segment) => self.tcp(out, packet, segment),
            Transport::Udp(datagram) if self.quiet => {
                put(out, format_args!("UDP, length {}", datagram.payload.len()));
            }
            Transport::Udp(datagram) => self.udp(out, packet, datagram),
            Transport::Icmp(message) if packet.is_v6() && self.verbose > 0 => {
                out.push_str("[icmp6 sum ok] ");
                icmp::v6(out, message);
            }
            Transport::Icmp(message) if packet.is_v6() => icmp::v6(out, message),
            Transport::Icmp(message) => icmp::v4(out, message),
            Transport::Raw { proto, bytes } => raw(out, packet, *proto, bytes.len()),
        }
    }

    /// An address's name, or the address.
    fn host(&self, ip: IpAddr) -> String {
        self.hosts
            .get(&ip)
            .cloned()
            .unwrap_or_else(|| ip.to_string())
    }

    /// A hardware address; everybody's has a name where names are wanted.
    fn mac(&self, mac: MacAddr) -> String {
        match mac {
            mac if self.services.is_empty() => mac.to_string(),
            mac if mac.is_broadcast() => "Broadcast".to_owned(),
            // Addresses made up for virtual devices are no manufacturer's.
            mac => format!("{mac} (oui Unknown)"),
        }
    }

    /// A port's name, or its number.
    fn port(&self, proto: Proto, port: u16) -> String {
        self.services
            .get(&(proto, port))
            .cloned()
            .unwrap_or_else(|| port.to_string())
    }

    fn udp(&mut self, out: &mut String, packet: &IpPacket, datagram: &UdpDatagram) {
        if self.verbose > 0 && !packet.is_fragment() {
            out.push_str("[udp sum ok] ");
        }
        let port = |port| datagram.src_port == port || datagram.dst_port == port;
        if port(53)
            && let Ok(message) = crate::dns::Message::parse(datagram.payload.clone())
        {
            dns::message(out, &message, datagram.payload.len());
        } else if datagram.dst_port == vxlan::PORT
            && let Ok((vni, inner)) = vxlan::decapsulate(datagram.payload.clone())
        {
            put(out, format_args!("VXLAN, flags [I] (0x08), vni {vni}\n"));
            self.frame(out, &inner);
        } else {
            put(out, format_args!("UDP, length {}", datagram.payload.len()));
        }
    }
}

fn raw(out: &mut String, packet: &IpPacket, proto: Proto, len: usize) {
    let Proto(number) = proto;
    if packet.is_fragment() && packet.is_v6() {
        put(out, format_args!("frag ({}|{len})", packet.fragment_offset));
    } else if packet.is_fragment() {
        put(out, format_args!("ip-proto-{number}"));
    } else {
        put(out, format_args!("ip-proto-{number} {len}"));
    }
}

/// An Ethernet type's name with its number.
#[must_use]
pub fn named(ethertype: u16) -> String {
    let name = match ethertype {
        ethertype::IPV4 => "IPv4",
        ethertype::ARP => "ARP",
        ethertype::VLAN => "802.1Q",
        ethertype::IPV6 => "IPv6",
        0x88cc => "LLDP",
        _ => "Unknown",
    };
    format!("{name} (0x{ethertype:04x})")
}

/// Appends text; a `String` takes all of it.
fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    let written = out.write_fmt(text);
    debug_assert!(written.is_ok(), "a string takes all text");
}

/// Bytes in hexadecimal and ASCII, 16 a line, as `tcpdump -X` prints them.
#[must_use]
pub fn hex_dump(bytes: &[u8]) -> String {
    dump(bytes, true)
}

/// Bytes in hexadecimal, 16 a line, as `tcpdump -x` prints them.
#[must_use]
pub fn plain_hex_dump(bytes: &[u8]) -> String {
    dump(bytes, false)
}

fn dump(bytes: &[u8], with_text: bool) -> String {
    let mut out = String::new();
    for (index, row) in bytes.chunks(16).enumerate() {
        let mut hex = String::new();
        for pair in row.chunks(2) {
            hex.push(' ');
            for byte in pair {
                put(&mut hex, format_args!("{byte:02x}"));
            }
        }
        put(&mut out, format_args!("\t0x{:04x}: ", index * 16));
        if !with_text {
            put(&mut out, format_args!("{hex}\n"));
            continue;
        }
        let text: String = row
            .iter()
            .map(|byte| {
                if byte.is_ascii_graphic() {
                    char::from(*byte)
                } else {
                    '.'
                }
            })
            .collect();
        put(&mut out, format_args!("{hex:<40}  {text}\n"));
    }
    out
}

#[cfg(test)]
mod tests;
