use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use thiserror::Error;

/// A hardware address (EUI-48).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct MacAddr(pub [u8; 6]);

impl MacAddr {
    /// The address of everyone on a link.
    pub const BROADCAST: Self = Self([0xff; 6]);
    /// The address of nobody: what ARP writes where it asks.
    pub const ZERO: Self = Self([0; 6]);

    /// Whether this is the address of everyone.
    #[must_use]
    pub fn is_broadcast(self) -> bool {
        self == Self::BROADCAST
    }

    /// Whether this is a group address; the broadcast address is one too.
    #[must_use]
    pub const fn is_multicast(self) -> bool {
        self.0[0] & 1 != 0
    }

    /// The group address that carries an IP multicast address. Sources: RFC 1112 section 6.4, RFC 2464 section 7.
    #[must_use]
    pub const fn multicast_for(ip: IpAddr) -> Self {
        match ip {
            IpAddr::V4(ip) => {
                let [_, b, c, d] = ip.octets();
                Self([0x01, 0x00, 0x5e, b & 0x7f, c, d])
            }
            IpAddr::V6(ip) => {
                let [.., a, b, c, d] = ip.octets();
                Self([0x33, 0x33, a, b, c, d])
            }
        }
    }
}

impl fmt::Display for MacAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

impl fmt::Debug for MacAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is not six pairs of hexadecimal digits with colons or hyphens between them, nor three fours with dots.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("invalid MAC address")]
pub struct ParseMacError;

impl FromStr for MacAddr {
    type Err = ParseMacError;

    fn from_str(text: &str) -> Result<Self, ParseMacError> {
        // In pairs of digits, or as network equipment writes it in fours with dots between.
        let (separator, length) = match text {
            _ if text.contains('.') => ('.', 4),
            _ if text.contains('-') => ('-', 2),
            _ => (':', 2),
        };
        let mut octets = [0; 6];
        let mut rest = octets.as_mut_slice();
        for part in text.split(separator) {
            if part.len() != length || !part.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return Err(ParseMacError);
            }
            let number = u16::from_str_radix(part, 16).or(Err(ParseMacError))?;
            let (these, others) = rest.split_at_mut_checked(length / 2).ok_or(ParseMacError)?;
            match (these, number.to_be_bytes()) {
                ([one], [_, low]) => *one = low,
                (both, bytes) => both.copy_from_slice(&bytes),
            }
            rest = others;
        }
        match rest.is_empty() {
            true => Ok(Self(octets)),
            false => Err(ParseMacError),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_goes_both_ways_and_rejects_what_is_not_an_address() {
        let mac: MacAddr = "02:42:AC-11".parse().unwrap_or(MacAddr::ZERO);
        assert_eq!(mac, MacAddr::ZERO);
        let mac: MacAddr = "02:42:AC:11:00:02".parse().unwrap();
        assert_eq!(mac.to_string(), "02:42:ac:11:00:02");
        let dotted: MacAddr = "0242.AC11.0002".parse().unwrap();
        assert_eq!(dotted, mac);
        for bad in [
            "",
            "0242.ac11",
            "0242.ac11.0002.0003",
            "02.42.ac.11.00.02",
            "02:42:ac:11:00",
            "02:42:ac:11:00:02:03",
            "2:42:ac:11:0:2",
            "+2:42:ac:11:00:02",
            "0g:42:ac:11:00:02",
        ] {
            assert!(bad.parse::<MacAddr>().is_err(), "{bad}");
        }
    }

    #[test]
    fn multicast_addresses_map_as_the_rfcs_say() {
        assert_eq!(
            MacAddr::multicast_for("239.255.1.2".parse().unwrap()).to_string(),
            "01:00:5e:7f:01:02"
        );
        assert_eq!(
            MacAddr::multicast_for("ff02::1:ff00:2".parse().unwrap()).to_string(),
            "33:33:ff:00:00:02"
        );
        assert!(MacAddr::BROADCAST.is_multicast());
    }
}
