use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use crate::ParseError;

/// A fully qualified domain name. Keeps the case it was written in, and compares without it.
#[derive(Clone, Debug, Default)]
pub struct Name {
    /// Length-prefixed labels without the final zero byte: the root is empty.
    wire: Box<[u8]>,
}

impl Name {
    /// Most bytes of a name on the wire, its final zero included.
    pub const MAX_LEN: usize = 255;
    /// Most bytes of one label.
    pub const MAX_LABEL_LEN: usize = 63;

    /// The root of all names.
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    /// A name from its labels, the leftmost first. Errors: `Name` if a label is empty or too long, or the whole is.
    pub fn from_labels<'a>(labels: impl IntoIterator<Item = &'a [u8]>) -> Result<Self, ParseError> {
        let mut wire = Vec::new();
        for label in labels {
            let len = u8::try_from(label.len()).or(Err(ParseError::Name))?;
            if label.is_empty() || label.len() > Self::MAX_LABEL_LEN {
                return Err(ParseError::Name);
            }
            wire.push(len);
            wire.extend_from_slice(label);
        }
        // One more byte ends the name on the wire.
        if wire.len() >= Self::MAX_LEN {
            return Err(ParseError::Name);
        }
        Ok(Self {
            wire: wire.into_boxed_slice(),
        })
    }

    /// The labels, the leftmost first.
    pub fn labels(&self) -> impl Iterator<Item = &[u8]> {
        let mut rest: &[u8] = &self.wire;
        std::iter::from_fn(move || {
            let (&len, behind) = rest.split_first()?;
            let (label, next) = behind.split_at_checked(usize::from(len))?;
            rest = next;
            Some(label)
        })
    }

    /// Length-prefixed labels without the final zero byte.
    pub(super) fn as_wire(&self) -> &[u8] {
        &self.wire
    }

    /// The leftmost label (empty for the root), and the name without it.
    pub(super) fn split_first(&self) -> (&[u8], Self) {
        let label = self.labels().next().unwrap_or_default();
        let behind = self.wire.get(1 + label.len()..).unwrap_or_default();
        (
            label,
            Self {
                wire: behind.into(),
            },
        )
    }

    /// Bytes on the wire without compression, the final zero included.
    #[must_use]
    pub fn wire_len(&self) -> usize {
        self.wire.len() + 1
    }

    /// Whether this is the root.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.wire.is_empty()
    }

    /// Whether it ends in `zone`, or is it.
    #[must_use]
    pub fn is_within(&self, zone: &Self) -> bool {
        let skip = self.labels().count().checked_sub(zone.labels().count());
        skip.is_some_and(|skip| {
            self.labels()
                .skip(skip)
                .zip(zone.labels())
                .all(|(a, b)| a.eq_ignore_ascii_case(b))
        })
    }

    /// The name under which an address's name is found: `2.0.18.172.in-addr.arpa`, or 32 digits under `ip6.arpa`.
    #[must_use]
    pub fn reverse(ip: IpAddr) -> Self {
        use fmt::Write as _;
        let mut text = String::new();
        let written = match ip {
            IpAddr::V4(ip) => {
                let [a, b, c, d] = ip.octets();
                write!(text, "{d}.{c}.{b}.{a}.in-addr.arpa")
            }
            IpAddr::V6(ip) => {
                let mut digits = ip.octets().into_iter().rev();
                digits
                    .try_for_each(|octet| write!(text, "{:x}.{:x}.", octet & 15, octet >> 4))
                    .and_then(|()| text.write_str("ip6.arpa"))
            }
        };
        debug_assert!(written.is_ok());
        text.parse().unwrap_or_default()
    }

    /// The address whose name is found under this one, if it is a complete reverse name.
    #[must_use]
    pub fn reverse_address(&self) -> Option<IpAddr> {
        let labels: Vec<&str> = self
            .labels()
            .map(std::str::from_utf8)
            .collect::<Result<_, _>>()
            .ok()?;
        let (digits, zone) = labels.split_at_checked(labels.len().checked_sub(2)?)?;
        let is_zone = |first: &str| matches!(zone, [a, b] if a.eq_ignore_ascii_case(first) && b.eq_ignore_ascii_case("arpa"));
        if is_zone("in-addr") {
            let [d, c, b, a] = digits else { return None };
            let octet = |text: &str| {
                text.parse::<u8>()
                    .ok()
                    .filter(|number| number.to_string() == text)
            };
            Some(Ipv4Addr::new(octet(a)?, octet(b)?, octet(c)?, octet(d)?).into())
        } else if is_zone("ip6") && digits.len() == 32 {
            let mut bits = 0u128;
            for digit in digits.iter().rev() {
                let mut chars = digit.chars();
                let value = chars.next()?.to_digit(16)?;
                if chars.next().is_some() {
                    return None;
                }
                bits = bits << 4 | u128::from(value);
            }
            Some(Ipv6Addr::from_bits(bits).into())
        } else {
            None
        }
    }
}

