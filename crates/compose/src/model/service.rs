//! A service: what its containers are made of.

use sorted::SortedMap;
use std::time::Duration;

use super::hook::Hook;
use super::read::Reader;
use crate::value::{Map, Value};

/// A service of the project.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Service {
    /// Its key in the file.
    pub name: String,
    /// The image; `None` when it would be built.
    pub image: Option<String>,
    /// Whether the file has a `build` section.
    pub build: bool,
    /// A name for the one container, instead of a made one.
    pub container_name: Option<String>,
    /// The command; `None` leaves it to the image, an empty one clears it.
    pub command: Option<Vec<String>>,
    /// The entry point; `None` leaves it to the image, an empty one clears it.
    pub entrypoint: Option<Vec<String>>,
    /// Environment variables; `None` for one that is named and set nowhere.
    pub environment: SortedMap<String, Option<String>>,
    /// The labels of the file; Compose adds its own.
    pub labels: SortedMap<String, String>,
    /// `annotations`.
    pub annotations: SortedMap<String, String>,
    /// The networks, by key; `None` where nothing is said about the attachment.
    pub networks: SortedMap<String, Option<ServiceNetwork>>,
    /// `network_mode`: `none`, `host`, `service:NAME`, `container:NAME` or a network's name.
    pub network_mode: Option<String>,
    /// Published ports, each spelled out.
    pub ports: Vec<Port>,
    /// Ports that are opened to other containers only, such as `80` or `53/udp`.
    pub expose: Vec<String>,
    /// `SERVICE` or `SERVICE:ALIAS`.
    pub links: Vec<String>,
    /// `CONTAINER` or `CONTAINER:ALIAS`.
    pub external_links: Vec<String>,
    /// Lines for /etc/hosts: the addresses of each name.
    pub extra_hosts: SortedMap<String, Vec<String>>,
    /// Name servers.
    pub dns: Vec<String>,
    /// Search domains.
    pub dns_search: Vec<String>,
    /// Resolver options.
    pub dns_opt: Vec<String>,
    /// `hostname`.
    pub hostname: Option<String>,
    /// `domainname`.
    pub domainname: Option<String>,
    /// `mac_address` of the service, which its primary network gets.
    pub mac_address: Option<String>,
    /// The services that have to come before this one, implied ones included.
    pub depends_on: SortedMap<String, Dependency>,
    /// `healthcheck`.
    pub healthcheck: Option<HealthCheck>,
    /// `scale`.
    pub scale: Option<i64>,
    /// `deploy.replicas`.
    pub replicas: Option<i64>,
    /// `deploy.mode`.
    pub deploy_mode: Option<String>,
    /// `restart`.
    pub restart: Option<String>,
    /// `deploy.restart_policy`.
    pub restart_policy: Option<RestartPolicy>,
    /// The profiles that turn it on; none means always on.
    pub profiles: Vec<String>,
    /// What runs in its containers when they have started,
    pub post_start: Vec<Hook>,
    /// and before they are stopped.
    pub pre_stop: Vec<Hook>,
    /// Whether `up` follows its output; unset means yes.
    pub attach: Option<bool>,
    /// Kernel settings of the network namespace.
    pub sysctls: SortedMap<String, String>,
    /// Capabilities to add.
    pub cap_add: Vec<String>,
    /// Capabilities to drop.
    pub cap_drop: Vec<String>,
    /// `privileged`.
    pub privileged: bool,
    /// `user`.
    pub user: Option<String>,
    /// `working_dir`.
    pub working_dir: Option<String>,
    /// `tty`.
    pub tty: bool,
    /// `stdin_open`.
    pub stdin_open: bool,
    /// `read_only`.
    pub read_only: bool,
    /// `init`.
    pub init: Option<bool>,
    /// `stop_signal`.
    pub stop_signal: Option<String>,
    /// `stop_grace_period`.
    pub stop_grace_period: Option<Duration>,
    /// `pull_policy`.
    pub pull_policy: Option<String>,
    /// `platform`.
    pub platform: Option<String>,
    /// `pid`.
    pub pid: Option<String>,
    /// `ipc`.
    pub ipc: Option<String>,
    /// Mounts.
    pub volumes: Vec<Bind>,
    /// Devices of the machine: there, in the container, and what may be done with it.
    pub devices: Vec<[String; 3]>,
    /// Wishes for devices.
    pub device_wishes: Vec<DeviceWish>,
    /// `tmpfs`.
    pub tmpfs: Vec<String>,
    /// Containers, or services, whose mounts are taken over.
    pub volumes_from: Vec<String>,
    /// All of it, as `config` prints it.
    pub tree: Map,
}

