//! Bytes and files that are read by functions: packets, DNS messages, captures, Compose files.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use compose::{Files, LoadOptions};
use sorted::SortedMap;
use wire::dns::{Message, Name, Record, RecordData, RecordType};
use wire::{
    Arp, ArpOp, Bytes, Frame, IcmpMessage, IpPacket, MacAddr, Payload, TcpFlags, TcpSegment,
    Transport, UdpDatagram, layers, pcap, summary, vxlan,
};

use crate::Input;
use crate::corpus::{self, Corpus};

/// Frames of every protocol.
pub(crate) fn frames(_: &Corpus) -> Vec<Input> {
    let (v4, v6) = (Ipv4Addr::new(172, 17, 0, 2), Ipv6Addr::LOCALHOST);
    let tcp = TcpSegment {
        src_port: 40000,
        dst_port: 80,
        seq: 1,
        ack: 2,
        flags: TcpFlags(0x12),
        window: 64240,
        mss: Some(1460),
        window_scale: Some(7),
        sack_permitted: true,
        timestamps: Some((1, 2)),
        payload: Bytes::from_static(b"GET / HTTP/1.1\r\nHost: web\r\n\r\n"),
    };
    let transports = |ip: IpAddr| {
        let udp = |dst_port, payload| {
            Transport::Udp(UdpDatagram {
                src_port: 5353,
                dst_port,
                payload,
            })
        };
        let question = dns_messages_bytes().into_iter().next().unwrap_or_default();
        let echo = IcmpMessage::EchoRequest {
            ident: 1,
            seq: 2,
            data: Bytes::from_static(&[7; 20]),
        };
        let inner = frame(
            [4; 6],
            Payload::Ip(IpPacket::new(ip, ip, udp(9, Bytes::new()))),
        );
        [
            Transport::Tcp(tcp.clone()),
            udp(53, question),
            udp(4789, vxlan::encapsulate(42, &inner)),
            Transport::Icmp(echo),
        ]
    };
    let mut frames: Vec<Frame> = [IpAddr::V4(v4), IpAddr::V6(v6)]
        .into_iter()
        .flat_map(|ip| transports(ip).map(|t| Payload::Ip(IpPacket::new(ip, ip, t))))
        .map(|payload| frame([4; 6], payload))
        .collect();
    let arp = Arp {
        op: ArpOp::Request,
        sender_mac: MacAddr([2; 6]),
        sender_ip: v4,
        target_mac: MacAddr([0; 6]),
        target_ip: Ipv4Addr::new(172, 17, 0, 1),
    };
    frames.push(frame([255; 6], Payload::Arp(arp)));
    frames.iter().map(|f| f.emit().to_vec()).collect()
}

fn frame(dst: [u8; 6], payload: Payload) -> Frame {
    Frame {
        dst: MacAddr(dst),
        src: MacAddr([2; 6]),
        vlan: None,
        payload,
    }
}

/// What is read as a frame is written so that it is read as the same; and whatever it is, it can be shown.
pub(crate) fn packet(input: &[u8]) -> Result<(), String> {
    let bytes = Bytes::copy_from_slice(input);
    let _ = vxlan::decapsulate(bytes.clone()).map(|(_, frame)| summary::line(&frame));
    if let Ok(frame) = Frame::parse(bytes.clone()) {
        let _ = (summary::line(&frame), layers::of_frame(&frame));
        same(&frame, |f| f.emit(), Frame::parse)?;
    }
    if let Ok(packet) = IpPacket::parse(bytes) {
        let _ = (summary::packet_line(&packet), layers::of_packet(&packet));
        same(&packet, |p| p.emit(), IpPacket::parse)?;
    }
    let _ = (summary::hex_dump(input), summary::plain_hex_dump(input));
    Ok(())
}

/// DNS messages of every kind.
pub(crate) fn dns_messages(_: &Corpus) -> Vec<Input> {
    dns_messages_bytes().iter().map(|b| b.to_vec()).collect()
}

fn dns_messages_bytes() -> Vec<Bytes> {
    let name = |text: &str| text.parse::<Name>().unwrap_or_default();
    let data = [
        RecordData::A(Ipv4Addr::LOCALHOST),
        RecordData::Aaaa(Ipv6Addr::LOCALHOST),
        RecordData::Cname(name("a.example.test")),
        RecordData::Ptr(name("b.example.test")),
    ];
    let answers = data
        .into_iter()
        .map(|data| Record::new(name("web.example.test"), 600, data));
    let query = Message::query(7, name("web.example.test"), RecordType::A);
    let answer = Message {
        answers: answers.collect(),
        ..query.clone()
    };
    vec![query.emit(), answer.emit()]
}

