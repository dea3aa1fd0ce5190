//! Whether a packet fulfils a condition about what it carries, or about how much came before.

use super::model::{Pattern, Quota};
use wire::IpPacket;

/// Searches the packet, its IP header included. Source: Linux xt_string, `string_mt`.
pub(super) fn pattern(wanted: &Pattern, ip: &IpPacket) -> bool {
    let bytes = ip.emit();
    let same = |at: &[u8]| {
        if wanted.any_case {
            at.eq_ignore_ascii_case(&wanted.bytes)
        } else {
            *at == *wanted.bytes
        }
    };
    let places = bytes.windows(wanted.bytes.len().max(1)).enumerate();
    let mut within = places
        .skip_while(|(at, _)| *at < usize::from(wanted.from))
        .take_while(|(at, _)| *at <= usize::from(wanted.to));
    within.any(|(_, at)| same(at)) != wanted.not
}

/// Takes the packet off the quota; the first one too large ends it. Source: Linux xt_quota, `quota_mt`.
pub(super) fn quota(quota: &mut Quota, ip: &IpPacket) -> bool {
    let after = quota.used.0.saturating_add(ip.len() as u64);
    let fits = after <= quota.bytes;
    quota.used.0 = if fits { after } else { quota.bytes };
    fits != quota.not
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::netfilter::model::Volatile;
    use std::net::Ipv4Addr;
    use wire::{Bytes, Transport, UdpDatagram};

    /// 20 bytes of IP and 8 of UDP, then the text.
    fn packet(text: &'static str) -> IpPacket {
        let datagram = UdpDatagram {
            src_port: 1,
            dst_port: 2,
            payload: Bytes::from(text.as_bytes()),
        };
        let local = Ipv4Addr::LOCALHOST.into();
        IpPacket::new(local, local, Transport::Udp(datagram))
    }

    #[test]
    fn a_text_is_found_where_it_may_begin() {
        let wanted = Pattern {
            bytes: (*b"secret").into(),
            not: false,
            algorithm: "bm",
            from: 0,
            to: u16::MAX,
            any_case: false,
        };
        let with = |change: &dyn Fn(&mut Pattern), text| {
            let mut wanted = wanted.clone();
            change(&mut wanted);
            pattern(&wanted, &packet(text))
        };
        assert!(with(&|_| (), "a secret"));
        assert!(!with(&|_| (), "a Secret"));
        assert!(with(&|w| w.any_case = true, "a Secret"));
        assert!(with(&|w| w.to = 30, "a secret"));
        assert!(!with(&|w| w.to = 29, "a secret"));
        assert!(!with(&|w| w.from = 31, "a secret"));
        assert!(with(&|w| w.not = true, "nothing"));
        assert!(!with(&|_| (), ""), "shorter than the text");
    }

    #[test]
    fn a_quota_ends_with_the_first_packet_that_is_too_large() {
        let mut wanted = Quota {
            bytes: 70,
            not: false,
            used: Volatile(0),
        };
        let mut takes = |text| quota(&mut wanted, &packet(text));
        assert!(takes("1234"), "32 bytes");
        assert!(!takes("123456789012"), "40 more");
        assert!(!takes(""), "28 would have fitted");
    }
}
