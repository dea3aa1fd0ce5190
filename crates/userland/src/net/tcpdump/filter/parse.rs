//! Reading capture filters. The grammar is that of libpcap: `and` and `or` bind equally and from the left, `not` binds
//! tighter, and a name alone after `and` or `or` takes over what was asked of the one before it.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::{IpNet, Ipv4Net};
use wire::frame::ethertype;
use wire::{MacAddr, Proto};

use super::lex::{Token, tokens};
use super::words::{constant, is_keyword, protocol};
use super::{Filter, Header, Names, Op, Scope, Side, Test, Wrong};

/// How deep parentheses may lie within each other.
const DEPTH: usize = 100;

/// Reads a filter.
///
/// # Errors
/// [`Wrong::Unasked`] for a host that `names` does not know yet: ask for it and parse again.
pub(in super::super) fn parse(text: &str, names: &dyn Names) -> Result<Filter, Wrong> {
    let tokens = tokens(text).ok_or_else(Wrong::syntax)?;
    let mut parser = Parser {
        tokens: &tokens,
        at: 0,
        names,
        ops: Vec::new(),
        depth: 0,
    };
    if !tokens.is_empty() {
        parser.expression(None)?;
    }
    if parser.at < tokens.len() {
        return Err(Wrong::syntax());
    }
    Ok(Filter(parser.ops))
}

/// What is asked of a name: by which protocol, on which side, as what.
#[derive(Clone, Copy, Default)]
struct Qualifiers<'a> {
    protocol: Option<&'a str>,
    side: Option<Side>,
    kind: Option<&'a str>,
}

struct Parser<'a> {
    tokens: &'a [Token],
    at: usize,
    names: &'a dyn Names,
    ops: Vec<Op>,
    depth: usize,
}

/// Signs between numbers, weakest first. `&` and `|` bind equally.
const LEVELS: [&[&str]; 4] = [
    &["|", "&", "^"],
    &["<<", ">>"],
    &["+", "-"],
    &["*", "/", "%"],
];
const RELATIONS: [&str; 7] = ["<=", ">=", "==", "!=", "<", ">", "="];