/// How a service is attached to one network.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceNetwork {
    /// More names on this network, in order.
    pub aliases: Vec<String>,
    /// A fixed IPv4 address, as written.
    pub ipv4_address: Option<String>,
    /// A fixed IPv6 address, as written.
    pub ipv6_address: Option<String>,
    /// Link-local addresses, as written.
    pub link_local_ips: Vec<String>,
    /// A fixed MAC address, as written.
    pub mac_address: Option<String>,
    /// Options of the endpoint.
    pub driver_opts: SortedMap<String, String>,
    /// The interface's name inside the container.
    pub interface_name: Option<String>,
    /// The network of highest priority is the primary one.
    pub priority: i64,
    /// The network of highest gateway priority holds the default route.
    pub gw_priority: i64,
}

/// One published port.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Port {
    /// The port inside the container.
    pub target: u16,
    /// The port or range on the machine, as text; `None` lets the engine choose.
    pub published: Option<String>,
    /// The machine's address to listen on.
    pub host_ip: Option<String>,
    /// `tcp`, `udp` or `sctp`.
    pub protocol: String,
    /// `ingress` or `host`; the same outside a swarm.
    pub mode: String,
    /// A name for people.
    pub name: Option<String>,
    /// The application's protocol, for people.
    pub app_protocol: Option<String>,
}

/// One service's need of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// What to wait for.
    pub condition: Condition,
    /// Whether restarting the other restarts this one.
    pub restart: bool,
    /// Whether it has to be there at all.
    pub required: bool,
}

/// What a service waits for in another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Condition {
    /// `service_started`.
    #[default]
    Started,
    /// `service_healthy`.
    Healthy,
    /// `service_completed_successfully`.
    Completed,
}

/// `healthcheck`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HealthCheck {
    /// The test, beginning with `CMD`, `CMD-SHELL` or `NONE`.
    pub test: Vec<String>,
    /// Time between two tests.
    pub interval: Option<Duration>,
    /// How long one test may take.
    pub timeout: Option<Duration>,
    /// How many failures in a row are unhealthy.
    pub retries: Option<i64>,
    /// How long failures do not count after the start.
    pub start_period: Option<Duration>,
    /// Time between two tests during the start period.
    pub start_interval: Option<Duration>,
    /// Whether the image's own check is off.
    pub disable: bool,
}

/// `deploy.restart_policy`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RestartPolicy {
    /// `none`, `on-failure` or `any`.
    pub condition: Option<String>,
    /// How often at most.
    pub max_attempts: Option<i64>,
}

/// One mount.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bind {
    /// `bind`, `volume`, `tmpfs`, `npipe`, `cluster` or `image`.
    pub kind: String,
    /// A path, or a volume's key; `None` for an anonymous volume.
    pub source: Option<String>,
    /// The path inside the container.
    pub target: String,
    /// Whether it may not be written to.
    pub read_only: bool,
    /// The label of SELinux.
    pub selinux: Option<String>,
    /// How mounts below a path propagate.
    pub propagation: Option<String>,
    /// Whether a path of the machine that is missing is made.
    pub create_host_path: bool,
    /// Whether an empty volume stays empty.
    pub no_copy: bool,
    /// The part of the volume that is mounted.
    pub subpath: Option<String>,
    /// Whether Compose asks the engine for it in the long form.
    pub long_only: bool,
    /// Size and permission bits of what lives in memory.
    pub tmpfs: Option<(Option<i64>, Option<u32>)>,
}

/// A wish for devices that a driver finds: `gpus`, `deploy.resources.reservations.devices`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceWish {
    /// The driver, or empty.
    pub driver: String,
    /// How many; -1 is all of them.
    pub count: i64,
    /// Which ones.
    pub ids: Vec<String>,
    /// What they have to be able to do.
    pub capabilities: Vec<String>,
}

