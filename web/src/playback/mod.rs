//! Time as a person watches it.
//!
//! The simulation is over in an instant; a [`Film`] stretches what happened to a human pace, and a [`Player`] moves a
//! position over it, forwards, backwards and step by step.
//! Pure arithmetic: no clock, no browser.

mod crowd;
mod cut;
mod film;
mod pace;
mod player;
mod sprites;

pub(crate) use crowd::{Bundle, Watch, Way, bundles};
pub(crate) use film::Film;
pub(crate) use pace::is_background;
pub(crate) use player::{Player, SPEEDS};
