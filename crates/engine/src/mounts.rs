//! What containers see of their machine's files: directories and files, volumes, and what lives in memory.
//!
//! Source: moby `volume/mounts/linux_parser.go`, `daemon/volumes.go`, `daemon/oci_linux.go`; runc `rootfs_linux.go`.

use kernel::Kernel;
use kernel::fs::{Mount as Seen, Node, Tree, path};
use kernel::ids::MountId;
use sorted::SortedMap;

use crate::api::{ContainerConfig, HostConfig, Mount, MountPoint};
use crate::daemon::Engine;
use crate::error::{Error, Result};
use crate::state::{Container, State};
use crate::units;
use crate::volumes::check_name;

/// Words that a mount's mode may hold: how it is written to, labels of SELinux, copying, propagation.
const MODES: [[&str; 6]; 4] = [
    ["ro", "rw", "", "", "", ""],
    ["z", "Z", "", "", "", ""],
    ["nocopy", "", "", "", "", ""],
    PROPAGATIONS,
];
const PROPAGATIONS: [&str; 6] = [
    "private", "rprivate", "slave", "rslave", "shared", "rshared",
];
/// What a tmpfs may be told. Source: moby/sys `mount`, `MergeTmpfsOptions`.
const TMPFS_OPTIONS: &str = "async atime bind defaults dev diratime dirsync exec mand noatime nodev nodiratime noexec nomand \
    norelatime nostrictatime nosuid private rbind relatime remount ro rprivate rshared rslave runbindable rw shared slave \
    strictatime suid sync unbindable gid mode mpol nr_blocks nr_inodes size uid";
/// What runc says that docker adds advice to.
const ADVICE: &str = "Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path \
    exists and is the expected type";

const SHARED_MEMORY: &str = "/dev/shm";
/// What of a container's `/etc` the engine keeps for it.
pub(crate) const OWN_FILES: [&str; 3] = ["resolv.conf", "hostname", "hosts"];

/// Something that is to be seen in a container.
struct Wanted {
    at: String,
    /// Where it is on the machine; nothing for what lives in memory, which has a mode and options instead.
    source: Option<String>,
    mode: u32,
    memory: String,
    read_only: bool,
    /// Whether the engine makes a directory where the machine has nothing.
    make: bool,
    /// The directory that the engine keeps for a volume.
    volume: String,
    /// Whether only a part of that is seen.
    below: bool,
}

impl Wanted {
    /// What runc says when it cannot mount.
    fn refused(&self, at: &str, why: &str) -> String {
        let source = self.source.as_deref().unwrap_or("tmpfs");
        format!(
            "error mounting \"{source}\" to rootfs at \"{at}\": mount src={source}, dst={at}, \
             dstFd=/proc/thread-self/fd/14, flags=MS_BIND|MS_REC: {why}"
        )
    }
}

impl Engine {
    /// Gives a new container its mounts; volumes that are not there yet are made, and empty ones filled with what the
    /// image has in their place.
    pub(crate) fn mount_volumes(&self, container: &str, mut mounts: Vec<MountPoint>) {
        let wanted = self
            .state()
            .containers
            .get(container)
            .map(|c| c.host_config.mounts.clone());
        let wanted = wanted.unwrap_or_default();
        for mount in mounts.iter_mut().filter(|m| m.kind == "volume") {
            let own = wanted.iter().find(|w| w.target == mount.destination);
            let options = own.and_then(|w| w.volume_options.clone());
            self.keep_mounted(mount, options.unwrap_or_default());
        }
        self.with(|state, k| {
            let root = self.root();
            if let Some(c) = state.containers.get_mut(container) {
                c.mounts = mounts;
            }
            let Some(c) = state.containers.get(container) else {
                return;
            };
            for mount in c
                .mounts
                .iter()
                .filter(|m| m.kind == "volume" && copies(c, m))
            {
                let source = state.volume_source(mount);
                let own = k.destination(c.mount, &mount.destination);
                let full = matches!(k.lookup(c.mount, &own).map(|m| &m.node), Some(Node::Dir));
                if full && k.list(root, &source).is_empty() {
                    let what = k.subtree(c.mount, &own);
                    k.plant(root, &source, what);
                }
            }
            // What is not there before the start is only missing then.
            let _: std::result::Result<(), String> = mount_all(state, k, root, container, false);
        });
    }

