//! Testing frames.

use std::cell::OnceCell;
use std::net::IpAddr;

use bytes::Bytes;
use wire::frame::ethertype;
use wire::{Frame, IpPacket, Payload, Proto};

use super::{Filter, Header, Op, Scope, Side, Test};

/// A frame to test.
pub(in super::super) struct Subject<'a> {
    frame: &'a Frame,
    outbound: bool,
    bytes: OnceCell<Bytes>,
}

/// A value on the stack. `None` is a number that the frame does not have.
#[derive(Clone, Copy)]
enum Value {
    Truth(bool),
    Number(Option<u32>),
}

impl<'a> Subject<'a> {
    /// A frame, and whether the device was sending it.
    pub(in super::super) const fn new(frame: &'a Frame, outbound: bool) -> Self {
        Self {
            frame,
            outbound,
            bytes: OnceCell::new(),
        }
    }

    /// The frame as it would be without a tag.
    fn bytes(&self) -> &Bytes {
        self.bytes.get_or_init(|| {
            let mut frame = self.frame.clone();
            frame.vlan = None;
            frame.emit()
        })
    }

    fn holds(&self, test: &Test) -> bool {
        let ip = self.frame.as_ip();
        match test {
            Test::EtherType(number) => self.frame.ethertype() == *number,
            Test::IpProto { v6, proto } => ip.is_some_and(|packet| {
                v6.is_none_or(|v6| v6 == packet.is_v6()) && packet.protocol() == *proto
            }),
            Test::Net { scope, side, nets } => self.addresses(*scope).is_some_and(|pair| {
                side.holds(pair, |address| {
                    nets.iter().any(|net| net.contains(&address))
                })
            }),
            Test::Port {
                proto,
                side,
                first,
                last,
            } => ip.is_some_and(|packet| {
                proto.is_none_or(|proto| proto == packet.protocol())
                    && packet.transport.ports().is_some_and(|pair| {
                        side.holds(pair, |port| (*first..=*last).contains(&port))
                    })
            }),
            Test::Mac { side, mac } => {
                side.holds((self.frame.src, self.frame.dst), |given| given == *mac)
            }
            Test::Broadcast => self.frame.dst.is_broadcast(),
            Test::Multicast => self.frame.dst.is_multicast(),
            Test::IpMulticast { v6 } => {
                ip.is_some_and(|packet| packet.is_v6() == *v6 && packet.dst.is_multicast())
            }
            Test::Vlan(id) => self
                .frame
                .vlan
                .is_some_and(|tag| id.is_none_or(|id| id == tag.id)),
            Test::Outbound => self.outbound,
        }
    }

    /// Source and destination, if the frame carries what the scope looks at.
    fn addresses(&self, scope: Scope) -> Option<(IpAddr, IpAddr)> {
        match &self.frame.payload {
            Payload::Arp(arp) if matches!(scope, Scope::Any | Scope::Arp) => {
                Some((arp.sender_ip.into(), arp.target_ip.into()))
            }
            Payload::Ip(packet) => {
                let looked_at = match scope {
                    Scope::Any => true,
                    Scope::Ip => !packet.is_v6(),
                    Scope::Ip6 => packet.is_v6(),
                    Scope::Arp => false,
                };
                looked_at.then_some((packet.src, packet.dst))
            }
            Payload::Arp(_) | Payload::Other { .. } => None,
        }
    }

