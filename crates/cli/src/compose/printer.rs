//! Printing what containers say, each line after the name of its container. Source: docker/compose `cmd/formatter/logs.go`.

use sorted::SortedMap;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

use engine::stream::{Channel, Frame, Receiver};

use crate::format::time;
use crate::session::{STDOUT, Session};

/// The colours that names get in turn, as the numbers of their escape sequences.
const COLOURS: [&str; 10] = [
    "36", "33", "32", "35", "34", "36;1", "33;1", "32;1", "35;1", "34;1",
];

/// Prints lines. Clones print in the same widths and colours.
#[derive(Clone)]
pub(super) struct Printer {
    session: Session,
    prefixed: bool,
    coloured: bool,
    merged: bool,
    silent: Rc<Cell<bool>>,
    stamped: bool,
    names: Rc<RefCell<SortedMap<String, &'static str>>>,
}

impl Printer {
    /// Makes a printer; colours are for terminals.
    pub(super) fn new(session: &Session, prefixed: bool, coloured: bool, ansi: &str) -> Self {
        let terminal = match ansi {
            "always" => true,
            "never" => false,
            _ => session.sys.is_tty(STDOUT),
        };
        Self {
            session: session.clone(),
            prefixed,
            coloured: coloured && terminal,
            merged: false,
            silent: Rc::default(),
            stamped: false,
            names: Rc::default(),
        }
    }

    /// Prints to standard output what containers write to standard error, too.
    pub(super) fn merged(self) -> Self {
        Self {
            merged: true,
            ..self
        }
    }

    /// Puts the time before each line.
    pub(super) fn stamped(self, stamped: bool) -> Self {
        Self { stamped, ..self }
    }

    /// From now on nothing is printed.
    pub(super) fn silence(&self) {
        self.silent.set(true);
    }

    /// Lets a container have its colour, and its part in the width of the names: when it is first heard of.
    fn register(&self, name: &str) {
        let mut names = self.names.borrow_mut();
        let next = COLOURS.get(names.len() % COLOURS.len()).unwrap_or(&"36");
        names.entry(name.to_owned()).or_insert(next);
    }

    fn paint(&self, name: &str, text: &str) -> String {
        match self.names.borrow().get(name) {
            Some(colour) if self.coloured => format!("\u{1b}[{colour}m{text}\u{1b}[0m"),
            _ => text.to_owned(),
        }
    }

    /// Prints one line of a container.
    fn line(&self, name: &str, channel: Channel, line: &str) {
        if self.silent.get() {
            return;
        }
        self.register(name);
        let (seconds, nanos) = self.session.sys.wall_clock();
        let stamped = match self.stamped {
            true => {
                let seconds = i64::try_from(seconds).unwrap_or(0);
                format!("{} {line}", time::rfc3339(seconds, nanos))
            }
            false => String::new(),
        };
        let line = if self.stamped { stamped.as_str() } else { line };
        let text = match self.prefixed {
            true => {
                let names = self.names.borrow();
                let width = names.keys().map(|n| n.chars().count()).max().unwrap_or(0) + 1;
                drop(names);
                let prefix = self.paint(name, &format!("{name:<width$} | "));
                format!("{prefix}{line}\n")
            }
            false => format!("{line}\n"),
        };
        match channel {
            _ if self.merged => self.session.sys.out(&text),
            Channel::Stdout => self.session.sys.out(&text),
            Channel::Stderr => self.session.sys.err(&text),
        }
    }

    /// Tells what became of a container.
    pub(super) fn status(&self, name: &str, what: &str) {
        self.register(name);
        let text = self.paint(name, &format!("\r\u{1b}[K{name} {what}\n"));
        self.session.sys.out(&text);
    }

    /// Prints all that a container says until it says no more.
    pub(super) async fn follow(&self, name: &str, output: &Receiver<Frame>) {
        let mut parts: [Vec<u8>; 2] = Default::default();
        while let Some(frame) = output.next().await {
            let [stdout, stderr] = &mut parts;
            let part = match frame.channel {
                Channel::Stdout => stdout,
                Channel::Stderr => stderr,
            };
            part.extend_from_slice(&frame.data);
            while let Some(end) = part.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = part.drain(..=end).collect();
                let line = String::from_utf8_lossy(&line);
                self.line(name, frame.channel, line.trim_end_matches(['\n', '\r']));
            }
        }
        if self.merged {
            // `logs` prints nothing of a line that has no end. Seen.
            return;
        }
        let [stdout, stderr] = parts;
        for (part, channel) in [(stdout, Channel::Stdout), (stderr, Channel::Stderr)] {
            if !part.is_empty() {
                let line = String::from_utf8_lossy(&part);
                self.line(name, channel, &line);
            }
        }
    }
}
