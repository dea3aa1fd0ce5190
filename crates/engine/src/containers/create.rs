//! Making containers: checking what is asked for and filling in what the image says.

use std::rc::Rc;

use bytes::Bytes;
use kernel::fs::{Node, Tree};
use kernel::time::Instant;

use crate::api::{
    ContainerConfig, ContainerCreateRequest, ContainerCreateResponse, ContainerState, Empty,
    EndpointSettings, EventType, HostConfig, ImageConfig,
};
use crate::config::Config;
use crate::daemon::{DATA, Engine};
use crate::endpoints::{check_settings, check_settings_unseen, hardware_address};
use crate::error::{Error, Result};
use crate::links::{self, Link};
use crate::logs::Output;
use crate::names::{is_container_name, random_name, short_id};
use crate::state::{Attachment, Container, Listed, State, network_mode};

use super::{checks, health, logging};

/// Paths hidden in a container, and paths that are read-only there. Source: moby `oci/defaults.go`.
const MASKED: [&str; 12] = [
    "/proc/asound",
    "/proc/acpi",
    "/proc/interrupts",
    "/proc/kcore",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/timer_list",
    "/proc/timer_stats",
    "/proc/sched_debug",
    "/proc/scsi",
    "/sys/firmware",
    "/sys/devices/virtual/powercap",
];
const READ_ONLY: [&str; 5] = [
    "/proc/bus",
    "/proc/fs",
    "/proc/irq",
    "/proc/sys",
    "/proc/sysrq-trigger",
];
const DISCARDED: &str = "Published ports are discarded when using host network mode";
const NO_FORWARDING: &str = "IPv4 forwarding is disabled. Networking will not work.";

impl Engine {
    /// `POST /containers/create`.
    pub(crate) fn container_create(
        &self,
        name: Option<String>,
        request: ContainerCreateRequest,
    ) -> Result<ContainerCreateResponse> {
        let id = self.new_id();
        let created = self.now();
        let ContainerCreateRequest {
            mut config,
            mut host_config,
            networking_config,
        } = request;
        let mut state = self.state();
        // In the real order: what contradicts itself, then the image, the networks, and only then the name. Source: moby
        // `daemon/create.go`, recording 2202.
        let exposes = !config.exposed_ports.is_empty();
        check_modes(&state, &config, exposes, &mut host_config)?;
        let on_machine = |path: &str| self.sys().exists(path);
        let mut warnings = checks::check(&config, &mut host_config, on_machine)?;
        if config.image.is_empty() {
            return Err(Error::invalid("no command specified"));
        }
        let image = state.images.find(&config.image)?;
        let (image_id, tree) = (image.id.clone(), state.images.tree(image));
        let image_config = image.config.clone();
        let given = networking_config.endpoints_config;
        let endpoints = attachments(&state, &mut host_config, given, &config)?;
        // Whose labels of SELinux it would take over. Source: moby `daemon/create.go`, `generateSecurityOpt`.
        for mode in [&host_config.ipc_mode, &host_config.pid_mode] {
            if let Some(other) = mode.strip_prefix("container:") {
                state.find_container(other)?;
            }
        }
        merge_image(&mut config, &image_config)?;
        logging::check(&host_config.log_config)?;
        let name = match name {
            Some(name) => checked_name(&state, name.strip_prefix('/').unwrap_or(&name))?,
            None => self.free_name(&state),
        };
        checks::security(&host_config)?;
        if !host_config.storage_opt.is_empty() {
            return Err(Error::invalid(
                "--storage-opt is supported only for overlay over xfs with 'pquota' mount option",
            ));
        }
        match network_mode(&host_config) {
            "host" if host_config.published().next().is_some() => {
                warnings.push(DISCARDED.to_owned());
            }
            "host" | "none" => {}
            other if state.forwards || other.starts_with("container:") => {}
            _ => warnings.push(NO_FORWARDING.to_owned()),
        }
        if config.hostname.is_empty() {
            config.hostname = match network_mode(&host_config) {
                "host" => self.sys().hostname(),
                _ => short_id(&id).to_owned(),
            };
        }
        fill_host_config(&mut host_config, &state.config);
        let mounts = crate::mounts::mount_points(&state, &config, &host_config)?;
        crate::volumes::check_drivers(&state, &host_config, &mounts, &id)?;
        let links = find_links(&state, &host_config, &endpoints)?;
        // Who shares the network of the host bears its name, but in a UTS namespace of its own: one that the host gets
        // later is not seen there. Source: daemon/create.go `verifyContainerSettings`, recording 1792.
        let shares_name = host_config.uts_mode == "host";
        let (mount, uts) = self.sys().kernel(|k| {
            let uts = if shares_name {
                kernel::Kernel::machine_uts(self.machine())
            } else {
                let uts = k.add_hostname(&config.hostname);
                if !config.domainname.is_empty() {
                    k.proc.set_domain(uts, &config.domainname);
                }
                uts
            };
            let tree = Tree::over(with_init_layer(tree, k.now));
            (k.add_tree(tree), uts)
        });
        let container = Container {
            dir: format!("{DATA}/containers/{id}"),
            id: id.clone(),
            name,
            created,
            image: image_id,
            config: ContainerConfig {
                mac_address: String::new(),
                ..config
            },
            host_config,
            mount,
            uts,
            state: ContainerState {
                status: "created".into(),
                ..ContainerState::default()
            },
            started: 0,
            finished: 0,
            process: None,
            mounts: Vec::new(),
            endpoints,
            sandbox: None,
            netns: None,
            links,
            output: Output::default(),
            restart_count: 0,
            failed: None,
            user_stopped: false,
            ended_by_itself: false,
            removing: false,
            stopping: false,
            runs_ended: 0,
            health_watch: 0,
            resolv_conf: String::new(),
            ports_noted: Vec::new(),
            ingress_ports: Vec::new(),
            references: Vec::new(),
            sources: crate::containers::Sources::default(),
            held: None,
        };
        state.containers.insert(id.clone(), container);
        drop(state);
        self.mount_volumes(&id, mounts);
        self.container_event("create", &id, &[]);
        Ok(ContainerCreateResponse { id, warnings })
    }

