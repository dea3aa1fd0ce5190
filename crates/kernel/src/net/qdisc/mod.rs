//! Queueing disciplines: what a device's frames pass before they are sent.
//!
//! Most devices have none (`noqueue`). What is modelled is `netem`, which makes a way slow and lossy, and the plain queues,
//! in which nothing ever waits since links have no bandwidth. Only the root of a device can be set; there are no classes.
//! Sources: Linux `net/sched/sch_api.c`, `sch_generic.c`.

mod netem;
#[cfg(test)]
mod tests;

pub use netem::{Chance, Distribution, Netem, NetemCounts};

use crate::ids::LinkId;
use crate::rng::Rng;
use crate::sched::Event;
use crate::skb::TracedFrame;
use crate::state::Kernel;
use crate::trace::{Checkpoint, DropReason};
use netem::Emulator;

/// The queue length of a device that had none before it got a queueing discipline. Source: `DEFAULT_TX_QUEUE_LEN`.
const DEFAULT_QUEUE: u32 = 1000;
/// The first handle that is given to one for which nobody chose it: 8001.
const FIRST_HANDLE: u16 = 0x8001;

/// What a device's queueing discipline is to be.
#[derive(Clone, PartialEq, Debug)]
pub enum QdiscSpec {
    /// Delay, loss and more.
    Netem(Netem),
    /// First in, first out, and how many frames or bytes may wait.
    Fifo {
        /// Whether the limit is in bytes.
        bytes: bool,
        /// How many.
        limit: u32,
    },
}

impl QdiscSpec {
    /// Its name.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Netem(_) => "netem",
            Self::Fifo { bytes: true, .. } => "bfifo",
            Self::Fifo { bytes: false, .. } => "pfifo",
        }
    }
}

/// How a queueing discipline is set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Setting {
    /// There must be none.
    Add,
    /// There must be one, of the same kind.
    Change,
    /// There may be one.
    Replace,
}

/// Why it cannot be. Texts of the kernel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum QdiscError {
    /// No such device.
    NoDevice,
    /// There is one already.
    Exists,
    /// There is none to be changed.
    NotFound,
    /// The one that is there is of another kind.
    OtherKind,
    /// Only what was set can be removed.
    Default,
}

impl QdiscError {
    /// The kernel's sentence.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::NoDevice => "No such device",
            Self::Exists => "Exclusivity flag on, cannot modify.",
            Self::NotFound => "Qdisc not found. To create specify NLM_F_CREATE flag.",
            Self::OtherKind => "Invalid qdisc name: must match existing qdisc.",
            Self::Default => "Cannot delete qdisc with handle of zero.",
        }
    }
}

/// What passed a queueing discipline.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct QdiscCounts {
    /// Frames sent.
    pub packets: u64,
    /// Bytes sent.
    pub bytes: u64,
    /// Frames dropped.
    pub dropped: u64,
    /// Frames that wait.
    pub waiting: u64,
    /// Bytes that wait.
    pub waiting_bytes: u64,
}

/// A device's queueing discipline.
#[derive(Debug)]
pub struct Qdisc {
    /// Its number, as `tc` writes it in hexadecimal.
    pub handle: u16,
    /// What it is.
    pub spec: QdiscSpec,
    /// What seeds its chances.
    pub seed: u64,
    emulator: Emulator,
    sent: QdiscCounts,
}

impl Qdisc {
    /// What passed it.
    #[must_use]
    pub fn counts(&self) -> QdiscCounts {
        let (waiting, waiting_bytes) = self.emulator.waiting();
        QdiscCounts {
            waiting,
            waiting_bytes,
            ..self.sent
        }
    }

    /// What the emulator did to frames.
    #[must_use]
    pub const fn emulated(&self) -> NetemCounts {
        self.emulator.counts
    }
}

impl Kernel {
    /// The queueing discipline of a device, if it was given one.
    #[must_use]
    pub fn qdisc(&self, link: LinkId) -> Option<&Qdisc> {
        self.net.link(link)?.qdisc.as_deref()
    }

