//! A terminal as the screen shows it: lines with the time at which they appeared, and what became of each typed line.

use crate::codes::{Code, codes};
use crate::prompt::{self, Part};
use crate::view::{Line, LineKind, Run};
use kernel::ids::ProcessId;
use kernel::process::tty::{Piece, Stream, Tty, TtyId};

/// How many lines are kept; the oldest go first.
const KEPT_LINES: usize = 5000;

/// Where a line without an end goes on as another line, bytes.
const LONGEST_LINE: usize = 64 << 10;

/// The screen of one terminal, fed piece by piece.
#[derive(Debug)]
pub(crate) struct Screen {
    /// The terminal.
    pub(crate) tty: TtyId,
    /// The shell that was started in it.
    pub(crate) shell: ProcessId,
    /// The machine's name.
    pub(crate) machine: String,
    /// The lines so far.
    pub(crate) lines: Vec<Line>,
    /// The lines typed so far.
    pub(crate) runs: Vec<Run>,
    /// The shells under whose prompts the runs were typed.
    run_shells: Vec<String>,
    /// The last prompt.
    pub(crate) prompt: String,
    /// Whether the last thing seen was a prompt.
    pub(crate) at_prompt: bool,
    in_prompt: bool,
    shell_at_prompt: String,
    /// The input typed at the prompt, until its echo is seen.
    typed: Option<u64>,
    current_input: u64,
    next_piece: u64,
    /// Bytes of a mark that has begun and not ended.
    carry: String,
    /// How many lines above the end the cursor is.
    above: usize,
}

impl Screen {
    pub(crate) fn new(tty: TtyId, shell: ProcessId, machine: &str) -> Self {
        Self {
            tty,
            shell,
            machine: machine.to_owned(),
            lines: Vec::new(),
            runs: Vec::new(),
            run_shells: Vec::new(),
            prompt: String::new(),
            at_prompt: false,
            in_prompt: false,
            shell_at_prompt: String::new(),
            typed: None,
            current_input: 0,
            next_piece: 0,
            carry: String::new(),
            above: 0,
        }
    }

    /// Notes that the line of input number `input` is being typed: a command if a prompt stands there, else something for
    /// the program that runs.
    pub(crate) fn typing(&mut self, input: u64) {
        self.typed = self.at_prompt.then_some(input);
        self.current_input = input;
    }

    /// Takes in what was written since the last call.
    pub(crate) fn update(&mut self, tty: &Tty) {
        let from = self.next_piece;
        self.next_piece = tty.output.next_piece();
        for piece in tty.output.pieces_from(from) {
            self.take(piece);
        }
        if self.lines.len() > KEPT_LINES {
            self.lines.drain(..self.lines.len() - KEPT_LINES);
        }
    }

    fn take(&mut self, piece: &Piece) {
        let mut text = std::mem::take(&mut self.carry);
        text.push_str(&String::from_utf8_lossy(&piece.data));
        if let Some(open) = text.rfind('\u{1b}')
            && text.get(open..).is_some_and(|t| {
                "\u{1b}]133;".starts_with(t.get(..6).unwrap_or(t)) && !t.contains('\u{7}')
            })
        {
            self.carry = text.split_off(open);
        }
        let at = piece.at.as_nanos();
        for part in prompt::parts(&text) {
            match part {
                Part::PromptStart(shell) => {
                    self.in_prompt = true;
                    self.prompt.clear();
                    shell.clone_into(&mut self.shell_at_prompt);
                }
                Part::PromptEnd => {
                    self.in_prompt = false;
                    self.at_prompt = true;
                }
                Part::OutputStart => {}
                Part::Done(status, shell) => self.done(status, shell, at),
                Part::Text(text) if self.in_prompt => self.prompt.push_str(text),
                Part::Text(text) => self.text(text, piece.stream, at),
            }
        }
    }

    /// A shell says that a command has ended: the run typed at its last prompt, and with it all that were typed further in.
    fn done(&mut self, status: Option<i32>, shell: &str, at: u64) {
        let Some(first) = self.run_shells.iter().rposition(|s| s == shell) else {
            return;
        };
        for run in self
            .runs
            .iter_mut()
            .skip(first)
            .filter(|r| r.ended_ns.is_none())
        {
            run.ended_ns = Some(at);
            run.exit = status;
        }
        let Some(run) = self.runs.get(first) else {
            return;
        };
        if run.exit == Some(0) {
            let input = run.input;
            for line in self.lines.iter_mut().rev().take_while(|l| l.input >= input) {
                if line.kind == LineKind::Error {
                    line.kind = LineKind::Output;
                }
            }
        }
    }

