//! A container's output: kept as a log, passed on to those who are attached.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use bytes::Bytes;
use kernel::process::tty::TtyId;

use crate::api::LogsOptions;
use crate::clock::{UnixNanos, rfc3339};
use crate::stream::{Channel, Frame, Receiver, Sender};

/// How many lines a log keeps; the oldest go first.
const KEPT_LINES: usize = 10_000;

/// A line of a log, or a piece of one that was not ended.
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
    attached: Vec<(Option<Channel>, Sender<Frame>)>,
    followers: Vec<(LogsOptions, Sender<Frame>)>,
    /// What the next start uses as standard input, or as terminal.
    input: Option<Receiver<Bytes>>,
    console: Option<TtyId>,
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
        for piece in data.split_inclusive(|b| *b == b'\n') {
            let line = Line {
                at,
                channel,
                data: Bytes::copy_from_slice(piece),
            };
            inner
                .followers
                .retain(|(options, sender)| match options.show(&line) {
                    Some(frame) => sender.send(frame),
                    None => sender.is_wanted(),
                });
            let open = inner
                .lines
                .back_mut()
                .filter(|l| l.channel == channel && !l.data.ends_with(b"\n"));
            match open {
                Some(open) => open.data = [open.data.as_ref(), piece].concat().into(),
                None => inner.lines.push_back(line),
            }
        }
        while inner.lines.len() > KEPT_LINES {
            inner.lines.pop_front();
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

    /// Takes what was set as standard input.
    pub(crate) fn take_input(&self) -> Option<Receiver<Bytes>> {
        self.0.borrow_mut().input.take()
    }

    /// Takes the terminal that was set.
    pub(crate) fn take_console(&self) -> Option<TtyId> {
        self.0.borrow_mut().console.take()
    }

    /// Answers a request for the log; follows it if asked to and the container runs.
    pub(crate) fn read(&self, options: &LogsOptions, sender: Sender<Frame>, running: bool) {
        let mut inner = self.0.borrow_mut();
        let frames: Vec<Frame> = inner
            .lines
            .iter()
            .filter_map(|line| options.show(line))
            .collect();
        let skip = options
            .tail
            .map_or(0, |tail| frames.len().saturating_sub(tail));
        for frame in frames.into_iter().skip(skip) {
            sender.send(frame);
        }
        if options.follow && running {
            inner.followers.push((options.clone(), sender));
        }
    }

    /// Ends all streams: the container's process has ended.
    pub(crate) fn close(&self) {
        let mut inner = self.0.borrow_mut();
        inner.attached.clear();
        inner.followers.clear();
    }
}

impl LogsOptions {
    fn show(&self, line: &Line) -> Option<Frame> {
        let wanted = match line.channel {
            Channel::Stdout => self.stdout,
            Channel::Stderr => self.stderr,
        };
        let in_time =
            self.since.is_none_or(|s| line.at >= s) && self.until.is_none_or(|u| line.at <= u);
        if !wanted || !in_time {
            return None;
        }
        let data = if self.timestamps {
            [format!("{} ", rfc3339(line.at)).as_bytes(), &line.data]
                .concat()
                .into()
        } else {
            line.data.clone()
        };
        Some(Frame {
            channel: line.channel,
            data,
        })
    }
}
