//! Where a lab can begin: a scenario, and what was typed in it before. Data, in `starts.txt`.

use crate::Lab;
use crate::late::{LATE, Late};
use crate::log::Input;
use crate::view::{LineKind, Terminal};

/// A line to type, and the machine to type it on.
pub type Typed = (&'static str, &'static str);

/// A beginning to choose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Start {
    /// Its short name.
    pub name: &'static str,
    /// The scenario it is built on.
    pub scenario: &'static str,
    /// What it is called, in English.
    pub title: &'static str,
    /// One sentence about it, in English.
    pub text: &'static str,
    /// Its networks, each as two digits: of its colour, and how many containers are on it.
    pub sketch: &'static str,
    /// What was typed before, in order.
    pub typed: Vec<Typed>,
    /// What to type now.
    pub next: Option<Typed>,
    /// Whether that is meant not to work.
    pub fails: bool,
}

/// Virtual nanoseconds that a line may take, a second at a time.
const SECOND: u64 = 1_000_000_000;
const MOST_SECONDS: u32 = 120;

/// All beginnings, in the order in which they are offered.
#[must_use]
pub fn all() -> Vec<Start> {
    let mut starts: Vec<Start> = Vec::new();
    for line in include_str!("starts.txt").lines() {
        if let Some((name, scenario)) = line
            .strip_prefix('[')
            .and_then(|l| l.trim_end_matches(']').split_once(", "))
        {
            starts.push(Start {
                name,
                scenario,
                ..Start::default()
            });
            continue;
        }
        let Some(start) = starts.last_mut() else {
            continue;
        };
        let next = line.trim_start_matches("fails ").strip_prefix("next ");
        if let Some(title) = line.strip_prefix("title: ") {
            start.title = title;
        } else if let Some(text) = line.strip_prefix("text: ") {
            start.text = text;
        } else if let Some(sketch) = line.strip_prefix("sketch: ") {
            start.sketch = sketch;
        } else if let Some(next) = next {
            start.next = next.split_once("$ ");
            start.fails = line.starts_with("fails ");
        } else {
            start.typed.extend(line.split_once("$ "));
        }
    }
    starts
}

impl Start {
    /// A lab in which all of it has been typed.
    /// # Errors
    /// If there is no such scenario, or a machine in it has no terminal; the text says which.
    pub fn open(&self, seed: u64) -> Result<Lab, String> {
        self.open_with(seed, &LATE)
    }

    /// The same, with what comes late from elsewhere.
    /// # Errors
    /// As [`Self::open`].
    pub fn open_with(&self, seed: u64, late: &'static Late) -> Result<Lab, String> {
        let mut lab = Lab::begin(self.scenario, seed, Some(late))?;
        for (machine, line) in &self.typed {
            let terminals = lab.terminals();
            let terminal = terminals
                .iter()
                .find(|t| t.machine == *machine)
                .ok_or_else(|| format!("there is no terminal on {machine}"))?
                .id;
            let text = with_what_was_printed(line, &terminals);
            lab.apply(Input::Line { terminal, text });
            for _ in 0..MOST_SECONDS {
                if lab.run_idle(SECOND) {
                    break;
                }
            }
        }
        Ok(lab)
    }
}

/// A line in which a machine's name in braces is what was printed there last: what only the machine knows, a token for
/// instance, is handed over as people do it.
fn with_what_was_printed(line: &str, terminals: &[Terminal]) -> String {
    terminals.iter().fold(line.to_owned(), |line, t| {
        let printed = t.lines.iter().rfind(|l| l.kind == LineKind::Output);
        let printed = printed.map_or("", |l| l.text.trim());
        line.replace(&format!("{{{}}}", t.machine), printed)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The exit status of the last command in a lab.
    fn last_exit(lab: &Lab) -> Option<i32> {
        let terminals = lab.terminals();
        let runs = terminals.iter().flat_map(|t| &t.runs);
        runs.max_by_key(|r| r.input)?.exit
    }

    #[test]
    fn every_start_opens_and_its_next_line_does_what_it_promises() {
        let starts = all();
        assert_eq!(starts.len(), 13);
        for start in starts {
            let lab = start.open(1).unwrap();
            let terminals = lab.terminals();
            for run in terminals.iter().flat_map(|t| &t.runs) {
                assert_eq!(run.exit.unwrap_or(0), 0, "{}: {}", start.name, run.command);
            }
            let next = Start {
                typed: start.typed.iter().copied().chain(start.next).collect(),
                ..start.clone()
            };
            let exit = last_exit(&next.open(1).unwrap());
            assert_eq!(
                exit.map(|e| e != 0),
                Some(start.fails),
                "{}: {:?} ended with {exit:?}",
                start.name,
                start.next
            );
            assert!(
                !start.title.is_empty() && !start.sketch.is_empty() && start.text.ends_with('.'),
                "{}",
                start.name
            );
        }
    }
}
