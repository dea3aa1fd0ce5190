use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use bytes::Bytes;

use super::{CLASS_IN, Name};

/// A record's type.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RecordType(pub u16);

impl RecordType {
    /// An IPv4 address.
    pub const A: Self = Self(1);
    /// The name of a zone's server.
    pub const NS: Self = Self(2);
    /// Another name for the same thing.
    pub const CNAME: Self = Self(5);
    /// The start of a zone.
    pub const SOA: Self = Self(6);
    /// The name that belongs to an address.
    pub const PTR: Self = Self(12);
    /// Who takes mail.
    pub const MX: Self = Self(15);
    /// Text.
    pub const TXT: Self = Self(16);
    /// An IPv6 address.
    pub const AAAA: Self = Self(28);
    /// Where a service is.
    pub const SRV: Self = Self(33);
    /// EDNS.
    pub const OPT: Self = Self(41);
    /// How to reach an HTTP service.
    pub const HTTPS: Self = Self(65);
    /// All types.
    pub const ANY: Self = Self(255);

    /// Source: the registry of resource record types, and those that BIND's tools read.
    const NAMES: [(Self, &'static str); 26] = [
        (Self::A, "A"),
        (Self::NS, "NS"),
        (Self::CNAME, "CNAME"),
        (Self::SOA, "SOA"),
        (Self::PTR, "PTR"),
        (Self::MX, "MX"),
        (Self::TXT, "TXT"),
        (Self::AAAA, "AAAA"),
        (Self::SRV, "SRV"),
        (Self::OPT, "OPT"),
        (Self::HTTPS, "HTTPS"),
        (Self::ANY, "ANY"),
        (Self(13), "HINFO"),
        (Self(17), "RP"),
        (Self(29), "LOC"),
        (Self(35), "NAPTR"),
        (Self(39), "DNAME"),
        (Self(43), "DS"),
        (Self(44), "SSHFP"),
        (Self(46), "RRSIG"),
        (Self(47), "NSEC"),
        (Self(48), "DNSKEY"),
        (Self(52), "TLSA"),
        (Self(64), "SVCB"),
        (Self(99), "SPF"),
        (Self(257), "CAA"),
    ];
}

/// The usual name, or `TYPE123`. Source: RFC 3597 section 5.
impl fmt::Display for RecordType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Self::NAMES.iter().find(|(rtype, _)| rtype == self) {
            Some((_, name)) => f.pad(name),
            None => write!(f, "TYPE{}", self.0),
        }
    }
}

/// Reads a type's name in any case. Errors: the name is not known.
impl FromStr for RecordType {
    type Err = crate::ParseError;

    fn from_str(text: &str) -> Result<Self, crate::ParseError> {
        let known = Self::NAMES
            .iter()
            .find(|(_, name)| name.eq_ignore_ascii_case(text))
            .map(|(rtype, _)| *rtype);
        let numbered = || {
            text.strip_prefix("TYPE")
                .and_then(|number| number.parse().ok())
                .map(Self)
        };
        known
            .or_else(numbered)
            .ok_or(crate::ParseError::Field("record type"))
    }
}

/// A resource record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Record {
    /// The name it is about.
    pub name: Name,
    /// The class: 1, the Internet, in practice.
    pub class: u16,
    /// How long it may be kept, seconds.
    pub ttl: u32,
    /// What it says.
    pub data: RecordData,
}

impl Record {
    /// A record of the Internet class.
    #[must_use]
    pub const fn new(name: Name, ttl: u32, data: RecordData) -> Self {
        Self {
            name,
            class: CLASS_IN,
            ttl,
            data,
        }
    }

    /// An A or AAAA record.
    #[must_use]
    pub const fn address(name: Name, ttl: u32, ip: IpAddr) -> Self {
        let data = match ip {
            IpAddr::V4(ip) => RecordData::A(ip),
            IpAddr::V6(ip) => RecordData::Aaaa(ip),
        };
        Self::new(name, ttl, data)
    }
}

/// What a record says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RecordData {
    /// An IPv4 address.
    A(Ipv4Addr),
    /// An IPv6 address.
    Aaaa(Ipv6Addr),
    /// The name that belongs to an address.
    Ptr(Name),
    /// The name this one stands for.
    Cname(Name),
    /// The name of a zone's server.
    Ns(Name),
    /// Who takes mail.
    Mx {
        /// Lower is tried first.
        preference: u16,
        /// The server.
        exchange: Name,
    },
    /// Texts of at most 255 bytes each.
    Txt(Vec<Bytes>),
    /// Where a service is.
    Srv {
        /// Lower is tried first.
        priority: u16,
        /// The share among equals.
        weight: u16,
        /// The port.
        port: u16,
        /// The server.
        target: Name,
    },
    /// The start of a zone.
    Soa(Box<Soa>),
    /// Any other record, or one whose data does not fit its type.
    Other {
        /// The type.
        rtype: RecordType,
        /// The data.
        bytes: Bytes,
    },
}

/// The start of a zone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Soa {
    /// The first server.
    pub mname: Name,
    /// Who is responsible, as a name.
    pub rname: Name,
    /// The zone's version.
    pub serial: u32,
    /// Seconds until secondaries look again.
    pub refresh: u32,
    /// Seconds until they retry.
    pub retry: u32,
    /// Seconds until they give up.
    pub expire: u32,
    /// Seconds for which "no such name" may be kept.
    pub minimum: u32,
}

impl RecordData {
    /// The type on the wire.
    #[must_use]
    pub const fn rtype(&self) -> RecordType {
        match self {
            Self::A(_) => RecordType::A,
            Self::Aaaa(_) => RecordType::AAAA,
            Self::Ptr(_) => RecordType::PTR,
            Self::Cname(_) => RecordType::CNAME,
            Self::Ns(_) => RecordType::NS,
            Self::Mx { .. } => RecordType::MX,
            Self::Txt(_) => RecordType::TXT,
            Self::Srv { .. } => RecordType::SRV,
            Self::Soa(_) => RecordType::SOA,
            Self::Other { rtype, .. } => *rtype,
        }
    }

    /// The address in an A or AAAA record.
    #[must_use]
    pub const fn ip(&self) -> Option<IpAddr> {
        match self {
            Self::A(ip) => Some(IpAddr::V4(*ip)),
            Self::Aaaa(ip) => Some(IpAddr::V6(*ip)),
            _ => None,
        }
    }
}
