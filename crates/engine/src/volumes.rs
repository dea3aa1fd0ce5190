//! Volumes: directories that the engine keeps by name, and which container mounts which.

use kernel::fs::Node;
use sorted::SortedMap;

use crate::api::{
    EventType, Filters, HostConfig, MountPoint, Volume, VolumeCreateRequest, VolumeOptions,
    VolumesPruneReport,
};
use crate::clock::{UnixNanos, rfc3339};
use crate::daemon::{DATA, Engine};
use crate::error::{Error, Result};
use crate::filters::{boolean_filter, check_filters, has_labels, matches_name};
use crate::names::is_container_name;
use crate::state::{State, not_blank};

const ANONYMOUS: &str = "com.docker.volume.anonymous";
const LOCAL: &str = "local";

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

/// Refuses drivers that are not there.
fn check_driver(volume: &str, driver: &str) -> Result<()> {
    match driver {
        "" | LOCAL => Ok(()),
        _ => Err(Error::not_found(format!(
            "create {volume}: error looking up volume plugin {driver}: plugin \"{driver}\" not found"
        ))),
    }
}

/// Refuses drivers that are not there, of volumes that a container would bring into being; `fresh` names those without a
/// name.
pub(crate) fn check_drivers(
    state: &State,
    host_config: &HostConfig,
    mounts: &[MountPoint],
    fresh: &str,
) -> Result<()> {
    for mount in mounts.iter().filter(|m| m.kind == "volume") {
        if state.volumes.contains_key(&mount.name) {
            continue;
        }
        let own = host_config
            .mounts
            .iter()
            .find(|m| m.target == mount.destination);
        let driver = match own {
            None => host_config.volume_driver.as_str(),
            Some(own) => {
                let options = own.volume_options.as_ref();
                let driver = options.and_then(|o| o.driver_config.as_ref());
                driver.map_or("", |driver| &driver.name)
            }
        };
        let name = if mount.name.is_empty() {
            fresh
        } else {
            &mount.name
        };
        check_driver(name, driver)?;
    }
    Ok(())
}

/// Refuses options that the driver `local` does not take. Source: moby `volume/local/local_unix.go`, `validateOpts`.
fn check_options(options: &SortedMap<String, String>) -> Result<()> {
    let refuse = |why: String| Err(Error::invalid(why));
    let unknown = |name: &&String| !matches!(name.as_str(), "type" | "o" | "device" | "size");
    if let Some(name) = options.keys().find(unknown) {
        return refuse(format!("invalid option: \"{name}\""));
    }
    if let Some(size) = options.get("size") {
        let size = crate::units::size(size).map_err(Error::invalid)?;
        if size > 0 {
            return refuse("quota size requested but no quota support".to_owned());
        }
    }
    for (given, needed) in [
        ("device", "type"),
        ("o", "device"),
        ("type", "device"),
        ("o", "type"),
    ] {
        if options.contains_key(given) && !options.contains_key(needed) {
            return refuse(format!("missing required option: \"{needed}\""));
        }
    }
    Ok(())
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
        check_driver(&name, &driver)?;
        check_name(&name)?;
        check_options(&driver_opts).map_err(|e| e.within(format!("create {name}")))?;
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
        self.make_directory(self.root(), &directory(name));
        self.volume_event("create", name);
    }

    fn volume_event(&self, action: &str, name: &str) {
        let attributes = SortedMap::from([("driver".to_owned(), LOCAL.to_owned())]);
        self.event(EventType::Volume, action, name, attributes);
    }

    /// `GET /volumes/{name}`.
    pub(crate) fn volume_inspect(&self, volume: String) -> Result<Volume> {
        not_blank("volume", &volume)?;
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
        not_blank("volume", &volume)?;
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

    /// Removes a volume and what is in it. Returns how many bytes that was.
    fn forget_volume(&self, name: &str) -> u64 {
        self.state().volumes.remove(name);
        let top = format!("{DATA}/volumes/{name}");
        let freed = self.sys().kernel(|k| {
            let what = k.subtree(self.root(), &top);
            let tree = k.tree_mut(self.root())?;
            let mut freed = 0;
            for (below, meta) in what.iter().rev() {
                if let Node::File(data) = &meta.node {
                    freed += data.len();
                }
                tree.remove(&format!("{top}{below}")).ok()?;
            }
            u64::try_from(freed).ok()
        });
        self.volume_event("destroy", name);
        freed.unwrap_or(0)
    }

    /// Removes the volumes without names of a container that is gone, unless another mounts them, too.
    pub(crate) fn remove_anonymous(&self, mounts: &[MountPoint]) {
        for mount in mounts {
            let goes = {
                let state = self.state();
                mount.unnamed
                    && state.volumes.contains_key(&mount.name)
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
        let all = boolean_filter(&filters, "all").map_err(|e| {
            let given = filters.get("all").into_iter().flatten().next();
            given.map_or(e, |given| {
                Error::invalid(format!(
                    "invalid filter 'all': strconv.ParseBool: parsing \"{given}\": invalid syntax"
                ))
            })
        })?;
        let all = all == Some(true);
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
        let space_reclaimed: u64 = unused.iter().map(|name| self.forget_volume(name)).sum();
        let said = SortedMap::from([("reclaimed".to_owned(), space_reclaimed.to_string())]);
        self.event(EventType::Volume, "prune", "", said);
        Ok(VolumesPruneReport {
            volumes_deleted: unused,
            space_reclaimed,
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

    /// Makes the volume of a mount that names none or one that is not there yet.
    pub(crate) fn keep_mounted(&self, mount: &mut MountPoint, options: VolumeOptions) {
        let mut labels = options.labels;
        if mount.name.is_empty() {
            mount.name = self.new_id();
            labels.insert(ANONYMOUS.to_owned(), String::new());
        }
        let given = options
            .driver_config
            .map(|d| d.options)
            .filter(|o| !o.is_empty());
        self.keep_volume(&mount.name, Some(labels), given);
        mount.source = directory(&mount.name);
        mount.driver = LOCAL.to_owned();
    }
}

impl State {
    /// The volumes that somebody gave a name.
    pub(crate) fn named_volumes(&self) -> Vec<Volume> {
        let named = |kept: &Kept| !kept.label_map().contains_key(ANONYMOUS);
        let found = self.volumes.iter().filter(|(_, kept)| named(kept));
        found.map(|(name, kept)| kept.told(name)).collect()
    }

    /// Where on the machine lies what is mounted: a volume may stand for a directory elsewhere.
    pub(crate) fn volume_source(&self, mount: &MountPoint) -> String {
        let options = self
            .volumes
            .get(&mount.name)
            .and_then(|v| v.options.as_ref());
        let bound = options.filter(|o| {
            o.get("o")
                .is_some_and(|o| o.split(',').any(|w| w == "bind"))
        });
        let device = bound.and_then(|o| o.get("device"));
        device.unwrap_or(&mount.source).clone()
    }
}

pub(crate) fn check_name(name: &str) -> Result<()> {
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
