//! Macvlan networks: each container has an interface with an address of its own on the parent's wire.
//!
//! The gateway is a router out there; the engine puts its address on nothing, writes no rules and publishes no ports.
//! Source: moby `libnetwork/drivers/macvlan`.

use sorted::SortedMap;

use kernel::ids::{LinkId, NetnsId};
use kernel::net::{LinkSpecKind, MacvlanMode};

use super::parent::Parent;
use super::{Claim, Driver, EndpointSpec, Host, NetworkSpec, Subnet};
use crate::error::{Error, Result};

/// One macvlan network.
pub(super) struct Macvlan {
    id: String,
    parent: Parent,
    mode: MacvlanMode,
    internal: bool,
    links: SortedMap<String, LinkId>,
}

impl Macvlan {
    /// Understands a network's options. Errors: in the engine's words.
    pub(super) fn new(spec: NetworkSpec<'_>) -> Result<Self> {
        let mode = match spec.options.get("macvlan_mode").map_or("", String::as_str) {
            "" | "bridge" => MacvlanMode::Bridge,
            "private" => MacvlanMode::Private,
            "vepa" => MacvlanMode::Vepa,
            "passthru" => MacvlanMode::Passthru,
            other => {
                return Err(Error::internal(format!(
                    "requested macvlan mode '{other}' is not valid, 'bridge' mode is the macvlan driver default"
                )));
            }
        };
        let parent = Parent::new("macvlan", "dm-", spec)?;
        Ok(Self {
            id: spec.id.to_owned(),
            internal: spec.internal || parent.is_dummy(),
            parent,
            mode,
            links: SortedMap::new(),
        })
    }
}

impl Driver for Macvlan {
    fn name(&self) -> &'static str {
        "macvlan"
    }

    fn wants_gateway(&self, _v6: bool) -> bool {
        !self.internal
    }

    fn claim(&self) -> Claim {
        Claim {
            id: self.id.clone(),
            parent: self.parent.name.clone(),
            mode: self.mode.text(),
            alone: self.mode == MacvlanMode::Passthru,
            made_device: self.parent.was_made(),
            ..Claim::default()
        }
    }

    fn create(&mut self, host: &mut Host<'_>, _subnets: &[Subnet]) -> Result<()> {
        let name = &self.parent.name;
        for other in host
            .others
            .iter()
            .filter(|other| other.parent == *name && other.id != self.id)
        {
            if self.mode == MacvlanMode::Passthru {
                return Err(Error::internal(format!(
                    "cannot use mode passthru, macvlan network {} is already using parent interface {name}",
                    other.id
                )));
            }
            if other.alone {
                return Err(Error::internal(format!(
                    "macvlan network {} is already using parent interface {name} in mode passthru",
                    other.id
                )));
            }
        }
        let made_before = host.made_before(&self.id);
        self.parent.prepare(host, made_before)
    }

    fn delete(&mut self, host: &mut Host<'_>) {
        self.parent.remove(host);
    }

    fn create_endpoint(&mut self, host: &mut Host<'_>, endpoint: &mut EndpointSpec) -> Result<()> {
        endpoint.mac = Some(endpoint.mac.unwrap_or_else(|| host.kernel.random_mac()));
        Ok(())
    }

    fn delete_endpoint(&mut self, host: &mut Host<'_>, endpoint: &EndpointSpec) {
        if let Some(link) = self.links.remove(&endpoint.id) {
            // Gone already if the container's namespace went first.
            let _ = host.kernel.link_del(link);
        }
    }

    fn join(
        &mut self,
        host: &mut Host<'_>,
        endpoint: &EndpointSpec,
        sandbox: NetnsId,
        name: &str,
    ) -> Result<Option<LinkId>> {
        let mode = self.mode;
        let kind = |lower| LinkSpecKind::Macvlan { lower, mode };
        let link = self.parent.attach(host, kind, endpoint, sandbox, name)?;
        if let (MacvlanMode::Passthru, Some(mac)) = (mode, endpoint.mac) {
            // It came with the parent's address; the endpoint's own then becomes the parent's too.
            let _ = host.kernel.link_set_mac(link, mac);
        }
        self.links.insert(endpoint.id.clone(), link);
        Ok(Some(link))
    }
}