    /// Gives a device a queueing discipline; without a `handle` it gets the next of its machine. What is changed keeps its
    /// number and what waits in it.
    /// # Errors
    /// [`QdiscError`].
    pub fn qdisc_set(
        &mut self,
        link: LinkId,
        handle: Option<u16>,
        spec: QdiscSpec,
        how: Setting,
    ) -> Result<(), QdiscError> {
        let found = self.net.link_mut(link).ok_or(QdiscError::NoDevice)?;
        let ns = found.ns;
        match (&mut found.qdisc, how) {
            (Some(_), Setting::Add) => return Err(QdiscError::Exists),
            (None, Setting::Change) => return Err(QdiscError::NotFound),
            (Some(old), _)
                if old.spec.kind() == spec.kind() && handle.is_none_or(|h| h == old.handle) =>
            {
                old.spec = match (&old.spec, spec) {
                    (QdiscSpec::Netem(old), QdiscSpec::Netem(new)) => {
                        QdiscSpec::Netem(old.changed(new))
                    }
                    (_, spec) => spec,
                };
                return Ok(());
            }
            (Some(_), Setting::Change) => return Err(QdiscError::OtherKind),
            _ => {}
        }
        let seed = self.rng.next_u64();
        let machine = self.net.netns(ns).map(|netns| netns.machine);
        let machine = machine.and_then(|id| self.machines.get_mut(id.index()));
        let machine = machine.ok_or(QdiscError::NoDevice)?;
        let handle = handle.unwrap_or_else(|| {
            let next = machine.qdiscs.wrapping_add(FIRST_HANDLE);
            machine.qdiscs = machine.qdiscs.wrapping_add(1);
            next
        });
        if let Some(found) = self.net.link_mut(link) {
            if found.txqlen == 0 {
                found.txqlen = DEFAULT_QUEUE;
            }
            found.qdisc = Some(Box::new(Qdisc {
                handle,
                spec,
                seed,
                emulator: Emulator::new(Rng::new(seed)),
                sent: QdiscCounts::default(),
            }));
        }
        Ok(())
    }

    /// Takes a device's queueing discipline away, and what waits in it. `kind`: what it has to be, if that was named.
    /// # Errors
    /// [`QdiscError`].
    pub fn qdisc_del(&mut self, link: LinkId, kind: Option<&str>) -> Result<(), QdiscError> {
        let now = self.now;
        let found = self.net.link_mut(link).ok_or(QdiscError::NoDevice)?;
        let ns = found.ns;
        let is = found.qdisc.as_ref().map_or("noqueue", |q| q.spec.kind());
        if kind.is_some_and(|kind| kind != is) {
            return Err(QdiscError::OtherKind);
        }
        let old = found.qdisc.take().ok_or(QdiscError::Default)?;
        for frame in old.emulator.into_waiting() {
            let what = Checkpoint::Drop(DropReason::Queue { link });
            self.trace.push(now, ns, frame.id, what);
        }
        Ok(())
    }

    /// Lets a frame pass the queueing discipline of a running device: what comes back is sent now.
    pub(super) fn qdisc_enqueue(
        &mut self,
        link: LinkId,
        frame: TracedFrame,
    ) -> Option<TracedFrame> {
        let now = self.now;
        let Some(found) = self.net.link_mut(link) else {
            return Some(frame);
        };
        let ns = found.ns;
        let Some(qdisc) = &mut found.qdisc else {
            return Some(frame);
        };
        let QdiscSpec::Netem(netem) = &qdisc.spec else {
            qdisc.sent.count(&frame);
            return Some(frame);
        };
        let id = frame.id;
        let taken = qdisc.emulator.take(netem, frame, now);
        qdisc.sent.dropped += taken.dropped;
        for at in taken.due {
            self.queue.schedule(at, Event::Device { link, token: 0 });
        }
        if taken.dropped > 0 {
            let what = Checkpoint::Drop(DropReason::Queue { link });
            self.trace.push(now, ns, id, what);
        }
        None
    }

    /// What waited long enough in a device's queueing discipline is sent.
    pub(super) fn qdisc_dequeue(&mut self, link: LinkId) {
        let now = self.now;
        loop {
            let Some(found) = self.net.link_mut(link) else {
                return;
            };
            let Some(qdisc) = &mut found.qdisc else {
                return;
            };
            let Some(frame) = qdisc.emulator.due(now) else {
                return;
            };
            qdisc.sent.count(&frame);
            self.transmit_now(link, frame);
        }
    }
}

impl QdiscCounts {
    fn count(&mut self, frame: &TracedFrame) {
        self.packets += 1;
        self.bytes += frame.frame.len() as u64;
    }
}
