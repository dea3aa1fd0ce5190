//! Signals that the shell catches: Ctrl-C, traps, and their names.

use kernel::process::signal::Signal;

use super::state::{Flow, Shell};

impl Shell {
    /// Takes caught signals from the kernel.
    pub(crate) fn note_signals(&mut self) {
        while let Some(signal) = self.sys.take_signal() {
            self.caught.push(signal);
        }
    }

    /// True, once, if Ctrl-C was pressed and no trap is set for it.
    pub(crate) fn interrupted(&mut self) -> bool {
        let untrapped = !self.traps.contains_key("INT");
        let before = self.caught.len();
        if untrapped {
            self.caught.retain(|signal| *signal != Signal::INT);
        }
        let yes = self.caught.len() != before;
        if yes {
            self.status = 130;
        }
        yes
    }

    /// Where to go on, once, if Ctrl-C was pressed and no trap is set for it: a person is asked anew, a script ends.
    pub(crate) fn interruption(&mut self) -> Option<Flow> {
        let onward = match self.interactive {
            true => Flow::Abandon,
            false => Flow::Exit,
        };
        self.interrupted().then_some(onward)
    }

    /// How often Ctrl-C was pressed on this shell's terminal.
    pub(crate) fn keyboard_interrupts(&self) -> u64 {
        let tty = self.sys.me(|p| p.tty).flatten();
        tty.map_or(0, |id| {
            self.sys
                .kernel(|k| k.tty(id).map_or(0, |tty| tty.interrupts))
        })
    }

    /// Books what Ctrl-C did to a job that has ended: the job had the terminal, so the shell itself got no signal.
    ///
    /// A shell takes a job's death by SIGINT for an interrupt of its own. In a loop without an end of its own this one does so
    /// too if the program handled the signal and ended in its own way, as `ping` does: bash would go on, and nothing but luck
    /// would ever stop `while true; do ping -c1 host; done`.
    pub(crate) fn note_job_interrupt(&mut self, before: u64, died_of_it: bool) {
        let pressed = self.keyboard_interrupts() != before;
        if self.interactive && (died_of_it || pressed && self.endless > 0) {
            self.broken = self.loops > 0 && self.traps.contains_key("INT");
            if !self.caught.contains(&Signal::INT) {
                self.caught.push(Signal::INT);
            }
        }
    }

    /// Runs the traps of signals that were caught.
    pub(super) async fn run_traps(&mut self) -> Flow {
        self.note_signals();
        if let Some(flow) = self.interruption() {
            return flow;
        }
        for signal in std::mem::take(&mut self.caught) {
            if let Some(action) = self.traps.get(&signal.name()).cloned() {
                let status = self.status;
                let flow = self.evaluate(&action).await;
                if flow != Flow::Next {
                    return flow;
                }
                self.status = status;
            }
        }
        if std::mem::take(&mut self.broken) {
            return Flow::Abandon;
        }
        Flow::Next
    }
}

/// What a shell says of a signal that ended a job.
pub(crate) fn signal_text(signal: Signal) -> String {
    match signal {
        Signal::HUP => "Hangup".to_owned(),
        Signal::INT => "Interrupt".to_owned(),
        Signal::QUIT => "Quit".to_owned(),
        Signal::KILL => "Killed".to_owned(),
        Signal::TERM => "Terminated".to_owned(),
        Signal::PIPE => "Broken pipe".to_owned(),
        Signal::ALRM => "Alarm clock".to_owned(),
        Signal::USR1 => "User defined signal 1".to_owned(),
        Signal::USR2 => "User defined signal 2".to_owned(),
        other => match &*other.name() {
            "SEGV" => "Segmentation fault".to_owned(),
            "ABRT" => "Aborted".to_owned(),
            "ILL" => "Illegal instruction".to_owned(),
            "FPE" => "Floating point exception".to_owned(),
            "BUS" => "Bus error".to_owned(),
            "TRAP" => "Trace/breakpoint trap".to_owned(),
            _ => format!("Signal {}", other.number()),
        },
    }
}
