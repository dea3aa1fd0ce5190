use std::net::IpAddr;

use super::{Printer, head, put};
use crate::{IpPacket, TcpFlags, TcpSegment};

/// A connection, as the end that spoke with an ACK first sees it.
pub(super) type Flow = (IpAddr, u16, IpAddr, u16);

/// The numbers from which a connection's later ones are counted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Start {
    seq: u32,
    ack: u32,
}

/// Ports whose first line tcpdump prints as HTTP.
const HTTP_PORTS: [u16; 3] = [80, 8080, 3128];
const HTTP_WORDS: [&str; 10] = [
    "GET ", "POST ", "PUT ", "DELETE ", "HEAD ", "OPTIONS ", "PATCH ", "TRACE ", "CONNECT ",
    "HTTP/",
];

impl Printer {
    pub(super) fn tcp(&mut self, out: &mut String, packet: &IpPacket, segment: &TcpSegment) {
        let (seq, ack) = self.relative(packet.src, packet.dst, segment);
        put(out, format_args!("Flags [{}]", segment.flags));
        let len = segment.payload.len();
        if self.verbose > 0 {
            put(
                out,
                format_args!(
                    ", cksum 0x{:04x} (correct)",
                    head::transport_checksum(packet)
                ),
            );
        }
        if len > 0 {
            put(
                out,
                format_args!(", seq {seq}:{}", seq.wrapping_add(len as u32)),
            );
        } else if segment
            .flags
            .intersects(TcpFlags::SYN | TcpFlags::FIN | TcpFlags::RST)
            || self.verbose > 1
        {
            put(out, format_args!(", seq {seq}"));
        }
        if segment.flags.ack() {
            put(out, format_args!(", ack {ack}"));
        }
        put(out, format_args!(", win {}", segment.window));
        let options = options(segment);
        if !options.is_empty() {
            put(out, format_args!(", options [{options}]"));
        }
        put(out, format_args!(", length {len}"));
        if len > 0
            && HTTP_PORTS
                .iter()
                .any(|port| *port == segment.src_port || *port == segment.dst_port)
        {
            http(out, &segment.payload, self.verbose > 0);
        }
    }

    /// The numbers to print: counted from the connection's start once that has been seen.
    fn relative(&mut self, src: IpAddr, dst: IpAddr, segment: &TcpSegment) -> (u32, u32) {
        let &TcpSegment {
            seq,
            ack,
            flags,
            src_port,
            dst_port,
            ..
        } = segment;
        if self.absolute_sequence || !flags.ack() {
            return (seq, ack);
        }
        let forward = (src, src_port, dst, dst_port);
        let backward = (dst, dst_port, src, src_port);
        if !flags.syn() {
            if let Some(start) = self.flows.get(&forward) {
                return (seq.wrapping_sub(start.seq), ack.wrapping_sub(start.ack));
            }
            if let Some(start) = self.flows.get(&backward) {
                return (seq.wrapping_sub(start.ack), ack.wrapping_sub(start.seq));
            }
        }
        self.flows.remove(&backward);
        self.flows.insert(
            forward,
            Start {
                seq,
                ack: ack.wrapping_sub(1),
            },
        );
        (seq, ack)
    }
}

/// The options in the order in which they are sent.
fn options(segment: &TcpSegment) -> String {
    let mut parts = Vec::new();
    let padding = || "nop".to_owned();
    if let Some(mss) = segment.mss {
        parts.push(format!("mss {mss}"));
    }
    if segment.sack_permitted {
        if segment.timestamps.is_none() {
            parts.extend([padding(), padding()]);
        }
        parts.push("sackOK".to_owned());
    }
    if let Some((value, echo)) = segment.timestamps {
        if !segment.sack_permitted {
            parts.extend([padding(), padding()]);
        }
        parts.push(format!("TS val {value} ecr {echo}"));
    }
    if let Some(shift) = segment.window_scale {
        parts.extend([padding(), format!("wscale {shift}")]);
    }
    parts.join(",")
}

/// The first line of a request or an answer, and if `whole` all of its lines; a body that begins here has none.
fn http(out: &mut String, payload: &[u8], whole: bool) {
    out.push_str(": HTTP");
    let text = String::from_utf8_lossy(payload);
    let speaks = HTTP_WORDS.iter().any(|word| text.starts_with(word));
    if !whole {
        if let Some(first) = text.lines().next().filter(|_| speaks) {
            put(out, format_args!(": {first}"));
        }
        return;
    }
    put(out, format_args!(", length: {}", payload.len()));
    if speaks {
        for line in text.lines() {
            put(out, format_args!("\n\t{line}"));
        }
    }
}
