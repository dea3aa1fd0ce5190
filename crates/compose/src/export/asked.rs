//! What somebody asked for: the networks and containers of an engine without what images and the engine added.

use engine::api::{HealthConfig, IpamPool, Mount, RestartPolicy};
use engine::survey::{Inspected, Inspection};
use sorted::SortedMap;

use crate::plan::labels;

/// What begins the labels that Compose puts on things.
const OWN: &str = "com.docker.compose.";
/// The endpoint's option that names the interface.
pub(super) const INTERFACE_NAME: &str = "com.docker.network.endpoint.ifname";

/// Networks and containers, each in the order of their making.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Topology {
    /// The networks that somebody made.
    pub networks: Vec<Net>,
    /// The volumes that containers mount and those that somebody described.
    pub volumes: Vec<Kept>,
    /// The containers.
    pub containers: Vec<Holder>,
}

/// A volume.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Kept {
    /// Its name.
    pub name: String,
    /// Options for its driver.
    pub options: SortedMap<String, String>,
    /// Labels.
    pub labels: SortedMap<String, String>,
}

/// A network.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Net {
    /// Its key in a Compose file.
    pub key: String,
    /// Its name.
    pub name: String,
    /// Its driver.
    pub driver: String,
    /// Options for the driver.
    pub options: SortedMap<String, String>,
    /// The address manager, unless it is the usual one.
    pub ipam_driver: String,
    /// The pools that somebody asked for.
    pub pools: Vec<IpamPool>,
    /// Whether it is cut off.
    pub internal: bool,
    /// Whether containers outside services may join.
    pub attachable: bool,
    /// Whether it has IPv4.
    pub ipv4: bool,
    /// Whether it has IPv6.
    pub ipv6: bool,
    /// Labels.
    pub labels: SortedMap<String, String>,
    /// Whether it only holds a configuration.
    pub config_only: bool,
    /// The network that it has its configuration from, or empty.
    pub config_from: String,
}

/// A container's attachment to a network.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attachment {
    /// The network's name.
    pub network: String,
    /// More names there.
    pub aliases: Vec<String>,
    /// A fixed IPv4 address, or empty.
    pub ipv4: String,
    /// A fixed IPv6 address, or empty.
    pub ipv6: String,
    /// Link-local addresses.
    pub link_local: Vec<String>,
    /// A fixed hardware address, or empty.
    pub mac: String,
    /// Options for the driver.
    pub options: SortedMap<String, String>,
    /// Priority among default gateways.
    pub gw_priority: i64,
    /// Links, which hold in this network only: `NAME:ALIAS`.
    pub links: Vec<String>,
}

