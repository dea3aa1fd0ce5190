//! Putting fragments together.

use super::timing;
use crate::ids::NetnsId;
use crate::netfilter::Family;
use crate::skb::Skb;
use crate::state::Kernel;
use crate::time::Instant;
use crate::trace::DropReason;
use sorted::SortedMap;
use std::net::IpAddr;
use wire::{IpPacket, Proto};

/// What names the packet that fragments belong to.
type Key = (IpAddr, IpAddr, u16, Proto);

/// How many incomplete packets a namespace keeps; beyond that the oldest goes.
const CAPACITY: usize = 64;

/// Fragments that wait for the rest.
#[derive(Default, Debug)]
pub(crate) struct Reassembly(SortedMap<Key, Waiting>);

#[derive(Debug)]
struct Waiting {
    since: Instant,
    first: Skb,
    parts: Vec<IpPacket>,
}

impl Kernel {
    /// As [`Kernel::reassemble`] where connection tracking needs to see whole packets; otherwise fragments pass.
    pub(super) fn whole_for_netfilter(&mut self, ns: NetnsId, skb: Skb) -> Option<Skb> {
        let family = if skb.ip.is_v6() {
            Family::V6
        } else {
            Family::V4
        };
        let wanted = skb.ip.is_fragment() && self.net.netns(ns)?.nf.wants_whole_packets(family);
        if wanted {
            self.reassemble(ns, skb)
        } else {
            Some(skb)
        }
    }

    /// The whole packet, if `skb` is one or completes one; a fragment otherwise waits. What waits too long is forgotten
    /// when the next fragment comes; Linux says so to the sender, which is not modelled.
    pub(super) fn reassemble(&mut self, ns: NetnsId, skb: Skb) -> Option<Skb> {
        if !skb.ip.is_fragment() {
            return Some(skb);
        }
        self.count(ns, |mib| mib.ip(skb.ip.dst).fragments_received += 1);
        let now = self.now;
        let key = (skb.ip.src, skb.ip.dst, skb.ip.ident, skb.ip.protocol());
        let waiting = &mut self.net.netns_mut(ns)?.reassembly.0;
        let old: Vec<Key> = waiting
            .iter()
            .filter(|(_, w)| now.since(w.since) > timing::FRAGMENT)
            .map(|(key, _)| *key)
            .collect();
        let mut lost: Vec<Skb> = old
            .iter()
            .filter_map(|key| waiting.remove(key))
            .map(|w| w.first)
            .collect();
        if waiting.len() >= CAPACITY && !waiting.contains_key(&key) {
            let oldest = waiting
                .iter()
                .min_by_key(|(_, w)| w.since)
                .map(|(key, _)| *key);
            lost.extend(oldest.and_then(|key| waiting.remove(&key)).map(|w| w.first));
        }
        let entry = waiting.entry(key).or_insert_with(|| Waiting {
            since: now,
            first: skb.clone(),
            parts: Vec::new(),
        });
        entry.parts.push(skb.ip);
        let whole = IpPacket::reassemble(&entry.parts);
        let done = whole.and_then(|ip| waiting.remove(&key).map(|w| Skb { ip, ..w.first }));
        if let Some(whole) = &done {
            self.count(ns, |mib| mib.ip(whole.ip.dst).reassembled += 1);
        }
        for skb in lost {
            self.count(ns, |mib| mib.ip(skb.ip.dst).reassembly_failed += 1);
            self.drop_skb(ns, &skb, DropReason::Malformed);
        }
        done
    }
}
