//! VXLAN: Ethernet frames in UDP datagrams. Source: RFC 7348 section 5.

use bytes::Bytes;

use crate::reader::Reader;
use crate::writer::put_u32;
use crate::{Frame, ParseError};

/// The port assigned to VXLAN; Docker's overlay networks use it too.
pub const PORT: u16 = 4789;
/// Bytes of the header.
pub const HEADER_LEN: usize = 8;
/// The flag that says that the network identifier counts.
const VNI_PRESENT: u32 = 0x0800_0000;

/// The payload of a UDP datagram that carries `frame` in network `vni` (24 bits; more are cut off).
#[must_use]
pub fn encapsulate(vni: u32, frame: &Frame) -> Bytes {
    let mut out = Vec::with_capacity(HEADER_LEN + frame.len());
    put_u32(&mut out, VNI_PRESENT);
    put_u32(&mut out, vni << 8);
    frame.emit_into(&mut out);
    out.into()
}

/// The network identifier and frame in a UDP payload. Errors: no identifier, or a frame that does not parse.
pub fn decapsulate(bytes: Bytes) -> Result<(u32, Frame), ParseError> {
    let mut reader = Reader::new(bytes);
    if reader.u32()? & VNI_PRESENT == 0 {
        return Err(ParseError::Field("VXLAN flags"));
    }
    let vni = reader.u32()? >> 8;
    Ok((vni, Frame::parse(reader.rest())?))
}