/// A container.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Holder {
    /// Its key in a Compose file.
    pub key: String,
    /// Its name.
    pub name: String,
    /// Its image.
    pub image: String,
    /// The entry point, where it is not the image's.
    pub entrypoint: Option<Vec<String>>,
    /// The command, where it is not the image's.
    pub command: Option<Vec<String>>,
    /// Variables beyond the image's.
    pub environment: Vec<String>,
    /// Labels beyond the image's and Compose's own.
    pub labels: SortedMap<String, String>,
    /// Scalar options with their names in a Compose file, such as `hostname`.
    pub words: Vec<(&'static str, String)>,
    /// List options with their names in a Compose file, such as `cap_add`.
    pub lists: Vec<(&'static str, Vec<String>)>,
    /// Mounts of parts of volumes, which have no short form.
    pub mounts_of_parts: Vec<Mount>,
    /// Flags that are on, with their names in a Compose file.
    pub flags: Vec<&'static str>,
    /// Health check, where it is not the image's.
    pub health: Option<HealthConfig>,
    /// Published ports: address or empty, port there or empty, port in the container with its protocol.
    pub ports: Vec<(String, String, String)>,
    /// What to do when it ends.
    pub restart: RestartPolicy,
    /// `host`, `none`, `container:NAME`; empty for one with networks of its own.
    pub shares: String,
    /// Its networks, the first first.
    pub networks: Vec<Attachment>,
    /// Kernel settings.
    pub sysctls: SortedMap<String, String>,
    /// Whether it goes when it ends.
    pub auto_remove: bool,
    /// Whether all exposed ports are published.
    pub publish_all: bool,
    /// `running`, `paused`, `exited` ...
    pub state: String,
}

/// Says what somebody asked for.
pub fn topology(told: &Inspection) -> Topology {
    let none = SortedMap::new();
    let mut networks: Vec<Net> = Vec::new();
    for n in &told.networks {
        if matches!(n.name.as_str(), "bridge" | "host" | "none") {
            continue;
        }
        let labelled = n.labels.iter().flat_map(|l| l.get(labels::NETWORK)).next();
        let labelled = labelled.cloned();
        let key = free(labelled.unwrap_or_default(), &n.name, |key| {
            networks.iter().any(|n| n.key == key)
        });
        networks.push(Net {
            key,
            name: n.name.clone(),
            driver: n.driver.clone(),
            options: n.options.clone().unwrap_or_default(),
            ipam_driver: if n.ipam.driver == "default" {
                String::new()
            } else {
                n.ipam.driver.clone()
            },
            pools: n.ipam.config.clone().unwrap_or_default(),
            internal: n.internal,
            attachable: n.attachable,
            ipv4: n.enable_ipv4,
            ipv6: n.enable_ipv6,
            labels: foreign(n.labels.as_ref().unwrap_or(&none)),
            config_only: n.config_only,
            config_from: n.config_from.network.clone(),
        });
    }
    let mut containers: Vec<Holder> = Vec::new();
    let service = |c: &Inspected| {
        c.inspect
            .config
            .labels
            .get(labels::SERVICE)
            .cloned()
            .unwrap_or_default()
    };
    for c in &told.containers {
        let own = service(c);
        let alone = told
            .containers
            .iter()
            .filter(|other| service(other) == own || name(other) == own)
            .count()
            == 1;
        let key = free(if alone { own } else { String::new() }, name(c), |key| {
            containers.iter().any(|c| c.key == key)
        });
        containers.push(holder(told, c, key));
    }
    let volumes = told.volumes.iter().map(|v| Kept {
        name: v.name.clone(),
        options: v.options.clone().unwrap_or_default(),
        labels: foreign(&v.labels.clone().unwrap_or_default()),
    });
    Topology {
        networks,
        volumes: volumes.collect(),
        containers,
    }
}

/// Chooses a key: the wanted one if there is one that is free, else the name in a key's letters.
fn free(wanted: String, name: &str, taken: impl Fn(&str) -> bool) -> String {
    let letter = |c: char| {
        if c.is_ascii_alphanumeric() || "._-".contains(c) {
            c
        } else {
            '-'
        }
    };
    let mut key = if wanted.is_empty() || taken(&wanted) {
        name.chars().map(letter).collect()
    } else {
        wanted
    };
    while taken(&key) {
        key.push('-');
    }
    key
}

fn name(c: &Inspected) -> &str {
    c.inspect.name.trim_start_matches('/')
}

fn foreign(labels: &SortedMap<String, String>) -> SortedMap<String, String> {
    let own = labels.iter().filter(|(label, _)| !label.starts_with(OWN));
    own.map(|(label, value)| (label.clone(), value.clone()))
        .collect()
}

fn holder(told: &Inspection, c: &Inspected, key: String) -> Holder {
    let (config, host) = (&c.inspect.config, &c.inspect.host_config);
    let image = told
        .images
        .get(&config.image)
        .map(|image| image.config.clone())
        .unwrap_or_default();
    let list = |list: &Option<Vec<String>>| list.clone().unwrap_or_default();
    let entrypoint = list(&config.entrypoint);
    let other_entry = entrypoint != image.entrypoint;
    let command = list(&config.cmd);
    let other_command =
        command != image.cmd.clone().unwrap_or_default() || (other_entry && !command.is_empty());
    let shares = match host.network_mode.strip_prefix("container:") {
        Some(id) => {
            let holder = told.containers.iter().find(|other| other.inspect.id == id);
            format!("container:{}", holder.map_or(id, name))
        }
        None if matches!(host.network_mode.as_str(), "host" | "none") => host.network_mode.clone(),
        None => String::new(),
    };
    let short_id = c.inspect.id.get(..12).unwrap_or_default();
    let own_name = config.hostname != short_id && matches!(shares.as_str(), "" | "none");
    let differs = |mine: &String, its: &String| {
        if mine == its {
            String::new()
        } else {
            mine.clone()
        }
    };
    let mode = |mode: &String| {
        if matches!(mode.as_str(), "private" | "shareable") {
            String::new()
        } else {
            mode.clone()
        }
    };
    let mut words = vec![
        (
            "hostname",
            if own_name {
                config.hostname.clone()
            } else {
                String::new()
            },
        ),
        ("domainname", config.domainname.clone()),
        ("user", differs(&config.user, &image.user)),
        (
            "working_dir",
            differs(&config.working_dir, &image.working_dir),
        ),
        (
            "stop_signal",
            differs(&config.stop_signal, &image.stop_signal),
        ),
        ("pid", mode(&host.pid_mode)),
        ("ipc", mode(&host.ipc_mode)),
        (
            "stop_grace_period",
            config
                .stop_timeout
                .map(|s| format!("{s}s"))
                .unwrap_or_default(),
        ),
    ];
    words.retain(|(_, word)| !word.is_empty());
    let published: Vec<&String> = host.published().map(|(port, _)| port).collect();
    let exposed = config
        .exposed_ports
        .keys()
        .filter(|port| !image.exposed_ports.contains_key(*port) && !published.contains(port));
    let mounts = |volumes: &SortedMap<String, engine::api::Empty>| {
        volumes.keys().cloned().collect::<Vec<_>>()
    };
    let mut volumes = list(&host.binds);
    let named = |source: &&String| told.volumes.iter().any(|v| v.name == **source);
    let parts = |mount: &Mount| mount.volume_options.clone().unwrap_or_default().subpath;
    for mount in host.mounts.iter().filter(|m| m.kind != "tmpfs") {
        if !parts(mount).is_empty() {
            continue;
        }
        let source = Some(&mount.source).filter(|s| s.starts_with('/') || named(s));
        let modes = short_modes(mount).join(",");
        volumes.push(match (source, modes.as_str()) {
            (None, _) => mount.target.clone(),
            (Some(source), "") => format!("{source}:{}", mount.target),
            (Some(source), modes) => format!("{source}:{}:{modes}", mount.target),
        });
    }
    let mounts_of_parts = host.mounts.iter().filter(|m| !parts(m).is_empty());
    let mounts_of_parts = mounts_of_parts.cloned().collect();
    volumes.extend(config.volumes.as_ref().map(mounts).unwrap_or_default());
    let tmpfs = host.tmpfs.iter().map(|(path, options)| {
        if options.is_empty() {
            path.clone()
        } else {
            format!("{path}:{options}")
        }
    });
    let in_memory = host.mounts.iter().filter(|m| m.kind == "tmpfs");
    let tmpfs = tmpfs.chain(in_memory.map(|m| {
        let options = m.tmpfs_options.clone().unwrap_or_default();
        let size = options.size_bytes.map(|size| format!("size={size}"));
        let mode = options.mode.map(|mode| format!("mode={mode:o}"));
        let words: Vec<String> = [size, mode].into_iter().flatten().collect();
        match words.is_empty() {
            true => m.target.clone(),
            false => format!("{}:{}", m.target, words.join(",")),
        }
    }));
    let taken = list(&host.volumes_from).into_iter().map(|from| {
        let (id, mode) = from.split_once(':').unwrap_or((&from, ""));
        let other = told.containers.iter().find(|c| c.inspect.id == id);
        let mode = if mode == "ro" { ":ro" } else { "" };
        format!("container:{}{mode}", other.map_or(id, name))
    });
    // `/child:/parent/alias`
    let links = list(&host.links)
        .into_iter()
        .map(|link| match link.split_once(':') {
            Some((child, own)) if link.starts_with('/') => {
                format!(
                    "{}:{}",
                    child.trim_start_matches('/'),
                    own.rsplit('/').next().unwrap_or_default()
                )
            }
            _ => link,
        });
    let mut lists = vec![
        (
            "expose",
            exposed
                .map(|port| port.trim_end_matches("/tcp").to_owned())
                .collect(),
        ),
        ("dns", list(&host.dns)),
        ("dns_search", list(&host.dns_search)),
        ("dns_opt", list(&host.dns_options)),
        ("extra_hosts", list(&host.extra_hosts)),
        ("cap_add", list(&host.cap_add)),
        ("cap_drop", list(&host.cap_drop)),
        ("volumes", volumes),
        ("tmpfs", tmpfs.collect()),
        ("volumes_from", taken.collect()),
        ("external_links", links.collect()),
    ];
    lists.retain(|(_, list): &(&str, Vec<String>)| !list.is_empty());
    let mut flags = Vec::new();
    for (flag, on) in [
        ("privileged", host.privileged),
        ("read_only", host.readonly_rootfs),
        ("init", host.init == Some(true)),
        ("tty", config.tty),
        ("stdin_open", config.open_stdin),
    ] {
        if on {
            flags.push(flag);
        }
    }
    let ports = host.published().flat_map(|(port, bindings)| {
        let bindings = bindings.to_vec();
        bindings
            .into_iter()
            .map(move |b| (b.host_ip, b.host_port, port.clone()))
    });
    Holder {
        key,
        name: name(c).to_owned(),
        image: config.image.clone(),
        entrypoint: other_entry.then_some(entrypoint),
        command: other_command.then_some(command),
        environment: list(&config.env)
            .into_iter()
            .filter(|one| !image.env.contains(one))
            .collect(),
        labels: foreign(&config.labels)
            .into_iter()
            .filter(|(label, value)| image.labels.get(label) != Some(value))
            .collect(),
        words,
        lists,
        mounts_of_parts,
        flags,
        health: config
            .healthcheck
            .clone()
            .filter(|own| image.healthcheck.as_ref() != Some(own)),
        ports: ports.collect(),
        restart: host.restart_policy.clone(),
        networks: if shares.is_empty() {
            attachments(c)
        } else {
            Vec::new()
        },
        shares,
        sysctls: host.sysctls.clone(),
        auto_remove: host.auto_remove,
        publish_all: host.publish_all_ports,
        state: c.inspect.state.status.clone(),
    }
}

/// What the short form of a mount says after its second colon.
fn short_modes(mount: &Mount) -> Vec<&str> {
    let bind = mount.bind_options.as_ref();
    let propagation = bind.map_or("", |o| o.propagation.as_str());
    let kept = mount.volume_options.as_ref();
    let words = [
        if mount.read_only { "ro" } else { "" },
        if kept.is_some_and(|o| o.no_copy) {
            "nocopy"
        } else {
            ""
        },
        propagation,
    ];
    words.into_iter().filter(|word| !word.is_empty()).collect()
}

/// The networks, the one that the container was made with first.
fn attachments(c: &Inspected) -> Vec<Attachment> {
    let settings = &c.inspect.network_settings.networks;
    let mut all: Vec<Attachment> = Vec::new();
    for (network, mac) in &c.joined {
        let Some(s) = settings.get(network) else {
            continue;
        };
        let asked = s.ipam_config.clone().unwrap_or_default();
        let mut aliases = s.aliases.clone().unwrap_or_default();
        aliases.retain(|alias| alias != name(c));
        sorted::sort(&mut aliases);
        aliases.dedup();
        all.push(Attachment {
            network: network.clone(),
            aliases,
            ipv4: asked.ipv4_address,
            ipv6: asked.ipv6_address,
            link_local: asked.link_local_ips,
            mac: mac.clone(),
            options: s.driver_opts.clone().unwrap_or_default(),
            gw_priority: s.gw_priority,
            links: s.links.clone().unwrap_or_default(),
        });
    }
    let first = &c.inspect.host_config.network_mode;
    let first = if first == "default" {
        "bridge"
    } else {
        first.as_str()
    };
    sorted::sort_by_key(&mut all, |a| a.network != first);
    all
}
