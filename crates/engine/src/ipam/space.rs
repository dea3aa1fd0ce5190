//! An address space: the pools that networks hold, and where the next ones come from.

use sorted::{SortedMap, SortedSet};
use std::net::{IpAddr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use thiserror::Error;

use super::block::Block;
use super::pool::Pool;
use crate::sha256;

/// Why a pool or an address cannot be had. Source: moby `libnetwork/ipamapi/contract.go`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Error {
    /// The subnet shares addresses with another network's.
    #[error("invalid pool request: Pool overlaps with other one on this address space")]
    PoolOverlap,
    /// Every predefined pool is in use.
    #[error("all predefined address pools have been fully subnetted")]
    NoMoreSubnets,
    /// Every address of the pool is in use.
    #[error("no available addresses on this pool")]
    NoAvailableIps,
    /// The wanted address is in use, or is one that is never given.
    #[error("Address already in use")]
    IpAlreadyAllocated,
    /// The wanted address does not lie in the pool.
    #[error("requested address is out of range")]
    IpOutOfRange,
    /// The pool's range lies elsewhere, which only the default bridge's may: nobody checks the engine's settings for that.
    #[error("add-any, range '{0}' is not in subnet '{1}'")]
    RangeOutside(IpNet, IpNet),
    /// The pool does not exist.
    #[error("unknown address pool")]
    UnknownPool,
    /// A range was given without a subnet.
    #[error("invalid pool request: unsupported address space")]
    BadRequest,
}

/// A block that is cut into subnets of one size, for networks that name none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Predefined {
    /// The block.
    pub base: IpNet,
    /// Length of the prefix of each piece.
    pub size: u8,
}

/// What a network holds: a subnet, and perhaps a part of it to draw from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PoolId {
    /// The subnet.
    pub subnet: IpNet,
    /// The part that addresses are drawn from; the whole subnet if `None`.
    pub range: Option<IpNet>,
}

#[derive(Clone, Debug)]
struct Entry {
    pool: Pool,
    /// True if the subnet itself was asked for, and not only parts of it.
    whole: bool,
    ranges: SortedSet<IpNet>,
}

/// The pools of all networks of one scope.
#[derive(Clone, Debug, Default)]
pub struct Space {
    predefined: Vec<Predefined>,
    entries: SortedMap<IpNet, Entry>,
}

/// Sorts blocks by address, and leaves out those that lie within one before them. Source: moby
/// `libnetwork/ipams/defaultipam/address_space.go`, `newAddrSpace`.
fn in_order(mut blocks: Vec<Predefined>) -> Vec<Predefined> {
    sorted::sort_by_key(&mut blocks, |block| block.base);
    blocks.dedup_by(|block, kept| kept.base.contains(&block.base));
    blocks
}

impl Space {
    /// Makes a space whose automatic subnets come from the given blocks, by address whatever their order.
    pub fn new(predefined: Vec<Predefined>) -> Self {
        Self {
            predefined: in_order(predefined),
            entries: SortedMap::new(),
        }
    }

    /// Lets automatic subnets come from other blocks from now on.
    pub fn draw_from(&mut self, predefined: Vec<Predefined>) {
        self.predefined = in_order(predefined);
    }

    /// Makes the space of networks on one machine, with Docker's default pools. Source: moby `libnetwork/ipamutils`.
    pub fn local(ula: Ipv6Net) -> Self {
        Self::new(Self::local_pools(ula))
    }

    /// Returns Docker's default pools: 172.17 to 172.31, 192.168 in sixteenths, and the engine's IPv6 prefix.
    pub fn local_pools(ula: Ipv6Net) -> Vec<Predefined> {
        let mut pools: Vec<_> = (17..=31)
            .filter_map(|n| Ipv4Net::new([172, n, 0, 0].into(), 16).ok())
            .map(|net| Predefined {
                base: net.into(),
                size: 16,
            })
            .collect();
        if let Ok(net) = Ipv4Net::new([192, 168, 0, 0].into(), 16) {
            pools.push(Predefined {
                base: net.into(),
                size: 20,
            });
        }
        pools.push(Predefined {
            base: ula.into(),
            size: 64,
        });
        pools
    }

