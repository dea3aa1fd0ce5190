//! Changing a device: what `ip link set` does.

use crate::errno::Errno;
use crate::ids::{LinkId, NetnsId};
use crate::net::dev;
use crate::net::link::LinkLabels;
use crate::netfilter::model::IfName;
use crate::state::Kernel;
use crate::time::Duration;
use std::rc::Rc;
use wire::MacAddr;

impl Kernel {
    /// Sets a device up. What depends on it (its peer, its bridge) may gain carrier.
    /// # Errors
    /// `ENODEV`: no such device. `ENETDOWN`: the device below a VLAN is down. `EADDRINUSE`: another macvlan that is up has
    /// its hardware address.
    pub fn link_set_up(&mut self, link: LinkId) -> Result<(), Errno> {
        let found = self.net.link(link).ok_or(Errno::ENODEV)?;
        if !found.admin_up {
            dev::may_go_up(self, link)?;
            if let Some(found) = self.net.link_mut(link) {
                (found.admin_up, found.was_up) = (true, true);
            }
            self.addrs_on_up(link);
            self.link_refresh_all(link);
            dev::switched(self, link, true);
        }
        Ok(())
    }

    /// Sets a device down: its routes and IPv6 addresses go, as does what its neighbours were known by.
    /// # Errors
    /// `ENODEV`: no such device.
    pub fn link_set_down(&mut self, link: LinkId) -> Result<(), Errno> {
        let found = self.net.link_mut(link).ok_or(Errno::ENODEV)?;
        if found.admin_up {
            found.admin_up = false;
            let ns = found.ns;
            dev::switched(self, link, false);
            self.addrs_on_down(link);
            self.route_flush_link(ns, link, false);
            self.neigh_forget_link(ns, link);
            let now = self.now;
            if let Some(netns) = self.net.netns_mut(ns) {
                netns.nf.forget_masqueraded(link, None, now);
            }
            self.link_refresh_all(link);
        }
        Ok(())
    }

    /// Makes a device a port of a bridge, or takes it off its bridge.
    /// # Errors
    /// `ENODEV`: no such device. `EOPNOTSUPP`: `master` is no bridge. `EINVAL`: the device cannot be a port (loopback,
    /// another namespace's). `ELOOP`: a bridge cannot be a port of a bridge.
    pub fn link_set_master(&mut self, link: LinkId, master: Option<LinkId>) -> Result<(), Errno> {
        dev::bridge::set_master(self, link, master)
    }

    /// Sets the MTU.
    /// # Errors
    /// `ENODEV`: no such device. `EINVAL`: outside of what the kind allows.
    pub fn link_set_mtu(&mut self, link: LinkId, mtu: u32) -> Result<(), Errno> {
        let found = self.net.link(link).ok_or(Errno::ENODEV)?;
        if mtu < found.kind.min_mtu() || mtu > found.kind.max_mtu() {
            return Err(Errno::EINVAL);
        }
        if mtu > dev::mtu_room(self, found) {
            // Each kind has its own word for it.
            let is_vlan = matches!(found.kind, dev::LinkKind::Vlan(_));
            return Err(if is_vlan {
                Errno::ERANGE
            } else {
                Errno::EINVAL
            });
        }
        if let Some(found) = self.net.link_mut(link) {
            found.mtu = mtu;
        }
        dev::mtu_changed(self, link);
        Ok(())
    }

    /// Sets the hardware address.
    /// # Errors
    /// `ENODEV`: no such device. `EADDRNOTAVAIL`: a group address or zero. `EOPNOTSUPP`: the loopback device has none.
    pub fn link_set_mac(&mut self, link: LinkId, mac: MacAddr) -> Result<(), Errno> {
        let found = self.net.link_mut(link).ok_or(Errno::ENODEV)?;
        if matches!(found.kind, dev::LinkKind::Ipvlan(_)) {
            return Err(Errno::EOPNOTSUPP);
        }
        if mac.is_multicast() || mac == MacAddr::ZERO {
            return Err(Errno::EADDRNOTAVAIL);
        }
        let old = std::mem::replace(&mut found.mac, mac);
        found.mac_set = true;
        let ns = found.ns;
        dev::mac_changed(self, link, old);
        // Who is asked anew learns the new address by that. Source: Linux `arp_netdev_event`, NETDEV_CHANGEADDR.
        self.neigh_forget_changed(ns, link);
        Ok(())
    }

