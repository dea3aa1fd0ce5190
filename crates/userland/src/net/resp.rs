//! Redis's protocol, RESP2.

use super::stream::Stream;
use kernel::Errno;

/// A value on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// `+OK`.
    Simple(String),
    /// `-ERR ...`.
    Error(String),
    /// `:1`.
    Integer(i64),
    /// `$3`.
    Bulk(Vec<u8>),
    /// `$-1`.
    Nil,
    /// `*2`.
    Array(Vec<Self>),
    /// Several answers to one command; none if it is answered later.
    Several(Vec<Self>),
}

/// Why nothing could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadError {
    /// The connection ended.
    Closed,
    /// The first byte of a value is none of those known.
    BadType(char),
    /// An array of so many is none.
    Count,
    /// What the network reported.
    Net(Errno),
}

impl From<Errno> for ReadError {
    fn from(error: Errno) -> Self {
        Self::Net(error)
    }
}

impl Value {
    /// Text as a bulk string.
    #[must_use]
    pub fn bulk(text: &str) -> Self {
        Self::Bulk(text.as_bytes().to_vec())
    }

    /// To bytes.
    pub fn emit(&self, out: &mut Vec<u8>) {
        match self {
            Self::Simple(text) => out.extend_from_slice(format!("+{text}\r\n").as_bytes()),
            Self::Error(text) => out.extend_from_slice(format!("-{text}\r\n").as_bytes()),
            Self::Integer(n) => out.extend_from_slice(format!(":{n}\r\n").as_bytes()),
            Self::Nil => out.extend_from_slice(b"$-1\r\n"),
            Self::Bulk(data) => {
                out.extend_from_slice(format!("${}\r\n", data.len()).as_bytes());
                out.extend_from_slice(data);
                out.extend_from_slice(b"\r\n");
            }
            Self::Array(items) => {
                out.extend_from_slice(format!("*{}\r\n", items.len()).as_bytes());
                items.iter().for_each(|item| item.emit(out));
            }
            Self::Several(items) => items.iter().for_each(|item| item.emit(out)),
        }
    }

    /// Reads one value. Arrays may be nested a few levels.
    /// # Errors
    /// See [`ReadError`].
    pub async fn read(stream: &mut Stream) -> Result<Self, ReadError> {
        Self::read_nested(stream, 4).await
    }

    async fn read_nested(stream: &mut Stream, depth: u32) -> Result<Self, ReadError> {
        let line = stream.line().await?.ok_or(ReadError::Closed)?;
        let kind = line.chars().next().unwrap_or(' ');
        let rest = line.get(kind.len_utf8()..).unwrap_or_default();
        let number = || rest.parse::<i64>().unwrap_or(0);
        Ok(match kind {
            '+' => Self::Simple(rest.to_owned()),
            '-' => Self::Error(rest.to_owned()),
            ':' => Self::Integer(number()),
            '$' if number() < 0 => Self::Nil,
            '$' => {
                let n = usize::try_from(number()).unwrap_or(0).min(1 << 24);
                let mut data = stream
                    .exactly(n + 2)
                    .await?
                    .ok_or(ReadError::Closed)?
                    .to_vec();
                data.truncate(n);
                Self::Bulk(data)
            }
            '*' if rest.parse::<i64>().is_err() => return Err(ReadError::Count),
            '*' if number() < 0 => Self::Nil,
            '*' if depth > 0 => {
                let mut items = Vec::new();
                for _ in 0..number().clamp(0, 1 << 16) {
                    items.push(Box::pin(Self::read_nested(stream, depth - 1)).await?);
                }
                Self::Array(items)
            }
            other => return Err(ReadError::BadType(other)),
        })
    }
}

/// Splits a line into words, as `redis-cli` and inline commands do: quotes and escapes. `None` if a quote stays open.
#[must_use]
pub fn words_of(line: &str) -> Option<Vec<Vec<u8>>> {
    let mut words = Vec::new();
    let mut rest = line.bytes().peekable();
    loop {
        while rest.next_if(u8::is_ascii_whitespace).is_some() {}
        if rest.peek().is_none() {
            return Some(words);
        }
        let mut word = Vec::new();
        let mut quote = None;
        loop {
            match (quote, rest.next()) {
                (None, None) => break,
                (None, Some(c)) if c.is_ascii_whitespace() => break,
                (None, Some(c @ (b'"' | b'\''))) => quote = Some(c),
                (None, Some(c)) => word.push(c),
                (Some(_), None) => return None,
                (Some(q), Some(c)) if c == q => {
                    // Only white space may follow.
                    if rest.peek().is_some_and(|c| !c.is_ascii_whitespace()) {
                        return None;
                    }
                    break;
                }
                (Some(b'"'), Some(b'\\')) => word.push(match rest.next()? {
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    other => other,
                }),
                (Some(_), Some(b'\\')) if rest.peek() == Some(&b'\'') => word.extend(rest.next()),
                (Some(_), Some(c)) => word.push(c),
            }
        }
        words.push(word);
    }
}

/// In quotes, with escapes for what cannot be shown.
#[must_use]
pub fn quoted(data: &[u8]) -> String {
    let mut out = String::from("\"");
    for byte in data {
        match byte {
            b'"' | b'\\' => out.extend(['\\', char::from(*byte)]),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            b' '..=b'~' => out.push(char::from(*byte)),
            other => out.push_str(&format!("\\x{other:02x}")),
        }
    }
    out + "\""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_keep_what_quotes_hold() {
        let words = |line| {
            words_of(line).map(|w| {
                w.into_iter()
                    .map(|w| String::from_utf8(w).unwrap())
                    .collect::<Vec<_>>()
            })
        };
        assert_eq!(
            words(r#"set  k "a \"b\n" 'c d'"#).unwrap(),
            ["set", "k", "a \"b\n", "c d"]
        );
        assert_eq!(words("get \"open"), None);
        assert_eq!(words("get \"a\"b"), None);
        assert_eq!(quoted(b"a\"\x01"), r#""a\"\x01""#);
    }
}
