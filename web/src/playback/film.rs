//! A film: journeys laid out on a time line in milliseconds.
//!
//! Hops are played in the order of virtual time, one packet moving at a time; a broadcast's copies move together.
//! Long silences shrink, and ways a packet has already shown are travelled faster.

use sorted::{SortedMap, SortedSet};

use lab::view::{Journey, Protocol, Tone};

/// A hop over a way not seen in this film yet.
const NEW_WAY: f64 = 600.0;
/// A hop over a way some packet has already travelled.
const KNOWN_WAY: f64 = 240.0;
/// A hop of a packet nobody asked for, such as ARP.
const QUICK: f64 = 320.0;
/// A hop that stays where it is.
const STAY: f64 = 250.0;
/// A packet's first appearance.
const APPEAR: f64 = 320.0;
/// Rest where a packet was changed or judged.
const REST: f64 = 250.0;
/// Rest where a packet ended badly.
const LAST_REST: f64 = 700.0;
/// Virtual silence that is worth a pause, in nanoseconds.
const SILENCE: u64 = 50_000_000;
/// Hops of one packet this close together are not torn apart by another packet's, in nanoseconds.
const TOGETHER: u64 = 20_000;
/// Packets up to here all move; later ones only if they belong to the first flow.
const MOST_MOVING: usize = 40;

/// One hop on the time line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Step {
    /// Which journey.
    pub(crate) packet: usize,
    /// Which of its hops.
    pub(crate) hop: usize,
    /// When the packet leaves the hop before.
    pub(crate) leaves: f64,
    /// When it is there.
    pub(crate) arrives: f64,
    /// When the next one may move.
    pub(crate) until: f64,
}

/// A stretch of the time line in which one packet moves.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Segment {
    pub(crate) packet: usize,
    pub(crate) from: f64,
    pub(crate) to: f64,
    /// Whether it is the packet's longest stretch, which bears its label.
    pub(crate) main: bool,
}

/// A packet to be drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Sprite {
    pub(crate) packet: usize,
    /// The hop it is at or moving to.
    pub(crate) hop: usize,
    /// How far it is on the way to that hop, from 0 to 1.
    pub(crate) share: f64,
    /// Whether it is the one being watched.
    pub(crate) current: bool,
}

/// Everything that happened, at a human pace.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Film {
    /// Hops in playing order.
    pub(crate) steps: Vec<Step>,
    /// Stretches of the time line.
    pub(crate) segments: Vec<Segment>,
    /// Length in milliseconds.
    pub(crate) length: f64,
    /// Virtual times in order, each with the film time by which everything up to it has been shown.
    clock: Vec<(u64, f64)>,
    /// For each packet the steps that are its own, in order.
    own: Vec<Vec<usize>>,
}

/// Something to be put on the time line.
#[derive(Clone, Copy)]
struct Event {
    at: u64,
    packet: usize,
    hop: usize,
}

