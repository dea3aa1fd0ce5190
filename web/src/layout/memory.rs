//! What the layout remembers, so that nothing jumps: positions are slots, not coordinates.

use sorted::{SortedMap, SortedSet};

/// Slots given out so far.
///
/// Who is gone stays noted at its place until somebody else takes it: a stage of the past is drawn as it was then.
/// Only the newest stage may change the memory; older ones are drawn with a copy, so that the same moment always
/// looks the same, whether playback came to it forwards or backwards.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Memory {
    /// Per machine: the order of its networks, gone ones included.
    lanes: SortedMap<String, Vec<String>>,
    /// Per lane (or border between two lanes): who has which slot, or had it last.
    slots: SortedMap<String, Vec<String>>,
}

impl Memory {
    /// The order of a machine's networks: those known keep theirs, new ones come last.
    pub(crate) fn lanes(&mut self, machine: &str, present: &[String]) -> Vec<String> {
        let known = self.lanes.entry(machine.to_owned()).or_default();
        for id in present {
            if !known.contains(id) {
                known.push(id.clone());
            }
        }
        let here: SortedSet<&String> = present.iter().collect();
        known
            .iter()
            .filter(|id| here.contains(id))
            .cloned()
            .collect()
    }

    /// Records an order that was changed for a reason; those who are not there keep their distance to the beginning.
    pub(crate) fn set_lanes(&mut self, machine: &str, order: Vec<String>) {
        let known = self.lanes.entry(machine.to_owned()).or_default();
        let mut next = order.iter();
        let places = known.iter_mut().filter(|id| order.contains(id));
        for (place, id) in places.zip(next.by_ref()) {
            place.clone_from(id);
        }
        known.extend(next.cloned());
    }

    /// The slots of a lane: members keep theirs, gone ones leave a gap, new ones take the first gap or the end.
    pub(crate) fn slots(&mut self, lane: &str, members: &[String]) -> Vec<Option<String>> {
        let slots = self.slots.entry(lane.to_owned()).or_default();
        let here: SortedSet<&str> = members.iter().map(String::as_str).collect();
        let known: SortedSet<String> = slots.iter().cloned().collect();
        let mut gap = 0;
        for id in members.iter().filter(|id| !known.contains(*id)) {
            while slots.get(gap).is_some_and(|s| here.contains(s.as_str())) {
                gap += 1;
            }
            match slots.get_mut(gap) {
                Some(slot) => slot.clone_from(id),
                None => slots.push(id.clone()),
            }
        }
        let mut out: Vec<Option<String>> = slots
            .iter()
            .map(|s| here.contains(s.as_str()).then(|| s.clone()))
            .collect();
        while out.last().is_some_and(Option::is_none) {
            out.pop();
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(list: &[&str]) -> Vec<String> {
        list.iter().map(|s| (*s).to_owned()).collect()
    }

    #[test]
    fn a_removed_container_leaves_its_gap_and_the_next_one_fills_it() {
        let mut memory = Memory::default();
        memory.slots("net", &ids(&["a", "b", "c"]));
        let after = memory.slots("net", &ids(&["a", "c"]));
        assert_eq!(after, vec![Some("a".into()), None, Some("c".into())]);
        let after = memory.slots("net", &ids(&["a", "c", "d"]));
        assert_eq!(
            after,
            vec![Some("a".into()), Some("d".into()), Some("c".into())]
        );
    }

    #[test]
    fn the_past_is_drawn_where_it_was() {
        let mut memory = Memory::default();
        let then = memory.slots("net", &ids(&["a", "b", "c"]));
        memory.slots("net", &ids(&["a", "c"]));
        assert_eq!(memory.clone().slots("net", &ids(&["a", "b", "c"])), then);
        let order = memory.lanes("hostA", &ids(&["bridge", "a", "b"]));
        memory.lanes("hostA", &ids(&["bridge", "b"]));
        assert_eq!(
            memory.clone().lanes("hostA", &ids(&["bridge", "a", "b"])),
            order
        );
    }

    #[test]
    fn a_changed_order_leaves_the_gone_where_they_were() {
        let mut memory = Memory::default();
        memory.lanes("hostA", &ids(&["bridge", "gone", "a", "b"]));
        memory.set_lanes("hostA", ids(&["bridge", "b", "a"]));
        assert_eq!(
            memory.lanes("hostA", &ids(&["bridge", "gone", "a", "b"])),
            ids(&["bridge", "gone", "b", "a"])
        );
    }

    #[test]
    fn new_networks_come_last() {
        let mut memory = Memory::default();
        memory.lanes("hostA", &ids(&["bridge", "b"]));
        memory.set_lanes("hostA", ids(&["bridge", "b"]));
        assert_eq!(
            memory.lanes("hostA", &ids(&["a", "bridge", "b"])),
            ids(&["bridge", "b", "a"])
        );
    }
}
