//! How a film is made: which hop is shown when.
//!
//! Hops are played in the order of virtual time, one packet moving at a time; a broadcast's copies move together.
//! Long silences shrink, and ways a packet has already shown are travelled faster. Of a crowd only one conversation is
//! played like that, see [`super::crowd`].

use std::rc::Rc;

use sorted::{SortedMap, SortedSet};

use lab::view::{Hop, Journey, Tone};

use super::crowd::{self, Crowd, Part, Watch};
use super::film::{Film, Segment, Step};
use super::pace::{duration, is_background, pause, rest};

/// Hops of one packet this close together are not torn apart by another packet's, in nanoseconds.
const TOGETHER: u64 = 20_000;

/// Something to be put on the time line.
#[derive(Clone, Copy)]
struct Event {
    at: u64,
    packet: usize,
    hop: usize,
}

impl Film {
    /// Lays journeys out; `marks` are further virtual times at which something is shown, such as lines of output.
    pub(crate) fn new(journeys: &[Rc<Journey>], marks: &[u64], watch: &Watch) -> Self {
        let mut film = Self::default();
        let parts = crowd::parts(journeys, watch);
        let mut pending: Vec<Vec<Event>> = Vec::new();
        // Those that are not followed, all together, and their copies of a broadcast as one.
        let mut others: Vec<Event> = Vec::new();
        for (packet, j) in journeys.iter().enumerate() {
            let event = |(hop, h): (usize, &Hop)| Event {
                at: h.at_ns,
                packet,
                hop,
            };
            if parts.get(packet) == Some(&Part::Followed) {
                let mut events: Vec<Event> = j.hops.iter().enumerate().map(event).collect();
                sorted::sort_by_key(&mut events, |e| (e.at, e.hop));
                events.reverse();
                pending.push(events);
            } else {
                let mut origin = None;
                let hops = j.hops.iter().enumerate().filter(|(_, h)| {
                    let copy = h.from.is_some() && h.from == origin;
                    origin = h.from;
                    !copy
                });
                others.extend(hops.map(event));
            }
        }
        sorted::sort_by_key(&mut others, |e| (e.at, e.packet, e.hop));
        others.reverse();
        film.crowd = Crowd::new(others.len());
        let mut marks: Vec<u64> = marks.to_vec();
        sorted::sort(&mut marks);
        marks.reverse();
        let mut now = 0.0;
        let mut last_at: Option<u64> = None;
        let mut seen: SortedSet<(&str, &str)> = SortedSet::new();
        let mut current: Option<usize> = None;
        loop {
            let earliest = pending
                .iter()
                .filter_map(|p| p.last())
                .min_by_key(|e| (e.at, e.packet))
                .copied();
            let aside = others.last().copied().filter(|o| {
                earliest.is_none_or(|e| o.at < e.at) && marks.last().is_none_or(|m| o.at <= *m)
            });
            if let Some(event) = aside {
                others.pop();
                let seen = parts.get(event.packet) == Some(&Part::Crowd);
                if seen {
                    now += last_at.map_or(0.0, |last| pause(event.at.saturating_sub(last), watch));
                    now += film.crowd.pace;
                    film.crowd.add(event.packet, event.hop, now);
                    last_at = Some(last_at.map_or(event.at, |l| l.max(event.at)));
                }
                film.clock.push((event.at, now));
                continue;
            }
            let mark = marks.last().copied();
            let Some(at) = [earliest.map(|e| e.at), mark].into_iter().flatten().min() else {
                break;
            };
            if let Some(last) = last_at {
                now += pause(at.saturating_sub(last), watch);
            }
            last_at = Some(last_at.map_or(at, |l| l.max(at)));
            let Some(earliest) = earliest.filter(|e| mark.is_none_or(|m| e.at <= m)) else {
                marks.pop();
                film.clock.push((at, now));
                continue;
            };
            let stay = pending
                .iter()
                .filter_map(|p| p.last())
                .find(|e| Some(e.packet) == current)
                .filter(|e| e.at <= earliest.at.saturating_add(TOGETHER));
            let event = stay.copied().unwrap_or(earliest);
            let queue = pending
                .iter_mut()
                .find(|p| p.last().is_some_and(|e| e.packet == event.packet));
            let (Some(queue), Some(journey)) = (queue, journeys.get(event.packet)) else {
                break;
            };
            // Copies of a broadcast that leave one place at the same time move together.
            let mut together = vec![event];
            queue.pop();
            let origin = journey.hops.get(event.hop).and_then(|h| h.from);
            while let Some(next) = queue.last().copied() {
                let same = journey
                    .hops
                    .get(next.hop)
                    .is_some_and(|h| h.from.is_some() && h.from == origin);
                if !same || next.at > event.at.saturating_add(TOGETHER) {
                    break;
                }
                together.push(next);
                queue.pop();
            }
            let leaves = now;
            now += duration(journey, event.hop, &mut seen);
            let arrives = now;
            now += rest(journey, event.hop);
            for e in together {
                film.clock.push((e.at, arrives));
                film.steps.push(Step {
                    packet: e.packet,
                    hop: e.hop,
                    leaves,
                    arrives,
                    until: now,
                });
            }
            current = Some(event.packet);
        }
        film.length = now;
        let last = |which: fn(&Hop) -> bool| {
            film.steps.iter().rposition(|s| {
                let journey = journeys.get(s.packet).filter(|j| !is_background(j));
                let hop = journey.and_then(|j| j.hops.get(s.hop));
                hop.is_some_and(which)
            })
        };
        film.verdict = film
            .answer(journeys, watch)
            .or_else(|| last(|h| h.verdict.tone == Tone::Bad))
            .or_else(|| last(|_| true));
        film.finish();
        film.label();
        film
    }

    /// The last step of the packet that was asked about.
    fn answer(&self, journeys: &[Rc<Journey>], watch: &Watch) -> Option<usize> {
        let asked = watch.asked?;
        let of_kind = |j: &Rc<Journey>| j.protocol == asked && !is_background(j);
        let packet = journeys.iter().position(of_kind)?;
        self.steps.iter().rposition(|s| s.packet == packet)
    }

    fn finish(&mut self) {
        sorted::sort_by_key(&mut self.clock, |a| a.0);
        let mut latest: f64 = 0.0;
        for entry in &mut self.clock {
            latest = latest.max(entry.1);
            entry.1 = latest;
        }
        for (i, step) in self.steps.iter().enumerate() {
            if self.own.len() <= step.packet {
                self.own.resize(step.packet + 1, Vec::new());
            }
            if let Some(own) = self.own.get_mut(step.packet) {
                own.push(i);
            }
            match self.segments.last_mut() {
                Some(segment) if segment.packet == step.packet => segment.to = step.until,
                _ => self.segments.push(Segment {
                    packet: step.packet,
                    from: step.leaves,
                    to: step.until,
                    main: false,
                }),
            }
        }
    }

    fn label(&mut self) {
        let mut longest: SortedMap<usize, (f64, usize)> = SortedMap::new();
        for (i, s) in self.segments.iter().enumerate() {
            let best = longest.entry(s.packet).or_insert((s.to - s.from, i));
            if s.to - s.from > best.0 {
                *best = (s.to - s.from, i);
            }
        }
        for (_, i) in longest.into_values() {
            if let Some(segment) = self.segments.get_mut(i) {
                segment.main = true;
            }
        }
    }
}
