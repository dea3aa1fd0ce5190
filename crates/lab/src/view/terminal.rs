//! What terminals show, and what could be typed next.

use serde::{Deserialize, Serialize};
use std::rc::Rc;

/// A terminal: a shell on a machine, or inside a container.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Terminal {
    /// Its number, as inputs name it.
    pub id: u32,
    /// The machine's name.
    pub machine: String,
    /// What the tab says: the machine's name, or the container's for an interactive `docker exec`.
    pub title: String,
    /// A small addition to the title, such as `exec sh`; may be empty.
    pub note: String,
    /// The number of the first of `lines`: how many were let go before it.
    pub first: u64,
    /// Everything printed so far, oldest first, already split into lines; the oldest may have been let go.
    pub lines: Vec<Rc<Line>>,
    /// The prompt the shell would print now, such as `hostA:~$`.
    pub prompt: String,
    /// False while a command is running: then only Ctrl-C, Ctrl-D and typed input for the program make sense.
    pub idle: bool,
    /// The lines typed into it, oldest first.
    pub runs: Vec<Run>,
}

/// One line typed into a terminal and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Run {
    /// The input's number in the lab's log.
    pub input: u64,
    /// The line as typed.
    pub command: String,
    /// When it was typed.
    pub started_ns: u64,
    /// When the prompt came back; `None` while it runs.
    pub ended_ns: Option<u64>,
    /// Its exit status; `None` while it runs.
    pub exit: Option<i32>,
}

/// Who wrote a line of a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LineKind {
    /// A prompt with what was typed after it.
    Command,
    /// A program's standard output, or a harmless line of standard error.
    #[default]
    Output,
    /// A line of standard error of a command that failed.
    Error,
    /// Something the lab itself has to say, such as an option that is not modelled.
    Note,
}

/// One line of a terminal.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Line {
    /// When it was printed: the screen shows it once playback gets there.
    pub at_ns: u64,
    /// The input it belongs to.
    pub input: u64,
    /// Who wrote it.
    pub kind: LineKind,
    /// The prompt in front of a command; empty otherwise.
    pub prompt: String,
    /// The text without its line feed.
    pub text: String,
    /// The parts of the text that do not look plain, in order and without overlap.
    pub spans: Vec<Span>,
    /// False for a last line whose line feed has not come yet.
    pub complete: bool,
}

/// A part of a line that looks in some way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Span {
    /// Where it begins, in bytes of the line's text.
    pub from: usize,
    /// Where it ends.
    pub to: usize,
    /// How it looks.
    pub look: Look,
}

/// How text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Look {
    /// The colour of the letters: 0 to 7 are black, red, green, yellow, blue, magenta, cyan and white, and 8 to 15 the bright
    /// ones; `None` for the usual colour.
    pub ink: Option<u8>,
    /// The colour behind them, in the same way.
    pub paper: Option<u8>,
    /// In bold type.
    pub bold: bool,
    /// Fainter than usual.
    pub dim: bool,
    /// In italics.
    pub italic: bool,
    /// Underlined.
    pub underline: bool,
    /// With the two colours exchanged.
    pub inverse: bool,
    /// Struck through.
    pub struck: bool,
}

/// What could come next at the cursor of a command line.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Completions {
    /// Where the word being completed begins, in characters from the start of the line.
    pub from: usize,
    /// What fits, best first.
    pub items: Vec<Completion>,
}

/// One way to complete a word.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Completion {
    /// The whole word that would stand there.
    pub text: String,
    /// What it is, in a few words; may be empty.
    pub description: String,
    /// Whether a space follows it, as after a finished word but not after `--format=`.
    pub space: bool,
}
