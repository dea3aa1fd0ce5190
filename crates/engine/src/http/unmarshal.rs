//! Reading JSON into Go's types, as far as a client can see it: a field is found whatever the case of its name, unknown ones
//! are left out, `null` leaves a field as it is, and a value of the wrong kind is refused in Go's words.
//! Source: go `encoding/json`, `Unmarshal` with the rules of `encoding/json/v2`, which Debian's build of the engine uses.

use serde_json::{Map, Value};

/// A type of Go's, as its decoder meets it.
pub(super) enum Go {
    /// `string`.
    Text,
    /// `bool`.
    Bool,
    /// A whole number, by its type's name.
    Int(&'static str),
    /// A slice.
    List(&'static Self),
    /// A map from texts.
    Map(&'static Self),
    /// A struct: its name, and its fields in groups, as structs embed others.
    Struct(&'static str, &'static [&'static [Field]]),
    /// A pointer: as what it points to, but for its name.
    Pointer(&'static Self),
    /// A type with a name of its own.
    Named(&'static str, &'static Self),
    /// `strslice.StrSlice`: one text, or a list of them, decoded by itself.
    Words,
}

/// A field of a struct, by the name that it has in JSON.
pub(super) type Field = (&'static str, Go);

impl Go {
    /// The type's name.
    fn name(&self) -> String {
        match self {
            Self::Text => "string".to_owned(),
            Self::Bool => "bool".to_owned(),
            Self::Int(name) | Self::Named(name, _) => (*name).to_owned(),
            Self::Struct(name, _) => (*name).to_owned(),
            Self::List(of) => format!("[]{}", of.name()),
            Self::Map(of) => format!("map[string]{}", of.name()),
            Self::Pointer(to) => format!("*{}", to.name()),
            Self::Words => "[]string".to_owned(),
        }
    }

    /// What a `null` stands for in a list or a map.
    fn zero(&self) -> Value {
        match self {
            Self::Text => Value::from(""),
            Self::Bool => Value::from(false),
            Self::Int(_) => Value::from(0),
            Self::List(_) | Self::Words => Value::Null,
            Self::Map(_) | Self::Struct(..) => Value::Object(Map::new()),
            Self::Pointer(of) | Self::Named(_, of) => of.zero(),
        }
    }
}

/// Fits a value into a type. The names of fields become those of the type. Errors: Go's sentence about the first value that
/// does not fit; `root` is how the sentence calls the outermost struct.
pub(super) fn fit(value: Value, go: &Go, root: &str) -> Result<Value, String> {
    let mut path = Path {
        root,
        parts: Vec::new(),
    };
    Ok(path.fit(value, go)?.unwrap_or_else(|| go.zero()))
}

/// Where in a value the decoder is.
struct Path<'a> {
    root: &'a str,
    parts: Vec<String>,
}

impl Path<'_> {
    /// `None` is `null`.
    fn fit(&mut self, value: Value, go: &Go) -> Result<Option<Value>, String> {
        let fitted = match (go, value) {
            (_, Value::Null) => return Ok(None),
            (Go::Pointer(of) | Go::Named(_, of), value) if !of.misses(&value) => {
                return self.fit(value, of);
            }
            (Go::Text, value @ Value::String(_)) | (Go::Bool, value @ Value::Bool(_)) => value,
            (Go::Int(_), Value::Number(n)) if n.is_i64() || n.is_u64() => Value::Number(n),
            (Go::List(of), Value::Array(all)) => {
                let all = all.into_iter().enumerate();
                let all = all.map(|(at, one)| self.within(&at.to_string(), one, of));
                Value::Array(all.collect::<Result<_, _>>()?)
            }
            (Go::Map(of), Value::Object(all)) => {
                let all = all.into_iter().map(|(key, one)| {
                    let one = self.within(&key, one, of)?;
                    Ok((key, one))
                });
                Value::Object(all.collect::<Result<_, String>>()?)
            }
            (Go::Struct(_, groups), Value::Object(all)) => {
                let mut fields = Map::new();
                for (key, one) in all {
                    let known = || groups.iter().flat_map(|group| group.iter());
                    let found = known()
                        .find(|(name, _)| *name == key)
                        .or_else(|| known().find(|(name, _)| name.eq_ignore_ascii_case(&key)));
                    let Some((name, of)) = found else { continue };
                    self.parts.push(escaped(name));
                    if let Some(one) = self.fit(one, of)? {
                        fields.insert((*name).to_owned(), one);
                    }
                    self.parts.pop();
                }
                Value::Object(fields)
            }
            (Go::Words, Value::String(one)) => Value::from(vec![one]),
            (Go::Words, Value::Array(all)) if all.iter().all(Value::is_string) => Value::Array(all),
            (Go::Words, value) => {
                return Err(format!(
                    "json: cannot unmarshal {} into Go value of type string",
                    kind(&value)
                ));
            }
            (go, value) => return Err(self.misfit(&value, go)),
        };
        Ok(Some(fitted))
    }

    /// Fits a part of a list or map.
    fn within(&mut self, part: &str, value: Value, go: &Go) -> Result<Value, String> {
        self.parts.push(escaped(part));
        let fitted = self.fit(value, go)?;
        self.parts.pop();
        Ok(fitted.unwrap_or_else(|| go.zero()))
    }

    fn misfit(&self, value: &Value, go: &Go) -> String {
        let go = if let Go::Pointer(to) = go { to } else { go };
        let name = go.name();
        let into = match self.parts.as_slice() {
            [] => format!("value of type {name}"),
            parts => format!(
                "struct field {}.{} of type {name}",
                self.root,
                parts.join(".")
            ),
        };
        format!("json: cannot unmarshal {} into Go {into}", kind(value))
    }
}

impl Go {
    /// Whether a value is of a kind that the type does not take, whatever is in it.
    fn misses(&self, value: &Value) -> bool {
        !matches!(
            (self, value),
            (Self::Text, Value::String(_))
                | (Self::Bool, Value::Bool(_))
                | (Self::List(_), Value::Array(_))
                | (Self::Map(_) | Self::Struct(..), Value::Object(_))
                | (Self::Words | Self::Pointer(_) | Self::Named(..), _)
        ) && !matches!((self, value), (Self::Int(_), Value::Number(n)) if !n.is_f64())
    }
}

/// What Go's decoder calls a value.
fn kind(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "bool".to_owned(),
        Value::Number(n) if n.is_f64() => format!("number {n}"),
        Value::Number(_) => "number".to_owned(),
        Value::String(_) => "string".to_owned(),
        Value::Array(_) => "array".to_owned(),
        Value::Object(_) => "object".to_owned(),
    }
}

/// A part of a path as a JSON pointer has it. Source: RFC 6901, section 3.
fn escaped(part: &str) -> String {
    part.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const POINT: Go = Go::Struct("geo.Point", &[&[("X", Go::Int("int64"))]]);
    const THING: Go = Go::Struct(
        "geo.Thing",
        &[
            &[("Name", Go::Text), ("Cmd", Go::Words)],
            &[
                ("Points", Go::List(&POINT)),
                ("By", Go::Named("geo.Set", &Go::Map(&Go::Pointer(&POINT)))),
            ],
        ],
    );

    fn said(value: Value) -> String {
        fit(value, &THING, "Thing").unwrap_err()
    }

    #[test]
    fn names_are_found_in_any_case_and_null_says_nothing() {
        let value = json!({"name": "a", "CMD": "true", "Points": [null, {"x": 1, "y": 2}], "By": null, "Z": 1});
        let fitted = json!({"Name": "a", "Cmd": ["true"], "Points": [{}, {"X": 1}]});
        assert_eq!(fit(value, &THING, "Thing"), Ok(fitted));
    }

    #[test]
    fn misfits_are_told_with_their_place() {
        let said_of = "json: cannot unmarshal";
        for (value, why) in [
            (json!([]), "array into Go value of type geo.Thing"),
            (
                json!({"Name": 1}),
                "number into Go struct field Thing.Name of type string",
            ),
            (
                json!({"Points": {}}),
                "object into Go struct field Thing.Points of type []geo.Point",
            ),
            (
                json!({"Points": [{}, {"X": 1.5}]}),
                "number 1.5 into Go struct field Thing.Points.1.X of type int64",
            ),
            (
                json!({"By": []}),
                "array into Go struct field Thing.By of type geo.Set",
            ),
            (
                json!({"By": {"a/b": "x"}}),
                "string into Go struct field Thing.By.a~1b of type geo.Point",
            ),
            (json!({"Cmd": [1]}), "array into Go value of type string"),
        ] {
            assert_eq!(said(value), format!("{said_of} {why}"));
        }
    }
}
