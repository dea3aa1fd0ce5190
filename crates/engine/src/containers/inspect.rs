//! What is told about one container.

use sorted::SortedMap;

use crate::api::{ContainerInspect, EndpointSettings, GraphDriver, NetworkSettings};
use crate::clock::{NEVER, SECOND, UnixNanos, human, rfc3339};
use crate::daemon::Engine;
use crate::error::Result;
use crate::publish::port_map;
use crate::sha256;
use crate::state::{Container, State};

use super::health::STARTING;

impl Engine {
    /// `GET /containers/{id}/json`.
    pub(crate) fn container_inspect(&self, container: String) -> Result<ContainerInspect> {
        let mut state = self.state();
        let id = state.find_container(&container)?.id.clone();
        // The address that a container was made with is looked up when somebody asks, and kept from then on. Seen.
        if let Some(c) = state.containers.get_mut(&id)
            && let Some(first) = c.endpoints.get(&c.host_config.network_mode)
            && !first.wanted_mac.is_empty()
        {
            c.config.mac_address.clone_from(&first.wanted_mac);
        }
        let c = state.find_container(&id)?;
        Ok(inspect(&state, c))
    }
}

/// Tells everything about a container.
pub(crate) fn inspect(state: &State, c: &Container) -> ContainerInspect {
    let command = c.command();
    let mut told = c.state.clone();
    told.running = told.lives();
    for at in [&mut told.started_at, &mut told.finished_at] {
        if at.is_empty() {
            *at = NEVER.to_owned();
        }
    }
    let owner = state.namespace_owner(c);
    let mut host_config = c.host_config.clone();
    c.told_mode().clone_into(&mut host_config.network_mode);
    if !c.links.is_empty() {
        let shown = |l: &crate::links::Link| format!("/{}:/{}/{}", l.name, c.name, l.alias);
        host_config.links = Some(c.links.iter().map(shown).collect());
    } else if c.network_mode() == "bridge" {
        // What was asked for once is not kept; only the links that there are.
        host_config.links = None;
    }
    let execs: Vec<String> = state
        .execs
        .iter()
        .filter(|(_, e)| e.container == c.id && e.process.is_some())
        .map(|(id, _)| id.clone())
        .collect();
    let layer = format!("/var/lib/docker/overlay2/{}", sha256::hex(c.id.as_bytes()));
    let image = sha256::hex(c.image.as_bytes());
    let data = [
        ("ID", c.id.clone()),
        (
            "LowerDir",
            format!("{layer}-init/diff:/var/lib/docker/overlay2/{image}/diff"),
        ),
        ("MergedDir", format!("{layer}/merged")),
        ("UpperDir", format!("{layer}/diff")),
        ("WorkDir", format!("{layer}/work")),
    ];
    // The daemon has no files for a container before its first start.
    let path = |text: String| match c.state.started_at.is_empty() {
        true => String::new(),
        false => text,
    };
    let log = match host_config.log_config.kind.as_str() {
        "json-file" => format!("{}/{}-json.log", c.dir, c.id),
        _ => String::new(),
    };
    ContainerInspect {
        id: c.id.clone(),
        created: rfc3339(c.created),
        path: command.first().cloned().unwrap_or_default(),
        args: command.into_iter().skip(1).collect(),
        state: told,
        image: c.image.clone(),
        resolv_conf_path: path(format!("{}/resolv.conf", owner.dir)),
        hostname_path: path(format!("{}/hostname", owner.dir)),
        hosts_path: path(format!("{}/hosts", owner.dir)),
        log_path: path(log),
        name: format!("/{}", c.name),
        restart_count: c.restart_count,
        driver: "overlay2".to_owned(),
        platform: "linux".to_owned(),
        exec_ids: (!execs.is_empty()).then_some(execs),
        host_config,
        graph_driver: GraphDriver {
            data: Some(data.map(|(key, value)| (key.to_owned(), value)).into()),
            name: "overlay2".to_owned(),
        },
        mounts: c.mounts.clone(),
        config: c.config.clone(),
        network_settings: network_settings(state, c),
        ..ContainerInspect::default()
    }
}

fn network_settings(state: &State, c: &Container) -> NetworkSettings {
    let networks = networks(state, c);
    let bridge = networks.get("bridge").cloned().unwrap_or_default();
    let (id, key) = c
        .sandbox
        .as_ref()
        .map(|s| (s.id.clone(), s.key.clone()))
        .unwrap_or_default();
    NetworkSettings {
        sandbox_id: id,
        sandbox_key: key,
        ports: port_map(c, state),
        endpoint_id: bridge.endpoint_id,
        gateway: bridge.gateway,
        global_ipv6_address: bridge.global_ipv6_address,
        global_ipv6_prefix_len: bridge.global_ipv6_prefix_len,
        ip_address: bridge.ip_address,
        ip_prefix_len: bridge.ip_prefix_len,
        ipv6_gateway: bridge.ipv6_gateway,
        mac_address: bridge.mac_address,
        networks,
        ..NetworkSettings::default()
    }
}

/// Returns a container's attachments by network; one that never ran knows the network's id already if it exists.
pub(super) fn networks(_state: &State, c: &Container) -> SortedMap<String, EndpointSettings> {
    c.endpoints
        .iter()
        .map(|(name, a)| (name.clone(), a.settings.clone()))
        .collect()
}

/// Says in words how a container is. Source: moby `container/state.go`.
pub(super) fn status_text(c: &Container, now: UnixNanos) -> String {
    let s = &c.state;
    let since = |at: UnixNanos| human(now.saturating_sub(at) / SECOND);
    if s.running {
        let health = s.health.as_ref().map(|h| match h.status.as_str() {
            STARTING => " (health: starting)".to_owned(),
            other => format!(" ({other})"),
        });
        // Whether a paused one is healthy is not said.
        let more = match (s.paused, health) {
            (true, _) => " (Paused)".to_owned(),
            (false, health) => health.unwrap_or_default(),
        };
        return format!("Up {}{more}", since(c.started));
    }
    match s.status.as_str() {
        "restarting" => format!("Restarting ({}) {} ago", s.exit_code, since(c.finished)),
        "created" => "Created".to_owned(),
        _ if c.finished == 0 => "Created".to_owned(),
        _ => format!("Exited ({}) {} ago", s.exit_code, since(c.finished)),
    }
}
