//! DNS messages. Sources: RFC 1035, RFC 2782 (SRV), RFC 6891 (EDNS).

mod codec;
mod name;
mod record;

pub use name::Name;
pub use record::{Record, RecordData, RecordType, Soa};

/// A DNS message.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Message {
    /// Pairs an answer with its question.
    pub id: u16,
    /// The header's bits.
    pub flags: Flags,
    /// What became of the question.
    pub rcode: Rcode,
    /// The questions: in practice one.
    pub questions: Vec<Question>,
    /// Records that answer the question.
    pub answers: Vec<Record>,
    /// Records about who is in charge of the name.
    pub authorities: Vec<Record>,
    /// Records that may help, without the EDNS record.
    pub additionals: Vec<Record>,
    /// What the sender can do beyond RFC 1035.
    pub edns: Option<Edns>,
}

/// The bits of a message's header.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Flags {
    /// This is a response.
    pub qr: bool,
    /// The kind of query, 0 to 15; 0 is the ordinary one.
    pub opcode: u8,
    /// The answer comes from the server in charge of the name.
    pub aa: bool,
    /// The answer was cut to fit.
    pub tc: bool,
    /// The client wants the server to ask others.
    pub rd: bool,
    /// The server does ask others.
    pub ra: bool,
    /// The answer's authenticity was checked.
    pub ad: bool,
    /// The client does its own checking.
    pub cd: bool,
}

/// A response code, 0 to 15. Source: RFC 1035 section 4.1.1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Rcode(pub u8);

impl Rcode {
    /// All is well, though there may be no records.
    pub const NOERROR: Self = Self(0);
    /// The server does not understand the question.
    pub const FORMERR: Self = Self(1);
    /// The server cannot answer now.
    pub const SERVFAIL: Self = Self(2);
    /// The name does not exist.
    pub const NXDOMAIN: Self = Self(3);
    /// The server does not do that.
    pub const NOTIMP: Self = Self(4);
    /// The server will not.
    pub const REFUSED: Self = Self(5);
}

/// A question.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Question {
    /// The name asked about.
    pub name: Name,
    /// The type asked for.
    pub rtype: RecordType,
    /// The class: 1, the Internet, in practice.
    pub class: u16,
}

/// The Internet class.
pub const CLASS_IN: u16 = 1;

/// What the EDNS record says. Other options in it are read over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Edns {
    /// The largest UDP answer the sender takes, bytes.
    pub udp_size: u16,
    /// The sender wants DNSSEC records.
    pub dnssec_ok: bool,
    /// The client's cookie, by which it would know the server again. Source: RFC 7873.
    pub cookie: Option<[u8; 8]>,
}

impl Message {
    /// A recursive query for one name and type.
    #[must_use]
    pub fn query(id: u16, name: Name, rtype: RecordType) -> Self {
        Self {
            id,
            flags: Flags {
                rd: true,
                ..Flags::default()
            },
            questions: vec![Question {
                name,
                rtype,
                class: CLASS_IN,
            }],
            ..Self::default()
        }
    }

    /// An answer to this query, still without records: same id, questions, opcode and wishes.
    #[must_use]
    pub fn response(&self, rcode: Rcode) -> Self {
        Self {
            id: self.id,
            flags: Flags {
                qr: true,
                opcode: self.flags.opcode,
                rd: self.flags.rd,
                cd: self.flags.cd,
                ..Flags::default()
            },
            rcode,
            questions: self.questions.clone(),
            ..Self::default()
        }
    }
}

/// The code's name as DNS tools print it.
impl std::fmt::Display for Rcode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {
            Self::NOERROR => f.write_str("NOERROR"),
            Self::FORMERR => f.write_str("FORMERR"),
            Self::SERVFAIL => f.write_str("SERVFAIL"),
            Self::NXDOMAIN => f.write_str("NXDOMAIN"),
            Self::NOTIMP => f.write_str("NOTIMP"),
            Self::REFUSED => f.write_str("REFUSED"),
            Self(code) => write!(f, "RCODE{code}"),
        }
    }
}
