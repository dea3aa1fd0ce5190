use bytes::Bytes;

use super::{Edns, Flags, Message, Name, Question, Rcode, Record, RecordData, RecordType, Soa};
use crate::ParseError;
use crate::reader::Reader;
use crate::writer::{len16, put_u16, put_u32, set_u16, since};

/// Pointers reach no further into a message. Source: RFC 1035 section 4.1.4.
const POINTER_LIMIT: usize = 0x4000;
/// More pointers than this in one name is malice: 127 labels fit a name.
const MAX_POINTERS: usize = 127;
const DNSSEC_OK: u32 = 0x8000;
/// The EDNS option of a cookie. Source: RFC 7873.
const COOKIE: u16 = 10;

/// A message being written, with the names that later ones may point to.
struct Writer {
    out: Vec<u8>,
    /// Where a name or the end of one begins.
    names: Vec<(Name, u16)>,
}

impl Writer {
    fn name(&mut self, name: &Name) {
        let mut rest = name.clone();
        while !rest.is_root() {
            if let Some((_, at)) = self.names.iter().find(|(known, _)| *known == rest) {
                put_u16(&mut self.out, 0xc000 | at);
                return;
            }
            if let Ok(at) = u16::try_from(self.out.len())
                && usize::from(at) < POINTER_LIMIT
            {
                self.names.push((rest.clone(), at));
            }
            let (label, behind) = rest.split_first();
            self.out.push(label.len() as u8);
            self.out.extend_from_slice(label);
            rest = behind;
        }
        self.out.push(0);
    }

    /// A name in data of a type younger than RFC 1035, which may not be compressed. Source: RFC 3597 section 4.
    fn plain_name(&mut self, name: &Name) {
        self.out.extend_from_slice(name.as_wire());
        self.out.push(0);
    }

    fn record(&mut self, record: &Record) {
        self.name(&record.name);
        put_u16(&mut self.out, record.data.rtype().0);
        put_u16(&mut self.out, record.class);
        put_u32(&mut self.out, record.ttl);
        let start = self.out.len();
        put_u16(&mut self.out, 0);
        self.data(&record.data);
        let len = len16(since(&self.out, start + 2).len());
        set_u16(&mut self.out, start, len);
    }

    fn data(&mut self, data: &RecordData) {
        match data {
            RecordData::A(ip) => self.out.extend_from_slice(&ip.octets()),
            RecordData::Aaaa(ip) => self.out.extend_from_slice(&ip.octets()),
            RecordData::Ptr(name) | RecordData::Cname(name) | RecordData::Ns(name) => {
                self.name(name);
            }
            RecordData::Mx {
                preference,
                exchange,
            } => {
                put_u16(&mut self.out, *preference);
                self.name(exchange);
            }
            RecordData::Txt(texts) => {
                for text in texts {
                    let text = text.get(..255).unwrap_or(text);
                    self.out.push(text.len() as u8);
                    self.out.extend_from_slice(text);
                }
            }
            RecordData::Srv {
                priority,
                weight,
                port,
                target,
            } => {
                put_u16(&mut self.out, *priority);
                put_u16(&mut self.out, *weight);
                put_u16(&mut self.out, *port);
                self.plain_name(target);
            }
            RecordData::Soa(soa) => {
                self.name(&soa.mname);
                self.name(&soa.rname);
                for number in [soa.serial, soa.refresh, soa.retry, soa.expire, soa.minimum] {
                    put_u32(&mut self.out, number);
                }
            }
            RecordData::Other { bytes, .. } => self.out.extend_from_slice(bytes),
        }
    }
}

