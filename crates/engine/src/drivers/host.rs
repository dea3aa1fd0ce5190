//! The `host` network: containers share the machine's own namespace.

use kernel::ids::{LinkId, NetnsId};

use super::{Driver, EndpointSpec, Host, Subnet};
use crate::error::Result;

/// The one network of this kind.
pub(super) struct HostNetwork;

impl Driver for HostNetwork {
    fn name(&self) -> &'static str {
        "host"
    }

    fn has_addresses(&self) -> bool {
        false
    }

    fn create(&mut self, _host: &mut Host<'_>, _subnets: &[Subnet]) -> Result<()> {
        Ok(())
    }

    fn join(
        &mut self,
        _: &mut Host<'_>,
        _: &EndpointSpec,
        _: NetnsId,
        _: &str,
    ) -> Result<Option<LinkId>> {
        Ok(None)
    }
}
