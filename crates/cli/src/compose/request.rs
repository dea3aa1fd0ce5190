//! From a service to the request that makes one of its containers. Source: docker/compose `pkg/compose/create.go`.

use sorted::SortedMap;

use compose::model::{DeviceWish, HealthCheck, Project, Service};
use compose::plan::aliases;
use engine::api::{
    ContainerConfig, ContainerCreateRequest, DeviceMapping, DeviceRequest, Empty,
    EndpointIpamConfig, EndpointSettings, HealthConfig, HostConfig, MountPoint, NetworkingConfig,
    PortBinding, PortMap, RestartPolicy,
};

use super::files::mounts;
use super::limits;
use crate::session::Failure;

/// The endpoint's option that names the interface.
const INTERFACE_NAME: &str = "com.docker.network.endpoint.ifname";

/// What one container has besides what its service says.
#[derive(Clone, Debug, Default)]
pub(super) struct Particular {
    /// The name that it answers to on its networks.
    pub(super) name: String,
    /// All its labels.
    pub(super) labels: SortedMap<String, String>,
    /// Links, as `container:alias`.
    pub(super) links: Vec<String>,
    /// Whether it answers to the service's names too.
    pub(super) with_service: bool,
    /// Whether it goes when it ends.
    pub(super) auto_remove: bool,
    /// Whether a client is attached to its standard input.
    pub(super) attach_stdin: bool,
    /// What the container mounts whose place it takes.
    pub(super) inherited: Vec<MountPoint>,
}

/// Returns the request.
pub(super) fn request(
    project: &Project,
    service: &Service,
    particular: Particular,
) -> Result<ContainerCreateRequest, Failure> {
    let (network_mode, endpoints) = networks(project, service, &particular);
    let (binds, mounts) = mounts(project, service, &particular.inherited)?;
    let some = |list: &[String]| (!list.is_empty()).then(|| list.to_vec());
    let config = ContainerConfig {
        hostname: service.hostname.clone().unwrap_or_default(),
        domainname: service.domainname.clone().unwrap_or_default(),
        user: service.user.clone().unwrap_or_default(),
        attach_stdin: particular.attach_stdin,
        attach_stdout: true,
        attach_stderr: true,
        exposed_ports: exposed(service),
        tty: service.tty,
        open_stdin: service.stdin_open,
        stdin_once: particular.attach_stdin && service.stdin_open,
        env: Some(environment(&service.environment)),
        cmd: service.command.clone(),
        healthcheck: service.healthcheck.as_ref().map(health),
        image: image_name(project, service),
        working_dir: service.working_dir.clone().unwrap_or_default(),
        entrypoint: service.entrypoint.clone(),
        labels: particular.labels,
        stop_signal: service.stop_signal.clone().unwrap_or_default(),
        stop_timeout: service
            .stop_grace_period
            .and_then(|time| i64::try_from(time.as_secs()).ok()),
        ..ContainerConfig::default()
    };
    let mut host_config = HostConfig {
        auto_remove: particular.auto_remove,
        binds,
        mounts,
        volumes_from: some(&service.volumes_from),
        cap_add: some(&service.cap_add),
        cap_drop: some(&service.cap_drop),
        network_mode,
        init: service.init,
        ipc_mode: service.ipc.clone().unwrap_or_default(),
        pid_mode: service.pid.clone().unwrap_or_default(),
        readonly_rootfs: service.read_only,
        restart_policy: restart(service),
        sysctls: service.sysctls.clone(),
        port_bindings: Some(bindings(service)),
        dns: some(&service.dns),
        dns_search: some(&service.dns_search),
        dns_options: some(&service.dns_opt),
        // This one is a list even when it is empty, and inspect shows it.
        extra_hosts: Some(extra_hosts(service)),
        privileged: service.privileged,
        devices: (!service.devices.is_empty())
            .then(|| service.devices.iter().map(device).collect()),
        device_requests: (!service.device_wishes.is_empty())
            .then(|| service.device_wishes.iter().map(device_request).collect()),
        tmpfs: service
            .tmpfs
            .iter()
            .map(|text| path_and_options(text))
            .collect(),
        // On networks of their own, containers have their links there.
        links: service
            .network_mode
            .as_ref()
            .and_then(|_| some(&particular.links)),
        annotations: service.annotations.clone(),
        ..HostConfig::default()
    };
    limits::apply(service, &mut host_config)?;
    Ok(ContainerCreateRequest {
        config,
        host_config,
        networking_config: NetworkingConfig {
            endpoints_config: endpoints,
        },
    })
}

/// Returns the image that a service runs; one that is built is named after project and service.
pub(super) fn image_name(project: &Project, service: &Service) -> String {
    match service.image.as_deref() {
        Some(image) if !image.is_empty() => image.to_owned(),
        _ => format!("{}-{}", project.name, service.name),
    }
}

fn environment(variables: &SortedMap<String, Option<String>>) -> Vec<String> {
    let text = |(name, value): (&String, &Option<String>)| match value {
        Some(value) => format!("{name}={value}"),
        None => name.clone(),
    };
    variables.iter().map(text).collect()
}

