//! What services and their manager said.

use kernel::process::files::FileId;
use kernel::sys::Sys;
use kernel::time::Instant;

use super::{Manager, Unit, output_of};
use crate::system::date;

/// A line of the journal.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) at: Instant,
    /// `dockerd[12]` or `systemd[1]`.
    who: String,
    text: String,
}

impl Manager {
    /// Notes what the manager says of a unit.
    pub(super) fn note(&mut self, sys: &Sys, unit: &Unit, text: String) {
        self.journal.entry(unit.name).or_default().push(Line {
            at: sys.now(),
            who: "systemd[1]".to_owned(),
            text,
        });
    }

    /// Takes over what a process that was started here said, now that it has ended.
    pub(super) fn take_output(&mut self, sys: &Sys, unit: &Unit) {
        let Some((_, pid, file)) = self.outputs.remove(unit.name) else {
            return;
        };
        let lines = output(sys, unit, pid, file);
        self.journal.entry(unit.name).or_default().extend(lines);
        sys.kernel(|k| k.file_release(file));
    }

    /// All lines of a unit, in the order in which they were said.
    pub(super) fn lines(&self, sys: &Sys, unit: &Unit) -> Vec<Line> {
        let mut lines = self.journal.get(unit.name).cloned().unwrap_or_default();
        if let Some((_, pid, file)) = self.outputs.get(unit.name) {
            lines.extend(output(sys, unit, *pid, *file));
        } else if let Some(main) = unit.main_process(sys)
            && let Some(file) = output_of(sys, main.id)
        {
            lines.extend(output(sys, unit, main.pid, file));
        }
        sorted::sort_by_key(&mut lines, |line| line.at);
        lines
    }
}

/// What was written to a file that collects a service's output.
fn output(sys: &Sys, unit: &Unit, pid: u32, file: FileId) -> Vec<Line> {
    let program = unit.argv.first().copied().unwrap_or_default();
    sys.kernel(|k| {
        let Some(output) = k.proc.files.sink(file) else {
            return Vec::new();
        };
        let mut lines = Vec::new();
        for piece in output.pieces() {
            let text = String::from_utf8_lossy(&piece.data);
            lines.extend(text.lines().map(|text| Line {
                at: piece.at,
                who: format!("{program}[{pid}]"),
                text: text.to_owned(),
            }));
        }
        lines
    })
}

impl Line {
    /// As `journalctl` prints it.
    pub(super) fn text(&self, sys: &Sys, only_message: bool) -> String {
        if only_message {
            return format!("{}\n", self.text);
        }
        format!(
            "{} {} {}: {}\n",
            stamp(sys, self.at, "%b %d %H:%M:%S"),
            sys.hostname(),
            self.who,
            self.text
        )
    }
}

/// A moment in calendar time, as `date` formats it.
pub(super) fn stamp(sys: &Sys, at: Instant, format: &str) -> String {
    let (seconds, nanos) = sys.wall_clock();
    let ago = sys.now() - at;
    let now = std::time::Duration::new(seconds, nanos);
    let then = now.saturating_sub(ago);
    date::format(
        format,
        i64::try_from(then.as_secs()).unwrap_or(0),
        then.subsec_nanos(),
    )
}
