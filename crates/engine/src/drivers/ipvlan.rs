//! Ipvlan networks: containers share the parent's hardware address and are told apart by their IP addresses.
//!
//! In layer 3 modes the machine routes for them and there is no gateway: the default route leads to the interface.
//! Source: moby `libnetwork/drivers/ipvlan`.

use sorted::SortedMap;

use kernel::ids::{LinkId, NetnsId};
use kernel::net::{IpvlanFlag, IpvlanMode, LinkSpecKind};

use super::parent::{Parent, dummy_name};
use super::{Claim, Driver, EndpointSpec, Host, NetworkSpec, Subnet};
use crate::error::{Error, Result};

const DUMMY: &str = "di-";

/// One ipvlan network.
pub(super) struct Ipvlan {
    id: String,
    parent: Parent,
    mode: IpvlanMode,
    flag: IpvlanFlag,
    internal: bool,
    links: SortedMap<String, LinkId>,
}

impl Ipvlan {
    /// Understands a network's options. Errors: in the engine's words.
    pub(super) fn new(spec: NetworkSpec<'_>) -> Result<Self> {
        let option = |name: &str| spec.options.get(name).map_or("", String::as_str);
        let mode = match option("ipvlan_mode") {
            "" | "l2" => IpvlanMode::L2,
            "l3" => IpvlanMode::L3,
            "l3s" => IpvlanMode::L3S,
            other => {
                return Err(Error::internal(format!(
                    "requested ipvlan mode '{other}' is not valid, 'l2' mode is the ipvlan driver default"
                )));
            }
        };
        let flag = match option("ipvlan_flag") {
            "" | "bridge" => IpvlanFlag::Bridge,
            "private" => IpvlanFlag::Private,
            "vepa" => IpvlanFlag::Vepa,
            other => {
                return Err(Error::internal(format!(
                    "requested ipvlan flag '{other}' is not valid, 'bridge' is the ipvlan driver default"
                )));
            }
        };
        let parent = Parent::new("ipvlan", DUMMY, spec)?;
        Ok(Self {
            id: spec.id.to_owned(),
            internal: spec.internal || parent.is_dummy(),
            parent,
            mode,
            flag,
            links: SortedMap::new(),
        })
    }
}

impl Driver for Ipvlan {
    fn name(&self) -> &'static str {
        "ipvlan"
    }

    fn wants_gateway(&self, _v6: bool) -> bool {
        !self.internal && self.mode == IpvlanMode::L2
    }

    fn routes_by_device(&self) -> bool {
        !self.internal && self.mode != IpvlanMode::L2
    }

    fn claim(&self) -> Claim {
        Claim {
            id: self.id.clone(),
            parent: self.parent.name.clone(),
            mode: self.mode.text(),
            alone: true,
            made_device: self.parent.was_made(),
            ..Claim::default()
        }
    }

    fn create(&mut self, host: &mut Host<'_>, _subnets: &[Subnet]) -> Result<()> {
        let name = &self.parent.name;
        let other = host
            .others
            .iter()
            .find(|other| other.parent == *name && other.id != self.id);
        if let Some(other) = other {
            // The real engine, too, calls the other network by the name that its dummy would have.
            return Err(Error::internal(format!(
                "network {} is already using parent interface {name}",
                dummy_name(DUMMY, &other.id)
            )));
        }
        let made_before = host.made_before(&self.id);
        self.parent.prepare(host, made_before)
    }

    fn delete(&mut self, host: &mut Host<'_>) {
        self.parent.remove(host);
    }

    fn create_endpoint(&mut self, _host: &mut Host<'_>, endpoint: &mut EndpointSpec) -> Result<()> {
        if endpoint.mac.is_some() {
            return Err(Error::internal(
                "ipvlan interfaces do not support custom mac address assignment",
            ));
        }
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
        let (mode, flag) = (self.mode, self.flag);
        let kind = |lower| LinkSpecKind::Ipvlan { lower, mode, flag };
        let link = self.parent.attach(host, kind, endpoint, sandbox, name)?;
        self.links.insert(endpoint.id.clone(), link);
        Ok(Some(link))
    }
}