impl Service {
    pub(super) fn from_tree(name: &str, tree: Map) -> Self {
        let read = Reader(&tree);
        let none = Map::new();
        let deploy = read.map("deploy").unwrap_or(Reader(&none));
        let networks = read.map("networks").unwrap_or(Reader(&none));
        let depends_on = read.map("depends_on").unwrap_or(Reader(&none));
        let extra_hosts = read.map("extra_hosts").unwrap_or(Reader(&none));
        Self {
            name: name.into(),
            image: read.text("image"),
            build: read.get("build").is_some(),
            container_name: read.text("container_name"),
            command: read.some_list("command"),
            entrypoint: read.some_list("entrypoint"),
            environment: read.optional_pairs("environment"),
            labels: read.pairs("labels"),
            annotations: read.pairs("annotations"),
            networks: networks
                .0
                .iter()
                .map(|(key, value)| (key.clone(), value.as_map().map(ServiceNetwork::read)))
                .collect(),
            network_mode: read.text("network_mode"),
            ports: read.maps("ports").map(Port::read).collect(),
            expose: read.list("expose"),
            links: read.list("links"),
            external_links: read.list("external_links"),
            extra_hosts: extra_hosts
                .0
                .keys()
                .map(|host| (host.clone(), extra_hosts.list(host)))
                .collect(),
            dns: read.list("dns"),
            dns_search: read.list("dns_search"),
            dns_opt: read.list("dns_opt"),
            hostname: read.text("hostname"),
            domainname: read.text("domainname"),
            mac_address: read.text("mac_address"),
            depends_on: depends_on
                .0
                .iter()
                .filter_map(|(key, value)| Some((key.clone(), Dependency::read(value.as_map()?))))
                .collect(),
            healthcheck: read.map("healthcheck").map(HealthCheck::read),
            scale: read.number("scale"),
            replicas: deploy.number("replicas"),
            deploy_mode: deploy.text("mode"),
            restart: read.text("restart"),
            restart_policy: deploy.map("restart_policy").map(|policy| RestartPolicy {
                condition: policy.text("condition"),
                max_attempts: policy.number("max_attempts"),
            }),
            profiles: read.list("profiles"),
            post_start: read.maps("post_start").map(Hook::read).collect(),
            pre_stop: read.maps("pre_stop").map(Hook::read).collect(),
            attach: read.flag("attach"),
            sysctls: read.pairs("sysctls"),
            cap_add: read.list("cap_add"),
            cap_drop: read.list("cap_drop"),
            privileged: read.is_set("privileged"),
            user: read.text("user"),
            working_dir: read.text("working_dir"),
            tty: read.is_set("tty"),
            stdin_open: read.is_set("stdin_open"),
            read_only: read.is_set("read_only"),
            init: read.flag("init"),
            stop_signal: read.text("stop_signal"),
            stop_grace_period: read.duration("stop_grace_period"),
            pull_policy: read.text("pull_policy"),
            platform: read.text("platform"),
            pid: read.text("pid"),
            ipc: read.text("ipc"),
            volumes: read.maps("volumes").map(Bind::read).collect(),
            devices: read
                .maps("devices")
                .map(|device| {
                    ["source", "target", "permissions"]
                        .map(|key| device.text(key).unwrap_or_default())
                })
                .collect(),
            device_wishes: deploy
                .map("resources")
                .and_then(|resources| resources.map("reservations"))
                .unwrap_or(Reader(&none))
                .maps("devices")
                .map(|wish| DeviceWish::read(wish, None))
                .chain(
                    read.maps("gpus")
                        .map(|wish| DeviceWish::read(wish, Some("gpu"))),
                )
                .collect(),
            tmpfs: read.list("tmpfs"),
            volumes_from: read.list("volumes_from"),
            tree,
        }
    }

    /// Returns how many containers the service has.
    pub fn scale(&self) -> i64 {
        self.scale.or(self.replicas).unwrap_or(1)
    }

    /// Sets how many containers the service has, as `--scale` does.
    pub fn set_scale(&mut self, scale: i64) {
        self.scale = Some(scale);
        self.tree.insert("scale".into(), Value::Int(scale));
        if let Some(Value::Map(deploy)) = self.tree.get_mut("deploy") {
            deploy.insert("replicas".into(), Value::Int(scale));
            self.replicas = Some(scale);
        }
    }

    /// Returns the keys of its networks, the primary one first: by falling priority, then by key.
    pub fn networks_by_priority(&self) -> Vec<&str> {
        let mut keys: Vec<_> = self
            .networks
            .iter()
            .map(|(key, network)| {
                let priority = network.as_ref().map_or(0, |network| network.priority);
                (std::cmp::Reverse(priority), key.as_str())
            })
            .collect();
        sorted::sort(&mut keys);
        keys.into_iter().map(|(_, key)| key).collect()
    }
}

