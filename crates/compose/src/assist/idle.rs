//! What a valid file asks for and does not get: keys that are accepted and have no effect in the simulation.

use super::diagnose::{Diagnosis, mark};
use crate::schema;
use crate::value::Value;
use crate::yaml;

/// Why a key has no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reason {
    Build,
    Cgroups,
    Groups,
    Guards,
    Limits,
    Logs,
    Mounts,
    Namespaces,
    Platforms,
    Plugins,
    Resources,
    Socket,
    Swarm,
    Watch,
    Windows,
}

impl Reason {
    /// The end of a sentence that begins with the key.
    const fn text(self) -> &'static str {
        match self {
            Self::Build => "images are not built",
            Self::Cgroups => "control groups are not simulated",
            Self::Groups => "groups are not simulated",
            Self::Guards => "AppArmor, seccomp and SELinux are not simulated",
            Self::Limits => "limits of processes are not simulated",
            Self::Logs => "logs are always kept whole",
            Self::Mounts => "mounts are not passed on between machine and container",
            Self::Namespaces => "only namespaces of networks and host names can be chosen",
            Self::Platforms => "all images are for the one simulated platform",
            Self::Plugins => "other programs that Compose would call are not there",
            Self::Resources => "the use of processors, memory and disks is not simulated",
            Self::Socket => "the engine's socket is not handed to containers",
            Self::Swarm => "Compose leaves it to a swarm",
            Self::Watch => "files are not watched",
            Self::Windows => "it is for Windows",
        }
    }
}

/// The keys, `*` for any name or item. `cargo xtask docs` reads them from here.
const IDLE: &[(&str, Reason)] = &[
    ("services.*.blkio_config", Reason::Resources),
    ("services.*.build", Reason::Build),
    ("services.*.cgroup", Reason::Cgroups),
    ("services.*.cgroup_parent", Reason::Cgroups),
    ("services.*.cpu_count", Reason::Windows),
    ("services.*.cpu_percent", Reason::Windows),
    ("services.*.cpu_period", Reason::Resources),
    ("services.*.cpu_quota", Reason::Resources),
    ("services.*.cpu_rt_period", Reason::Resources),
    ("services.*.cpu_rt_runtime", Reason::Resources),
    ("services.*.cpu_shares", Reason::Resources),
    ("services.*.cpus", Reason::Resources),
    ("services.*.cpuset", Reason::Resources),
    ("services.*.credential_spec", Reason::Windows),
    ("services.*.deploy.endpoint_mode", Reason::Swarm),
    ("services.*.deploy.labels", Reason::Swarm),
    ("services.*.deploy.mode", Reason::Swarm),
    ("services.*.deploy.placement", Reason::Swarm),
    ("services.*.deploy.resources.limits.cpus", Reason::Resources),
    (
        "services.*.deploy.resources.limits.memory",
        Reason::Resources,
    ),
    ("services.*.deploy.resources.limits.pids", Reason::Limits),
    (
        "services.*.deploy.resources.reservations.cpus",
        Reason::Resources,
    ),
    (
        "services.*.deploy.resources.reservations.generic_resources",
        Reason::Swarm,
    ),
    (
        "services.*.deploy.resources.reservations.memory",
        Reason::Resources,
    ),
    ("services.*.deploy.restart_policy.delay", Reason::Swarm),
    ("services.*.deploy.restart_policy.window", Reason::Swarm),
    ("services.*.deploy.rollback_config", Reason::Swarm),
    ("services.*.deploy.update_config", Reason::Swarm),
    ("services.*.develop", Reason::Watch),
    ("services.*.device_cgroup_rules", Reason::Cgroups),
    ("services.*.group_add", Reason::Groups),
    ("services.*.ipc", Reason::Namespaces),
    ("services.*.logging.options", Reason::Logs),
    ("services.*.mem_limit", Reason::Resources),
    ("services.*.mem_reservation", Reason::Resources),
    ("services.*.mem_swappiness", Reason::Resources),
    ("services.*.memswap_limit", Reason::Resources),
    ("services.*.models", Reason::Plugins),
    ("services.*.oom_kill_disable", Reason::Resources),
    ("services.*.oom_score_adj", Reason::Resources),
    ("services.*.pid", Reason::Namespaces),
    ("services.*.pids_limit", Reason::Limits),
    ("services.*.platform", Reason::Platforms),
    ("services.*.ports.*.mode", Reason::Swarm),
    ("services.*.provider", Reason::Plugins),
    ("services.*.security_opt", Reason::Guards),
    ("services.*.shm_size", Reason::Resources),
    ("services.*.storage_opt", Reason::Resources),
    ("services.*.ulimits", Reason::Limits),
    ("services.*.use_api_socket", Reason::Socket),
    ("services.*.userns_mode", Reason::Namespaces),
    ("services.*.volumes.*.bind.propagation", Reason::Mounts),
    ("services.*.volumes.*.bind.recursive", Reason::Mounts),
    ("services.*.volumes.*.bind.selinux", Reason::Guards),
    ("services.*.volumes.*.tmpfs.size", Reason::Resources),
    ("networks.*.attachable", Reason::Swarm),
    ("secrets.*.driver", Reason::Swarm),
    ("secrets.*.driver_opts", Reason::Swarm),
    ("secrets.*.labels", Reason::Swarm),
    ("secrets.*.template_driver", Reason::Swarm),
    ("configs.*.labels", Reason::Swarm),
    ("configs.*.template_driver", Reason::Swarm),
    ("models", Reason::Plugins),
];