impl Film {
    /// Lays journeys out; `marks` are further virtual times at which something is shown, such as lines of output.
    pub(crate) fn new(journeys: &[Journey], marks: &[u64]) -> Self {
        let mut film = Self::default();
        let main_flow = journeys
            .iter()
            .find(|j| !is_background(j))
            .map(|j| j.flow.as_str());
        let mut pending: Vec<Vec<Event>> = journeys
            .iter()
            .enumerate()
            .map(|(packet, j)| {
                let mut events: Vec<Event> = j
                    .hops
                    .iter()
                    .enumerate()
                    .map(|(hop, h)| Event {
                        at: h.at_ns,
                        packet,
                        hop,
                    })
                    .collect();
                sorted::sort_by_key(&mut events, |e| (e.at, e.hop));
                events.reverse();
                events
            })
            .collect();
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
            let mark = marks.last().copied();
            let Some(at) = [earliest.map(|e| e.at), mark].into_iter().flatten().min() else {
                break;
            };
            if let Some(last) = last_at {
                now += pause(at.saturating_sub(last));
            }
            last_at = Some(last_at.map_or(at, |l| l.max(at)));
            let Some(earliest) = earliest.filter(|e| mark.is_none_or(|m| e.at <= m)) else {
                marks.pop();
                film.clock.push((at, now));
                continue;
            };
            let stay = current
                .and_then(|c| pending.get(c)?.last().copied())
                .filter(|e| e.at <= earliest.at.saturating_add(TOGETHER));
            let event = stay.unwrap_or(earliest);
            let (Some(queue), Some(journey)) =
                (pending.get_mut(event.packet), journeys.get(event.packet))
            else {
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
            let moves = event.packet < MOST_MOVING || Some(journey.flow.as_str()) == main_flow;
            let leaves = now;
            if moves {
                now += duration(journey, event.hop, &mut seen);
            }
            let arrives = now;
            if moves {
                now += rest(journey, event.hop);
            }
            for e in together {
                film.clock.push((e.at, arrives));
                if moves {
                    film.steps.push(Step {
                        packet: e.packet,
                        hop: e.hop,
                        leaves,
                        arrives,
                        until: now,
                    });
                }
            }
            current = Some(event.packet);
        }
        film.length = now;
        film.finish();
        film.label();
        film
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

    /// The virtual time up to which everything has been shown at a position.
    pub(crate) fn virtual_time(&self, position: f64) -> u64 {
        let next = self.clock.partition_point(|(_, shown)| *shown <= position);
        self.clock
            .get(next)
            .map_or(u64::MAX, |(at, _)| at.saturating_sub(1))
    }

    /// The step the film has arrived at, by its index.
    pub(crate) fn step_at(&self, position: f64) -> Option<usize> {
        self.steps
            .partition_point(|s| s.arrives <= position)
            .checked_sub(1)
    }

    /// The packets to be drawn at a position.
    pub(crate) fn sprites(&self, position: f64, journeys: &[Journey]) -> Vec<Sprite> {
        let mut out: Vec<Sprite> = Vec::new();
        let here = self.step_at(position);
        let next = here.map_or(0, |i| i + 1);
        let moving = self
            .steps
            .get(next)
            .filter(|s| s.leaves < position && position < s.arrives);
        let current = moving
            .or_else(|| here.and_then(|i| self.steps.get(i)))
            .map(|s| s.packet);
        for (packet, own) in self.own.iter().enumerate() {
            let step = |i: &usize| self.steps.get(*i);
            let begun = own.partition_point(|i| step(i).is_some_and(|s| s.leaves < position));
            let Some(last) = begun.checked_sub(1).and_then(|i| step(own.get(i)?)) else {
                continue;
            };
            let finished = own
                .last()
                .and_then(step)
                .is_none_or(|s| s.until <= position);
            let bad = journeys
                .get(packet)
                .and_then(|j| j.hops.last())
                .is_some_and(|h| h.verdict.tone == Tone::Bad);
            if finished && Some(packet) != current && !bad {
                continue;
            }
            let together = own
                .get(..begun)
                .into_iter()
                .flatten()
                .rev()
                .filter_map(step)
                .take_while(|s| s.leaves >= last.leaves);
            for step in together {
                let span = step.arrives - step.leaves;
                let share = if span > 0.0 {
                    ((position - step.leaves) / span).clamp(0.0, 1.0)
                } else {
                    1.0
                };
                out.push(Sprite {
                    packet,
                    hop: step.hop,
                    share,
                    current: Some(packet) == current,
                });
            }
        }
        out
    }

    /// Whether there is more to see than neighbours getting to know each other.
    pub(crate) fn worth_watching(journeys: &[Journey]) -> bool {
        journeys.iter().any(|j| !is_background(j))
    }
}

/// ARP, neighbour discovery and the like: they happen by themselves all the time.
fn is_background(journey: &Journey) -> bool {
    matches!(journey.protocol, Protocol::Arp | Protocol::Other)
}

fn pause(silence: u64) -> f64 {
    if silence < SILENCE {
        return 0.0;
    }
    let ms = silence as f64 / 1e6;
    (ms.log10() * 240.0).clamp(300.0, 1200.0)
}

fn duration<'a>(journey: &'a Journey, hop: usize, seen: &mut SortedSet<(&'a str, &'a str)>) -> f64 {
    let Some(to) = journey.hops.get(hop) else {
        return 0.0;
    };
    let from = to
        .from
        .filter(|f| *f < hop)
        .or_else(|| hop.checked_sub(1))
        .and_then(|f| journey.hops.get(f));
    match from {
        None => APPEAR,
        Some(from) if from.place == to.place => STAY,
        Some(_) if is_background(journey) => QUICK,
        Some(from) if seen.insert((&from.place, &to.place)) => NEW_WAY,
        Some(_) => KNOWN_WAY,
    }
}

