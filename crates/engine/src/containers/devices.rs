//! Devices of the machine that a container is given, and requests for those that nothing here can give.
//!
//! Source: moby `daemon/oci_linux.go`, `WithDevices`; `daemon/devices_linux.go`.

use kernel::fs::Node;

use crate::daemon::Engine;
use crate::error::{Error, Result};

impl Engine {
    /// Gives a container that is about to start its devices.
    pub(super) fn hand_over_devices(&self, id: &str) -> Result<()> {
        let state = self.state();
        let Some(c) = state.containers.get(id) else {
            return Ok(());
        };
        if let Some(request) = c.host_config.device_requests.iter().flatten().next() {
            let kinds = request.capabilities.iter().flatten();
            let kinds: Vec<String> = kinds.map(|all| format!("[{}]", all.join(" "))).collect();
            return Err(Error::invalid(format!(
                "could not select device driver \"{}\" with capabilities: [{}]",
                request.driver,
                kinds.join(" ")
            )));
        }
        for device in c.host_config.devices.iter().flatten() {
            let path = &device.path_on_host;
            let refused = |why: &str| {
                Error::invalid(format!(
                    "error gathering device information while adding custom device \"{path}\": {why}"
                ))
            };
            let (root, inside) = (self.root(), c.mount);
            self.sys().kernel(|k| {
                let real = k.destination(root, path);
                let found = k.lookup(root, &real).map(|found| found.node.clone());
                let found = found.ok_or_else(|| refused("no such file or directory"))?;
                if !matches!(found, Node::Device(_)) {
                    return Err(refused("not a device node"));
                }
                let now = k.now;
                let place = k.destination(inside, &device.path_in_container);
                if let Some(tree) = k.tree_mut(inside) {
                    tree.put(&place, found, 0o666, now);
                }
                Ok(())
            })?;
        }
        Ok(())
    }
}
