//! A film: journeys laid out on a time line in milliseconds.
//!
//! [`super::cut`] makes it, [`super::player`] moves in it.

use std::rc::Rc;

use lab::view::Journey;

use super::crowd::Crowd;
use super::pace::is_background;

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
    pub(super) clock: Vec<(u64, f64)>,
    /// For each packet the steps that are its own, in order.
    pub(super) own: Vec<Vec<usize>>,
}

impl Film {
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
    use super::super::crowd::Watch;
    use super::super::pace::{KNOWN_WAY, NEW_WAY};
    use super::*;
    use lab::view::{Hop, Protocol, Tone};

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
