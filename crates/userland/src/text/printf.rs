//! `printf`: as a program, and the core that the shells' builtins share.

use kernel::process::files::Fd;
use kernel::sys::Sys;

use crate::Flavour;
use crate::shell::quote::unescape_echo;

/// What a format gave.
#[derive(Debug, Default)]
pub struct Formatted {
    /// The bytes to print.
    pub output: Vec<u8>,
    /// What was wrong on the way.
    pub errors: Vec<FormatError>,
}

/// An argument or directive that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormatError {
    /// Not a number.
    NotANumber(String),
    /// A directive that does not exist.
    BadDirective(String),
}

impl FormatError {
    /// As bash says it.
    #[must_use]
    pub fn bash(&self) -> String {
        match self {
            Self::NotANumber(text) => format!("{text}: invalid number"),
            Self::BadDirective(text) => format!(
                "`{}': invalid format character",
                text.chars().last().unwrap_or('%')
            ),
        }
    }

    /// As dash says it.
    #[must_use]
    pub fn dash(&self) -> String {
        match self {
            Self::NotANumber(text) => format!("{text}: expected numeric value"),
            Self::BadDirective(text) => format!("{text}: invalid directive"),
        }
    }

    /// As coreutils says it.
    #[must_use]
    pub fn coreutils(&self) -> String {
        match self {
            Self::NotANumber(text) => format!("'{text}': expected a numeric value"),
            Self::BadDirective(text) => format!("{text}: invalid conversion specification"),
        }
    }

    /// As busybox says it.
    #[must_use]
    pub fn busybox(&self) -> String {
        match self {
            Self::NotANumber(text) => format!("invalid number '{text}'"),
            Self::BadDirective(text) => format!("{text}: invalid format"),
        }
    }
}

/// Fields are no wider than this, so that one directive can't fill memory.
const MAX_WIDTH: usize = 10_000;

#[derive(Default)]
struct Directive {
    left: bool,
    zero: bool,
    plus: bool,
    space: bool,
    alternate: bool,
    width: usize,
    precision: Option<usize>,
}

/// Formats `arguments`, the format first; the format is used again while arguments are left.
#[must_use]
pub fn format(arguments: &[String]) -> Formatted {
    let mut done = Formatted::default();
    let Some((format, values)) = arguments.split_first() else {
        return done;
    };
    let chars: Vec<char> = format.chars().collect();
    let mut values = values.iter();
    loop {
        let before = values.len();
        let more = once(&chars, &mut values, &mut done);
        if !more || values.len() == 0 || values.len() == before {
            return done;
        }
    }
}

/// Goes through the format once; false if `\c` or an error ended it.
fn once(chars: &[char], values: &mut std::slice::Iter<'_, String>, done: &mut Formatted) -> bool {
    let mut at = 0;
    while let Some(c) = chars.get(at).copied() {
        at += 1;
        match c {
            '\\' => {
                // An escape is at most eight digits and two characters long.
                let start = at - 1;
                at += 1;
                let octal = chars
                    .get(start + 1)
                    .is_some_and(|c| ('0'..='7').contains(c));
                while at < start + 10
                    && chars.get(at).is_some_and(|c| {
                        if octal {
                            ('0'..='7').contains(c) && at < start + 4
                        } else {
                            c.is_ascii_hexdigit()
                                && matches!(chars.get(start + 1), Some('x' | 'u' | 'U'))
                                && !(chars.get(start + 1) == Some(&'x') && at >= start + 4)
                        }
                    })
                {
                    at += 1;
                }
                let mut escape: String = chars
                    .get(start..at.min(chars.len()))
                    .unwrap_or_default()
                    .iter()
                    .collect();
                if octal {
                    escape.insert(1, '0');
                }
                let escape = if escape == "\\\"" {
                    "\"".to_owned()
                } else {
                    escape
                };
                let (text, whole) = unescape_echo(&escape);
                done.output.extend_from_slice(text.as_bytes());
                if !whole {
                    return false;
                }
            }
            '%' => {
                if chars.get(at) == Some(&'%') {
                    at += 1;
                    done.output.push(b'%');
                    continue;
                }
                let start = at - 1;
                let directive = parse(chars, &mut at, values);
                let Some(kind) = chars.get(at).copied() else {
                    done.errors.push(FormatError::BadDirective(
                        chars.get(start..).unwrap_or_default().iter().collect(),
                    ));
                    return false;
                };
                at += 1;
                if !convert(kind, &directive, values, done) {
                    done.errors.push(FormatError::BadDirective(
                        chars.get(start..at).unwrap_or_default().iter().collect(),
                    ));
                    return false;
                }
            }
            c => done.output.extend_from_slice(c.to_string().as_bytes()),
        }
    }
    true
}