    /// Lets a container that is about to start see what it is to see.
    pub(crate) fn mount_for_start(&self, container: &str) -> std::result::Result<(), String> {
        let root = self.root();
        let state = self.state();
        let found = state.containers.get(container);
        let tmpfs = found.into_iter().flat_map(|c| c.host_config.tmpfs.values());
        for option in tmpfs.flat_map(|options| options.split(',')) {
            let name = option.split('=').next().unwrap_or_default();
            if !name.is_empty() && !TMPFS_OPTIONS.split(' ').any(|known| known == name) {
                return Err(format!("invalid tmpfs option \"{name}\""));
            }
        }
        drop(state);
        self.with(|state, k| mount_all(state, k, root, container, true))
    }
}

/// Whether an empty volume is filled from the image.
fn copies(c: &Container, mount: &MountPoint) -> bool {
    let option = c
        .host_config
        .mounts
        .iter()
        .find(|m| m.target == mount.destination);
    let option = option.and_then(|m| m.volume_options.as_ref());
    !mount.mode.split(',').any(|word| word == "nocopy") && option.is_none_or(|o| !o.no_copy)
}

/// What is mounted in a container, or is to be when it `starts`. The engine's own files are not there before the first
/// start: recording 1797.
fn wanted(state: &State, c: &Container, starts: bool) -> Vec<Wanted> {
    let started = starts || !c.state.started_at.is_empty();
    let read_only = c.host_config.readonly_rootfs;
    // A container that shares another's namespace sees that one's files.
    let dir = &state.namespace_owner(c).dir;
    let base = |at: &str| Wanted {
        at: at.to_owned(),
        source: None,
        mode: 0o1777,
        memory: String::new(),
        read_only: false,
        make: false,
        volume: String::new(),
        below: false,
    };
    let own = OWN_FILES.iter().map(|name| Wanted {
        source: Some(format!("{dir}/{name}")),
        read_only,
        ..base(&format!("/etc/{name}"))
    });
    let mut all: Vec<Wanted> = own
        .filter(|own| started && c.mounts.iter().all(|m| m.destination != own.at))
        .collect();
    for mount in &c.mounts {
        let option = c
            .host_config
            .mounts
            .iter()
            .find(|m| m.target == mount.destination);
        let made = option.and_then(|m| Some(m.bind_options.as_ref()?.create_mountpoint));
        let kept = mount.kind == "volume" || option.is_some_and(|m| m.kind == "bind");
        let kept = kept && made != Some(true);
        let in_memory = option.and_then(|m| m.tmpfs_options.as_ref());
        let mode = in_memory.and_then(|options| options.mode);
        let size = in_memory.and_then(|options| options.size_bytes);
        let subpath = option
            .and_then(|m| m.volume_options.as_ref())
            .map_or("", |o| &o.subpath);
        let source = match subpath {
            "" => state.volume_source(mount),
            below => format!("{}/{below}", state.volume_source(mount)),
        };
        all.push(Wanted {
            source: (mount.kind != "tmpfs").then_some(source),
            below: !subpath.is_empty(),
            mode: mode.unwrap_or(0o1777),
            memory: memory_options("", size, mode),
            read_only: !mount.rw,
            make: !kept,
            volume: match mount.kind.as_str() {
                "volume" => mount.source.clone(),
                _ => String::new(),
            },
            ..base(&mount.destination)
        });
    }
    for (at, options) in &c.host_config.tmpfs {
        let word = |name: &str| options.split(',').find_map(|o| o.strip_prefix(name));
        let mode = word("mode=").and_then(|m| u32::from_str_radix(m, 8).ok());
        all.push(Wanted {
            mode: mode.unwrap_or(0o1777),
            memory: memory_options(
                options,
                word("size=").and_then(|size| units::size(size).ok()),
                mode,
            ),
            read_only: word("ro") == Some(""),
            ..base(at)
        });
    }
    // Memory stays writable where nothing else is.
    if read_only && all.iter().all(|w| w.at != SHARED_MEMORY) {
        all.push(Wanted {
            memory: memory_options("", Some(c.host_config.shm_size), None),
            ..base(SHARED_MEMORY)
        });
    }
    sorted::sort_by(&mut all, |a, b| {
        let depth = |w: &Wanted| w.at.matches('/').count();
        depth(a).cmp(&depth(b))
    });
    all
}