/// Reads a name with or without its final dot; `\.` and `\DDD` escape. Errors: `Name`.
impl FromStr for Name {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        if text == "." || text.is_empty() {
            return Ok(Self::root());
        }
        let mut labels: Vec<Vec<u8>> = Vec::new();
        let mut label = Vec::new();
        let mut bytes = text.bytes();
        let mut ended_with_dot = false;
        while let Some(byte) = bytes.next() {
            ended_with_dot = byte == b'.';
            match byte {
                b'.' => labels.push(std::mem::take(&mut label)),
                b'\\' => label.push(unescape(&mut bytes)?),
                other => label.push(other),
            }
        }
        if !ended_with_dot {
            labels.push(label);
        }
        Self::from_labels(labels.iter().map(Vec::as_slice))
    }
}

/// What follows a backslash: three decimal digits, or a character that stands for itself.
fn unescape(bytes: &mut impl Iterator<Item = u8>) -> Result<u8, ParseError> {
    let first = bytes.next().ok_or(ParseError::Name)?;
    if !first.is_ascii_digit() {
        return Ok(first);
    }
    let mut value = u32::from(first - b'0');
    for _ in 0..2 {
        let digit = bytes
            .next()
            .filter(u8::is_ascii_digit)
            .ok_or(ParseError::Name)?;
        value = value * 10 + u32::from(digit - b'0');
    }
    u8::try_from(value).or(Err(ParseError::Name))
}

/// Without the final dot, except for the root, which is `.`.
impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write as _;
        if self.is_root() {
            return f.write_str(".");
        }
        for (index, label) in self.labels().enumerate() {
            if index > 0 {
                f.write_str(".")?;
            }
            for &byte in label {
                match byte {
                    b'.' | b'\\' => write!(f, "\\{}", char::from(byte))?,
                    0x21..=0x7e => f.write_char(char::from(byte))?,
                    other => write!(f, "\\{other:03}")?,
                }
            }
        }
        Ok(())
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        // Length bytes are below 64 and so have no case.
        self.wire.eq_ignore_ascii_case(&other.wire)
    }
}

impl Eq for Name {}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for byte in &self.wire {
            state.write_u8(byte.to_ascii_lowercase());
        }
        state.write_u8(0);
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// By the bytes on the wire in lower case: an order to list in, not the canonical one of DNSSEC.
impl Ord for Name {
    fn cmp(&self, other: &Self) -> Ordering {
        let lower = |name: &'_ Self| name.wire.to_ascii_lowercase();
        lower(self).cmp(&lower(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        text.parse().unwrap()
    }

    #[test]
    fn names_keep_their_case_and_compare_without_it() {
        assert_eq!(name("Web.Example."), name("web.example"));
        assert_eq!(name("Web.Example.").to_string(), "Web.Example");
        assert!(name("a.WEB.example").is_within(&name("web.example")));
        assert!(!name("aweb.example").is_within(&name("web.example")));
        assert!(name("x").is_within(&Name::root()));
    }

    #[test]
    fn limits_are_enforced() {
        let label = "a".repeat(63);
        assert!(label.parse::<Name>().is_ok());
        assert!(format!("{label}a").parse::<Name>().is_err());
        let longest = format!("{label}.{label}.{label}.{}", "a".repeat(61));
        assert_eq!(name(&longest).wire_len(), Name::MAX_LEN);
        assert!(format!("{longest}a").parse::<Name>().is_err());
        for bad in ["a..b", ".a", "..", "a\\", "a\\25", "a\\256"] {
            assert!(bad.parse::<Name>().is_err(), "{bad}");
        }
    }

    #[test]
    fn unusual_bytes_are_escaped() {
        assert_eq!(name("a\\.b\\032c.d").to_string(), "a\\.b\\032c.d");
        assert_eq!(name("a\\.b.c").labels().count(), 2);
    }

    #[test]
    fn reverse_names_go_both_ways() {
        for address in ["172.18.0.2", "::1", "fd00:dead:beef::42"] {
            let ip: IpAddr = address.parse().unwrap();
            assert_eq!(Name::reverse(ip).reverse_address(), Some(ip));
        }
        assert_eq!(
            Name::reverse("172.18.0.2".parse().unwrap()).to_string(),
            "2.0.18.172.in-addr.arpa"
        );
        for not in [
            "0.18.172.in-addr.arpa",
            "02.0.18.172.in-addr.arpa",
            "256.0.0.1.in-addr.arpa",
            "1.ip6.arpa",
            "arpa",
            "+1.0.0.1.in-addr.arpa",
        ] {
            assert_eq!(name(not).reverse_address(), None, "{not}");
        }
    }
}
