//! `ulimit`: the limits of a process's resources, told and set. Nothing is held to them here.
//!
//! Sources: busybox `shell/shell_common.c`, dash `src/miscbltin.c`, bash `builtins/ulimit.def`.

use std::fmt::Write as _;

use kernel::Errno;
use kernel::process::rlimit::Limit;

use crate::shell::Flavour;
use crate::shell::letters::Letters;
use crate::shell::state::Shell;

/// A resource: its letter, what the list calls it, Docker's name for it, and how many bytes make one of its units.
type Row = (char, &'static str, &'static str, u64);

const ASH: [Row; 15] = [
    ('c', "core file size (blocks)", "core", 512),
    ('d', "data seg size (kb)", "data", 1024),
    ('e', "scheduling priority", "nice", 1),
    ('f', "file size (blocks)", "fsize", 512),
    ('i', "pending signals", "sigpending", 1),
    ('l', "max locked memory (kb)", "memlock", 1024),
    ('m', "max memory size (kb)", "rss", 1024),
    ('n', "open files", "nofile", 1),
    ('q', "POSIX message queues (bytes)", "msgqueue", 1),
    ('r', "real-time priority", "rtprio", 1),
    ('s', "stack size (kb)", "stack", 1024),
    ('t', "cpu time (seconds)", "cpu", 1),
    ('u', "max user processes", "nproc", 1),
    ('v', "virtual memory (kb)", "as", 1024),
    ('x', "file locks", "locks", 1),
];

const DASH: [Row; 12] = [
    ('t', "time(seconds)", "cpu", 1),
    ('f', "file(blocks)", "fsize", 512),
    ('d', "data(kbytes)", "data", 1024),
    ('s', "stack(kbytes)", "stack", 1024),
    ('c', "coredump(blocks)", "core", 512),
    ('m', "memory(kbytes)", "rss", 1024),
    ('l', "locked memory(kbytes)", "memlock", 1024),
    ('p', "process", "nproc", 1),
    ('n', "nofiles", "nofile", 1),
    ('v', "vmemory(kbytes)", "as", 1024),
    ('w', "locks", "locks", 1),
    ('r', "rtprio", "rtprio", 1),
];

/// What stands before the comma is the unit.
const BASH: [Row; 17] = [
    (
        'R',
        "real-time non-blocking time|microseconds, ",
        "rttime",
        1,
    ),
    ('c', "core file size|blocks, ", "core", 1024),
    ('d', "data seg size|kbytes, ", "data", 1024),
    ('e', "scheduling priority|", "nice", 1),
    ('f', "file size|blocks, ", "fsize", 1024),
    ('i', "pending signals|", "sigpending", 1),
    ('l', "max locked memory|kbytes, ", "memlock", 1024),
    ('m', "max memory size|kbytes, ", "rss", 1024),
    ('n', "open files|", "nofile", 1),
    ('p', "pipe size|512 bytes, ", "", 1),
    ('q', "POSIX message queues|bytes, ", "msgqueue", 1),
    ('r', "real-time priority|", "rtprio", 1),
    ('s', "stack size|kbytes, ", "stack", 1024),
    ('t', "cpu time|seconds, ", "cpu", 1),
    ('u', "max user processes|", "nproc", 1),
    ('v', "virtual memory|kbytes, ", "as", 1024),
    ('x', "file locks|", "locks", 1),
];

/// A pipe takes so many pieces of 512 bytes at once. Source: Linux `PIPE_BUF`.
const PIPE: u64 = 8;

const USAGE: &str = "ulimit: usage: ulimit [-SHabcdefiklmnpqrstuvxPRT] [limit]";

/// Which of the two limits is meant.
#[derive(Clone, Copy, Default)]
struct Sides {
    soft: bool,
    hard: bool,
}

