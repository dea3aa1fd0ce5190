//! The tree that a Compose file becomes: what every step between the text and the model works on.

use sorted::SortedMap;

/// A mapping. Its order carries no meaning in a Compose file, so it is sorted by key.
pub type Map = SortedMap<String, Value>;

/// One value of a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// Nothing was said, or `null` was.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// Text.
    Str(String),
    /// A plain date, which YAML 1.1 gives a type of its own; no key of a Compose file takes one.
    Time(String),
    /// A sequence.
    List(Vec<Self>),
    /// A mapping.
    Map(Map),
}

impl Value {
    /// Returns the name of the type that it has in Go, as `%T` prints it.
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "<nil>",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Float(_) => "float64",
            Self::Str(_) => "string",
            Self::Time(_) => "time.Time",
            Self::List(_) => "[]interface {}",
            Self::Map(_) => "map[string]interface {}",
        }
    }

    /// Returns the text, if this is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the mapping, if this is one.
    pub fn as_map(&self) -> Option<&Map> {
        match self {
            Self::Map(map) => Some(map),
            _ => None,
        }
    }

    /// Returns the mapping for changing it, if this is one.
    pub fn as_map_mut(&mut self) -> Option<&mut Map> {
        match self {
            Self::Map(map) => Some(map),
            _ => None,
        }
    }

    /// Returns the items, if this is a sequence.
    pub fn as_list(&self) -> Option<&[Self]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    /// Returns whether this is a flag that is set.
    pub fn is_true(&self) -> bool {
        matches!(self, Self::Bool(true))
    }

    /// Prints a scalar as Go's `%v` does; a collection gives its Go form too, for the errors that show one.
    pub fn to_text(&self) -> String {
        match self {
            Self::Null => "<nil>".into(),
            Self::Bool(flag) => flag.to_string(),
            Self::Int(number) => number.to_string(),
            Self::Float(number) => crate::go::float(*number),
            Self::Str(text) | Self::Time(text) => text.clone(),
            Self::List(items) => {
                let items: Vec<_> = items.iter().map(Self::to_text).collect();
                format!("[{}]", items.join(" "))
            }
            Self::Map(map) => {
                let pairs: Vec<_> = map
                    .iter()
                    .map(|(key, value)| format!("{key}:{}", value.to_text()))
                    .collect();
                format!("map[{}]", pairs.join(" "))
            }
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Str(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Str(text)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}