impl<'a> Parser<'a> {
    fn word(&self) -> Option<&'a str> {
        match self.tokens.get(self.at) {
            Some(Token::Word(word)) => Some(word),
            _ => None,
        }
    }

    fn word_after(&self) -> Option<&'a str> {
        match self.tokens.get(self.at + 1) {
            Some(Token::Word(word)) => Some(word),
            _ => None,
        }
    }

    fn take_word(&mut self, wanted: &[&str]) -> Option<&'a str> {
        let word = self.word().filter(|word| wanted.contains(word))?;
        self.at += 1;
        Some(word)
    }

    fn take_sign(&mut self, wanted: &[&str]) -> Option<&'static str> {
        match self.tokens.get(self.at) {
            Some(Token::Sign(sign)) if wanted.contains(sign) => {
                self.at += 1;
                Some(sign)
            }
            _ => None,
        }
    }

    fn wants_sign(&mut self, sign: &str) -> Result<(), Wrong> {
        self.take_sign(&[sign])
            .map(|_| ())
            .ok_or_else(Wrong::syntax)
    }

    fn deeper(&mut self) -> Result<(), Wrong> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(Wrong::said("expression is too complex"));
        }
        Ok(())
    }

    fn test(&mut self, test: Test) {
        self.ops.push(Op::Test(test));
    }

    /// Terms joined by `and` and `or`. `before` is what was asked of a name left of it, for lists in parentheses.
    fn expression(&mut self, before: Option<Qualifiers<'a>>) -> Result<(), Wrong> {
        let mut qualifiers = self.term(before)?.or(before);
        loop {
            let op = if self.take_word(&["and"]).is_some() || self.take_sign(&["&&"]).is_some() {
                Op::And
            } else if self.take_word(&["or"]).is_some() || self.take_sign(&["||"]).is_some() {
                Op::Or
            } else {
                return Ok(());
            };
            qualifiers = self.term(qualifiers)?.or(qualifiers);
            self.ops.push(op);
        }
    }

    /// One term; gives what it asked of a name.
    fn term(&mut self, before: Option<Qualifiers<'a>>) -> Result<Option<Qualifiers<'a>>, Wrong> {
        if self.take_word(&["not"]).is_some() || self.take_sign(&["!"]).is_some() {
            self.deeper()?;
            let qualifiers = self.term(before)?;
            self.depth -= 1;
            self.ops.push(Op::Not);
            return Ok(qualifiers);
        }
        if self.relation()? {
            return Ok(None);
        }
        if self.take_sign(&["("]).is_some() {
            self.deeper()?;
            self.expression(before)?;
            self.depth -= 1;
            self.wants_sign(")")?;
            return Ok(before);
        }
        self.primitive(before)
    }

    /// A comparison of numbers, if there is one here.
    fn relation(&mut self) -> Result<bool, Wrong> {
        let (at, ops, depth) = (self.at, self.ops.len(), self.depth);
        let begins = match self.tokens.get(self.at) {
            Some(Token::Sign("(" | "-")) => true,
            Some(Token::Word(word)) => {
                number(word).is_some()
                    || constant(word).is_some()
                    || word == "len"
                    || self.tokens.get(self.at + 1) == Some(&Token::Sign("["))
            }
            _ => false,
        };
        if begins {
            match self.numbers(0) {
                Ok(()) => {
                    if let Some(sign) = self.take_sign(&RELATIONS) {
                        self.numbers(0)?;
                        self.ops.push(Op::Compare(sign));
                        return Ok(true);
                    }
                }
                // Another reading would not know better what is wrong.
                Err(wrong) if wrong != Wrong::syntax() => return Err(wrong),
                Err(_) => {}
            }
        }
        (self.at, self.depth) = (at, depth);
        self.ops.truncate(ops);
        Ok(false)
    }

    /// Numbers joined by the signs of a level or of stronger ones.
    fn numbers(&mut self, level: usize) -> Result<(), Wrong> {
        let Some(signs) = LEVELS.get(level) else {
            return self.number();
        };
        self.numbers(level + 1)?;
        while let Some(sign) = self.take_sign(signs) {
            self.numbers(level + 1)?;
            self.ops.push(Op::Join(sign));
        }
        Ok(())
    }

    fn number(&mut self) -> Result<(), Wrong> {
        self.deeper()?;
        if self.take_sign(&["-"]).is_some() {
            self.number()?;
            self.ops.push(Op::Negate);
        } else if self.take_sign(&["("]).is_some() {
            self.numbers(0)?;
            self.wants_sign(")")?;
        } else {
            let word = self.word().ok_or_else(Wrong::syntax)?;
            self.at += 1;
            if self.take_sign(&["["]).is_some() {
                self.load(word)?;
            } else if word == "len" {
                self.ops.push(Op::Len);
            } else {
                let number = number(word).or_else(|| constant(word));
                self.ops.push(Op::Number(number.ok_or_else(Wrong::syntax)?));
            }
        }
        self.depth -= 1;
        Ok(())
    }

    /// The rest of `protocol[offset:size]`.
    fn load(&mut self, word: &str) -> Result<(), Wrong> {
        let header = match word {
            "ether" | "link" => Some(Header::Ether),
            _ => protocol(word).and_then(|known| known.header),
        };
        let header = header.ok_or_else(Wrong::syntax)?;
        self.numbers(0)?;
        let size = if self.take_sign(&[":"]).is_some() {
            let size = self.word().and_then(number);
            self.at += 1;
            size.ok_or_else(Wrong::syntax)?
        } else {
            1
        };
        self.wants_sign("]")?;
        match u8::try_from(size) {
            Ok(size @ (1 | 2 | 4)) => {
                self.ops.push(Op::Load { header, size });
                Ok(())
            }
            _ => Err(Wrong::said("data size must be 1, 2, or 4")),
        }
    }

    fn primitive(
        &mut self,
        before: Option<Qualifiers<'a>>,
    ) -> Result<Option<Qualifiers<'a>>, Wrong> {
        if let Some(word) = self.take_word(&["less", "greater"]) {
            let limit = self.plain_number()?;
            let sign = if word == "less" { "<=" } else { ">=" };
            self.ops
                .extend([Op::Len, Op::Number(limit), Op::Compare(sign)]);
            return Ok(None);
        }
        if let Some(word) = self.take_word(&["broadcast", "multicast", "inbound", "outbound"]) {
            match word {
                "broadcast" => self.test(Test::Broadcast),
                "multicast" => self.test(Test::Multicast),
                word => {
                    self.test(Test::Outbound);
                    if word == "inbound" {
                        self.ops.push(Op::Not);
                    }
                }
            }
            return Ok(None);
        }
        if self.take_word(&["vlan"]).is_some() {
            let id = self.word().and_then(number);
            self.at += usize::from(id.is_some());
            self.test(Test::Vlan(id.and_then(|id| u16::try_from(id).ok())));
            return Ok(None);
        }
        let qualifiers = self.qualifiers();
        if qualifiers.protocol.is_none() && qualifiers.side.is_none() && qualifiers.kind.is_none() {
            // A name alone: what was asked of the last one is asked of it, too.
            let before = before.ok_or_else(Wrong::syntax)?;
            self.name(before)?;
            return Ok(Some(before));
        }
        if let (Some(name), None, None) = (qualifiers.protocol, qualifiers.side, qualifiers.kind) {
            let group = match (name, self.word()) {
                ("ip", Some("broadcast")) | ("ether", Some("broadcast")) => Some(Test::Broadcast),
                ("ether", Some("multicast")) => Some(Test::Multicast),
                ("ip" | "ip6", Some("multicast")) => Some(Test::IpMulticast { v6: name == "ip6" }),
                _ => None,
            };
            if let Some(group) = group {
                self.at += 1;
                self.test(group);
                return Ok(None);
            }
            let known = protocol(name).ok_or_else(Wrong::syntax)?;
            self.test(known.test.clone());
            return Ok(None);
        }
        if self.take_sign(&["("]).is_some() {
            self.deeper()?;
            self.expression(Some(qualifiers))?;
            self.depth -= 1;
            self.wants_sign(")")?;
        } else {
            self.name(qualifiers)?;
        }
        Ok(Some(qualifiers))
    }

    fn qualifiers(&mut self) -> Qualifiers<'a> {
        let protocol = self
            .word()
            .filter(|word| protocol(word).is_some() || matches!(*word, "ether" | "link"));
        self.at += usize::from(protocol.is_some());
        let side = match self.take_word(&["src", "dst"]) {
            None => None,
            Some(first) => {
                let joint = self.word().filter(|word| matches!(*word, "or" | "and"));
                let second = self.word_after();
                match (first, joint, second) {
                    ("src", Some(joint), Some("dst")) | ("dst", Some(joint), Some("src")) => {
                        self.at += 2;
                        Some(if joint == "or" {
                            Side::Either
                        } else {
                            Side::Both
                        })
                    }
                    ("src", ..) => Some(Side::Src),
                    _ => Some(Side::Dst),
                }
            }
        };
        let kind = self.take_word(&["host", "net", "port", "portrange", "proto"]);
        Qualifiers {
            protocol,
            side,
            kind,
        }
    }

    fn plain_number(&mut self) -> Result<u32, Wrong> {
        let number = self.word().and_then(number).ok_or_else(Wrong::syntax)?;
        self.at += 1;
        Ok(number)
    }

    /// The name, number or address of which something is asked.
    fn name(&mut self, asked: Qualifiers<'a>) -> Result<(), Wrong> {
        let word = match self.tokens.get(self.at) {
            Some(Token::Word(word)) if !is_keyword(word) => word.as_str(),
            Some(Token::Escaped(word)) => word.as_str(),
            _ => return Err(Wrong::syntax()),
        };
        self.at += 1;
        let side = asked.side.unwrap_or(Side::Either);
        let test = match asked.kind.unwrap_or("host") {
            "port" => {
                let port = self.port(word)?;
                self.port_test(asked, side, port, port)?
            }
            "portrange" => {
                let (first, last) = word.split_once('-').unwrap_or((word, word));
                let (first, last) = (self.port(first)?, self.port(last)?);
                self.port_test(asked, side, first.min(last), first.max(last))?
            }
            "proto" => proto_test(asked.protocol, word)?,
            kind => {
                if matches!(asked.protocol, Some("ether" | "link")) {
                    let mac = word.parse::<MacAddr>().ok();
                    let mac =
                        mac.ok_or_else(|| Wrong::said(format!("unknown ether host '{word}'")))?;
                    Test::Mac { side, mac }
                } else {
                    self.net_test(asked, side, word, kind == "net")?
                }
            }
        };
        self.test(test);
        Ok(())
    }

    fn port(&self, word: &str) -> Result<u16, Wrong> {
        match number(word) {
            Some(port) => u16::try_from(port).ok().ok_or_else(|| {
                Wrong::said(format!("port number {port} greater than maximum 65535"))
            }),
            None => self
                .names
                .port(word)
                .ok_or_else(|| Wrong::said(format!("unknown port '{word}'"))),
        }
    }

    fn port_test(
        &self,
        asked: Qualifiers<'_>,
        side: Side,
        first: u16,
        last: u16,
    ) -> Result<Test, Wrong> {
        let proto = match asked.protocol {
            None => None,
            Some("tcp") => Some(Proto::TCP),
            Some("udp") => Some(Proto::UDP),
            Some("sctp") => Some(Proto(132)),
            Some(_) => return Err(Wrong::said("illegal qualifier of 'port'")),
        };
        Ok(Test::Port {
            proto,
            side,
            first,
            last,
        })
    }

    fn net_test(
        &mut self,
        asked: Qualifiers<'_>,
        side: Side,
        word: &str,
        is_net: bool,
    ) -> Result<Test, Wrong> {
        let scope = match asked.protocol {
            None => Scope::Any,
            Some("ip") => Scope::Ip,
            Some("ip6") => Scope::Ip6,
            Some("arp") => Scope::Arp,
            Some(other) => {
                let kind = if is_net { "net" } else { "host" };
                return Err(Wrong::said(format!("'{other}' modifier applied to {kind}")));
            }
        };
        let nets = if let Some((address, octets)) = v4_prefix(word) {
            let len = self.mask(address, 8 * octets)?;
            vec![net(address.into(), len)?]
        } else if let Ok(address) = word.parse::<IpAddr>() {
            let len = if self.take_sign(&["/"]).is_some() {
                u8::try_from(self.plain_number()?).unwrap_or(u8::MAX)
            } else {
                128
            };
            vec![net(address, len)?]
        } else if word.contains('.') && word.bytes().all(|b| b == b'.' || b.is_ascii_digit()) {
            return Err(Wrong::said(format!("invalid IPv4 address '{word}'")));
        } else if is_net {
            return Err(Wrong::said(format!("unknown network '{word}'")));
        } else {
            let found = self
                .names
                .host(word)
                .ok_or_else(|| Wrong::Unasked(word.to_owned()))?;
            if found.is_empty() {
                return Err(Wrong::said(format!("unknown host '{word}'")));
            }
            found.into_iter().map(IpNet::from).collect()
        };
        Ok(Test::Net { scope, side, nets })
    }

    /// The prefix length after an IPv4 network: `/24`, `mask 255.255.255.0`, or by how many numbers were given.
    fn mask(&mut self, address: Ipv4Addr, by_numbers: u8) -> Result<u8, Wrong> {
        let len = if self.take_sign(&["/"]).is_some() {
            let len = self.plain_number()?;
            u8::try_from(len)
                .ok()
                .filter(|len| *len <= 32)
                .ok_or_else(|| Wrong::said("mask length must be <= 32"))?
        } else if self.take_word(&["mask"]).is_some() {
            let mask = self.word().and_then(|word| word.parse::<Ipv4Addr>().ok());
            self.at += 1;
            let mask = mask.ok_or_else(Wrong::syntax)?;
            Ipv4Net::with_netmask(address, mask)
                .ok()
                .ok_or_else(Wrong::syntax)?
                .prefix_len()
        } else {
            by_numbers
        };
        if Ipv4Net::new(address, len).is_ok_and(|net| net.network() != address) {
            return Err(Wrong::said(format!(
                "non-network bits set in \"{address}/{len}\""
            )));
        }
        Ok(len)
    }
}

