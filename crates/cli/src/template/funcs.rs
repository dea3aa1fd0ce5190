//! The functions that templates may call: Go's own and docker's (`templates/templates.go`).

use super::printf::{sprint, sprintf, sprintln};
use super::value::{Missing, Value};

/// What a parameter takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Param {
    Any,
    Text,
    Int,
    Texts,
}

/// How a function may be called.
pub(super) struct Signature {
    /// The parameters; a variadic function repeats the last one.
    pub(super) params: &'static [Param],
    /// True if the last parameter may be repeated or left out.
    pub(super) variadic: bool,
}

const fn fixed(params: &'static [Param]) -> Option<Signature> {
    Some(Signature {
        params,
        variadic: false,
    })
}

const fn variadic(params: &'static [Param]) -> Option<Signature> {
    Some(Signature {
        params,
        variadic: true,
    })
}

/// Returns how a function may be called; `None` if there is no such function.
pub(super) fn signature(name: &str, header: bool) -> Option<Signature> {
    use Param::{Any, Int, Text, Texts};
    match name {
        "json" | "split" | "join" | "title" | "lower" | "upper" | "truncate" if header => {
            variadic(&[Text, Any])
        }
        "json" | "len" | "not" => fixed(&[Any]),
        "split" => fixed(&[Text, Text]),
        "join" => fixed(&[Texts, Text]),
        "title" | "lower" | "upper" => fixed(&[Text]),
        "pad" => fixed(&[Text, Int, Int]),
        "truncate" => fixed(&[Text, Int]),
        "and" | "or" | "index" | "slice" | "eq" | "call" => variadic(&[Any, Any]),
        "ne" | "lt" | "le" | "gt" | "ge" => fixed(&[Any, Any]),
        "print" | "println" | "html" | "js" | "urlquery" => variadic(&[Any]),
        "printf" => variadic(&[Text, Any]),
        _ => None,
    }
}

/// True if there is such a function.
pub(super) fn exists(name: &str) -> bool {
    signature(name, false).is_some()
}

/// Calls a function; `header` asks for what it does to the headings of a table.
pub(super) fn call(name: &str, args: &[Value], header: bool) -> Result<Value, String> {
    let first = args.first().unwrap_or(&Value::Nil(Missing::Unknown));
    let text = |i: usize| match args.get(i) {
        Some(value) => value.verb_v(),
        None => String::new(),
    };
    if header
        && !matches!(
            name,
            "pad"
                | "and"
                | "or"
                | "not"
                | "len"
                | "index"
                | "slice"
                | "print"
                | "printf"
                | "println"
                | "eq"
                | "ne"
                | "lt"
                | "le"
                | "gt"
                | "ge"
                | "html"
                | "js"
                | "urlquery"
                | "call"
        )
    {
        return Ok(first.clone());
    }
    let bool = |b: Result<bool, String>| b.map(Value::Bool);
    match name {
        "json" => Ok(Value::Str(first.json())),
        "lower" => Ok(Value::Str(
            text(0).chars().flat_map(char::to_lowercase).collect(),
        )),
        "upper" => Ok(Value::Str(
            text(0).chars().flat_map(char::to_uppercase).collect(),
        )),
        "title" => Ok(Value::Str(title(&text(0)))),
        "split" => Ok(split(&text(0), &text(1))),
        "join" => Ok(Value::Str(match first {
            Value::List(items) => items
                .iter()
                .map(Value::verb_v)
                .collect::<Vec<_>>()
                .join(&text(1)),
            _ => String::new(),
        })),
        "pad" => Ok(Value::Str(match text(0) {
            empty if empty.is_empty() => empty,
            text => format!("{}{text}{}", blanks(args.get(1)), blanks(args.get(2))),
        })),
        "truncate" => Ok(Value::Str(
            text(0).chars().take(count(args.get(1))).collect(),
        )),
        "len" => len(first).map(Value::Int),
        "not" => Ok(Value::Bool(!first.truth())),
        "index" => index(first, args.get(1..).unwrap_or(&[])),
        "slice" => slice(first, args.get(1..).unwrap_or(&[])),
        "print" => Ok(Value::Str(sprint(args))),
        "println" => Ok(Value::Str(sprintln(args))),
        "printf" => Ok(Value::Str(sprintf(&text(0), args.get(1..).unwrap_or(&[])))),
        "html" => Ok(Value::Str(html(&sprint(args)))),
        "js" => Ok(Value::Str(
            sprint(args)
                .replace('\\', "\\\\")
                .replace('\'', "\\'")
                .replace('"', "\\\""),
        )),
        "urlquery" => Ok(Value::Str(url_query(&sprint(args)))),
        "eq" => bool(equal_to_any(first, args.get(1..).unwrap_or(&[]))),
        "ne" => bool(equal(first, args.get(1).unwrap_or(first)).map(|same| !same)),
        "lt" => bool(less(first, args.get(1).unwrap_or(first))),
        "le" => {
            let second = args.get(1).unwrap_or(first);
            bool(less(first, second).and_then(|less| Ok(less || equal(first, second)?)))
        }
        "gt" => {
            let second = args.get(1).unwrap_or(first);
            bool(less(first, second).and_then(|less| Ok(!less && !equal(first, second)?)))
        }
        "ge" => bool(less(first, args.get(1).unwrap_or(first)).map(|less| !less)),
        "call" => Err("call of non-function".into()),
        other => Err(format!("{other} cannot be called here")),
    }
}

