//! A container in the air, and the menus that do the same without a pointer.

use lab::view::{DropOffer, DropState};

use crate::layout::scene::Mark;

/// A container being dragged.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Drag {
    /// Its place id.
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

    /// The command lines that dropping it here would type.
    pub(crate) fn commands(&self) -> Vec<String> {
        match self.offer() {
            Some(o) if self.moving && !o.move_here.is_empty() => o.move_here.clone(),
            Some(o) => o.connect.clone(),
            // On empty ground it is unplugged, if there is only one network it can mean.
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

    /// Why nothing would happen.
    pub(crate) fn refusal(&self) -> String {
        match self.offer() {
            Some(o) if o.state == DropState::Refused => o.refusal.clone(),
            Some(_) => "nothing: already connected".to_owned(),
            None => "nothing yet: choose a network".to_owned(),
        }
    }

    /// The machine on which the commands are typed.
    pub(crate) fn machine(&self) -> String {
        self.offers
            .first()
            .map(|o| o.machine.clone())
            .unwrap_or_default()
    }
}

/// What a menu does with the network that is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MenuKind {
    Connect,
    Move,
    Disconnect,
}

/// An open menu.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct MenuView {
    pub(crate) kind: MenuKind,
    pub(crate) name: String,
    pub(crate) offers: Vec<DropOffer>,
}

impl MenuView {
    /// The command lines that choosing an offer would type; none if it cannot be chosen.
    pub(crate) fn commands(&self, offer: &DropOffer) -> Vec<String> {
        match self.kind {
            MenuKind::Connect => offer.connect.clone(),
            MenuKind::Move => offer.move_here.clone(),
            MenuKind::Disconnect => Some(offer.disconnect.clone())
                .filter(|c| !c.is_empty())
                .into_iter()
                .collect(),
        }
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
        d.moving = true;
        assert_eq!(d.commands(), ["out a", "in b"]);
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
