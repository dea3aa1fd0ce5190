//! `watch`: a command that is run again and again, its output on a screen of its own.

use kernel::process::ExitStatus;
use kernel::process::files::Fd;
use kernel::sys::Sys;
use kernel::time::Duration;

use super::timing::duration;
use crate::{Flavour, args};

/// As much of a run's output as is read, bytes; a screen shows less.
const MOST: usize = 1 << 16;
/// How many lines a terminal has.
const ROWS: usize = 24;

const USAGE: &str = "
Usage:
 watch [options] command

Options:
  -b, --beep             beep if command has a non-zero exit
  -c, --color            interpret ANSI color and style sequences
  -C, --no-color         do not interpret ANSI color and style sequences
  -d, --differences[=<permanent>]
                         highlight changes between updates
  -e, --errexit          exit if command has a non-zero exit
  -f, --follow           Follow the output and don't clear screen
  -g, --chgexit          exit when output from command changes
  -q, --equexit <cycles>
                         exit when output from command does not change
  -n, --interval <secs>  seconds to wait between updates
  -p, --precise          -n includes command running time
  -r, --no-rerun         do not rerun program on window resize
  -s, --shotsdir         directory to store screenshots
  -t, --no-title         turn off header
  -w, --no-wrap          turn off line wrapping
  -x, --exec             pass command to exec instead of \"sh -c\"

 -h, --help     display this help and exit
 -v, --version  output version information and exit

For more details see watch(1).
";

const BUSYBOX_USAGE: &str = "BusyBox v1.38.0 (Debian 1:1.38.0-3+b1) multi-call binary.

Usage: watch [-n SEC] [-tx] PROG ARGS

Run PROG periodically

\t-n SEC\tPeriod (default 2)
\t-t\tDon't print header
\t-x\texec(PROG,ARGS) instead of sh -c 'PROG ARGS'
";

