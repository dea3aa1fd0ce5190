//! A project written back as a file: what `docker compose config` prints, and the hashes that tell changed services.

mod hash;
mod json;
mod natural;
mod tree;
mod yaml;

pub use hash::{network as network_hash, service as service_hash, volume as volume_hash};

use crate::model::Project;
use crate::value::Map;

/// Returns the project as YAML. With `escape`, `$` is doubled, so that the text can be read back.
pub fn yaml(project: &Project, escape: bool) -> String {
    let text = yaml::print(&tree::project(project, false));
    escaped(text, escape)
}

/// Returns the project as indented JSON, without a newline at the end.
pub fn json(project: &Project, escape: bool) -> String {
    let text = json::indented(&tree::project(project, true));
    escaped(text, escape)
}

/// Returns any tree as YAML, keys sorted: what `config --no-interpolate` prints of a file's own tree.
pub fn plain_yaml(tree: &Map) -> String {
    yaml::print(&tree::plain(tree, false))
}

/// Prints a tree in the model's form, its keys in the model's order.
pub(crate) fn tree_yaml(tree: &Map) -> String {
    yaml::print(&tree::file(tree))
}

/// Returns any tree as indented JSON.
pub fn plain_json(tree: &Map) -> String {
    json::indented(&tree::plain(tree, true))
}

fn escaped(text: String, escape: bool) -> String {
    match escape {
        true => text.replace('$', "$$"),
        false => text,
    }
}
