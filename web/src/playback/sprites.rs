//! Which packets are drawn at a moment of a film, and where.

use std::rc::Rc;

use lab::view::{Journey, Tone};

use super::film::Film;

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

impl Film {
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
}
