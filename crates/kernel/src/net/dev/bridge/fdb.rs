//! A bridge's forwarding database: which station is behind which port.

use crate::ids::LinkId;
use crate::map::Lookup;
use crate::time::{Duration, Instant};
use sorted::SortedSet;
use wire::MacAddr;

/// Where an entry comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FdbKind {
    /// Learned from a frame; forgotten after a while, and moves when the station does.
    Learned,
    /// Set by hand.
    Static,
    /// The machine's own address: the bridge's or a port's. `bridge fdb` shows it as permanent.
    Local,
}

/// One station.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FdbEntry {
    /// The station.
    pub mac: MacAddr,
    /// The port behind which it is, or whose own address it is; `None` for the bridge's own.
    pub port: Option<LinkId>,
    /// Where the entry comes from.
    pub kind: FdbKind,
    /// When a frame from it was last seen.
    pub updated: Instant,
}

/// The table.
#[derive(Default, Debug)]
pub struct Fdb {
    entries: Lookup<MacAddr, FdbEntry>,
    order: SortedSet<MacAddr>,
}

impl Fdb {
    /// The entry for `mac`, unless it is too old.
    pub(in crate::net) fn find(
        &self,
        mac: MacAddr,
        now: Instant,
        ageing: Duration,
    ) -> Option<&FdbEntry> {
        self.entries
            .get(&mac)
            .filter(|entry| entry.kind != FdbKind::Learned || now.since(entry.updated) < ageing)
    }

    pub(super) fn get(&self, mac: MacAddr) -> Option<&FdbEntry> {
        self.entries.get(&mac)
    }

    /// Notes that a frame from `mac` came in by `port`. Own addresses and those set by hand stay as they are.
    pub(in crate::net) fn learn(&mut self, mac: MacAddr, port: LinkId, now: Instant) {
        match self.entries.get_mut(&mac) {
            Some(entry) if entry.kind == FdbKind::Learned => {
                (entry.port, entry.updated) = (Some(port), now);
            }
            Some(_) => {}
            None => {
                self.order.insert(mac);
                self.entries.insert(
                    mac,
                    FdbEntry {
                        mac,
                        port: Some(port),
                        kind: FdbKind::Learned,
                        updated: now,
                    },
                );
            }
        }
    }

    /// Puts a lasting entry in.
    pub(super) fn add(&mut self, mac: MacAddr, port: Option<LinkId>, kind: FdbKind) {
        // A port's own address does not displace the bridge's, which usually is the same.
        if port.is_some()
            && self
                .get(mac)
                .is_some_and(|e| e.kind == FdbKind::Local && e.port.is_none())
        {
            return;
        }
        self.order.insert(mac);
        self.entries.insert(
            mac,
            FdbEntry {
                mac,
                port,
                kind,
                updated: Instant::ZERO,
            },
        );
    }

    /// Takes an entry out; false if there is none.
    pub(super) fn remove(&mut self, mac: MacAddr) -> bool {
        self.order.remove(&mac);
        self.entries.remove(&mac).is_some()
    }

    fn remove_where(&mut self, gone: impl Fn(&FdbEntry) -> bool) {
        let macs: Vec<MacAddr> = self
            .order
            .iter()
            .copied()
            .filter(|mac| self.entries.get(mac).is_some_and(&gone))
            .collect();
        for mac in macs {
            self.remove(mac);
        }
    }

    pub(in crate::net) fn forget_port(&mut self, port: LinkId) {
        self.remove_where(|entry| entry.port == Some(port));
    }

    pub(super) fn forget_own(&mut self) {
        self.remove_where(|entry| entry.port.is_none() && entry.kind == FdbKind::Local);
    }

    pub(super) fn list(&self, now: Instant, ageing: Duration) -> Vec<FdbEntry> {
        self.order
            .iter()
            .filter_map(|mac| self.find(*mac, now, ageing))
            .copied()
            .collect()
    }
}
