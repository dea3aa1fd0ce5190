//! What Go says about a text that is no address. Source: go `net/netip`, `ParseAddr`.

/// What is wrong: in words, and where if that is told.
type Fault<'t> = (&'static str, &'t str);

/// Checks an address.
/// # Errors
/// Go's words for what is wrong with it.
pub(crate) fn check(text: &str) -> Result<(), String> {
    let kind = text.find(['.', ':', '%']);
    let sign = kind.and_then(|at| text.as_bytes().get(at));
    let fault = match sign {
        Some(b'.') => v4(text),
        Some(b':') => v6(text),
        // A zone without an address before it.
        Some(_) => Err(("missing IPv6 address", "")),
        None => Err(("unable to parse IP", "")),
    };
    fault.map_err(|(what, at)| match at {
        "" => format!("ParseAddr({text:?}): {what}"),
        at => format!("ParseAddr({text:?}): {what} (at {at:?})"),
    })
}

fn v4(text: &str) -> Result<(), Fault<'_>> {
    let (mut value, mut digits, mut dots) = (0, 0, 0);
    for (at, c) in text.char_indices() {
        let rest = text.get(at..).unwrap_or_default();
        match c.to_digit(10) {
            Some(_) if digits == 1 && value == 0 => {
                return Err(("IPv4 field has octet with leading zero", ""));
            }
            Some(digit) => {
                value = value * 10 + digit;
                digits += 1;
                if value > 255 {
                    return Err(("IPv4 field has value >255", ""));
                }
            }
            None if c == '.' => {
                if digits == 0 || rest.len() == 1 {
                    return Err(("IPv4 field must have at least one digit", rest));
                }
                if dots == 3 {
                    return Err(("IPv4 address too long", ""));
                }
                (value, digits, dots) = (0, 0, dots + 1);
            }
            None => return Err(("unexpected character", rest)),
        }
    }
    match dots {
        3 => Ok(()),
        _ => Err(("IPv4 address too short", "")),
    }
}

fn v6(text: &str) -> Result<(), Fault<'_>> {
    let (mut rest, zone) = text.split_once('%').unwrap_or((text, "-"));
    if zone.is_empty() {
        return Err(("zone must be a non-empty string", ""));
    }
    let mut gap = false;
    if let Some(after) = rest.strip_prefix("::") {
        (rest, gap) = (after, true);
        if rest.is_empty() {
            return Ok(());
        }
    }
    let mut bytes = 0;
    while bytes < 16 {
        let digits = rest.bytes().take_while(u8::is_ascii_hexdigit).count();
        if digits > 4 {
            return Err(("each group must have 4 or less digits", rest));
        }
        if digits == 0 {
            return Err((
                "each colon-separated field must have at least one digit",
                rest,
            ));
        }
        let after = rest.get(digits..).unwrap_or_default();
        if after.starts_with('.') {
            if !gap && bytes != 12 {
                let what = "embedded IPv4 address must replace the final 2 fields of the address";
                return Err((what, rest));
            }
            if bytes > 12 {
                let what = "too many hex fields to fit an embedded IPv4 at the end of the address";
                return Err((what, rest));
            }
            v4(rest)?;
            (rest, bytes) = ("", bytes + 4);
            break;
        }
        bytes += 2;
        rest = after;
        if rest.is_empty() {
            break;
        }
        let Some(next) = rest.strip_prefix(':') else {
            return Err(("unexpected character, want colon", rest));
        };
        if next.is_empty() {
            return Err(("colon must be followed by more characters", rest));
        }
        rest = next;
        if let Some(after) = next.strip_prefix(':') {
            if gap {
                return Err(("multiple :: in address", rest));
            }
            (rest, gap) = (after, true);
            if rest.is_empty() {
                break;
            }
        }
    }
    match (rest.is_empty(), bytes < 16, gap) {
        (false, ..) => Err(("trailing garbage after address", rest)),
        (_, true, false) => Err(("address string too short", "")),
        (_, false, true) => Err(("the :: must expand to at least one field of zeros", "")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_fine_and_the_rest_is_told() {
        for good in ["1.2.3.4", "::", "::1", "fe80::1%eth0", "::ffff:1.2.3.4"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for (text, what) in [
            ("abc", "unable to parse IP"),
            ("1.2.3", "IPv4 address too short"),
            (
                "1..3.4",
                "IPv4 field must have at least one digit (at \".3.4\")",
            ),
            (
                "1.2.3.",
                "IPv4 field must have at least one digit (at \".\")",
            ),
            ("1::2::3", "multiple :: in address (at \":3\")"),
            ("1:2:3", "address string too short"),
            (
                "::x",
                "each colon-separated field must have at least one digit (at \"x\")",
            ),
            (
                "1:2:3:4:5:6:7:8:9",
                "trailing garbage after address (at \"9\")",
            ),
        ] {
            assert_eq!(check(text), Err(format!("ParseAddr({text:?}): {what}")));
        }
    }
}