fn parse(chars: &[char], at: &mut usize, values: &mut std::slice::Iter<'_, String>) -> Directive {
    let mut directive = Directive::default();
    while let Some(c) = chars.get(*at) {
        match c {
            '-' => directive.left = true,
            '0' => directive.zero = true,
            '+' => directive.plus = true,
            ' ' => directive.space = true,
            '#' => directive.alternate = true,
            _ => break,
        }
        *at += 1;
    }
    let mut number = |at: &mut usize| -> i64 {
        if chars.get(*at) == Some(&'*') {
            *at += 1;
            return values
                .next()
                .and_then(|value| value.parse().ok())
                .unwrap_or(0);
        }
        let mut value = 0_i64;
        while let Some(digit) = chars.get(*at).and_then(|c| c.to_digit(10)) {
            value = value.saturating_mul(10).saturating_add(i64::from(digit));
            *at += 1;
        }
        value
    };
    let limit = |value: i64| {
        usize::try_from(value.unsigned_abs())
            .unwrap_or(MAX_WIDTH)
            .min(MAX_WIDTH)
    };
    let width = number(at);
    directive.left |= width < 0;
    directive.width = limit(width);
    if chars.get(*at) == Some(&'.') {
        *at += 1;
        directive.precision = Some(limit(number(at)));
    }
    directive
}

fn convert(
    kind: char,
    directive: &Directive,
    values: &mut std::slice::Iter<'_, String>,
    done: &mut Formatted,
) -> bool {
    let value = values.next();
    let text = value.map_or("", String::as_str);
    let shortened = |text: &str| {
        directive
            .precision
            .map_or_else(|| text.to_owned(), |most| text.chars().take(most).collect())
    };
    let body = match kind {
        's' => shortened(text),
        'b' => shortened(&unescape_echo(text).0),
        'q' => crate::shell::quote::backslashed(text),
        'c' => text.chars().take(1).collect(),
        'd' | 'i' => signed(integer(text, done), directive),
        'u' => integer(text, done).cast_unsigned().to_string(),
        'x' => {
            let value = integer(text, done);
            if directive.alternate {
                format!("{value:#x}")
            } else {
                format!("{value:x}")
            }
        }
        'X' => format!("{:X}", integer(text, done)),
        'o' => format!("{:o}", integer(text, done)),
        'f' | 'F' => signed_text(
            format!("{:.*}", directive.precision.unwrap_or(6), float(text, done)),
            directive,
        ),
        'e' => exponent(float(text, done), directive.precision.unwrap_or(6)),
        'g' => general(float(text, done), directive.precision.unwrap_or(6)),
        _ => return false,
    };
    let numeric = !matches!(kind, 's' | 'b' | 'q' | 'c');
    done.output
        .extend_from_slice(pad(&body, directive, numeric).as_bytes());
    true
}

fn pad(body: &str, directive: &Directive, numeric: bool) -> String {
    let missing = directive.width.saturating_sub(body.chars().count());
    if directive.left {
        format!("{body}{}", " ".repeat(missing))
    } else if directive.zero && numeric {
        let (sign, digits) = body
            .strip_prefix('-')
            .map_or(("", body), |digits| ("-", digits));
        format!("{sign}{}{digits}", "0".repeat(missing))
    } else {
        format!("{}{body}", " ".repeat(missing))
    }
}

fn signed(value: i64, directive: &Directive) -> String {
    let digits = value.unsigned_abs().to_string();
    let digits = directive
        .precision
        .map_or_else(|| digits.clone(), |least| format!("{digits:0>least$}"));
    signed_text(
        if value < 0 {
            format!("-{digits}")
        } else {
            digits
        },
        directive,
    )
}

fn signed_text(text: String, directive: &Directive) -> String {
    match (text.starts_with('-'), directive.plus, directive.space) {
        (false, true, _) => format!("+{text}"),
        (false, false, true) => format!(" {text}"),
        _ => text,
    }
}

