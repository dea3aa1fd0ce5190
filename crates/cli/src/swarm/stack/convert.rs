//! From a stack file to what its services, networks, secrets and configs are to be like.
//! Source: docker/cli `cli/compose/convert`.

use compose::model::Reader;
use compose::stack::Stack;
use compose::value::{Map, Value};
use engine::Client;
use engine::api::{
    BindOptions, ContainerSpec, DnsConfig, EndpointSpec, EveryNode, FileTarget, HealthConfig, Ipam,
    IpamPool, Limit, Mount, NetworkAttachmentConfig, NetworkCreateRequest, Placement,
    PlacementPreference, PortConfig, Privileges, Replicated, ReplicatedJob, ResourceRequirements,
    Resources, ServiceMode, ServiceSpec, SpreadOver, SwarmDriver, TaskRestartPolicy, TaskSpec,
    TmpfsOptions, Ulimit, UpdateConfig, VolumeOptions,
};
use sorted::{SortedMap, SortedSet};

use super::super::service::references::{self, READABLE, Wanted};
use super::super::service::{effective_capabilities, nano_cpus};
use super::LABEL;
use crate::container::attachments::is_user_defined;
use crate::go;

/// The label that keeps the image as the file names it.
pub(super) const IMAGE: &str = "com.docker.stack.image";
/// The network of services that name none.
const DEFAULT: &str = "default";

/// A stack file with the name of its stack.
pub(super) struct Named<'a> {
    /// The stack's name.
    pub(super) name: &'a str,
    /// The file.
    pub(super) stack: &'a Stack,
}

/// Labels with the one that says to which stack something belongs.
fn labelled(name: &str, mut labels: SortedMap<String, String>) -> SortedMap<String, String> {
    labels.insert(LABEL.into(), name.to_owned());
    labels
}

fn nanos(time: Option<std::time::Duration>) -> Option<i64> {
    time.map(|time| i64::try_from(time.as_nanos()).unwrap_or(i64::MAX))
}

impl<'a> Named<'a> {
    /// The name that something of the stack has in the swarm.
    pub(super) fn scoped(&self, name: &str) -> String {
        format!("{}_{name}", self.name)
    }

    /// A section of the file: what it holds, by key.
    pub(super) fn section(&self, key: &str) -> impl Iterator<Item = (&'a str, Reader<'a>)> {
        static NONE: Map = Map::new();
        let section = self.stack.tree.get(key).and_then(Value::as_map);
        let all = section.unwrap_or(&NONE).iter();
        all.map(|(key, value)| (key.as_str(), Reader(value.as_map().unwrap_or(&NONE))))
    }

