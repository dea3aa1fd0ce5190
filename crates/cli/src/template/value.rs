//! What templates work on: values as Go sees them.

use sorted::SortedMap;
use std::rc::Rc;

use crate::go;

/// What a missing value would have been; decides how Go prints it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Nothing is known about it; Go prints `<no value>`.
    Unknown,
    /// A pointer; Go prints `<nil>`.
    Pointer,
    /// A slice; Go prints `[]`.
    List,
    /// A map; Go prints `map[]`.
    Map,
    /// A text; Go prints nothing.
    Text,
    /// Of a map with ports as keys: Go's `index` refuses a text there, so that inspect turns to the raw form.
    Port,
}

/// A value.
#[derive(Clone, Debug)]
pub enum Value {
    /// No value, of a kind.
    Nil(Missing),
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// Text.
    Str(String),
    /// Text of a type of its own, which what wants a `string` does not take.
    Word(&'static str, String),
    /// A number kept as its digits, as the raw form of inspect has them.
    Number(String),
    /// A moment: how JSON has it (RFC 3339). Go prints it otherwise.
    Time(String),
    /// A length of time in nanoseconds, which Go prints with units.
    Duration(i64),
    /// A file's permission bits, which Go prints as `ls` does.
    Mode(i64),
    /// Bytes, in Base64, as JSON has them. Go prints numbers, or with `%s` text.
    Bytes(String),
    /// A list.
    List(Vec<Self>),
    /// A map with text as keys; Go goes through it in the order of the keys. Then what `index` gives for other keys.
    Map(SortedMap<String, Self>, Missing),
    /// Something with fixed fields.
    Struct(Rc<Struct>),
}

/// What `.Label "name"` gives.
#[derive(Clone, Debug, Default)]
pub enum Labels {
    /// There is no such method.
    #[default]
    None,
    /// The label's value.
    Values(SortedMap<String, String>),
    /// A heading made from the label's name.
    Heading,
}

/// A value with fixed fields.
#[derive(Clone, Debug, Default)]
pub struct Struct {
    /// What Go calls its type, for error texts.
    pub type_name: &'static str,
    /// Its fields, in order.
    pub fields: Vec<Field>,
    /// What `.Label` does.
    pub labels: Labels,
    /// True if its columns are methods, so that JSON has them sorted by name and Go's own escapes.
    pub row: bool,
}

/// One field.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name in JSON.
    pub name: &'static str,
    /// What it holds.
    pub value: Value,
    /// True if JSON leaves it out, as it is empty.
    pub omitted: bool,
}

impl Struct {
    /// Finds a field by the name that Go or JSON has for it.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|f| go_name(f.name) == name)
    }
}

