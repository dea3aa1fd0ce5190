//! `dd`: copies blocks.

use bytes::Bytes;
use kernel::process::files::Fd;
use kernel::sys::Sys;

use crate::args::quote;
use crate::{Flavour, io};

/// The most that is copied at once: a file cannot grow further.
const MOST: usize = 16 << 20;

/// A size such as `4k` or `1M`.
pub(super) fn amount(text: &str) -> Option<usize> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match text.get(digits.len()..)? {
        "" | "c" => 1,
        "b" => 512,
        "k" | "K" | "KiB" => 1 << 10,
        "kB" | "KB" => 1000,
        "M" | "MiB" => 1 << 20,
        "MB" => 1_000_000,
        "G" | "GiB" => 1 << 30,
        _ => return None,
    };
    let size = digits.parse::<usize>().ok()?.checked_mul(unit)?;
    (size <= MOST).then_some(size)
}

/// The `dd` program.
pub async fn main(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let (mut from, mut to, mut quiet) = (None, None, false);
    let (mut block, mut count, mut skip) = (512, None, 0);
    for word in args.iter().skip(1) {
        let number = |text: &str| {
            amount(text).ok_or_else(|| format!("dd: invalid number: {}\n", quote(&sys, text)))
        };
        let read = match word.split_once('=') {
            Some(("if", path)) => {
                from = Some(path.to_owned());
                Ok(())
            }
            Some(("of", path)) => {
                to = Some(path.to_owned());
                Ok(())
            }
            Some(("bs" | "ibs" | "obs", text)) => number(text).map(|n| block = n.max(1)),
            Some(("count", text)) => number(text).map(|n| count = Some(n)),
            Some(("skip", text)) => number(text).map(|n| skip = n),
            Some(("status", how)) => {
                quiet = how == "none";
                Ok(())
            }
            Some(("conv" | "iflag" | "oflag", _)) => Ok(()),
            _ => Err(format!(
                "dd: unrecognized operand '{word}'\nTry 'dd --help' for more information.\n"
            )),
        };
        if let Err(text) = read {
            sys.err(&text);
            return 1;
        }
    }
    let fail = |path: &str, error: kernel::Errno| {
        sys.err(&match flavour {
            Flavour::Gnu => format!("dd: failed to open '{path}': {error}\n"),
            Flavour::Busybox => format!("dd: can't open '{path}': {error}\n"),
        });
        1
    };
    let mut input = match io::Input::open(&sys, from.as_deref().unwrap_or("-")) {
        Ok(input) => input,
        Err(error) => return fail(from.as_deref().unwrap_or_default(), error),
    };
    let most = count.map_or(MOST, |count| block.saturating_mul(count + skip).min(MOST));
    let mut data = Vec::new();
    while data.len() < most
        && let Some(piece) = input.piece().await
    {
        data.extend(piece);
    }
    data.truncate(most);
    data.drain(..block.saturating_mul(skip).min(data.len()));
    let written = match &to {
        Some(path) => sys
            .write_file(path, &data)
            .map_err(|error| fail(path, error)),
        None => sys
            .write(Fd::STDOUT, &Bytes::from(data.clone()))
            .await
            .map(|_| ())
            .map_err(|_broken| 1),
    };
    if let Err(code) = written {
        return code;
    }
    if !quiet {
        sys.err(&summary(data.len(), block, flavour));
    }
    0
}

/// What is said at the end; copying takes a moment that is not modelled.
fn summary(size: usize, block: usize, flavour: Flavour) -> String {
    let records = format!(
        "{}+{}",
        size / block,
        usize::from(!size.is_multiple_of(block))
    );
    let total = match (flavour, size) {
        (Flavour::Gnu, 0..1000) => format!("{size} bytes copied, 0.0001 s, "),
        (Flavour::Gnu, _) => format!(
            "{size} bytes ({}B, {}iB) copied, 0.0001 s, ",
            spaced(size, 1000.0, "k"),
            spaced(size, 1024.0, "K")
        ),
        (Flavour::Busybox, _) => {
            format!("{size} bytes ({}B) copied, 0.000100 seconds, ", plain(size))
        }
    };
    let speed = match flavour {
        Flavour::Gnu => format!("{}B/s", spaced(size * 10_000, 1000.0, "k")),
        Flavour::Busybox => format!("{}B/s", plain(size * 10_000)),
    };
    format!("{records} records in\n{records} records out\n{total}{speed}\n")
}

/// `2.0 k`, as GNU's.
fn spaced(size: usize, base: f64, thousand: &str) -> String {
    let (mut value, mut unit) = (size as f64, "");
    for next in [thousand, "M", "G"] {
        if value < base {
            break;
        }
        (value, unit) = (value / base, next);
    }
    if value < 10.0 && !unit.is_empty() {
        format!("{value:.1} {unit}")
    } else {
        format!("{value:.0} {unit}")
    }
}

/// `2.0K`, as busybox's.
fn plain(size: usize) -> String {
    let (mut value, mut unit) = (size as f64, "");
    for next in ["K", "M", "G"] {
        if value < 1024.0 {
            break;
        }
        (value, unit) = (value / 1024.0, next);
    }
    if unit.is_empty() {
        format!("{size}")
    } else {
        format!("{value:.1}{unit}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        assert_eq!(amount("1k"), Some(1024));
        assert_eq!(amount("2x"), None);
        assert!(
            summary(2048, 1024, Flavour::Gnu).starts_with(
                "2+0 records in\n2+0 records out\n2048 bytes (2.0 kB, 2.0 KiB) copied, "
            )
        );
        assert!(
            summary(5, 512, Flavour::Gnu)
                .starts_with("0+1 records in\n0+1 records out\n5 bytes copied, ")
        );
    }
}
