//! A film: journeys laid out on a time line in milliseconds.
//!
//! Hops are played in the order of virtual time, one packet moving at a time; a broadcast's copies move together.
//! Long silences shrink, and ways a packet has already shown are travelled faster. Of a crowd only one conversation is
//! played like that, see [`super::crowd`].

use std::rc::Rc;

use sorted::{SortedMap, SortedSet};

use super::crowd::{self, Crowd, Part, Watch};
use lab::view::{Hop, Journey, Protocol, Tone};

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
/// How long a silence lasts at most where silences are not skipped, in milliseconds.
const MOST_SILENCE: f64 = 10_000.0;

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
    /// Whether it only flows past.
    pub(crate) crowd: bool,
}

/// Everything that happened, at a human pace.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Film {
    /// Hops of the packets that are followed, in playing order.
    pub(crate) steps: Vec<Step>,
    /// Stretches of the time line.
    pub(crate) segments: Vec<Segment>,
    /// Length in milliseconds.
    pub(crate) length: f64,
    /// What is shown when all is over: the end of the packet that was asked about, or else where a packet of the
    /// conversation ended badly last.
    pub(crate) verdict: Option<usize>,
    /// All packets that flow past meanwhile.
    pub(crate) crowd: Crowd,
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
        film.verdict = film.answer(journeys, watch).or_else(|| {
            film.steps.iter().rposition(|s| {
                let journey = journeys.get(s.packet).filter(|j| !is_background(j));
                let hop = journey.and_then(|j| j.hops.get(s.hop));
                hop.is_some_and(|h| h.verdict.tone == Tone::Bad)
            })
        });
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

    /// The virtual time up to which everything has been shown at a position.
    pub(crate) fn virtual_time(&self, position: f64) -> u64 {
        let next = self.clock.partition_point(|(_, shown)| *shown <= position);
        self.clock
            .get(next)
            .map_or(u64::MAX, |(at, _)| at.saturating_sub(1))
    }

    /// The position at which everything up to a virtual time has been shown.
    pub(crate) fn position_of(&self, at: u64) -> f64 {
        let next = self.clock.partition_point(|(t, _)| *t <= at);
        let last = next.checked_sub(1).and_then(|i| self.clock.get(i));
        last.map_or(0.0, |(_, shown)| *shown)
    }

    /// Whether a packet is followed hop by hop.
    pub(crate) fn follows(&self, packet: usize) -> bool {
        self.own.get(packet).is_some_and(|own| !own.is_empty())
    }

    /// The step the film has arrived at, by its index.
    pub(crate) fn step_at(&self, position: f64) -> Option<usize> {
        self.steps
            .partition_point(|s| s.arrives <= position)
            .checked_sub(1)
    }

    /// The packets to be drawn at a position.
    pub(crate) fn sprites(&self, position: f64, journeys: &[Rc<Journey>]) -> Vec<Sprite> {
        let mut out: Vec<Sprite> = Vec::new();
        let ends_badly = |packet: usize| {
            let end = journeys.get(packet).and_then(|j| j.hops.last());
            end.is_some_and(|h| h.verdict.tone == Tone::Bad)
        };
        self.crowd.sprites(position, ends_badly, &mut out);
        let here = self.step_at(position);
        let next = here.map_or(0, |i| i + 1);
        let moving = self
            .steps
            .get(next)
            .filter(|s| s.leaves < position && position < s.arrives);
        let verdict = self.verdict.filter(|_| position >= self.length);
        let current = moving
            .or_else(|| verdict.or(here).and_then(|i| self.steps.get(i)))
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
            if finished && Some(packet) != current && !ends_badly(packet) {
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
                    crowd: false,
                });
            }
        }
        out
    }

    /// Whether there is more to see than neighbours getting to know each other.
    pub(crate) fn worth_watching(journeys: &[Rc<Journey>]) -> bool {
        journeys.iter().any(|j| !is_background(j))
    }
}

/// ARP, neighbour discovery, engines' talk and the like: they happen by themselves all the time.
pub(crate) fn is_background(journey: &Journey) -> bool {
    journey.chatter || matches!(journey.protocol, Protocol::Arp | Protocol::Other)
}

