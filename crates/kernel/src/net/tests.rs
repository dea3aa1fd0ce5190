//! Packets through whole scenes.

use super::testutil::Scene;
use super::*;
use crate::errno::Errno;
use crate::time::{Duration, Instant};
use crate::trace::{BridgeDecision, Checkpoint, DropReason};
use std::net::IpAddr;
use wire::{IcmpErrorKind, MacAddr};

mod bridge;
mod links;
mod neighbours;
mod netfilter;
mod routes;
mod stacked;
mod tunnel;

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn state_of(s: &Scene, ns: crate::ids::NetnsId, addr: &str) -> Option<NeighState> {
    s.k.neighbours(ns)
        .into_iter()
        .find(|n| n.ip == ip(addr))
        .map(|n| n.state)
}