/// How the kernel lists the options of a tmpfs, after the first word. Source: moby `daemon/volumes_linux.go`, Linux
/// `mm/shmem.c`, `shmem_show_options`.
fn memory_options(given: &str, size: Option<i64>, mode: Option<u32>) -> String {
    let words = || given.split(',');
    let mut shown = String::new();
    for (off, on) in [("nosuid", "suid"), ("nodev", "dev"), ("noexec", "exec")] {
        if words().all(|word| word != on) {
            shown += off;
            shown.push(',');
        }
    }
    shown += "relatime";
    if let Some(size) = size.filter(|size| *size > 0) {
        shown += &format!(",size={}k", size / 1024);
    }
    if let Some(mode) = mode.filter(|mode| *mode != 0o1777) {
        shown += &format!(",mode={mode:o}");
    }
    for word in words().filter(|word| word.starts_with("uid=") || word.starts_with("gid=")) {
        shown.push(',');
        shown += word;
    }
    shown
}

fn mount_all(
    state: &State,
    k: &mut Kernel,
    root: MountId,
    id: &str,
    starts: bool,
) -> std::result::Result<(), String> {
    let Some(c) = state.containers.get(id) else {
        return Ok(());
    };
    let mut old = Vec::new();
    let now = k.now;
    if let Some(tree) = k.tree_mut(c.mount) {
        old = std::mem::take(&mut tree.mounts);
        tree.read_only = false;
        for name in OWN_FILES {
            let path = format!("/etc/{name}");
            if tree.get(&path).is_none() {
                tree.put(&path, Node::File(bytes::Bytes::new()), 0o755, now);
            }
        }
    }
    let in_memory = old.into_iter().map(|m| m.tree);
    let in_memory = in_memory.filter(|tree| *tree != root && *tree != c.mount);
    let mut in_memory: Vec<MountId> = in_memory.collect();
    let all = wanted(state, c, starts);
    // The engine makes what is missing before runc mounts anything.
    let missing = all.iter().filter(|w| w.make && starts);
    for source in missing.filter_map(|w| w.source.as_deref()) {
        let source = k.destination(root, source);
        if let Some(tree) = k.tree_mut(root)
            && tree.get(&source).is_none()
        {
            tree.put(&source, Node::Dir, 0o755, now);
        }
    }
    let mut done = Ok(());
    for one in all {
        done = done.and_then(|()| mount_one(k, root, c.mount, one, starts, &mut in_memory));
    }
    if let Some(tree) = k.tree_mut(c.mount) {
        tree.read_only = c.host_config.readonly_rootfs;
        tree.mounts.extend(c.references.iter().map(|at| Seen {
            at: at.clone(),
            tree: c.mount,
            source: at.clone(),
            read_only: true,
            memory: None,
        }));
    }
    done
}

