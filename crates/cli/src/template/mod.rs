//! Go's `text/template` as docker uses it for `--format`.
//!
//! A [`Template`] is parsed once and executed over [`Value`]s; [`value_of`] makes one from what the engine's API returns.
//! Error sentences are Go's own, since docker prints them.
//!
//! ```
//! use cli::template::{Mode, Template, Value};
//! let template = Template::parse("{{range .}}<{{upper .}}>{{end}}").unwrap();
//! let words = Value::List(vec![Value::str("a"), Value::str("b")]);
//! assert_eq!(template.execute(&words, Mode::Plain).unwrap(), "<A><B>");
//! ```

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "functions and grammar name the few kinds of value or token that they take; all others are one case"
)]

mod exec;
mod from_serde;
mod funcs;
mod lex;
mod moment;
mod parse;
mod printf;
mod value;

#[cfg(test)]
mod tests;

pub use from_serde::value_of;
pub use value::{Field, Labels, Missing, Struct, Value, structure};

/// How a template treats its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// As it is.
    Plain,
    /// A key that a map does not have is an error: the raw form of inspect.
    MissingKeyIsError,
    /// The data are the headings of a table, which functions leave alone.
    Header,
}

/// A parsed template.
#[derive(Clone, Debug)]
pub struct Template {
    name: String,
    text: String,
    tree: parse::Tree,
}

impl Template {
    /// Parses a template. The error is Go's sentence, beginning with `template: `.
    pub fn parse(text: &str) -> Result<Self, String> {
        Self::parse_named("", text)
    }

    /// Parses a template that error texts call `name`.
    pub fn parse_named(name: &str, text: &str) -> Result<Self, String> {
        Ok(Self {
            name: name.to_owned(),
            text: text.to_owned(),
            tree: parse::parse(name, text)?,
        })
    }

    /// Carries the template out over `data`. The error is Go's sentence, beginning with `template: `.
    pub fn execute(&self, data: &Value, mode: Mode) -> Result<String, String> {
        let (text, done) = self.execute_partly(data, mode);
        done.map(|()| text)
    }

    /// The same, with what was written before something went wrong.
    pub fn execute_partly(&self, data: &Value, mode: Mode) -> (String, Result<(), String>) {
        exec::Execution::run(&self.name, &self.text, &self.tree, mode, data)
    }
}
