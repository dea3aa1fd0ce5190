//! The one event queue of the world.

use crate::ids::{LinkId, NetnsId, SocketId, TaskId};
use crate::skb::TracedFrame;
use crate::time::Instant;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Something that will happen. One variant for each subsystem that has timers; each handles its own.
#[derive(Debug)]
pub enum Event {
    /// A frame reaches a device. Sending always comes through here: no device calls another.
    Frame {
        /// The receiving device.
        link: LinkId,
        /// The frame.
        frame: TracedFrame,
    },
    /// A neighbour entry's timer: retry a probe, or fail.
    Neighbour {
        /// The namespace.
        ns: NetnsId,
        /// The device.
        link: LinkId,
        /// The neighbour.
        ip: std::net::IpAddr,
    },
    /// A socket's timer (retransmission, keep-alive, TIME-WAIT ...).
    Socket {
        /// The socket.
        socket: SocketId,
    },
    /// A task asked to be woken.
    Wake {
        /// The task.
        task: TaskId,
    },
    /// Anything else that a device or namespace set for itself; the number is its own.
    Device {
        /// The device.
        link: LinkId,
        /// What for, in the device's own numbering.
        token: u32,
    },
}

/// A queue in which events of the same instant keep the order in which they were scheduled.
#[derive(Debug, Default)]
pub struct EventQueue {
    heap: BinaryHeap<Reverse<(Instant, u64, u32)>>,
    slots: Vec<Option<Event>>,
    free: Vec<u32>,
    scheduled: u64,
}

impl EventQueue {
    /// Lets `event` happen at `at`.
    pub fn schedule(&mut self, at: Instant, event: Event) {
        // The heap sorts small keys; events lie still in their slots meanwhile.
        let slot = if let Some(slot) = self.free.pop() {
            if let Some(place) = self.slots.get_mut(slot as usize) {
                *place = Some(event);
            }
            slot
        } else {
            self.slots.push(Some(event));
            u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX)
        };
        self.heap.push(Reverse((at, self.scheduled, slot)));
        self.scheduled += 1;
    }

    /// When the next event happens.
    #[must_use]
    pub fn next_at(&self) -> Option<Instant> {
        self.heap.peek().map(|Reverse((at, _, _))| *at)
    }

    /// Takes the next event out.
    pub fn pop(&mut self) -> Option<(Instant, Event)> {
        let Reverse((at, _, slot)) = self.heap.pop()?;
        let event = self.slots.get_mut(slot as usize)?.take()?;
        self.free.push(slot);
        Some((at, event))
    }

    /// How many events wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.heap.len()
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_instant_keeps_the_order_of_scheduling() {
        let mut q = EventQueue::default();
        for (at, task) in [(5, 1), (3, 2), (5, 3), (3, 4)] {
            q.schedule(Instant(at), Event::Wake { task: TaskId(task) });
        }
        let order: Vec<u32> = std::iter::from_fn(|| q.pop())
            .map(|(_, e)| match e {
                Event::Wake { task } => task.0,
                _ => 0,
            })
            .collect();
        assert_eq!(order, [2, 4, 1, 3]);
        assert!(q.is_empty());
    }
}
