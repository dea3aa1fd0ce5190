//! How wide texts are, without asking a browser: layouts must be the same everywhere.

/// How many Latin letters a letter is as wide as: Chinese, Japanese and Korean ones fill a square.
fn letters(c: char) -> f64 {
    if c < '\u{1100}' || ('\u{2000}'..'\u{2e80}').contains(&c) {
        1.0
    } else {
        1.7
    }
}

/// How many Latin letters a text is as wide as.
pub(crate) fn length(text: &str) -> f64 {
    text.chars().map(letters).sum()
}

/// Width of a monospaced text.
pub(crate) fn mono(text: &str, size: f64) -> f64 {
    length(text) * size * 0.61
}

/// Width of a proportional text, on the safe side.
pub(crate) fn sans(text: &str, size: f64) -> f64 {
    length(text) * size * 0.60
}

/// Shortens a text to the width of so many Latin letters, with an ellipsis.
pub(crate) fn shorten(text: &str, most: usize) -> String {
    let most = most as f64;
    if length(text) <= most {
        return text.to_owned();
    }
    let mut room = most - 1.0;
    let fits = |c: &char| {
        room -= letters(*c);
        room >= 0.0
    };
    let mut out: String = text.chars().take_while(fits).collect();
    out.push('…');
    out
}

/// Shortens a monospaced text to a width.
pub(crate) fn fit_mono(text: &str, size: f64, width: f64) -> String {
    shorten(text, (width / (size * 0.61)).floor().max(1.0) as usize)
}

/// Shortens a proportional text to a width.
pub(crate) fn fit_sans(text: &str, size: f64, width: f64) -> String {
    shorten(text, (width / (size * 0.60)).floor().max(1.0) as usize)
}

/// Breaks a text between words into lines of the width of so many Latin letters; a word that is longer is broken, too.
pub(crate) fn wrap(text: &str, most: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if length(line) + 1.0 + length(word) <= most => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
        while let Some(line) = lines.last_mut() {
            let mut room = most;
            let end = line.char_indices().skip(1).find(|(_, c)| {
                room -= letters(*c);
                room < 1.0
            });
            let Some((end, _)) = end else { break };
            let rest = line.split_off(end);
            lines.push(rest);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words_and_long_words_anywhere() {
        assert_eq!(
            wrap("outer in UDP to 192.168.1.20", 15.0),
            ["outer in UDP to", "192.168.1.20"]
        );
        assert_eq!(wrap("one long-word", 6.0), ["one", "long-w", "ord"]);
        assert_eq!(wrap("", 6.0), [""]);
    }
}