fn net(address: IpAddr, len: u8) -> Result<IpNet, Wrong> {
    IpNet::new(address, len)
        .ok()
        .ok_or_else(|| Wrong::said("mask length must be <= 128"))
}

/// An IPv4 address whose last numbers may be left out, and how many were given.
fn v4_prefix(word: &str) -> Option<(Ipv4Addr, u8)> {
    let mut octets = [0; 4];
    let mut given = 0u8;
    for part in word.split('.') {
        *octets.get_mut(usize::from(given))? = part.parse().ok()?;
        given += 1;
    }
    Some((octets.into(), given))
}

/// A number: decimal, `0x1f`, or octal after a zero.
fn number(word: &str) -> Option<u32> {
    if let Some(hex) = word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")) {
        return u32::from_str_radix(hex, 16).ok();
    }
    if word.len() > 1 && word.starts_with('0') {
        return u32::from_str_radix(word, 8).ok();
    }
    word.parse().ok()
}

/// `ip proto X`, `ether proto X`, `proto X`.
fn proto_test(of: Option<&str>, word: &str) -> Result<Test, Wrong> {
    let unknown = |what: &str| Wrong::said(format!("unknown {what} '{word}'"));
    if matches!(of, Some("ether" | "link")) {
        let by_name = protocol(word).and_then(|known| match known.test {
            Test::EtherType(number) => Some(number),
            _ => None,
        });
        let by_number = number(word).and_then(|number| u16::try_from(number).ok());
        return by_number
            .or(by_name)
            .or_else(|| (word == "vlan").then_some(ethertype::VLAN))
            .map(Test::EtherType)
            .ok_or_else(|| unknown("ether proto"));
    }
    let v6 = match of {
        None => None,
        Some("ip") => Some(false),
        Some("ip6") => Some(true),
        Some(_) => return Err(Wrong::said("illegal qualifier of 'proto'")),
    };
    let by_name = protocol(word).and_then(|known| match known.test {
        Test::IpProto { proto, .. } => Some(proto),
        _ => None,
    });
    let by_number = number(word).and_then(|number| u8::try_from(number).ok().map(Proto));
    by_number
        .or(by_name)
        .map(|proto| Test::IpProto { v6, proto })
        .ok_or_else(|| unknown("protocol"))
}
