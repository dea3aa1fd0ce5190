//! A film: journeys laid out on a time line in milliseconds.
//!
//! Hops are played in the order of virtual time, one packet moving at a time; a broadcast's copies move together.
//! Long silences shrink, and ways a packet has already shown are travelled faster. Of a crowd only one conversation is
//! played like that, see [`super::crowd`].

use std::rc::Rc;

use sorted::{SortedMap, SortedSet};

use lab::view::{Hop, Journey, Tone};

use super::crowd::{self, Crowd, Part, Watch};
use super::pace::{duration, is_background, pause, rest};

/// Hops of one packet this close together are not torn apart by another packet's, in nanoseconds.
const TOGETHER: u64 = 20_000;

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
    /// conversation ended badly last, or else its last step, whatever devices said to each other afterwards.
    pub(crate) verdict: Option<usize>,
    /// All packets that flow past meanwhile.
    pub(crate) crowd: Crowd,
    /// Virtual times in order, each with the film time by which everything up to it has been shown.
    clock: Vec<(u64, f64)>,
    /// For each packet the steps that are its own, in order.
    pub(super) own: Vec<Vec<usize>>,
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

    /// Whether there is more to see than neighbours getting to know each other.
    pub(crate) fn worth_watching(journeys: &[Rc<Journey>]) -> bool {
        journeys.iter().any(|j| !is_background(j))
    }
}

#[cfg(test)]
mod tests {
    use super::super::pace::{KNOWN_WAY, NEW_WAY};
    use super::*;
    use lab::view::Protocol;

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
        // What devices say afterwards by themselves is not what was wanted to be seen.
        let quiet = [packet(Protocol::Tcp, 0), packet(Protocol::Arp, 90_000)];
        assert_eq!(film_of(&quiet).verdict, Some(1));
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
