//! Numbers as the table of options reads them, which most extensions have, and what it says of others. Source: iptables
//! xtoptions.c.

use super::fail::Fail;

/// A decimal, octal or hexadecimal number as C's `strtoul` reads it: with spaces and a plus sign before it.
pub(crate) fn unsigned(text: &str) -> Option<u64> {
    let text = text.trim_ascii_start();
    let text = text.strip_prefix('+').unwrap_or(text);
    let hexadecimal = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    let (digits, radix) = match hexadecimal {
        Some(digits) => (digits, 16),
        None if text.starts_with('0') => (text, 8),
        None => (text, 10),
    };
    // Rust's would take a second sign.
    let clean = digits.bytes().all(|digit| digit.is_ascii_alphanumeric());
    u64::from_str_radix(digits, radix).ok().filter(|_| clean)
}

/// One number up to `max`.
pub(crate) fn one(text: &str, name: &str, option: &str, max: u64) -> Result<u64, Fail> {
    unsigned(text).filter(|read| *read <= max).ok_or_else(|| {
        Fail::parameter(format!(
            "{name}: bad value for option \"--{option}\", or out of range (0-{max}).\n"
        ))
    })
}

/// One number, or two with a colon between, of which either may be left out.
pub(crate) fn range(text: &str, name: &str, option: &str, max: u64) -> Result<(u64, u64), Fail> {
    let end = |text: &str, min: u64, open: u64| {
        if text.is_empty() {
            return Ok(open);
        }
        let fits = |read: &u64| (min..=max).contains(read);
        unsigned(text).filter(fits).ok_or_else(|| {
            Fail::parameter(format!(
                "{name}: bad value for option \"--{option}\" near \"{text}\", or out of range ({min}-{max}).\n"
            ))
        })
    };
    match text.split(':').collect::<Vec<_>>().as_slice() {
        [one] => end(one, 0, 0).map(|one| (one, one)),
        [first, last] => {
            let first = end(first, 0, 0)?;
            Ok((first, end(last, first, max)?))
        }
        _ => Err(Fail::parameter(format!(
            "{name}: Too many components for option \"--{option}\" (max: 2)\n"
        ))),
    }
}

/// A mark, and behind a slash the bits of it that count.
pub(crate) fn mark(text: &str, name: &str, option: &str) -> Result<(u32, Option<u32>), Fail> {
    let bits = |text: &str| {
        let read = unsigned(text).and_then(|read| u32::try_from(read).ok());
        read.ok_or_else(|| {
            Fail::parameter(format!(
                "{name}: bad integer value for option \"--{option}\", or out of range.\n"
            ))
        })
    };
    match text.split_once('/') {
        Some((value, mask)) => Ok((bits(value)?, Some(bits(mask)?))),
        None => Ok((bits(text)?, None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_c() {
        assert_eq!(unsigned(" +010"), Some(8));
        assert_eq!(unsigned("0Xff"), Some(255));
        for bad in ["", "-1", "+-1", "0x+1", "09", "9a", "1 "] {
            assert_eq!(unsigned(bad), None, "{bad}");
        }
        assert_eq!(range(":", "length", "length", 9).ok(), Some((0, 9)));
        assert_eq!(range("", "length", "length", 9).ok(), Some((0, 0)));
        assert!(range("3:2", "length", "length", 9).is_err());
    }
}