/// Returns a struct made of fields.
pub fn structure(
    type_name: &'static str,
    fields: impl IntoIterator<Item = (&'static str, Value)>,
) -> Value {
    let fields = fields
        .into_iter()
        .map(|(name, value)| Field {
            name,
            value,
            omitted: false,
        })
        .collect();
    Value::Struct(Rc::new(Struct {
        type_name,
        fields,
        labels: Labels::None,
        row: false,
    }))
}

/// Go's name of a field, where it is not that of JSON.
fn go_name(json: &str) -> &str {
    match json {
        "Id" | "id" => "ID",
        "Dns" => "DNS",
        "DnsOptions" => "DNSOptions",
        "DnsSearch" => "DNSSearch",
        "NanoCpus" => "NanoCPUs",
        "CpuShares" => "CPUShares",
        "CpuPeriod" => "CPUPeriod",
        "CpuQuota" => "CPUQuota",
        "CpuRealtimePeriod" => "CPURealtimePeriod",
        "CpuRealtimeRuntime" => "CPURealtimeRuntime",
        "CpuCount" => "CPUCount",
        "CpuPercent" => "CPUPercent",
        "CpuCfsPeriod" => "CPUCfsPeriod",
        "CpuCfsQuota" => "CPUCfsQuota",
        "HttpProxy" => "HTTPProxy",
        "HttpsProxy" => "HTTPSProxy",
        "HostIp" => "HostIP",
        "AuxiliaryAddresses" => "AuxAddress",
        "ApiVersion" => "APIVersion",
        "status" => "Status",
        "from" => "From",
        "scope" => "Scope",
        "time" => "Time",
        "timeNano" => "TimeNano",
        other => other,
    }
}

impl Value {
    /// Returns a text value.
    pub fn str(text: impl Into<String>) -> Self {
        Self::Str(text.into())
    }

    /// Returns one row of a list: its columns, all text.
    pub fn row(
        type_name: &'static str,
        columns: Vec<(&'static str, String)>,
        labels: Labels,
    ) -> Self {
        let fields = columns
            .into_iter()
            .map(|(name, text)| Field {
                name,
                value: Self::Str(text),
                omitted: false,
            })
            .collect();
        Self::Struct(Rc::new(Struct {
            type_name,
            fields,
            labels,
            row: true,
        }))
    }

    /// Gives a struct the name that Go has for its type.
    #[must_use]
    pub fn named(self, type_name: &'static str) -> Self {
        match self {
            Self::Struct(s) => {
                let Struct {
                    fields,
                    labels,
                    row,
                    ..
                } = Rc::unwrap_or_clone(s);
                Self::Struct(Rc::new(Struct {
                    type_name,
                    fields,
                    labels,
                    row,
                }))
            }
            other => other,
        }
    }

    /// Adds a field to a struct.
    #[must_use]
    pub fn with(self, name: &'static str, value: Self) -> Self {
        self.with_field(name, value, false)
    }

    /// Adds a field to a struct that is an empty list, which JSON leaves out.
    #[must_use]
    pub fn with_empty(self, name: &'static str) -> Self {
        self.with_field(name, Self::List(Vec::new()), true)
    }

    fn with_field(self, name: &'static str, value: Self, omitted: bool) -> Self {
        match self {
            Self::Struct(s) => {
                let mut s = Rc::unwrap_or_clone(s);
                s.fields.push(Field {
                    name,
                    value,
                    omitted,
                });
                Self::Struct(Rc::new(s))
            }
            other => other,
        }
    }

    /// True unless it is empty, zero or false, as `if` sees it.
    pub fn truth(&self) -> bool {
        match self {
            Self::Nil(_) => false,
            Self::Bool(b) => *b,
            Self::Int(n) | Self::Duration(n) | Self::Mode(n) => *n != 0,
            Self::Float(n) => *n != 0.0,
            Self::Str(s) | Self::Word(_, s) | Self::Number(s) | Self::Bytes(s) => !s.is_empty(),
            Self::List(items) => !items.is_empty(),
            Self::Map(entries, _) => !entries.is_empty(),
            Self::Struct(_) | Self::Time(_) => true,
        }
    }

    /// Returns what Go calls its type in error texts.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Nil(_) => "interface {}",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Float(_) => "float64",
            Self::Str(_) => "string",
            Self::Word(name, _) => name,
            Self::Number(_) => "json.Number",
            Self::Time(_) => "time.Time",
            Self::Duration(_) => "time.Duration",
            Self::Mode(_) => "fs.FileMode",
            Self::Bytes(_) => "[]uint8",
            Self::List(_) => "[]interface {}",
            Self::Map(..) => "map[string]interface {}",
            Self::Struct(s) => s.type_name,
        }
    }

    /// Returns it as a template prints it at the top.
    pub fn print(&self) -> String {
        match self {
            Self::Nil(Missing::Unknown) => "<no value>".into(),
            other => other.verb_v(),
        }
    }

    /// Returns it as Go's `%v` prints it.
    pub fn verb_v(&self) -> String {
        let mut out = String::new();
        self.write_v(&mut out, 0);
        out
    }

    fn write_v(&self, out: &mut String, depth: usize) {
        match self {
            Self::Nil(Missing::Unknown | Missing::Pointer) => out.push_str("<nil>"),
            Self::Nil(Missing::List | Missing::Port) => out.push_str("[]"),
            Self::Nil(Missing::Map) => out.push_str("map[]"),
            Self::Nil(Missing::Text) => {}
            Self::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
            Self::Int(n) => out.push_str(&n.to_string()),
            Self::Float(n) => out.push_str(&float(*n)),
            Self::Str(s) | Self::Word(_, s) | Self::Number(s) => out.push_str(s),
            Self::Mode(bits) => out.push_str(&mode_text(*bits)),
            Self::Bytes(coded) => {
                let bytes = wire::base64::decode(coded).unwrap_or_default();
                let numbers: Vec<String> = bytes.iter().map(u8::to_string).collect();
                out.push_str(&format!("[{}]", numbers.join(" ")));
            }
            Self::Duration(nanos) => out.push_str(&engine::clock::go_duration(*nanos)),
            Self::Time(rfc3339) => out.push_str(&crate::format::time::plain(rfc3339)),
            Self::List(items) => {
                out.push('[');
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        out.push(' ');
                    }
                    item.write_v(out, depth + 1);
                }
                out.push(']');
            }
            Self::Map(entries, _) => {
                out.push_str("map[");
                for (i, (key, item)) in entries.iter().enumerate() {
                    if i > 0 {
                        out.push(' ');
                    }
                    out.push_str(key);
                    out.push(':');
                    item.write_v(out, depth + 1);
                }
                out.push(']');
            }
            // Endpoints hang in their map by pointer, and Go prints where: any address will do.
            Self::Struct(s) if depth > 0 && s.type_name == "EndpointSettings" => {
                out.push_str("0xc000a1c000");
            }
            Self::Struct(s) if s.type_name == "Ulimit" => {
                for (name, after) in [("Name", "="), ("Soft", ":"), ("Hard", "")] {
                    if let Some(field) = s.field(name) {
                        field.value.write_v(out, depth + 1);
                        out.push_str(after);
                    }
                }
            }
            Self::Struct(s) => {
                out.push('{');
                for (i, field) in s.fields.iter().enumerate() {
                    if i > 0 {
                        out.push(' ');
                    }
                    field.value.write_v(out, depth + 1);
                }
                out.push('}');
            }
        }
    }

    /// Returns it as Go's untyped form: structs become maps, numbers become digits, what JSON leaves out is gone.
    pub fn raw(&self) -> Self {
        match self {
            Self::Nil(_) => Self::Nil(Missing::Unknown),
            Self::Int(n) | Self::Duration(n) | Self::Mode(n) => Self::Number(n.to_string()),
            Self::Float(n) => Self::Number(float(*n)),
            Self::Word(_, text) | Self::Time(text) | Self::Bytes(text) => Self::Str(text.clone()),
            Self::List(items) => Self::List(items.iter().map(Self::raw).collect()),
            Self::Map(entries, _) => Self::Map(
                entries.iter().map(|(k, v)| (k.clone(), v.raw())).collect(),
                Missing::Unknown,
            ),
            Self::Struct(s) => Self::Map(
                s.fields
                    .iter()
                    .filter(|f| !f.omitted)
                    .map(|f| (f.name.to_owned(), f.value.raw()))
                    .collect(),
                Missing::Unknown,
            ),
            Self::Bool(_) | Self::Str(_) | Self::Number(_) => self.clone(),
        }
    }

    /// Returns it as JSON on one line.
    pub fn json(&self) -> String {
        let mut out = String::new();
        self.write_json(&mut out, None, false);
        out
    }

    /// Returns it as JSON with an indentation of four blanks, as `docker inspect` prints it; with `escape`, without angle
    /// brackets and ampersands.
    pub fn json_pretty(&self, escape: bool) -> String {
        let mut out = String::new();
        self.write_json(&mut out, Some(0), escape);
        out
    }

    fn write_json(&self, out: &mut String, indent: Option<usize>, escape: bool) {
        match self {
            Self::Nil(_) => out.push_str("null"),
            // Contents that are not told are no bytes at all.
            Self::Bytes(coded) if coded.is_empty() => out.push_str("null"),
            Self::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
            Self::Int(n) | Self::Duration(n) | Self::Mode(n) => out.push_str(&n.to_string()),
            Self::Float(n) => out.push_str(&float(*n)),
            Self::Number(digits) => out.push_str(digits),
            Self::Str(s) | Self::Word(_, s) | Self::Time(s) | Self::Bytes(s) => {
                json_text(out, s, escape);
            }
            Self::List(items) => {
                write_members(out, indent, ['[', ']'], items, |out, item, inner| {
                    item.write_json(out, inner, escape);
                });
            }
            Self::Map(entries, _) => write_members(
                out,
                indent,
                ['{', '}'],
                entries,
                |out, (key, item), inner| {
                    write_key(out, key, inner, escape);
                    item.write_json(out, inner, escape);
                },
            ),
            Self::Struct(s) => {
                let mut shown: Vec<&Field> = s.fields.iter().filter(|f| !f.omitted).collect();
                if s.row {
                    sorted::sort_by_key(&mut shown, |f| f.name);
                }
                let escape = escape || s.row;
                write_members(out, indent, ['{', '}'], shown, |out, field, inner| {
                    write_key(out, field.name, inner, escape);
                    field.value.write_json(out, inner, escape);
                });
            }
        }
    }
}