    fn free_name(&self, state: &State) -> String {
        let taken = |name: &str| state.containers.values().any(|c| c.name == name);
        let mut attempt = 0;
        loop {
            let name = self.sys().kernel(|k| random_name(&mut k.rng, attempt));
            if !taken(&name) {
                return name;
            }
            attempt += 1;
        }
    }

    /// Records an event about a container, with its labels and whatever else is said.
    pub(crate) fn container_event(&self, action: &str, id: &str, extra: &[(&str, String)]) {
        let Some(mut attributes) = self.state().containers.get(id).map(|c| {
            let mut attributes = c.config.labels.clone();
            attributes.insert("image".to_owned(), c.config.image.clone());
            attributes.insert("name".to_owned(), c.name.clone());
            attributes
        }) else {
            return;
        };
        attributes.extend(
            extra
                .iter()
                .map(|(key, value)| ((*key).to_owned(), value.clone())),
        );
        self.event(EventType::Container, action, id, attributes);
        self.save_container(action, id);
    }
}

/// What the engine lays over each image: among others the file by which programs know that they are in a container. It is no
/// part of what the container writes. Source: moby `daemon/initlayer/setup_unix.go`.
fn with_init_layer(image: Rc<Tree>, now: Instant) -> Rc<Tree> {
    let mut layer = Tree::over(image);
    for (path, node, mode) in [
        ("/.dockerenv", Node::File(Bytes::new()), 0o755),
        ("/etc/mtab", Node::Symlink("/proc/mounts".into()), 0o777),
    ] {
        if layer.get(path).is_none() {
            layer.put(path, node, mode, now);
        }
    }
    Rc::new(layer)
}

/// Checks that a container may be called that.
pub(super) fn checked_name(state: &State, name: &str) -> Result<String> {
    if !is_container_name(name) {
        return Err(Error::invalid(format!(
            "Invalid container name ({name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed"
        )));
    }
    match state.containers.values().find(|c| c.name == name) {
        Some(other) => Err(Error::conflict(format!(
            "Conflict. The container name \"/{name}\" is already in use by container \"{}\". You have to remove (or \
             rename) that container to be able to reuse that name.",
            other.id
        ))),
        None => Ok(name.to_owned()),
    }
}

