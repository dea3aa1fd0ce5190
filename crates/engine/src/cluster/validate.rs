//! What services and networks may be asked to be like.
//!
//! Source: swarmkit `manager/controlapi/service.go`, `common.go`.

use super::allocate::{is_dnsrr, is_ingress, networks_of};
use super::schedule;
use super::store::{Store, rpc};
use crate::api::{PortConfig, ServiceSpec};
use crate::error::{Error, Result};

const LONGEST_NAME: usize = 63;

fn invalid(text: impl std::fmt::Display) -> Error {
    rpc("InvalidArgument", text)
}

/// Checks a service's name.
fn check_name(name: &str) -> Result<()> {
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
    if let Some(placement) = &template.placement {
        schedule::parse(&placement.constraints).map_err(invalid)?;
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
    check_ports(spec)
}

/// Checks a service against the others.
pub(crate) fn check_against(store: &Store, spec: &ServiceSpec, own: &str) -> Result<()> {
    let ports = spec.endpoint_spec.iter().flat_map(|e| &e.ports);
    for port in ports.filter(|p| p.published_port != 0) {
        let clash = |p: &PortConfig| {
            let host = |p: &PortConfig| !is_ingress(p);
            p.published_port == port.published_port
                && p.protocol == port.protocol
                && !(host(p) && host(port))
        };
        let others = store.services.values().filter(|s| s.id != own);
        let mut others = others.filter(|s| s.endpoint.ports.iter().any(clash));
        if let Some(other) = others.next() {
            return Err(invalid(format!(
                "port '{}' is already in use by service '{}' ({})",
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
