//! The model's tree in the order in which it is printed.

use super::natural;
use crate::model::Project;
use crate::schema::{Object, Shape, table};
use crate::value::{Map, Value};

/// A value in print order.
pub(super) enum Out {
    Scalar(Value),
    List(Vec<Self>),
    Map(Vec<(String, Self)>),
}

/// Orders a whole project. JSON keeps a few keys that YAML leaves out, and leaves out `x-` keys below the top.
pub(super) fn project(project: &Project, json: bool) -> Out {
    let mut file = project.tree.clone();
    let mut put = |key: &str, map: Map, even_if_empty: bool| {
        if even_if_empty || !map.is_empty() {
            file.insert(key.into(), Value::Map(map));
        }
    };
    let services = project.services.iter();
    let services = services.map(|(key, one)| (key.clone(), Value::Map(one.tree.clone())));
    put("services", services.collect(), true);
    let networks = project.networks.iter();
    let networks = networks.map(|(key, one)| (key.clone(), Value::Map(one.tree.clone())));
    put("networks", networks.collect(), false);
    let volumes = project.volumes.iter();
    let volumes = volumes.map(|(key, one)| (key.clone(), Value::Map(one.tree.clone())));
    put("volumes", volumes.collect(), false);
    file.insert("name".into(), Value::Str(project.name.clone()));
    let order = Order { json };
    let mut out = order.object(&file, &table::FILE, true);
    if let (true, Out::Map(pairs)) = (json, &mut out) {
        // Go writes the top level from a map.
        sorted::sort_by(pairs, |a, b| a.0.cmp(&b.0));
    }
    out
}

/// Orders a whole file that is no project.
pub(super) fn file(tree: &Map) -> Out {
    Order { json: false }.object(tree, &table::FILE, true)
}

/// Orders one service for its hash.
pub(super) fn service(tree: &Map) -> Out {
    Order { json: true }.object(tree, &table::SERVICE, false)
}

/// Orders one network for its hash.
pub(super) fn network(tree: &Map) -> Out {
    Order { json: true }.object(tree, &table::NETWORK, false)
}

/// Orders one volume for its hash.
pub(super) fn volume(tree: &Map) -> Out {
    Order { json: true }.object(tree, &table::VOLUME, false)
}

/// Orders a tree that has no model.
pub(super) fn plain(map: &Map, json: bool) -> Out {
    Order { json }.plain_map(map)
}

struct Order {
    json: bool,
}

impl Order {
    fn plain_map(&self, map: &Map) -> Out {
        Out::Map(self.sorted(map, |value| self.plain(value)))
    }

    fn plain(&self, value: &Value) -> Out {
        match value {
            Value::Map(map) => self.plain_map(map),
            Value::List(items) => Out::List(items.iter().map(|item| self.plain(item)).collect()),
            scalar => Out::Scalar(scalar.clone()),
        }
    }

    /// Puts a mapping in order: for JSON by bytes, as it is already, for YAML as people count.
    fn sorted(&self, map: &Map, out: impl Fn(&Value) -> Out) -> Vec<(String, Out)> {
        let pairs = map.iter();
        let mut pairs: Vec<_> = pairs
            .map(|(key, value)| (key.clone(), out(value)))
            .collect();
        if !self.json {
            sorted::sort_by(&mut pairs, |a, b| natural::compare(&a.0, &b.0));
        }
        pairs
    }

    fn object(&self, map: &Map, object: &Object, top: bool) -> Out {
        let mut pairs = Vec::new();
        for field in object.fields {
            let value = match map.get(field.key) {
                Some(value) => self.value(value, &field.shape),
                None => match field.shape {
                    Shape::Command if self.json => Out::Scalar(Value::Null),
                    Shape::Part(part) if self.json => self.object(&Map::new(), part, false),
                    _ => continue,
                },
            };
            pairs.push((field.key.to_owned(), value));
        }
        if top || !self.json {
            let extensions = map.iter().filter(|(key, _)| key.starts_with("x-"));
            let extensions = extensions.map(|(key, value)| (key.clone(), value.clone()));
            pairs.extend(self.sorted(&extensions.collect(), |value| self.plain(value)));
        }
        Out::Map(pairs)
    }

    fn value(&self, value: &Value, shape: &Shape) -> Out {
        match (shape, value) {
            (Shape::Struct(object) | Shape::Part(object), Value::Map(map)) => {
                self.object(map, object, false)
            }
            (Shape::Map(inner), Value::Map(map)) => {
                Out::Map(self.sorted(map, |value| self.value(value, inner)))
            }
            (Shape::List(inner), Value::List(items)) => {
                Out::List(items.iter().map(|item| self.value(item, inner)).collect())
            }
            (Shape::Hosts, Value::Map(map)) => Out::List(
                map.iter()
                    .flat_map(|(host, addresses)| {
                        let addresses = addresses.as_list().unwrap_or_default().iter();
                        addresses.map(move |address| format!("{host}={}", address.to_text()))
                    })
                    .map(|line| Out::Scalar(Value::Str(line)))
                    .collect(),
            ),
            (Shape::Limit, Value::Map(map)) => Out::Map(
                ["soft", "hard"]
                    .iter()
                    .filter_map(|key| Some(((*key).to_owned(), self.plain(map.get(*key)?))))
                    .collect(),
            ),
            (_, value) => self.plain(value),
        }
    }
}
