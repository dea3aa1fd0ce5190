use thiserror::Error;

/// Why bytes are not the packet that they claim to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum ParseError {
    /// The bytes end before the header or the length it announces.
    #[error("truncated")]
    Truncated,
    /// A length field contradicts the rest of the packet.
    #[error("bad length")]
    Length,
    /// The checksum of the named header does not verify.
    #[error("bad {0} checksum")]
    Checksum(&'static str),
    /// A field holds a value that its protocol does not allow, or that is not modelled.
    #[error("bad {0}")]
    Field(&'static str),
    /// A domain name is too long, has a bad label, or its compression pointers do not come to an end.
    #[error("bad domain name")]
    Name,
}
