//! What a front end drives: machines and terminals, the input log, views of the topology, journeys and explanations.
//!
//! Start reading at [`scenario`] (what a lab begins with), [`session`] (commands in, output out) and [`view`] (what is
//! shown). The lab has never heard of pages or pixels; whatever is to be said about a packet is said here.

mod actions;
pub mod bench;
mod complete;
mod details;
mod editing;
mod explain;
mod exports;
mod files;
mod graph;
mod handmade;
mod journey;
mod lab;
mod late;
pub mod log;
mod login;
mod lookup;
mod names;
mod offers;
mod places;
pub mod prompt;
mod rules;
pub mod scenario;
pub mod session;
pub mod starts;
mod terminal;
mod topology;
pub mod view;

pub use journey::Outlines;
pub use lab::Lab;
pub use late::{LATE, Late};
pub use names::short as short_name;