/// The `watch` program. Source for its screens: procps-ng 4.0.5, busybox 1.38 `miscutils/watch.c`.
pub async fn main(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let long = [
        ("interval", 'n'),
        ("no-title", 't'),
        ("differences", 'd'),
        ("chgexit", 'g'),
        ("errexit", 'e'),
        ("exec", 'x'),
        ("color", 'c'),
        ("no-color", 'C'),
        ("no-wrap", 'w'),
        ("beep", 'b'),
        ("precise", 'p'),
        ("no-rerun", 'r'),
        ("help", 'h'),
    ];
    let parsed = match flavour {
        Flavour::Gnu => args::parse(&args, "+n:td::gexcCwbprh", &long),
        Flavour::Busybox => args::parse(&args, "+n:tdx", &[]),
    };
    let parsed = match parsed {
        Ok(parsed) if parsed.has('h') => {
            sys.out(USAGE);
            return 0;
        }
        Ok(parsed) => parsed,
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    if parsed.operands.is_empty() {
        sys.err(match flavour {
            Flavour::Gnu => USAGE,
            Flavour::Busybox => BUSYBOX_USAGE,
        });
        return 1;
    }
    let given = parsed.value('n').unwrap_or("2");
    let Some(period) = duration(given) else {
        sys.err(&match flavour {
            Flavour::Gnu => {
                format!("watch: failed to parse argument: '{given}': Invalid argument\n")
            }
            Flavour::Busybox => format!("watch: invalid number '{given}'\n"),
        });
        return 1;
    };
    let period = period.max(Duration::from_millis(100));
    let line = parsed.operands.join(" ");
    let command = if parsed.has('x') {
        parsed.operands.clone()
    } else {
        ["sh", "-c", &line].map(str::to_owned).to_vec()
    };
    let mut before: Option<String> = None;
    loop {
        let head = head(&sys, flavour, period, &line);
        let head = if parsed.has('t') { "" } else { &head };
        if flavour == Flavour::Busybox {
            sys.out(&format!("\u{1b}[H\u{1b}[J{head}"));
            let child = sys.child(command.clone()).map(|spawn| sys.spawn(spawn));
            if let Some(Ok(child)) = child {
                let _: Result<_, _> = sys.wait(Some(child)).await;
            }
        } else {
            let Some((text, status)) = run(&sys, &command).await else {
                sys.err("watch: unable to fork process\n");
                return 1;
            };
            let changed = before.as_ref().is_some_and(|before| *before != text);
            let old = before.as_deref().filter(|_| parsed.has('d'));
            let body = screenful(&text, old, if head.is_empty() { ROWS } else { ROWS - 2 });
            sys.out(&format!("\u{1b}[H\u{1b}[2J{head}{body}"));
            if parsed.has('e') && status != ExitStatus::Code(0) {
                return status.code();
            }
            if parsed.has('g') && changed {
                return 0;
            }
            if !sys.is_tty(Fd::STDIN) {
                sys.err("watch: getchar(): Inappropriate ioctl for device\n");
                return 1;
            }
            before = Some(text);
        }
        if sys.sleep(period).await.is_err() {
            return 1;
        }
    }
}

/// The line above the output: what is run on the left; the machine and the time on the right.
fn head(sys: &Sys, flavour: Flavour, period: Duration, line: &str) -> String {
    let columns = usize::from(columns(sys));
    let (seconds, nanos) = sys.wall_clock();
    let format = if flavour == Flavour::Gnu {
        "%a %b %e %H:%M:%S %Y"
    } else {
        "%Y-%m-%d %H:%M:%S"
    };
    let mut right = super::date::format(format, i64::try_from(seconds).unwrap_or(0), nanos);
    if flavour == Flavour::Gnu {
        right = format!("{}: {right}", sys.hostname());
    }
    let left = format!("Every {:.1}s: {line}", period.as_secs_f64());
    let room = columns.saturating_sub(right.chars().count());
    let left: String = left.chars().take(room.saturating_sub(1)).collect();
    format!("{left:<room$}{right}\n\n")
}

/// How wide the terminal is, characters.
fn columns(sys: &Sys) -> u16 {
    let tty = sys.me(|p| p.tty).flatten();
    tty.and_then(|tty| sys.kernel(|k| k.tty(tty).map(|tty| tty.columns)))
        .unwrap_or(80)
}

/// What the command prints, on both streams, and how it ends.
async fn run(sys: &Sys, command: &[String]) -> Option<(String, ExitStatus)> {
    let (reader, writer) = sys.pipe().ok()?;
    let mut spawn = sys.child(command.to_vec())?;
    let end = sys.handle(writer).ok()?;
    spawn.fds.insert(Fd::STDOUT, end);
    spawn.fds.insert(Fd::STDERR, end);
    spawn.fds.remove(&reader);
    spawn.fds.remove(&writer);
    let child = sys.spawn(spawn);
    sys.close(writer);
    let text = sys.read_all(reader, MOST).await.unwrap_or_default();
    sys.close(reader);
    let (_, status) = sys.wait(Some(child.ok()?)).await.ok()?;
    Some((String::from_utf8_lossy(&text).into_owned(), status))
}

/// As much of the output as fits, what differs from the one before in reverse.
fn screenful(text: &str, before: Option<&str>, rows: usize) -> String {
    let mut old = before.map(|before| before.lines());
    let mut out = String::new();
    for line in text.lines().take(rows) {
        match &mut old {
            None => out.push_str(line),
            Some(lines) => {
                let mut other = lines.next().unwrap_or_default().chars();
                let mut marked = false;
                for c in line.chars() {
                    let differs = other.next() != Some(c);
                    if differs != marked {
                        out.push_str(if differs { "\u{1b}[7m" } else { "\u{1b}[27m" });
                        marked = differs;
                    }
                    out.push(c);
                }
                if marked {
                    out.push_str("\u{1b}[27m");
                }
            }
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_in_reverse() {
        assert_eq!(
            screenful("a 2 b\nc\n", Some("a 1 b\nc\n"), 9),
            "a \u{1b}[7m2\u{1b}[27m b\nc\n"
        );
        assert_eq!(screenful("x\ny\nz\n", None, 2), "x\ny\n");
    }
}
