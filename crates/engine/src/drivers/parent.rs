//! The device of the machine that macvlan and ipvlan networks stand on: given, made on demand, or a dummy.
//!
//! Source: moby `libnetwork/drivers/macvlan/macvlan_setup.go` and its twin for ipvlan.

use kernel::Errno;
use kernel::ids::{LinkId, NetnsId};
use kernel::net::{LinkSpec, LinkSpecKind};

use super::{EndpointSpec, Host, NetworkSpec, os_error};
use crate::error::{Error, Result};
use crate::names::{hex, short_id};

/// The option that names it.
const OPTION: &str = "parent";

/// A network's parent.
#[derive(Clone, Debug)]
pub(super) struct Parent {
    /// The driver, as messages call it.
    driver: &'static str,
    /// Its name.
    pub(super) name: String,
    /// The name that a dummy would have; it is the network's parent if none was given.
    dummy: String,
    /// Whether the engine made it, and will remove it.
    made: bool,
}

impl Parent {
    /// Reads it from a network's options. `prefix`: what the names of this driver's dummies begin with.
    pub(super) fn new(driver: &'static str, prefix: &str, spec: NetworkSpec<'_>) -> Result<Self> {
        let dummy = dummy_name(prefix, spec.id);
        let given = spec.options.get(OPTION).filter(|name| !name.is_empty());
        if given.is_some_and(|name| name == "lo") {
            return Err(Error::internal(format!(
                "loopback interface is not a valid {driver} parent link"
            )));
        }
        Ok(Self {
            driver,
            name: given.unwrap_or(&dummy).clone(),
            dummy,
            made: false,
        })
    }

    /// Whether it is a dummy, by which nothing leaves the machine.
    pub(super) fn is_dummy(&self) -> bool {
        self.name == self.dummy
    }

    /// Makes it if it is not there. `made_before`: the engine made it at an earlier start.
    pub(super) fn prepare(&mut self, host: &mut Host<'_>, made_before: bool) -> Result<()> {
        self.made = made_before;
        if host.kernel.link_by_name(host.ns, &self.name).is_some() {
            return Ok(());
        }
        let link = if self.is_dummy() {
            self.make(host, LinkSpecKind::Dummy)?
        } else {
            let (lower, id) = self.vlan(host)?;
            self.make(host, LinkSpecKind::Vlan { lower, id })?
        };
        self.made = true;
        host.kernel.link_set_up(link).map_err(|e| {
            let what = format!(
                "failed to enable {} the {} parent link",
                self.name, self.driver
            );
            Error::internal(format!("{what} {}", e.text().to_ascii_lowercase()))
        })
    }

    fn make(&self, host: &mut Host<'_>, kind: LinkSpecKind) -> Result<LinkId> {
        let mut spec = LinkSpec::new(self.name.clone(), kind);
        spec.txqlen = Some(0);
        host.kernel
            .link_add(host.ns, spec)
            .map_err(|e| os_error(&format!("failed to create {} vlan link", self.name), e))
    }

    /// The device and the tag that a name such as `eth0.10` stands for.
    fn vlan(&self, host: &Host<'_>) -> Result<(LinkId, u16)> {
        let name = &self.name;
        let parts: Vec<&str> = name.split('.').collect();
        let (lower, tag) = match parts.as_slice() {
            [_] => {
                return Err(Error::internal(format!(
                    "invalid subinterface vlan name {name}, example formatting is eth0.10"
                )));
            }
            [lower, tag] => (*lower, *tag),
            _ => {
                return Err(Error::internal(format!(
                    "required interface name format is: name.vlan_id, ex. eth0.10 for vlan 10, instead received {name}"
                )));
            }
        };
        let number: i64 = tag.parse().map_err(|_bad| {
            Error::internal(format!(
                "unable to parse a valid vlan id from: {tag} (ex. eth0.10 for vlan 10)"
            ))
        })?;
        let link = host.kernel.link_by_name(host.ns, lower).ok_or_else(|| {
            Error::internal(format!(
                "-o parent interface was not found on the host: {lower}"
            ))
        })?;
        let id = u16::try_from(number)
            .ok()
            .filter(|id| (1..=kernel::net::dev::vlan::MAX_ID).contains(id));
        let id = id.ok_or_else(|| {
            Error::internal(format!(
                "vlan id must be between 1-4094, received: {number}"
            ))
        })?;
        Ok((link, id))
    }

    /// Whether the engine made it.
    pub(super) fn was_made(&self) -> bool {
        self.made
    }

    /// Removes it if the engine made it.
    pub(super) fn remove(&self, host: &mut Host<'_>) {
        if let Some(link) = host.kernel.link_by_name(host.ns, &self.name)
            && self.made
        {
            let _ = host.kernel.link_del(link);
        }
    }

    /// Makes an endpoint's interface on it, on the machine as the engine does, and moves it into the sandbox: so its number
    /// is one of the machine's.
    pub(super) fn attach(
        &self,
        host: &mut Host<'_>,
        kind: impl FnOnce(LinkId) -> LinkSpecKind,
        endpoint: &EndpointSpec,
        sandbox: NetnsId,
        name: &str,
    ) -> Result<LinkId> {
        let lower = host
            .kernel
            .link_by_name(host.ns, &self.name)
            .ok_or_else(|| {
                Error::internal(format!(
                    "the requested parent interface {} was not found on the Docker host",
                    self.name
                ))
            })?;
        let mut spec = LinkSpec::new(format!("veth{}", hex(&mut host.kernel.rng, 7)), kind(lower));
        spec.txqlen = Some(0);
        spec.mac = endpoint.mac;
        let link = host
            .kernel
            .link_add(host.ns, spec)
            .map_err(|e| os_error(&format!("failed to create the {} port", self.driver), e))?;
        let moved = host
            .kernel
            .link_set_netns(link, sandbox)
            .and_then(|()| host.kernel.link_set_name(link, name));
        match moved {
            Ok(()) => Ok(link),
            Err(error) => {
                let _ = host.kernel.link_del(link);
                Err(refused_name(name, error))
            }
        }
    }
}

fn refused_name(name: &str, error: Errno) -> Error {
    os_error(&format!("failed to set name {name}"), error)
}

/// The name of a network's dummy.
pub(super) fn dummy_name(prefix: &str, network: &str) -> String {
    format!("{prefix}{}", short_id(network))
}
