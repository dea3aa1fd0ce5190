use super::put;
use crate::{IcmpErrorKind, IcmpMessage, NdpMessage, Proto, Quoted, QuotedPorts};

/// An ICMP message for IPv4.
pub(super) fn v4(out: &mut String, message: &IcmpMessage) {
    out.push_str("ICMP ");
    match message {
        IcmpMessage::EchoRequest { ident, seq, .. } => {
            put(out, format_args!("echo request, id {ident}, seq {seq}"));
        }
        IcmpMessage::EchoReply { ident, seq, .. } => {
            put(out, format_args!("echo reply, id {ident}, seq {seq}"));
        }
        IcmpMessage::Error { kind, quoted } => v4_error(out, *kind, quoted),
        IcmpMessage::Neighbour(_) => {
            let (type_, _) = message.type_and_code(false);
            put(out, format_args!("type-#{type_}"));
        }
        IcmpMessage::Other { type_, .. } => put(out, format_args!("type-#{type_}")),
    }
    put(out, format_args!(", length {}", message.len(false)));
}

fn v4_error(out: &mut String, kind: IcmpErrorKind, quoted: &Quoted) {
    let dst = quoted.dst;
    match kind {
        IcmpErrorKind::NetUnreachable => put(out, format_args!("net {dst} unreachable")),
        IcmpErrorKind::HostUnreachable | IcmpErrorKind::RejectRoute => {
            put(out, format_args!("host {dst} unreachable"));
        }
        IcmpErrorKind::ProtoUnreachable => put(
            out,
            format_args!("{dst} protocol {} unreachable", quoted.proto.0),
        ),
        IcmpErrorKind::PortUnreachable => put(out, format_args!("{} unreachable", port(quoted))),
        IcmpErrorKind::FragNeeded { mtu } => put(
            out,
            format_args!("{dst} unreachable - need to frag (mtu {mtu})"),
        ),
        IcmpErrorKind::NetProhibited => put(
            out,
            format_args!("net {dst} unreachable - admin prohibited"),
        ),
        IcmpErrorKind::HostProhibited => put(
            out,
            format_args!("host {dst} unreachable - admin prohibited"),
        ),
        IcmpErrorKind::AdminProhibited | IcmpErrorKind::PolicyFail => {
            put(
                out,
                format_args!("host {dst} unreachable - admin prohibited filter"),
            );
        }
        IcmpErrorKind::TtlExceeded => out.push_str("time exceeded in-transit"),
        IcmpErrorKind::ReassemblyExceeded => out.push_str("ip reassembly time exceeded"),
        IcmpErrorKind::Redirect { gateway } => {
            put(out, format_args!("redirect {dst} to host {gateway}"));
        }
    }
}

/// The quoted packet's destination with protocol and port.
fn port(quoted: &Quoted) -> String {
    let dst = quoted.dst;
    match quoted.ports {
        QuotedPorts::Ports { dst: port, .. } if quoted.proto == Proto::TCP => {
            format!("{dst} tcp port {port}")
        }
        QuotedPorts::Ports { dst: port, .. } => format!("{dst} udp port {port}"),
        QuotedPorts::Echo { .. } | QuotedPorts::None => {
            format!("{dst} protocol {} port", quoted.proto.0)
        }
    }
}

/// An ICMPv6 message.
pub(super) fn v6(out: &mut String, message: &IcmpMessage) {
    out.push_str("ICMP6, ");
    match message {
        IcmpMessage::EchoRequest { ident, seq, .. } => {
            put(out, format_args!("echo request, id {ident}, seq {seq}"));
        }
        IcmpMessage::EchoReply { ident, seq, .. } => {
            put(out, format_args!("echo reply, id {ident}, seq {seq}"));
        }
        IcmpMessage::Error { kind, quoted } => v6_error(out, *kind, quoted),
        IcmpMessage::Neighbour(NdpMessage::RouterSolicit { .. }) => {
            out.push_str("router solicitation");
        }
        IcmpMessage::Neighbour(NdpMessage::NeighbourSolicit { target, .. }) => {
            put(out, format_args!("neighbor solicitation, who has {target}"));
        }
        IcmpMessage::Neighbour(NdpMessage::NeighbourAdvert { target, .. }) => {
            put(out, format_args!("neighbor advertisement, tgt is {target}"));
        }
        IcmpMessage::Other { type_, .. } => put(out, format_args!("type-#{type_}")),
    }
    put(out, format_args!(", length {}", message.len(true)));
}

fn v6_error(out: &mut String, kind: IcmpErrorKind, quoted: &Quoted) {
    let dst = quoted.dst;
    match kind {
        IcmpErrorKind::NetUnreachable => put(
            out,
            format_args!("destination unreachable, unreachable route {dst}"),
        ),
        IcmpErrorKind::HostUnreachable => put(
            out,
            format_args!("destination unreachable, unreachable address {dst}"),
        ),
        IcmpErrorKind::PortUnreachable => {
            put(
                out,
                format_args!(
                    "destination unreachable, unreachable port, {}",
                    port(quoted)
                ),
            );
        }
        IcmpErrorKind::NetProhibited
        | IcmpErrorKind::HostProhibited
        | IcmpErrorKind::AdminProhibited => {
            put(
                out,
                format_args!("destination unreachable, unreachable prohibited {dst}"),
            );
        }
        IcmpErrorKind::PolicyFail => {
            out.push_str("destination unreachable, unknown unreach code (5)");
        }
        IcmpErrorKind::RejectRoute => {
            out.push_str("destination unreachable, unknown unreach code (6)");
        }
        IcmpErrorKind::FragNeeded { mtu } => put(out, format_args!("packet too big, mtu {mtu}")),
        IcmpErrorKind::TtlExceeded => put(out, format_args!("time exceeded in-transit for {dst}")),
        IcmpErrorKind::ReassemblyExceeded => out.push_str("time exceeded in-transit (reassembly)"),
        IcmpErrorKind::ProtoUnreachable => out.push_str("parameter problem, next header - octet 6"),
        IcmpErrorKind::Redirect { gateway } => {
            put(out, format_args!("redirect, {dst} to {gateway}"));
        }
    }
}
