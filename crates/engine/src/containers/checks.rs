//! What is refused when a container is made, in the engine's own order and words.
//!
//! Source: moby `daemon/container.go` (`verifyContainerSettings`), `daemon/daemon_unix.go`.

use kernel::process::signal::Signal;

use crate::api::{ContainerConfig, HostConfig, RestartPolicy};
use crate::error::{Error, Result};
use crate::mounts;
use crate::state::Container;

use super::{health, resources};

/// A host name has room for this many bytes. Source: Linux `__NEW_UTS_LEN`.
const LONGEST_HOSTNAME: usize = 64;
/// Source: Linux `include/uapi/linux/capability.h`.
const CAPABILITIES: [&str; 42] = [
    "ALL",
    "AUDIT_CONTROL",
    "AUDIT_READ",
    "AUDIT_WRITE",
    "BLOCK_SUSPEND",
    "BPF",
    "CHECKPOINT_RESTORE",
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "IPC_LOCK",
    "IPC_OWNER",
    "KILL",
    "LEASE",
    "LINUX_IMMUTABLE",
    "MAC_ADMIN",
    "MAC_OVERRIDE",
    "MKNOD",
    "NET_ADMIN",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_RAW",
    "PERFMON",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYSLOG",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_CHROOT",
    "SYS_MODULE",
    "SYS_NICE",
    "SYS_PACCT",
    "SYS_PTRACE",
    "SYS_RAWIO",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "WAKE_ALARM",
];

/// Checks all that does not depend on other objects, and brings what has several spellings into one. Returns what the user
/// is to be warned of.
/// `on_machine` tells whether a path exists there.
pub(super) fn check(
    config: &ContainerConfig,
    host_config: &mut HostConfig,
    on_machine: impl Fn(&str) -> bool,
) -> Result<Vec<String>> {
    let dir = &config.working_dir;
    if !dir.is_empty() && !dir.starts_with('/') {
        return Err(Error::invalid(format!(
            "the working directory '{dir}' is invalid, it needs to be an absolute path"
        )));
    }
    let signal = &config.stop_signal;
    // Source: moby `opts/env.go`, `ValidateEnv`.
    let nameless = |env: &&String| env.is_empty() || env.starts_with('=');
    if let Some(env) = config.env.iter().flatten().find(nameless) {
        return Err(Error::invalid(format!(
            "invalid environment variable: {env}"
        )));
    }
    // Any number will do until it is sent. Source: moby/sys `signal.ParseSignal`.
    let numbered = signal.parse::<i32>().is_ok_and(|number| number != 0);
    if !signal.is_empty() && !numbered && Signal::parse(signal).is_none() {
        return Err(Error::invalid(format!("invalid signal: {signal}")));
    }
    config.healthcheck.as_ref().map_or(Ok(()), health::check)?;
    for mount in &host_config.mounts {
        mounts::check(mount, &on_machine)?;
    }
    mounts::check_tmpfs(host_config)?;
    restart_policy(&host_config.restart_policy)?;
    let isolation = &host_config.isolation;
    if !matches!(isolation.to_ascii_lowercase().as_str(), "" | "default") {
        return Err(Error::invalid(format!(
            "invalid isolation ({isolation}): linux only supports 'default'"
        )));
    }
    for (list, name) in [
        (&mut host_config.cap_add, "CapAdd"),
        (&mut host_config.cap_drop, "CapDrop"),
    ] {
        for capability in list.iter_mut().flatten() {
            *capability = full_name(capability).map_err(|e| e.within(format!("invalid {name}")))?;
        }
    }
    extra_hosts(host_config)?;
    ports(host_config)?;
    if host_config.annotations.contains_key("") {
        return Err(Error::invalid(
            "invalid Annotations: the empty string is not permitted as an annotation key",
        ));
    }
    let warnings = resources::check(host_config, false)?;
    let score = host_config.oom_score_adj;
    if !(-1000..=1000).contains(&score) {
        return Err(Error::invalid(format!(
            "Invalid value {score}, range for oom score adj is [-1000, 1000]"
        )));
    }
    let ipc = host_config.ipc_mode.as_str();
    let of_other = |mode: &str| {
        mode.strip_prefix("container:")
            .is_some_and(|id| !id.is_empty())
    };
    if !matches!(ipc, "" | "none" | "private" | "shareable" | "host") && !of_other(ipc) {
        return Err(Error::invalid(format!("invalid IPC mode: {ipc}")));
    }
    let pid = host_config.pid_mode.as_str();
    if !matches!(pid, "" | "host") && !of_other(pid) {
        return Err(Error::invalid(format!("invalid PID mode: {pid}")));
    }
    let runtime = host_config.runtime.as_str();
    if !matches!(runtime, "" | "runc" | "io.containerd.runc.v2") {
        return Err(Error::invalid(format!(
            "unknown or invalid runtime name: {runtime}"
        )));
    }
    sysctls(host_config)?;
    Ok(warnings)
}

