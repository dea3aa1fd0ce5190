//! The addresses of one subnet: which are taken.

use sorted::SortedMap;
use std::net::IpAddr;

use ipnet::IpNet;

use super::block::{Block, number};

/// One subnet and the addresses in use, kept as runs so that finding a free one does not depend on how many are taken.
#[derive(Clone, Debug)]
pub(super) struct Pool {
    block: Block,
    /// First to last of each run of taken addresses; runs never touch.
    runs: SortedMap<u128, u128>,
    /// The address given out last, for serial allocation.
    last_given: Option<u128>,
    /// Addresses that are never given: the network address, and the broadcast address of IPv4.
    withheld: Vec<u128>,
}

impl Pool {
    /// Makes a pool without addresses in use, apart from those that are never given.
    pub(super) fn new(net: &IpNet) -> Self {
        let block = Block::of(net);
        let mut pool = Self {
            block,
            runs: SortedMap::new(),
            last_given: None,
            withheld: Vec::new(),
        };
        // RFC 3021: both addresses of a /31 are usable. Source: moby `libnetwork/ipams/defaultipam/allocator.go`.
        if block.v6 {
            pool.withheld.push(block.first);
        } else if block.last.saturating_sub(block.first) > 1 {
            pool.withheld.extend([block.first, block.last]);
        }
        for n in pool.withheld.clone() {
            pool.insert(n);
        }
        pool
    }

    /// Takes one address. Returns false if it is taken already.
    pub(super) fn take(&mut self, addr: IpAddr) -> bool {
        let n = number(addr);
        if self.is_taken(n) {
            return false;
        }
        self.insert(n);
        true
    }

    /// Takes the lowest free address of a range, or with `serial` the next after the last one given.
    pub(super) fn take_next(&mut self, range: Option<&IpNet>, serial: bool) -> Option<IpAddr> {
        let within = range.map_or(self.block, Block::of);
        let found = match self
            .last_given
            .filter(|n| serial && within.first <= *n && *n < within.last)
        {
            Some(last) => self
                .free_from(last + 1, within.last)
                .or_else(|| self.free_from(within.first, last)),
            None => self.free_from(within.first, within.last),
        }?;
        self.insert(found);
        self.last_given = Some(found);
        Some(self.block.address(found))
    }

    /// Gives an address back; one that is free already, or never given, is left as it is.
    pub(super) fn release(&mut self, addr: IpAddr) {
        let n = number(addr);
        if self.withheld.contains(&n) {
            return;
        }
        let Some((first, last)) = self.run_with(n) else {
            return;
        };
        self.runs.remove(&first);
        if first < n {
            self.runs.insert(first, n - 1);
        }
        if n < last {
            self.runs.insert(n + 1, last);
        }
    }

    fn run_with(&self, n: u128) -> Option<(u128, u128)> {
        self.runs
            .range(..=n)
            .next_back()
            .map(|(f, l)| (*f, *l))
            .filter(|(_, last)| n <= *last)
    }

    fn is_taken(&self, n: u128) -> bool {
        self.run_with(n).is_some()
    }

    fn free_from(&self, first: u128, last: u128) -> Option<u128> {
        let free = match self.run_with(first) {
            Some((_, end)) => end.checked_add(1)?,
            None => first,
        };
        (free <= last).then_some(free)
    }

    fn insert(&mut self, n: u128) {
        let (mut first, mut last) = (n, n);
        if let Some((f, _)) = n.checked_sub(1).and_then(|before| self.run_with(before)) {
            first = f;
        }
        if let Some((f, l)) = n.checked_add(1).and_then(|after| self.run_with(after)) {
            self.runs.remove(&f);
            last = l;
        }
        self.runs.insert(first, last);
    }
}