fn rest(journey: &Journey, hop: usize) -> f64 {
    let Some(h) = journey.hops.get(hop) else {
        return 0.0;
    };
    match h.verdict.tone {
        Tone::Bad => LAST_REST,
        Tone::Changed => REST,
        _ if !h.changes.is_empty() || h.rules.iter().any(|r| r.matched) => REST,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lab::view::Hop;

    fn journey(times: &[(u64, &str)]) -> Journey {
        Journey {
            protocol: Protocol::Tcp,
            flow: "f".into(),
            hops: times
                .iter()
                .map(|(at, p)| Hop {
                    at_ns: *at,
                    place: (*p).into(),
                    ..Hop::default()
                })
                .collect(),
            ..Journey::default()
        }
    }

    #[test]
    fn a_packet_that_waits_for_arp_lets_it_pass() {
        let waiting = journey(&[(0, "a"), (900_000, "b")]);
        let arp = journey(&[(100_000, "a"), (200_000, "b")]);
        let film = Film::new(&[waiting, arp], &[]);
        let order: Vec<(usize, usize)> = film.steps.iter().map(|s| (s.packet, s.hop)).collect();
        assert_eq!(order, [(0, 0), (1, 0), (1, 1), (0, 1)]);
        assert_eq!(film.segments.len(), 3);
        let labelled: Vec<bool> = film.segments.iter().map(|s| s.main).collect();
        assert_eq!(labelled, [true, true, false]);
    }

    #[test]
    fn packets_close_in_time_are_not_torn_apart() {
        let film = Film::new(
            &[
                journey(&[(0, "a"), (10_000, "b")]),
                journey(&[(5_000, "c"), (12_000, "d")]),
            ],
            &[],
        );
        let order: Vec<usize> = film.steps.iter().map(|s| s.packet).collect();
        assert_eq!(order, [0, 0, 1, 1]);
    }

    #[test]
    fn output_appears_once_all_before_it_has_been_shown() {
        let film = Film::new(&[journey(&[(0, "a"), (1_000, "b")])], &[2_000]);
        assert!(film.virtual_time(0.0) < 1_000);
        assert!(film.virtual_time(film.length - 1.0) < 2_000);
        assert_eq!(film.virtual_time(film.length), u64::MAX);
    }

    #[test]
    fn an_hour_of_silence_takes_about_a_second() {
        let quick = Film::new(&[journey(&[(0, "a"), (1_000, "b")])], &[]);
        let slow = Film::new(&[journey(&[(0, "a"), (3_600_000_000_000, "b")])], &[]);
        assert!(slow.length - quick.length <= 1200.0 && slow.length > quick.length);
    }

    #[test]
    fn known_ways_are_travelled_faster() {
        let film = Film::new(
            &[
                journey(&[(0, "a"), (1, "b")]),
                journey(&[(100_000, "a"), (100_001, "b")]),
            ],
            &[],
        );
        let took: Vec<f64> = film
            .steps
            .iter()
            .filter(|s| s.hop == 1)
            .map(|s| s.arrives - s.leaves)
            .collect();
        assert_eq!(took, [NEW_WAY, KNOWN_WAY]);
    }

    #[test]
    fn copies_of_a_broadcast_move_together() {
        let mut arp = journey(&[(0, "a"), (1_000, "bridge"), (2_000, "x"), (2_000, "y")]);
        arp.hops[2].from = Some(1);
        arp.hops[3].from = Some(1);
        let film = Film::new(&[arp.clone()], &[]);
        assert_eq!(film.steps[2].arrives, film.steps[3].arrives);
        let half = (film.steps[2].leaves + film.steps[2].arrives) / 2.0;
        assert_eq!(film.sprites(half, &[arp]).len(), 2);
    }

    #[test]
    fn a_longer_film_begins_like_the_shorter_one() {
        let short = [journey(&[(0, "a"), (1_000, "b")])];
        let long = [
            short[0].clone(),
            journey(&[(9_000_000_000, "a"), (9_000_001_000, "b")]),
        ];
        let (a, b) = (Film::new(&short, &[]), Film::new(&long, &[]));
        assert_eq!(a.steps[..], b.steps[..2]);
    }

    #[test]
    fn crowds_do_not_make_the_film_endless() {
        let crowd: Vec<Journey> = (0..500)
            .map(|i| Journey {
                flow: format!("f{i}"),
                ..journey(&[(i * 1_000, "a"), (i * 1_000 + 1, "b")])
            })
            .collect();
        let film = Film::new(&crowd, &[]);
        assert!(film.steps.len() <= 2 * MOST_MOVING);
    }
}