/// What is read as a DNS message is written so that it is read as the same.
pub(crate) fn dns(input: &[u8]) -> Result<(), String> {
    let Ok(message) = Message::parse(Bytes::copy_from_slice(input)) else {
        return Ok(());
    };
    same(&message, |m| m.emit(), Message::parse)
}

fn same<T: PartialEq + std::fmt::Debug, E: std::fmt::Display>(
    read: &T,
    emit: impl Fn(&T) -> Bytes,
    parse: impl Fn(Bytes) -> Result<T, E>,
) -> Result<(), String> {
    match parse(emit(read)) {
        Ok(again) if again == *read => Ok(()),
        Ok(again) => Err(format!(
            "written and read back, it is another: {read:?}, {again:?}"
        )),
        Err(error) => Err(format!(
            "what was written is not read back: {error}: {read:?}"
        )),
    }
}

/// Captures of these frames.
pub(crate) fn captures(corpus: &Corpus) -> Vec<Input> {
    let frames = frames(corpus);
    [pcap::LinkType::ETHERNET, pcap::LinkType::LINUX_SLL2]
        .into_iter()
        .map(|link_type| {
            let records = frames.iter().map(|frame| pcap::record((1, 2), frame));
            [vec![pcap::file_header(link_type)], records.collect()]
                .concat()
                .concat()
        })
        .collect()
}

/// Recorded Compose files and others that show what there is.
pub(crate) fn compose_files(corpus: &Corpus) -> Vec<Input> {
    let recorded = corpus.files.iter().map(|f| f.clone().into_bytes());
    recorded
        .chain(corpus::examples("compose-file").unwrap_or_default())
        .collect()
}

/// A directory with one file, which other names stand for, too: so that files that include or extend others find some.
struct Disk(Input);

impl Files for Disk {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        if self.is_dir(path) {
            Err("is a directory".into())
        } else if self.exists(path) {
            Ok(self.0.clone())
        } else {
            Err("no such file or directory".into())
        }
    }

    fn exists(&self, path: &str) -> bool {
        path.ends_with(".yaml")
            || path.ends_with(".yml")
            || path.ends_with("x.env")
            || self.is_dir(path)
    }

    fn is_dir(&self, path: &str) -> bool {
        matches!(path, "/" | "/root" | "/root/app")
    }
}

/// What stands before a line's colon.
fn name(line: &str) -> &str {
    line.split_once(':').map_or("", |(name, _)| name)
}

/// A file is loaded or refused, and what is loaded and printed is loaded as the same.
pub(crate) fn compose(input: &[u8]) -> Result<(), String> {
    let options = LoadOptions {
        current_dir: "/root/app".into(),
        files: vec!["compose.yaml".into()],
        environment: SortedMap::from([("TAG".into(), "1".into())]),
        ..LoadOptions::default()
    };
    let _ = compose::assist::diagnose(&String::from_utf8_lossy(input));
    let _ = compose::load_tree(&options, &Disk(input.to_vec()));
    let Ok(project) = compose::load(&options, &Disk(input.to_vec())).project else {
        return Ok(());
    };
    let printed = compose::config::yaml(&project, true);
    let _ = compose::config::json(&project, true);
    match compose::load(&options, &Disk(printed.clone().into_bytes())).project {
        Ok(again) if compose::config::yaml(&again, true) == printed => Ok(()),
        // As in real Compose: the dollar in a name is printed as two, and names are not interpolated.
        Ok(_) if printed.lines().any(|line| name(line).contains("$$")) => Ok(()),
        Ok(again) => Err(format!(
            "printed and loaded again, it is another:\n{printed}\n{}",
            compose::config::yaml(&again, true)
        )),
        // As there: a size below nothing, such as `memswap_limit: -1`, is printed as a text, which is no size.
        Err(error) if error.text.contains("invalid size: '-") => Ok(()),
        // As there, too: a dependency that may be missing is printed though its service, of another profile, is not, and a
        // file may depend on no service that is not in it.
        Err(error)
            if error.text.contains("depends on undefined service")
                && printed.contains("required: false") =>
        {
            Ok(())
        }
        Err(error) => Err(format!(
            "what was printed is refused: {}\n{printed}",
            error.text
        )),
    }
}
