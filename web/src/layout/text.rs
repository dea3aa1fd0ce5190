//! How wide texts are, without asking a browser: layouts must be the same everywhere.

/// Width of a monospaced text.
pub(crate) fn mono(text: &str, size: f64) -> f64 {
    text.chars().count() as f64 * size * 0.61
}

/// Width of a proportional text, on the safe side.
pub(crate) fn sans(text: &str, size: f64) -> f64 {
    text.chars().count() as f64 * size * 0.60
}

/// Shortens a text to so many characters, with an ellipsis.
pub(crate) fn shorten(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut out: String = text.chars().take(most.saturating_sub(1)).collect();
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
