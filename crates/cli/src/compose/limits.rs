//! What a service may use, and how it is run: settings that the engine checks and keeps.
//! Source: docker/compose `pkg/compose/create.go`, `getDeployResources`.

use compose::model::Service;
use compose::value::{Map, Value};
use engine::api::{HostConfig, LogConfig, Ulimit};

use crate::session::{Failure, complaint};

/// Puts the service's settings into the request.
pub(super) fn apply(service: &Service, host: &mut HostConfig) -> Result<(), Failure> {
    let tree = &service.tree;
    let none = Map::new();
    let deep = |path: &[&str]| {
        path.iter()
            .try_fold(tree, |map, key| map.get(*key)?.as_map())
    };
    let limits = deep(&["deploy", "resources", "limits"]).unwrap_or(&none);
    let kept = deep(&["deploy", "resources", "reservations"]).unwrap_or(&none);
    // What `deploy` says wins.
    let whole = |key, (map, other): (&Map, &str)| {
        number(map, other)
            .or_else(|| number(tree, key))
            .unwrap_or(0)
    };
    host.memory = whole("mem_limit", (limits, "memory"));
    host.memory_reservation = whole("mem_reservation", (kept, "memory"));
    host.memory_swap = whole("memswap_limit", (&none, ""));
    host.shm_size = whole("shm_size", (&none, ""));
    host.cpu_shares = whole("cpu_shares", (&none, ""));
    host.cpu_period = whole("cpu_period", (&none, ""));
    host.cpu_quota = whole("cpu_quota", (&none, ""));
    host.oom_score_adj = whole("oom_score_adj", (&none, ""));
    host.memory_swappiness = number(tree, "mem_swappiness");
    host.pids_limit = number(limits, "pids").or_else(|| number(tree, "pids_limit"));
    let cpus = [limits, tree].map(|map| map.get("cpus").map(Value::to_text));
    let cpus = cpus.into_iter().flatten().next();
    let cpus = cpus
        .and_then(|cpus| cpus.parse::<f64>().ok())
        .unwrap_or(0.0);
    host.nano_cpus = (cpus * 1e9) as i64;
    host.cpuset_cpus = text(tree, "cpuset");
    host.cgroup_parent = text(tree, "cgroup_parent");
    host.runtime = text(tree, "runtime");
    host.userns_mode = text(tree, "userns_mode");
    host.uts_mode = text(tree, "uts");
    host.isolation = text(tree, "isolation");
    host.security_opt = texts(tree, "security_opt");
    for option in host.security_opt.iter().flatten() {
        if !option.contains(['=', ':']) && option != "no-new-privileges" {
            let option = crate::go::quote(option);
            return Err(complaint(format!("invalid security-opt: {option}")));
        }
    }
    host.group_add = texts(tree, "group_add");
    host.oom_kill_disable = tree.get("oom_kill_disable").map(Value::is_true);
    host.ulimits = ulimits(tree);
    if let Some(logging) = deep(&["logging"]) {
        let options = logging.get("options").and_then(Value::as_map);
        let options = options.into_iter().flatten();
        host.log_config = LogConfig {
            kind: text(logging, "driver"),
            config: options
                .map(|(key, value)| (key.clone(), value.to_text()))
                .collect(),
        };
    }
    Ok(())
}

/// Reads limits of processes; a number alone is both the soft one and the hard one.
fn ulimits(tree: &Map) -> Option<Vec<Ulimit>> {
    let all = tree.get("ulimits")?.as_map()?.iter();
    let read = |(name, limit): (&String, &Value)| {
        let one = |key| match limit.as_map() {
            Some(both) => number(both, key),
            None => limit.to_text().parse().ok(),
        };
        Ulimit {
            name: name.clone(),
            hard: one("hard").unwrap_or(0),
            soft: one("soft").unwrap_or(0),
        }
    };
    Some(all.map(read).collect())
}

fn number(map: &Map, key: &str) -> Option<i64> {
    map.get(key)?.to_text().parse().ok()
}

fn text(map: &Map, key: &str) -> String {
    map.get(key).map(Value::to_text).unwrap_or_default()
}

fn texts(map: &Map, key: &str) -> Option<Vec<String>> {
    let all = map.get(key)?.as_list()?;
    Some(all.iter().map(Value::to_text).collect())
}