/// Mounts one thing. The error is runc's sentence.
fn mount_one(
    k: &mut Kernel,
    root: MountId,
    tree: MountId,
    wanted: Wanted,
    starts: bool,
    in_memory: &mut Vec<MountId>,
) -> std::result::Result<(), String> {
    let now = k.now;
    let own = path::absolute("/", &wanted.at);
    let at = k.destination(tree, &own);
    let mut is_dir = true;
    let mut source = String::from("/");
    let mut from = root;
    if let Some(given) = &wanted.source {
        let volume = &wanted.volume;
        source = k.destination(root, given);
        is_dir = match k.lookup(root, &source).map(|m| &m.node) {
            Some(node) => matches!(node, Node::Dir),
            // The engine's own files come later.
            None if at.starts_with("/etc/") && !wanted.make => false,
            None if !starts => return Ok(()),
            None if wanted.below => {
                return Err(format!(
                    "cannot access path {given}: lstat {given}: no such file or directory"
                ));
            }
            None if !volume.is_empty() => {
                return Err(format!(
                    "error while mounting volume '{volume}': failed to mount local volume: mount {given}:{volume}, \
                     flags: 0x1000: no such file or directory"
                ));
            }
            None => return Err(wanted.refused(&own, "no such file or directory")),
        };
    } else {
        from = in_memory
            .pop()
            .unwrap_or_else(|| k.add_tree(Tree::default()));
        if let Some(fresh) = k.tree_mut(from) {
            *fresh = Tree::default();
            // The root of a tree is always there.
            let _: std::result::Result<(), kernel::Errno> =
                fresh.update("/", |m| m.mode = wanted.mode);
        }
    }
    let there = k.lookup(tree, &at).map(|m| matches!(m.node, Node::Dir));
    match there {
        Some(dir) if dir != is_dir => {
            return Err(wanted.refused(&own, &format!("not a directory: {ADVICE}")));
        }
        Some(_) => {}
        None => {
            let place = k.place(tree, &at);
            if place.read_only {
                let shown = wanted.source.unwrap_or_default();
                return Err(format!(
                    "error mounting \"{shown}\" to rootfs at \"{own}\": create mountpoint for {own} mount: make mountpoint \
                     \"{own}\": read-only file system"
                ));
            }
            let node = match is_dir {
                true => Node::Dir,
                false => Node::File(bytes::Bytes::new()),
            };
            if let Some(tree) = k.tree_mut(place.tree) {
                tree.put(&place.path, node, 0o755, now);
            }
        }
    }
    if let Some(tree) = k.tree_mut(tree) {
        tree.mounts.push(Seen {
            at,
            tree: from,
            source,
            read_only: wanted.read_only,
            memory: wanted.source.is_none().then(|| wanted.memory.into()),
        });
    }
    Ok(())
}

/// Reads what a container is to mount: what others mount that it takes over, binds, mounts, then volumes without names.
/// The names of the latter are still empty. `exists` tells whether the machine has a path.
pub(crate) fn mount_points(
    state: &State,
    config: &ContainerConfig,
    host_config: &HostConfig,
) -> Result<Vec<MountPoint>> {
    let mut mounts: Vec<MountPoint> = Vec::new();
    for text in host_config.volumes_from.iter().flatten() {
        let (name, mode) = text.split_once(':').unwrap_or((text, ""));
        if !matches!(mode, "" | "ro" | "rw" | "z" | "Z") {
            return Err(Error::invalid(format!("invalid mode: {mode}")));
        }
        for mount in &state.find_container(name)?.mounts {
            if mount.kind == "tmpfs" {
                // It is looked for among the volumes, where it has no name. Source: moby `daemon/volumes.go`.
                return Err(Error::not_found("get: no such volume"));
            }
            mounts.retain(|m| m.destination != mount.destination);
            let mut mount = mount.clone();
            mount.rw &= mode != "ro";
            mount.mode.clear();
            mounts.push(mount);
        }
    }
    let mut own: Vec<MountPoint> = Vec::new();
    for bind in host_config.binds.iter().flatten() {
        own.push(mount_point(bind)?);
    }
    own.extend(host_config.mounts.iter().map(Mount::point));
    for mount in own {
        let at = &mount.destination;
        let twice = mounts
            .iter()
            .any(|m| m.destination == *at && m.driver == OWN);
        if twice || host_config.tmpfs.contains_key(at) {
            return Err(Error::invalid(format!("Duplicate mount point: {at}")));
        }
        mounts.retain(|m| m.destination != *at);
        let driver = OWN.to_owned();
        mounts.push(MountPoint { driver, ..mount });
    }
    for path in config.volumes.iter().flat_map(SortedMap::keys) {
        let destination = path::absolute("/", path);
        if mounts.iter().all(|m| m.destination != destination) {
            mounts.push(MountPoint {
                kind: "volume".to_owned(),
                destination,
                rw: true,
                unnamed: true,
                ..MountPoint::default()
            });
        }
    }
    for mount in mounts.iter_mut().filter(|m| m.driver == OWN) {
        mount.driver.clear();
    }
    sorted::sort_by(&mut mounts, |a, b| a.destination.cmp(&b.destination));
    Ok(mounts)
}

/// Marks what the container itself asks for, while its mounts are gathered.
const OWN: &str = "own";

