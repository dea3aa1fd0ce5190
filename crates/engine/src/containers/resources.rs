//! Limits of memory and processors: which are refused, when they are given and when they are changed. None is simulated.
//!
//! Source: moby `daemon/daemon_unix.go` (`verifyPlatformContainerResources`), `container/container_unix.go` (`UpdateContainer`).

use crate::api::HostConfig;
use crate::error::{Error, Result};
use crate::system::CPUS;

/// Least memory that a container may be given, bytes.
const LEAST_MEMORY: i64 = 6 * 1024 * 1024;
const NANO_CPUS: i64 = 1_000_000_000;
/// The machines have one node of memory.
const MEMORY_NODES: u64 = 1;
/// The machines' kernel has control groups of the first version, without weights for disks.
const NO_BLKIO_WEIGHT: &str =
    "Your kernel does not support Block I/O weight or the cgroup is not mounted. Weight discarded.";
const NO_BLKIO_WEIGHT_DEVICE: &str = "Your kernel does not support Block I/O weight_device or the cgroup is not mounted. \
     Weight-device discarded.";
const NO_OOM_KILLER: &str = "OOM killer is disabled for the container, but no memory limit is set, this can result in the \
     system running out of resources.";

/// Checks the limits of a container that is made, or, if `update`, those that are to be changed. Returns what the user is
/// to be warned of. Errors: `Invalid` with the sentence for the user.
pub(super) fn check(host_config: &mut HostConfig, update: bool) -> Result<Vec<String>> {
    let mut warnings = Vec::new();
    let memory = host_config.memory;
    let refuse = |why: &str| Err(Error::invalid(why));
    if memory != 0 && memory < LEAST_MEMORY {
        return refuse("Minimum memory limit allowed is 6MB");
    }
    let swap = host_config.memory_swap;
    if memory > 0 && swap > 0 && swap < memory {
        return refuse("Minimum memoryswap limit should be larger than memory limit, see usage");
    }
    if memory == 0 && swap > 0 && !update {
        return refuse(
            "You should always set the Memory limit when using Memoryswap limit, see usage",
        );
    }
    let swappiness = host_config.memory_swappiness.unwrap_or(-1);
    if !(-1..=100).contains(&swappiness) {
        return refuse(&format!(
            "Invalid value: {swappiness}, valid memory swappiness range is 0-100"
        ));
    }
    let kept = host_config.memory_reservation;
    if kept > 0 && kept < LEAST_MEMORY {
        return refuse("Minimum memory reservation allowed is 6MB");
    }
    if memory > 0 && kept > memory {
        return refuse(
            "Minimum memory limit can not be less than memory reservation limit, see usage",
        );
    }
    if memory == 0 && host_config.oom_kill_disable == Some(true) {
        warnings.push(NO_OOM_KILLER.to_owned());
    }
    processors(host_config)?;
    let shares = host_config.cpu_shares;
    if shares < 0 && !update {
        return refuse(&format!(
            "invalid CPU shares ({shares}): value must be a positive integer"
        ));
    }
    if std::mem::take(&mut host_config.blkio_weight) > 0 {
        warnings.push(NO_BLKIO_WEIGHT.to_owned());
    }
    let weights = host_config.blkio_weight_device.as_mut();
    if let Some(weights) = weights.filter(|weights| !weights.is_empty()) {
        weights.clear();
        warnings.push(NO_BLKIO_WEIGHT_DEVICE.to_owned());
    }
    Ok(warnings)
}

