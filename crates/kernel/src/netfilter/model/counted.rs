//! Conditions that keep a table of addresses: how much came from each, and when.

use super::Limit;
use super::matching::Volatile;
use crate::time::Instant;
use sorted::SortedMap;
use std::net::IpAddr;
use std::rc::Rc;

/// The options of `-m hashlimit`: a token bucket for each group of packets.
#[derive(Clone, PartialEq, Debug)]
pub struct HashLimit {
    /// `--hashlimit-name`
    pub name: Rc<str>,
    /// The bucket that each group gets.
    pub rate: Limit,
    /// Whether packets beyond the rate are meant (`--hashlimit-above`), and not those within (`--hashlimit-upto`).
    pub above: bool,
    /// What a group's packets have in common (`--hashlimit-mode`).
    pub mode: HashMode,
    /// How many bits of the source count (`--hashlimit-srcmask`); `None` for all.
    pub src_mask: Option<u8>,
    /// How many bits of the destination count (`--hashlimit-dstmask`); `None` for all.
    pub dst_mask: Option<u8>,
    /// `--hashlimit-htable-size`, `-max`, `-gcinterval`, which is only shown, and `-expire`.
    pub table: [Option<u32>; 4],
    /// The buckets so far.
    pub buckets: Volatile<SortedMap<HashGroup, Limit>>,
}

/// What makes a group of packets.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct HashMode {
    /// `srcip`
    pub src: bool,
    /// `srcport`
    pub src_port: bool,
    /// `dstip`
    pub dst: bool,
    /// `dstport`
    pub dst_port: bool,
}

/// A group: as much of addresses and ports as count.
pub type HashGroup = (Option<IpAddr>, Option<u16>, Option<IpAddr>, Option<u16>);

/// The options of `-m recent`: a list of addresses with the times at which they came by.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recent {
    /// `--name`, the list's; rules of one name share it.
    pub name: Rc<str>,
    /// What is done with the list.
    pub action: RecentAction,
    /// Whether the opposite is meant.
    pub not: bool,
    /// Only the last so many seconds count (`--seconds`); 0 for all.
    pub seconds: u32,
    /// How often an address must have come by (`--hitcount`); 0 for once.
    pub hits: u32,
    /// Whether destinations are listed (`--rdest`), and not sources.
    pub by_destination: bool,
    /// The bits of an address that count (`--mask`).
    pub mask: IpAddr,
}

/// What `-m recent` does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RecentAction {
    /// `--set`: lists the address.
    Set,
    /// `--rcheck`: asks whether it is listed.
    Check,
    /// `--update`: asks, and lists it again if so.
    Update,
    /// `--remove`: strikes it off.
    Remove,
}

/// The lists of `-m recent` in a namespace.
#[derive(Clone, Default, Debug)]
pub struct RecentLists(pub(in crate::netfilter) SortedMap<Rc<str>, SortedMap<IpAddr, Listed>>);

/// What a list of `-m recent` keeps of an address.
#[derive(Clone, Default, Debug)]
pub struct Listed {
    /// The TTL of the packet that came by last, as it arrived.
    pub ttl: u8,
    /// When packets came by, the latest last.
    pub times: Vec<Instant>,
}
