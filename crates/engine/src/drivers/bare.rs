//! The networks `host` and `none`, for which nothing is made: a container has its machine's own namespace, or one with nothing but
//! loopback.

use kernel::ids::{LinkId, NetnsId};

use super::{Driver, EndpointSpec, Host, Subnet};
use crate::error::Result;

/// The one network of its kind.
pub(super) struct Bare {
    /// The driver's name.
    pub(super) name: &'static str,
}

impl Driver for Bare {
    fn name(&self) -> &'static str {
        self.name
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
