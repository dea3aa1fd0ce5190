//! Chance that a seed repeats.

/// A sequence of numbers that follows from its seed: splitmix64.
pub(crate) struct Dice(u64);

impl Dice {
    /// Begins the sequence of a seed.
    pub(crate) fn new(seed: u64) -> Self {
        // Neighbouring seeds would else be one sequence, begun at different places.
        let mut dice = Self(seed);
        Self(dice.next())
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `limit`, which is not zero.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit.max(1)).unwrap_or(u64::MAX);
        usize::try_from(self.next() % limit).unwrap_or(0)
    }

    /// True once in `times`.
    pub(crate) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of several.
    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.below(from.len()))
    }

    /// One of several texts; nothing of none.
    pub(crate) fn word(&mut self, from: &[&str]) -> String {
        self.pick(from)
            .map_or_else(String::new, |w| (*w).to_owned())
    }
}
