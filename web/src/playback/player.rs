//! The position in a film, and how the controls move it.

use super::film::Film;

/// The speeds on offer.
pub(crate) const SPEEDS: [f64; 5] = [0.25, 0.5, 1.0, 2.0, 4.0];

/// A film being watched.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Player {
    pub(crate) position: f64,
    pub(crate) playing: bool,
    /// Whether the film begins anew at its end.
    pub(crate) looping: bool,
    speed: usize,
}

impl Default for Player {
    fn default() -> Self {
        Self {
            position: 0.0,
            playing: false,
            looping: false,
            speed: 2,
        }
    }
}

impl Player {
    /// The speed as a factor.
    pub(crate) fn speed(&self) -> f64 {
        SPEEDS.get(self.speed).copied().unwrap_or(1.0)
    }

    /// Sets the speed by its place in [`SPEEDS`].
    pub(crate) fn set_speed(&mut self, index: usize) {
        self.speed = index.min(SPEEDS.len() - 1);
    }

    /// The speed's place in [`SPEEDS`].
    pub(crate) fn speed_index(&self) -> usize {
        self.speed
    }

    /// Lets so many real milliseconds pass. Stops at the film's end.
    pub(crate) fn advance(&mut self, film: &Film, real_ms: f64) {
        if !self.playing {
            return;
        }
        self.position += real_ms.clamp(0.0, 100.0) * self.speed();
        if self.position >= film.length {
            self.playing = self.looping && film.length > 0.0;
            self.position = if self.playing { 0.0 } else { film.length };
        }
    }

    /// Plays, from the start if the film is over; or pauses.
    pub(crate) fn toggle(&mut self, film: &Film) {
        if !self.playing && self.at_end(film) {
            self.position = 0.0;
        }
        self.playing = !self.playing && film.length > 0.0;
    }

    /// Whether everything has been shown.
    pub(crate) fn at_end(&self, film: &Film) -> bool {
        self.position >= film.length
    }

    /// To the next hop, and stop there.
    pub(crate) fn step_forward(&mut self, film: &Film) {
        self.playing = false;
        let next = film
            .steps
            .iter()
            .map(|s| s.arrives)
            .find(|at| *at > self.position + 0.5);
        self.position = next.unwrap_or(film.length);
    }

    /// To the hop before, and stop there.
    pub(crate) fn step_back(&mut self, film: &Film) {
        self.playing = false;
        let here = film
            .step_at(self.position)
            .and_then(|i| film.steps.get(i))
            .map_or(0.0, |s| s.arrives);
        let before = film
            .steps
            .iter()
            .map(|s| s.arrives)
            .rfind(|at| *at < here - 0.5);
        self.position = before.unwrap_or(0.0);
    }

    /// To the next packet's first hop, or back to where this or the packet before began, and stop there.
    pub(crate) fn step_packet(&mut self, film: &Film, forth: bool) {
        self.playing = false;
        let begins = film
            .steps
            .iter()
            .enumerate()
            .filter(|(i, s)| film.steps.iter().take(*i).all(|b| b.packet != s.packet))
            .map(|(_, s)| s.arrives);
        let (mut before, mut after) = (None, None);
        for at in begins {
            if at < self.position - 0.5 {
                before = Some(at);
            } else if at > self.position + 0.5 && after.is_none() {
                after = Some(at);
            }
        }
        self.position = if forth {
            after.unwrap_or(film.length)
        } else {
            before.unwrap_or(0.0)
        };
    }

    /// To a packet's first hop, and stop there.
    pub(crate) fn go_to(&mut self, film: &Film, packet: usize, hop: usize) {
        self.playing = false;
        if let Some(step) = film
            .steps
            .iter()
            .find(|s| s.packet == packet && s.hop == hop)
        {
            self.position = step.arrives;
        }
    }

    /// To the end at once.
    pub(crate) fn finish(&mut self, film: &Film) {
        self.playing = false;
        self.position = film.length;
    }

    /// Anywhere.
    pub(crate) fn scrub(&mut self, film: &Film, position: f64) {
        self.position = position.clamp(0.0, film.length);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::playback::Watch;
    use crate::sample;

    #[test]
    fn stepping_there_and_back_visits_every_hop() {
        let film = Film::new(&sample::journeys(), &[], &Watch::default());
        let mut player = Player::default();
        let mut visited = vec![];
        while !player.at_end(&film) {
            player.step_forward(&film);
            visited.extend(film.step_at(player.position));
        }
        visited.dedup();
        assert_eq!(visited.len(), film.steps.len());
        for expected in (0..film.steps.len() - 1).rev() {
            player.step_back(&film);
            assert_eq!(film.step_at(player.position), Some(expected));
        }
        player.step_back(&film);
        assert_eq!(player.position, 0.0);
    }

    #[test]
    fn packets_are_stepped_through_both_ways() {
        let film = Film::new(&sample::journeys(), &[], &Watch::default());
        let mut player = Player::default();
        player.step_packet(&film, true);
        player.step_packet(&film, true);
        let here = film.step_at(player.position).unwrap();
        assert_eq!((film.steps[here].packet, film.steps[here].hop), (1, 0));
        player.step_packet(&film, false);
        let here = film.step_at(player.position).unwrap();
        assert_eq!((film.steps[here].packet, film.steps[here].hop), (0, 0));
    }

    #[test]
    fn a_looping_film_begins_anew() {
        let film = Film::new(&sample::journeys(), &[], &Watch::default());
        let mut player = Player {
            position: film.length - 1.0,
            playing: true,
            looping: true,
            ..Player::default()
        };
        player.advance(&film, 16.0);
        assert!(player.playing && player.position == 0.0);
    }

    #[test]
    fn play_stops_at_the_end_and_begins_anew() {
        let film = Film::new(&sample::journeys(), &[], &Watch::default());
        let mut player = Player::default();
        player.toggle(&film);
        for _ in 0..10_000 {
            player.advance(&film, 16.0);
        }
        assert!(player.at_end(&film) && !player.playing);
        player.toggle(&film);
        assert!(player.playing && player.position == 0.0);
    }

    #[test]
    fn a_long_frame_does_not_skip_half_the_film() {
        let film = Film::new(&sample::journeys(), &[], &Watch::default());
        let mut player = Player {
            playing: true,
            ..Player::default()
        };
        player.advance(&film, 60_000.0);
        assert!(player.position <= 100.0);
    }
}
