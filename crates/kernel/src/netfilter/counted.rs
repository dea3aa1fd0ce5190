//! Whether a packet fulfils a condition that keeps a table of addresses.

use super::matches::within;
use super::model::{HashLimit, Limit, Listed, Recent, RecentAction, RecentLists};
use crate::time::{Duration, Instant};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use wire::IpPacket;

/// How many times a list keeps of one address. Source: Linux xt_recent, `ip_pkt_list_tot`.
const TIMES: usize = 20;
/// How many addresses a list holds; beyond, whoever was seen longest ago is struck off. Source: Linux xt_recent, `ip_list_tot`.
const ADDRESSES: usize = 100;

/// How many chains hashlimit's table has on a machine with more than a gigabyte of memory. Source: Linux xt_hashlimit,
/// `htable_create`.
const CHAINS: u32 = 8192;

/// Takes a token out of the bucket of the packet's group; `None` if there is no room for one more bucket, and the packet is to be
/// dropped whatever the rule says. Source: Linux xt_hashlimit, `hashlimit_mt_common`.
pub(super) fn hash_limit(limit: &mut HashLimit, ip: &IpPacket, now: Instant) -> Option<bool> {
    let (src_port, dst_port) = ip.transport.ports().unwrap_or_default();
    let mode = limit.mode;
    let address = |counts: bool, ip: IpAddr, bits: Option<u8>| {
        counts.then(|| masked(ip, prefix_mask(ip, bits.unwrap_or(128))))
    };
    let group = (
        address(mode.src, ip.src, limit.src_mask),
        mode.src_port.then_some(src_port),
        address(mode.dst, ip.dst, limit.dst_mask),
        mode.dst_port.then_some(dst_port),
    );
    let [chains, most, _, expire] = limit.table;
    let chains = chains.filter(|chains| *chains > 0).unwrap_or(CHAINS);
    let room = match most.unwrap_or(0) {
        0 => chains.saturating_mul(8),
        most => most.max(chains),
    };
    // Who hasn't been heard of for so long is forgotten: the rate's period, unless something else was asked for.
    let rest = expire.map_or(Duration::from_secs(limit.rate.period.into()), |ms| {
        Duration::from_millis(ms.into())
    });
    let is_old = |bucket: &Limit| bucket.state.0.is_some_and(|(_, at)| at + rest <= now);
    let (rate, buckets) = (&limit.rate, &mut limit.buckets.0);
    if buckets.get(&group).is_some_and(is_old) {
        buckets.remove(&group);
    }
    if !buckets.contains_key(&group) && buckets.len() >= room as usize {
        buckets.retain(|_, bucket| !is_old(bucket));
        if buckets.len() >= room as usize {
            return None;
        }
    }
    let bucket = buckets.entry(group).or_insert_with(|| rate.clone());
    Some(within(bucket, now) != limit.above)
}

/// Looks an address up in a list, and changes the list; `ttl` is what the packet arrived with.
/// Source: Linux xt_recent, `recent_mt`.
pub(super) fn recent(
    lists: &mut RecentLists,
    wanted: &Recent,
    ip: &IpPacket,
    ttl: u8,
    now: Instant,
) -> bool {
    let address = if wanted.by_destination {
        ip.dst
    } else {
        ip.src
    };
    let address = masked(address, wanted.mask);
    let list = lists.0.entry(wanted.name.clone()).or_default();
    let Some(Listed {
        ttl: last_ttl,
        times,
    }) = list.get_mut(&address)
    else {
        let lists_it = wanted.action == RecentAction::Set;
        if lists_it {
            if list.len() >= ADDRESSES {
                let oldest = list.iter().min_by_key(|(_, listed)| listed.times.last());
                if let Some(oldest) = oldest.map(|(address, _)| *address) {
                    list.remove(&oldest);
                }
            }
            let times = vec![now];
            list.insert(address, Listed { ttl, times });
        }
        return lists_it != wanted.not;
    };
    let is = match wanted.action {
        RecentAction::Set | RecentAction::Remove => true,
        RecentAction::Check | RecentAction::Update => {
            let since = Duration::from_secs(wanted.seconds.into());
            let counts = |at: &&Instant| wanted.seconds == 0 || **at + since >= now;
            times.iter().filter(counts).count() >= wanted.hits.max(1) as usize
        }
    };
    let is = is != wanted.not;
    match wanted.action {
        RecentAction::Remove => {
            list.remove(&address);
        }
        RecentAction::Update if !is => {}
        RecentAction::Set | RecentAction::Update => {
            if times.len() == TIMES {
                times.remove(0);
            }
            times.push(now);
            *last_ttl = ttl;
        }
        RecentAction::Check => {}
    }
    is
}