impl Message {
    /// The message's bytes, with compressed names.
    #[must_use]
    pub fn emit(&self) -> Bytes {
        let mut writer = Writer {
            out: Vec::with_capacity(512),
            names: Vec::new(),
        };
        put_u16(&mut writer.out, self.id);
        put_u16(
            &mut writer.out,
            self.flags.to_bits() | u16::from(self.rcode.0 & 15),
        );
        let additionals = self.additionals.len() + usize::from(self.edns.is_some());
        for count in [
            self.questions.len(),
            self.answers.len(),
            self.authorities.len(),
            additionals,
        ] {
            put_u16(&mut writer.out, len16(count));
        }
        for question in &self.questions {
            writer.name(&question.name);
            put_u16(&mut writer.out, question.rtype.0);
            put_u16(&mut writer.out, question.class);
        }
        for record in self
            .answers
            .iter()
            .chain(&self.authorities)
            .chain(&self.additionals)
        {
            writer.record(record);
        }
        if let Some(edns) = self.edns {
            writer.out.push(0);
            put_u16(&mut writer.out, RecordType::OPT.0);
            put_u16(&mut writer.out, edns.udp_size);
            put_u32(&mut writer.out, if edns.dnssec_ok { DNSSEC_OK } else { 0 });
            match edns.cookie {
                Some(cookie) => {
                    put_u16(&mut writer.out, 12);
                    put_u16(&mut writer.out, COOKIE);
                    put_u16(&mut writer.out, 8);
                    writer.out.extend_from_slice(&cookie);
                }
                None => put_u16(&mut writer.out, 0),
            }
        }
        writer.out.into()
    }

    /// Cuts the message until it fits `limit` bytes: drops records from the end, and says so with TC if an answer or
    /// authority was among them. Returns whether it did. Source: RFC 2181 section 9.
    pub fn truncate(&mut self, limit: usize) -> bool {
        while self.emit().len() > limit {
            if self.additionals.pop().is_some() {
                continue;
            }
            if self.authorities.pop().is_none() && self.answers.pop().is_none() {
                break;
            }
            self.flags.tc = true;
        }
        self.flags.tc
    }

    /// Reads a message. Data that does not fit its type becomes [`RecordData::Other`]; bytes behind the last record do not
    /// matter. Errors: cut off, or a name that does not come to an end.
    pub fn parse(bytes: Bytes) -> Result<Self, ParseError> {
        let mut parser = Parser {
            whole: bytes.clone(),
            reader: Reader::new(bytes),
        };
        let id = parser.reader.u16()?;
        let bits = parser.reader.u16()?;
        let [questions, answers, authorities, additionals] = [
            parser.reader.u16()?,
            parser.reader.u16()?,
            parser.reader.u16()?,
            parser.reader.u16()?,
        ];
        let mut message = Self {
            id,
            flags: Flags::from_bits(bits),
            rcode: Rcode((bits & 15) as u8),
            ..Self::default()
        };
        for _ in 0..questions {
            let question = Question {
                name: parser.name()?,
                rtype: RecordType(parser.reader.u16()?),
                class: parser.reader.u16()?,
            };
            message.questions.push(question);
        }
        for _ in 0..answers {
            message.answers.extend(parser.record(&mut message.edns)?);
        }
        for _ in 0..authorities {
            message
                .authorities
                .extend(parser.record(&mut message.edns)?);
        }
        for _ in 0..additionals {
            message
                .additionals
                .extend(parser.record(&mut message.edns)?);
        }
        Ok(message)
    }
}

impl Flags {
    fn to_bits(self) -> u16 {
        let bits = [
            (self.qr, 15),
            (self.aa, 10),
            (self.tc, 9),
            (self.rd, 8),
            (self.ra, 7),
            (self.ad, 5),
            (self.cd, 4),
        ];
        bits.into_iter()
            .fold(u16::from(self.opcode & 15) << 11, |all, (set, shift)| {
                all | u16::from(set) << shift
            })
    }

    const fn from_bits(bits: u16) -> Self {
        Self {
            qr: bits >> 15 & 1 != 0,
            opcode: (bits >> 11 & 15) as u8,
            aa: bits >> 10 & 1 != 0,
            tc: bits >> 9 & 1 != 0,
            rd: bits >> 8 & 1 != 0,
            ra: bits >> 7 & 1 != 0,
            ad: bits >> 5 & 1 != 0,
            cd: bits >> 4 & 1 != 0,
        }
    }
}

/// A message being read: a place in it, and all of it for names to point into.
struct Parser {
    whole: Bytes,
    reader: Reader,
}

