//! Volumes.

use serde::{Deserialize, Serialize};
use sorted::SortedMap;

/// `GET /volumes/{name}`, and one entry of a list of volumes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Volume {
    /// When it was made, to the second.
    pub created_at: String,
    /// The driver, `local`.
    pub driver: String,
    /// Labels; `null` if there are none.
    pub labels: Option<SortedMap<String, String>>,
    /// Its directory on the machine.
    pub mountpoint: String,
    /// Its name, which is also its id.
    pub name: String,
    /// Options of the driver; `null` if there are none.
    pub options: Option<SortedMap<String, String>>,
    /// `local`.
    pub scope: String,
}

/// `POST /volumes/create`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct VolumeCreateRequest {
    /// The driver; `local` if empty.
    pub driver: String,
    /// Options of the driver.
    pub driver_opts: SortedMap<String, String>,
    /// Labels.
    pub labels: SortedMap<String, String>,
    /// The name; made up if empty.
    pub name: String,
}

/// `POST /volumes/prune`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct VolumesPruneReport {
    /// Names of what was removed.
    pub volumes_deleted: Vec<String>,
    /// Space that became free, bytes.
    pub space_reclaimed: u64,
}
