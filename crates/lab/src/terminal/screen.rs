//! A terminal up to some moment: prompts, the lines typed at them, and what was printed.

use super::codes::{Code, Codes};
use super::grid::{Grid, LONGEST_LINE, Origin};
use crate::prompt::{self, Part};
use crate::view::{Line, LineKind, Run};
use kernel::process::tty::{Output, Piece, Stream};

/// The screen of a terminal, fed piece by piece.
#[derive(Debug, Clone, Default)]
pub(crate) struct Screen {
    pub(super) grid: Grid,
    /// The lines typed so far.
    pub(super) runs: Vec<Run>,
    /// The shells under whose prompts the runs were typed.
    run_shells: Vec<String>,
    /// The last prompt.
    pub(super) prompt: String,
    /// Whether the last thing seen was a prompt.
    pub(super) at_prompt: bool,
    in_prompt: bool,
    /// Whether a command has ended and its shell has not prompted yet: what it prints then is news of its jobs.
    between: bool,
    shell_at_prompt: String,
    /// The input typed at the prompt, until its echo is seen.
    typed: Option<u64>,
    /// A command line whose end has not been echoed yet.
    open: Option<String>,
    current_input: u64,
    next_piece: u64,
    next_typed: usize,
    /// When the last piece was written, virtual nanoseconds.
    pub(super) at: u64,
    /// Bytes of a character or sequence that has begun and not ended.
    carry: Vec<u8>,
}

/// How far back a start looks for commands that still run.
const REMEMBERED: usize = 64;

impl Screen {
    /// The same screen, to go on from: of the lines typed so far only those that matter to what comes.
    pub(super) fn as_a_start(&self) -> Self {
        let skip = self.runs.len().saturating_sub(REMEMBERED);
        let last = self.runs.iter().zip(&self.run_shells).skip(skip);
        let (runs, run_shells) = last
            .filter(|(run, _)| run.ended_ns.is_none())
            .map(|(run, shell)| (run.clone(), shell.clone()))
            .unzip();
        Self {
            grid: self.grid.clone(),
            runs,
            run_shells,
            prompt: self.prompt.clone(),
            shell_at_prompt: self.shell_at_prompt.clone(),
            open: self.open.clone(),
            carry: self.carry.clone(),
            ..*self
        }
    }

    /// Takes in what was written up to `until`, virtual nanoseconds; whether there was anything. `typed` tells which
    /// inputs were typed, each with the number of the first piece of output that came after it.
    pub(super) fn feed(&mut self, output: &Output, typed: &[(u64, u64)], until: u64) -> bool {
        if self.next_piece >= output.next_piece() {
            return false;
        }
        let before = self.next_piece;
        let from = self.next_piece.max(output.first_piece());
        for (number, piece) in (from..).zip(output.pieces_from(from)) {
            if piece.at.as_nanos() > until {
                break;
            }
            while let Some((_, input)) = typed.get(self.next_typed).filter(|t| t.0 <= number) {
                self.typed = self.at_prompt.then_some(*input);
                self.current_input = *input;
                self.next_typed += 1;
            }
            self.take(piece);
            self.next_piece = number + 1;
        }
        self.grid.bound();
        self.next_piece != before
    }

    fn take(&mut self, piece: &Piece) {
        self.at = piece.at.as_nanos();
        let mut bytes = std::mem::take(&mut self.carry);
        bytes.extend_from_slice(&piece.data);
        let whole = whole_characters(&bytes);
        let (now, later) = bytes.split_at(whole);
        let text = String::from_utf8_lossy(now);
        let mut codes = Codes::new(&text);
        for code in codes.by_ref() {
            self.code(&code, piece.stream);
        }
        self.carry = [codes.rest().as_bytes(), later].concat();
    }

    fn code(&mut self, code: &Code<'_>, stream: Stream) {
        if let Code::Command(said) = code {
            return self.mark(said);
        }
        if self.in_prompt {
            match code {
                Code::Text(text) => self.prompt.push_str(text),
                Code::Control('\n') => self.prompt.push('\n'),
                _ => {}
            }
            return;
        }
        if self.at_prompt || self.open.is_some() {
            // The echo of what the person typed, or output of a background job over the prompt.
            match code {
                Code::Text(text) => {
                    self.at_prompt = false;
                    let open = self.open.get_or_insert_default();
                    open.push_str(text);
                    if open.len() > LONGEST_LINE {
                        let open = std::mem::take(open);
                        self.open = None;
                        self.command(open);
                    }
                    return;
                }
                Code::Control('\t') => {
                    self.open.get_or_insert_default().push('\t');
                    return;
                }
                Code::Control('\n') => {
                    self.at_prompt = false;
                    let typed = self.open.take().unwrap_or_default();
                    return self.command(typed);
                }
                _ => {}
            }
        }
        let origin = Origin {
            at: self.at,
            input: self.current_input,
            kind: match stream {
                Stream::Err if !self.between => LineKind::Error,
                Stream::Err | Stream::Out => LineKind::Output,
            },
        };
        match code {
            Code::Text(text) => self.grid.text(text, origin),
            Code::Control(c) => self.grid.control(*c, origin),
            Code::Escape(c) => self.grid.escape(*c, origin),
            Code::Sequence(s) => self.grid.sequence(*s, origin),
            Code::Command(_) => {}
        }
    }

    /// What a shell says about its prompts.
    fn mark(&mut self, said: &str) {
        match prompt::mark(said) {
            Some(Part::PromptStart(shell)) => {
                if let Some(text) = self.open.take() {
                    self.command(text);
                }
                self.in_prompt = true;
                self.between = false;
                self.prompt.clear();
                shell.clone_into(&mut self.shell_at_prompt);
            }
            Some(Part::PromptEnd) => {
                self.in_prompt = false;
                self.at_prompt = true;
            }
            Some(Part::Done(status, shell)) => self.done(status, shell),
            Some(Part::OutputStart | Part::Text(_)) | None => {}
        }
    }

    /// A line stands behind the prompt.
    fn command(&mut self, typed: String) {
        if let Some(input) = self.typed.take() {
            self.current_input = input;
            self.runs.push(Run {
                input,
                command: typed.clone(),
                started_ns: self.at,
                ended_ns: None,
                exit: None,
            });
            self.run_shells.push(self.shell_at_prompt.clone());
        }
        self.grid.command(Line {
            at_ns: self.at,
            input: self.current_input,
            kind: LineKind::Command,
            prompt: self.prompt.clone(),
            text: typed,
            spans: Vec::new(),
            complete: true,
        });
    }

    /// A shell says that a command has ended: the run typed at its last prompt, and with it all that were typed further in.
    fn done(&mut self, status: Option<i32>, shell: &str) {
        let Some(first) = self.run_shells.iter().rposition(|s| s == shell) else {
            return;
        };
        let runs = self.runs.iter_mut().skip(first);
        for run in runs.filter(|r| r.ended_ns.is_none()) {
            run.ended_ns = Some(self.at);
            run.exit = status;
        }
        self.between = true;
        if let Some(run) = self.runs.get(first).filter(|r| r.exit == Some(0)) {
            self.grid.forgive(run.input);
        }
    }
}

/// How many bytes there are up to a character that is still being written.
fn whole_characters(bytes: &[u8]) -> usize {
    let mut from = 0;
    loop {
        match std::str::from_utf8(bytes.get(from..).unwrap_or_default()) {
            Ok(_) => return bytes.len(),
            Err(e) => match e.error_len() {
                Some(wrong) => from += e.valid_up_to() + wrong,
                None => return from + e.valid_up_to(),
            },
        }
    }
}

#[cfg(test)]
mod tests;
