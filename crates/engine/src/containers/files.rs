//! The files that the engine keeps of a container in `/var/lib/docker/containers/ID`: its log, and its configuration as two
//! JSON texts, which a daemon reads again when it comes up. The rest of them is written by the sandbox.
//! Source: moby `container/container.go`, `toDisk`.

use bytes::Bytes;
use kernel::fs::{Node, path};
use serde::Serialize;
use sorted::SortedMap;

use crate::api::{ContainerConfig, ContainerInspect, ContainerState, MountPoint, NetworkSettings};
use crate::daemon::Engine;
use crate::go_json;
use crate::logs::{LogFile, Output};
use crate::sha256;
use crate::stream::Channel;

use super::logging;

const CONFIG: &str = "config.v2.json";
const HOST_CONFIG: &str = "hostconfig.json";

/// What happens to a container that changes what is written of it.
const CHANGING: [&str; 10] = [
    "connect",
    "create",
    "die",
    "disconnect",
    "pause",
    "rename",
    "start",
    "stop",
    "unpause",
    "update",
];

/// What stands in `config.v2.json`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Written<'a> {
    stream_config: SortedMap<String, String>,
    state: &'a ContainerState,
    #[serde(rename = "ID")]
    id: &'a str,
    created: &'a str,
    managed: bool,
    path: &'a str,
    args: &'a [String],
    config: &'a ContainerConfig,
    image: &'a str,
    image_manifest: Option<String>,
    network_settings: &'a NetworkSettings,
    log_path: &'a str,
    name: &'a str,
    driver: &'a str,
    #[serde(rename = "OS")]
    os: &'a str,
    image_platform: SortedMap<&'static str, &'static str>,
    restart_count: u64,
    has_been_started_before: bool,
    has_been_manually_stopped: bool,
    mount_points: SortedMap<&'a str, &'a MountPoint>,
    secret_references: Option<Vec<String>>,
    config_references: Option<Vec<String>>,
    mount_label: &'a str,
    process_label: &'a str,
    app_armor_profile: &'a str,
    seccomp_profile: &'a str,
    no_new_privileges: bool,
    writable_cgroups: Option<bool>,
    hostname_path: &'a str,
    hosts_path: &'a str,
    shm_path: &'a str,
    resolv_conf_path: &'a str,
    local_log_cache_meta: SortedMap<&'static str, bool>,
}

fn written(told: &ContainerInspect, stopped: bool) -> Vec<u8> {
    let mounts = told.mounts.iter();
    go_json::line(&Written {
        stream_config: SortedMap::new(),
        state: &told.state,
        id: &told.id,
        created: &told.created,
        managed: false,
        path: &told.path,
        args: &told.args,
        config: &told.config,
        image: &told.image,
        image_manifest: None,
        network_settings: &told.network_settings,
        log_path: &told.log_path,
        name: &told.name,
        driver: &told.driver,
        os: &told.platform,
        image_platform: SortedMap::from([("architecture", "amd64"), ("os", "linux")]),
        restart_count: told.restart_count,
        has_been_started_before: !told.log_path.is_empty() || !told.hosts_path.is_empty(),
        has_been_manually_stopped: stopped,
        mount_points: mounts.map(|m| (m.destination.as_str(), m)).collect(),
        secret_references: None,
        config_references: None,
        mount_label: "",
        process_label: "",
        app_armor_profile: "",
        seccomp_profile: "",
        no_new_privileges: false,
        writable_cgroups: None,
        hostname_path: &told.hostname_path,
        hosts_path: &told.hosts_path,
        shm_path: "",
        resolv_conf_path: &told.resolv_conf_path,
        local_log_cache_meta: SortedMap::from([("HaveNotifyEnabled", false)]),
    })
}

impl Engine {
    /// Writes down what a container is now, if what happened to it changes that.
    pub(crate) fn save_container(&self, happened: &str, id: &str) {
        if !CHANGING.contains(&happened) {
            return;
        }
        let (dir, config, host_config) = {
            let state = self.state();
            let Some(c) = state.containers.get(id) else {
                return;
            };
            let told = super::inspect(&state, c);
            let host_config = go_json::line(&c.host_config);
            (c.dir.clone(), written(&told, c.user_stopped), host_config)
        };
        self.put_own(&dir, Node::Dir, 0o710);
        self.put_own(&format!("{dir}/checkpoints"), Node::Dir, 0o700);
        for (name, text) in [(CONFIG, config), (HOST_CONFIG, host_config)] {
            let path = format!("{dir}/{name}");
            self.put_own(&path, Node::File(Bytes::new()), 0o600);
            // The encoder's line has an end, the file has none.
            let text = text.strip_suffix(b"\n").unwrap_or(&text);
            let text = Bytes::copy_from_slice(text);
            let root = self.root();
            let _ = self.sys().kernel(|k| k.file_store(root, &path, text));
        }
    }

