//! What the layout remembers, so that nothing jumps: positions are slots, not coordinates.

use sorted::SortedMap;

/// Slots given out so far.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Memory {
    /// Per machine: the order of its networks.
    lanes: SortedMap<String, Vec<String>>,
    /// Per lane (or border between two lanes): the containers in their slots; `None` is a gap somebody left.
    slots: SortedMap<String, Vec<Option<String>>>,
}

impl Memory {
    /// The order of a machine's networks: those known keep theirs, new ones come last, gone ones are forgotten.
    pub(crate) fn lanes(&mut self, machine: &str, present: &[String]) -> Vec<String> {
        let known = self.lanes.entry(machine.to_owned()).or_default();
        known.retain(|id| present.contains(id));
        for id in present {
            if !known.contains(id) {
                known.push(id.clone());
            }
        }
        known.clone()
    }

    /// Records an order that was changed for a reason.
    pub(crate) fn set_lanes(&mut self, machine: &str, order: Vec<String>) {
        self.lanes.insert(machine.to_owned(), order);
    }

    /// The slots of a lane: members keep theirs, gone ones leave a gap, new ones take the first gap or the end.
    pub(crate) fn slots(&mut self, lane: &str, members: &[String]) -> Vec<Option<String>> {
        let slots = self.slots.entry(lane.to_owned()).or_default();
        for slot in slots.iter_mut() {
            if slot.as_ref().is_some_and(|id| !members.contains(id)) {
                *slot = None;
            }
        }
        for id in members {
            if slots.iter().flatten().any(|known| known == id) {
                continue;
            }
            match slots.iter_mut().find(|slot| slot.is_none()) {
                Some(gap) => *gap = Some(id.clone()),
                None => slots.push(Some(id.clone())),
            }
        }
        while slots.last().is_some_and(Option::is_none) {
            slots.pop();
        }
        slots.clone()
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
