//! What a person may do with a thing on the stage, each as the command line that does it.

use serde::{Deserialize, Serialize};

/// Something to do: what a menu says, and the lines that are typed for it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Action {
    /// What it is called, such as `Stop`.
    pub label: String,
    /// The command lines, typed one after the other.
    pub commands: Vec<String>,
    /// The machine to type them on.
    pub machine: String,
    /// Whether something is lost by it.
    pub destructive: bool,
    /// Whether a person types on in what it starts.
    pub interactive: bool,
}

/// An image from which a container can be run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ImageOffer {
    /// Its name as one would type it, such as `nginx`.
    pub image: String,
    /// The command line that runs it on the default network; networks are chosen by [`ImageOffer::on`].
    pub command: String,
    /// For each network of the machine: its place id, and the command line that runs the image on it.
    pub on: Vec<(String, String)>,
    /// The machine to type it on.
    pub machine: String,
}
