//! What a container has written over its image.

use kernel::fs::Metadata;
use sorted::SortedMap;

use crate::api::{FilesystemChange, Sizes};
use crate::daemon::Engine;
use crate::error::Result;
use crate::mounts::OWN_FILES;

impl Engine {
    /// `GET /containers/{id}/changes`: what was added, changed and deleted, with the directories above it.
    pub(crate) fn container_changes(&self, container: String) -> Result<Vec<FilesystemChange>> {
        let mount = self.state().find_container(&container)?.mount;
        let mut found = SortedMap::new();
        self.sys().kernel(|k| {
            let Some(tree) = k.tree_mut(mount) else {
                return;
            };
            for (path, meta) in tree.changes() {
                if is_own(path) {
                    continue;
                }
                let kind = match (meta, tree.is_below(path)) {
                    (None, _) => 'D',
                    (Some(_), true) => 'C',
                    (Some(_), false) => 'A',
                };
                for (at, _) in path.match_indices('/').filter(|(at, _)| *at > 0) {
                    let above = path.get(..at).unwrap_or_default();
                    found.entry(above.to_owned()).or_insert('C');
                }
                found.insert(path.to_owned(), kind);
            }
        });
        let told = found.into_iter();
        Ok(told
            .map(|(path, kind)| FilesystemChange { path, kind })
            .collect())
    }

    /// Weighs what a container has written, alone and with its image.
    pub(crate) fn container_size(&self, container: String) -> Result<Sizes> {
        let (mount, image) = {
            let state = self.state();
            let c = state.find_container(&container)?;
            (c.mount, state.images.size(&c.image))
        };
        let written = self.sys().kernel(|k| {
            let tree = k.tree_mut(mount)?;
            let size = |(_, meta): (&str, Option<&Metadata>)| crate::images::written(meta?);
            Some(tree.changes().filter_map(size).sum())
        });
        let written = written.unwrap_or(0);
        Ok(Sizes {
            written,
            all: image + written,
        })
    }
}

/// Files that the engine puts there are not the container's.
fn is_own(path: &str) -> bool {
    let name = path.strip_prefix("/etc/").unwrap_or_default();
    OWN_FILES.contains(&name)
}
