//! Holding a tree against the schema. Words: santhosh-tekuri/jsonschema 6 and compose-go 2.9.1, schema/schema.go.

use super::{Object, Pattern, Rest, Schema, Type};
use crate::value::{Map, Value};

/// One thing that the schema does not accept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The keys that lead there; an item's is its index.
    pub(crate) path: Vec<String>,
    /// Compose's words for what is wrong there.
    pub(crate) why: String,
    /// How much Compose prefers to tell of it: it shows the first of the most specific ones.
    pub(crate) specificity: usize,
    /// The key itself, if it is the one that is not accepted.
    pub(crate) unknown: Vec<String>,
}

impl Fault {
    /// Words the fault with its place.
    pub(crate) fn text(&self) -> String {
        format!("{} {}", self.path.join("."), self.why)
    }
}

/// What is said of a date, which is none of JSON's types.
pub(crate) const DATE: &str = "invalid jsonType time.Time";

/// Returns all faults of a whole file.
pub(crate) fn faults(file: &Map) -> Vec<Fault> {
    let mut check = Check::default();
    check.map(file, &super::table::FILE);
    check.faults
}

#[derive(Default)]
struct Check {
    path: Vec<String>,
    faults: Vec<Fault>,
}

impl Check {
    fn fault(&mut self, why: String) {
        self.faults.push(Fault {
            path: self.path.clone(),
            why,
            specificity: self.path.len(),
            unknown: Vec::new(),
        });
    }

    fn must_be(&mut self, types: &[Type]) {
        self.fault(format!("must be a {}", names(types)));
    }

    fn value(&mut self, value: &Value, schema: &Schema) {
        if let Value::Time(_) = value {
            return self.fault(DATE.into());
        }
        match schema {
            Schema::Is(types) => {
                if !types.iter().any(|one| is(value, *one)) {
                    self.must_be(types);
                }
            }
            Schema::Words(words) => match value {
                Value::Str(text) if words.contains(&text.as_str()) => {}
                Value::Str(_) => self.fault(one_of(words)),
                _ => self.must_be(&[Type::Str]),
            },
            Schema::Matches(pattern) => match value {
                Value::Str(text) if pattern.matches(text) => {}
                Value::Str(text) => self.fault(mismatch(text, *pattern)),
                _ => self.must_be(&[Type::Str]),
            },
            Schema::Range(low, high) => match value {
                Value::Int(number) if number < low => {
                    self.fault(format!("must be greater than or equal to {low}"));
                }
                Value::Int(number) => {
                    if let Some(high) = high.filter(|high| number > high) {
                        self.fault(format!("must be less than or equal to {high}"));
                    }
                }
                _ => self.must_be(&[Type::Integer]),
            },
            Schema::List(items, unique) => match value {
                Value::List(values) => self.list(values, items, *unique),
                _ => self.must_be(&[Type::Array]),
            },
            Schema::Object(object) => match value {
                Value::Map(map) => self.map(map, object),
                _ if object.or.iter().any(|one| is(value, *one)) => {}
                _ => {
                    let mut types = object.or.to_vec();
                    types.push(Type::Object);
                    self.must_be(&types);
                }
            },
            Schema::OneOf(schemas) => self.one_of(value, schemas),
        }
    }

    /// Keeps the faults of all alternatives if none of them fits.
    fn one_of(&mut self, value: &Value, schemas: &[Schema]) {
        let before = self.faults.len();
        for schema in schemas {
            let tried = self.faults.len();
            self.value(value, schema);
            if self.faults.len() == tried {
                self.faults.truncate(before);
                return;
            }
        }
    }

    fn list(&mut self, values: &[Value], items: &Schema, unique: bool) {
        if unique && let Some((first, second)) = twins(values) {
            self.fault(format!("items at {first} and {second} are equal"));
        }
        for (index, value) in values.iter().enumerate() {
            self.path.push(index.to_string());
            self.value(value, items);
            self.path.pop();
        }
    }

    fn map(&mut self, map: &Map, object: &Object) {
        let missing = object
            .required
            .iter()
            .filter(|key| !map.contains_key(**key));
        let missing: Vec<_> = missing.map(|key| format!("'{key}'")).collect();
        if let [one] = missing.as_slice() {
            self.fault(format!("missing property {one}"));
        } else if !missing.is_empty() {
            self.fault(format!("missing properties {}", missing.join(", ")));
        }
        let mut unknown = Vec::new();
        for (key, value) in map {
            let schema = match object.fields.iter().find(|field| field.key == key) {
                Some(field) => Some(&field.schema),
                None => match object.rest {
                    Rest::Open => None,
                    Rest::Extensions if key.starts_with("x-") => None,
                    Rest::Keys(pattern, schema, _) if pattern.matches(key) => Some(schema),
                    Rest::Keys(_, _, false) => None,
                    Rest::Closed | Rest::Extensions | Rest::Keys(_, _, true) => {
                        unknown.push(key.clone());
                        None
                    }
                },
            };
            if let Some(schema) = schema {
                self.path.push(key.clone());
                self.value(value, schema);
                self.path.pop();
            }
        }
        if !unknown.is_empty() {
            let keys: Vec<_> = unknown.iter().map(|key| format!("'{key}'")).collect();
            self.faults.push(Fault {
                path: self.path.clone(),
                why: format!("additional properties {} not allowed", keys.join(", ")),
                specificity: self.path.len() + 1,
                unknown,
            });
        }
    }
}

fn is(value: &Value, wanted: Type) -> bool {
    match value {
        Value::Null => wanted == Type::Null,
        Value::Bool(_) => wanted == Type::Bool,
        Value::Int(_) => matches!(wanted, Type::Integer | Type::Number),
        Value::Float(number) => {
            wanted == Type::Number || wanted == Type::Integer && number.fract() == 0.0
        }
        Value::Str(_) => wanted == Type::Str,
        Value::List(_) => wanted == Type::Array,
        Value::Map(_) => wanted == Type::Object,
        Value::Time(_) => false,
    }
}

/// Lists types as Compose does: by name, a mapping under that name only when it is the only one.
fn names(types: &[Type]) -> String {
    let mut names: Vec<_> = types
        .iter()
        .map(|one| match one {
            Type::Null => "null",
            Type::Bool => "boolean",
            Type::Integer => "integer",
            Type::Number => "number",
            Type::Str => "string",
            Type::Array => "array",
            Type::Object => "mapping",
        })
        .collect();
    sorted::sort(&mut names);
    match names.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

fn one_of(words: &[&str]) -> String {
    let quoted: Vec<_> = words.iter().map(|word| format!("'{word}'")).collect();
    match quoted.as_slice() {
        [word] => format!("value must be {word}"),
        _ => format!("value must be one of {}", quoted.join(", ")),
    }
}

fn mismatch(text: &str, pattern: Pattern) -> String {
    format!("'{text}' does not match pattern '{}'", pattern.text())
}

/// Finds the first two items that are equal. Long lists are compared by their sorted texts first.
fn twins(values: &[Value]) -> Option<(usize, usize)> {
    let mut texts: Vec<_> = values.iter().map(|value| format!("{value:?}")).collect();
    let found = |texts: &[String]| {
        texts.iter().enumerate().find_map(|(second, text)| {
            let first = texts.iter().take(second).position(|other| other == text)?;
            Some((first, second))
        })
    };
    let mut sorted = texts.clone();
    sorted::sort(&mut sorted);
    let twin = sorted
        .windows(2)
        .any(|pair| matches!(pair, [a, b] if a == b));
    twin.then(|| found(&std::mem::take(&mut texts))).flatten()
}
