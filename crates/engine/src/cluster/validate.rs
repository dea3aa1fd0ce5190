//! What services and networks may be asked to be like.
//!
//! Source: swarmkit `manager/controlapi/service.go`, `common.go`.

use super::allocate::{is_dnsrr, is_ingress, needs_ingress, networks_of};
use super::schedule;
use super::store::{Store, rpc};
use super::templates;
use crate::api::{ContainerSpec, NodeSpec, PortConfig, ServiceSpec, SwarmSpec};
use crate::error::{Error, Result};

const LONGEST_NAME: usize = 63;
/// The least that may be had of the processors, in billionths of one. Source: swarmkit `manager/controlapi/service.go`.
const LEAST_CPUS: i64 = 1_000_000;
/// The least memory that a task may be limited to, bytes.
const LEAST_MEMORY: i64 = 4 << 20;
/// The shortest time for which certificates are given out, nanoseconds. Source: swarmkit `ca/config.go`.
const SHORTEST_EXPIRY: i64 = 3_600_000_000_000;

pub(crate) fn invalid(text: impl std::fmt::Display) -> Error {
    rpc("InvalidArgument", text)
}

/// Checks the name of a service or a network.
pub(crate) fn check_name(name: &str) -> Result<()> {
    if name.is_empty() {
        return Err(invalid("meta: name must be provided"));
    }
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let inner = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !edge(name.chars().next()) || !edge(name.chars().last()) || !name.chars().all(inner) {
        return Err(invalid("name must be valid as a DNS name component"));
    }
    if name.len() > LONGEST_NAME {
        return Err(invalid("name must be 63 characters or fewer"));
    }
    Ok(())
}

/// Checks the name of a secret or a config.
pub(crate) fn check_object_name(name: &str) -> Result<()> {
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let inner = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let fits = edge(name.chars().next()) && edge(name.chars().last()) && name.chars().all(inner);
    if fits && name.len() <= 64 {
        return Ok(());
    }
    Err(invalid(
        "invalid name, only 64 [a-zA-Z0-9-_.] characters allowed, and the start and end character must be [a-zA-Z0-9]",
    ))
}

fn check_ports(spec: &ServiceSpec) -> Result<()> {
    let Some(endpoint) = &spec.endpoint_spec else {
        return Ok(());
    };
    if is_dnsrr(spec) && endpoint.ports.iter().any(is_ingress) {
        return Err(invalid(
            "EndpointSpec: port published with ingress mode can't be used with dnsrr mode",
        ));
    }
    let mut seen: Vec<(u32, &str, bool)> = Vec::new();
    for port in endpoint.ports.iter().filter(|p| p.published_port != 0) {
        let key = (
            port.published_port,
            port.protocol.as_str(),
            is_ingress(port),
        );
        let clash = |s: &(u32, &str, bool)| s.0 == key.0 && s.1 == key.1;
        if seen.iter().any(clash) {
            return Err(invalid("EndpointSpec: duplicate published ports provided"));
        }
        seen.push(key);
    }
    Ok(())
}

/// Checks what a swarm is to be like. Source: swarmkit `manager/controlapi/cluster.go`, `validateClusterSpec`.
pub(crate) fn check_swarm(spec: &SwarmSpec) -> Result<()> {
    if spec.ca_config.node_cert_expiry < SHORTEST_EXPIRY {
        return Err(invalid("minimum certificate expiry time is: 1h0m0s"));
    }
    if spec.dispatcher.heartbeat_period < 0 {
        return Err(invalid(
            "heartbeat time period cannot be a negative duration",
        ));
    }
    Ok(())
}

/// Checks what a service is to be like.
pub(crate) fn check(spec: &ServiceSpec) -> Result<()> {
    check_name(&spec.name)?;
    let template = &spec.task_template;
    let Some(container) = &template.container_spec else {
        return Err(invalid("TaskSpec: missing runtime"));
    };
    if container.image.is_empty() {
        return Err(invalid("ContainerSpec: image reference must be provided"));
    }
    let bad = |c: char| c.is_ascii_uppercase() || c.is_whitespace();
    let repository = container.image.split(['@', ':']).next().unwrap_or_default();
    if container.image.contains(char::is_whitespace) || repository.contains(bad) {
        return Err(invalid(format!(
            "ContainerSpec: \"{}\" is not a valid repository/tag",
            container.image
        )));
    }
    if let Some(resources) = &template.resources {
        let limits = resources.limits.as_ref();
        let kept = resources.reservations.as_ref();
        let limits = limits.map(|r| (r.nano_cpus, r.memory_bytes));
        let kept = kept.map(|r| (r.nano_cpus, r.memory_bytes));
        for (cpus, memory) in limits.into_iter().chain(kept) {
            check_resources(cpus, memory)?;
        }
    }
    if let Some(placement) = &template.placement {
        schedule::parse(&placement.constraints).map_err(|why| rpc("Unknown", why))?;
    }
    let is_job = spec.mode.replicated_job.is_some() || spec.mode.global_job.is_some();
    if is_job && spec.update_config.is_some() {
        return Err(invalid("Jobs may not have an update config"));
    }
    if let Some(policy) = &template.restart_policy
        && policy.delay.is_some_and(|d| d < 0)
    {
        return Err(invalid("TaskSpec: restart-delay cannot be negative"));
    }
    if let Some(update) = &spec.update_config {
        if update.delay < 0 {
            return Err(invalid("TaskSpec: update-delay cannot be negative"));
        }
        if update.monitor < 0 {
            return Err(invalid("TaskSpec: update-monitor cannot be negative"));
        }
        if !(0.0..=1.0).contains(&update.max_failure_ratio) {
            return Err(invalid(
                "TaskSpec: update-maxfailureratio cannot be less than 0 or bigger than 1",
            ));
        }
    }
    check_templates(container)?;
    check_ports(spec)
}

