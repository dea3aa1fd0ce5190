//! The engine about itself, its images and its events.

use kernel::time::Duration;

use crate::api::{
    API_VERSION, AddressPoolInfo, CommitInfo, Component, ContainerdInfo, ContainerdNamespaces,
    ENGINE_VERSION, EventMessage, EventsOptions, FirewallInfo, IndexInfo, Info, MIN_API_VERSION,
    Plugins, RegistryConfig, Runtime, Version,
};
use crate::clock::rfc3339;
use crate::daemon::Engine;
use crate::error::{Error, Result};
use crate::stream::{Receiver, channel};

/// How many processors each machine has.
pub(crate) const CPUS: u64 = 2;
/// Its memory, bytes.
pub(crate) const MEMORY: u64 = 4_294_967_296;
/// The Linux that the simulated machines seem to run.
const LINUX: &str = "6.12.57";
const GO: &str = "go1.24.9";
const COMMIT: &str = "cd04830";
const BUILT: &str = "2025-11-05T15:11:42.000000000+00:00";
/// The commits of what the engine is built on.
const CONTAINERD: &str = "b98a3aace656320842a23f4a392a33f46af97866";
const RUNC: &str = "v1.3.0-0-g4ca628d1";
const INIT: &str = "de40ad0";
const RUNTIMES: [&str; 2] = ["io.containerd.runc.v2", "runc"];
const NETWORK_PLUGINS: [&str; 6] = ["bridge", "host", "ipvlan", "macvlan", "null", "overlay"];
const LOG_PLUGINS: [&str; 8] = [
    "awslogs",
    "fluentd",
    "gelf",
    "journald",
    "json-file",
    "local",
    "splunk",
    "syslog",
];

fn texts<const N: usize>(list: [&str; N]) -> Vec<String> {
    list.map(str::to_owned).to_vec()
}

impl Engine {
    /// `GET /events`.
    pub(crate) async fn events(&self, options: EventsOptions) -> Result<Receiver<EventMessage>> {
        // Source: moby `api/server/router/system/system_routes.go`.
        if options
            .until
            .is_some_and(|until| Some(until) < options.since)
        {
            let [since, until] = &options.sent;
            return Err(Error::invalid(format!(
                "`since` time ({since}) cannot be after `until` time ({until})"
            )));
        }
        let (sender, receiver) = channel(self.sys());
        let now = self.now();
        for message in self.state().events.past(&options) {
            sender.send(message);
        }
        match options.until {
            Some(until) if until <= now => {}
            Some(until) => {
                self.state()
                    .events
                    .follow(options.filters, Some(until), sender);
                let (engine, wait) = (self.clone(), u64::try_from(until - now).unwrap_or(0));
                self.sys().spawn_task(async move {
                    let _ = engine.sys().sleep(Duration::from_nanos(wait)).await;
                    let now = engine.now();
                    engine.state().events.end(now);
                });
            }
            None => self.state().events.follow(options.filters, None, sender),
        }
        Ok(receiver)
    }

    /// `GET /version`.
    pub(crate) fn version(&self) -> Result<Version> {
        let details = [
            ("ApiVersion", API_VERSION),
            ("Arch", "amd64"),
            ("BuildTime", BUILT),
            ("Experimental", "false"),
            ("GitCommit", COMMIT),
            ("GoVersion", GO),
            ("KernelVersion", LINUX),
            ("MinAPIVersion", MIN_API_VERSION),
            ("Os", "linux"),
        ];
        let part = |name: &str, version: &str, details: &[(&str, &str)]| Component {
            name: name.to_owned(),
            version: version.to_owned(),
            details: details
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect(),
        };
        Ok(Version {
            components: vec![
                part("Engine", ENGINE_VERSION, &details),
                part("containerd", "v1.7.28", &[("GitCommit", CONTAINERD)]),
                part("runc", "1.3.0", &[("GitCommit", RUNC)]),
                part("docker-init", "0.19.0", &[("GitCommit", INIT)]),
            ],
            version: ENGINE_VERSION.to_owned(),
            api_version: API_VERSION.to_owned(),
            min_api_version: MIN_API_VERSION.to_owned(),
            git_commit: COMMIT.to_owned(),
            go_version: GO.to_owned(),
            os: "linux".to_owned(),
            arch: "amd64".to_owned(),
            kernel_version: LINUX.to_owned(),
            build_time: BUILT.to_owned(),
        })
    }

