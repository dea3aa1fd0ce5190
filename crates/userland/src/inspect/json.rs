//! JSON as iproute2 writes it: members in the order given, compact or (`-p`) pretty.

use std::fmt::Write as _;

use crate::text::jq::quote;

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Json {
    /// A string.
    Text(String),
    /// A number.
    Number(u64),
    /// A number with decimals, as written.
    Raw(String),
    /// True or false.
    Bool(bool),
    /// An array.
    List(Vec<Self>),
    /// An object.
    Map(Vec<(&'static str, Self)>),
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<u32> for Json {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<u64> for Json {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl Json {
    /// The text with its final newline.
    pub(crate) fn text(&self, pretty: bool) -> String {
        let mut out = String::new();
        self.write(&mut out, pretty, 0);
        out.push('\n');
        out
    }

    fn write(&self, out: &mut String, pretty: bool, depth: usize) {
        match self {
            Self::Text(text) => quote(text, out),
            Self::Number(number) => {
                let _ = write!(out, "{number}");
            }
            Self::Raw(text) => out.push_str(text),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::List(items) => {
                out.push_str(if pretty { "[ " } else { "[" });
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    item.write(out, pretty, depth + 1);
                }
                out.push_str(if pretty && !items.is_empty() {
                    " ]"
                } else {
                    "]"
                });
            }
            Self::Map(members) => {
                out.push('{');
                for (i, (key, value)) in members.iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    if pretty {
                        let _ = write!(out, "\n{}", "    ".repeat(depth + 1));
                    }
                    quote(key, out);
                    out.push_str(if pretty { ": " } else { ":" });
                    value.write(out, pretty, depth + 1);
                }
                if pretty {
                    let _ = write!(out, "\n{}", "    ".repeat(depth));
                }
                out.push('}');
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pretty_text_looks_like_iproute2s() {
        let value = Json::List(vec![Json::Map(vec![
            ("dst", "default".into()),
            ("flags", Json::List(Vec::new())),
        ])]);
        assert_eq!(value.text(false), "[{\"dst\":\"default\",\"flags\":[]}]\n");
        assert_eq!(
            value.text(true),
            "[ {\n        \"dst\": \"default\",\n        \"flags\": [ ]\n    } ]\n"
        );
    }
}
