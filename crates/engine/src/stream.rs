//! What an answer brings piece by piece: output, events, log lines.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use bytes::Bytes;
use kernel::sys::{Condition, Sys};

/// Which of a process's standard streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// A piece of output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Where it was written.
    pub channel: Channel,
    /// What was written.
    pub data: Bytes,
}

struct Queue<T> {
    items: RefCell<VecDeque<T>>,
    open: RefCell<bool>,
    changed: Condition,
}

/// The end that items are put into. Dropping it ends the stream.
pub(crate) struct Sender<T>(Rc<Queue<T>>);

/// The end that items are taken from.
pub struct Receiver<T>(Rc<Queue<T>>);

/// Makes a stream.
pub(crate) fn channel<T>(sys: &Sys) -> (Sender<T>, Receiver<T>) {
    let queue = Rc::new(Queue {
        items: RefCell::default(),
        open: RefCell::new(true),
        changed: sys.condition(),
    });
    (Sender(queue.clone()), Receiver(queue))
}

impl<T> Sender<T> {
    /// Puts an item in. Returns false if nobody will take it.
    pub(crate) fn send(&self, item: T) -> bool {
        if !self.is_wanted() {
            return false;
        }
        self.0.items.borrow_mut().push_back(item);
        self.0.changed.signal();
        true
    }

    /// Returns whether the other end is still there.
    pub(crate) fn is_wanted(&self) -> bool {
        Rc::strong_count(&self.0) > 1
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        *self.0.open.borrow_mut() = false;
        self.0.changed.signal();
    }
}

impl<T> Receiver<T> {
    /// Takes the next item if there is one already.
    pub fn take(&self) -> Option<T> {
        self.0.items.borrow_mut().pop_front()
    }

    /// Waits for the next item; `None` at the end.
    pub async fn next(&self) -> Option<T> {
        self.0
            .changed
            .until(|| match self.0.items.borrow_mut().pop_front() {
                Some(item) => Some(Some(item)),
                None if *self.0.open.borrow() => None,
                None => Some(None),
            })
            .await
    }
}

/// A connection to the standard streams of a process in a container.
pub struct Attached {
    /// Its output, from the moment of attaching. It ends with the process.
    pub output: Receiver<Frame>,
    /// Its standard input, if it was asked for. Dropping it closes standard input.
    pub input: Option<Input>,
}

/// Where a client writes what a process is to read.
pub struct Input {
    pub(crate) sender: Sender<Bytes>,
}

impl Input {
    /// Passes bytes on. Returns false if the process reads no more.
    pub fn write(&self, data: Bytes) -> bool {
        self.sender.send(data)
    }
}
