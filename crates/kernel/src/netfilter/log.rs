//! The line that LOG writes about a packet. Source: Linux net/netfilter/nf_log_syslog.c.

use super::matches::type_and_code;
use super::model::Log;
use super::{HookCtx, Iface};
use crate::skb::Skb;
use std::fmt::Write as _;
use wire::{IcmpMessage, IpPacket, Proto, TcpFlags, Transport};

/// One line, without time and level.
pub(super) fn line(log: &Log, ctx: &HookCtx<'_>, skb: &Skb) -> String {
    let mut out = log.prefix.to_string();
    let name = |iface: Option<Iface>| {
        iface
            .map(|iface| iface.name.to_string())
            .unwrap_or_default()
    };
    let _ = write!(out, "IN={} OUT={} ", name(ctx.in_if), name(ctx.out_if));
    if let Some(port) = ctx.phys_in {
        let _ = write!(out, "PHYSIN={} ", port.name);
    }
    if let Some(port) = ctx.phys_out {
        let _ = write!(out, "PHYSOUT={} ", port.name);
    }
    if let Some(mac) = skb.src_mac {
        let _ = write!(out, "MACSRC={mac} ");
    }
    network(&mut out, &skb.ip);
    transport(&mut out, &skb.ip);
    if skb.mark != 0 {
        let _ = write!(out, "MARK=0x{:x} ", skb.mark);
    }
    out
}

fn network(out: &mut String, ip: &IpPacket) {
    let _ = if ip.is_v6() {
        write!(
            out,
            "SRC={} DST={} LEN={} TC={} HOPLIMIT={} FLOWLBL=0 ",
            ip.src,
            ip.dst,
            ip.len(),
            ip.tos,
            ip.ttl
        )
    } else {
        let (tos, precedence) = (ip.tos & 0x1e, ip.tos & 0xe0);
        let dont = if ip.dont_fragment { "DF " } else { "" };
        let more = if ip.more_fragments { "MF " } else { "" };
        write!(
            out,
            "SRC={} DST={} LEN={} TOS=0x{tos:02X} PREC=0x{precedence:02X} TTL={} ID={} {dont}{more}",
            ip.src,
            ip.dst,
            ip.len(),
            ip.ttl,
            ip.ident
        )
    };
}

fn transport(out: &mut String, ip: &IpPacket) {
    match &ip.transport {
        Transport::Tcp(s) => {
            let _ = write!(
                out,
                "PROTO=TCP SPT={} DPT={} WINDOW={} RES=0x00 ",
                s.src_port, s.dst_port, s.window
            );
            const NAMES: [(TcpFlags, &str); 8] = [
                (TcpFlags::CWR, "CWR "),
                (TcpFlags::ECE, "ECE "),
                (TcpFlags::URG, "URG "),
                (TcpFlags::ACK, "ACK "),
                (TcpFlags::PSH, "PSH "),
                (TcpFlags::RST, "RST "),
                (TcpFlags::SYN, "SYN "),
                (TcpFlags::FIN, "FIN "),
            ];
            for (flag, name) in NAMES {
                out.push_str(if s.flags.contains(flag) { name } else { "" });
            }
            out.push_str("URGP=0 ");
        }
        Transport::Udp(d) => {
            let _ = write!(
                out,
                "PROTO=UDP SPT={} DPT={} LEN={} ",
                d.src_port,
                d.dst_port,
                d.len()
            );
        }
        Transport::Icmp(message) => {
            let (type_, code) = type_and_code(message, ip.is_v6());
            let name = if ip.is_v6() { "ICMPv6" } else { "ICMP" };
            let _ = write!(out, "PROTO={name} TYPE={type_} CODE={code} ");
            match message {
                IcmpMessage::EchoRequest { ident, seq, .. }
                | IcmpMessage::EchoReply { ident, seq, .. } => {
                    let _ = write!(out, "ID={ident} SEQ={seq} ");
                }
                IcmpMessage::Error { quoted, .. } => {
                    let _ = write!(
                        out,
                        "[SRC={} DST={} PROTO={} ] ",
                        quoted.src, quoted.dst, quoted.proto
                    );
                }
                IcmpMessage::Neighbour(_) | IcmpMessage::Other { .. } => {}
            }
        }
        Transport::Raw {
            proto: Proto(number),
            ..
        } => {
            let _ = write!(out, "PROTO={number} ");
        }
    }
}