    /// Makes the space of networks that span machines: 10.0.0.0/8 in pieces of /24.
    pub fn global() -> Self {
        let base = Ipv4Net::new([10, 0, 0, 0].into(), 8).ok();
        Self::new(
            base.map(|net| Predefined {
                base: net.into(),
                size: 24,
            })
            .into_iter()
            .collect(),
        )
    }

    /// Takes the given subnet. With a range, overlaps go unnoticed unless subnet and range are the very same, as in
    /// the real engine. Errors: `PoolOverlap`.
    pub fn request_pool(&mut self, subnet: IpNet, range: Option<IpNet>) -> Result<PoolId, Error> {
        let subnet = subnet.trunc();
        let range = range.map(|r| r.trunc());
        let overlaps = range.is_none() && self.overlaps(&subnet);
        match (self.entries.get_mut(&subnet), range) {
            (Some(entry), Some(range)) => {
                if !entry.ranges.insert(range) {
                    return Err(Error::PoolOverlap);
                }
            }
            (Some(_), None) => return Err(Error::PoolOverlap),
            (None, None) if overlaps => return Err(Error::PoolOverlap),
            (None, _) => {
                let entry = Entry {
                    pool: Pool::new(&subnet),
                    whole: range.is_none(),
                    ranges: range.into_iter().collect(),
                };
                self.entries.insert(subnet, entry);
            }
        }
        Ok(PoolId { subnet, range })
    }

    /// Takes the next free predefined subnet of a family, passing over those that collide with `reserved`, which are
    /// the machine's own routes and name servers. Errors: `NoMoreSubnets`.
    pub fn request_predefined_pool(
        &mut self,
        v6: bool,
        reserved: &[IpNet],
    ) -> Result<PoolId, Error> {
        let taken: Vec<Block> = self.entries.keys().chain(reserved).map(Block::of).collect();
        let subnet = self
            .predefined
            .iter()
            .find_map(|p| free_piece(p, v6, &taken))
            .ok_or(Error::NoMoreSubnets)?;
        self.request_pool(subnet, None)
    }

    /// Gives a pool back, with all addresses in it once nobody holds a part of it.
    pub fn release_pool(&mut self, id: &PoolId) {
        let Some(entry) = self.entries.get_mut(&id.subnet) else {
            return;
        };
        match &id.range {
            Some(range) => {
                entry.ranges.remove(range);
            }
            None => entry.whole = false,
        }
        if !entry.whole && entry.ranges.is_empty() {
            self.entries.remove(&id.subnet);
        }
    }

    /// Takes one certain address, which may lie outside the pool's range but not outside its subnet.
    /// Errors: `IpOutOfRange`, `IpAlreadyAllocated`.
    pub fn request_address(&mut self, id: &PoolId, addr: IpAddr) -> Result<IpNet, Error> {
        let entry = self.entries.get_mut(&id.subnet).ok_or(Error::UnknownPool)?;
        if !id.subnet.contains(&addr) {
            return Err(Error::IpOutOfRange);
        }
        if !entry.pool.take(addr) {
            return Err(Error::IpAlreadyAllocated);
        }
        Ok(with_prefix(addr, &id.subnet))
    }

    /// Takes the lowest free address of the pool's range, or with `serial` the next one after that given last.
    /// Errors: `NoAvailableIps`, `RangeOutside`.
    pub fn request_next(&mut self, id: &PoolId, serial: bool) -> Result<IpNet, Error> {
        if let Some(range) = id.range.filter(|range| !id.subnet.contains(&range.addr())) {
            return Err(Error::RangeOutside(range, id.subnet));
        }
        let entry = self.entries.get_mut(&id.subnet).ok_or(Error::UnknownPool)?;
        let addr = entry
            .pool
            .take_next(id.range.as_ref(), serial)
            .ok_or(Error::NoAvailableIps)?;
        Ok(with_prefix(addr, &id.subnet))
    }

    /// Gives an address back.
    pub fn release_address(&mut self, id: &PoolId, addr: IpAddr) {
        if let Some(entry) = self.entries.get_mut(&id.subnet) {
            entry.pool.release(addr);
        }
    }

