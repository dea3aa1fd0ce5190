//! The kernel's part of an attachment: an address, an interface in a namespace, an entry among the network's endpoints.

use ipnet::IpNet;
use kernel::Kernel;
use kernel::ids::NetnsId;

use super::interface::{free_name, give_addresses, set_sysctls};
use super::{allocate, is_long, release};
use crate::drivers::{EndpointSpec, Host, adding, os_error};
use crate::error::{Error, Result};
use crate::names::random_id;
use crate::state::{Attachment, Endpoint, State};

const IFNAME: &str = "com.docker.network.endpoint.ifname";
pub(super) const SYSCTLS: &str = "com.docker.network.endpoint.sysctls";

/// An attachment to be made.
pub(crate) struct Plug<'a> {
    /// The machine's own namespace.
    pub(crate) ns: NetnsId,
    /// The network's id.
    pub(crate) network: &'a str,
    /// What it is asked for as.
    pub(crate) called: &'a str,
    /// Id of the container, or of another sandbox, whose endpoint it is.
    pub(crate) owner: &'a str,
    /// The endpoint's name.
    pub(crate) name: String,
    /// The namespace that its interface goes to.
    pub(crate) netns: NetnsId,
    /// What is wanted.
    pub(crate) attachment: &'a Attachment,
    /// Whether it gets IPv6 addresses.
    pub(crate) ipv6: bool,
    /// Whether its interface is made on the machine first.
    pub(crate) moved: bool,
    /// The names that it answers to.
    pub(crate) dns_names: Vec<String>,
}

/// Makes it. Leaves nothing behind if that fails.
pub(crate) fn plug(state: &mut State, kernel: &mut Kernel, plug: Plug<'_>) -> Result<EndpointSpec> {
    let Plug {
        network: network_id,
        netns,
        attachment,
        ..
    } = plug;
    let id = random_id(&mut kernel.rng);
    let mut spec = allocate(state, network_id, attachment, id, plug.ipv6)?;
    spec.moved = plug.moved;
    let config = state.config.clone();
    let network = state
        .networks
        .get_mut(network_id)
        .ok_or_else(|| Error::no_such_network(plug.called))?;
    let name = network.name.clone();
    let Some(driver) = network.driver.as_mut() else {
        return Err(Error::internal(format!("network {name} has no driver")));
    };
    let mut host = Host {
        kernel,
        ns: plug.ns,
        firewall: &mut state.firewall,
        config: &config,
        others: &[],
    };
    let mut interface = None;
    let created = driver
        .create_endpoint(&mut host, &mut spec)
        .map_err(|error| {
            error.within(format!(
                "failed to create endpoint {} on network {name}",
                plug.name
            ))
        });
    let made = created.and_then(|()| {
        let option = |name: &str| attachment.settings.driver_opts.as_ref()?.get(name);
        let ifname = option(IFNAME)
            .filter(|name| !name.is_empty())
            .cloned()
            .unwrap_or_else(|| free_name(host.kernel, netns, driver.interface_prefix()));
        interface = driver.join(&mut host, &spec, netns, &ifname)?;
        let Some(link) = interface else {
            return Ok(());
        };
        let source = driver.source_name(&spec);
        give_addresses(host.kernel, netns, link, (&source, &ifname), &spec)?;
        let sysctls = option(SYSCTLS).map(String::as_str).unwrap_or_default();
        set_sysctls(host.kernel, netns, &ifname, sysctls).map_err(|e| e.within(adding(&source)))?;
        host.kernel
            .link_set_up(link)
            .map_err(|e| os_error("failed to set link up", e))?;
        announceable(&attachment.wanted_mac, &spec).map_err(|e| e.within(adding(&source)))
    });
    if let Err(error) = made {
        driver.delete_endpoint(&mut host, &spec);
        release(state, network_id, &spec);
        return Err(error);
    }
    let endpoint = Endpoint {
        name: plug.name,
        interface,
        gw_priority: attachment.settings.gw_priority,
        dns_names: plug.dns_names,
        spec: spec.clone(),
    };
    network.endpoints.insert(plug.owner.to_owned(), endpoint);
    Ok(spec)
}

/// Before it announces an interface's addresses the engine compares its hardware address with the one asked for, of which
/// the kernel took no more than fits. Source: moby `libnetwork/osl/interface_linux.go`, `advertiseAddrs`.
fn announceable(wanted: &str, spec: &EndpointSpec) -> Result<()> {
    match spec.mac {
        Some(mac) if is_long(wanted) => Err(Error::internal(format!(
            "failed to advertise addresses: MAC address changed, got {mac}, expected {wanted}"
        ))),
        _ => Ok(()),
    }
}

/// The address of one family among an endpoint's.
pub(super) fn addressed(spec: &EndpointSpec, v6: bool) -> Option<IpNet> {
    let mut addrs = spec.addrs.iter();
    addrs.find(|a| a.addr().is_ipv6() == v6).copied()
}
