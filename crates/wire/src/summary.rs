//! Frames as `tcpdump -n` prints them, one line each and without the time.
//!
//! Source: the output of tcpdump 4.99. Protocols above UDP and TCP are told for DNS, VXLAN and HTTP only.

mod dns;
mod icmp;
mod tcp;

use sorted::SortedMap;
use std::fmt::Write as _;

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
                    frame.src,
                    frame.dst,
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
        let Arp {
            op,
            sender_mac,
            sender_ip,
            target_mac,
            target_ip,
        } = arp;
        match op {
            ArpOp::Request if sender_ip == target_ip => {
                put(out, format_args!("Announcement {target_ip}"));
            }
            ArpOp::Request if sender_ip.is_unspecified() => {
                put(out, format_args!("Probe {target_ip}"));
            }
            ArpOp::Request => {
                put(out, format_args!("Request who-has {target_ip}"));
                if *target_mac != MacAddr::ZERO {
                    put(out, format_args!(" ({target_mac})"));
                }
                put(out, format_args!(" tell {sender_ip}"));
            }
            ArpOp::Reply => put(out, format_args!("Reply {sender_ip} is-at {sender_mac}")),
        }
        put(out, format_args!(", length {}", Arp::LEN));
    }

    fn packet(&mut self, out: &mut String, packet: &IpPacket) {
        if !self.link_header {
            out.push_str(if packet.is_v6() { "IP6 " } else { "IP " });
        }
        let IpPacket {
            src,
            dst,
            transport,
            ..
        } = packet;
        if let Some((from, to)) = transport.ports() {
            put(out, format_args!("{src}.{from} > {dst}.{to}: "));
        } else {
            put(out, format_args!("{src} > {dst}: "));
        }
        match transport {
            Transport::Tcp(segment) => self.tcp(out, *src, *dst, segment),
            Transport::Udp(datagram) => self.udp(out, datagram),
            Transport::Icmp(message) if packet.is_v6() => icmp::v6(out, message),
            Transport::Icmp(message) => icmp::v4(out, message),
            Transport::Raw { proto, bytes } => raw(out, packet, *proto, bytes.len()),
        }
    }

    fn udp(&mut self, out: &mut String, datagram: &UdpDatagram) {
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

/// An Ethernet type with its number.
fn named(ethertype: u16) -> String {
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
    let mut out = String::new();
    for (index, row) in bytes.chunks(16).enumerate() {
        let mut hex = String::new();
        for pair in row.chunks(2) {
            hex.push(' ');
            for byte in pair {
                put(&mut hex, format_args!("{byte:02x}"));
            }
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
        put(
            &mut out,
            format_args!("\t0x{:04x}: {hex:<40}  {text}\n", index * 16),
        );
    }
    out
}

#[cfg(test)]
mod tests;