fn write_key(out: &mut String, key: &str, indent: Option<usize>, escape: bool) {
    json_text(out, key, escape);
    out.push_str(if indent.is_some() { ": " } else { ":" });
}

/// Writes the members of a list or object, each on a line of its own if there is an indentation.
fn write_members<T>(
    out: &mut String,
    indent: Option<usize>,
    brackets: [char; 2],
    members: impl IntoIterator<Item = T>,
    mut write: impl FnMut(&mut String, T, Option<usize>),
) {
    let [open, close] = brackets;
    let inner = indent.map(|depth| depth + 1);
    let new_line = |out: &mut String, depth: Option<usize>| {
        if let Some(depth) = depth {
            out.push('\n');
            out.push_str(&"    ".repeat(depth));
        }
    };
    out.push(open);
    let mut any = false;
    for member in members {
        if any {
            out.push(',');
        }
        any = true;
        new_line(out, inner);
        write(out, member, inner);
    }
    if any {
        new_line(out, indent);
    }
    out.push(close);
}

/// Writes a JSON string as Go does; `escape` also masks what matters to HTML.
fn json_text(out: &mut String, text: &str, escape: bool) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '<' | '>' | '&' if escape => out.push_str(&format!("\\u{:04x}", c as u32)),
            '\u{2028}' | '\u{2029}' => out.push_str(&format!("\\u{:04x}", c as u32)),
            c if (c as u32) < 0x20 => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
}

