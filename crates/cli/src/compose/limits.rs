//! What a service may use, and how it is run: settings that the engine checks and keeps.
//! Source: docker/compose `pkg/compose/create.go`, `getDeployResources`.

use compose::model::Service;
use compose::value::{Map, Value};
use engine::api::{HostConfig, LogConfig, ThrottleDevice, Ulimit, WeightDevice};

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
    host.cpu_realtime_period = whole("cpu_rt_period", (&none, ""));
    host.cpu_realtime_runtime = whole("cpu_rt_runtime", (&none, ""));
    host.cpu_count = whole("cpu_count", (&none, ""));
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
    host.cgroupns_mode = text(tree, "cgroup");
    host.device_cgroup_rules = texts(tree, "device_cgroup_rules");
    if let Some(disks) = deep(&["blkio_config"]) {
        blkio(disks, host);
    }
    let storage = tree.get("storage_opt").and_then(Value::as_map);
    let storage = storage.into_iter().flatten();
    host.storage_opt = storage
        .map(|(key, value)| (key.clone(), value.to_text()))
        .collect();
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

/// Reads weights and rates of disks.
fn blkio(disks: &Map, host: &mut HostConfig) {
    let weight = |map: &Map| number(map, "weight").and_then(|weight| u16::try_from(weight).ok());
    host.blkio_weight = weight(disks).unwrap_or(0);
    let devices = |key: &str| {
        let all = disks.get(key).and_then(Value::as_list)?;
        Some(all.iter().filter_map(Value::as_map))
    };
    let rates = |key: &str| {
        let all = devices(key)?.map(|device| ThrottleDevice {
            path: text(device, "path"),
            rate: size(device, "rate"),
        });
        Some(all.collect())
    };
    host.blkio_device_read_bps = rates("device_read_bps");
    host.blkio_device_write_bps = rates("device_write_bps");
    host.blkio_device_read_iops = rates("device_read_iops");
    host.blkio_device_write_iops = rates("device_write_iops");
    host.blkio_weight_device = devices("weight_device").map(|all| {
        let weights = all.map(|device| WeightDevice {
            path: text(device, "path"),
            weight: weight(device).unwrap_or(0),
        });
        weights.collect()
    });
}

fn size(map: &Map, key: &str) -> u64 {
    let read = compose::units::size(&text(map, key));
    read.ok()
        .and_then(|size| u64::try_from(size).ok())
        .unwrap_or(0)
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