fn integer(text: &str, done: &mut Formatted) -> i64 {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return 0;
    }
    if let Some(quoted) = trimmed.strip_prefix(['\'', '"']) {
        return quoted.chars().next().map_or(0, |c| i64::from(u32::from(c)));
    }
    let (negative, digits) = trimmed
        .strip_prefix('-')
        .map_or((false, trimmed.trim_start_matches('+')), |digits| {
            (true, digits)
        });
    let (radix, digits) = match digits.strip_prefix("0x") {
        Some(digits) => (16, digits),
        None if digits.len() > 1 && digits.starts_with('0') => (8, digits),
        None => (10, digits),
    };
    let valid: String = digits.chars().take_while(|c| c.is_digit(radix)).collect();
    if valid.len() != digits.len() || valid.is_empty() {
        done.errors.push(FormatError::NotANumber(text.to_owned()));
    }
    let value =
        i64::from_str_radix(&valid, radix).unwrap_or(if valid.is_empty() { 0 } else { i64::MAX });
    if negative { -value } else { value }
}

fn float(text: &str, done: &mut Formatted) -> f64 {
    if text.trim().is_empty() {
        return 0.0;
    }
    text.trim().parse().unwrap_or_else(|_not_a_number| {
        done.errors.push(FormatError::NotANumber(text.to_owned()));
        0.0
    })
}

/// As `%e`.
pub(crate) fn exponent(value: f64, precision: usize) -> String {
    let text = format!("{value:.precision$e}");
    match text.split_once('e') {
        Some((digits, power)) => {
            let (sign, power) = power
                .strip_prefix('-')
                .map_or(('+', power), |power| ('-', power));
            format!("{digits}e{sign}{power:0>2}")
        }
        None => text,
    }
}

/// As `%g`.
pub(crate) fn general(value: f64, precision: usize) -> String {
    if value == 0.0 || !value.is_finite() {
        return if value == 0.0 {
            "0".to_owned()
        } else {
            value.to_string().to_ascii_lowercase()
        };
    }
    let precision = precision.max(1);
    let rounded = exponent(value, precision - 1);
    let power: i32 = rounded
        .split_once('e')
        .and_then(|(_, power)| power.parse().ok())
        .unwrap_or(0);
    let trim = |text: &str| {
        if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            text.to_owned()
        }
    };
    let digits = i32::try_from(precision).unwrap_or(i32::MAX);
    if power < -4 || power >= digits {
        let (mantissa, power) = rounded.split_once('e').unwrap_or((rounded.as_str(), "+00"));
        format!("{}e{power}", trim(mantissa))
    } else {
        let decimals = usize::try_from(digits - 1 - power).unwrap_or(0);
        trim(&format!("{value:.decimals$}"))
    }
}

/// The `printf` program.
pub async fn main(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let done = format(args.get(1..).unwrap_or_default());
    for error in &done.errors {
        let text = if flavour == Flavour::Busybox {
            error.busybox()
        } else {
            error.coreutils()
        };
        sys.err(&format!("printf: {text}\n"));
    }
    let failed = sys.write(Fd::STDOUT, &done.output).await.is_err();
    i32::from(failed || !done.errors.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(arguments: &[&str]) -> String {
        let arguments: Vec<String> = arguments.iter().map(|text| (*text).to_owned()).collect();
        String::from_utf8(format(&arguments).output).unwrap()
    }

    #[test]
    fn formats_as_in_c() {
        assert_eq!(text(&["%s-%d\\n", "a", "1", "b", "2"]), "a-1\nb-2\n");
        assert_eq!(
            text(&[
                "[%5s|%-5s|%05d|%x|%o|%.2f|%c|%%]",
                "ab",
                "cd",
                "-42",
                "255",
                "8",
                "3.14159",
                "xyz"
            ]),
            "[   ab|cd   |-0042|ff|10|3.14|x|%]"
        );
        assert_eq!(text(&["%s %b", "a\\n", "b\\n"]), "a\\n b\n");
        assert_eq!(text(&["\\x41\\101\\t."]), "AA\t.");
        assert_eq!(text(&["none"]), "none");
        assert_eq!(
            text(&["%g %g %e", "0.0001", "1234567", "1.5"]),
            "0.0001 1.23457e+06 1.500000e+00"
        );
    }

    #[test]
    fn wrong_numbers_count_as_nought() {
        let done = format(&["%d".to_owned(), "b".to_owned()]);
        assert_eq!(
            (done.output, done.errors),
            (b"0".to_vec(), vec![FormatError::NotANumber("b".to_owned())])
        );
    }
}
