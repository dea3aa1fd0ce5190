//! `-m string`, as `iptables -S` prints it.

use crate::netfilter::model::Pattern;
use std::fmt::{self, Write as _};

pub(super) fn pattern(out: &mut String, pattern: &Pattern) -> fmt::Result {
    let not = if pattern.not { "! " } else { "" };
    let (hex, text) = pattern_text(&pattern.bytes);
    let option = if hex { "hex-string" } else { "string" };
    write!(
        out,
        " -m string {not}--{option} {text} --algo {}",
        pattern.algorithm
    )?;
    if pattern.from > 0 {
        write!(out, " --from {}", pattern.from)?;
    }
    if pattern.to < u16::MAX {
        write!(out, " --to {}", pattern.to)?;
    }
    if pattern.any_case {
        out.push_str(" --icase");
    }
    Ok(())
}

/// What is looked for, in quotes; in hexadecimal digits (then the first is true) where it cannot be printed.
/// Source: iptables libxt_string.c, `print_string` and `print_hex_string`.
#[must_use]
pub fn pattern_text(bytes: &[u8]) -> (bool, String) {
    let mut text = String::from("\"");
    let hex = !bytes.iter().all(|b| matches!(b, b' '..=b'~'));
    if hex {
        text.push('|');
        for byte in bytes {
            let _ = write!(text, "{byte:02x}");
        }
        text.push('|');
    } else {
        for byte in bytes.iter().copied().map(char::from) {
            if matches!(byte, '"' | '\\') {
                text.push('\\');
            }
            text.push(byte);
        }
    }
    text.push('"');
    (hex, text)
}
