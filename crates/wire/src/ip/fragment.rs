use bytes::Bytes;

use super::{IpPacket, Transport};

impl IpPacket {
    /// Cuts the packet into fragments that fit `mtu`; a packet that fits stays as it is. Also cuts fragments further.
    /// Returns nothing if the MTU leaves no room for data. Source: RFC 791 section 3.2, RFC 8200 section 4.5.
    #[must_use]
    pub fn fragments(&self, mtu: usize) -> Vec<Self> {
        if self.len() <= mtu {
            return vec![self.clone()];
        }
        let header = if self.is_v6() {
            Self::V6_HEADER_LEN + Self::V6_FRAGMENT_HEADER_LEN
        } else {
            Self::V4_HEADER_LEN
        };
        let step = mtu.saturating_sub(header) & !7;
        if step == 0 {
            return Vec::new();
        }
        let mut payload = Vec::with_capacity(self.len());
        self.transport.emit_into(self.src, self.dst, &mut payload);
        let payload = Bytes::from(payload);
        let mut parts = Vec::new();
        let mut at = 0;
        while at < payload.len() {
            let end = payload.len().min(at + step);
            let Ok(offset) = u16::try_from(usize::from(self.fragment_offset) + at) else {
                return Vec::new();
            };
            parts.push(Self {
                more_fragments: self.more_fragments || end < payload.len(),
                fragment_offset: offset,
                transport: Transport::Raw {
                    proto: self.protocol(),
                    bytes: payload.slice(at..end),
                },
                ..*self
            });
            at = end;
        }
        parts
    }

    /// Puts the fragments of one packet together again, in whatever order they came.
    /// Returns `None` while parts are missing, and if the whole cannot be read.
    #[must_use]
    pub fn reassemble(parts: &[Self]) -> Option<Self> {
        let mut sorted: Vec<&Self> = parts.iter().collect();
        sorted::sort_by_key(&mut sorted, |part| part.fragment_offset);
        let first = *sorted.first()?;
        let mut payload = Vec::new();
        let mut complete = false;
        for part in sorted {
            let Transport::Raw { bytes, .. } = &part.transport else {
                return None;
            };
            let overlap = payload
                .len()
                .checked_sub(usize::from(part.fragment_offset))?;
            payload.extend_from_slice(bytes.get(overlap..).unwrap_or_default());
            complete |= !part.more_fragments;
        }
        if !complete || payload.len() > usize::from(u16::MAX) {
            return None;
        }
        let transport =
            Transport::parse(first.protocol(), first.src, first.dst, payload.into()).ok()?;
        let ident = if first.is_v6() { 0 } else { first.ident };
        Some(Self {
            more_fragments: false,
            fragment_offset: 0,
            ident,
            transport,
            ..*first
        })
    }
}
