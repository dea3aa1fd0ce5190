//! `shuf`: lines in an order of chance.

use kernel::sys::Sys;

use crate::args::{self, quote};
use crate::{Flavour, io};

/// The most lines that a range may stand for.
const MOST: u64 = 1 << 20;

/// The `shuf` program.
pub async fn main(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let long = [
        ("echo", 'e'),
        ("input-range", 'i'),
        ("head-count", 'n'),
        ("repeat", 'r'),
    ];
    let parsed = match args::parse(&args, "ei:n:o:rz", &long) {
        Ok(parsed) => parsed,
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    let mut lines: Vec<String> = if let Some(range) = parsed.value('i') {
        let ends = range
            .split_once('-')
            .and_then(|(a, b)| Some((a.parse::<u64>().ok()?, b.parse::<u64>().ok()?)));
        match ends {
            Some((first, last)) if first <= last && last - first < MOST => {
                (first..=last).map(|n| n.to_string()).collect()
            }
            _ => {
                sys.err(&format!(
                    "shuf: invalid input range: {}\n",
                    quote(&sys, range)
                ));
                return 1;
            }
        }
    } else if parsed.has('e') {
        parsed.operands.clone()
    } else {
        let files = parsed.operands.get(..1).unwrap_or_default();
        match io::all_lines(&sys, "shuf", files, flavour).await {
            (lines, true) => lines,
            (_, false) => return 1,
        }
    };
    let count = parsed.value('n').and_then(|n| n.parse::<usize>().ok());
    if parsed.has('r') && !lines.is_empty() {
        let chosen = (0..count.unwrap_or(lines.len())).filter_map(|_| {
            let index = sys.kernel(|k| k.rng.below(lines.len() as u64));
            lines.get(usize::try_from(index).unwrap_or(0)).cloned()
        });
        lines = chosen.collect();
    } else {
        sys.kernel(|k| k.rng.shuffle(&mut lines));
    }
    lines.truncate(count.unwrap_or(usize::MAX));
    sys.out(
        &lines
            .iter()
            .map(|line| format!("{line}\n"))
            .collect::<String>(),
    );
    0
}
