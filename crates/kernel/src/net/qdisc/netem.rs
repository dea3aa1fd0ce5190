//! `netem`: an emulated network that delays, loses, duplicates and reorders what a device sends.
//! Source: Linux `net/sched/sch_netem.c`.

use crate::rng::Rng;
use crate::skb::TracedFrame;
use crate::time::{Duration, Instant};
use sorted::SortedMap;

/// How likely something is, and how much that depends on the last time, each as parts of 2^32 - 1.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Chance {
    /// How likely.
    pub probability: u32,
    /// How much the last draw counts for the next.
    pub correlation: u32,
}

/// How delays spread around their middle.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Distribution {
    /// Evenly, no further than the jitter.
    #[default]
    Uniform,
    /// As a bell, with the jitter as its standard deviation.
    Normal,
}

/// What the emulator does.
#[derive(Clone, PartialEq, Debug)]
pub struct Netem {
    /// How many frames may wait.
    pub limit: u32,
    /// How long each is held back.
    pub delay: Duration,
    /// By how much that varies.
    pub jitter: Duration,
    /// How much one delay is like the last, in parts of 2^32 - 1.
    pub delay_correlation: u32,
    /// How delays spread.
    pub distribution: Distribution,
    /// Frames lost.
    pub loss: Chance,
    /// Frames sent twice. `None`: not said.
    pub duplicate: Option<Chance>,
    /// Frames sent at once, before those that wait. `None`: not said.
    pub reorder: Option<Chance>,
    /// Every so many frames one may be sent at once; 0 if none is.
    pub gap: u32,
    /// Bytes per second that the way takes. `None`: not said; 0 for any number.
    pub rate: Option<u64>,
}

impl Default for Netem {
    fn default() -> Self {
        Self {
            limit: 1000,
            delay: Duration::ZERO,
            jitter: Duration::ZERO,
            delay_correlation: 0,
            distribution: Distribution::Uniform,
            loss: Chance::default(),
            duplicate: None,
            reorder: None,
            gap: 0,
            rate: None,
        }
    }
}

impl Netem {
    /// What it becomes when changed: what was not said of the parts that have a message of their own stays as it is.
    pub(super) fn changed(&self, new: Self) -> Self {
        Self {
            reorder: new.reorder.or(self.reorder),
            rate: new.rate.or(self.rate),
            ..new
        }
    }
}

/// What happened to frames.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct NetemCounts {
    /// Held back.
    pub delayed: u64,
    /// Lost by chance.
    pub lost: u64,
    /// Sent twice.
    pub duplicated: u64,
    /// Sent before those that waited.
    pub reordered: u64,
}

/// What became of a frame: how often it was dropped, and when something is due.
#[derive(Debug, Default)]
pub(super) struct Taken {
    pub(super) dropped: u64,
    pub(super) due: Vec<Instant>,
}

/// The emulator's state: what waits, by when it is due and in which order it came, and the last draws.
#[derive(Debug)]
pub(super) struct Emulator {
    rng: Rng,
    waiting: SortedMap<(Instant, u64), TracedFrame>,
    came: u64,
    /// Frames since one was sent at once.
    since_reordered: u32,
    last_delay: u32,
    last_loss: u32,
    last_duplicate: u32,
    last_reorder: u32,
    pub(super) counts: NetemCounts,
}

impl Emulator {
    pub(super) const fn new(rng: Rng) -> Self {
        Self {
            rng,
            waiting: SortedMap::new(),
            came: 0,
            since_reordered: 0,
            last_delay: 0,
            last_loss: 0,
            last_duplicate: 0,
            last_reorder: 0,
            counts: NetemCounts {
                delayed: 0,
                lost: 0,
                duplicated: 0,
                reordered: 0,
            },
        }
    }

    /// Frames that wait, and their bytes.
    pub(super) fn waiting(&self) -> (u64, u64) {
        let bytes = self.waiting.values().map(|f| f.frame.len() as u64);
        (self.waiting.len() as u64, bytes.sum())
    }

    pub(super) fn into_waiting(self) -> impl Iterator<Item = TracedFrame> {
        self.waiting.into_values()
    }

