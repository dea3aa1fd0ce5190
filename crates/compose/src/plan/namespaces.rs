//! Namespaces that a service shares with another.

use crate::model::Service;

/// Turns `service:NAME` in a service's namespaces into the container that `find` gives. Errors: there is none.
pub fn share_namespaces(
    service: &mut Service,
    find: impl Fn(&str) -> Option<String>,
) -> Result<(), String> {
    let modes = [
        ("network", &mut service.network_mode),
        ("IPC", &mut service.ipc),
        ("PID", &mut service.pid),
    ];
    for (what, mode) in modes {
        let Some(name) = mode.as_deref().and_then(|m| m.strip_prefix("service:")) else {
            continue;
        };
        let Some(id) = find(name) else {
            return Err(format!(
                "cannot share {what} namespace with service {name}: container missing"
            ));
        };
        *mode = Some(format!("container:{id}"));
    }
    // The hash is that of the tree.
    for (key, mode) in [
        ("network_mode", &service.network_mode),
        ("ipc", &service.ipc),
        ("pid", &service.pid),
    ] {
        if let Some(mode) = mode {
            service.tree.insert(key.into(), mode.as_str().into());
        }
    }
    Ok(())
}
