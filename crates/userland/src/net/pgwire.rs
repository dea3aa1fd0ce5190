//! PostgreSQL's protocol, version 3: messages with a type byte and a length.

use super::stream::Stream;
use kernel::Errno;

/// Version 3.0 as the first message gives it.
pub const VERSION_3: u32 = 196_608;
/// "May we speak TLS?"
pub const SSL_REQUEST: u32 = 80_877_103;

/// The type of text in a row description.
pub const TEXT: u32 = 25;
/// The type of 32-bit integers.
pub const INT4: u32 = 23;
/// The type of booleans.
pub const BOOL: u32 = 16;

/// A message after the first one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What it is.
    pub kind: u8,
    /// What follows the length.
    pub body: Vec<u8>,
}

impl Message {
    /// Makes a message.
    #[must_use]
    pub fn new(kind: u8, body: Vec<u8>) -> Self {
        Self { kind, body }
    }

    /// To bytes.
    #[must_use]
    pub fn emit(&self) -> Vec<u8> {
        let length = u32::try_from(self.body.len() + 4).unwrap_or(u32::MAX);
        [&[self.kind][..], &length.to_be_bytes(), &self.body].concat()
    }

    /// Reads a message; `None` at the end.
    /// # Errors
    /// What the network reported.
    pub async fn read(stream: &mut Stream) -> Result<Option<Self>, Errno> {
        let Some(head) = stream.exactly(5).await? else {
            return Ok(None);
        };
        let mut fields = Fields(&head);
        let kind = fields.byte().unwrap_or(0);
        let length = usize::try_from(fields.int32().unwrap_or(4))
            .unwrap_or(4)
            .clamp(4, 1 << 24)
            - 4;
        Ok(stream.exactly(length).await?.map(|body| Self {
            kind,
            body: body.to_vec(),
        }))
    }
}

/// Reads fields off a message's body.
pub struct Fields<'a>(pub &'a [u8]);

impl<'a> Fields<'a> {
    /// One byte.
    pub fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// Two bytes.
    pub fn int16(&mut self) -> Option<u16> {
        let (head, rest) = self.0.split_first_chunk::<2>()?;
        self.0 = rest;
        Some(u16::from_be_bytes(*head))
    }

    /// Four bytes.
    pub fn int32(&mut self) -> Option<u32> {
        let (head, rest) = self.0.split_first_chunk::<4>()?;
        self.0 = rest;
        Some(u32::from_be_bytes(*head))
    }

    /// Text up to a zero byte.
    pub fn text(&mut self) -> Option<String> {
        let end = self.0.iter().position(|b| *b == 0)?;
        let (text, rest) = self.0.split_at(end);
        self.0 = rest.get(1..).unwrap_or_default();
        Some(String::from_utf8_lossy(text).into_owned())
    }

    /// That many bytes.
    pub fn bytes(&mut self, n: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(head)
    }
}

/// Appends text and its zero byte.
pub fn put_text(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
    out.push(0);
}
