//! Volumes: names that the engine keeps, and which container mounts which.
//!
//! They are told of and counted like real ones; what is written into one is seen in that container alone.

use sorted::SortedMap;

use crate::api::{
    ContainerConfig, EventType, Filters, HostConfig, MountPoint, Volume, VolumeCreateRequest,
    VolumesPruneReport,
};
use crate::clock::{UnixNanos, rfc3339};
use crate::daemon::{DATA, Engine};
use crate::error::{Error, Result};
use crate::filters::{boolean_filter, check_filters, has_labels, matches_name};
use crate::names::is_container_name;
use crate::state::State;

const ANONYMOUS: &str = "com.docker.volume.anonymous";
const LOCAL: &str = "local";
/// Words that a mount's mode may hold: how it is written to, labels of SELinux, copying, propagation.
/// Source: moby `volume/mounts/linux_parser.go`.
const MODES: [[&str; 6]; 4] = [
    ["ro", "rw", "", "", "", ""],
    ["z", "Z", "", "", "", ""],
    ["nocopy", "", "", "", "", ""],
    [
        "private", "rprivate", "slave", "rslave", "shared", "rshared",
    ],
];

/// A volume that the engine keeps.
pub(crate) struct Kept {
    created: UnixNanos,
    labels: Option<SortedMap<String, String>>,
    options: Option<SortedMap<String, String>>,
}

impl Kept {
    fn told(&self, name: &str) -> Volume {
        Volume {
            created_at: rfc3339(self.created - self.created.rem_euclid(1_000_000_000)),
            driver: LOCAL.to_owned(),
            labels: self.labels.clone(),
            mountpoint: directory(name),
            name: name.to_owned(),
            options: self.options.clone(),
            scope: LOCAL.to_owned(),
        }
    }

    fn label_map(&self) -> SortedMap<String, String> {
        self.labels.clone().unwrap_or_default()
    }
}

fn directory(name: &str) -> String {
    format!("{DATA}/volumes/{name}/_data")
}

fn no_such_volume(name: &str) -> Error {
    Error::not_found(format!("get {name}: no such volume"))
}

/// Returns the ids of the containers that mount a volume, newest first.
fn users(state: &State, name: &str) -> Vec<String> {
    let mounts = |c: &&crate::state::Container| c.mounts.iter().any(|m| m.name == name);
    let found = state.containers.values().rev().filter(mounts);
    found.map(|c| c.id.clone()).collect()
}

impl Engine {
    /// `POST /volumes/create`.
    pub(crate) fn volume_create(&self, request: VolumeCreateRequest) -> Result<Volume> {
        let VolumeCreateRequest {
            driver,
            driver_opts,
            mut labels,
            name,
        } = request;
        let name = match name.is_empty() {
            true => {
                labels.insert(ANONYMOUS.to_owned(), String::new());
                self.new_id()
            }
            false => name,
        };
        if !matches!(driver.as_str(), "" | LOCAL) {
            return Err(Error::not_found(format!(
                "create {name}: error looking up volume plugin {driver}: plugin \"{driver}\" not found"
            )));
        }
        check_name(&name)?;
        self.keep_volume(
            &name,
            Some(labels),
            Some(driver_opts).filter(|o| !o.is_empty()),
        );
        self.volume_inspect(name)
    }

    /// Makes a volume unless there is one of that name.
    fn keep_volume(
        &self,
        name: &str,
        labels: Option<SortedMap<String, String>>,
        options: Option<SortedMap<String, String>>,
    ) {
        let kept = Kept {
            created: self.now(),
            labels: labels.filter(|l| !l.is_empty()),
            options,
        };
        {
            let mut state = self.state();
            if state.volumes.contains_key(name) {
                return;
            }
            state.volumes.insert(name.to_owned(), kept);
        }
        self.volume_event("create", name);
    }

    fn volume_event(&self, action: &str, name: &str) {
        let attributes = SortedMap::from([("driver".to_owned(), LOCAL.to_owned())]);
        self.event(EventType::Volume, action, name, attributes);
    }

    /// `GET /volumes/{name}`.
    pub(crate) fn volume_inspect(&self, volume: String) -> Result<Volume> {
        let state = self.state();
        let kept = state.volumes.get(&volume);
        kept.map(|kept| kept.told(&volume))
            .ok_or_else(|| no_such_volume(&volume))
    }

