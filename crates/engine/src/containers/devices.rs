//! Devices of the machine that a container is given, and requests for those that nothing here can give.
//!
//! Source: moby `daemon/oci_linux.go`, `WithDevices`; `daemon/devices_linux.go`.

use kernel::fs::Node;

use crate::daemon::Engine;
use crate::error::{Error, Result};

use super::run::{CREATE_FAILED, INIT_FAILED};

/// The numbers of a device that is no disk, `major:minor`. Source: Linux `Documentation/admin-guide/devices.txt`.
fn numbers(name: &str) -> &'static str {
    match name {
        "null" => "1:3",
        "zero" => "1:5",
        "full" => "1:7",
        "random" => "1:8",
        "urandom" => "1:9",
        _ => "5:0",
    }
}

impl Engine {
    /// Looks for the devices that are to be held to a rate. None of the machines' devices is a disk, for which alone there
    /// are rates. Source: moby `daemon/daemon_unix.go`, `getBlkioThrottleDevices`; the kernel's answer was recorded.
    pub(super) fn find_limited_devices(&self, id: &str) -> Result<()> {
        let state = self.state();
        let Some(c) = state.containers.get(id) else {
            return Ok(());
        };
        let host = &c.host_config;
        let lists = [
            (&host.blkio_device_read_bps, "read_bps"),
            (&host.blkio_device_write_bps, "write_bps"),
            (&host.blkio_device_read_iops, "read_iops"),
            (&host.blkio_device_write_iops, "write_iops"),
        ];
        let mut refused = None;
        for (list, file) in lists {
            for device in list.iter().flatten() {
                let (root, path) = (self.root(), &device.path);
                let found = self.sys().kernel(|k| {
                    let real = k.destination(root, path);
                    k.lookup(root, &real).map(|found| found.node.clone())
                });
                let Some(node) = found else {
                    return Err(Error::invalid(format!(
                        "stat {path}: no such file or directory"
                    )));
                };
                let numbers = if let Node::Device(name) = &node {
                    numbers(name)
                } else {
                    "0:0"
                };
                refused.get_or_insert_with(|| {
                    Error::invalid(format!(
                        "{CREATE_FAILED}: {INIT_FAILED}: error setting cgroup config for procHooks process: failed to write \
                         \"{numbers} {}\": write /sys/fs/cgroup/blkio/docker/{id}/blkio.throttle.{file}_device: no such device",
                        device.rate
                    ))
                });
            }
        }
        refused.map_or(Ok(()), Err)
    }

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
