use bytes::{Buf as _, Bytes};

use crate::ParseError;

/// Takes fields off the front of bytes; payloads share the buffer.
#[derive(Clone, Debug)]
pub(crate) struct Reader {
    rest: Bytes,
}

impl Reader {
    pub(crate) const fn new(bytes: Bytes) -> Self {
        Self { rest: bytes }
    }

    pub(crate) const fn remaining(&self) -> usize {
        self.rest.len()
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], ParseError> {
        let head = *self.rest.first_chunk::<N>().ok_or(ParseError::Truncated)?;
        self.rest.advance(N);
        Ok(head)
    }

    pub(crate) fn u8(&mut self) -> Result<u8, ParseError> {
        let [byte] = self.array()?;
        Ok(byte)
    }

    pub(crate) fn u16(&mut self) -> Result<u16, ParseError> {
        self.array().map(u16::from_be_bytes)
    }

    pub(crate) fn u32(&mut self) -> Result<u32, ParseError> {
        self.array().map(u32::from_be_bytes)
    }

    pub(crate) fn take(&mut self, len: usize) -> Result<Bytes, ParseError> {
        if len > self.rest.len() {
            return Err(ParseError::Truncated);
        }
        Ok(self.rest.split_to(len))
    }

    pub(crate) fn rest(self) -> Bytes {
        self.rest
    }
}
