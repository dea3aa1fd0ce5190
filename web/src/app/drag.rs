//! Something in the air: a container, a machine that wants to say something, an image, or a network to be.

use lab::view::{Action, DropOffer, DropState};

use crate::layout::scene::Mark;
use crate::messages;

/// What is in the air.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Load {
    /// A container: networks take it, other things can be spoken to.
    #[default]
    Container,
    /// A machine outside, which can only speak.
    Machine,
    /// An image, to be run on a network.
    Image,
    /// A network to be made on a machine.
    Network,
}

/// Something being dragged.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Drag {
    pub(crate) load: Load,
    /// Its place id; an image's name.
    pub(crate) container: String,
    pub(crate) name: String,
    /// Its first network's mark.
    pub(crate) mark: Mark,
    /// What each network would do with it.
    pub(crate) offers: Vec<DropOffer>,
    /// The network below the pointer.
    pub(crate) over: Option<String>,
    /// Whether it leaves its other networks: Shift is held.
    pub(crate) moving: bool,
    /// Whether the pointer is on the machine but on no network.
    pub(crate) ground: bool,
    /// The thing below the pointer that it could speak to.
    pub(crate) target: Option<String>,
    /// What it could say there.
    pub(crate) contacts: Vec<Action>,
    /// What happens on a machine's empty ground, for what is not a container.
    pub(crate) here: Option<Action>,
}

impl Drag {
    /// Whether a network takes it.
    pub(crate) fn accepts(&self, network: &str) -> bool {
        self.offers
            .iter()
            .any(|o| o.network == network && o.state == DropState::Connects)
    }

    fn offer(&self) -> Option<&DropOffer> {
        let over = self.over.as_deref()?;
        self.offers.iter().find(|o| o.network == over)
    }

    /// The command lines that dropping it here would type, or would offer first.
    pub(crate) fn commands(&self) -> Vec<String> {
        if let Some(first) = self.contacts.first().filter(|_| self.target.is_some()) {
            return first.commands.clone();
        }
        if self.load == Load::Network && (self.ground || self.over.is_some()) {
            return self.here.iter().flat_map(|a| a.commands.clone()).collect();
        }
        match self.offer() {
            Some(o) if self.moving && !o.move_here.is_empty() => o.move_here.clone(),
            Some(o) => o.connect.clone(),
            // On empty ground it is unplugged, if there is only one network it can mean.
            None if self.ground && self.load != Load::Container => {
                self.here.iter().flat_map(|a| a.commands.clone()).collect()
            }
            None if self.ground => {
                let mut members = self.offers.iter().filter(|o| !o.disconnect.is_empty());
                match (members.next(), members.next()) {
                    (Some(only), None) => vec![only.disconnect.clone()],
                    _ => Vec::new(),
                }
            }
            None => Vec::new(),
        }
    }

    /// Whether it would leave the networks that it is on.
    pub(crate) fn leaves(&self) -> bool {
        let there = self.offer().filter(|_| self.moving);
        there.is_some_and(|o| !o.move_here.is_empty())
    }

    /// Whether Shift makes a difference: it moves containers from network to network.
    pub(crate) fn can_move(&self) -> bool {
        self.load == Load::Container && self.target.is_none()
    }

    /// What a container that runs would get.
    pub(crate) fn coming(&self) -> Option<DropOffer> {
        let offer = self.offer().filter(|o| !o.interface.is_empty())?;
        Some(offer.clone())
    }

    /// Why nothing would happen.
    pub(crate) fn refusal(&self) -> String {
        if self.target.is_some() {
            return messages::drop_speechless().to_owned();
        }
        match self.offer() {
            Some(o) if o.state == DropState::Refused => o.refusal.clone(),
            Some(_) => messages::drop_member().to_owned(),
            None if self.load == Load::Machine => messages::drop_whom().to_owned(),
            None if self.load == Load::Container && self.over.is_some() => {
                messages::drop_elsewhere().to_owned()
            }
            None => messages::drop_where().to_owned(),
        }
    }

    /// The machine on which the commands are typed.
    pub(crate) fn machine(&self) -> String {
        let spoken = self.contacts.first().filter(|_| self.target.is_some());
        let action = spoken.or(self.here.as_ref()).map(|a| a.machine.clone());
        action
            .or_else(|| self.offers.first().map(|o| o.machine.clone()))
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drag() -> Drag {
        Drag {
            offers: vec![
                DropOffer {
                    network: "a".into(),
                    state: DropState::Member,
                    disconnect: "out a".into(),
                    ..DropOffer::default()
                },
                DropOffer {
                    network: "b".into(),
                    connect: vec!["in b".into()],
                    move_here: vec!["out a".into(), "in b".into()],
                    ..DropOffer::default()
                },
            ],
            ..Drag::default()
        }
    }

    #[test]
    fn shift_moves_instead_of_connecting() {
        let mut d = Drag {
            over: Some("b".into()),
            ..drag()
        };
        assert_eq!(d.commands(), ["in b"]);
        assert!(!d.leaves());
        d.moving = true;
        assert_eq!(d.commands(), ["out a", "in b"]);
        assert!(d.leaves());
    }

    #[test]
    fn what_is_spoken_to_comes_before_the_network_below_it() {
        let say = Action {
            commands: vec!["ping".into()],
            machine: "m".into(),
            ..Action::default()
        };
        let d = Drag {
            over: Some("b".into()),
            target: Some("c".into()),
            contacts: vec![say],
            ..drag()
        };
        assert_eq!(
            (d.commands(), d.machine()),
            (vec!["ping".to_owned()], "m".to_owned())
        );
        let mute = Drag {
            contacts: vec![],
            ..d
        };
        assert!(mute.refusal().contains("cannot speak"));
    }

    #[test]
    fn a_member_is_not_connected_again_and_empty_ground_unplugs() {
        let d = Drag {
            over: Some("a".into()),
            ..drag()
        };
        assert!(d.commands().is_empty() && !d.accepts("a"));
        let d = Drag {
            ground: true,
            ..drag()
        };
        assert_eq!(d.commands(), ["out a"]);
    }
}
