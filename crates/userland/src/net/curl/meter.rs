//! The progress meter.

use super::options::Options;
use kernel::process::files::Fd;
use kernel::sys::Sys;
use kernel::time::{Duration, Instant};

/// Shows how a transfer gets on, on standard error.
pub(super) struct Meter {
    sys: Sys,
    shown: bool,
    begun: bool,
    started: Instant,
    /// Bytes expected, if known.
    pub(super) expected: Option<u64>,
    /// Bytes received.
    pub(super) received: u64,
    /// Bytes sent in the body.
    pub(super) sent: u64,
}

impl Meter {
    /// `to_file` says that the body does not go to standard output.
    pub(super) fn new(sys: &Sys, options: &Options, to_file: bool) -> Self {
        let wanted = !options.silent && !options.no_meter && (to_file || !sys.is_tty(Fd::STDOUT));
        Self {
            sys: sys.clone(),
            shown: wanted && !options.progress_bar,
            begun: false,
            started: sys.now(),
            expected: None,
            received: 0,
            sent: 0,
        }
    }

    /// The connection stands: prints the heading.
    pub(super) fn begin(&mut self) {
        if self.shown && !self.begun {
            self.begun = true;
            let heading = "  % Total    % Received % Xferd  Average Speed  Time    Time    Time   Current\n                                 Dload  Upload  Total   Spent   Left   Speed\n";
            self.sys.err(heading);
            self.row();
        }
    }

    /// The transfer is over; a failed one that brought nothing shows no second row.
    pub(super) fn end(&mut self, failed: bool) {
        if self.begun {
            if !failed || self.received > 0 {
                self.row();
            }
            self.sys.err("\n");
        }
    }

    fn row(&self) {
        let elapsed = (self.sys.now() - self.started).max(Duration::from_micros(1));
        let rate = |bytes: u64| size((bytes as f64 / elapsed.as_secs_f64()) as u64);
        let total = self.expected.unwrap_or(self.received) + self.sent;
        let percent = |part: u64, whole: u64| {
            if part == 0 || whole == 0 {
                0
            } else {
                part * 100 / whole
            }
        };
        let text = format!(
            "\r{:>3} {:>6} {:>3} {:>6} {:>3} {:>6} {:>6} {:>6} {:>30}",
            percent(self.received + self.sent, total),
            size(total),
            percent(self.received, self.expected.unwrap_or(0)),
            size(self.received),
            if self.sent > 0 { 100 } else { 0 },
            size(self.sent),
            rate(self.received),
            rate(self.sent),
            0
        );
        self.sys.err(&text);
    }
}

/// At most six characters: `615`, `118.2k`, `12.3M`.
fn size(bytes: u64) -> String {
    match bytes {
        0..100_000 => bytes.to_string(),
        100_000..10_240_000 => format!("{:.1}k", bytes as f64 / 1024.0),
        _ => format!("{:.1}M", bytes as f64 / 1_048_576.0),
    }
}