fn count(value: Option<&Value>) -> usize {
    match value {
        Some(Value::Int(n)) => usize::try_from(*n).unwrap_or(0),
        _ => 0,
    }
}

fn blanks(value: Option<&Value>) -> String {
    // A terminal line of such a length is of no use to anybody; memory is bounded by it.
    " ".repeat(count(value).min(10_000))
}

fn title(text: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for c in text.chars() {
        match inside {
            true => out.push(c),
            false => out.extend(c.to_uppercase()),
        }
        inside = c.is_alphanumeric() || c == '_' || c == '\'';
    }
    out
}

fn split(text: &str, separator: &str) -> Value {
    Value::List(match separator.is_empty() {
        true => text.chars().map(Value::str).collect(),
        false => text.split(separator).map(Value::str).collect(),
    })
}

fn len(value: &Value) -> Result<i64, String> {
    let count = match value {
        Value::Str(s) | Value::Word(_, s) | Value::Number(s) => s.len(),
        Value::Bytes(coded) => wire::base64::decode(coded).unwrap_or_default().len(),
        Value::List(items) => items.len(),
        Value::Map(entries, _) => entries.len(),
        Value::Nil(Missing::List | Missing::Map | Missing::Text | Missing::Port) => 0,
        // What is not there at all has no type to be told.
        Value::Nil(Missing::Unknown) => {
            return Err("reflect: call of reflect.Value.Type on zero Value".into());
        }
        Value::Nil(Missing::Pointer) => return Err("len of nil pointer".into()),
        Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Time(_)
        | Value::Duration(_)
        | Value::Mode(_)
        | Value::Struct(_) => {
            return Err(format!("len of type {}", value.type_name()));
        }
    };
    Ok(i64::try_from(count).unwrap_or(i64::MAX))
}

/// Checks a position that must be below `len`; Go lets one past the end through here, and stumbles over it later.
fn position(at: &Value, len: usize) -> Result<usize, String> {
    match at {
        Value::Int(n) => match usize::try_from(*n) {
            Ok(i) if i < len => Ok(i),
            _ => Err(format!("index out of range: {n}")),
        },
        Value::Nil(_) => Err("cannot index slice/array with nil".into()),
        other => Err(format!(
            "cannot index slice/array with type {}",
            other.type_name()
        )),
    }
}

fn index(item: &Value, positions: &[Value]) -> Result<Value, String> {
    let mut item = item.clone();
    for (depth, at) in positions.iter().enumerate() {
        item = match &item {
            Value::List(items) => items
                .get(position(at, items.len() + 1)?)
                .cloned()
                .ok_or("reflect: slice index out of range")?,
            Value::Nil(Missing::List) => {
                position(at, 1)?;
                return Err("reflect: slice index out of range".into());
            }
            Value::Str(s) | Value::Word(_, s) | Value::Number(s) => {
                let byte = s.as_bytes().get(position(at, s.len() + 1)?);
                let byte = byte.ok_or("reflect: string index out of range")?;
                Value::Int((*byte).into())
            }
            Value::Map(_, Missing::Port) if matches!(at, Value::Str(_)) => {
                return Err("value has type string; should be nat.Port".into());
            }
            Value::Map(entries, element) => match at {
                Value::Str(key) | Value::Number(key) => match entries.get(key) {
                    Some(found) => found.clone(),
                    None if *element == Missing::Text => Value::Str(String::new()),
                    None => Value::Nil(*element),
                },
                other => {
                    return Err(format!(
                        "value has type {}; should be string",
                        other.type_name()
                    ));
                }
            },
            Value::Nil(Missing::Map) => Value::Str(String::new()),
            // What is nothing from the start has no type; what was found to be nothing has.
            Value::Nil(_) if depth == 0 => return Err("index of untyped nil".into()),
            Value::Nil(_) => return Err("index of nil pointer".into()),
            Value::Bool(_)
            | Value::Int(_)
            | Value::Float(_)
            | Value::Time(_)
            | Value::Duration(_)
            | Value::Mode(_)
            | Value::Bytes(_)
            | Value::Struct(_) => {
                return Err(format!("can't index item of type {}", item.type_name()));
            }
        };
    }
    Ok(item)
}