/// Fills in what the image says where the user says nothing.
fn merge_image(config: &mut ContainerConfig, image: &ImageConfig) -> Result<()> {
    let cleared = config
        .entrypoint
        .as_ref()
        .is_some_and(|e| e.iter().all(String::is_empty) && !e.is_empty());
    if cleared {
        config.entrypoint = None;
    } else if config.entrypoint.as_ref().is_none_or(Vec::is_empty) {
        config.entrypoint = Some(image.entrypoint.clone()).filter(|e| !e.is_empty());
        if config.cmd.as_ref().is_none_or(Vec::is_empty) {
            config.cmd.clone_from(&image.cmd);
        }
    }
    if cleared && config.cmd.as_ref().is_none_or(Vec::is_empty) {
        config.cmd = None;
    }
    if config.entrypoint.is_none() && config.cmd.is_none() {
        return Err(Error::invalid("no command specified"));
    }
    for port in image.exposed_ports.keys() {
        config.exposed_ports.entry(port.clone()).or_insert(Empty {});
    }
    let own = config.env.take().unwrap_or_default();
    let key = |v: &String| v.split('=').next().unwrap_or_default().to_owned();
    let inherited = image
        .env
        .iter()
        .filter(|v| own.iter().all(|o| key(o) != key(v)))
        .cloned();
    config.env = Some(own.iter().cloned().chain(inherited).collect());
    for (key, value) in &image.labels {
        config
            .labels
            .entry(key.clone())
            .or_insert_with(|| value.clone());
    }
    let fill = |own: &mut String, default: &String| {
        if own.is_empty() {
            own.clone_from(default);
        }
    };
    fill(&mut config.user, &image.user);
    fill(&mut config.working_dir, &image.working_dir);
    fill(&mut config.stop_signal, &image.stop_signal);
    health::merge(config, image)
}

/// Checks the network mode against everything that does not go with it. Source: moby `runconfig`.
fn check_modes(
    state: &State,
    config: &ContainerConfig,
    exposes: bool,
    host_config: &mut HostConfig,
) -> Result<()> {
    let mode = network_mode(host_config).to_owned();
    let named = !config.hostname.is_empty();
    if host_config.uts_mode == "host" && named && !mode.starts_with("container:") {
        return Err(Error::invalid(
            "conflicting options: hostname and the UTS mode",
        ));
    }
    let has = |list: &Option<Vec<String>>| list.as_ref().is_some_and(|l| !l.is_empty());
    let conflict = |what: &str| {
        Err(Error::invalid(format!(
            "conflicting options: {what} and the network mode"
        )))
    };
    if mode == "host" && has(&host_config.links) {
        return Err(Error::invalid(
            "conflicting options: host type networking can't be used with links. This would result in undefined behavior",
        ));
    }
    if matches!(mode.as_str(), "container" | "container:") {
        return Err(Error::invalid(
            "invalid network mode: invalid container format container:<name|id>",
        ));
    }
    let Some(target) = mode.strip_prefix("container:") else {
        return Ok(());
    };
    if named {
        return conflict("hostname");
    }
    if has(&host_config.links) {
        return Err(Error::invalid(
            "conflicting options: container type network can't be used with links. This would result in undefined behavior",
        ));
    }
    if has(&host_config.dns) {
        return conflict("dns");
    }
    if has(&host_config.extra_hosts) {
        return conflict("custom host-to-IP mapping");
    }
    if !config.mac_address.is_empty() {
        return conflict("mac-address");
    }
    if host_config.published().next().is_some() || host_config.publish_all_ports {
        return Err(Error::invalid(
            "conflicting options: port publishing and the container type network mode",
        ));
    }
    // What the image exposes does not count.
    if exposes {
        return Err(Error::invalid(
            "conflicting options: port exposing and the container type network mode",
        ));
    }
    // Whether it is there is only looked at when the container starts. Seen.
    if let Ok(other) = state.find_container(target) {
        host_config.network_mode = format!("container:{}", other.id);
    }
    Ok(())
}

/// Returns the networks that a container is to be attached to, checked as far as they exist already.
fn attachments(
    state: &State,
    host_config: &mut HostConfig,
    mut given: sorted::SortedMap<String, EndpointSettings>,
    config: &ContainerConfig,
) -> Result<Listed<String, Attachment>> {
    let mut endpoints = Listed::default();
    let mode = network_mode(host_config).to_owned();
    if mode.starts_with("container:") {
        for (key, settings) in &given {
            check_settings(None, settings)
                .map_err(|e| e.within(format!("invalid config for network {key}")))?;
        }
        return Ok(endpoints);
    }
    if let Some(settings) = given.remove("default") {
        given.entry("bridge".to_owned()).or_insert(settings);
    }
    // One that is named by a part of its id is kept by the whole of it.
    let mut primary = mode.clone();
    if let Ok(network) = state.find_network(&mode)
        && network.name != mode
    {
        primary.clone_from(&network.name);
        host_config.network_mode.clone_from(&network.id);
    }
    let is_primary =
        |key: &String| *key == mode || state.find_network(key).is_ok_and(|n| n.name == primary);
    let named_mode = given.keys().any(is_primary);
    if !named_mode {
        given.insert(mode.clone(), EndpointSettings::default());
    }
    for (key, settings) in given {
        let mac = &settings.mac_address;
        if !mac.is_empty() && hardware_address(mac).is_err() {
            return Err(Error::invalid(format!(
                "invalid config for network {key}: invalid MAC address {mac}"
            )));
        }
        let found = state.find_network(&key);
        let checked = match &found {
            Ok(network) => check_settings(Some(network), &settings),
            Err(_) => check_settings_unseen(&settings),
        };
        checked.map_err(|e| e.within(format!("invalid config for network {key}")))?;
        let name = found.map_or(key, |n| n.name.clone());
        let mut wanted_mac = settings.mac_address.clone();
        if name == primary && wanted_mac.is_empty() {
            wanted_mac.clone_from(&config.mac_address);
            if !wanted_mac.is_empty() && hardware_address(&wanted_mac).is_err() {
                return Err(Error::invalid(format!(
                    "invalid config for network {name}: invalid MAC address {wanted_mac}"
                )));
            }
        }
        let settings = EndpointSettings {
            mac_address: wanted_mac.clone(),
            ..settings
        };
        endpoints.insert(
            name,
            Attachment {
                settings,
                wanted_mac,
                given: false,
            },
        );
    }
    Ok(endpoints)
}

