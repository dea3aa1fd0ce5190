//! What a program is compiled to: steps of a machine with a stack.
//!
//! The machine stops where it needs something from outside (a line, a file, a command) and goes on with the answer, so
//! that it needs no waiting of its own.

use super::value::Value;

/// A variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    Global(usize),
    Local(usize),
}

/// Something that can be assigned to; what is not in it lies on the stack: a field's number, an element's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Variable(Name),
    Field,
    Element(Name),
}

/// A step.
#[derive(Debug, Clone)]
pub(super) enum Op {
    Push(Value),
    Pop,
    Load(Place),
    Store(Place),
    /// `+=` and the like.
    Update(Place, char),
    /// `++` and `--`; true: the value before counts.
    Step(Place, f64, bool),
    /// `+ - * / % ^ ' '` and `< l = n > g` for the comparisons.
    Binary(char),
    Not,
    Minus,
    Plus,
    /// `~`, or `!~` if true.
    Match(bool),
    /// Joins names of an element.
    Join(usize),
    In(Name),
    Delete(Name),
    Clear(Name),
    Jump(usize),
    JumpFalse(usize),
    JumpTrue(usize),
    /// Passes a variable, which may be an array.
    Pass(Name),
    /// A function of the language, by its place in [`FUNCTIONS`].
    Call(usize, usize),
    /// `sub`, or `gsub` if true.
    Replace(bool, Place),
    Split(Name, bool),
    User(usize, usize),
    Return,
    /// Begins a walk through an array.
    Walk(Name),
    /// The next of it, or on to there.
    Next(Place, usize),
    EndWalk,
    Print(usize, bool, Option<Stream>),
    Getline(Option<Stream>, Option<Place>),
    NextRecord,
    NextFile,
    Exit(bool),
    End,
}

/// Where output goes and input comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stream {
    File,
    Append,
    Command,
}

/// The functions of the language with the least and the most arguments.
pub(super) const FUNCTIONS: &[(&str, usize, usize)] = &[
    ("length", 0, 1),
    ("substr", 2, 3),
    ("index", 2, 2),
    ("tolower", 1, 1),
    ("toupper", 1, 1),
    ("int", 1, 1),
    ("sqrt", 1, 1),
    ("exp", 1, 1),
    ("log", 1, 1),
    ("sin", 1, 1),
    ("cos", 1, 1),
    ("atan2", 2, 2),
    ("rand", 0, 0),
    ("srand", 0, 1),
    ("match", 2, 2),
    ("sprintf", 1, 99),
    ("system", 1, 1),
    ("close", 1, 1),
    ("fflush", 0, 1),
    ("systime", 0, 0),
];

/// The variables that mean something.
pub(super) const SPECIAL: &[&str] = &[
    "NF", "NR", "FNR", "FS", "OFS", "ORS", "RS", "FILENAME", "SUBSEP", "RSTART", "RLENGTH",
    "ENVIRON", "ARGC", "ARGV", "CONVFMT", "OFMT",
];
pub(super) const NF: usize = 0;
pub(super) const NR: usize = 1;
pub(super) const FNR: usize = 2;
pub(super) const FS: usize = 3;
pub(super) const OFS: usize = 4;
pub(super) const ORS: usize = 5;
pub(super) const RS: usize = 6;
pub(super) const FILENAME: usize = 7;
pub(super) const SUBSEP: usize = 8;
pub(super) const RSTART: usize = 9;
pub(super) const RLENGTH: usize = 10;
pub(super) const ENVIRON: usize = 11;
pub(super) const ARGC: usize = 12;
pub(super) const ARGV: usize = 13;
pub(super) const CONVFMT: usize = 14;
pub(super) const OFMT: usize = 15;

/// A function of the program.
#[derive(Debug, Clone, Default)]
pub(super) struct Function {
    pub(super) name: String,
    pub(super) start: Option<usize>,
    pub(super) parameters: usize,
}

/// A whole program.
#[derive(Debug, Default)]
pub(super) struct Program {
    pub(super) ops: Vec<Op>,
    pub(super) functions: Vec<Function>,
    pub(super) globals: Vec<String>,
    /// Where the `BEGIN` actions start, the ones for each record, and the `END` actions, if there are any.
    pub(super) begin: Option<usize>,
    pub(super) main: Option<usize>,
    pub(super) end: Option<usize>,
}