fn slice(item: &Value, positions: &[Value]) -> Result<Value, String> {
    let len = match item {
        Value::Str(s) | Value::Word(_, s) => s.len(),
        Value::List(items) => items.len(),
        Value::Nil(_) => return Err("slice of untyped nil".into()),
        other => return Err(format!("can't slice item of type {}", other.type_name())),
    };
    if positions.len() > 3 {
        return Err(format!("too many slice indexes: {}", positions.len()));
    }
    // A position may be one past the end.
    let from = positions
        .first()
        .map_or(Ok(0), |at| position(at, len + 1))?;
    let to = positions
        .get(1)
        .map_or(Ok(len), |at| position(at, len + 1))?;
    if from > to {
        return Err(format!("invalid slice index: {from} > {to}"));
    }
    match item {
        Value::Str(s) | Value::Word(_, s) => {
            let part = s.as_bytes().get(from..to).unwrap_or(&[]);
            Ok(Value::Str(String::from_utf8_lossy(part).into_owned()))
        }
        Value::List(items) => Ok(Value::List(items.get(from..to).unwrap_or(&[]).to_vec())),
        other => Ok(other.clone()),
    }
}

fn html(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

fn url_query(text: &str) -> String {
    let mut out = String::new();
    for b in text.bytes() {
        match b {
            b' ' => out.push('+'),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(b));
            }
            b => out.push_str(&format!("%{b:02X}")),
        }
    }
    out
}

fn equal_to_any(first: &Value, others: &[Value]) -> Result<bool, String> {
    if others.is_empty() {
        return Err("missing argument for comparison".into());
    }
    for other in others {
        if equal(first, other)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn equal(a: &Value, b: &Value) -> Result<bool, String> {
    match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => Ok(a == b),
        (Value::Int(a) | Value::Duration(a), Value::Int(b) | Value::Duration(b)) => Ok(a == b),
        (Value::Float(a), Value::Float(b)) => Ok(a == b),
        (
            Value::Str(a) | Value::Word(_, a) | Value::Number(a),
            Value::Str(b) | Value::Word(_, b) | Value::Number(b),
        ) => Ok(a == b),
        (Value::Time(a), Value::Time(b)) => Ok(a == b),
        (Value::List(_) | Value::Map(..), _) => Err(format!(
            "non-comparable type {}: {}",
            a.verb_v(),
            a.type_name()
        )),
        (_, Value::List(_) | Value::Map(..)) => Err(format!(
            "non-comparable type {}: {}",
            b.verb_v(),
            b.type_name()
        )),
        (Value::Nil(_), _) | (_, Value::Nil(_)) => {
            Ok(matches!((a, b), (Value::Nil(_), Value::Nil(_))))
        }
        _ => Err(format!(
            "incompatible types for comparison: {} and {}",
            a.type_name(),
            b.type_name()
        )),
    }
}

fn less(a: &Value, b: &Value) -> Result<bool, String> {
    match (a, b) {
        (Value::Int(a) | Value::Duration(a), Value::Int(b) | Value::Duration(b)) => Ok(a < b),
        (Value::Float(a), Value::Float(b)) => Ok(a < b),
        (
            Value::Str(a) | Value::Word(_, a) | Value::Number(a),
            Value::Str(b) | Value::Word(_, b) | Value::Number(b),
        ) => Ok(a < b),
        (
            Value::Int(_) | Value::Duration(_) | Value::Float(_) | Value::Str(_) | Value::Number(_),
            _,
        ) => Err("incompatible types for comparison".into()),
        _ => Err("invalid type for comparison".into()),
    }
}
