//! The `none` network: a namespace with nothing but loopback.

use kernel::ids::{LinkId, NetnsId};

use super::{Driver, EndpointSpec, Host, Subnet};
use crate::error::Result;

/// The one network of this kind.
pub(super) struct Null;

impl Driver for Null {
    fn name(&self) -> &'static str {
        "null"
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
