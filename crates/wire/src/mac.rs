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

/// The text is not six pairs of hexadecimal digits with colons or hyphens between them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("invalid MAC address")]
pub struct ParseMacError;

impl FromStr for MacAddr {
    type Err = ParseMacError;

    fn from_str(text: &str) -> Result<Self, ParseMacError> {
        let separator = if text.contains('-') { '-' } else { ':' };
        let mut octets = [0; 6];
        let mut parts = text.split(separator);
        for octet in &mut octets {
            let part = parts.next().ok_or(ParseMacError)?;
            if part.len() != 2 || !part.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return Err(ParseMacError);
            }
            *octet = u8::from_str_radix(part, 16).or(Err(ParseMacError))?;
        }
        if parts.next().is_some() {
            Err(ParseMacError)
        } else {
            Ok(Self(octets))
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
        for bad in [
            "",
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
