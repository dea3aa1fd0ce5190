//! A container's output: kept as a log, passed on to those who are attached.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use bytes::Bytes;
use kernel::process::files::Fd;
use kernel::process::tty::TtyId;

use crate::api::LogsOptions;
use crate::clock::{UnixNanos, rfc3339_fixed};
use crate::stream::{Channel, Frame, Receiver, Sender};

mod log_file;

pub(crate) use log_file::LogFile;

/// How many lines a log keeps; the oldest go first.
const KEPT_LINES: usize = 10_000;

/// So much of a line that has no end is kept for itself, bytes. Source: moby `daemon/logger/copier.go`.
const LONGEST_LINE: usize = 16 * 1024;

/// A line of a log, with its end unless it is a piece of a long one or the last.
#[derive(Clone, Debug)]
struct Line {
    at: UnixNanos,
    channel: Channel,
    data: Bytes,
}

/// Where a container's output goes. Shared by the engine and the tasks that pump it.
#[derive(Clone, Default)]
pub(crate) struct Output(Rc<RefCell<Inner>>);

#[derive(Default)]
struct Inner {
    lines: VecDeque<Line>,
    /// What was written of lines that have not ended, of either channel.
    begun: [Vec<u8>; 2],
    /// The file that keeps the log, too.
    file: Option<LogFile>,
    attached: Vec<(Option<Channel>, Sender<Frame>)>,
    followers: Vec<(Reader, Sender<Frame>)>,
    /// What the next start uses as standard input, or as terminal.
    input: Option<Receiver<Bytes>>,
    console: Option<TtyId>,
    /// The running process's standard input, for those who attach to it.
    stdin: Option<Stdin>,
}

/// The engine's end of a process's standard input.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stdin {
    /// A pipe.
    Pipe(Fd),
    /// A terminal of the container's own.
    Terminal(TtyId),
}

impl Output {
    /// Takes a piece of output.
    pub(crate) fn write(&self, at: UnixNanos, channel: Channel, data: &Bytes) {
        let mut inner = self.0.borrow_mut();
        inner.attached.retain(|(only, sender)| {
            if only.is_some_and(|only| only != channel) {
                return sender.is_wanted();
            }
            sender.send(Frame {
                channel,
                data: data.clone(),
            })
        });
        let plain = without_marks(data);
        for piece in plain.split_inclusive(|b| *b == b'\n') {
            let begun = inner.begun(channel);
            begun.extend_from_slice(piece);
            if begun.ends_with(b"\n") || begun.len() >= LONGEST_LINE {
                let data = std::mem::take(begun);
                inner.keep(at, channel, data);
            }
        }
    }

    /// The process has ended: what it began is all of its last line.
    pub(crate) fn finish(&self, at: UnixNanos) {
        let mut inner = self.0.borrow_mut();
        for channel in [Channel::Stdout, Channel::Stderr] {
            let data = std::mem::take(inner.begun(channel));
            if !data.is_empty() {
                inner.keep(at, channel, data);
            }
        }
    }

    /// Keeps the log in a file from now on, or in none; the attributes stand in each of its lines.
    pub(crate) fn set_file(&self, file: Option<LogFile>) {
        self.0.borrow_mut().file = file;
    }

    /// What the log's file has not got yet, and where that is.
    pub(crate) fn unsaved(&self) -> Option<(String, Vec<u8>)> {
        let mut inner = self.0.borrow_mut();
        let file = inner.file.as_mut().filter(|f| !f.unsaved.is_empty())?;
        let text = std::mem::take(&mut file.unsaved);
        file.saved += text.len();
        Some((file.path.clone(), text))
    }

    /// The log's file, if somebody else than the engine has changed it, as its length tells.
    pub(crate) fn changed_file(
        &self,
        length: impl FnOnce(&str) -> Option<usize>,
    ) -> Option<String> {
        let inner = self.0.borrow();
        let file = inner.file.as_ref()?;
        let there = length(&file.path)?;
        (there != file.saved).then(|| file.path.clone())
    }

    /// Takes what its file holds for the log.
    pub(crate) fn replace(&self, text: &[u8]) {
        let mut inner = self.0.borrow_mut();
        inner.lines = log_file::read(text)
            .map(|(at, channel, data)| Line { at, channel, data })
            .collect();
        if let Some(file) = &mut inner.file {
            file.saved = text.len();
        }
    }

    /// Passes output from now on to a client; `only` leaves out the other channel.
    pub(crate) fn attach(&self, only: Option<Channel>, sender: Sender<Frame>) {
        self.0.borrow_mut().attached.push((only, sender));
    }