    /// Up to four bytes of a header, as a number.
    fn load(&self, header: Header, offset: u32, size: u8) -> Option<u32> {
        let carries = |number| self.frame.ethertype() == number;
        // Only the first fragment begins with the protocol's header.
        let over = |v6: bool, proto: Proto| {
            self.frame
                .as_ip()
                .filter(|ip| ip.is_v6() == v6 && ip.protocol() == proto && ip.fragment_offset == 0)
                .map(IpPacket::header_len)
        };
        let start = match header {
            Header::Ether => 0,
            Header::Arp if carries(ethertype::ARP) => Frame::HEADER_LEN,
            Header::Ip if carries(ethertype::IPV4) => Frame::HEADER_LEN,
            Header::Ip6 if carries(ethertype::IPV6) => Frame::HEADER_LEN,
            Header::Arp | Header::Ip | Header::Ip6 => return None,
            Header::Over(proto) => Frame::HEADER_LEN + over(false, proto)?,
            Header::Icmp6 => Frame::HEADER_LEN + over(true, Proto::ICMPV6)?,
        };
        let from = start.checked_add(usize::try_from(offset).ok()?)?;
        let to = from.checked_add(usize::from(size))?;
        let bytes = self.bytes().get(from..to)?;
        Some(
            bytes
                .iter()
                .fold(0, |number, byte| number << 8 | u32::from(*byte)),
        )
    }
}

impl Side {
    fn holds<T: Copy>(self, (src, dst): (T, T), test: impl Fn(T) -> bool) -> bool {
        match self {
            Self::Src => test(src),
            Self::Dst => test(dst),
            Self::Either => test(src) || test(dst),
            Self::Both => test(src) && test(dst),
        }
    }
}

impl Filter {
    /// Whether the filter lets a frame through. One without operations lets everything through.
    pub(in super::super) fn matches(&self, subject: &Subject<'_>) -> bool {
        let mut stack: Vec<Value> = Vec::new();
        for op in &self.0 {
            let value = match op {
                Op::Test(test) => Value::Truth(subject.holds(test)),
                Op::Not => Value::Truth(!truth(&mut stack)),
                Op::And | Op::Or => {
                    let (b, a) = (truth(&mut stack), truth(&mut stack));
                    Value::Truth(if *op == Op::And { a && b } else { a || b })
                }
                Op::Number(number) => Value::Number(Some(*number)),
                Op::Len => {
                    let len = Frame::HEADER_LEN + subject.frame.payload.len();
                    Value::Number(u32::try_from(len).ok())
                }
                Op::Load { header, size } => Value::Number(
                    number(&mut stack).and_then(|offset| subject.load(*header, offset, *size)),
                ),
                Op::Negate => Value::Number(number(&mut stack).map(u32::wrapping_neg)),
                Op::Join(sign) => {
                    let (b, a) = (number(&mut stack), number(&mut stack));
                    Value::Number(a.zip(b).and_then(|(a, b)| join(sign, a, b)))
                }
                Op::Compare(sign) => {
                    let (b, a) = (number(&mut stack), number(&mut stack));
                    Value::Truth(a.zip(b).is_some_and(|(a, b)| compare(sign, a, b)))
                }
            };
            stack.push(value);
        }
        !matches!(stack.pop(), Some(Value::Truth(false)))
    }
}

fn truth(stack: &mut Vec<Value>) -> bool {
    matches!(stack.pop(), Some(Value::Truth(true)))
}

fn number(stack: &mut Vec<Value>) -> Option<u32> {
    match stack.pop() {
        Some(Value::Number(number)) => number,
        Some(Value::Truth(_)) | None => None,
    }
}

fn join(sign: &str, a: u32, b: u32) -> Option<u32> {
    Some(match sign {
        "+" => a.wrapping_add(b),
        "-" => a.wrapping_sub(b),
        "*" => a.wrapping_mul(b),
        "/" => a.checked_div(b)?,
        "%" => a.checked_rem(b)?,
        "&" => a & b,
        "|" => a | b,
        "^" => a ^ b,
        "<<" => a.checked_shl(b).unwrap_or(0),
        _ => a.checked_shr(b).unwrap_or(0),
    })
}

fn compare(sign: &str, a: u32, b: u32) -> bool {
    match sign {
        "<" => a < b,
        ">" => a > b,
        "<=" => a <= b,
        ">=" => a >= b,
        "!=" => a != b,
        _ => a == b,
    }
}
