//! `journalctl`.

use kernel::process::signal::Signal;
use kernel::sys::Sys;
use kernel::time::Duration;

use super::{manager, unit, units};
use crate::Flavour;
use crate::args::{self, Wrong};

/// How often `-f` looks for news.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// The `journalctl` program.
pub(super) async fn main(sys: Sys, args: Vec<String>, _: Flavour) -> i32 {
    let long = [
        ("unit", 'u'),
        ("lines", 'n'),
        ("follow", 'f'),
        ("pager-end", 'e'),
        ("no-pager", '1'),
        ("catalog", 'x'),
        ("reverse", 'r'),
        ("boot", 'b'),
        ("quiet", 'q'),
        ("output", 'o'),
        ("no-hostname", '2'),
    ];
    let parsed = match args::parse(&args, "u:n:fexrbq1o:", &long) {
        Ok(parsed) => parsed,
        Err(Wrong::Missing(option)) => {
            sys.err(&format!(
                "journalctl: option requires an argument -- '{option}'\n"
            ));
            return 1;
        }
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    let only_message = match parsed.value('o') {
        None | Some("short") => false,
        Some("cat") => true,
        Some(other) => {
            return crate::not_modelled(&sys, "journalctl", &format!("-o {other}"));
        }
    };
    let wanted: Vec<_> = match parsed.value('u') {
        Some(_) => parsed
            .values('u')
            .filter_map(|name| unit(&sys, name))
            .collect(),
        None => units(&sys).collect(),
    };
    let lines = || {
        let manager = manager(&sys);
        let manager = manager.borrow();
        let mut lines: Vec<_> = wanted
            .iter()
            .flat_map(|unit| manager.lines(&sys, unit))
            .collect();
        sorted::sort_by_key(&mut lines, |line| line.at);
        lines
    };
    let follow = parsed.has('f');
    let limit = match parsed.value('n') {
        Some("all") => None,
        Some(text) => match text.parse::<usize>() {
            Ok(limit) => Some(limit),
            Err(_) => {
                sys.err(&format!("Failed to parse lines '{text}'\n"));
                return 1;
            }
        },
        None => follow.then_some(10),
    };
    let all = lines();
    let mut shown = all.len();
    let first = limit.map_or(0, |limit| shown.saturating_sub(limit));
    let mut chosen: Vec<_> = all.get(first..).unwrap_or_default().to_vec();
    if parsed.has('r') {
        chosen.reverse();
    }
    if chosen.is_empty() && !follow && !parsed.has('q') {
        sys.out("-- No entries --\n");
    }
    for line in chosen {
        sys.out(&line.text(&sys, only_message));
    }
    sys.catch(Signal::INT);
    if !follow {
        return 0;
    }
    loop {
        if sys.sleep(LOOK_EVERY).await.is_err() {
            return 0;
        }
        let all = lines();
        for line in all.get(shown..).unwrap_or_default() {
            sys.out(&line.text(&sys, only_message));
        }
        shown = all.len();
    }
}
