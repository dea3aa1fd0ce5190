//! How long things take, in one place. Chosen so that round trips look like those of a small real machine.

use crate::time::Duration;

/// A veth pair: a round trip between two containers of one bridge crosses four of them, about 0.06 ms.
pub const VETH: Duration = Duration::from_micros(14);
/// The loopback device: a round trip to oneself takes about 0.03 ms.
pub const LOOPBACK: Duration = Duration::from_micros(14);
/// A LAN segment, unless it was given another delay: a round trip takes about 0.3 ms.
pub const SEGMENT: Duration = Duration::from_micros(140);
/// By how much each of these varies, at most, from packet to packet.
pub const JITTER_NANOS: u64 = 6_000;

/// Between two questions for one neighbour: Linux `neigh/default/retrans_time_ms`, which its timers round up to this.
pub const NEIGH_RETRANS: Duration = Duration::from_millis(1024);
/// How many times a neighbour is asked, by multicast and by unicast. Source: Linux `mcast_solicit`, `ucast_solicit`.
pub const NEIGH_PROBES: u32 = 3;
/// How long a neighbour counts as reachable; each entry draws between half and one and a half times this.
/// Source: Linux `base_reachable_time_ms`, RFC 4861 section 6.3.2.
pub const NEIGH_REACHABLE: Duration = Duration::from_secs(30);
/// How long a stale neighbour is used before it is probed. Source: Linux `delay_first_probe_time`.
pub const NEIGH_DELAY: Duration = Duration::from_secs(5);
/// Within this, of several different answers the first counts. Source: Linux `neigh/default/locktime`.
pub const NEIGH_LOCK: Duration = Duration::from_secs(1);
/// How many packets wait for one neighbour. Linux counts 212,992 bytes, about a hundred small packets.
pub const NEIGH_QUEUE: usize = 101;

/// How many neighbours a namespace knows before it forgets those of no use. Source: Linux `gc_thresh3`.
pub const NEIGH_TABLE: usize = 1024;

/// How long a bridge remembers a station it has not heard from. Source: Linux `ageing_time`.
pub const BRIDGE_AGEING: Duration = Duration::from_secs(300);

/// How long fragments wait for the rest. Source: Linux `ipfrag_time`.
pub const FRAGMENT: Duration = Duration::from_secs(30);

/// How long it is believed what an ICMP error told about a path. Source: Linux `ip_rt_mtu_expires`.
pub const PATH_MTU_EXPIRES: Duration = Duration::from_secs(600);