fn health(check: &HealthCheck) -> HealthConfig {
    let nanos = |time: Option<std::time::Duration>| {
        time.map_or(0, |t| i64::try_from(t.as_nanos()).unwrap_or(i64::MAX))
    };
    HealthConfig {
        test: match check.disable {
            true => vec!["NONE".into()],
            false => check.test.clone(),
        },
        interval: nanos(check.interval),
        timeout: nanos(check.timeout),
        start_period: nanos(check.start_period),
        start_interval: nanos(check.start_interval),
        retries: check.retries.unwrap_or(0),
    }
}

fn exposed(service: &Service) -> SortedMap<String, Empty> {
    let published = service
        .ports
        .iter()
        .map(|port| format!("{}/{}", port.target, port.protocol));
    // A range is handed on as it was written.
    let only = service.expose.iter().cloned();
    published.chain(only).map(|port| (port, Empty {})).collect()
}

fn bindings(service: &Service) -> PortMap {
    let mut map = PortMap::new();
    for port in &service.ports {
        map.entry(format!("{}/{}", port.target, port.protocol))
            .or_default()
            .get_or_insert_default()
            .push(PortBinding {
                host_ip: port.host_ip.clone().unwrap_or_default(),
                host_port: port.published.clone().unwrap_or_default(),
            });
    }
    map
}

fn restart(service: &Service) -> RestartPolicy {
    let name = |condition: &str| match condition {
        "none" => "no".to_owned(),
        "any" => "always".to_owned(),
        other => other.to_owned(),
    };
    if let Some(policy) = &service.restart_policy {
        return RestartPolicy {
            name: name(policy.condition.as_deref().unwrap_or_default()),
            maximum_retry_count: policy.max_attempts.unwrap_or(0),
        };
    }
    let text = service.restart.as_deref().unwrap_or_default();
    let (condition, attempts) = text.split_once(':').unwrap_or((text, ""));
    RestartPolicy {
        name: name(condition),
        maximum_retry_count: attempts.parse().unwrap_or(0),
    }
}

fn extra_hosts(service: &Service) -> Vec<String> {
    let line = |(host, addresses): (&String, &Vec<String>)| -> Vec<String> {
        let pair = |address: &String| format!("{host}:{address}");
        addresses.iter().map(pair).collect()
    };
    service.extra_hosts.iter().flat_map(line).collect()
}

fn device([here, there, may]: &[String; 3]) -> DeviceMapping {
    DeviceMapping {
        path_on_host: here.clone(),
        path_in_container: there.clone(),
        cgroup_permissions: may.clone(),
    }
}

fn device_request(wish: &DeviceWish) -> DeviceRequest {
    DeviceRequest {
        driver: wish.driver.clone(),
        count: wish.count,
        device_ids: (!wish.ids.is_empty()).then(|| wish.ids.clone()),
        capabilities: Some(vec![wish.capabilities.clone()]),
        options: SortedMap::new(),
    }
}

fn path_and_options(text: &str) -> (String, String) {
    let (path, options) = text.split_once(':').unwrap_or((text, ""));
    (path.to_owned(), options.to_owned())
}

/// Returns the network mode, which is the primary network, and how the container is attached to each.
fn networks(
    project: &Project,
    service: &Service,
    particular: &Particular,
) -> (String, SortedMap<String, EndpointSettings>) {
    if let Some(mode) = service.network_mode.as_deref().filter(|m| !m.is_empty()) {
        return (mode.to_owned(), SortedMap::new());
    }
    let keys = service.networks_by_priority();
    let name = |key: &str| {
        project
            .networks
            .get(key)
            .map(|network| network.name.clone())
    };
    let Some(primary) = keys.first().and_then(|key| name(key)) else {
        return ("none".into(), SortedMap::new());
    };
    let mut endpoints: SortedMap<String, EndpointSettings> = keys
        .iter()
        .filter_map(|key| Some((name(key)?, endpoint(service, key, particular))))
        .collect();
    if let (Some(mac), Some(first)) = (&service.mac_address, endpoints.get_mut(&primary))
        && first.mac_address.is_empty()
    {
        mac.clone_into(&mut first.mac_address);
    }
    (primary, endpoints)
}

fn endpoint(service: &Service, key: &str, particular: &Particular) -> EndpointSettings {
    let wish = service.networks.get(key).and_then(Option::as_ref);
    let names = aliases(&particular.name, service, wish, particular.with_service);
    let mut settings = EndpointSettings {
        aliases: Some(names),
        links: (!particular.links.is_empty()).then(|| particular.links.clone()),
        ..EndpointSettings::default()
    };
    let Some(wish) = wish else {
        return settings;
    };
    let mut options = wish.driver_opts.clone();
    if let Some(name) = &wish.interface_name {
        options.insert(INTERFACE_NAME.into(), name.clone());
    }
    settings.ipam_config = Some(EndpointIpamConfig {
        ipv4_address: wish.ipv4_address.clone().unwrap_or_default(),
        ipv6_address: wish.ipv6_address.clone().unwrap_or_default(),
        link_local_ips: wish.link_local_ips.clone(),
    });
    settings.mac_address = wish.mac_address.clone().unwrap_or_default();
    settings.driver_opts = (!options.is_empty()).then(|| options.clone());
    settings.gw_priority = wish.gw_priority;
    settings
}
