//! What a jq filter is made of.

use std::rc::Rc;

use super::json::Json;

/// A filter.
#[derive(Debug, Clone)]
pub(super) enum Filter {
    Identity,
    /// `..`
    Recurse,
    Literal(Json),
    /// A string with `\(...)` inside: texts and filters in turn.
    Interpolated(Vec<(String, Option<Self>)>),
    /// `f.key`, `f[g]`
    Index(Box<Self>, Box<Self>),
    /// `f[a:b]`
    Slice(Box<Self>, Option<Box<Self>>, Option<Box<Self>>),
    /// `f[]`
    Each(Box<Self>),
    /// `f?`
    Try(Box<Self>),
    Pipe(Box<Self>, Box<Self>),
    Comma(Box<Self>, Box<Self>),
    Binary(&'static str, Box<Self>, Box<Self>),
    Negate(Box<Self>),
    Array(Option<Box<Self>>),
    Object(Vec<(Self, Self)>),
    If(Vec<(Self, Self)>, Option<Box<Self>>),
    Call(String, Vec<Self>),
    /// `@csv` and its like.
    Format(String),
    Variable(String),
    /// `f as $x | g`
    Bind(Box<Self>, Box<Pattern>, Box<Self>),
    /// `try f catch g`
    Catch(Box<Self>, Box<Self>),
    /// `reduce f as $x (init; update)`
    Reduce(Box<Self>, Box<Pattern>, Box<Self>, Box<Self>),
    /// `foreach f as $x (init; update; extract)`
    Foreach(
        Box<Self>,
        Box<Pattern>,
        Box<Self>,
        Box<Self>,
        Option<Box<Self>>,
    ),
    /// `def name(params): body; rest`
    Def(Rc<Definition>, Box<Self>),
    /// `label $x | f`
    Label(String, Box<Self>),
    /// `break $x`
    Break(String),
    /// `f = g`, `f |= g`, `f += g` and so on, by the operator.
    Assign(&'static str, Box<Self>, Box<Self>),
    /// `@base64 "...\(f)"`: the format is for what is interpolated.
    Formatted(String, Vec<(String, Option<Self>)>),
}

/// What `as` takes apart.
#[derive(Debug, Clone)]
pub(super) enum Pattern {
    Variable(String),
    Array(Vec<Self>),
    /// Keys, what they are bound to as a whole, and what they are taken apart into.
    Object(Vec<(Filter, Option<String>, Option<Self>)>),
}

/// A function of the filter's own.
#[derive(Debug)]
pub(super) struct Definition {
    pub(super) name: String,
    pub(super) parameters: Vec<String>,
    pub(super) body: Filter,
}