impl ServiceNetwork {
    fn read(map: &Map) -> Self {
        let read = Reader(map);
        Self {
            aliases: read.list("aliases"),
            ipv4_address: read.text("ipv4_address"),
            ipv6_address: read.text("ipv6_address"),
            link_local_ips: read.list("link_local_ips"),
            mac_address: read.text("mac_address"),
            driver_opts: read.pairs("driver_opts"),
            interface_name: read.text("interface_name"),
            priority: read.number("priority").unwrap_or(0),
            gw_priority: read.number("gw_priority").unwrap_or(0),
        }
    }
}

impl Port {
    fn read(read: Reader<'_>) -> Self {
        Self {
            target: read
                .number("target")
                .and_then(|port| u16::try_from(port).ok())
                .unwrap_or(0),
            published: read.text("published").filter(|text| !text.is_empty()),
            host_ip: read.text("host_ip").filter(|text| !text.is_empty()),
            protocol: read.text("protocol").unwrap_or_default(),
            mode: read.text("mode").unwrap_or_default(),
            name: read.text("name"),
            app_protocol: read.text("app_protocol"),
        }
    }
}

impl Dependency {
    fn read(map: &Map) -> Self {
        let read = Reader(map);
        Self {
            condition: match read.get("condition").and_then(Value::as_str) {
                Some("service_healthy") => Condition::Healthy,
                Some("service_completed_successfully") => Condition::Completed,
                _ => Condition::Started,
            },
            restart: read.is_set("restart"),
            required: read.flag("required").unwrap_or(true),
        }
    }
}

impl DeviceWish {
    fn read(read: Reader<'_>, of: Option<&str>) -> Self {
        let ids = read.list("device_ids");
        let mut capabilities = read.list("capabilities");
        capabilities.extend(of.map(str::to_owned));
        Self {
            driver: read.text("driver").unwrap_or_default(),
            count: match ids.is_empty() {
                true => read.number("count").unwrap_or(-1),
                false => 0,
            },
            ids,
            capabilities,
        }
    }
}

impl HealthCheck {
    fn read(read: Reader<'_>) -> Self {
        Self {
            test: read.list("test"),
            interval: read.duration("interval"),
            timeout: read.duration("timeout"),
            retries: read.number("retries"),
            start_period: read.duration("start_period"),
            start_interval: read.duration("start_interval"),
            disable: read.is_set("disable"),
        }
    }
}

impl Bind {
    /// Reads the short form.
    /// # Errors
    /// Compose's words for a text that is none.
    pub fn parse(spec: &str) -> Result<Self, String> {
        crate::mount::parse(spec).map(|map| Self::read(Reader(&map)))
    }

    fn read(read: Reader<'_>) -> Self {
        let (bind, volume) = (read.map("bind"), read.map("volume"));
        let said = |of: Option<Reader<'_>>, key| {
            of.and_then(|of| of.text(key))
                .filter(|text| !text.is_empty())
        };
        let propagation = said(bind, "propagation");
        let subpath = said(volume, "subpath");
        let no_copy = volume.is_some_and(|v| v.is_set("nocopy"));
        let labelled = volume.is_some_and(|v| v.map("labels").is_some());
        let recursive = bind.is_some_and(|b| b.get("recursive").is_some());
        let create_host_path = bind.is_none_or(|b| b.is_set("create_host_path"));
        Self {
            kind: read.text("type").unwrap_or_default(),
            source: read.text("source").filter(|text| !text.is_empty()),
            target: read.text("target").unwrap_or_default(),
            read_only: read.is_set("read_only"),
            selinux: said(bind, "selinux"),
            // Source: docker/compose `pkg/compose/create.go`, `requireMountAPI`.
            long_only: !create_host_path
                || recursive
                || propagation.is_some()
                || no_copy
                || labelled
                || subpath.is_some(),
            propagation,
            create_host_path,
            no_copy,
            subpath,
            tmpfs: read.map("tmpfs").map(|tmpfs| {
                let mode = tmpfs.number("mode");
                (
                    tmpfs.number("size"),
                    mode.and_then(|m| u32::try_from(m).ok()),
                )
            }),
        }
    }
}
