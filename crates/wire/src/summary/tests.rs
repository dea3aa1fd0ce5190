use std::net::IpAddr;

use super::*;
use crate::dns::{Flags, Message, Rcode, Record, RecordType};
use crate::{Bytes, IcmpErrorKind, IcmpMessage, NdpMessage, Quoted, TcpFlags, TcpSegment};

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn packet(src: &str, dst: &str, transport: Transport) -> IpPacket {
    IpPacket::new(ip(src), ip(dst), transport)
}

fn udp(src_port: u16, dst_port: u16, payload: Bytes) -> Transport {
    Transport::Udp(UdpDatagram {
        src_port,
        dst_port,
        payload,
    })
}

#[test]
fn echo_and_errors_read_as_tcpdump_prints_them() {
    let echo = Transport::Icmp(IcmpMessage::EchoRequest {
        ident: 1,
        seq: 0,
        data: Bytes::from(vec![0; 56]),
    });
    let line = packet_line(&packet("172.17.0.2", "192.168.1.50", echo));
    assert_eq!(
        line,
        "IP 172.17.0.2 > 192.168.1.50: ICMP echo request, id 1, seq 0, length 64"
    );

    let lost = packet("10.0.0.1", "10.0.0.2", udp(4000, 53, Bytes::new()));
    let quoted = Box::new(Quoted::new(&lost));
    let error = Transport::Icmp(IcmpMessage::Error {
        kind: IcmpErrorKind::PortUnreachable,
        quoted,
    });
    let line = packet_line(&packet("10.0.0.2", "10.0.0.1", error));
    assert_eq!(
        line,
        "IP 10.0.0.2 > 10.0.0.1: ICMP 10.0.0.2 udp port 53 unreachable, length 36"
    );

    let solicit = NdpMessage::NeighbourSolicit {
        target: "fd00::2".parse().unwrap(),
        source_mac: Some(MacAddr([2, 0, 0, 0, 0, 1])),
    };
    let line = packet_line(&packet(
        "fd00::1",
        "ff02::1:ff00:2",
        Transport::Icmp(IcmpMessage::Neighbour(solicit)),
    ));
    assert_eq!(
        line,
        "IP6 fd00::1 > ff02::1:ff00:2: ICMP6, neighbor solicitation, who has fd00::2, length 32"
    );
}

#[test]
fn a_connection_counts_from_its_start_once_it_is_known() {
    let mut printer = Printer::default();
    let mut print = |forward: bool, seq, ack, flags, payload: &'static [u8]| {
        let (src, dst, ports) = if forward {
            ("10.0.0.1", "10.0.0.2", (1234, 80))
        } else {
            ("10.0.0.2", "10.0.0.1", (80, 1234))
        };
        let payload = Bytes::from_static(payload);
        let mut segment = TcpSegment {
            seq,
            ack,
            payload,
            ..TcpSegment::new(ports.0, ports.1, flags)
        };
        segment.window = 64240;
        if flags == TcpFlags::SYN {
            segment.mss = Some(1460);
            segment.sack_permitted = true;
            segment.timestamps = Some((1, 0));
            segment.window_scale = Some(7);
        }
        let frame = Frame::ip(
            MacAddr::ZERO,
            MacAddr::ZERO,
            packet(src, dst, Transport::Tcp(segment)),
        );
        printer.line(&frame)
    };
    let start = "IP 10.0.0.1.1234 > 10.0.0.2.80: Flags";
    let back = "IP 10.0.0.2.80 > 10.0.0.1.1234: Flags";
    assert_eq!(
        print(true, 1000, 0, TcpFlags::SYN, b""),
        format!(
            "{start} [S], seq 1000, win 64240, options [mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7], length 0"
        )
    );
    assert_eq!(
        print(false, 5000, 1001, TcpFlags::SYN_ACK, b""),
        format!("{back} [S.], seq 5000, ack 1001, win 64240, length 0")
    );
    assert_eq!(
        print(true, 1001, 5001, TcpFlags::ACK, b""),
        format!("{start} [.], ack 1, win 64240, length 0")
    );
    assert_eq!(
        print(
            true,
            1001,
            5001,
            TcpFlags::PSH_ACK,
            b"GET / HTTP/1.1\r\n\r\n"
        ),
        format!("{start} [P.], seq 1:19, ack 1, win 64240, length 18: HTTP: GET / HTTP/1.1")
    );
    assert_eq!(
        print(false, 5001, 1019, TcpFlags::FIN_ACK, b""),
        format!("{back} [F.], seq 1, ack 19, win 64240, length 0")
    );
}

#[test]
fn names_are_asked_and_answered() {
    let query = Message::query(7, "web.example".parse().unwrap(), RecordType::A);
    let line = packet_line(&packet("10.0.0.1", "10.0.0.2", udp(4000, 53, query.emit())));
    assert_eq!(
        line,
        "IP 10.0.0.1.4000 > 10.0.0.2.53: 7+ A? web.example. (29)"
    );

    let mut answer = query.response(Rcode::NOERROR);
    answer.flags = Flags {
        ra: true,
        ..answer.flags
    };
    answer.answers.push(Record::address(
        query.questions[0].name.clone(),
        600,
        ip("10.0.0.9"),
    ));
    let line = packet_line(&packet(
        "10.0.0.2",
        "10.0.0.1",
        udp(53, 4000, answer.emit()),
    ));
    assert_eq!(
        line,
        "IP 10.0.0.2.53 > 10.0.0.1.4000: 7 1/0/0 A 10.0.0.9 (45)"
    );

    let missing = query.response(Rcode::NXDOMAIN);
    let line = packet_line(&packet(
        "10.0.0.2",
        "10.0.0.1",
        udp(53, 4000, missing.emit()),
    ));
    assert_eq!(
        line,
        "IP 10.0.0.2.53 > 10.0.0.1.4000: 7 NXDomain- 0/0/0 (29)"
    );
}

#[test]
fn frames_show_their_link_header_when_asked() {
    let arp = Arp {
        op: ArpOp::Request,
        sender_mac: MacAddr([2, 66, 0, 0, 0, 1]),
        sender_ip: "172.17.0.1".parse().unwrap(),
        target_mac: MacAddr::ZERO,
        target_ip: "172.17.0.2".parse().unwrap(),
    };
    let frame = Frame::arp(MacAddr::BROADCAST, arp.sender_mac, arp);
    assert_eq!(
        line(&frame),
        "ARP, Request who-has 172.17.0.2 tell 172.17.0.1, length 28"
    );
    let mut printer = Printer {
        link_header: true,
        ..Printer::default()
    };
    assert_eq!(
        printer.line(&frame),
        "02:42:00:00:00:01 > ff:ff:ff:ff:ff:ff, ethertype ARP (0x0806), length 42: \
         Request who-has 172.17.0.2 tell 172.17.0.1, length 28"
    );
}

#[test]
fn a_dump_keeps_its_columns_in_a_short_row() {
    let dump = hex_dump(b"0123456789abcdefXY\n");
    let second = "\t0x0010:  5859 0a                                  XY.";
    assert_eq!(dump.lines().nth(1), Some(second));
    assert_eq!(
        dump.lines().next(),
        Some("\t0x0000:  3031 3233 3435 3637 3839 6162 6364 6566  0123456789abcdef")
    );
}
