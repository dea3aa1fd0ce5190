//! Commands that run in a container when its first process has started, and before it is stopped.

use sorted::SortedMap;

use super::Reader;

/// One item of `post_start` or `pre_stop`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hook {
    /// The command line.
    pub command: Vec<String>,
    /// Who runs it; the container's user if empty.
    pub user: String,
    /// Whether it may do everything.
    pub privileged: bool,
    /// More variables.
    pub environment: SortedMap<String, Option<String>>,
    /// Where it runs; the container's directory if empty.
    pub working_dir: String,
}

impl Hook {
    pub(super) fn read(read: Reader<'_>) -> Self {
        Self {
            command: read.list("command"),
            user: read.text("user").unwrap_or_default(),
            privileged: read.is_set("privileged"),
            environment: read.optional_pairs("environment"),
            working_dir: read.text("working_dir").unwrap_or_default(),
        }
    }
}