    /// `GET /volumes`.
    pub(crate) fn volume_list(&self, filters: Filters) -> Result<Vec<Volume>> {
        check_filters(&filters, &["dangling", "name", "driver", "label"])?;
        let dangling = boolean_filter(&filters, "dangling")?;
        let state = self.state();
        let wanted = |name: &str, kept: &Kept| {
            let any = |key: &str, is: &dyn Fn(&str) -> bool| {
                filters
                    .get(key)
                    .is_none_or(|values| values.iter().any(|v| is(v)))
            };
            any("name", &|v| matches_name(v, name))
                && any("driver", &|v| v == LOCAL)
                && has_labels(&filters, "label", &kept.label_map())
                && dangling.is_none_or(|d| users(&state, name).is_empty() == d)
        };
        let found = state.volumes.iter().filter(|(n, kept)| wanted(n, kept));
        Ok(found.map(|(name, kept)| kept.told(name)).collect())
    }

    /// `DELETE /volumes/{name}`.
    pub(crate) fn volume_remove(&self, volume: String, force: bool) -> Result<()> {
        {
            let state = self.state();
            if !state.volumes.contains_key(&volume) {
                return match force {
                    true => Ok(()),
                    false => Err(no_such_volume(&volume)),
                };
            }
            let users = users(&state, &volume);
            if !users.is_empty() {
                return Err(Error::conflict(format!(
                    "remove {volume}: volume is in use - [{}]",
                    users.join(", ")
                )));
            }
        }
        self.forget_volume(&volume);
        Ok(())
    }

    fn forget_volume(&self, name: &str) {
        self.state().volumes.remove(name);
        self.volume_event("destroy", name);
    }

    /// Removes the volumes without names of a container that is gone, unless another mounts them, too.
    pub(crate) fn remove_anonymous(&self, mounts: &[MountPoint]) {
        for mount in mounts {
            let goes = {
                let state = self.state();
                let kept = state.volumes.get(&mount.name);
                kept.is_some_and(|kept| kept.label_map().contains_key(ANONYMOUS))
                    && users(&state, &mount.name).is_empty()
            };
            if goes {
                self.forget_volume(&mount.name);
            }
        }
    }

    /// `POST /volumes/prune`.
    pub(crate) fn volume_prune(&self, filters: Filters) -> Result<VolumesPruneReport> {
        check_filters(&filters, &["label", "label!", "all"])?;
        let all = boolean_filter(&filters, "all")? == Some(true);
        let unused: Vec<String> = {
            let state = self.state();
            let wanted = |name: &String, kept: &Kept| {
                let labels = kept.label_map();
                // What has options may stand for something outside of the engine.
                (all || labels.contains_key(ANONYMOUS))
                    && kept.options.is_none()
                    && users(&state, name).is_empty()
                    && has_labels(&filters, "label", &labels)
                    && (!filters.contains_key("label!") || !has_labels(&filters, "label!", &labels))
            };
            let found = state.volumes.iter().filter(|(n, kept)| wanted(n, kept));
            found.map(|(name, _)| name.clone()).collect()
        };
        for name in &unused {
            self.forget_volume(name);
        }
        let said = SortedMap::from([("reclaimed".to_owned(), "0".to_owned())]);
        self.event(EventType::Volume, "prune", "", said);
        Ok(VolumesPruneReport {
            volumes_deleted: unused,
            space_reclaimed: 0,
        })
    }

    /// Tells that a container's volumes are mounted, or no longer.
    pub(crate) fn volumes_event(&self, action: &str, container: &str) {
        let mounts = {
            let state = self.state();
            state
                .containers
                .get(container)
                .map(|c| c.mounts.clone())
                .unwrap_or_default()
        };
        for mount in mounts.into_iter().filter(|m| !m.name.is_empty()) {
            let mut said = SortedMap::from([
                ("container".to_owned(), container.to_owned()),
                ("driver".to_owned(), mount.driver),
            ]);
            if action == "mount" {
                said.insert("destination".to_owned(), mount.destination);
                said.insert("propagation".to_owned(), mount.propagation);
                said.insert("read/write".to_owned(), mount.rw.to_string());
            }
            self.event(EventType::Volume, action, &mount.name, said);
        }
    }