/// Source: docker/cli and moby `opts/hosts.go`, `ValidateExtraHost`.
fn extra_hosts(host_config: &HostConfig) -> Result<()> {
    for line in host_config.extra_hosts.iter().flatten() {
        let bad = |what: &str, text: &str| Error::invalid(format!("{what} add-host: \"{text}\""));
        let (_, address) = line
            .split_once([':', '='])
            .filter(|(name, _)| !name.is_empty())
            .ok_or_else(|| bad("bad format for", line))?;
        let inner = address.strip_prefix('[').and_then(|a| a.strip_suffix(']'));
        let parsed = inner.unwrap_or(address).parse::<std::net::IpAddr>();
        if address != crate::sandbox::HOST_GATEWAY && parsed.is_err() {
            return Err(bad("invalid IP address in", address));
        }
    }
    Ok(())
}

/// Ports of containers and of the machine: one, several in a row, or, of the machine, any.
/// Source: docker/go-connections `nat.NewPort`, `ParsePortRange`.
fn ports(host_config: &HostConfig) -> Result<()> {
    let fits = |given: &str| {
        let (first, last) = given.split_once('-').unwrap_or((given, given));
        let read = |text: &str| text.parse::<u16>().ok();
        read(first).zip(read(last)).is_some_and(|(a, b)| a <= b)
    };
    let bad = |given: &str| Error::invalid(format!("invalid port specification: \"{given}\""));
    for (port, bindings) in host_config.published() {
        let number = port.split('/').next().unwrap_or_default();
        if !fits(number) {
            return Err(bad(number));
        }
        let given = bindings.iter().map(|binding| &binding.host_port);
        if let Some(given) = given.filter(|g| !g.is_empty()).find(|g| !fits(g)) {
            return Err(bad(given));
        }
    }
    Ok(())
}

/// Returns a capability's name as the kernel spells it. Source: moby `oci/caps`, `NormalizeLegacyCapabilities`.
fn full_name(given: &str) -> Result<String> {
    let upper = given.to_ascii_uppercase();
    let short = upper.strip_prefix("CAP_").unwrap_or(&upper);
    match (short, CAPABILITIES.contains(&short)) {
        ("ALL", _) => Ok(short.to_owned()),
        (_, true) => Ok(format!("CAP_{short}")),
        (_, false) => Err(Error::invalid(format!(
            "unknown capability: \"CAP_{short}\""
        ))),
    }
}

/// Checks a restart policy. Source: moby `api/types/container/hostconfig.go`, `ValidateRestartPolicy`.
pub(super) fn restart_policy(policy: &RestartPolicy) -> Result<()> {
    let count = policy.maximum_retry_count;
    let why = match policy.name.as_str() {
        "" | "no" | "always" | "unless-stopped" if count == 0 => return Ok(()),
        "on-failure" if count >= 0 => return Ok(()),
        "" | "no" | "always" | "unless-stopped" => {
            let more = if count < 0 {
                " and cannot be negative"
            } else {
                ""
            };
            format!("maximum retry count can only be used with 'on-failure'{more}")
        }
        "on-failure" => "maximum retry count cannot be negative".to_owned(),
        other => format!(
            "unknown policy '{other}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'"
        ),
    };
    Err(Error::invalid(why).within("invalid restart policy"))
}

