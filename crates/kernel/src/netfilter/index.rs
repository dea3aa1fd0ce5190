//! Finding the rules of a long chain that may be about a packet without asking each of the others.
//!
//! Docker writes a rule for every container, which differ in their `-d` only. Rules that are for one other address cannot
//! match, so to step over them changes nothing: neither the order of those that can, nor a counter, nor the trace.

use super::model::Rule;
use super::table::Entry;
use std::net::IpAddr;

/// The rules of a chain by the one destination that they are for.
#[derive(Clone, Debug)]
pub(super) struct Index {
    /// Destination and place of the rules for one address, sorted.
    exact: Vec<(IpAddr, usize)>,
    /// The places of all others, sorted.
    others: Vec<usize>,
}

impl Index {
    /// From how many rules on it is quicker to look up than to ask each.
    pub(super) const WORTH_IT: usize = 16;

    pub(super) fn of(entries: &[Entry]) -> Self {
        let (mut exact, mut others) = (Vec::new(), Vec::new());
        for (at, entry) in entries.iter().enumerate() {
            match only_destination(&entry.rule) {
                Some(dst) => exact.push((dst, at)),
                None => others.push(at),
            }
        }
        sorted::sort(&mut exact);
        Self { exact, others }
    }

    /// The place of the first rule from `at` on that may be about packets to `dst`.
    pub(super) fn next(&self, at: usize, dst: IpAddr) -> Option<usize> {
        let exact = self.exact.partition_point(|rule| *rule < (dst, at));
        let exact = self.exact.get(exact).filter(|rule| rule.0 == dst);
        let other = self.others.partition_point(|other| *other < at);
        let other = self.others.get(other).copied();
        exact.map(|rule| rule.1).into_iter().chain(other).min()
    }
}

/// The one address that a rule is for, if it is for one only.
fn only_destination(rule: &Rule) -> Option<IpAddr> {
    let dst = rule.dst.filter(|dst| !dst.not)?.value;
    (dst.prefix_len() == dst.max_prefix_len()).then(|| dst.addr())
}
