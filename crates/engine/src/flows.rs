//! Forgetting tracked flows, so that none outlives what it was about.
//!
//! A flow keeps to the container or the process that its first packet went to, also when the ports are somebody else's by
//! now. They are forgotten whenever a container gains or loses the network that its ports are on, published or not.
//! Source: moby `libnetwork/drivers/bridge/bridge_linux.go`, `ProgramExternalConnectivity`, and `iptables/conntrack.go`.

use std::net::IpAddr;

use kernel::netfilter::conntrack::{ConnInfo, L4};
use wire::Proto;

use crate::daemon::Engine;
use crate::ports;

impl Engine {
    /// Forgets the flows that answer from or to a container's addresses on a network, and the UDP flows to the ports of the
    /// machine that it has published by now.
    pub(crate) fn forget_flows(&self, container: &str, network_id: &str) {
        let ns = self.ns();
        self.with(|state, kernel| {
            let Some(endpoint) = state
                .networks
                .get(network_id)
                .filter(|n| n.driver.as_ref().is_some_and(|d| d.publishes_ports()))
                .and_then(|n| n.endpoints.get(container))
            else {
                return;
            };
            let addrs: Vec<IpAddr> = endpoint.spec.addrs.iter().map(|net| net.addr()).collect();
            let sandbox = state
                .containers
                .get(container)
                .and_then(|c| c.sandbox.as_ref());
            let published = sandbox.into_iter().flat_map(|s| &s.published);
            let udp: Vec<u16> = published
                .filter(|p| p.port.proto == ports::Proto::Udp)
                .filter_map(|p| p.allocated.map(|(_, port)| port))
                .collect();
            let is_stale = |flow: &ConnInfo| {
                let to_port = matches!(flow.original.l4, L4::Ports { dst, .. } if udp.contains(&dst))
                    && flow.original.proto == Proto::UDP;
                to_port || addrs.contains(&flow.reply.src) || addrs.contains(&flow.reply.dst)
            };
            let now = kernel.now;
            let Some(nf) = kernel.net.netns_mut(ns).map(|ns| &mut ns.nf) else {
                return;
            };
            // Where nothing was ever tracked there is nothing to forget.
            if nf.conntrack().is_none() {
                return;
            }
            let flows = nf.conntrack_mut();
            for flow in flows.list(now).iter().filter(|flow| is_stale(flow)) {
                flows.delete(flow.id, now);
            }
        });
    }
}