/// Finds the keys of a valid file that have no effect, each with the reason; nothing for a file with faults.
pub fn remarks(text: &str) -> Vec<Diagnosis> {
    let mut found = Vec::new();
    let Ok(documents) = yaml::documents(text) else {
        return found;
    };
    for document in documents {
        let Ok(decoded) = document.decode() else {
            return Vec::new();
        };
        match &decoded.value {
            Value::Map(file) if schema::faults(file).is_empty() => {}
            _ => return Vec::new(),
        }
        for (pattern, reason) in IDLE {
            let mut paths = Vec::new();
            let parts: Vec<&str> = pattern.split('.').collect();
            follow(&decoded.value, &parts, &mut Vec::new(), &mut paths);
            for path in paths {
                let key = path.last().map(String::as_str).unwrap_or_default();
                let sentence = format!("`{key}` has no effect here: {}.", reason.text());
                found.push(mark(text, document.locate(&path), sentence, None));
            }
        }
    }
    sorted::sort_by_key(&mut found, |remark| remark.at);
    found
}

/// Collects the paths of what stands where a pattern leads. What is unset or switched off asks for nothing.
fn follow(value: &Value, parts: &[&str], path: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    let Some((part, rest)) = parts.split_first() else {
        if !matches!(value, Value::Null | Value::Bool(false)) {
            found.push(path.clone());
        }
        return;
    };
    let mut step = |key: String, value: &Value| {
        path.push(key);
        follow(value, rest, path, found);
        path.pop();
    };
    match value {
        Value::Map(map) => map
            .iter()
            .filter(|(key, _)| *part == "*" || key == part)
            .for_each(|(key, value)| step(key.clone(), value)),
        Value::List(items) if *part == "*" => items
            .iter()
            .enumerate()
            .for_each(|(at, item)| step(at.to_string(), item)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let remarks = remarks(text).into_iter();
        remarks
            .map(|r| format!("{}:{}+{} {}", r.at.line, r.at.column, r.len, r.text))
            .collect()
    }

    #[test]
    fn keys_without_effect_are_told_where_they_are() {
        let text = "services:\n  web:\n    image: nginx\n    cpus: 0.5\n    init: true\n    ports:\n      - target: 80\n        mode: host\n    deploy:\n      replicas: 2\n      labels: [a=b]\n";
        assert_eq!(
            shown(text),
            [
                "4:5+4 `cpus` has no effect here: the use of processors, memory and disks is not simulated.",
                "8:9+4 `mode` has no effect here: Compose leaves it to a swarm.",
                "11:7+6 `labels` has no effect here: Compose leaves it to a swarm.",
            ]
        );
    }

    #[test]
    fn what_has_an_effect_or_a_fault_gets_no_remark() {
        let text = "services:\n  web:\n    image: nginx\n    labels: [a=b]\n    restart: always\n    deploy:\n      replicas: 2\nnetworks:\n  a:\n    internal: true\n";
        assert_eq!(shown(text), Vec::<String>::new());
        let broken = "services:\n  web:\n    imagee: nginx\n    cpus: 1\n";
        assert_eq!(shown(broken), Vec::<String>::new());
        assert_eq!(shown("a: b: c"), Vec::<String>::new());
    }

    #[test]
    fn every_key_of_the_table_is_one_of_the_schema() {
        for (pattern, _) in IDLE {
            let path: Vec<String> = pattern
                .split('.')
                .map(|part| part.replace('*', "0"))
                .collect();
            assert!(!schema::at(&path).is_empty(), "{pattern}");
        }
    }

    #[test]
    fn a_file_with_all_of_them_gets_all_remarks() {
        let text = include_str!("../../tests/support/idle.yaml");
        let remarks = remarks(text);
        for (pattern, reason) in IDLE {
            let key = pattern.rsplit('.').next().unwrap();
            let sentence = format!("`{key}` has no effect here: {}.", reason.text());
            assert!(remarks.iter().any(|r| r.text == sentence), "{pattern}");
        }
        assert_eq!(remarks.len(), IDLE.len());
    }
}
