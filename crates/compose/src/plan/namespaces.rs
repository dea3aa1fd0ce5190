//! Namespaces and mounts that a service shares with another.

use crate::model::Service;
use crate::value::Value;

/// Turns `service:NAME` in a service's namespaces, and services whose volumes it mounts, into the container that `find` gives. Errors: there is none.
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
    for from in &mut service.volumes_from {
        *from = match from.strip_prefix("container:") {
            Some(container) => container.to_owned(),
            None => {
                let name = from.split(':').next().unwrap_or_default();
                find(name).ok_or_else(|| {
                    format!("cannot share volume with service {name}: container missing")
                })?
            }
        };
    }
    if !service.volumes_from.is_empty() {
        let list = service.volumes_from.iter().map(|from| from.as_str().into());
        let list = Value::List(list.collect());
        service.tree.insert("volumes_from".into(), list);
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
