//! What a server keeps: databases of keys, and the values behind them.

use crate::net::resp::Value;
use kernel::time::Instant;
use sorted::SortedMap;
use std::collections::VecDeque;

/// What commands are given and keep.
pub(super) type Bytes = Vec<u8>;
/// A list.
pub(super) type List = VecDeque<Bytes>;
/// A hash: fields and values in the order in which they came.
pub(super) type Hash = Vec<(Bytes, Bytes)>;
/// A set: members in the order in which they came.
pub(super) type Set = Vec<Bytes>;
/// A sorted set: members and scores, by score and then by name.
pub(super) type Sorted = Vec<(Bytes, f64)>;

/// A value behind a key.
#[derive(Clone, PartialEq)]
pub(super) enum Stored {
    /// A string.
    Text(Bytes),
    /// See [`List`].
    List(List),
    /// See [`Hash`].
    Hash(Hash),
    /// See [`Set`].
    Set(Set),
    /// See [`Sorted`].
    Sorted(Sorted),
}

/// One of the types behind a key.
pub(super) trait Kind: Default {
    /// The value, if it is of this type.
    fn of(stored: &mut Stored) -> Option<&mut Self>;
    /// As what it is stored.
    fn stored(self) -> Stored;
}

macro_rules! kinds {
    ($($variant:ident $kind:ty),*) => {$(
        impl Kind for $kind {
            fn of(stored: &mut Stored) -> Option<&mut Self> {
                match stored {
                    Stored::$variant(value) => Some(value),
                    _ => None,
                }
            }
            fn stored(self) -> Stored {
                Stored::$variant(self)
            }
        }
    )*};
}
kinds!(Text Bytes, List List, Hash Hash, Set Set, Sorted Sorted);

impl Stored {
    /// Whether nothing is left of a collection, which ends its key.
    fn is_spent(&self) -> bool {
        match self {
            Self::Text(_) => false,
            Self::List(list) => list.is_empty(),
            Self::Hash(fields) => fields.is_empty(),
            Self::Set(members) => members.is_empty(),
            Self::Sorted(members) => members.is_empty(),
        }
    }

    /// As `TYPE` names it.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "string",
            Self::List(_) => "list",
            Self::Hash(_) => "hash",
            Self::Set(_) => "set",
            Self::Sorted(_) => "zset",
        }
    }

    /// As `OBJECT ENCODING` names it.
    pub(super) fn encoding(&self) -> &'static str {
        match self {
            Self::Text(text) if integer(text).is_some() => "int",
            Self::Text(text) if text.len() < 45 => "embstr",
            Self::Text(_) => "raw",
            Self::Set(members) if members.iter().all(|m| integer(m).is_some()) => "intset",
            _ => "listpack",
        }
    }
}

/// A database.
#[derive(Default)]
pub(super) struct Database {
    /// The keys.
    pub(super) keys: SortedMap<Bytes, Stored>,
    /// When keys end.
    pub(super) ends: SortedMap<Bytes, Instant>,
}

impl Database {
    /// Ends what is over.
    pub(super) fn expire(&mut self, now: Instant) {
        let keys = &mut self.keys;
        self.ends.retain(|key, end| {
            if *end <= now {
                keys.remove(key);
            }
            keys.contains_key(key)
        });
    }

    /// The value of that type.
    /// # Errors
    /// That of a wrong type.
    pub(super) fn find<K: Kind>(&mut self, key: &[u8]) -> Result<Option<&mut K>, Value> {
        match self.keys.get_mut(key) {
            None => Ok(None),
            Some(stored) => K::of(stored).map(Some).ok_or_else(wrong_type),
        }
    }

    /// The value of that type, made if there is none.
    /// # Errors
    /// That of a wrong type.
    pub(super) fn make<K: Kind>(&mut self, key: &[u8]) -> Result<&mut K, Value> {
        let stored = self
            .keys
            .entry(key.to_vec())
            .or_insert_with(|| K::default().stored());
        K::of(stored).ok_or_else(wrong_type)
    }

    /// Removes a key whose collection was emptied.
    pub(super) fn tidy(&mut self, key: &[u8]) {
        if self.keys.get(key).is_some_and(Stored::is_spent) {
            self.remove(key);
        }
    }

    /// Removes a key.
    pub(super) fn remove(&mut self, key: &[u8]) -> Option<Stored> {
        self.ends.remove(key);
        self.keys.remove(key)
    }

    /// Sets a string, which no longer ends.
    pub(super) fn set(&mut self, key: &[u8], text: Bytes) {
        self.ends.remove(key);
        self.keys.insert(key.to_vec(), Stored::Text(text));
    }
}

/// The error of a command for another type.
pub(super) fn wrong_type() -> Value {
    Value::Error("WRONGTYPE Operation against a key holding the wrong kind of value".into())
}

/// The error with that text.
pub(super) fn wrong(text: &str) -> Value {
    Value::Error(format!("ERR {text}"))
}

/// An integer as Redis writes it, and nothing else.
pub(super) fn integer(text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?;
    text.parse().ok().filter(|n: &i64| n.to_string() == text)
}

/// An integer argument.
/// # Errors
/// That it is none.
pub(super) fn number(text: &[u8]) -> Result<i64, Value> {
    integer(text).ok_or_else(|| wrong("value is not an integer or out of range"))
}

/// A number with a point.
/// # Errors
/// That it is none.
pub(super) fn float(text: &[u8]) -> Result<f64, Value> {
    let parsed = std::str::from_utf8(text)
        .ok()
        .and_then(|text| text.parse().ok());
    parsed
        .filter(|n: &f64| !n.is_nan())
        .ok_or_else(|| wrong("value is not a valid float"))
}

/// Redis's patterns: `*`, `?`, `[ab]`, `[^a-c]` and `\`.
pub(super) fn glob(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) => {
            glob(rest, text) || text.split_first().is_some_and(|(_, t)| glob(pattern, t))
        }
        (Some((b'?', rest)), Some((_, t))) => glob(rest, t),
        (Some((b'[', rest)), Some((c, t))) => {
            let end = rest
                .iter()
                .skip(1)
                .position(|b| *b == b']')
                .map_or(rest.len(), |n| n + 1);
            let (class, after) = rest.split_at(end);
            let (negated, class) = match class.split_first() {
                Some((b'^', class)) => (true, class),
                _ => (false, class),
            };
            let ranged = class
                .windows(3)
                .any(|w| matches!(w, [a, b'-', b] if (a..=b).contains(&c)));
            (ranged || class.contains(c)) != negated && glob(after.get(1..).unwrap_or_default(), t)
        }
        (Some((b'\\', rest)), Some(_)) if !rest.is_empty() => {
            rest.first() == text.first()
                && glob(
                    rest.get(1..).unwrap_or_default(),
                    text.get(1..).unwrap_or_default(),
                )
        }
        (Some((a, rest)), Some((b, t))) => a == b && glob(rest, t),
        _ => false,
    }
}
