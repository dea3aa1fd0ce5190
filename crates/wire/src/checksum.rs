//! The Internet checksum: sums in ones' complement arithmetic. Source: RFC 1071.

use std::net::IpAddr;

use crate::Proto;

/// Adds two sums.
pub(crate) const fn add(a: u16, b: u16) -> u16 {
    let (sum, carry) = a.overflowing_add(b);
    // With a carry the sum is at most 0xfffe.
    if carry { sum + 1 } else { sum }
}

/// Takes `b` away from the sum `a`.
pub(crate) const fn sub(a: u16, b: u16) -> u16 {
    add(a, !b)
}

/// The sum of bytes as 16-bit words; an odd last byte counts as if a zero followed.
pub(crate) fn sum(bytes: &[u8]) -> u16 {
    // Blocks of 4 bytes into 64 bits: no overflow below 16 GiB, and folding once at the end.
    let mut total = 0u64;
    let (blocks, rest) = bytes.as_chunks::<4>();
    for block in blocks {
        total += u64::from(u32::from_be_bytes(*block));
    }
    let mut last = [0; 4];
    for (to, from) in last.iter_mut().zip(rest) {
        *to = *from;
    }
    total += u64::from(u32::from_be_bytes(last));
    while total > 0xffff {
        total = (total & 0xffff) + (total >> 16);
    }
    total as u16
}

/// The sum of an address.
pub(crate) fn sum_address(ip: IpAddr) -> u16 {
    match ip {
        IpAddr::V4(ip) => sum(&ip.octets()),
        IpAddr::V6(ip) => sum(&ip.octets()),
    }
}

/// The sum of the pseudo-header that TCP, UDP and ICMPv6 cover besides their own bytes.
pub(crate) fn pseudo_header(src: IpAddr, dst: IpAddr, proto: Proto, len: usize) -> u16 {
    let addresses = add(sum_address(src), sum_address(dst));
    let len = len as u32;
    let words = add((len >> 16) as u16, len as u16);
    add(addresses, add(words, u16::from(proto.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sum_agrees_with_the_example_of_rfc_1071() {
        let bytes = [0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7];
        assert_eq!(sum(&bytes), 0xddf2);
        assert_eq!(sum(&bytes[..7]), sub(0xddf2, 0x00f7));
        assert_eq!(sum(&[]), 0);
    }
}
