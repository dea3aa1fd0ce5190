//! What a Compose file may hold, as one static table.
//!
//! [`table`] has an entry for every key: what the schema accepts there, and what the model makes of it. [`check`] holds
//! a tree against the first; [`crate::shape`] brings a valid tree into the form of the second; the order of the entries
//! is the order in which `config` prints them. Source: compose-go 2.9.1, schema/compose-spec.json and types.

mod check;
mod pattern;
pub(crate) mod table;
mod walk;

pub(crate) use check::{DATE, faults};
pub(crate) use pattern::Pattern;
pub(crate) use walk::{at, objects};

/// The JSON types, by the schema's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    Null,
    Bool,
    Integer,
    Number,
    Str,
    Array,
    Object,
}

/// What is accepted at a place.
#[derive(Debug)]
pub(crate) enum Schema {
    /// Values of these types.
    Is(&'static [Type]),
    /// One of these texts.
    Words(&'static [&'static str]),
    /// A text that matches.
    Matches(Pattern),
    /// A whole number, or for `None` any number from the first, up to the second if there is one.
    Range(i64, Option<i64>),
    /// A sequence; with `true` of items that all differ.
    List(&'static Self, bool),
    /// A mapping.
    Object(&'static Object),
    /// What exactly one of these accepts.
    OneOf(&'static [Self]),
}

/// A mapping's keys.
#[derive(Debug)]
pub(crate) struct Object {
    /// The keys that have a meaning of their own, in the order of the model.
    pub(crate) fields: &'static [Field],
    /// What other keys are.
    pub(crate) rest: Rest,
    /// Keys that may not be missing.
    pub(crate) required: &'static [&'static str],
    /// Other types that may stand in the mapping's place.
    pub(crate) or: &'static [Type],
}

/// Keys without an entry.
#[derive(Debug)]
pub(crate) enum Rest {
    /// All are refused.
    Closed,
    /// `x-...` is accepted.
    Extensions,
    /// All are accepted.
    Open,
    /// Keys that match hold this; with `true` others are refused.
    Keys(Pattern, &'static Schema, bool),
}

/// One key.
#[derive(Debug)]
pub(crate) struct Field {
    /// The key.
    pub(crate) key: &'static str,
    /// What is accepted.
    pub(crate) schema: Schema,
    /// What the model holds.
    pub(crate) shape: Shape,
}

/// What the model holds at a place: how a valid value is brought into one form, and when it is not printed.
#[derive(Debug)]
pub(crate) enum Shape {
    /// The value as it is.
    Any,
    /// Nothing: the schema accepts it, and the model has no place for it.
    Dropped,
    /// Text; none if empty.
    Text,
    /// A flag; none if off.
    Flag,
    /// A flag that may be unset.
    OptFlag,
    /// A flag that is always printed.
    EachFlag,
    /// A whole number; none if zero.
    Int,
    /// A whole number that may be unset.
    OptInt,
    /// Any number; none if zero.
    Float,
    /// An amount of memory, such as `64mb`.
    Bytes,
    /// A duration, such as `1m30s`.
    Duration,
    /// A file's mode, printed in octal.
    Mode,
    /// Text that may be a list, held as a list.
    Texts,
    /// A command: a list, or text that is split as a shell would.
    Command,
    /// A health check's test: a list, or text for the shell.
    Test,
    /// Pairs, from a mapping or a list of `key=value`.
    Pairs,
    /// Pairs whose value may be left open.
    OpenPairs,
    /// Host names and their addresses.
    Hosts,
    /// Keys and `key=value` of `ssh`.
    Keys,
    /// A number of devices, or `all`.
    Count,
    /// A limit, or its soft and hard values.
    Limit,
    /// A mapping from any key.
    Map(&'static Self),
    /// A sequence.
    List(&'static Self),
    /// A mapping with keys of its own that may be unset.
    Struct(&'static Object),
    /// A mapping with keys of its own that is always there, in JSON even when empty.
    Part(&'static Object),
}