    fn text(&mut self, text: &str, stream: Stream, at: u64) {
        let mut rest = text;
        if self.at_prompt && !rest.is_empty() {
            // The echo of what the person typed, or output of a background job over the prompt.
            self.at_prompt = false;
            let (typed, after) = rest.split_once('\n').unwrap_or((rest, ""));
            if let Some(input) = self.typed.take() {
                self.current_input = input;
                self.runs.push(Run {
                    input,
                    command: typed.to_owned(),
                    started_ns: at,
                    ended_ns: None,
                    exit: None,
                });
                self.run_shells.push(self.shell_at_prompt.clone());
            }
            self.lines.push(Line {
                at_ns: at,
                input: self.current_input,
                kind: LineKind::Command,
                prompt: self.prompt.clone(),
                text: typed.to_owned(),
                complete: true,
            });
            rest = after;
        }
        let kind = if stream == Stream::Err {
            LineKind::Error
        } else {
            LineKind::Output
        };
        for code in codes(rest) {
            match code {
                Code::Up(lines) => self.go_up(lines),
                Code::Text(text) => self.write(text, kind, at),
            }
        }
    }

    /// Moves the cursor up, no further than to where the command's output began.
    fn go_up(&mut self, lines: usize) {
        let own = |line: &&Line| line.kind != LineKind::Command && line.complete;
        let limit = self.lines.iter().rev().take_while(own).count();
        self.above = self.above.saturating_add(lines).min(limit);
    }

    fn write(&mut self, text: &str, kind: LineKind, at: u64) {
        for piece in text.split_inclusive('\n') {
            let (body, complete) = piece
                .strip_suffix('\n')
                .map_or((piece, false), |b| (b, true));
            if self.above > 0 {
                self.overwrite(body, complete);
                continue;
            }
            match self.lines.last_mut() {
                Some(last)
                    if !last.complete
                        && last.kind != LineKind::Command
                        && last.text.len() < LONGEST_LINE =>
                {
                    last.text.push_str(body);
                    last.complete = complete;
                    if kind == LineKind::Error {
                        last.kind = kind;
                    }
                }
                _ => self.lines.push(Line {
                    at_ns: at,
                    input: self.current_input,
                    kind,
                    prompt: String::new(),
                    text: body.to_owned(),
                    complete,
                }),
            }
        }
    }

    /// Writes over the line that the cursor is in. A line that is written in parts begins anew with the first of them.
    fn overwrite(&mut self, body: &str, complete: bool) {
        let at = self.lines.len().saturating_sub(self.above);
        if let Some(line) = self.lines.get_mut(at) {
            if line.complete {
                line.text.clear();
            }
            line.text.push_str(body);
            line.complete = complete;
        }
        if complete {
            self.above -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::time::Instant;

    fn feed(screen: &mut Screen, at: u64, stream: Stream, text: &str) {
        screen.take(&Piece {
            at: Instant(at),
            stream,
            data: text.to_owned().into(),
        });
    }

    #[test]
    fn a_picture_is_drawn_over_the_last_one() {
        let mut s = Screen::new(TtyId(0), ProcessId(0), "hostA");
        feed(&mut s, 1, Stream::Err, "0/1\n a Starting\n");
        feed(
            &mut s,
            2,
            Stream::Err,
            "\u{1b}[1A\u{1b}[1A\u{1b}[2K1/1\n\u{1b}[2K \u{1b}[32ma\u{1b}[0m Started\n",
        );
        feed(&mut s, 3, Stream::Out, "after\n");
        let lines: Vec<_> = s.lines.iter().map(|l| l.text.as_str()).collect();
        assert_eq!(lines, ["1/1", " a Started", "after"]);
    }

    #[test]
    fn lines_runs_and_errors_are_told_apart() {
        let mut s = Screen::new(TtyId(0), ProcessId(0), "hostA");
        feed(
            &mut s,
            1,
            Stream::Out,
            "\u{1b}]133;A;aid=5\u{7}hostA:~# \u{1b}]13",
        );
        feed(&mut s, 1, Stream::Out, "3;B\u{7}");
        s.typing(4);
        feed(&mut s, 2, Stream::Out, "curl x\n");
        feed(&mut s, 3, Stream::Err, "curl: (6) ");
        feed(&mut s, 4, Stream::Err, "no\n");
        feed(
            &mut s,
            5,
            Stream::Out,
            "\u{1b}]133;D;6;aid=5\u{7}\u{1b}]133;A;aid=5\u{7}hostA:~# \u{1b}]133;B\u{7}",
        );
        assert_eq!(
            s.runs,
            [Run {
                input: 4,
                command: "curl x".into(),
                started_ns: 2,
                ended_ns: Some(5),
                exit: Some(6)
            }]
        );
        let kinds: Vec<_> = s
            .lines
            .iter()
            .map(|l| (l.kind, l.text.as_str(), l.at_ns))
            .collect();
        assert_eq!(
            kinds,
            [
                (LineKind::Command, "curl x", 2),
                (LineKind::Error, "curl: (6) no", 3)
            ]
        );
        assert_eq!(s.prompt, "hostA:~# ");
        assert!(s.at_prompt);
    }
}