fn wrong(kind: &str, what: &str) -> Error {
    Error::invalid(format!("invalid mount config for type \"{kind}\": {what}"))
}

/// Where nothing may be mounted.
const AT_ROOT: &str = "invalid specification: destination can't be '/'";

fn not_absolute(path: &str) -> String {
    format!("invalid mount path: '{path}' mount path must be absolute")
}

/// Checks where `--tmpfs` is to be mounted.
pub(crate) fn check_tmpfs(host_config: &HostConfig) -> Result<()> {
    for at in host_config.tmpfs.keys() {
        if !at.starts_with('/') {
            return Err(Error::invalid(not_absolute(at)));
        }
        if path::absolute("/", at) == "/" {
            return Err(Error::invalid(AT_ROOT));
        }
    }
    Ok(())
}

/// Checks a mount of the long form.
pub(crate) fn check(mount: &Mount, exists: impl Fn(&str) -> bool) -> Result<()> {
    let refuse = |what: &str| Err(wrong(&mount.kind, what));
    let absolute = |path: &str| match path.starts_with('/') {
        true => Ok(()),
        false => Err(wrong(&mount.kind, &not_absolute(path))),
    };
    let (source, target) = (mount.source.as_str(), mount.target.as_str());
    if target.is_empty() {
        return refuse("field Target must not be empty");
    }
    absolute(target)?;
    if path::absolute("/", target) == "/" {
        return refuse(AT_ROOT);
    }
    let made = mount.bind_options.as_ref();
    let subpath = mount.volume_options.as_ref().map_or("", |o| &o.subpath);
    match mount.kind.as_str() {
        "bind" if source.is_empty() => refuse("field Source must not be empty"),
        "bind" => {
            let propagation = made.map_or("", |o| o.propagation.as_str());
            if !propagation.is_empty() && !PROPAGATIONS.contains(&propagation) {
                return refuse(&format!("invalid propagation mode: {propagation}"));
            }
            absolute(source)?;
            match exists(source) || made.is_some_and(|o| o.create_mountpoint) {
                true => Ok(()),
                false => refuse(&format!("bind source path does not exist: {source}")),
            }
        }
        "volume" if source.is_empty() && mount.read_only => {
            refuse("must not set ReadOnly mode when using anonymous volumes")
        }
        "volume" if source.is_empty() && !subpath.is_empty() => {
            refuse("must not set Subpath when using anonymous volumes")
        }
        "volume" if subpath.starts_with('/') || subpath.split('/').any(|part| part == "..") => {
            refuse("subpath must be a relative path within the volume")
        }
        "volume" if source.is_empty() => Ok(()),
        "volume" => check_name(source),
        "tmpfs" if !source.is_empty() => refuse("field Source must not be specified"),
        "tmpfs" => Ok(()),
        _ => refuse("mount type unknown"),
    }
}

impl Mount {
    /// As inspect tells it.
    fn point(&self) -> MountPoint {
        let bind = self.kind == "bind";
        let propagation = self
            .bind_options
            .as_ref()
            .map_or("", |o| o.propagation.as_str());
        MountPoint {
            kind: self.kind.clone(),
            name: match self.kind.as_str() {
                "volume" => self.source.clone(),
                _ => String::new(),
            },
            source: match bind {
                true => path::absolute("/", &self.source),
                false => String::new(),
            },
            destination: path::absolute("/", &self.target),
            mode: if self.kind == "volume" { "z" } else { "" }.to_owned(),
            rw: !self.read_only,
            unnamed: self.source.is_empty(),
            propagation: match (bind, propagation) {
                (true, "") => "rprivate",
                (true, given) => given,
                (false, _) => "",
            }
            .to_owned(),
            ..MountPoint::default()
        }
    }
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
        return Err(wrong(not_absolute(target)));
    }
    let destination = path::absolute("/", target);
    if destination == "/" {
        return Err(wrong(AT_ROOT.to_owned()));
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
            path::absolute("/", source)
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
        unnamed: false,
        propagation: match (bind_mount, propagates) {
            (true, Some(word)) if !word.is_empty() => word.to_owned(),
            (true, _) => "rprivate".to_owned(),
            (false, _) => String::new(),
        },
    })
}