/// Checks values with something to be filled in. Source: swarmkit `template/expand.go`.
fn check_templates(container: &ContainerSpec) -> Result<()> {
    for value in &container.env {
        templates::check(value).map_err(|why| {
            invalid(format!(
                "expanding env failed: expanding env \"{}\": {why}",
                value.replace('"', "\\\"")
            ))
        })?;
    }
    for mount in &container.mounts {
        templates::check(&mount.source).map_err(|why| {
            invalid(format!(
                "expanding mounts failed: expanding mount source \"{}\": {why}",
                mount.source
            ))
        })?;
    }
    templates::check(&container.hostname)
        .map_err(|why| invalid(format!("expanding hostname failed: {why}")))
}

/// Checks how much of a node a task may use, or is kept free for it.
fn check_resources(nano_cpus: i64, memory_bytes: i64) -> Result<()> {
    if nano_cpus != 0 && nano_cpus < LEAST_CPUS {
        let value = nano_cpus as f64 / 1e9;
        return Err(invalid(format!(
            "invalid cpu value {value}: Must be at least 0.001"
        )));
    }
    if memory_bytes != 0 && memory_bytes < LEAST_MEMORY {
        return Err(invalid(format!(
            "invalid memory value {memory_bytes}: Must be at least 4MiB"
        )));
    }
    Ok(())
}

/// Checks the words of a service that is asked for: one that is left out stands for its default.
/// Source: moby `daemon/cluster/convert/service.go`.
pub(crate) fn check_words(spec: &ServiceSpec) -> Result<()> {
    let known = |word: &str, words: &[&str]| word.is_empty() || words.contains(&word);
    let policy = spec.task_template.restart_policy.as_ref();
    let condition = policy.map_or("", |p| &p.condition);
    if !known(condition, &["none", "on-failure", "any"]) {
        return Err(Error::invalid(format!(
            "invalid RestartCondition: \"{condition}\""
        )));
    }
    for config in spec.update_config.iter().chain(&spec.rollback_config) {
        if !known(&config.failure_action, &["pause", "continue", "rollback"]) {
            return Err(Error::invalid(format!(
                "unrecognized update failure action {}",
                config.failure_action
            )));
        }
        if !known(&config.order, &["stop-first", "start-first"]) {
            return Err(Error::invalid(format!(
                "unrecognized update order {}",
                config.order
            )));
        }
    }
    let mode = spec.endpoint_spec.as_ref().map_or("", |e| &e.mode);
    if !known(mode, &["vip", "dnsrr"]) {
        return Err(Error::invalid(format!(
            "invalid resolution mode: \"{mode}\""
        )));
    }
    Ok(())
}

/// Checks the words of a node that is asked for. Source: moby `daemon/cluster/convert/node.go`.
pub(crate) fn check_node(spec: &NodeSpec) -> Result<()> {
    if !matches!(spec.role.as_str(), "worker" | "manager") {
        return Err(Error::invalid(format!("invalid Role: \"{}\"", spec.role)));
    }
    if !matches!(spec.availability.as_str(), "active" | "pause" | "drain") {
        return Err(Error::invalid(format!(
            "invalid Availability: \"{}\"",
            spec.availability
        )));
    }
    Ok(())
}

/// Checks a service against the others.
pub(crate) fn check_against(store: &Store, spec: &ServiceSpec, own: &str) -> Result<()> {
    if needs_ingress(spec) && store.ingress().is_none() {
        return Err(rpc(
            "FailedPrecondition",
            "service needs ingress network, but no ingress network is present",
        ));
    }
    let ports = spec.endpoint_spec.iter().flat_map(|e| &e.ports);
    for port in ports.filter(|p| p.published_port != 0) {
        let clash = |p: &&PortConfig| {
            let host = |p: &PortConfig| !is_ingress(p);
            p.published_port == port.published_port
                && p.protocol == port.protocol
                && !(host(p) && host(port))
        };
        let others = store.services.values().filter(|s| s.id != own);
        let mut clashes = others.filter_map(|s| Some((s, s.endpoint.ports.iter().find(clash)?)));
        if let Some((other, theirs)) = clashes.next() {
            let kind = match is_ingress(theirs) {
                true => "an ingress port",
                false => "a host-published port",
            };
            return Err(invalid(format!(
                "port '{}' is already in use by service '{}' ({}) as {kind}",
                port.published_port, other.spec.name, other.id
            )));
        }
    }
    for network in networks_of(spec) {
        if let Some(found) = store.networks.get(&network.target)
            && found.ingress
        {
            return Err(invalid(format!(
                "Service cannot be explicitly attached to the ingress network \"{}\"",
                found.name
            )));
        }
    }
    let container = spec.task_template.container_spec.iter();
    let (mut secrets, mut configs) = (Vec::new(), Vec::new());
    for container in container {
        for s in &container.secrets {
            if !store.secrets.contains_key(&s.secret_id) {
                secrets.push(s.secret_name.clone());
            }
        }
        for c in &container.configs {
            if !store.configs.contains_key(&c.config_id) {
                configs.push(c.config_name.clone());
            }
        }
    }
    for (kind, missing) in [("secret", secrets), ("config", configs)] {
        if !missing.is_empty() {
            let s = if missing.len() > 1 { "s" } else { "" };
            return Err(invalid(format!(
                "{kind}{s} not found: {}",
                missing.join(", ")
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