    /// Gives a new container its mounts; volumes that are not there yet are made.
    pub(crate) fn mount_volumes(&self, container: &str, mut mounts: Vec<MountPoint>) {
        for mount in mounts.iter_mut().filter(|m| m.kind == "volume") {
            let mut labels = None;
            if mount.name.is_empty() {
                mount.name = self.new_id();
                labels = Some(SortedMap::from([(ANONYMOUS.to_owned(), String::new())]));
            }
            self.keep_volume(&mount.name, labels, None);
            mount.source = directory(&mount.name);
            mount.driver = LOCAL.to_owned();
        }
        let tree = {
            let mut state = self.state();
            let Some(c) = state.containers.get_mut(container) else {
                return;
            };
            c.mounts.clone_from(&mounts);
            c.mount
        };
        for mount in mounts.iter().filter(|m| m.kind == "volume") {
            self.make_directory(tree, &mount.destination);
        }
    }
}

fn check_name(name: &str) -> Result<()> {
    match is_container_name(name) {
        true => Ok(()),
        false if name.len() == 1 => Err(Error::invalid(format!(
            "create {name}: volume name is too short, names should be at least two alphanumeric characters"
        ))),
        false => Err(Error::invalid(format!(
            "create {name}: \"{name}\" includes invalid characters for a local volume name, only \
             \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, use absolute path"
        ))),
    }
}

/// Reads what a container is to mount: binds, then volumes without names. The names of the latter are still empty.
/// Source: moby `volume/mounts/linux_parser.go`.
pub(crate) fn mount_points(
    config: &ContainerConfig,
    host_config: &HostConfig,
) -> Result<Vec<MountPoint>> {
    let mut mounts: Vec<MountPoint> = Vec::new();
    for bind in host_config.binds.iter().flatten() {
        let mount = mount_point(bind)?;
        if mounts.iter().any(|m| m.destination == mount.destination) {
            let at = mount.destination;
            return Err(Error::invalid(format!("Duplicate mount point: {at}")));
        }
        mounts.push(mount);
    }
    for path in config.volumes.iter().flat_map(SortedMap::keys) {
        let destination = kernel::fs::path::absolute("/", path);
        if mounts.iter().all(|m| m.destination != destination) {
            mounts.push(MountPoint {
                kind: "volume".to_owned(),
                destination,
                rw: true,
                ..MountPoint::default()
            });
        }
    }
    sorted::sort_by(&mut mounts, |a, b| a.destination.cmp(&b.destination));
    Ok(mounts)
}

/// Reads `source:target[:mode]`.
fn mount_point(bind: &str) -> Result<MountPoint> {
    let bad = || Error::invalid(format!("invalid volume specification: '{bind}'"));
    let parts: Vec<&str> = bind.split(':').collect();
    let (source, target, mode) = match parts.as_slice() {
        [source, target] => (*source, *target, ""),
        [source, target, mode] => (*source, *target, *mode),
        _ => return Err(bad()),
    };
    if source.is_empty() || target.is_empty() {
        return Err(bad());
    }
    let bind_mount = source.starts_with('/');
    let kind = if bind_mount { "bind" } else { "volume" };
    let mut met = [false; MODES.len()];
    for word in mode.split(',').filter(|_| !mode.is_empty()) {
        let group = MODES
            .iter()
            .position(|g| !word.is_empty() && g.contains(&word));
        match group.and_then(|g| met.get_mut(g)) {
            Some(met) if !*met => *met = true,
            _ => return Err(Error::invalid(format!("invalid mode: {mode}"))),
        }
    }
    let wrong = |what: String| {
        Error::invalid(format!(
            "invalid volume specification: '{bind}': invalid mount config for type \"{kind}\": {what}"
        ))
    };
    if !target.starts_with('/') {
        return Err(wrong(format!(
            "invalid mount path: '{target}' mount path must be absolute"
        )));
    }
    let destination = kernel::fs::path::absolute("/", target);
    if destination == "/" {
        return Err(wrong(
            "invalid specification: destination can't be '/'".to_owned(),
        ));
    }
    if !bind_mount {
        check_name(source)?;
    }
    let propagates = mode
        .split(',')
        .find(|w| MODES.iter().skip(3).any(|g| g.contains(w)));
    Ok(MountPoint {
        kind: kind.to_owned(),
        name: if bind_mount {
            String::new()
        } else {
            source.to_owned()
        },
        source: if bind_mount {
            kernel::fs::path::absolute("/", source)
        } else {
            String::new()
        },
        destination,
        driver: String::new(),
        mode: match (bind_mount, mode) {
            (false, "") => "z".to_owned(),
            _ => mode.to_owned(),
        },
        rw: mode.split(',').all(|word| word != "ro"),
        propagation: match (bind_mount, propagates) {
            (true, Some(word)) if !word.is_empty() => word.to_owned(),
            (true, _) => "rprivate".to_owned(),
            (false, _) => String::new(),
        },
    })
}