impl Parser {
    fn name(&mut self) -> Result<Name, ParseError> {
        let mut labels: Vec<Bytes> = Vec::new();
        let mut pointed: Option<Reader> = None;
        let mut pointers = 0;
        let mut len = 0;
        loop {
            let reader = pointed.as_mut().unwrap_or(&mut self.reader);
            let first = reader.u8()?;
            match first {
                0 => break,
                1..=63 => {
                    labels.push(reader.take(usize::from(first))?);
                    len += 1 + usize::from(first);
                }
                0xc0.. => {
                    let at = usize::from(first & 0x3f) << 8 | usize::from(reader.u8()?);
                    let mut target = Reader::new(self.whole.clone());
                    let _before = target.take(at)?;
                    pointed = Some(target);
                    pointers += 1;
                }
                _ => return Err(ParseError::Name),
            }
            if pointers > MAX_POINTERS || len >= Name::MAX_LEN {
                return Err(ParseError::Name);
            }
        }
        Name::from_labels(labels.iter().map(|label| &**label))
    }

    /// A record, or nothing if it was the EDNS record, which is noted in `edns`.
    fn record(&mut self, edns: &mut Option<Edns>) -> Result<Option<Record>, ParseError> {
        let name = self.name()?;
        let rtype = RecordType(self.reader.u16()?);
        let class = self.reader.u16()?;
        let ttl = self.reader.u32()?;
        let len = usize::from(self.reader.u16()?);
        let bytes = self.reader.take(len)?;
        if rtype == RecordType::OPT {
            *edns = Some(Edns {
                udp_size: class,
                dnssec_ok: ttl & DNSSEC_OK != 0,
                cookie: cookie(Reader::new(bytes))?,
            });
            return Ok(None);
        }
        let mut parser = Self {
            whole: self.whole.clone(),
            reader: Reader::new(bytes.clone()),
        };
        let data = match parser.data(rtype) {
            Ok(data) if parser.reader.remaining() == 0 => data,
            _ => RecordData::Other { rtype, bytes },
        };
        Ok(Some(Record {
            name,
            class,
            ttl,
            data,
        }))
    }

    fn data(&mut self, rtype: RecordType) -> Result<RecordData, ParseError> {
        Ok(match rtype {
            RecordType::A => RecordData::A(self.reader.array::<4>()?.into()),
            RecordType::AAAA => RecordData::Aaaa(self.reader.array::<16>()?.into()),
            RecordType::PTR => RecordData::Ptr(self.name()?),
            RecordType::CNAME => RecordData::Cname(self.name()?),
            RecordType::NS => RecordData::Ns(self.name()?),
            RecordType::MX => RecordData::Mx {
                preference: self.reader.u16()?,
                exchange: self.name()?,
            },
            RecordType::TXT => {
                let mut texts = Vec::new();
                while self.reader.remaining() > 0 {
                    let len = usize::from(self.reader.u8()?);
                    texts.push(self.reader.take(len)?);
                }
                RecordData::Txt(texts)
            }
            RecordType::SRV => RecordData::Srv {
                priority: self.reader.u16()?,
                weight: self.reader.u16()?,
                port: self.reader.u16()?,
                target: self.name()?,
            },
            RecordType::SOA => RecordData::Soa(Box::new(Soa {
                mname: self.name()?,
                rname: self.name()?,
                serial: self.reader.u32()?,
                refresh: self.reader.u32()?,
                retry: self.reader.u32()?,
                expire: self.reader.u32()?,
                minimum: self.reader.u32()?,
            })),
            _ => return Err(ParseError::Field("record type")),
        })
    }
}

/// The client's cookie among an EDNS record's options; a server's is longer and read over.
fn cookie(mut options: Reader) -> Result<Option<[u8; 8]>, ParseError> {
    while options.remaining() > 0 {
        let (code, len) = (options.u16()?, options.u16()?);
        let mut value = Reader::new(options.take(usize::from(len))?);
        if code == COOKIE && len == 8 {
            return value.array().map(Some);
        }
    }
    Ok(None)
}