    /// Says where the next start takes standard input from.
    pub(crate) fn set_input(&self, input: Option<Receiver<Bytes>>, console: Option<TtyId>) {
        let mut inner = self.0.borrow_mut();
        inner.input = input;
        inner.console = console;
    }

    /// Keeps the running process's standard input.
    pub(crate) fn set_stdin(&self, stdin: Option<Stdin>) {
        self.0.borrow_mut().stdin = stdin;
    }

    /// Returns the running process's standard input.
    pub(crate) fn stdin(&self) -> Option<Stdin> {
        self.0.borrow().stdin
    }

    /// Takes what was set as standard input.
    pub(crate) fn take_input(&self) -> Option<Receiver<Bytes>> {
        self.0.borrow_mut().input.take()
    }

    /// Takes the terminal that was set.
    pub(crate) fn take_console(&self) -> Option<TtyId> {
        self.0.borrow_mut().console.take()
    }

    /// Answers a request for the log; follows it if asked to and the container runs. `details` is what stands before each
    /// line if details are wanted.
    pub(crate) fn read(
        &self,
        options: &LogsOptions,
        details: &str,
        sender: Sender<Frame>,
        running: bool,
    ) {
        let mut inner = self.0.borrow_mut();
        let reader = Reader {
            options: options.clone(),
            details: if options.details { details } else { "" }.to_owned(),
        };
        let frames: Vec<Frame> = inner
            .lines
            .iter()
            .filter_map(|line| reader.show(line))
            .collect();
        let skip = options
            .tail
            .map_or(0, |tail| frames.len().saturating_sub(tail));
        for frame in frames.into_iter().skip(skip) {
            sender.send(frame);
        }
        if options.follow && running {
            inner.followers.push((reader, sender));
        }
    }

    /// Ends all streams: the container's process has ended.
    pub(crate) fn close(&self) {
        let mut inner = self.0.borrow_mut();
        inner.attached.clear();
        inner.stdin = None;
        inner.followers.clear();
    }
}

impl Inner {
    fn begun(&mut self, channel: Channel) -> &mut Vec<u8> {
        let [out, err] = &mut self.begun;
        match channel {
            Channel::Stdout => out,
            Channel::Stderr => err,
        }
    }

    fn keep(&mut self, at: UnixNanos, channel: Channel, data: Vec<u8>) {
        let data = Bytes::from(data);
        let line = Line { at, channel, data };
        self.followers
            .retain(|(options, sender)| match options.show(&line) {
                Some(frame) => sender.send(frame),
                None => sender.is_wanted(),
            });
        if let Some(file) = &mut self.file {
            file.add(at, channel, &line.data);
        }
        self.lines.push_back(line);
        while self.lines.len() > KEPT_LINES {
            self.lines.pop_front();
        }
    }
}

/// Takes out the marks that shells put around their prompts: they are for the terminal of the moment, not for a log.
fn without_marks(data: &Bytes) -> Bytes {
    const BEGIN: &[u8] = b"\x1b]133;";
    const END: u8 = 7;
    if !data.windows(BEGIN.len()).any(|w| w == BEGIN) {
        return data.clone();
    }
    let mut plain = Vec::with_capacity(data.len());
    let mut rest = data.as_ref();
    while let Some(at) = rest.windows(BEGIN.len()).position(|w| w == BEGIN) {
        let (before, mark) = rest.split_at(at);
        plain.extend_from_slice(before);
        let end = mark.iter().position(|b| *b == END).map(|end| end + 1);
        rest = end.and_then(|end| mark.get(end..)).unwrap_or_default();
    }
    plain.extend_from_slice(rest);
    plain.into()
}

/// Somebody who reads a log.
struct Reader {
    options: LogsOptions,
    /// What stands before each line.
    details: String,
}

impl Reader {
    fn show(&self, line: &Line) -> Option<Frame> {
        let options = &self.options;
        let wanted = match line.channel {
            Channel::Stdout => options.stdout,
            Channel::Stderr => options.stderr,
        };
        let in_time = options.since.is_none_or(|s| line.at >= s)
            && options.until.is_none_or(|u| line.at <= u);
        if !wanted || !in_time {
            return None;
        }
        let time = options
            .timestamps
            .then(|| format!("{} ", rfc3339_fixed(line.at)));
        let head = time.unwrap_or_default() + &self.details;
        Some(Frame {
            channel: line.channel,
            data: [head.as_bytes(), &line.data].concat().into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_without_the_marks_of_prompts() {
        let written = Bytes::from_static(b"\x1b]133;A\x07/ # \x1b]133;B\x07ls\r\n");
        assert_eq!(without_marks(&written), Bytes::from_static(b"/ # ls\r\n"));
        let plain = Bytes::from_static(b"line\n");
        assert_eq!(without_marks(&plain), plain);
    }
}