fn pause(silence: u64, watch: &Watch) -> f64 {
    if silence < SILENCE {
        return 0.0;
    }
    let ms = silence as f64 / 1e6;
    if watch.idle {
        return ms.min(MOST_SILENCE);
    }
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

    fn journey(times: &[(u64, &str)]) -> Rc<Journey> {
        Rc::new(Journey {
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
        })
    }

    fn film_of(journeys: &[Rc<Journey>]) -> Film {
        Film::new(journeys, &[], &Watch::default())
    }

    #[test]
    fn a_packet_that_waits_for_arp_lets_it_pass() {
        let waiting = journey(&[(0, "a"), (900_000, "b")]);
        let arp = journey(&[(100_000, "a"), (200_000, "b")]);
        let film = film_of(&[waiting, arp]);
        let order: Vec<(usize, usize)> = film.steps.iter().map(|s| (s.packet, s.hop)).collect();
        assert_eq!(order, [(0, 0), (1, 0), (1, 1), (0, 1)]);
        assert_eq!(film.segments.len(), 3);
        let labelled: Vec<bool> = film.segments.iter().map(|s| s.main).collect();
        assert_eq!(labelled, [true, true, false]);
    }

    #[test]
    fn packets_close_in_time_are_not_torn_apart() {
        let film = film_of(&[
            journey(&[(0, "a"), (10_000, "b")]),
            journey(&[(5_000, "c"), (12_000, "d")]),
        ]);
        let order: Vec<usize> = film.steps.iter().map(|s| s.packet).collect();
        assert_eq!(order, [0, 0, 1, 1]);
    }

    #[test]
    fn output_appears_once_all_before_it_has_been_shown() {
        let film = Film::new(
            &[journey(&[(0, "a"), (1_000, "b")])],
            &[2_000],
            &Watch::default(),
        );
        assert!(film.virtual_time(0.0) < 1_000);
        assert!(film.virtual_time(film.length - 1.0) < 2_000);
        assert_eq!(film.virtual_time(film.length), u64::MAX);
    }

    #[test]
    fn an_hour_of_silence_takes_about_a_second() {
        let quick = film_of(&[journey(&[(0, "a"), (1_000, "b")])]);
        let slow = film_of(&[journey(&[(0, "a"), (3_600_000_000_000, "b")])]);
        assert!(slow.length - quick.length <= 1200.0 && slow.length > quick.length);
    }

    #[test]
    fn known_ways_are_travelled_faster() {
        let film = film_of(&[
            journey(&[(0, "a"), (1, "b")]),
            journey(&[(100_000, "a"), (100_001, "b")]),
        ]);
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
        for copy in [2, 3] {
            Rc::make_mut(&mut arp).hops[copy].from = Some(1);
        }
        let film = film_of(&[arp.clone()]);
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
        let (a, b) = (film_of(&short), film_of(&long));
        assert_eq!(a.steps[..], b.steps[..2]);
    }

    /// So many packets, each in a conversation of its own.
    fn crowd(count: u64) -> Vec<Rc<Journey>> {
        (0..count)
            .map(|i| Journey {
                id: format!("p{i}"),
                flow: format!("f{i}"),
                ..(*journey(&[(i, "a"), (1_000_000 + i, "b")])).clone()
            })
            .map(Rc::new)
            .collect()
    }

    #[test]
    fn a_crowd_flows_past_while_one_conversation_is_followed() {
        let all = crowd(500);
        let film = film_of(&all);
        assert!(film.steps.len() < 50 && film.length < 30_000.0);
        let busiest = (0..300)
            .map(|i| film.sprites(film.length * f64::from(i) / 300.0, &all).len())
            .max();
        assert!(busiest > Some(20), "{busiest:?}");
        assert!(film.virtual_time(film.length - 1.0) < u64::MAX);
    }

    #[test]
    fn a_chosen_conversation_is_alone_on_the_stage() {
        let all = crowd(60);
        let watch = Watch {
            only: Some("p7".into()),
            ..Watch::default()
        };
        let film = Film::new(&all, &[], &watch);
        assert!(film.steps.iter().all(|s| s.packet == 7) && film.steps.len() == 2);
        for i in 0..20 {
            let sprites = film.sprites(film.length * f64::from(i) / 20.0, &all);
            assert!(sprites.iter().all(|s| s.packet == 7));
        }
    }

    #[test]
    fn what_was_asked_about_is_shown_when_all_is_over() {
        let packet = |protocol, at| {
            let mut j = journey(&[(at, "a"), (at + 1_000, "b")]);
            Rc::make_mut(&mut j).protocol = protocol;
            j
        };
        let mut answer = packet(Protocol::Tcp, 90_000);
        Rc::make_mut(&mut answer).hops[1].verdict.tone = Tone::Bad;
        let all = [
            packet(Protocol::DnsQuestion, 0),
            packet(Protocol::Tcp, 50_000),
            answer,
        ];
        assert_eq!(film_of(&all).verdict, Some(5));
        let asking = |asked| Watch {
            asked: Some(asked),
            ..Watch::default()
        };
        let film = Film::new(&all, &[], &asking(Protocol::Tcp));
        let shown = film.steps[film.verdict.unwrap()];
        assert_eq!((shown.packet, shown.hop), (1, 1));
        // A packet that never came to be is not shown: then what failed is.
        let film = Film::new(&all, &[], &asking(Protocol::Udp));
        assert_eq!(film.verdict, Some(5));
    }

    #[test]
    fn silences_last_where_they_are_not_skipped() {
        let hops = [journey(&[(0, "a"), (5_000_000_000, "b")])];
        let idle = Watch {
            idle: true,
            ..Watch::default()
        };
        let (short, long) = (film_of(&hops), Film::new(&hops, &[], &idle));
        assert!(long.length - short.length > 3_500.0);
    }
}
