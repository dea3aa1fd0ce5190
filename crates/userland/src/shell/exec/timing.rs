//! What `time` prints.

use crate::shell::ast::Times;

/// How `time` tells of times where `TIMEFORMAT` says nothing else.
pub(super) fn default_times(form: Times) -> &'static str {
    match form {
        Times::Own => "\nreal\t%3lR\nuser\t%3lU\nsys\t%3lS",
        Times::Posix => "real %2R\nuser %2U\nsys %2S",
    }
}

/// What `time` prints; programs take no processor time here.
pub(super) fn times(format: &str, elapsed: kernel::time::Duration) -> String {
    if format.is_empty() {
        return String::new();
    }
    let mut out = String::new();
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let digits = chars
            .next_if(char::is_ascii_digit)
            .and_then(|c| c.to_digit(10));
        let digits = digits.unwrap_or(3).min(3) as usize;
        let long = chars.next_if_eq(&'l').is_some();
        let seconds = match chars.next() {
            Some('R') => elapsed.as_secs_f64(),
            Some('U' | 'S') => 0.0,
            Some('P') => {
                out.push_str("0.00");
                continue;
            }
            other => {
                out.extend(other);
                continue;
            }
        };
        if long {
            let minutes = (seconds / 60.0).trunc();
            out.push_str(&format!(
                "{minutes:.0}m{:.digits$}s",
                seconds - minutes * 60.0
            ));
        } else {
            out.push_str(&format!("{seconds:.digits$}"));
        }
    }
    out.push('\n');
    out
}