    fn entry(&self, section: &str, key: &str) -> Option<Reader<'a>> {
        let mut all = self.section(section);
        all.find(|(name, _)| *name == key).map(|(_, entry)| entry)
    }

    /// The name in the swarm of an entry, which may have one of its own.
    pub(super) fn name_of(&self, key: &str, entry: Option<Reader<'_>>) -> String {
        match entry.and_then(|entry| entry.text("name")) {
            Some(own) => own,
            None if entry.is_some_and(is_external) => key.to_owned(),
            None => self.scoped(key),
        }
    }

    /// The networks that services use.
    fn used_networks(&self) -> SortedSet<String> {
        let mut used = SortedSet::default();
        for (_, service) in self.section("services") {
            let own = service.map("networks").map(|networks| networks.0);
            match own.filter(|networks| !networks.is_empty()) {
                Some(networks) => used.extend(networks.iter().map(|(key, _)| key.clone())),
                None => drop(used.insert(DEFAULT.to_owned())),
            }
        }
        used
    }

    /// The names of the networks that have to be there.
    pub(super) fn external_networks(&self) -> Vec<String> {
        let used = self.used_networks();
        let external = self.section("networks");
        let external = external.filter(|(key, it)| is_external(*it) && used.contains(*key));
        external
            .map(|(key, it)| self.name_of(key, Some(it)))
            .filter(|name| is_user_defined(name))
            .collect()
    }

    /// The networks that are made.
    pub(super) fn networks(&self) -> Vec<NetworkCreateRequest> {
        let used = self.used_networks();
        let mut made = Vec::new();
        for key in used.iter() {
            static NONE: Map = Map::new();
            let entry = self.entry("networks", key);
            let network = entry.unwrap_or(Reader(&NONE));
            if is_external(network) {
                continue;
            }
            let ipam = network.map("ipam");
            let pools: Vec<IpamPool> = ipam
                .into_iter()
                .flat_map(|ipam| ipam.maps("config").collect::<Vec<_>>())
                .map(|pool| IpamPool {
                    subnet: pool.text("subnet").unwrap_or_default(),
                    ..IpamPool::default()
                })
                .collect();
            let manager = ipam
                .and_then(|ipam| ipam.text("driver"))
                .unwrap_or_default();
            let wanted = !manager.is_empty() || !pools.is_empty();
            made.push(NetworkCreateRequest {
                name: self.name_of(key, entry),
                driver: network.text("driver").unwrap_or_else(|| "overlay".into()),
                ipam: wanted.then(|| Ipam {
                    driver: manager,
                    config: Some(pools),
                    ..Ipam::default()
                }),
                internal: network.is_set("internal"),
                attachable: network.is_set("attachable"),
                options: network.pairs("driver_opts"),
                labels: labelled(self.name, network.pairs("labels")),
                ..NetworkCreateRequest::default()
            });
        }
        made
    }

    /// What a service is to be like. Errors: the sentence.
    pub(super) fn service(
        &self,
        client: &Client,
        key: &str,
        service: Reader<'_>,
    ) -> Result<ServiceSpec, String> {
        static NONE: Map = Map::new();
        let deploy = service.map("deploy").unwrap_or(Reader(&NONE));
        let secrets = references::secrets(client, self.files(service, "secret")?)?;
        let configs = references::configs(client, self.files(service, "config")?)?;
        let image = service.text("image").unwrap_or_default();
        let text = |key: &str| service.text(key).unwrap_or_default();
        let (capability_add, capability_drop) =
            effective_capabilities(&service.list("cap_add"), &service.list("cap_drop"));
        let dns = ["dns", "dns_search"].map(|key| service.some_list(key));
        let container = ContainerSpec {
            image: image.clone(),
            labels: labelled(self.name, service.pairs("labels")),
            command: service.list("entrypoint"),
            args: service.list("command"),
            hostname: text("hostname"),
            env: environment(service),
            dir: text("working_dir"),
            user: text("user"),
            privileges: Some(Privileges::default()),
            init: service.flag("init"),
            stop_signal: text("stop_signal"),
            tty: service.is_set("tty"),
            open_stdin: service.is_set("stdin_open"),
            read_only: service.is_set("read_only"),
            mounts: self.mounts(service)?,
            stop_grace_period: nanos(service.duration("stop_grace_period")),
            healthcheck: health(service)?,
            hosts: hosts(service),
            dns_config: dns.iter().any(Option::is_some).then(|| {
                let [nameservers, search] = dns.clone().map(Option::unwrap_or_default);
                DnsConfig {
                    nameservers,
                    search,
                    options: Vec::new(),
                }
            }),
            secrets,
            configs,
            isolation: text("isolation"),
            sysctls: service.pairs("sysctls"),
            capability_add,
            capability_drop,
            ulimits: ulimits(service),
            oom_score_adj: service.number("oom_score_adj").unwrap_or(0),
            ..ContainerSpec::default()
        };
        let mut labels = labelled(self.name, deploy.pairs("labels"));
        labels.insert(IMAGE.into(), image);
        let placement = deploy.map("placement").unwrap_or(Reader(&NONE));
        let wishes = placement
            .maps("preferences")
            .map(|wish| PlacementPreference {
                spread: Some(SpreadOver {
                    spread_descriptor: wish.text("spread").unwrap_or_default(),
                }),
            });
        let task_template = TaskSpec {
            container_spec: Some(container),
            resources: Some(resources(deploy)),
            restart_policy: restart(service, deploy)?,
            placement: Some(Placement {
                constraints: placement.list("constraints"),
                preferences: wishes.collect(),
                max_replicas: whole(placement, "max_replicas_per_node").unwrap_or(0),
                platforms: Vec::new(),
            }),
            networks: self.attachments(key, service)?,
            log_driver: service.map("logging").map(|logging| SwarmDriver {
                name: logging.text("driver").unwrap_or_default(),
                options: logging.pairs("options"),
            }),
            ..TaskSpec::default()
        };
        Ok(ServiceSpec {
            name: self.scoped(key),
            labels,
            task_template,
            mode: mode(deploy)?,
            update_config: deploy.map("update_config").map(updates),
            rollback_config: deploy.map("rollback_config").map(updates),
            endpoint_spec: Some(EndpointSpec {
                mode: deploy
                    .text("endpoint_mode")
                    .unwrap_or_default()
                    .to_ascii_lowercase(),
                ports: ports(service),
            }),
            ..ServiceSpec::default()
        })
    }

    /// The secrets or configs that a service gets.
    fn files(&self, service: Reader<'_>, kind: &str) -> Result<Vec<Wanted>, String> {
        let section = format!("{kind}s");
        let mut files = Vec::new();
        for file in service.maps(&section) {
            let source = file.text("source").unwrap_or_default();
            let entry = self
                .entry(&section, &source)
                .ok_or_else(|| format!("undefined {kind} {}", go::quote(&source)))?;
            let owner = |key: &str| file.text(key).unwrap_or_else(|| "0".into());
            let mode = match file.get("mode") {
                Some(Value::Int(bits)) => u32::try_from(*bits).ok(),
                Some(other) => u32::from_str_radix(&other.to_text(), 8).ok(),
                None => None,
            };
            files.push(Wanted {
                name: self.name_of(&source, Some(entry)),
                file: FileTarget {
                    name: file.text("target").unwrap_or(source),
                    uid: owner("uid"),
                    gid: owner("gid"),
                    mode: mode.unwrap_or(READABLE),
                },
            });
        }
        sorted::sort_by(&mut files, |a, b| a.name.cmp(&b.name));
        Ok(files)
    }

    fn attachments(
        &self,
        key: &str,
        service: Reader<'_>,
    ) -> Result<Vec<NetworkAttachmentConfig>, String> {
        let mut attached = Vec::new();
        let default: Map = [(DEFAULT.to_owned(), Value::Null)].into_iter().collect();
        let own = service.map("networks").map(|networks| networks.0);
        let networks = own
            .filter(|networks| !networks.is_empty())
            .unwrap_or(&default);
        for (network, how) in networks {
            let entry = self.entry("networks", network);
            if entry.is_none() && network != DEFAULT {
                return Err(format!("undefined network {}", go::quote(network)));
            }
            let target = self.name_of(network, entry);
            let how = how.as_map().map(Reader);
            let mut aliases = how.map_or_else(Vec::new, |how| how.list("aliases"));
            if is_user_defined(&target) {
                aliases.push(key.to_owned());
            }
            attached.push(NetworkAttachmentConfig {
                target,
                aliases,
                driver_opts: how.map_or_else(SortedMap::new, |how| how.pairs("driver_opts")),
            });
        }
        sorted::sort_by(&mut attached, |a, b| a.target.cmp(&b.target));
        Ok(attached)
    }

    fn mounts(&self, service: Reader<'_>) -> Result<Vec<Mount>, String> {
        let mut mounts = Vec::new();
        for volume in service.maps("volumes") {
            let kind = volume.text("type").unwrap_or_default();
            let source = volume.text("source").unwrap_or_default();
            let mut mount = Mount {
                target: volume.text("target").unwrap_or_default(),
                read_only: volume.is_set("read_only"),
                source: source.clone(),
                kind,
                ..Mount::default()
            };
            match mount.kind.as_str() {
                "bind" => {
                    let propagation = volume.map("bind").and_then(|bind| bind.text("propagation"));
                    mount.bind_options = propagation.map(|propagation| BindOptions {
                        propagation,
                        ..BindOptions::default()
                    });
                }
                "tmpfs" => {
                    let size = volume.map("tmpfs").and_then(|tmpfs| tmpfs.number("size"));
                    mount.tmpfs_options = size.map(|size| TmpfsOptions {
                        size_bytes: Some(size),
                        ..TmpfsOptions::default()
                    });
                }
                "volume" if !source.is_empty() => {
                    let entry = self.entry("volumes", &source);
                    let entry =
                        entry.ok_or_else(|| format!("undefined volume {}", go::quote(&source)))?;
                    mount.source = self.name_of(&source, Some(entry));
                    let own = volume.map("volume");
                    let no_copy = own.is_some_and(|own| own.is_set("nocopy"));
                    if !is_external(entry) {
                        mount.volume_options = Some(VolumeOptions {
                            no_copy,
                            labels: labelled(self.name, entry.pairs("labels")),
                            ..VolumeOptions::default()
                        });
                    } else if no_copy {
                        mount.volume_options = Some(VolumeOptions {
                            no_copy,
                            ..VolumeOptions::default()
                        });
                    }
                }
                _ => {}
            }
            mounts.push(mount);
        }
        Ok(mounts)
    }
}