fn processors(host_config: &HostConfig) -> Result<()> {
    let refuse = |why: &str| Err(Error::invalid(why));
    let (cpus, period, quota) = (
        host_config.nano_cpus,
        host_config.cpu_period,
        host_config.cpu_quota,
    );
    for (other, name) in [(period, "Period"), (quota, "Quota")] {
        if cpus > 0 && other > 0 {
            return refuse(&format!(
                "Conflicting options: Nano CPUs and CPU {name} cannot both be set"
            ));
        }
    }
    let most = i64::try_from(CPUS).unwrap_or(1);
    if cpus < 0 || cpus > most * NANO_CPUS {
        return refuse(&format!(
            "range of CPUs is from 0.01 to {most}.00, as there are only {most} CPUs available"
        ));
    }
    let (realtime, of) = (
        host_config.cpu_realtime_runtime,
        host_config.cpu_realtime_period,
    );
    if of != 0 && realtime > of {
        return refuse("cpu real-time runtime cannot be higher than cpu real-time period");
    }
    if period != 0 && !(1000..=1_000_000).contains(&period) {
        return refuse(
            "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)",
        );
    }
    if quota > 0 && quota < 1000 {
        return refuse("CPU cfs quota can not be less than 1ms (i.e. 1000)");
    }
    set(&host_config.cpuset_cpus, CPUS, "cpus", "CPUs")?;
    set(
        &host_config.cpuset_mems,
        MEMORY_NODES,
        "mems",
        "memory nodes",
    )
}

/// Checks a set of numbers such as `0-1,3`, of which there are `count`. Source: moby `pkg/parsers`, `ParseUintList`.
fn set(given: &str, count: u64, name: &str, what: &str) -> Result<()> {
    if given.is_empty() {
        return Ok(());
    }
    let last_of = |range: &str| {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
        (first <= last).then_some(last)
    };
    let Some(lasts) = given.split(',').map(last_of).collect::<Option<Vec<u64>>>() else {
        return Err(Error::invalid(format!(
            "Invalid value {given} for cpuset {name}: invalid format: {given}"
        )));
    };
    if lasts.iter().any(|last| *last >= count) {
        let available = match count {
            1 => "0".to_owned(),
            count => format!("0-{}", count - 1),
        };
        return Err(Error::invalid(format!(
            "Requested {what} are not available - requested {given}, available: {available}"
        )));
    }
    Ok(())
}

/// Changes the limits of a container to those of `new` that are given. Errors: `Conflict` where one given before stands in
/// the way of another.
pub(super) fn update(own: &mut HostConfig, new: &HostConfig) -> Result<()> {
    for (given, one, kept, other) in [
        (new.nano_cpus, "Nano CPUs", own.cpu_period, "CPU Period has"),
        (new.nano_cpus, "Nano CPUs", own.cpu_quota, "CPU Quota has"),
        (new.cpu_period, "CPU Period", own.nano_cpus, "NanoCPUs has"),
        (new.cpu_quota, "CPU Quota", own.nano_cpus, "NanoCPUs has"),
    ] {
        if given > 0 && kept > 0 {
            return Err(Error::conflict(format!(
                "Conflicting options: {one} cannot be updated as {other} already been set"
            )));
        }
    }
    if new.memory != 0 && new.memory > own.memory_swap && new.memory_swap == 0 {
        return Err(Error::conflict(
            "Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time",
        ));
    }
    for (own, new) in [
        (&mut own.cpu_shares, new.cpu_shares),
        (&mut own.nano_cpus, new.nano_cpus),
        (&mut own.cpu_period, new.cpu_period),
        (&mut own.cpu_quota, new.cpu_quota),
        (&mut own.memory, new.memory),
        (&mut own.memory_swap, new.memory_swap),
        (&mut own.memory_reservation, new.memory_reservation),
    ] {
        if new != 0 {
            *own = new;
        }
    }
    for (own, new) in [
        (&mut own.cpuset_cpus, &new.cpuset_cpus),
        (&mut own.cpuset_mems, &new.cpuset_mems),
    ] {
        if !new.is_empty() {
            own.clone_from(new);
        }
    }
    // Nothing but 0 stands for no limit.
    own.pids_limit = new.pids_limit.map(|limit| limit.max(0)).or(own.pids_limit);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_of_processors_are_read() {
        let fault = |text: &str| set(text, 2, "cpus", "CPUs").err().map(|e| e.to_string());
        assert_eq!(fault("0,1"), None);
        assert_eq!(fault("0-1"), None);
        assert_eq!(
            fault("0-5").as_deref(),
            Some("Requested CPUs are not available - requested 0-5, available: 0-1")
        );
        for bad in ["x", "1-0", "0,", "-1"] {
            let expected = format!("Invalid value {bad} for cpuset cpus: invalid format: {bad}");
            assert_eq!(fault(bad), Some(expected));
        }
    }
}
