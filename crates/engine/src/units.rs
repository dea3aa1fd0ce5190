//! Amounts of memory as Docker reads them: `64mb`, `1.5g`, `512`. Source: docker/go-units, size.go.

/// Reads an amount in bytes; units are powers of 1024. Errors: go-units' words, and those of Go's `ParseFloat`.
pub fn size(text: &str) -> Result<i64, String> {
    amount(text, 1024.0)
}

/// Reads an amount in bytes; units are powers of 1000. Errors: as [`size`].
pub fn decimal(text: &str) -> Result<i64, String> {
    amount(text, 1000.0)
}

fn amount(text: &str, base: f64) -> Result<i64, String> {
    let invalid = || format!("invalid size: '{text}'");
    let end = text
        .rfind(|c: char| c.is_ascii_digit() || c == '.' || c == ' ')
        .map(|last| last + 1)
        .ok_or_else(invalid)?;
    let (digits, suffix) = text.split_at(end);
    let number = number(digits.strip_suffix(' ').unwrap_or(digits))?;
    if number < 0.0 || !number.is_finite() {
        return Err(invalid());
    }
    let suffix = suffix.to_ascii_lowercase();
    let power = match suffix.as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 1,
        "m" | "mb" | "mib" => 2,
        "g" | "gb" | "gib" => 3,
        "t" | "tb" | "tib" => 4,
        "p" | "pb" | "pib" => 5,
        _ => return Err(format!("invalid suffix: '{suffix}'")),
    };
    Ok((number * base.powi(power)) as i64)
}

/// Reads a number. Errors: what Go's `ParseFloat` says.
pub fn number(text: &str) -> Result<f64, String> {
    text.parse()
        .map_err(|_invalid| format!("strconv.ParseFloat: parsing \"{text}\": invalid syntax"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_binary_units() {
        for (text, bytes) in [
            ("512", 512),
            ("64mb", 64 << 20),
            ("1.5G", 3 << 29),
            ("1 KiB", 1024),
            ("8b", 8),
        ] {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
        assert_eq!(decimal("10k"), Ok(10_000));
        assert_eq!(size("x"), Err("invalid size: 'x'".into()));
        assert_eq!(size("5x"), Err("invalid suffix: 'x'".into()));
        assert_eq!(size("-5"), Err("invalid size: '-5'".into()));
        let not_a_number = "strconv.ParseFloat: parsing \"a128\": invalid syntax";
        assert_eq!(size("a128m"), Err(not_a_number.into()));
    }
}
