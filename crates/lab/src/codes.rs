//! The escape sequences with which programs move about and paint on a terminal: which ones a screen of lines heeds.
//!
//! Source: ECMA-48. `CUU` moves up; `EL` matters only before a line is written anew, which a screen of lines does anyway;
//! colours and the rest are taken out.

/// A part of what a program wrote.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Code<'a> {
    /// Text, line feeds included.
    Text(&'a str),
    /// Up by so many lines, to their beginning.
    Up(usize),
}

/// Splits what a program wrote.
pub(crate) fn codes(text: &str) -> Vec<Code<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        let end = after.find(|c: char| ('@'..='~').contains(&c));
        let (number, last, next) = match end.and_then(|at| after.split_at_checked(at)) {
            Some((number, tail)) => (number, tail.chars().next(), tail.get(1..).unwrap_or("")),
            None => (after, None, ""),
        };
        let before = match last {
            // Back to the line's beginning to wipe it: nothing stands there.
            Some('K') => before.strip_suffix('\r').unwrap_or(before),
            _ => before,
        };
        if !before.is_empty() {
            found.push(Code::Text(before));
        }
        if last == Some('A') {
            found.push(Code::Up(number.parse().unwrap_or(1)));
        }
        rest = next;
    }
    if !rest.is_empty() {
        found.push(Code::Text(rest));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_text_and_moving_up_are_left() {
        assert_eq!(codes("plain\n"), [Code::Text("plain\n")]);
        assert_eq!(
            codes("\u{1b}[2A\u{1b}[2K\u{1b}[32m✔\u{1b}[0m done\n\u{1b}[A"),
            [
                Code::Up(2),
                Code::Text("✔"),
                Code::Text(" done\n"),
                Code::Up(1)
            ]
        );
        assert_eq!(codes("\r\u{1b}[Kend\n"), [Code::Text("end\n")]);
        assert_eq!(codes("cut \u{1b}[3"), [Code::Text("cut ")]);
    }
}
