//! `docker volume`.

mod create;
mod inspect;
pub(crate) mod ls;
pub(crate) mod prune;
mod rm;

use engine::api::MountPoint;

use crate::absent;
use crate::args::{ArgRule, Command, Section};

/// `docker volume`.
pub(crate) static COMMAND: Command = Command {
    name: "volume",
    usage: "COMMAND",
    short: "Manage volumes",
    sections: &[Section {
        title: "Commands",
        commands: &[
            &create::COMMAND,
            &inspect::COMMAND,
            &ls::COMMAND,
            &prune::COMMAND,
            &rm::COMMAND,
            &absent::volume::UPDATE,
        ],
    }],
    args: ArgRule::None,
    ..Command::BLANK
};

/// Returns what lists call a mount: the volume's name, or the path on the machine.
pub(crate) fn mount_name(mount: &MountPoint) -> &str {
    match mount.name.is_empty() {
        true => &mount.source,
        false => &mount.name,
    }
}

/// Counts the mounts that are volumes of the driver `local`, as columns show it.
pub(crate) fn local_volumes(mounts: &[MountPoint]) -> String {
    let local = mounts.iter().filter(|m| m.driver == "local");
    local.count().to_string()
}
