//! Steps that run beside others, in a process of their own, so that what they say is kept together until they are over.

use std::env;
use std::io::{self, Read as _};
use std::process::{Child, Command};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::cargo::tally_of_closing_line;
use crate::report::{Context as _, Failure, Result, Tally, say};

/// Steps that are running.
pub(super) struct Beside {
    name: String,
    process: Child,
    /// What they said, and how long it took.
    said: JoinHandle<(String, Duration)>,
}

impl Beside {
    /// Starts them.
    pub(super) fn start(steps: Vec<&str>) -> Result<Self> {
        let name = steps.join(" and ");
        say(format_args!("{name}: beside what follows"));
        let program = env::current_exe().context(|| "find this program")?;
        let (mut reader, writer) = io::pipe().context(|| "make a pipe")?;
        let errors = writer.try_clone().context(|| "make a pipe")?;
        // The command goes, and with it our ends of the pipe.
        let process = Command::new(program)
            .arg("test")
            .args(steps)
            .stdout(writer)
            .stderr(errors)
            .spawn()
            .context(|| format!("start {name}"))?;
        let start = Instant::now();
        let said = thread::spawn(move || {
            let mut bytes = Vec::new();
            // What can be read until then is shown.
            let _ = reader.read_to_end(&mut bytes);
            let text = String::from_utf8_lossy(&bytes).into_owned();
            (text, start.elapsed())
        });
        Ok(Self {
            name,
            process,
            said,
        })
    }

    /// Waits for them, shows what they said, and returns their name, their time and their count.
    pub(super) fn end(mut self) -> (String, Duration, Result<Tally>) {
        let (text, time) = self.said.join().unwrap_or_default();
        let text = text.trim_end();
        let (before, last) = text.rsplit_once('\n').unwrap_or(("", text));
        println!("{before}");
        let tally = tally_of_closing_line(last);
        let ended = self.process.wait();
        let outcome = tally.ok_or_else(|| {
            println!("{last}");
            let how = ended.map_or_else(|error| error.to_string(), |status| status.to_string());
            Failure::new(format!("{} ended without a count ({how})", self.name))
        });
        (self.name, time, outcome)
    }
}
