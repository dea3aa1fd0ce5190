//! Random but sensible sessions.

mod containers;
mod flags;
mod names;
mod rules;
mod wires;

use crate::dice::Dice;

/// One line of a session with the notes that a comparison needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// The machine it is typed on.
    pub(crate) machine: &'static str,
    /// The command.
    pub(crate) command: String,
    /// As in a recording, such as `@unordered-lines`.
    pub(crate) notes: Vec<&'static str>,
}

impl Step {
    fn on(machine: &'static str, command: impl Into<String>, notes: &[&'static str]) -> Self {
        Self {
            machine,
            command: command.into(),
            notes: notes.to_vec(),
        }
    }
}

/// A session that is being made: chance, and what was typed so far.
struct Draft {
    dice: Dice,
    steps: Vec<Step>,
}

impl Draft {
    const fn new(dice: Dice) -> Self {
        Self {
            dice,
            steps: Vec::new(),
        }
    }

    /// Types a command on hostA, whose output has to agree as it stands.
    fn say(&mut self, command: impl Into<String>) {
        self.steps.push(Step::on("hostA", command, &[]));
    }
}

/// What a session is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Networks and containers that come and go.
    Containers,
    /// Flags of containers, and lists and templates that show them.
    Flags,
    /// Names of containers and how they are looked up.
    Names,
    /// iptables and what its rules do to packets.
    Rules,
    /// Namespaces, veths, bridges, addresses and routes, made by hand.
    Wires,
}

impl Kind {
    /// All kinds, with the words that stand for them.
    pub(crate) const ALL: [(&'static str, Self); 5] = [
        ("containers", Self::Containers),
        ("flags", Self::Flags),
        ("names", Self::Names),
        ("rules", Self::Rules),
        ("wires", Self::Wires),
    ];
}

/// Makes the session of a seed.
pub(crate) fn session(kind: Kind, seed: u64, length: usize) -> Vec<Step> {
    let dice = Dice::new(seed);
    match kind {
        Kind::Containers => containers::session(dice, length),
        Kind::Flags => flags::session(dice, length),
        Kind::Names => names::session(dice, length),
        Kind::Rules => rules::session(dice, length),
        Kind::Wires => wires::session(dice, length),
    }
}