/// The address with only the bits of the mask.
fn masked(ip: IpAddr, mask: IpAddr) -> IpAddr {
    match (ip, mask) {
        (IpAddr::V4(ip), IpAddr::V4(mask)) => (ip & mask).into(),
        (IpAddr::V6(ip), IpAddr::V6(mask)) => (ip & mask).into(),
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => ip,
    }
}

/// The mask of so many bits in the address's family.
fn prefix_mask(ip: IpAddr, bits: u8) -> IpAddr {
    let bits = u32::from(bits);
    match ip {
        IpAddr::V4(_) => Ipv4Addr::from(!u32::MAX.checked_shr(bits).unwrap_or(0)).into(),
        IpAddr::V6(_) => Ipv6Addr::from(!u128::MAX.checked_shr(bits).unwrap_or(0)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::netfilter::model::{HashMode, Volatile};
    use wire::{Transport, UdpDatagram};

    fn from(host: u8) -> IpPacket {
        let datagram = UdpDatagram {
            src_port: 1,
            dst_port: 2,
            payload: wire::Bytes::new(),
        };
        let to = Ipv4Addr::new(10, 0, 1, 1);
        IpPacket::new(
            Ipv4Addr::new(10, 0, 0, host).into(),
            to.into(),
            Transport::Udp(datagram),
        )
    }

    #[test]
    fn a_list_keeps_the_hundred_addresses_seen_last() {
        let wanted = |action| Recent {
            name: "seen".into(),
            action,
            not: false,
            seconds: 0,
            hits: 0,
            by_destination: false,
            mask: Ipv4Addr::BROADCAST.into(),
        };
        let mut lists = RecentLists::default();
        for host in 0..=100 {
            let at = Instant(u64::from(host));
            recent(&mut lists, &wanted(RecentAction::Set), &from(host), 64, at);
        }
        let mut listed = |host| {
            recent(
                &mut lists,
                &wanted(RecentAction::Check),
                &from(host),
                64,
                Instant(200),
            )
        };
        assert!(!listed(0), "the first had to go");
        assert!(listed(1) && listed(100));
    }
    /// One packet a minute from each address, in a table of so many chains, buckets and milliseconds.
    fn one_a_minute(table: [Option<u32>; 4]) -> HashLimit {
        HashLimit {
            name: "each".into(),
            rate: Limit {
                count: 1,
                period: 60,
                burst: 1,
                state: Volatile::default(),
            },
            above: false,
            mode: HashMode {
                src: true,
                ..HashMode::default()
            },
            src_mask: None,
            dst_mask: None,
            table,
            buckets: Volatile::default(),
        }
    }

    #[test]
    fn hashlimit_has_room_for_so_many_and_forgets_who_rests() {
        let at = |seconds| Instant::ZERO + Duration::from_secs(seconds);
        for (chains, most, room) in [(2, None, 16), (2, Some(5), 5), (4, Some(1), 4)] {
            let mut limit = one_a_minute([Some(chains), most, None, None]);
            for host in 0..room {
                assert_eq!(hash_limit(&mut limit, &from(host), at(1)), Some(true));
            }
            assert_eq!(hash_limit(&mut limit, &from(0), at(2)), Some(false));
            let one_more = &from(room);
            assert_eq!(hash_limit(&mut limit, one_more, at(60)), None);
            assert_eq!(hash_limit(&mut limit, one_more, at(61)), Some(true));
            assert_eq!(limit.buckets.0.len(), 2, "the first was heard of again");
        }
        let mut limit = one_a_minute([None, None, None, Some(5000)]);
        assert_eq!(hash_limit(&mut limit, &from(1), at(1)), Some(true));
        assert_eq!(hash_limit(&mut limit, &from(1), at(2)), Some(false));
        assert_eq!(hash_limit(&mut limit, &from(1), at(7)), Some(true));
    }
}
