//! From nodes to values: aliases followed, merge keys applied, scalars typed.

use sorted::SortedMap;
use std::rc::Rc;

use super::compose::{Content, DEEPEST, Edit, Node};
use super::fault;
use super::scalar;
use crate::error::{LoadError, Position};
use crate::value::{Map, Value};

/// How many nodes aliases may stand for in one document.
const MOST_ALIASED: usize = 400_000;

/// A decoded document.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    /// Its value.
    pub value: Value,
    /// The first key that is no text: its path and place. Compose refuses it later than YAML faults.
    pub odd_key: Option<(Vec<String>, String, Position)>,
    /// The paths that `!reset` and `!override` stand at.
    pub edits: Vec<(Vec<String>, Edit)>,
}

impl Node {
    /// Decodes a document. Errors: duplicate keys, aliases that explode, nesting without end.
    pub fn decode(&self) -> Result<Decoded, LoadError> {
        let mut decoder = Decoder::default();
        let value = decoder.value(self, 0)?;
        Ok(Decoded {
            value,
            odd_key: decoder.odd_key,
            edits: decoder.edits,
        })
    }

    /// Returns where the value of a path begins, or its nearest known ancestor. An item goes by its index or its text.
    pub fn locate(&self, path: &[String]) -> Position {
        let Some((first, rest)) = path.split_first() else {
            return self.at;
        };
        match &self.content {
            Content::Alias(node) => node.locate(path),
            Content::List(items) => first
                .parse::<usize>()
                .ok()
                .and_then(|index| items.get(index))
                .or_else(|| items.iter().find(|item| item.text() == Some(first)))
                .map_or(self.at, |item| item.locate(rest)),
            Content::Map(pairs) => pairs
                .iter()
                .find(|(key, _)| key.text() == Some(first))
                .map_or(self.at, |(key, value)| match rest {
                    [] => key.at,
                    _ => value.locate(rest),
                }),
            Content::Scalar { .. } => self.at,
        }
    }

    /// Checks what the first reading of a file sees: that it is a mapping whose keys differ.
    pub(crate) fn check_top(&self) -> Result<(), LoadError> {
        let line = self.at.line;
        let fault = |what: String| {
            Err(LoadError::at(
                format!(
                    "yaml: unmarshal errors:\n  line {line}: cannot unmarshal {what} into cli.named"
                ),
                self.at,
            ))
        };
        match &self.content {
            Content::List(_) => fault("!!seq".into()),
            Content::Scalar { text, plain, tag } => match typed(text, *plain, tag.as_deref()) {
                Value::Null => Ok(()),
                value => fault(format!("!!{} `{}`", tag_of(&value), shortened(text))),
            },
            Content::Map(pairs) => match duplicate(pairs) {
                Some((text, at)) => Err(LoadError::at(
                    format!("yaml: unmarshal errors:\n  {text}"),
                    at,
                )),
                None => name_is_scalar(pairs),
            },
            Content::Alias(node) => node.check_top(),
        }
    }

    fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar { text, .. } => Some(text),
            Content::Alias(node) => node.text(),
            Content::List(_) | Content::Map(_) => None,
        }
    }

    fn is_merge_key(&self) -> bool {
        matches!(&self.content, Content::Scalar { text, plain: true, .. } if text == "<<")
    }
}

#[derive(Default)]
struct Decoder {
    path: Vec<String>,
    aliased: usize,
    in_alias: usize,
    odd_key: Option<(Vec<String>, String, Position)>,
    edits: Vec<(Vec<String>, Edit)>,
}

