//! The lines of all packets of a run, each made when it is first looked at: a crowd is more than a frame has time for.

use std::cell::OnceCell;
use std::rc::Rc;

use lab::view::Journey;

use super::Scene;
use super::roads::{self, Leg};
use crate::shared::Shared;

/// The movements of a run's packets on a stage.
#[derive(Debug, Default)]
pub(crate) struct Legs {
    scene: Shared<Scene>,
    journeys: Shared<Vec<Rc<Journey>>>,
    made: Vec<OnceCell<Vec<Leg>>>,
}

impl Legs {
    /// Those of these packets on this stage.
    pub(crate) fn new(scene: Shared<Scene>, journeys: Shared<Vec<Rc<Journey>>>) -> Self {
        Self {
            made: journeys.iter().map(|_| OnceCell::new()).collect(),
            scene,
            journeys,
        }
    }

    /// A packet's movements, one for each hop.
    pub(crate) fn of(&self, packet: usize) -> Option<&[Leg]> {
        let journey = self.journeys.get(packet)?;
        let made = self.made.get(packet)?;
        Some(made.get_or_init(|| roads::trail(&self.scene, journey)))
    }

    /// A packet's movement to one of its hops.
    pub(crate) fn to(&self, packet: usize, hop: usize) -> Option<&Leg> {
        self.of(packet)?.get(hop)
    }
}