impl Shell {
    /// `ulimit`.
    pub(super) async fn ulimit(&mut self, rest: &[String]) -> i32 {
        let rows: &[Row] = match self.flavour {
            Flavour::Ash => &ASH,
            Flavour::Dash => &DASH,
            Flavour::Bash => &BASH,
        };
        let (mut sides, mut all, mut chosen) = (Sides::default(), false, None);
        let mut letters = Letters::new(rest);
        while let Some(letter) = letters.option() {
            match (letter, rows.iter().find(|row| row.0 == letter)) {
                ('S', _) => sides.soft = true,
                ('H', _) => sides.hard = true,
                ('a', _) => all = true,
                (_, Some(row)) => chosen = Some(row),
                (other, None) => return self.unknown_limit(other),
            }
        }
        let chosen = chosen.or_else(|| rows.iter().find(|row| row.0 == 'f'));
        match (letters.operands().first(), chosen) {
            _ if all => {
                let lines = rows.iter().map(|row| self.limit_line(row, sides));
                let text: String = lines.collect();
                self.say(&text).await
            }
            (None, Some(row)) => {
                let text = self.limit_value(row, sides) + "\n";
                self.say(&text).await
            }
            (Some(given), Some(row)) => self.set_limit(row, sides, given),
            (_, None) => 0,
        }
    }

    fn unknown_limit(&self, letter: char) -> i32 {
        match self.flavour {
            Flavour::Ash => self
                .sys
                .err(&format!("ulimit: invalid option -- '{letter}'\n")),
            Flavour::Dash => self.complain(&format!("ulimit: Illegal option -{letter}")),
            Flavour::Bash => {
                self.complain(&format!("ulimit: -{letter}: invalid option"));
                self.sys.err(&format!("{USAGE}\n"));
            }
        }
        if self.flavour == Flavour::Ash { 1 } else { 2 }
    }

    fn limit_of(&self, row: &Row) -> Limit {
        let limit = self.sys.me(|p| p.limits.get(row.2));
        limit.unwrap_or_default()
    }

    fn limit_value(&self, row: &Row, sides: Sides) -> String {
        let limit = self.limit_of(row);
        let value = if sides.hard { limit.hard } else { limit.soft };
        match value {
            _ if row.2.is_empty() => PIPE.to_string(),
            Some(value) => (value / row.3).to_string(),
            None => "unlimited".to_owned(),
        }
    }

    fn limit_line(&self, row: &Row, sides: Sides) -> String {
        let mut line = String::new();
        let (letter, label) = (row.0, row.1);
        let _ = match (self.flavour, label.split_once('|')) {
            (Flavour::Ash, _) => write!(line, "{label:<32}(-{letter}) "),
            (Flavour::Dash, _) => write!(line, "{label:<20} "),
            (Flavour::Bash, parts) => {
                let (name, unit) = parts.unwrap_or((label, ""));
                let unit = format!("({unit}-{letter}) ");
                write!(line, "{name:<20} {unit:>20}")
            }
        };
        line + &self.limit_value(row, sides) + "\n"
    }

    fn set_limit(&self, row: &Row, sides: Sides, given: &str) -> i32 {
        let old = self.limit_of(row);
        let value = match given {
            "unlimited" => None,
            "hard" if self.flavour == Flavour::Bash => old.hard,
            "soft" if self.flavour == Flavour::Bash => old.soft,
            _ => match given.parse::<u64>() {
                Ok(number) => Some(number.saturating_mul(row.3)),
                Err(_) => {
                    match self.flavour {
                        Flavour::Ash => {
                            let name = &self.name;
                            self.sys.err(&format!("{name}: invalid number '{given}'\n"));
                        }
                        Flavour::Dash => self.complain("ulimit: bad number"),
                        Flavour::Bash => {
                            self.complain(&format!("ulimit: {given}: invalid number"));
                        }
                    }
                    return 1;
                }
            },
        };
        let both = sides.soft == sides.hard;
        let new = Limit {
            soft: if both || sides.soft { value } else { old.soft },
            hard: if both || sides.hard { value } else { old.hard },
        };
        let Err(why) = self.sys.limit(row.2, new) else {
            return 0;
        };
        self.limit_refused(row, why);
        1
    }

    fn limit_refused(&self, row: &Row, why: Errno) {
        match self.flavour {
            Flavour::Ash => {
                let name = &self.name;
                self.sys
                    .err(&format!("{name}: error setting limit: {why}\n"));
            }
            Flavour::Dash => self.complain(&format!("ulimit: error setting limit ({why})")),
            Flavour::Bash => {
                let name = row.1.split('|').next().unwrap_or_default();
                self.complain(&format!("ulimit: {name}: cannot modify limit: {why}"));
            }
        }
    }
}