impl Decoder {
    fn value(&mut self, node: &Node, depth: usize) -> Result<Value, LoadError> {
        if depth > DEEPEST {
            return Err(fault::too_deep(node.at));
        }
        if self.in_alias > 0 {
            self.aliased += 1;
            if self.aliased > MOST_ALIASED {
                return Err(LoadError::at(
                    "yaml: document contains excessive aliasing",
                    node.at,
                ));
            }
        }
        if let Some(edit) = node.edit {
            self.edits.push((self.path.clone(), edit));
        }
        match &node.content {
            Content::Scalar { text, plain, tag } => Ok(typed(text, *plain, tag.as_deref())),
            Content::Alias(node) => {
                self.in_alias += 1;
                let value = self.value(node, depth + 1);
                self.in_alias -= 1;
                value
            }
            Content::List(items) => {
                let mut values = Vec::with_capacity(items.len());
                for (index, item) in items.iter().enumerate() {
                    self.path.push(format!("[{index}]"));
                    values.push(self.value(item, depth + 1)?);
                    self.path.pop();
                }
                Ok(Value::List(values))
            }
            Content::Map(pairs) => {
                if let Some((text, at)) = duplicate(pairs) {
                    return Err(LoadError::at(text, at));
                }
                let mut map = Map::new();
                for (key, value) in pairs {
                    if !key.is_merge_key() {
                        let name = self.key(key, depth)?;
                        self.path.push(name.clone());
                        let value = self.value(value, depth + 1)?;
                        self.path.pop();
                        map.insert(name, value);
                    }
                }
                for (key, value) in pairs {
                    if key.is_merge_key() {
                        self.merge(value, &mut map, depth)?;
                    }
                }
                Ok(Value::Map(map))
            }
        }
    }

    /// Reads a key; one that is no text is noted and printed.
    fn key(&mut self, node: &Node, depth: usize) -> Result<String, LoadError> {
        match self.value(node, depth + 1)? {
            Value::Str(text) => Ok(text),
            other => {
                let text = other.to_text();
                if self.odd_key.is_none() {
                    self.odd_key = Some((self.path.clone(), text.clone(), node.at));
                }
                Ok(text)
            }
        }
    }

    /// Applies `<<`: keys that the mapping does not have itself.
    fn merge(&mut self, node: &Node, map: &mut Map, depth: usize) -> Result<(), LoadError> {
        match self.value(node, depth + 1)? {
            Value::Map(source) => {
                for (key, value) in source {
                    map.entry(key).or_insert(value);
                }
                Ok(())
            }
            Value::List(sources) if sources.iter().all(|source| source.as_map().is_some()) => {
                for source in sources {
                    if let Value::Map(source) = source {
                        for (key, value) in source {
                            map.entry(key).or_insert(value);
                        }
                    }
                }
                Ok(())
            }
            _ => Err(LoadError::at(
                "yaml: map merge requires map or sequence of maps as the value",
                node.at,
            )),
        }
    }
}

fn typed(text: &str, plain: bool, tag: Option<&str>) -> Value {
    match tag {
        None if plain => scalar::resolve(text),
        Some("null" | "bool" | "int" | "float") => scalar::resolve(text),
        _ => text.into(),
    }
}

fn name_is_scalar(pairs: &[(Rc<Node>, Rc<Node>)]) -> Result<(), LoadError> {
    let name = pairs.iter().find(|(key, _)| key.text() == Some("name"));
    let Some((_, value)) = name else {
        return Ok(());
    };
    let kind = match &value.content {
        Content::List(_) => "seq",
        Content::Map(_) => "map",
        Content::Scalar { .. } | Content::Alias(_) => return Ok(()),
    };
    let line = value.at.line;
    Err(LoadError::at(
        format!("yaml: unmarshal errors:\n  line {line}: cannot unmarshal !!{kind} into string"),
        value.at,
    ))
}

/// Finds a key that was there before, and words it.
fn duplicate(pairs: &[(Rc<Node>, Rc<Node>)]) -> Option<(String, Position)> {
    let mut seen = SortedMap::new();
    pairs.iter().find_map(|(key, _)| {
        let text = key.text()?;
        let earlier = seen.insert(text, key.at.line)?;
        let line = key.at.line;
        Some((
            format!("line {line}: mapping key {text:?} already defined at line {earlier}"),
            key.at,
        ))
    })
}

/// Returns the tag that YAML gives a value.
fn tag_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Int(_) => "int",
        Value::Float(_) => "float",
        Value::Str(_) => "str",
        Value::Time(_) => "timestamp",
        Value::List(_) => "seq",
        Value::Map(_) => "map",
    }
}

/// Cuts a text as go-yaml does in its errors.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(7) {
        Some((cut, _)) if text.chars().count() > 10 => {
            format!("{}...", text.get(..cut).unwrap_or_default())
        }
        _ => text.to_owned(),
    }
}
