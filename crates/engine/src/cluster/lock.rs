//! Managers whose store is encrypted with a key of the user's: after a restart they wait for it.
//!
//! Source: moby `daemon/cluster/swarm.go`, `UnlockSwarm`; swarmkit `manager/encryption`, `ParseHumanReadableKey`.

use super::{no_manager, no_node};
use crate::daemon::Engine;
use crate::error::{Error, Result};

const PREFIX: &str = "SWMKEY-1-";
/// Bytes of a key.
const KEY_LENGTH: usize = 32;

/// Why nothing can be asked of a manager that is locked.
pub(super) fn locked() -> Error {
    Error::unavailable(
        "Swarm is encrypted and needs to be unlocked before it can be used. Please use \"docker swarm unlock\" to unlock it.",
    )
}

impl Engine {
    /// Whether the engine is a manager that waits for its key.
    pub(super) fn is_locked(&self) -> bool {
        self.state().membership.locked.is_some()
    }

    /// Puts what the manager knows away until it is unlocked, if it has to be. True if it did.
    pub(super) fn lock(&self) -> bool {
        let mut state = self.state();
        let membership = &mut state.membership;
        let locks = |s: &super::Swarm| s.manager && !s.store.unlock_key.is_empty();
        if membership.swarm.as_deref().is_some_and(locks) {
            membership.locked = membership.swarm.take();
        }
        membership.locked.is_some()
    }

    /// Why an engine that is in no swarm, as far as it can tell, cannot be asked.
    pub(super) fn why_no_manager(&self) -> Error {
        match self.is_locked() {
            true => locked(),
            false => no_manager(),
        }
    }

    /// `POST /swarm/unlock`.
    pub(crate) async fn swarm_unlock(&self, key: String) -> Result<()> {
        if !self.is_locked() {
            return Err(match self.in_swarm() {
                true => Error::conflict("swarm is not locked"),
                false => no_node(),
            });
        }
        let bytes = key.strip_prefix(PREFIX).and_then(|digits| {
            let padded = format!("{digits}{}", "=".repeat((4 - digits.len() % 4) % 4));
            wire::base64::decode(&padded)
        });
        if bytes.is_none_or(|b| b.len() != KEY_LENGTH) {
            return Err(Error::invalid("invalid key string"));
        }
        let opened = {
            let mut state = self.state();
            let membership = &mut state.membership;
            let fits = |s: &super::Swarm| s.store.unlock_key == key;
            let opened = membership.locked.as_deref().is_some_and(fits);
            if opened {
                membership.swarm = membership.locked.take();
            }
            opened
        };
        if !opened {
            return Err(Error::unavailable(
                "swarm could not be unlocked: invalid key provided",
            ));
        }
        self.go_on();
        Ok(())
    }
}