    /// The next frame whose time has come.
    pub(super) fn due(&mut self, now: Instant) -> Option<TracedFrame> {
        let (key, _) = self.waiting.iter().next()?;
        let key = *key;
        if key.0 > now {
            return None;
        }
        self.waiting.remove(&key)
    }

    /// Takes a frame in.
    pub(super) fn take(&mut self, netem: &Netem, frame: TracedFrame, now: Instant) -> Taken {
        let mut taken = Taken::default();
        let duplicate = netem.duplicate.unwrap_or_default();
        let twice = happens(&mut self.rng, duplicate, &mut self.last_duplicate);
        let lost = happens(&mut self.rng, netem.loss, &mut self.last_loss);
        self.counts.duplicated += u64::from(twice);
        self.counts.lost += u64::from(lost);
        let copies = 1 + usize::from(twice) - usize::from(lost);
        if copies == 0 {
            taken.dropped = 1;
        }
        for _ in 0..copies {
            if self.waiting.len() >= netem.limit as usize {
                taken.dropped += 1;
                continue;
            }
            let at = self.time_of(netem, &frame, now);
            self.came += 1;
            self.waiting.insert((at, self.came), frame.clone());
            taken.due.push(at);
        }
        taken
    }

    /// When a frame is to be sent.
    fn time_of(&mut self, netem: &Netem, frame: &TracedFrame, now: Instant) -> Instant {
        let turn = netem.gap > 0 && self.since_reordered >= netem.gap - 1;
        let reorder = netem.reorder.unwrap_or_default();
        if turn && happens(&mut self.rng, reorder, &mut self.last_reorder) {
            self.since_reordered = 0;
            self.counts.reordered += 1;
            return now;
        }
        self.since_reordered = self.since_reordered.saturating_add(1);
        let mut from = now;
        let mut delay = self.delay(netem);
        if let Some(rate) = netem.rate.filter(|rate| *rate > 0) {
            // What was taken before has to be through. Source: Linux `netem_enqueue`, `packet_time_ns`.
            let last = self.waiting.keys().next_back();
            if let Some((last, _)) = last {
                delay = delay.saturating_sub(last.since(now));
                from = *last;
            }
            let nanos = (frame.frame.len() as u64).saturating_mul(1_000_000_000) / rate;
            delay += Duration::from_nanos(nanos);
        }
        self.counts.delayed += u64::from(!delay.is_zero());
        from + delay
    }

    /// How long a frame is held back. Source: Linux `tabledist`.
    fn delay(&mut self, netem: &Netem) -> Duration {
        let jitter = i128::try_from(netem.jitter.as_nanos()).unwrap_or(0);
        if jitter == 0 {
            return netem.delay;
        }
        let draw = correlated(&mut self.rng, netem.delay_correlation, &mut self.last_delay);
        let away = match netem.distribution {
            Distribution::Uniform => 2 * jitter * i128::from(draw) / (1 << 32) - jitter,
            Distribution::Normal => {
                // Twelve even draws from 0 to 1 have a sum that is spread as a bell, with 1 as its standard deviation.
                let others = (0..11).map(|_| i128::from(self.rng.next_u32()));
                let sum = i128::from(draw) + others.sum::<i128>();
                (sum - 6 * (1 << 32)) * jitter / (1 << 32)
            }
        };
        let nanos = i128::try_from(netem.delay.as_nanos()).unwrap_or(i128::MAX) + away;
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(0))
    }
}

/// Whether something happens this time.
fn happens(rng: &mut Rng, chance: Chance, last: &mut u32) -> bool {
    chance.probability > 0 && chance.probability >= correlated(rng, chance.correlation, last)
}

/// An even draw that is as much like the last as `correlation` says. Source: Linux `get_crandom`.
fn correlated(rng: &mut Rng, correlation: u32, last: &mut u32) -> u32 {
    let fresh = u64::from(rng.next_u32());
    let weight = u64::from(correlation) + 1;
    let sum = fresh * ((1 << 32) - weight) + u64::from(*last) * weight;
    *last = if correlation == 0 {
        fresh as u32
    } else {
        (sum >> 32) as u32
    };
    *last
}
