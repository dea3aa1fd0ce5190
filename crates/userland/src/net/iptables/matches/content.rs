//! The options of the matches about what packets carry.

use kernel::netfilter::Match;
use kernel::netfilter::model::Pattern;

use super::{Fail, Value};

/// The options of string.
pub(super) const STRING: &[&str] = &["string", "hex-string", "algo", "from", "to", "icase"];

/// The ways of searching that a kernel has.
const ALGORITHMS: [&str; 2] = ["bm", "kmp"];

pub(super) fn new_pattern() -> Pattern {
    Pattern {
        bytes: [].into(),
        not: false,
        algorithm: "bm",
        from: 0,
        to: u16::MAX,
        any_case: false,
    }
}

/// Takes an option; true for the one that must not be missing.
pub(super) fn pattern(
    pattern: &mut Pattern,
    option: &str,
    not: bool,
    value: Value<'_>,
) -> Result<bool, Fail> {
    if option == "icase" {
        pattern.any_case = true;
        return Ok(false);
    }
    let text = value()?;
    let number = || {
        text.parse().ok().ok_or_else(|| {
            Fail::parameter(format!(
                "string: bad value for option \"--{option}\", or out of range (0-65535).\n"
            ))
        })
    };
    match option {
        "string" => (pattern.bytes, pattern.not) = (text.as_bytes().into(), not),
        "hex-string" => (pattern.bytes, pattern.not) = (hexadecimal(&text)?.into(), not),
        "from" => pattern.from = number()?,
        "to" => pattern.to = number()?,
        _ => {
            let known = ALGORITHMS.into_iter().find(|known| *known == text);
            pattern.algorithm = known.ok_or_else(|| {
                Fail::parameter(crate::not_modelled!("iptables", "the algorithm {text}"))
            })?;
            return Ok(true);
        }
    }
    Ok(false)
}

/// Reads text in which bytes stand as digits between bars: `GET|20 2f|index`.
fn hexadecimal(text: &str) -> Result<Vec<u8>, Fail> {
    let bad = || Fail::parameter(format!("STRING: invalid hex block \"{text}\""));
    let mut bytes = Vec::new();
    for (at, part) in text.split('|').enumerate() {
        if at % 2 == 0 {
            bytes.extend(part.bytes());
            continue;
        }
        let digits: Vec<u8> = part.bytes().filter(|b| *b != b' ').collect();
        for pair in digits.chunks(2) {
            let digit = std::str::from_utf8(pair).ok().ok_or_else(bad)?;
            bytes.push(u8::from_str_radix(digit, 16).ok().ok_or_else(bad)?);
        }
    }
    Ok(bytes)
}

pub(super) fn finish_pattern(pattern: Pattern, complete: bool) -> Result<Match, Fail> {
    if !complete {
        return Err(Fail::parameter(
            "string: option \"--algo\" must be specified\n",
        ));
    }
    if pattern.bytes.is_empty() {
        return Err(Fail::parameter(
            "STRING match: You must specify `--string' or `--hex-string'",
        ));
    }
    Ok(Match::Pattern(Box::new(pattern)))
}

/// How many bytes a quota has.
pub(super) fn quota(text: &str) -> Result<u64, Fail> {
    text.parse().ok().ok_or_else(|| {
        Fail::parameter(format!(
            "quota: bad value for option \"--quota\", or out of range (0-{}).\n",
            u64::MAX
        ))
    })
}