    /// `GET /info`.
    pub(crate) fn info(&self) -> Result<Info> {
        let (name, swarm) = (self.sys().hostname(), self.swarm_info());
        let state = self.state();
        let count = |test: &dyn Fn(&crate::state::Container) -> bool| {
            state.containers.values().filter(|c| test(c)).count() as u64
        };
        Ok(Info {
            id: state.id.clone(),
            containers: state.containers.len() as u64,
            containers_running: count(&|c| c.state.running && !c.state.paused),
            containers_paused: count(&|c| c.state.paused),
            containers_stopped: count(&|c| !c.state.running),
            images: state.images.len() as u64,
            driver: "overlay2".to_owned(),
            driver_status: [
                ("Backing Filesystem", "extfs"),
                ("Supports d_type", "true"),
                ("Using metacopy", "false"),
                ("Native Overlay Diff", "true"),
                ("userxattr", "false"),
            ]
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
            .to_vec(),
            plugins: Plugins {
                volume: texts(["local"]),
                network: texts(NETWORK_PLUGINS),
                authorization: None,
                log: texts(LOG_PLUGINS),
            },
            memory_limit: true,
            swap_limit: true,
            kernel_memory_tcp: true,
            cpu_cfs_period: true,
            cpu_cfs_quota: true,
            cpu_shares: true,
            cpu_set: true,
            pids_limit: true,
            ipv4_forwarding: state.forwards,
            debug: state.config.debug,
            oom_kill_disable: true,
            system_time: rfc3339(self.now()),
            logging_driver: state.config.log_driver.clone(),
            cgroup_driver: "cgroupfs".to_owned(),
            cgroup_version: "1".to_owned(),
            kernel_version: LINUX.to_owned(),
            operating_system: "Debian GNU/Linux 13 (trixie)".to_owned(),
            os_version: "13".to_owned(),
            os_type: "linux".to_owned(),
            architecture: "x86_64".to_owned(),
            index_server_address: "https://index.docker.io/v1/".to_owned(),
            registry_config: registries(),
            ncpu: CPUS,
            mem_total: MEMORY,
            docker_root_dir: "/var/lib/docker".to_owned(),
            name,
            labels: state.config.labels.clone(),
            experimental_build: state.config.experimental,
            server_version: ENGINE_VERSION.to_owned(),
            runtimes: RUNTIMES
                .map(|name| {
                    let path = "runc".to_owned();
                    (name.to_owned(), Runtime { path })
                })
                .into(),
            default_runtime: "runc".to_owned(),
            swarm,
            live_restore_enabled: state.config.live_restore,
            init_binary: "docker-init".to_owned(),
            containerd_commit: commit(CONTAINERD),
            runc_commit: commit(RUNC),
            init_commit: commit(INIT),
            security_options: texts(["name=seccomp,profile=builtin"]),
            default_address_pools: pools_info(&state.config),
            firewall_backend: FirewallInfo {
                driver: "iptables".to_owned(),
                info: Vec::new(),
            },
            cdi_spec_dirs: texts(["/etc/cdi", "/var/run/cdi"]),
            containerd: ContainerdInfo {
                address: "/var/run/docker/containerd/containerd.sock".to_owned(),
                namespaces: ContainerdNamespaces {
                    containers: "moby".to_owned(),
                    plugins: "plugins.moby".to_owned(),
                },
            },
            warnings: (!state.forwards)
                .then(|| vec!["WARNING: IPv4 forwarding is disabled".to_owned()]),
            ..Info::default()
        })
    }
}

fn commit(id: &str) -> CommitInfo {
    CommitInfo { id: id.to_owned() }
}

/// There are no settings for registries here.
fn registries() -> RegistryConfig {
    let hub = IndexInfo {
        name: "docker.io".to_owned(),
        official: true,
        secure: true,
        ..IndexInfo::default()
    };
    RegistryConfig {
        index_configs: [(hub.name.clone(), hub)].into(),
        insecure_registry_cidrs: texts(["::1/128", "127.0.0.0/8"]),
        mirrors: None,
    }
}

/// Tells the blocks of automatic subnets where `daemon.json` names them.
fn pools_info(config: &crate::config::Config) -> Option<Vec<AddressPoolInfo>> {
    let told = config
        .default_address_pools
        .iter()
        .map(|pool| AddressPoolInfo {
            base: match pool.base.parse::<ipnet::IpNet>() {
                Ok(net) => net.trunc().to_string(),
                Err(_) => pool.base.clone(),
            },
            size: pool.size,
        });
    Some(told.collect()).filter(|pools: &Vec<_>| !pools.is_empty())
}
