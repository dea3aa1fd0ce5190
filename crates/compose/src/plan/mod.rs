//! What has to be done so that an engine holds what a project says: the pure part of convergence.
//!
//! The commands look at the engine, hand in what they saw ([`Container`], [`Found`]), and carry out the steps that come back.
//! Source: docker/compose v2.40.3, `pkg/compose/convergence.go`, `create.go`, `hash.go`.

mod container;
mod foresee;
mod label;
mod name;
mod namespaces;
mod network;
mod order;
mod select;
#[cfg(test)]
mod tests;
mod volume;

pub use container::{Container, Recreate, Step, Wanted, is_orphan, next_number, steps};
pub use foresee::{Deed, Seen, foresee};
pub use label::{
    Identity, container_labels, dependencies_from_label, network_labels, volume_labels,
};
pub use name::{aliases, container_name};
pub use namespaces::share_namespaces;
pub use network::{Found, NetworkStep, network_step};
pub use order::{Order, by_name_after_dependencies};
pub use select::{Reach, select};
pub use volume::{VolumeStep, volume_step};

/// The labels that Compose puts on what it makes.
pub mod labels {
    /// The project's name.
    pub const PROJECT: &str = "com.docker.compose.project";
    /// The service's name.
    pub const SERVICE: &str = "com.docker.compose.service";
    /// The network's key in the file.
    pub const NETWORK: &str = "com.docker.compose.network";
    /// The volume's key in the file.
    pub const VOLUME: &str = "com.docker.compose.volume";
    /// Fingerprint of the definition that the object was made from.
    pub const CONFIG_HASH: &str = "com.docker.compose.config-hash";
    /// Number of the container among those of its service.
    pub const NUMBER: &str = "com.docker.compose.container-number";
    /// `True` for a container of `run`.
    pub const ONE_OFF: &str = "com.docker.compose.oneoff";
    /// Throw-away name of a container of `run`.
    pub const SLUG: &str = "com.docker.compose.slug";
    /// Id of the image that the container was made from.
    pub const IMAGE: &str = "com.docker.compose.image";
    /// Needs, as `service:condition:restart`, joined by commas.
    pub const DEPENDS_ON: &str = "com.docker.compose.depends_on";
    /// The container that this one took the place of.
    pub const REPLACE: &str = "com.docker.compose.replace";
    /// The files that the project was read from, joined by commas.
    pub const CONFIG_FILES: &str = "com.docker.compose.project.config_files";
    /// The project's directory.
    pub const WORKING_DIR: &str = "com.docker.compose.project.working_dir";
    /// The files given with `--env-file`, joined by commas.
    pub const ENVIRONMENT_FILE: &str = "com.docker.compose.project.environment_file";
    /// Version of Compose.
    pub const VERSION: &str = "com.docker.compose.version";
}

/// The version of Compose that is followed.
pub const VERSION: &str = "2.40.3";