/// Returns a number as Go's `%v` prints a float64.
pub(super) fn float(n: f64) -> String {
    let magnitude = n.abs();
    if n.fract() == 0.0 && magnitude < 1e21 {
        return format!("{n:.0}");
    }
    if (1e-4..1e21).contains(&magnitude) {
        return n.to_string();
    }
    let text = format!("{n:e}");
    match text.split_once('e') {
        Some((digits, exponent)) => {
            let (sign, digits_of_exponent) = match exponent.strip_prefix('-') {
                Some(rest) => ('-', rest),
                None => ('+', exponent),
            };
            format!("{digits}e{sign}{digits_of_exponent:0>2}")
        }
        None => text,
    }
}

/// A file's permission bits as Go prints them. Source: go `io/fs`, `FileMode.String`.
fn mode_text(bits: i64) -> String {
    let letters = "rwxrwxrwx".chars().enumerate();
    let letters = letters.map(|(at, letter)| match bits >> (8 - at) & 1 {
        1 => letter,
        _ => '-',
    });
    std::iter::once('-').chain(letters).collect()
}

/// Returns it as Go's `%q` prints it, or `None` where that makes no sense.
pub(super) fn quoted(value: &Value) -> Option<String> {
    match value {
        Value::Str(s) | Value::Word(_, s) | Value::Number(s) => Some(go::quote(s)),
        Value::List(items) => {
            let parts: Option<Vec<String>> = items.iter().map(quoted).collect();
            Some(format!("[{}]", parts?.join(" ")))
        }
        Value::Nil(_)
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Time(_)
        | Value::Duration(_)
        | Value::Mode(_)
        | Value::Bytes(_)
        | Value::Map(..)
        | Value::Struct(_) => None,
    }
}
