//! How long things take on the screen.

use sorted::SortedSet;

use lab::view::{Journey, Protocol, Tone};

use super::crowd::Watch;

/// A hop over a way not seen in this film yet.
pub(super) const NEW_WAY: f64 = 600.0;
/// A hop over a way some packet has already travelled.
pub(super) const KNOWN_WAY: f64 = 240.0;
/// A hop of a packet nobody asked for, such as ARP.
const QUICK: f64 = 320.0;
/// A hop that stays where it is.
const STAY: f64 = 250.0;
/// A packet's first appearance.
const APPEAR: f64 = 320.0;
/// Rest where a packet was changed or judged.
const REST: f64 = 250.0;
/// Rest where a packet ended badly.
const LAST_REST: f64 = 700.0;
/// Virtual silence that is worth a pause, in nanoseconds.
const SILENCE: u64 = 50_000_000;
/// How long a silence lasts at most where silences are not skipped, in milliseconds.
const MOST_SILENCE: f64 = 10_000.0;

/// ARP, neighbour discovery, engines' talk and the like: they happen by themselves all the time.
pub(crate) fn is_background(journey: &Journey) -> bool {
    journey.chatter || matches!(journey.protocol, Protocol::Arp | Protocol::Other)
}

pub(super) fn pause(silence: u64, watch: &Watch) -> f64 {
    if silence < SILENCE {
        return 0.0;
    }
    let ms = silence as f64 / 1e6;
    if watch.idle {
        return ms.min(MOST_SILENCE);
    }
    (ms.log10() * 240.0).clamp(300.0, 1200.0)
}

pub(super) fn duration<'a>(
    journey: &'a Journey,
    hop: usize,
    seen: &mut SortedSet<(&'a str, &'a str)>,
) -> f64 {
    let Some(to) = journey.hops.get(hop) else {
        return 0.0;
    };
    let from = to
        .from
        .filter(|f| *f < hop)
        .or_else(|| hop.checked_sub(1))
        .and_then(|f| journey.hops.get(f));
    match from {
        None => APPEAR,
        Some(from) if from.place == to.place => STAY,
        Some(_) if is_background(journey) => QUICK,
        Some(from) if seen.insert((&from.place, &to.place)) => NEW_WAY,
        Some(_) => KNOWN_WAY,
    }
}

pub(super) fn rest(journey: &Journey, hop: usize) -> f64 {
    let Some(h) = journey.hops.get(hop) else {
        return 0.0;
    };
    match h.verdict.tone {
        Tone::Bad => LAST_REST,
        Tone::Changed => REST,
        _ if !h.changes.is_empty() || h.rules.iter().any(|r| r.matched) => REST,
        _ => 0.0,
    }
}
