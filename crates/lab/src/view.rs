//! What a front end shows: plain values in the screen's words.
//!
//! The lab fills these from the simulation and the page, or a terminal, draws them.
//! They hold no behaviour, no typed ids of lower rooms and no pixels; every field is public.
//! Ids are strings that stay the same while the thing exists, whatever else is created or renamed.
//!
//! | asked of the lab | answer |
//! |---|---|
//! | `topology()` | [`Topology`] |
//! | `terminals()`, `terminals_at(t)` | `Vec<`[`Terminal`]`>`: as they are, and as they were |
//! | `complete(terminal, line, cursor)` | [`Completions`] |
//! | `journeys()`, `exchange(input)` | `Vec<`[`Journey`]`>`, in the order in which the packets were sent |
//! | `flights(most)` | `Vec<`[`Flight`]`>`: the last packets of the whole lab, a line each |
//! | `packet(journey, hop)` | [`Packet`]: its bytes and what they mean |
//! | `explanation()` | `Option<`[`Explanation`]`>` for the last command that failed |
//! | `dns()` | `Vec<`[`DnsLookup`]`>` |
//! | `details(place)` | `Option<`[`Details`]`>` for the inspector |
//! | `rules(machine)` | [`Ruleset`] of the machine's root namespace |
//! | `actions(place)`, `contacts(from, to)` | `Vec<`[`Action`]`>`: what can be done with it, what one can say to another |
//! | `images(machine)` | `Vec<`[`ImageOffer`]`>` |
//! | `check(machine, path, text)` | [`Checked`]: what an editor says about a file |
//! | `complete_file(machine, path, text, place)` | [`Completions`] |
//! | `export(machine, what)` | [`Exported`]: a Compose file, a script, a capture |
//! | `offers(container)` | `Vec<`[`DropOffer`]`>`: what dropping a container on each network would do |
//!
//! Times are virtual nanoseconds since the lab began.
//! Texts are ready to show: a front end never parses, joins or judges them.

mod action;
mod details;
mod editor;
mod explanation;
mod export;
mod journey;
mod offer;
pub mod place;
mod rules;
mod stage;
mod terminal;

pub use action::{Action, ImageOffer};
pub use details::{Cell, Details, Fact, Section};
pub use editor::{Checked, Deed, Mark, Mend, Planned};
pub use explanation::{DnsLookup, DnsStep, Explanation, Fix, Searched};
pub use export::{Export, Exported};
pub use journey::{
    Change, Field, Flight, Hop, Journey, Layer, Packet, Protocol, RuleLine, Tag, Tone, Tracked,
};
pub use offer::{DropOffer, DropState};
pub use rules::{Connection, RuleChain, RuleRow, RuleTable, Ruleset};
pub use stage::{
    Container, ContainerState, Hook, Interface, Lan, Machine, MachineKind, Network, NetworkMode,
    PublishedPort, Topology,
};
pub use terminal::{Completion, Completions, Line, LineKind, Look, Run, Span, Terminal};
