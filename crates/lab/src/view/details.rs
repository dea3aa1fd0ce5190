//! Everything about one thing, for the inspector.

use serde::{Deserialize, Serialize};

use super::Tag;

/// Everything the inspector says about one thing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Details {
    /// The place it is about.
    pub id: String,
    /// Its name.
    pub title: String,
    /// Its kind or state: `running`, `bridge`, `machine`.
    pub tag: Tag,
    /// Named values at the top.
    pub facts: Vec<Fact>,
    /// Tables and texts below, in order.
    pub sections: Vec<Section>,
}

/// A named value.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Fact {
    /// Its name: `Subnet`.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// A titled part of the inspector: a table, or lines of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Section {
    /// Its title: `Interfaces`, `/etc/resolv.conf`.
    pub title: String,
    /// Column heads; empty when the rows are plain lines of a file.
    pub columns: Vec<String>,
    /// The rows; each has as many cells as there are columns, or one.
    pub rows: Vec<Vec<Cell>>,
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Cell {
    /// Its text.
    pub text: String,
    /// The place it names, if any: a network's mark is drawn beside it, and it can be followed.
    pub place: Option<String>,
}
