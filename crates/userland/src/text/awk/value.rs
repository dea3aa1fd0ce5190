//! What variables hold: numbers, texts, and arrays in the order in which each awk walks through them.

use std::cell::RefCell;
use std::rc::Rc;

use sorted::SortedMap;

use crate::Flavour;

/// A value; an array that is used as a value is as good as unset.
#[derive(Debug, Clone, Default)]
pub(super) enum Value {
    #[default]
    Unset,
    Number(f64),
    Text(Rc<str>),
    /// A text from outside, which counts as a number where it looks like one.
    Input(Rc<str>),
    Array(Rc<RefCell<Table>>),
}

impl Value {
    pub(super) fn text(text: &str) -> Self {
        Self::Text(text.into())
    }

    pub(super) fn input(text: &str) -> Self {
        Self::Input(text.into())
    }

    pub(super) fn truth(yes: bool) -> Self {
        Self::Number(f64::from(u8::from(yes)))
    }

    /// The number, if it is one by nature.
    pub(super) fn numeric(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Unset | Self::Array(_) => Some(0.0),
            Self::Text(_) => None,
            Self::Input(text) => {
                let text = text.trim();
                let (number, length) = prefix(text);
                (length > 0 && length == text.len()).then_some(number)
            }
        }
    }

    pub(super) fn number(&self) -> f64 {
        match self {
            Self::Number(number) => *number,
            Self::Unset | Self::Array(_) => 0.0,
            Self::Text(text) | Self::Input(text) => prefix(text.trim_start()).0,
        }
    }

    pub(super) fn truthy(&self) -> bool {
        match (self.numeric(), self) {
            (Some(number), _) => number != 0.0,
            (None, Self::Text(text) | Self::Input(text)) => !text.is_empty(),
            _ => false,
        }
    }

    /// As a text; numbers that are not whole are written with `format` (`CONVFMT` or `OFMT`).
    pub(super) fn as_text(&self, format: &str) -> Rc<str> {
        match self {
            Self::Text(text) | Self::Input(text) => text.clone(),
            Self::Unset | Self::Array(_) => "".into(),
            Self::Number(number) if number.trunc() == *number && number.abs() < 9.2e18 => {
                (*number as i64).to_string().into()
            }
            Self::Number(number) if !number.is_finite() => special(*number).into(),
            Self::Number(number) => String::from_utf8_lossy(
                &crate::text::printf::format(&[format.to_owned(), number.to_string()]).output,
            )
            .as_ref()
            .into(),
        }
    }
}

/// How C writes what is not finite.
pub(super) fn special(number: f64) -> &'static str {
    match (number.is_nan(), number.is_sign_negative()) {
        // Which sign it has differs between processors; this is x86's.
        (true, _) => "-nan",
        (false, false) => "+inf",
        (false, true) => "-inf",
    }
}

/// The decimal number that a text begins with, and its length.
pub(super) fn prefix(text: &str) -> (f64, usize) {
    let bytes = text.as_bytes();
    let digits = |from: usize| {
        bytes
            .get(from..)
            .unwrap_or_default()
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count()
    };
    let mut at = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    let whole = digits(at);
    at += whole;
    let mut part = 0;
    if bytes.get(at) == Some(&b'.') {
        part = digits(at + 1);
        if whole + part > 0 {
            at += 1 + part;
        }
    }
    if whole + part == 0 {
        return (0.0, 0);
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        let power = digits(at + 1 + sign);
        if power > 0 {
            at += 1 + sign + power;
        }
    }
    let number = text.get(..at).and_then(|text| text.parse().ok());
    (number.unwrap_or(0.0), at)
}

/// An array.
#[derive(Debug, Default)]
pub(super) struct Table {
    cells: SortedMap<Rc<str>, (Value, u64)>,
    clock: u64,
}

impl Table {
    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    pub(super) fn clear(&mut self) {
        self.cells.clear();
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.cells.contains_key(key)
    }

    pub(super) fn remove(&mut self, key: &str) {
        self.cells.remove(key);
    }

    /// The cell of that name, which is made if there is none.
    pub(super) fn cell(&mut self, key: Rc<str>) -> &mut Value {
        self.clock += 1;
        let clock = self.clock;
        let (value, used) = self.cells.entry(key).or_insert((Value::Unset, clock));
        *used = clock;
        value
    }

    /// The names in the order of a walk: both awks go through the buckets of a hash table, whose lists begin with what
    /// came last (mawk: with what was used last). Sources: `array.c` of mawk 1.3.4, `editors/awk.c` of busybox 1.36.
    pub(super) fn keys(&self, flavour: Flavour) -> Vec<Rc<str>> {
        let mut size = if flavour == Flavour::Gnu { 64 } else { 61 };
        let full = if flavour == Flavour::Gnu { 12 } else { 10 };
        while self.cells.len() > size * full && size < 1 << 20 {
            size = if flavour == Flavour::Gnu {
                size * 2
            } else {
                size * 4 + 7
            };
        }
        let mut keys: Vec<(usize, u64, Rc<str>)> = self
            .cells
            .iter()
            .map(|(key, (_, used))| {
                let hash = key.bytes().fold(
                    if flavour == Flavour::Gnu {
                        2_166_136_261_u32
                    } else {
                        0
                    },
                    |hash, byte| {
                        if flavour == Flavour::Gnu {
                            (hash ^ u32::from(byte)).wrapping_mul(16_777_619)
                        } else {
                            u32::from(byte)
                                .wrapping_add(hash << 6)
                                .wrapping_add(hash >> 26)
                        }
                    },
                );
                (hash as usize % size, u64::MAX - used, key.clone())
            })
            .collect();
        sorted::sort(&mut keys);
        keys.into_iter().map(|(_, _, key)| key).collect()
    }
}
