//! Changing virtual services, as `ipvsadm` and the Docker Engine do.

use crate::ids::NetnsId;
use crate::netfilter::{Ipvs, RealServer, ServiceKey};
use crate::state::Kernel;
use std::net::IpAddr;

/// A real server and its load: established connections, and others.
pub type Load = (RealServer, usize, usize);

impl Kernel {
    /// Makes a virtual service for what carries `mark`, without servers.
    pub fn ipvs_add_service(&mut self, ns: NetnsId, mark: u32) {
        if let Some(netns) = self.net.netns_mut(ns) {
            netns.nf.ipvs_mut().add(ServiceKey::Mark(mark));
        }
    }

    /// Removes the virtual service for what carries `mark`.
    pub fn ipvs_del_service(&mut self, ns: NetnsId, mark: u32) {
        if let Some(netns) = self.net.netns_mut(ns) {
            let services = &mut netns.nf.ipvs_mut().services;
            services.retain(|s| s.key != ServiceKey::Mark(mark));
        }
    }

    /// Gives such a service these servers, by address and weight, in place of those that it has.
    pub fn ipvs_set_destinations(&mut self, ns: NetnsId, mark: u32, wanted: &[(IpAddr, u32)]) {
        let netns = self.net.netns_mut(ns);
        let service = netns.and_then(|n| n.nf.ipvs_mut().service_mut(ServiceKey::Mark(mark)));
        let Some(service) = service else { return };
        service.retain(|s| wanted.iter().any(|(addr, _)| *addr == s.addr));
        for (addr, weight) in wanted.iter().copied() {
            service.set(RealServer {
                addr,
                port: 0,
                weight,
            });
        }
    }

    /// The virtual services of a namespace, each with its servers and their load.
    #[must_use]
    pub fn ipvs_list(&self, ns: NetnsId) -> Vec<(ServiceKey, Vec<Load>)> {
        let nf = self.net.netns(ns).map(|n| &n.nf);
        let (Some(ipvs), Some(ct)) = (
            nf.and_then(|nf| nf.ipvs()),
            nf.and_then(|nf| nf.conntrack()),
        ) else {
            return Vec::new();
        };
        let loaded = |key, server: &RealServer| {
            let (active, inactive) = Ipvs::load(key, server.addr, ct);
            (*server, active, inactive)
        };
        let each = ipvs.services.iter().map(|s| {
            let servers = s.servers.iter().map(|server| loaded(s.key, server));
            (s.key, servers.collect())
        });
        each.collect()
    }
}