/// Understands legacy links. On user networks they are names in that network, kept with the attachment by the client.
fn find_links(
    state: &State,
    host_config: &HostConfig,
    endpoints: &Listed<String, Attachment>,
) -> Result<Vec<Link>> {
    let on_bridge = endpoints.contains_key("bridge");
    let mut found = Vec::new();
    for text in host_config.links.iter().flatten() {
        let (name, alias) = links::parse(text);
        let child = state.find_container(name).map_err(|e| {
            let e = match name {
                "" => Error::invalid("invalid name or ID supplied: \"\""),
                _ => e,
            };
            e.within(format!("could not get container for {name}"))
                .with_class(crate::Class::Invalid)
        })?;
        // Who shares a namespace is reached at its owner's address, under its own alias.
        let child = state.namespace_owner(child);
        if child.network_mode() == "host" {
            return Err(Error::invalid(
                "conflicting options: host type networking can't be used with links. This would result in undefined behavior",
            ));
        }
        let link = Link {
            child: child.id.clone(),
            name: child.name.clone(),
            alias: alias.to_owned(),
        };
        // Without a name there is no link; of two under one name, the first holds.
        if on_bridge && !alias.is_empty() && !found.iter().any(|l: &Link| l.alias == link.alias) {
            found.push(link);
        }
    }
    Ok(found)
}

/// Fills in what the engine adds to every container.
fn fill_host_config(host_config: &mut HostConfig, config: &Config) {
    let default = |text: &mut String, value: &str| {
        if text.is_empty() {
            *text = value.to_owned();
        }
    };
    default(&mut host_config.log_config.kind, &config.log_driver);
    if host_config.log_config.kind == config.log_driver {
        let logs = &mut host_config.log_config.config;
        for (name, value) in &config.log_opts {
            logs.entry(name.clone()).or_insert_with(|| value.clone());
        }
    }
    default(&mut host_config.restart_policy.name, "no");
    default(&mut host_config.cgroupns_mode, "host");
    default(&mut host_config.ipc_mode, "private");
    default(&mut host_config.runtime, "runc");
    if host_config.network_mode.is_empty() || host_config.network_mode == "default" {
        host_config.network_mode = "bridge".to_owned();
    }
    if host_config.shm_size == 0 {
        host_config.shm_size = config.default_shm_size;
    }
    if host_config.memory > 0 && host_config.memory_swap == 0 {
        // As much swap as memory. Source: moby `daemon/daemon_unix.go`, `adaptContainerSettings`.
        host_config.memory_swap = host_config.memory.saturating_mul(2);
    }
    if !host_config.privileged {
        let list = |paths: &[&str]| Some(paths.iter().map(ToString::to_string).collect());
        host_config.masked_paths = host_config.masked_paths.take().or_else(|| list(&MASKED));
        host_config.readonly_paths = host_config
            .readonly_paths
            .take()
            .or_else(|| list(&READ_ONLY));
    }
    let is_label = |option: &String| option.split('=').next() == Some("label");
    let labelled = host_config.security_opt.iter().flatten().any(is_label);
    let shares = host_config.ipc_mode == "host" || host_config.pid_mode == "host";
    if !labelled && (shares || host_config.privileged) {
        // SELinux is not to keep apart what is not. Source: moby `daemon/create.go`, `generateSecurityOpt`.
        let options = host_config.security_opt.get_or_insert_default();
        options.push("label=disable".to_owned());
    }
    host_config.pids_limit = host_config.pids_limit.filter(|limit| *limit > 0);
    host_config.oom_kill_disable.get_or_insert(false);
}
