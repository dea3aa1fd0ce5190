//! The film of the commands being watched: making it, moving in it, painting it.

use lab::view;
use sorted::SortedMap;

use super::App;
use crate::components::packets::{self, Frame};
use crate::components::stage::{Heat, Lit};
use crate::components::trail;
use crate::layout::backstage;
use crate::layout::legs::Legs;
use crate::platform;
use crate::playback::{Film, is_background};

impl App {
    /// Whether a packet of the film, other than neighbours' talk, is on a network that a swarm made for itself.
    pub(super) fn passes_backstage(&self) -> bool {
        let own: Vec<&str> = backstage::of(&self.views.topology)
            .map(|n| n.id.as_str())
            .collect();
        let told = self.views.journeys.iter().filter(|j| !is_background(j));
        let mut hops = told.flat_map(|j| &j.hops);
        !own.is_empty() && hops.any(|h| own.contains(&h.place.as_str()))
    }

    pub(super) fn paint(&mut self, at: f64) {
        let frame = Frame {
            film: &self.film,
            position: if self.step.is_none() && self.player.at_end(&self.film) {
                -1.0
            } else {
                self.player.position
            },
            journeys: &self.views.journeys,
            legs: &self.legs,
            camera: self.camera,
            size: self.canvas_size,
            ink: &self.ink,
            beat: (!self.still).then_some(at),
        };
        packets::paint(&self.refs.canvas, &frame);
        self.painted = false;
    }

    pub(super) fn worth_playing(&self) -> bool {
        Film::worth_watching(&self.views.journeys)
    }

    pub(super) fn make_film(&mut self) {
        let marks = self.owner.borrow().marks();
        let film = Film::new(&self.views.journeys, &marks, &self.watch);
        self.film.update(film);
        self.make_legs();
    }

    pub(super) fn make_legs(&mut self) {
        self.legs = Legs::new(self.scene.clone(), self.views.journeys.clone());
    }

    /// Shows only a packet's conversation, or everything again; playback stays at the same moment.
    pub(super) fn follow_only(&mut self, packet: Option<usize>) {
        let journey = packet.and_then(|p| self.views.journeys.get(p));
        let only = journey.map(|j| j.id.clone());
        if only == self.watch.only {
            return;
        }
        self.watch.only = only;
        self.refilm();
    }

    /// Makes the film anew, at the same moment.
    pub(super) fn refilm(&mut self) {
        let (shown, ended) = (self.now_shown(), self.player.at_end(&self.film));
        let at = self.at().filter(|_| !self.player.playing);
        self.make_film();
        self.player.position = if ended {
            self.film.length
        } else {
            self.film.position_of(shown)
        };
        // Of hops at the same time, it is the same one.
        if let Some((packet, hop)) = at.filter(|_| !ended) {
            self.player.go_to(&self.film, packet, hop);
        }
        self.moved();
    }

    /// To a hop of a packet, which is followed from now on if it was not before.
    pub(super) fn go_to(&mut self, packet: usize, hop: usize) {
        if !self.film.follows(packet) {
            self.follow_only(Some(packet));
        }
        self.player.go_to(&self.film, packet, hop);
        self.moved();
    }

    /// Begins a new film at its start.
    pub(super) fn rewind_film(&mut self) {
        self.player.position = 0.0;
        self.player.playing = false;
        self.make_film();
        self.moved();
    }

    /// Shows everything at once.
    pub(super) fn finish_film(&mut self) {
        self.player.finish(&self.film);
        self.moved();
    }

    /// After the position was changed by hand.
    pub(super) fn moved(&mut self) {
        self.step = Some(usize::MAX);
        self.reach();
        self.move_thumb();
        self.painted = true;
    }

    /// Takes note of where the film is; whether something on the page changes with it.
    pub(super) fn reach(&mut self) -> bool {
        // After a command that only made neighbours talk, the stage is left in peace.
        let quiet = self.player.at_end(&self.film) && !self.worth_playing();
        let step = self.film.step_at(self.player.position).filter(|_| !quiet);
        // When all is over, what went wrong is looked at, not what neighbours said to each other afterwards.
        let over = self.player.at_end(&self.film) && !quiet;
        let step = self.film.verdict.filter(|_| over).or(step);
        let shown = self.film.virtual_time(self.player.position);
        let restaged = self.set_stage(shown);
        let printed = self.turn_terminals(shown);
        let changed = restaged || printed || step != self.step;
        if !changed {
            return false;
        }
        self.shown = shown;
        self.step = step;
        let at = self.at();
        let journeys = &self.views.journeys;
        let lit = at
            .and_then(|(p, h)| Some((journeys.get(p)?, h)))
            .map(|(j, h)| Lit {
                hot: j.hops.iter().take(h + 1).map(|h| h.place.clone()).collect(),
                bad: j
                    .hops
                    .get(h)
                    .filter(|h| h.verdict.tone == view::Tone::Bad)
                    .map(|h| h.place.clone()),
            });
        self.lit.update(lit.unwrap_or_default());
        let trail = at.and_then(|(p, h)| {
            Some(trail::View::new(
                &self.scene,
                journeys.get(p)?,
                self.legs.of(p)?,
                h,
                self.still,
            ))
        });
        self.trail.update(trail);
        self.follow();
        true
    }

    /// Keeps the packet being watched in view, where the stage is larger than the canvas.
    fn follow(&mut self) {
        let place = self.at().and_then(|(p, h)| {
            let hop = self.views.journeys.get(p)?.hops.get(h)?;
            Some(hop.place.clone())
        });
        let Some(place) = place.filter(|_| self.cropped()) else {
            return;
        };
        let spot = self.scene.spots.get(&place).map(|s| s.rect);
        let callout = self.trail.as_ref().and_then(trail::View::callout);
        // What is said of the packet belongs to the view, if there is room for both.
        let both = spot.zip(callout).map(|(a, b)| a.around(&b));
        let (w, h) = self.canvas_size;
        let zoom = self.camera.zoom;
        match both.filter(|r| r.w * zoom <= w && r.h * zoom <= h) {
            Some(both) => self.reveal_area(both),
            None => self.reveal(&place),
        }
    }

    /// The packet and hop playback is at.
    pub(super) fn at(&self) -> Option<(usize, usize)> {
        self.step
            .and_then(|s| self.film.steps.get(s))
            .map(|s| (s.packet, s.hop))
    }

    /// How often packets were at each place in everything that ever travelled.
    pub(super) fn warmth(&self) -> Heat {
        let mut counts: SortedMap<String, u32> = SortedMap::default();
        for hop in self
            .owner
            .borrow()
            .all_outlines()
            .iter()
            .flat_map(|j| &j.hops)
        {
            *counts.entry(hop.place.clone()).or_insert(0) += 1;
        }
        Heat(counts)
    }

    /// Virtual time that the user has seen up to.
    pub(super) fn now_shown(&self) -> u64 {
        self.film.virtual_time(self.player.position)
    }

    pub(super) fn move_thumb(&self) {
        let share = if self.film.length > 0.0 {
            self.player.position / self.film.length * 100.0
        } else {
            0.0
        };
        // Neither changes anything's place, so the browser has nothing to lay out.
        let along = format!("translateX({share:.3}%)");
        platform::style(self.refs.thumb.cast(), "transform", &along);
        platform::style(self.refs.fill.cast(), "--played", &format!("{share:.3}%"));
    }
}
