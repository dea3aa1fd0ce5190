//! Reading typed fields out of a finished tree, whose shapes the earlier steps have made sure of.

use sorted::SortedMap;
use std::time::Duration;

use crate::value::{Map, Value};

/// A mapping that is read by key.
#[derive(Clone, Copy)]
pub struct Reader<'a>(pub &'a Map);

impl<'a> Reader<'a> {
    /// Returns the value of a key, unless it is null.
    pub fn get(self, key: &str) -> Option<&'a Value> {
        self.0.get(key).filter(|value| **value != Value::Null)
    }

    /// Returns a text; numbers are printed.
    pub fn text(self, key: &str) -> Option<String> {
        self.get(key).map(Value::to_text)
    }

    /// Returns a flag.
    pub fn flag(self, key: &str) -> Option<bool> {
        match self.get(key)? {
            Value::Bool(flag) => Some(*flag),
            _ => None,
        }
    }

    /// Returns whether a flag is set.
    pub fn is_set(self, key: &str) -> bool {
        self.flag(key) == Some(true)
    }

    /// Returns a whole number; one in text is read.
    pub fn number(self, key: &str) -> Option<i64> {
        match self.get(key)? {
            Value::Int(number) => Some(*number),
            Value::Str(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// Returns a file's mode, which a finished tree holds as octal digits.
    pub fn mode(self, key: &str) -> Option<u32> {
        u32::from_str_radix(self.get(key)?.as_str()?, 8).ok()
    }

    /// Returns a duration, which a finished tree holds as text such as `1m30s`.
    pub fn duration(self, key: &str) -> Option<Duration> {
        let nanoseconds = crate::duration::parse(self.get(key)?.as_str()?).ok()?;
        Some(Duration::from_nanos(
            u64::try_from(nanoseconds).unwrap_or(0),
        ))
    }

    /// Returns a sequence of texts; nothing when the key is absent.
    pub fn list(self, key: &str) -> Vec<String> {
        self.some_list(key).unwrap_or_default()
    }

    /// Returns a sequence of texts, telling an empty one from an absent one.
    pub fn some_list(self, key: &str) -> Option<Vec<String>> {
        let items = self.get(key)?.as_list()?;
        Some(items.iter().map(Value::to_text).collect())
    }

    /// Returns the mappings of a sequence.
    pub fn maps(self, key: &str) -> impl Iterator<Item = Reader<'a>> {
        let items = self.get(key).and_then(Value::as_list).unwrap_or_default();
        items.iter().filter_map(Value::as_map).map(Reader)
    }

    /// Returns a mapping, empty when the key is absent.
    pub fn map(self, key: &str) -> Option<Self> {
        self.get(key).and_then(Value::as_map).map(Reader)
    }

    /// Returns a mapping of texts.
    pub fn pairs(self, key: &str) -> SortedMap<String, String> {
        let pairs = self.optional_pairs(key).into_iter();
        pairs
            .map(|(key, value)| (key, value.unwrap_or_default()))
            .collect()
    }

    /// Returns a mapping of texts that may be left open.
    pub fn optional_pairs(self, key: &str) -> SortedMap<String, Option<String>> {
        let Some(Reader(map)) = self.map(key) else {
            return SortedMap::new();
        };
        let text = |value: &Value| (*value != Value::Null).then(|| value.to_text());
        map.iter()
            .map(|(key, value)| (key.clone(), text(value)))
            .collect()
    }
}