    fn overlaps(&self, subnet: &IpNet) -> bool {
        let block = Block::of(subnet);
        self.entries
            .keys()
            .any(|net| Block::of(net).overlaps(&block))
    }
}

/// Returns the /48 that an engine cuts its automatic IPv6 subnets from; it hangs on the engine's id alone, which is
/// the whole text of the engine's id file, a final newline included.
/// Source: moby `daemon/daemon.go`, `deriveULABaseNetwork`.
pub fn engine_ula(engine_id: &str) -> Ipv6Net {
    let id = u128::from(sha256::first_eight(engine_id.as_bytes()) & 0xff_ffff_ffff);
    let base = (0xfd_u128 << 120) | (id << 80);
    Ipv6Net::new(Ipv6Addr::from(base), 48).unwrap_or_default()
}

fn with_prefix(addr: IpAddr, subnet: &IpNet) -> IpNet {
    IpNet::new(addr, subnet.prefix_len()).unwrap_or(*subnet)
}

/// Finds the first piece of a predefined block that none of `taken` touches.
fn free_piece(from: &Predefined, v6: bool, taken: &[Block]) -> Option<IpNet> {
    let base = Block::of(&from.base);
    let bits: u32 = if v6 { 128 } else { 32 };
    if base.v6 != v6 || u32::from(from.size) > bits || from.size < from.base.prefix_len() {
        return None;
    }
    let span = 1u128.checked_shl(bits - u32::from(from.size))?;
    let mut first = base.first;
    loop {
        let last = first
            .checked_add(span - 1)
            .filter(|last| *last <= base.last)?;
        let piece = Block { v6, first, last };
        match taken
            .iter()
            .filter(|t| t.overlaps(&piece))
            .map(|t| t.last)
            .max()
        {
            None => return IpNet::new(piece.address(first), from.size).ok(),
            // Go on with the first piece that begins after what is in the way.
            Some(end) => {
                first = (end.checked_add(1)?.checked_sub(base.first)?).div_ceil(span) * span
                    + base.first;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use sorted::SortedSet;

    use proptest::prelude::*;

    use super::*;

    fn net(text: &str) -> IpNet {
        text.parse().unwrap()
    }

    fn pools(list: &[(&str, u8)]) -> Vec<Predefined> {
        list.iter()
            .map(|(base, size)| Predefined {
                base: net(base),
                size: *size,
            })
            .collect()
    }

    fn local() -> Space {
        Space::local(engine_ula("00000000-0000-4000-8000-000000000010\n"))
    }

    #[test]
    fn the_ula_prefix_follows_from_the_engine_id() {
        assert_eq!(
            engine_ula("00000000-0000-4000-8000-000000000010\n").to_string(),
            "fde9:53ca:8841::/48"
        );
    }

    #[test]
    fn automatic_subnets_come_in_order_and_gaps_are_filled_first() {
        let mut space = local();
        let reserved = [net("192.168.1.0/24")];
        let got: Vec<_> = (0..30)
            .map(|_| {
                space
                    .request_predefined_pool(false, &reserved)
                    .unwrap()
                    .subnet
                    .to_string()
            })
            .collect();
        assert_eq!(got.first().unwrap(), "172.17.0.0/16");
        assert_eq!(got[14], "172.31.0.0/16");
        assert_eq!(got[15], "192.168.16.0/20");
        assert_eq!(got[29], "192.168.240.0/20");
        assert_eq!(
            space.request_predefined_pool(false, &reserved),
            Err(Error::NoMoreSubnets)
        );
        space.release_pool(&PoolId {
            subnet: net("172.22.0.0/16"),
            range: None,
        });
        assert_eq!(
            space
                .request_predefined_pool(false, &reserved)
                .unwrap()
                .subnet,
            net("172.22.0.0/16")
        );
        assert_eq!(
            space.request_predefined_pool(true, &[]).unwrap().subnet,
            net("fde9:53ca:8841::/64")
        );
        assert_eq!(
            space.request_predefined_pool(true, &[]).unwrap().subnet,
            net("fde9:53ca:8841:1::/64")
        );
    }

    #[test]
    fn blocks_are_taken_by_address_and_not_as_they_were_listed() {
        let mut space = Space::new(pools(&[
            ("192.168.0.0/23", 24),
            ("10.9.1.0/24", 26),
            ("10.9.0.0/16", 17),
            ("fd00::/64", 64),
        ]));
        let mut next = || Some(space.request_predefined_pool(false, &[]).ok()?.subnet);
        let got: Vec<_> = std::iter::from_fn(&mut next)
            .map(|n| n.to_string())
            .collect();
        let wanted = "10.9.0.0/17 10.9.128.0/17 192.168.0.0/24 192.168.1.0/24";
        assert_eq!(got.join(" "), wanted);
    }

    #[test]
    fn pieces_that_are_touched_in_part_are_passed_over() {
        let two = [("172.16.0.0/15", 16), ("192.168.0.0/16", 24)];
        type Case<'a> = (
            &'a [(&'a str, u8)],
            &'a [&'a str],
            &'a [&'a str],
            Option<&'a str>,
        );
        let cases: [Case<'_>; 5] = [
            (
                &[("192.168.0.0/16", 24)],
                &["192.168.255.0/24"],
                &[],
                Some("192.168.0.0/24"),
            ),
            (
                &[("192.168.0.0/16", 24)],
                &["192.168.0.0/24", "192.168.1.0/24"],
                &["192.168.2.4/30", "192.168.4.0/23"],
                Some("192.168.3.0/24"),
            ),
            (
                &two,
                &["172.16.0.0/16", "172.17.0.0/17"],
                &[],
                Some("192.168.0.0/24"),
            ),
            (&two[..1], &["172.16.0.0/16", "172.17.0.0/17"], &[], None),
            (
                &[("10.0.0.0/31", 31), ("192.168.0.0/16", 24)],
                &["10.0.0.0/32"],
                &[],
                Some("192.168.0.0/24"),
            ),
        ];
        for (predefined, allocated, reserved, want) in cases {
            let mut space = Space::new(pools(predefined));
            for subnet in allocated {
                space.request_pool(net(subnet), None).unwrap();
            }
            let reserved: Vec<_> = reserved.iter().map(|r| net(r)).collect();
            let got = space
                .request_predefined_pool(false, &reserved)
                .ok()
                .map(|p| p.subnet.to_string());
            assert_eq!(got.as_deref(), want);
        }
    }

    #[test]
    fn overlaps_are_refused_except_between_ranges() {
        let mut space = local();
        space.request_pool(net("172.31.0.0/16"), None).unwrap();
        assert_eq!(
            space.request_pool(net("172.31.128.0/24"), None),
            Err(Error::PoolOverlap)
        );
        assert_eq!(
            space.request_pool(net("172.0.0.0/8"), None),
            Err(Error::PoolOverlap)
        );
        let range = |r: &str| Some(net(r));
        space
            .request_pool(net("10.0.0.0/16"), range("10.0.1.0/24"))
            .unwrap();
        space
            .request_pool(net("10.0.0.0/16"), range("10.0.2.0/24"))
            .unwrap();
        assert_eq!(
            space.request_pool(net("10.0.0.0/16"), range("10.0.2.0/24")),
            Err(Error::PoolOverlap)
        );
        assert_eq!(
            space.request_pool(net("10.0.0.0/16"), None),
            Err(Error::PoolOverlap)
        );
        assert_eq!(
            space.request_pool(net("10.0.0.0/12"), None),
            Err(Error::PoolOverlap)
        );
    }

    #[test]
    fn a_range_gives_its_first_and_last_address() {
        let mut space = local();
        let id = space
            .request_pool(net("192.168.50.0/24"), Some(net("192.168.50.8/30")))
            .unwrap();
        space
            .request_address(&id, "192.168.50.1".parse().unwrap())
            .unwrap();
        let got: Vec<_> = (0..4)
            .map(|_| space.request_next(&id, false).unwrap().to_string())
            .collect();
        assert_eq!(
            got,
            [
                "192.168.50.8/24",
                "192.168.50.9/24",
                "192.168.50.10/24",
                "192.168.50.11/24"
            ]
        );
        assert_eq!(space.request_next(&id, false), Err(Error::NoAvailableIps));
        assert!(
            space
                .request_address(&id, "192.168.50.77".parse().unwrap())
                .is_ok()
        );
        space.release_address(&id, "192.168.50.9".parse().unwrap());
        assert_eq!(
            space.request_next(&id, false).unwrap(),
            net("192.168.50.9/24")
        );
    }

    #[test]
    fn network_and_broadcast_addresses_are_never_given() {
        let mut space = local();
        let id = space.request_pool(net("10.0.9.0/24"), None).unwrap();
        for addr in ["10.0.9.0", "10.0.9.255"] {
            assert_eq!(
                space.request_address(&id, addr.parse().unwrap()),
                Err(Error::IpAlreadyAllocated)
            );
            space.release_address(&id, addr.parse().unwrap());
            assert_eq!(
                space.request_address(&id, addr.parse().unwrap()),
                Err(Error::IpAlreadyAllocated)
            );
        }
        assert_eq!(
            space.request_address(&id, "10.0.8.1".parse().unwrap()),
            Err(Error::IpOutOfRange)
        );
        let tiny = space.request_pool(net("192.168.0.2/31"), None).unwrap();
        assert_eq!(
            space.request_next(&tiny, false).unwrap(),
            net("192.168.0.2/31")
        );
        assert_eq!(
            space.request_next(&tiny, false).unwrap(),
            net("192.168.0.3/31")
        );
        assert_eq!(space.request_next(&tiny, false), Err(Error::NoAvailableIps));
        let six = space.request_pool(net("2001:db8::/126"), None).unwrap();
        let all: Vec<_> = (0..3)
            .map(|_| space.request_next(&six, false).unwrap().addr().to_string())
            .collect();
        assert_eq!(all, ["2001:db8::1", "2001:db8::2", "2001:db8::3"]);
    }

    #[test]
    fn serial_allocation_goes_on_and_comes_round() {
        let mut space = Space::global();
        let id = space.request_pool(net("10.0.0.0/29"), None).unwrap();
        let next = |space: &mut Space| space.request_next(&id, true).unwrap().addr().to_string();
        assert_eq!(
            [next(&mut space), next(&mut space)],
            ["10.0.0.1", "10.0.0.2"]
        );
        space.release_address(&id, "10.0.0.1".parse().unwrap());
        let rest: Vec<_> = (0..5).map(|_| next(&mut space)).collect();
        assert_eq!(
            rest,
            ["10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.6", "10.0.0.1"]
        );
    }

    proptest! {
        #[test]
        fn no_address_is_given_twice_and_the_lowest_free_one_comes_first(
            steps in prop::collection::vec((any::<bool>(), 0usize..40), 1..120),
            prefix in 24u8..31,
        ) {
            let mut space = Space::default();
            let subnet = IpNet::new("10.3.0.0".parse().unwrap(), prefix).unwrap();
            let id = space.request_pool(subnet, None).unwrap();
            let mut held: SortedSet<IpAddr> = SortedSet::new();
            for (give_back, which) in steps {
                if give_back {
                    if let Some(addr) = held.iter().nth(which).copied() {
                        space.release_address(&id, addr);
                        held.remove(&addr);
                    }
                    continue;
                }
                let lowest = subnet.hosts().find(|a| !held.contains(a));
                match space.request_next(&id, false) {
                    Ok(got) => {
                        prop_assert_eq!(Some(got.addr()), lowest);
                        prop_assert!(held.insert(got.addr()));
                    }
                    Err(err) => {
                        prop_assert_eq!(err, Error::NoAvailableIps);
                        prop_assert_eq!(lowest, None);
                    }
                }
            }
        }

        #[test]
        fn automatic_subnets_never_overlap(given in prop::collection::vec((16u8..32, 0u8..255, 12u8..28), 0..12)) {
            let mut space = local();
            let mut held = Vec::new();
            for (b, c, len) in given {
                let subnet = IpNet::new(IpAddr::from([172, b, c, 0]), len).unwrap().trunc();
                if space.request_pool(subnet, None).is_ok() {
                    held.push(subnet);
                }
            }
            while let Ok(id) = space.request_predefined_pool(false, &[]) {
                prop_assert!(held.iter().all(|h| !Block::of(h).overlaps(&Block::of(&id.subnet))));
                held.push(id.subnet);
            }
        }
    }
}
