//! What a task's container is told with its own names filled in: values of its service, and its secrets and configs.
//!
//! Source: swarmkit `template/context.go`, `template/getter.go`.

use super::dispatcher::Brief;
use super::executor::container_name;
use crate::api::{FileTarget, SwarmDriver, Task};
use crate::daemon::Engine;

impl Engine {
    /// Fills in what a value of a service leaves open.
    pub(super) fn fill(&self, text: &str, task: &Task, brief: &Brief) -> String {
        filled(text, task, brief, &self.sys().hostname())
    }

    /// Puts the secrets and configs of a task where its container sees them.
    pub(super) fn write_references(&self, container: &str, task: &Task, brief: &Brief) {
        let Some(spec) = &task.spec.container_spec else {
            return;
        };
        let known = self.swarm(|s| (s.assigned.secrets.clone(), s.assigned.configs.clone()));
        let (secrets, configs) = known.unwrap_or_default();
        let mut files: Vec<(String, Vec<u8>, u32)> = Vec::new();
        let mut add =
            |below: &str, file: &FileTarget, data: &str, templating: Option<&SwarmDriver>| {
                let path = match file.name.starts_with('/') {
                    true => file.name.clone(),
                    false => format!("{below}/{}", file.name),
                };
                let mut data = wire::base64::decode(data).unwrap_or_default();
                if templating.is_some_and(|t| t.name == "golang") {
                    // Here the node has no description, and so no name. Seen.
                    let text = filled(&String::from_utf8_lossy(&data), task, brief, "");
                    data = text.into_bytes();
                }
                files.push((path, data, file.mode));
            };
        for reference in &spec.secrets {
            let found = secrets.iter().find(|s| s.id == reference.secret_id);
            if let (Some(secret), Some(file)) = (found, &reference.file) {
                add(
                    "/run/secrets",
                    file,
                    &secret.spec.data,
                    secret.spec.templating.as_ref(),
                );
            }
        }
        for reference in &spec.configs {
            let found = configs.iter().find(|c| c.id == reference.config_id);
            if let (Some(config), Some(file)) = (found, &reference.file) {
                add("", file, &config.spec.data, config.spec.templating.as_ref());
            }
        }
        let mount = self.state().containers.get(container).map(|c| c.mount);
        let Some(mount) = mount else { return };
        self.sys().kernel(|k| {
            let now = k.now;
            for (path, data, mode) in files {
                let at = k.destination(mount, &path);
                let place = k.place(mount, &at);
                if let Some(tree) = k.tree_mut(place.tree) {
                    let mode = u16::try_from(mode & 0o7777).unwrap_or(0o444);
                    let node = kernel::fs::Node::File(data.into());
                    tree.put(&place.path, node, mode.into(), now);
                }
            }
        });
    }
}

fn filled(text: &str, task: &Task, brief: &Brief, host: &str) -> String {
    if !text.contains("{{") {
        return text.to_owned();
    }
    let slot = match task.slot {
        0 => task.node_id.clone(),
        slot => slot.to_string(),
    };
    let known = [
        ("Service.ID", task.service_id.clone()),
        ("Service.Name", brief.name.clone()),
        ("Node.ID", task.node_id.clone()),
        ("Node.Hostname", host.to_owned()),
        ("Task.ID", task.id.clone()),
        ("Task.Name", container_name(task, brief)),
        ("Task.Slot", slot),
    ];
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        let Some((inner, behind)) = after.split_once("}}") else {
            rest = after;
            continue;
        };
        let word = inner.trim().trim_start_matches('.');
        let value = known.iter().find(|(k, _)| *k == word);
        out.push_str(value.map_or("", |(_, v)| v));
        rest = behind;
    }
    out.push_str(rest);
    out
}