    /// Makes the files that a container has from its first start on.
    pub(super) fn make_run_files(&self, id: &str) {
        let Some((dir, output, log)) = self.state().containers.get(id).map(|c| {
            let log = (c.host_config.log_config.kind == "json-file")
                .then(|| logging::attributes(&c.host_config.log_config, &c.config));
            (c.dir.clone(), c.output.clone(), log)
        }) else {
            return;
        };
        self.put_own(&format!("{dir}/mounts"), Node::Dir, 0o710);
        let path = format!("{dir}/{id}-json.log");
        output.set_file(log.map(|attributes| {
            self.put_own(&path, Node::File(Bytes::new()), 0o640);
            let length = self.length_of(&path).unwrap_or(0);
            LogFile::new(path.clone(), attributes, length)
        }));
    }

    /// Writes down of which text the engine knows that it is its own.
    pub(crate) fn save_resolver_hash(&self, dir: &str, text: &str) {
        let path = format!("{dir}/resolv.conf.hash");
        self.put_own(&path, Node::File(Bytes::new()), 0o644);
        let hash = format!("sha256:{}", sha256::hex(text.as_bytes()));
        let root = self.root();
        let _ = self
            .sys()
            .kernel(|k| k.file_store(root, &path, hash.into()));
    }

    /// Puts something where nothing is yet.
    fn put_own(&self, path: &str, node: Node, mode: u32) {
        self.sys().kernel(|k| {
            let now = k.now;
            if let Some(tree) = k.tree_mut(self.root())
                && tree.get(path).is_none()
            {
                tree.put(path, node, mode, now);
            }
        });
    }

    fn length_of(&self, path: &str) -> Option<usize> {
        let root = self.root();
        let contents = self.sys().kernel(|k| k.file_contents(root, path));
        contents.ok().map(|data| data.len())
    }

    /// Takes a piece of what a process prints.
    pub(super) fn take_output(&self, output: &Output, channel: Channel, data: &Bytes) {
        output.write(self.now(), channel, data);
        self.save_log(output);
    }

    /// Writes into the log's file what is not there yet. Where the disk is full, it is not kept.
    pub(super) fn save_log(&self, output: &Output) {
        if let Some((path, text)) = output.unsaved() {
            let root = self.root();
            let _ = self.sys().kernel(|k| k.file_append(root, &path, &text));
        }
    }

    /// Reads a log's file again that somebody else has written into, or emptied.
    pub(super) fn reread_log(&self, output: &Output) {
        if let Some(path) = output.changed_file(|path| self.length_of(path)) {
            let root = self.root();
            let text = self.sys().kernel(|k| k.file_contents(root, &path));
            output.replace(&text.unwrap_or_default());
        }
    }

    /// Takes over what somebody wrote into the files of containers while no daemon ran.
    pub(crate) fn reload_containers(&self) {
        for c in self.state().containers.values_mut() {
            let read = |name: &str| {
                let text = self.sys().read_text(&format!("{}/{name}", c.dir)).ok()?;
                serde_json::from_str::<serde_json::Value>(&text).ok()
            };
            let config = read(CONFIG).and_then(|all| all.get("Config").cloned());
            let config = config.and_then(|value| serde_json::from_value(value).ok());
            let host_config = read(HOST_CONFIG).and_then(|all| serde_json::from_value(all).ok());
            if let Some(config) = config {
                c.config = config;
            }
            if let Some(host_config) = host_config {
                c.host_config = host_config;
            }
        }
    }

    /// Removes the files that the engine keeps for a container.
    pub(super) fn remove_files(&self, dir: &str) {
        self.sys().kernel(|k| {
            let all = k.subtree(self.root(), dir);
            let Some(tree) = k.tree_mut(self.root()) else {
                return;
            };
            for (below, _) in all.iter().rev() {
                let _ = tree.remove(&path::absolute("/", &format!("{dir}{below}")));
            }
        });
    }
}
