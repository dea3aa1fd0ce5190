//! `numfmt`: numbers with and without units.

use kernel::process::files::Fd;
use kernel::sys::Sys;

use crate::args::{self, quote};
use crate::{Flavour, io};

const UNITS: [&str; 9] = ["", "K", "M", "G", "T", "P", "E", "Z", "Y"];

/// What a unit stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scale {
    None,
    Si,
    Iec,
    /// As [`Scale::Iec`], and the units end in `i`.
    IecI,
}

impl Scale {
    fn read(text: &str) -> Option<Self> {
        Some(match text {
            "none" => Self::None,
            "si" => Self::Si,
            "iec" | "auto" => Self::Iec,
            "iec-i" => Self::IecI,
            _ => return None,
        })
    }

    fn base(self) -> f64 {
        if self == Self::Si { 1000.0 } else { 1024.0 }
    }
}

/// The `numfmt` program.
pub async fn main(sys: Sys, args: Vec<String>, _flavour: Flavour) -> i32 {
    let long = [("to", 't'), ("from", 'f'), ("suffix", 's')];
    let parsed = match args::parse(&args, "t:f:s:", &long) {
        Ok(parsed) => parsed,
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    let mut scales = [Scale::None; 2];
    for (scale, (letter, name)) in scales.iter_mut().zip([('f', "--from"), ('t', "--to")]) {
        let text = parsed.value(letter).unwrap_or("none");
        let Some(known) = Scale::read(text) else {
            sys.err(&format!(
                "numfmt: invalid argument {} for {}\nValid arguments are:\n",
                quote(&sys, text),
                quote(&sys, name)
            ));
            for valid in ["none", "si", "iec", "iec-i"] {
                sys.err(&format!("  - {}\n", quote(&sys, valid)));
            }
            sys.err("Try 'numfmt --help' for more information.\n");
            return 1;
        };
        *scale = known;
    }
    let [from, to] = scales;
    let numbers = if parsed.operands.is_empty() {
        let mut input = io::Input::new(&sys, Fd::STDIN);
        let mut lines = Vec::new();
        while let Some(line) = input.line().await {
            lines.push(line.text);
        }
        lines
    } else {
        parsed.operands.clone()
    };
    for text in numbers {
        let Some(number) = read(&text, from) else {
            sys.err(&format!("numfmt: invalid number: {}\n", quote(&sys, &text)));
            return 2;
        };
        let suffix = parsed.value('s').unwrap_or_default();
        sys.out(&format!("{}{suffix}\n", write(number, to)));
    }
    0
}

fn read(text: &str, scale: Scale) -> Option<f64> {
    let text = text.trim();
    if scale == Scale::None {
        return text.parse().ok();
    }
    let text = text.strip_suffix('i').unwrap_or(text);
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = text.get(digits.len()..)?.to_ascii_uppercase();
    let power = UNITS.iter().position(|known| *known == unit)?;
    Some(digits.parse::<f64>().ok()? * scale.base().powi(i32::try_from(power).ok()?))
}

/// With one digit behind the point below ten, rounded away from zero.
fn write(number: f64, scale: Scale) -> String {
    let base = scale.base();
    if scale == Scale::None || number.abs() < base {
        return format!("{number}");
    }
    let (mut value, mut power) = (number, 0);
    while value.abs() >= base && power + 1 < UNITS.len() {
        value /= base;
        power += 1;
    }
    let unit = match UNITS.get(power).copied().unwrap_or_default() {
        "K" if scale == Scale::Si => "k",
        unit => unit,
    };
    let last = if scale == Scale::IecI { "i" } else { "" };
    if value.abs() < 10.0 {
        format!("{:.1}{unit}{last}", (value * 10.0).ceil() / 10.0)
    } else {
        format!("{}{unit}{last}", value.ceil())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_units() {
        assert_eq!(write(1_048_576.0, Scale::Iec), "1.0M");
        assert_eq!(write(1500.0, Scale::Si), "1.5k");
        assert_eq!(write(4096.0, Scale::IecI), "4.0Ki");
        assert_eq!(write(1000.0, Scale::Iec), "1000");
        assert_eq!(write(2_000_000.0, Scale::Iec), "2.0M");
        assert_eq!(read("2K", Scale::Iec), Some(2048.0));
        assert_eq!(read("abc", Scale::None), None);
    }
}
