//! One simulated world of Linux machines.
//!
//! The kernel knows bytes (`wire`), virtual time and a seeded source of randomness, and nothing else: it has never heard
//! of Docker, of command lines, or of a browser.
//! Start reading at [`state`] (what exists), then [`net`] (how a packet travels), [`netfilter`], [`sock`], [`process`] and
//! [`sys`] (what a program may ask for); [`world`] lets it all happen, and [`trace`] is what everybody above reads afterwards.

pub mod calendar;
pub mod errno;
pub mod ids;
pub mod map;
pub mod rng;
pub mod time;

pub mod sched;
pub mod skb;
pub mod state;
pub mod trace;

pub mod net;
pub mod netfilter;
pub mod sock;

pub mod fs;
pub mod process;
pub mod sys;
pub mod world;

pub use errno::Errno;
pub use state::Kernel;
