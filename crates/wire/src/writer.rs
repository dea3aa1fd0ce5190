//! Small helps for emitting into a growing buffer.

/// Appends a number in network order.
pub(crate) fn put_u16(out: &mut Vec<u8>, value: u16) {
    out.extend_from_slice(&value.to_be_bytes());
}

/// Appends a number in network order.
pub(crate) fn put_u32(out: &mut Vec<u8>, value: u32) {
    out.extend_from_slice(&value.to_be_bytes());
}

/// Writes a number in network order over bytes that are already there.
pub(crate) fn set_u16(out: &mut [u8], at: usize, value: u16) {
    if let Some(place) = out.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
        *place = value.to_be_bytes();
    }
}

/// The bytes from `start` on.
pub(crate) fn since(out: &[u8], start: usize) -> &[u8] {
    out.get(start..).unwrap_or_default()
}

/// A length as its 16-bit field holds it; what is too long for the field says the most it can.
pub(crate) fn len16(len: usize) -> u16 {
    u16::try_from(len).unwrap_or(u16::MAX)
}
