//! MySQL's packets: a three-byte length, a number, and a body.

use super::stream::Stream;
use kernel::Errno;

/// The largest body that is taken, bytes.
const MAX: usize = 1 << 20;

/// A packet: its number and its body.
/// # Errors
/// What the network reported.
pub async fn read(stream: &mut Stream) -> Result<Option<(u8, Vec<u8>)>, Errno> {
    let Some(head) = stream.exactly(4).await? else {
        return Ok(None);
    };
    let length = head
        .iter()
        .take(3)
        .rev()
        .fold(0usize, |n, b| n << 8 | usize::from(*b));
    let number = head.last().copied().unwrap_or(0);
    Ok(stream
        .exactly(length.min(MAX))
        .await?
        .map(|body| (number, body.to_vec())))
}

/// A packet's bytes.
#[must_use]
pub fn packet(number: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap_or(0).to_le_bytes();
    [length.get(..3).unwrap_or_default(), &[number], body].concat()
}

/// `COM_PING`.
pub const PING: u8 = 0x0e;
/// `COM_QUIT`.
pub const QUIT: u8 = 0x01;
/// An answer that all is well: OK, nothing changed, autocommit.
pub const OK: [u8; 7] = [0, 0, 0, 2, 0, 0, 0];
