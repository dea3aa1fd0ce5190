//! Amounts of bytes for people.

/// Returns an amount in decimal units with `digits` significant digits, such as `303.3MB`.
/// Source: docker/go-units `HumanSizeWithPrecision`.
pub fn decimal(bytes: u64, digits: usize) -> String {
    scaled(
        bytes,
        1000.0,
        &["B", "kB", "MB", "GB", "TB", "PB", "EB"],
        digits,
    )
}

/// Returns an amount in binary units, such as `23.54GiB`.
pub fn binary(bytes: u64) -> String {
    scaled(
        bytes,
        1024.0,
        &["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"],
        4,
    )
}

fn scaled(bytes: u64, base: f64, units: &[&str], digits: usize) -> String {
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= base && unit + 1 < units.len() {
        value /= base;
        unit += 1;
    }
    format!(
        "{}{}",
        significant(value, digits),
        units.get(unit).unwrap_or(&"B")
    )
}

/// Returns a number as Go's `%.Ng` prints it, for the range that sizes have.
fn significant(value: f64, digits: usize) -> String {
    let whole = if value < 1.0 {
        1
    } else {
        value.log10().floor() as usize + 1
    };
    let text = format!("{value:.*}", digits.saturating_sub(whole));
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_three_or_four_digits() {
        assert_eq!(decimal(0, 4), "0B");
        assert_eq!(decimal(2_080_625, 3), "2.08MB");
        assert_eq!(decimal(2_080_625, 4), "2.081MB");
        assert_eq!(decimal(23_510_000, 3), "23.5MB");
        assert_eq!(decimal(123_000_000, 3), "123MB");
        assert_eq!(binary(25_275_875_328), "23.54GiB");
    }
}
