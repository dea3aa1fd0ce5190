//! Files into containers and out of them. Source: moby `daemon/archive_unix.go`.

use kernel::Kernel;
use kernel::fs::{Metadata, Node, path};
use kernel::ids::MountId;

use crate::daemon::Engine;
use crate::error::{Error, Result};

/// Files and directories, by what follows the path they were taken from; the first is what stands there itself.
pub type Archive = Vec<(String, Metadata)>;

/// Puts what an archive holds into the directory `dir`, the first of it called `name`. Fails where a directory would take the
/// place of a file, or a file that of a directory.
/// # Errors
/// The sentence.
pub fn unpack(
    k: &mut Kernel,
    tree: MountId,
    dir: &str,
    name: &str,
    archive: Archive,
) -> std::result::Result<(), String> {
    let is_dir = |node: &Node| matches!(node, Node::Dir);
    let at = path::absolute(dir, name);
    for (below, meta) in &archive {
        let path = path::absolute("/", &format!("{at}{below}"));
        let there = k.lookup(tree, &path).map(|m| is_dir(&m.node));
        let (old, new) = match (there, is_dir(&meta.node)) {
            (Some(true), false) => ("directory", "non-directory"),
            (Some(false), true) => ("non-directory", "directory"),
            _ => continue,
        };
        let shown = format!("{name}{below}");
        let shown = shown.trim_start_matches('/');
        return Err(format!(
            "cannot overwrite {old} \"{shown}\" with {new} \"{dir}\""
        ));
    }
    k.plant(tree, &at, archive);
    Ok(())
}

impl Engine {
    /// `HEAD /containers/{id}/archive`: what stands at a path.
    pub(crate) fn container_stat_path(&self, container: String, path: String) -> Result<Metadata> {
        let archive = self.read_archive(&container, &path, false)?;
        let first = archive.into_iter().next();
        first
            .map(|(_, meta)| meta)
            .ok_or_else(|| Error::not_found(format!("Could not find the file {path}")))
    }

    /// `GET /containers/{id}/archive`.
    pub(crate) fn container_archive(
        &self,
        container: String,
        path: String,
        follow: bool,
    ) -> Result<Archive> {
        let archive = self.read_archive(&container, &path, follow)?;
        self.say_archive("archive-path", &container)?;
        Ok(archive)
    }

    /// The volumes are mounted for it once more. Source: moby `daemon/containerfs_linux.go`, `openContainerFS`.
    fn say_archive(&self, action: &str, container: &str) -> Result<()> {
        let id = self.state().find_container(container)?.id.clone();
        self.volumes_event("mount", &id);
        self.container_event(action, &id, &[]);
        self.volumes_event("unmount", &id);
        Ok(())
    }

    fn read_archive(&self, container: &str, path: &str, follow: bool) -> Result<Archive> {
        // Source: api/server/httputils `ArchiveFormValues`; the missing blank is the engine's.
        if path.is_empty() {
            return Err(Error::invalid("bad parameter: pathcannot be empty"));
        }
        let mount = self.state().find_container(container)?.mount;
        let missing = || {
            Error::not_found(format!(
                "Could not find the file {path} in container {container}"
            ))
        };
        let full = path::absolute("/", path);
        self.sys().kernel(|k| {
            let real = k
                .resolve(mount, &full, follow)
                .map_err(|_not_there| missing())?;
            let archive = k.subtree(mount, &real);
            let top = archive.first().ok_or_else(missing)?;
            match path.ends_with('/') && !matches!(top.1.node, Node::Dir | Node::Symlink(_)) {
                true => Err(Error::internal(format!("lstat {path}: not a directory"))),
                false => Ok(archive),
            }
        })
    }

    /// `PUT /containers/{id}/archive`: puts what an archive holds into `dir` under a name.
    pub(crate) fn container_extract(
        &self,
        container: String,
        dir: String,
        name: String,
        archive: Archive,
    ) -> Result<()> {
        let (mount, read_only) = {
            let state = self.state();
            let c = state.find_container(&container)?;
            (c.mount, c.host_config.readonly_rootfs)
        };
        self.sys().kernel(|k| {
            let real = k.resolve(mount, &path::absolute("/", &dir), true).ok();
            let found =
                real.and_then(|p| Some((matches!(k.lookup(mount, &p)?.node, Node::Dir), p)));
            let Some((is_dir, real)) = found else {
                return Err(Error::not_found(format!(
                    "Could not find the file {dir} in container {container}"
                )));
            };
            if !is_dir {
                return Err(Error::invalid("extraction point is not a directory"));
            }
            let place = k.place(mount, &real);
            match (place.tree == mount, place.read_only) {
                (false, true) => return Err(Error::invalid("mounted volume is marked read-only")),
                (true, _) if read_only => {
                    return Err(Error::invalid("container rootfs is marked read-only"));
                }
                _ => {}
            }
            unpack(k, mount, &real, &name, archive).map_err(Error::internal)
        })?;
        self.say_archive("extract-to-dir", &container)
    }
}
