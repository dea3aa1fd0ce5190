//! Feeding programs by way of a lab's shell, as a person would.

use lab::session::Session;

use crate::Input;
use crate::targets::Tell;

/// How long a line may run, virtual seconds: what waits for something is then stopped, which is no fault.
const SECONDS: u64 = 3;

/// How many steps a line may take in that time. What needs more would hold up a page.
const STEPS: u64 = 1_000_000;

/// Where the input's file lies.
const FILE: &str = "/root/input";

/// Lines for a fresh lab.
pub(crate) struct Console {
    /// What is run first.
    pub(crate) before: &'static [&'static str],
    /// What is run for each input; `TEXT` stands for it, `WORD` for it in quotes, `FILE` for a file that holds it.
    pub(crate) lines: &'static [&'static str],
}

impl Console {
    pub(crate) fn feed(&self, inputs: &[Input], tell: Tell<'_>) -> Result<(), String> {
        let mut session = Session::new(&["hostA"], None, 1)?;
        session.limit_steps(STEPS);
        for line in self.before {
            run(&mut session, line)?;
        }
        for (number, input) in (0..).zip(inputs) {
            tell(number, input)?;
            session.write_file("hostA", FILE, input.clone())?;
            let text = String::from_utf8_lossy(input);
            for line in self.lines {
                let line = line.replace("FILE", FILE);
                let line = line.replace("WORD", &quote(&text)).replace("TEXT", &text);
                run(&mut session, &line)?;
            }
        }
        Ok(())
    }
}

/// Runs a line on hostA and returns what it printed. Errors: it took more steps than it may.
pub(crate) fn run(session: &mut Session, line: &str) -> Result<String, String> {
    let Ok(outcome) = session.run("hostA", line, "/root", SECONDS) else {
        return Ok(String::new()); // Too long a line for a program's arguments.
    };
    if outcome.output.ends_with(lab::session::OUT_OF_STEPS) {
        return Err(format!("`{line}` took more than {STEPS} steps"));
    }
    Ok(outcome.output)
}

/// A command line of these words.
pub(crate) fn quoted(words: &[String]) -> String {
    let words: Vec<String> = words.iter().map(|w| quote(w)).collect();
    words.join(" ")
}

fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,%+@".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}