/// True if something is there already.
pub(super) fn is_external(entry: Reader<'_>) -> bool {
    entry.is_set("external")
}

fn whole(reader: Reader<'_>, key: &str) -> Option<u64> {
    u64::try_from(reader.number(key)?).ok()
}

fn environment(service: Reader<'_>) -> Vec<String> {
    let pairs = service.optional_pairs("environment").into_iter();
    pairs
        .map(|(name, value)| match value {
            Some(value) => format!("{name}={value}"),
            None => name,
        })
        .collect()
}

fn hosts(service: Reader<'_>) -> Vec<String> {
    let split = |line: &Value| {
        let line = line.to_text();
        let (name, address) = line.split_once(['=', ':'])?;
        Some(format!("{address} {name}"))
    };
    match service.get("extra_hosts") {
        Some(Value::List(lines)) => lines.iter().filter_map(split).collect(),
        Some(Value::Map(names)) => names
            .iter()
            .flat_map(|(name, addresses)| {
                let all = addresses
                    .as_list()
                    .unwrap_or(std::slice::from_ref(addresses));
                let line = |address: &Value| format!("{} {name}", address.to_text());
                all.iter().map(line).collect::<Vec<_>>()
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn health(service: Reader<'_>) -> Result<Option<HealthConfig>, String> {
    let Some(health) = service.map("healthcheck") else {
        return Ok(None);
    };
    let test = health.list("test");
    if health.is_set("disable") {
        return match test.is_empty() {
            false => Err("test and disable can't be set at the same time".into()),
            true => Ok(Some(HealthConfig {
                test: vec!["NONE".into()],
                ..HealthConfig::default()
            })),
        };
    }
    let time = |key: &str| nanos(health.duration(key)).unwrap_or(0);
    Ok(Some(HealthConfig {
        test,
        interval: time("interval"),
        timeout: time("timeout"),
        start_period: time("start_period"),
        start_interval: time("start_interval"),
        retries: health.number("retries").unwrap_or(0),
    }))
}

fn ulimits(service: Reader<'_>) -> Vec<Ulimit> {
    let Some(Reader(limits)) = service.map("ulimits") else {
        return Vec::new();
    };
    let limit = |(name, value): (&String, &Value)| {
        let part = |key: &str| match value.as_map() {
            Some(parts) => Reader(parts).number(key).unwrap_or(0),
            None => value.to_text().parse().unwrap_or(0),
        };
        Ulimit {
            name: name.clone(),
            hard: part("hard"),
            soft: part("soft"),
        }
    };
    limits.iter().map(limit).collect()
}

fn resources(deploy: Reader<'_>) -> ResourceRequirements {
    let part = |key: &str| deploy.map("resources").and_then(|all| all.map(key));
    let cpus = |it: Reader<'_>| nano_cpus(&it.text("cpus").unwrap_or_default());
    let bytes = |it: Reader<'_>| {
        let text = it.text("memory").unwrap_or_default();
        compose::units::size(&text).unwrap_or(0)
    };
    ResourceRequirements {
        limits: part("limits").map(|limits| Limit {
            nano_cpus: cpus(limits),
            memory_bytes: bytes(limits),
            pids: limits.number("pids").unwrap_or(0),
        }),
        reservations: part("reservations").map(|kept| Resources {
            nano_cpus: cpus(kept),
            memory_bytes: bytes(kept),
        }),
    }
}

fn restart(service: Reader<'_>, deploy: Reader<'_>) -> Result<Option<TaskRestartPolicy>, String> {
    if let Some(policy) = deploy.map("restart_policy") {
        return Ok(Some(TaskRestartPolicy {
            condition: policy.text("condition").unwrap_or_default(),
            delay: nanos(policy.duration("delay")),
            max_attempts: whole(policy, "max_attempts"),
            window: nanos(policy.duration("window")),
        }));
    }
    let restart = service.text("restart").unwrap_or_default();
    let (word, number) = restart.split_once(':').unwrap_or((&restart, ""));
    let policy = |condition: &str, max_attempts| TaskRestartPolicy {
        condition: condition.into(),
        max_attempts,
        ..TaskRestartPolicy::default()
    };
    Ok(match word {
        "" | "no" => None,
        "always" | "unless-stopped" => Some(policy("any", None)),
        "on-failure" => Some(policy("on-failure", Some(number.parse().unwrap_or(0)))),
        _ => return Err(format!("unknown restart policy: {restart}")),
    })
}

fn updates(config: Reader<'_>) -> UpdateConfig {
    UpdateConfig {
        parallelism: whole(config, "parallelism").unwrap_or(1),
        delay: nanos(config.duration("delay")).unwrap_or(0),
        failure_action: config.text("failure_action").unwrap_or_default(),
        monitor: nanos(config.duration("monitor")).unwrap_or(0),
        max_failure_ratio: config
            .text("max_failure_ratio")
            .and_then(|ratio| ratio.parse().ok())
            .unwrap_or(0.0),
        order: config.text("order").unwrap_or_default(),
    }
}

fn mode(deploy: Reader<'_>) -> Result<ServiceMode, String> {
    let replicas = whole(deploy, "replicas");
    let mut mode = ServiceMode::default();
    let word = deploy.text("mode").unwrap_or_default();
    if matches!(word.as_str(), "global" | "global-job") && replicas.is_some() {
        return Err("replicas can only be used with replicated or replicated-job mode".into());
    }
    match word.as_str() {
        "" | "replicated" => mode.replicated = Some(Replicated { replicas }),
        "global" => mode.global = Some(EveryNode {}),
        "global-job" => mode.global_job = Some(EveryNode {}),
        "replicated-job" => {
            mode.replicated_job = Some(ReplicatedJob {
                max_concurrent: replicas,
                total_completions: replicas,
            });
        }
        other => return Err(format!("Unknown mode: {other}")),
    }
    Ok(mode)
}

fn ports(service: Reader<'_>) -> Vec<PortConfig> {
    let mut ports = Vec::new();
    for port in service.maps("ports") {
        let published = port.text("published").unwrap_or_default();
        let (first, last) = published
            .split_once('-')
            .unwrap_or((&published, &published));
        let (first, last): (u32, u32) = (first.parse().unwrap_or(0), last.parse().unwrap_or(0));
        ports.extend((first..=last).map(|published_port| {
            PortConfig {
                protocol: port.text("protocol").unwrap_or_else(|| "tcp".into()),
                target_port: port
                    .number("target")
                    .and_then(|n| u32::try_from(n).ok())
                    .unwrap_or(0),
                published_port,
                publish_mode: port.text("mode").unwrap_or_else(|| "ingress".into()),
                ..PortConfig::default()
            }
        }));
    }
    sorted::sort_by(&mut ports, |a, b| a.published_port.cmp(&b.published_port));
    ports
}