/// Reads a truth as Go's `ParseBool` does.
pub(super) fn truth(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

/// Refuses security options that are not known. Source: moby `daemon/daemon_unix.go`, `parseSecurityOpt`.
pub(super) fn security(host_config: &HostConfig) -> Result<()> {
    for option in host_config.security_opt.iter().flatten() {
        if matches!(option.as_str(), "no-new-privileges" | "disable") {
            continue;
        }
        let pair = option.split_once('=').or_else(|| option.split_once(':'));
        let Some((name, value)) = pair else {
            return Err(Error::invalid(format!(
                "invalid --security-opt 1: \"{option}\""
            )));
        };
        let known = match name {
            "label" | "apparmor" | "seccomp" => true,
            "no-new-privileges" | "writable-cgroups" => truth(value).is_some(),
            _ => false,
        };
        if !known {
            return Err(Error::invalid(format!(
                "invalid --security-opt 2: \"{option}\""
            )));
        }
    }
    Ok(())
}

/// A sysctl of one interface belongs to an endpoint. Source: moby `api/server/router/container`, `handleSysctlBC`.
fn sysctls(host_config: &HostConfig) -> Result<()> {
    let of_interface = |name: &&String| {
        let parts: Vec<&str> = name.splitn(5, '.').collect();
        let ["net", "ipv4" | "ipv6" | "mpls", _, device, _] = parts.as_slice() else {
            return false;
        };
        !matches!(*device, "all" | "default")
    };
    match host_config.sysctls.keys().find(of_interface) {
        None => Ok(()),
        Some(name) => Err(Error::invalid(format!(
            "interface specific sysctl setting \"{name}\" must be supplied using driver option \
             'com.docker.network.endpoint.sysctls'"
        ))),
    }
}

/// Says why runc would refuse to start a container with these settings, without what the engine puts before it.
pub(super) fn refused_by_runc(
    id: &str,
    config: &ContainerConfig,
    host_config: &HostConfig,
) -> Option<String> {
    let realtime = host_config.cpu_realtime_runtime;
    if realtime > 0 {
        // The machines' kernel leaves no time for it.
        return Some(format!(
            "unable to start container process: unable to apply cgroup configuration: failed to write \"{realtime}\": write \
             /sys/fs/cgroup/cpu/docker/{id}/cpu.rt_runtime_us: invalid argument"
        ));
    }
    // Source: runc `libcontainer/cgroups/fs/cpu.go`; what the kernel makes of it is compared.
    let bound = match host_config.cpu_shares {
        1 => Some("minimum allowed cpu-shares is 2"),
        262_145.. => Some("maximum allowed cpu-shares is 262144"),
        _ => None,
    };
    if let Some(bound) = bound {
        return Some(format!(
            "unable to start container process: error during container init: error setting cgroup config for procHooks process: \
             the {bound}"
        ));
    }
    let of_network = |name: &&String| name.starts_with("net.");
    if host_config.network_mode == "host"
        && let Some(name) = host_config.sysctls.keys().find(of_network)
    {
        return Some(format!(
            "sysctl \"{name}\" not allowed in host network namespace"
        ));
    }
    (config.hostname.len() > LONGEST_HOSTNAME).then(|| {
        "unable to start container process: error during container init: sethostname: invalid argument"
            .to_owned()
    })
}

/// Complains of a container that waits to be restarted.
pub(super) fn not_restarting(c: &Container) -> Result<()> {
    if c.state.restarting {
        return Err(Error::conflict(format!(
            "Container {} is restarting, wait until the container is running",
            c.id
        )));
    }
    Ok(())
}