    /// Renames a device. Since Linux 6.2 it may be up meanwhile.
    /// # Errors
    /// `ENODEV`: no such device. `EEXIST`: the name is taken. `EINVAL`: no valid name.
    pub fn link_set_name(&mut self, link: LinkId, name: &str) -> Result<(), Errno> {
        let found = self.net.link(link).ok_or(Errno::ENODEV)?;
        if &*found.name == name {
            return Ok(());
        }
        let (ns, old) = (found.ns, found.name.clone());
        let name: Rc<str> = self.free_name(ns, name, "dev")?.into();
        if let Some(found) = self.net.link_mut(link) {
            for addr in &mut found.addrs {
                // Labels such as `eth0:1` keep what follows the colon. Source: Linux `inetdev_changename`.
                if let Some(label) = &addr.label {
                    let rest = label.strip_prefix(&*old).unwrap_or_default();
                    addr.label = Some(format!("{name}{rest}").into());
                }
            }
            found.rule_name = IfName::new(&name);
            found.name = name.clone();
        }
        if let Some(netns) = self.net.netns_mut(ns) {
            netns.by_name.remove(&old);
            netns.by_name.insert(name, link);
        }
        Ok(())
    }

    /// Sets the length of the transmit queue, which is only shown.
    /// # Errors
    /// `ENODEV`: no such device.
    pub fn link_set_txqlen(&mut self, link: LinkId, len: u32) -> Result<(), Errno> {
        self.net.link_mut(link).ok_or(Errno::ENODEV)?.txqlen = len;
        Ok(())
    }

    /// Changes what is written on a device.
    /// # Errors
    /// `ENODEV`: no such device.
    pub fn link_label(
        &mut self,
        link: LinkId,
        change: impl FnOnce(&mut LinkLabels),
    ) -> Result<(), Errno> {
        change(&mut self.net.link_mut(link).ok_or(Errno::ENODEV)?.labels);
        Ok(())
    }

    /// Sets how long a bridge remembers a station.
    /// # Errors
    /// `ENODEV`: no such device. `EOPNOTSUPP`: no bridge.
    pub fn bridge_set_ageing(&mut self, link: LinkId, ageing: Duration) -> Result<(), Errno> {
        match &mut self.net.link_mut(link).ok_or(Errno::ENODEV)?.kind {
            dev::LinkKind::Bridge(bridge) => {
                bridge.ageing = ageing;
                Ok(())
            }
            _ => Err(Errno::EOPNOTSUPP),
        }
    }

    /// Says whether a bridge speaks the spanning tree protocol; it is only shown.
    /// # Errors
    /// `ENODEV`, `EOPNOTSUPP` if it is no bridge.
    pub fn bridge_set_stp(&mut self, link: LinkId, on: bool) -> Result<(), Errno> {
        match &mut self.net.link_mut(link).ok_or(Errno::ENODEV)?.kind {
            dev::LinkKind::Bridge(bridge) => {
                bridge.stp = on;
                Ok(())
            }
            _ => Err(Errno::EOPNOTSUPP),
        }
    }

    /// Turns promiscuous mode on or off.
    /// # Errors
    /// `ENODEV`: no such device.
    pub fn link_set_promisc(&mut self, link: LinkId, on: bool) -> Result<(), Errno> {
        self.net.link_mut(link).ok_or(Errno::ENODEV)?.promisc = on;
        Ok(())
    }

    /// Moves a device to another namespace: down, without addresses, routes and master; it keeps its index if that is
    /// free there. Source: Linux `__dev_change_net_namespace`.
    /// # Errors
    /// `ENODEV`: no such device. `EINVAL`: loopback devices and bridges stay where they are. `EEXIST`: name taken there.
    pub fn link_set_netns(&mut self, link: LinkId, ns: NetnsId) -> Result<(), Errno> {
        let found = self.net.link(link).ok_or(Errno::ENODEV)?;
        let (old_ns, old_index, name) = (found.ns, found.index, found.name.clone());
        if old_ns == ns {
            return Ok(());
        }
        if !found.kind.is_movable() {
            return Err(Errno::EINVAL);
        }
        let target = self.net.netns(ns).ok_or(Errno::EINVAL)?;
        if target.by_name.contains_key(&name) {
            return Err(Errno::EEXIST);
        }
        let _ = self.link_set_down(link);
        let _ = self.qdisc_del(link, None);
        let _ = self.link_set_master(link, None);
        self.addr_flush(link, None);
        self.route_flush_link(old_ns, link, true);
        if let Some(old) = self.net.netns_mut(old_ns) {
            old.by_index.remove(&old_index);
            old.by_name.remove(&name);
        }
        let Some(target) = self.net.netns_mut(ns) else {
            return Err(Errno::EINVAL);
        };
        let index = if target.by_index.contains_key(&old_index) {
            target.new_index()
        } else {
            old_index
        };
        target.by_index.insert(index, link);
        target.by_name.insert(name, link);
        let (conf4, conf6) = (target.conf4_default.clone(), target.conf6_default.clone());
        if let Some(found) = self.net.link_mut(link) {
            (found.ns, found.index, found.conf4, found.conf6) = (ns, index, conf4, conf6);
        }
        self.link_refresh_all(link);
        self.netns_number_pair(link);
        Ok(())
    }
}
