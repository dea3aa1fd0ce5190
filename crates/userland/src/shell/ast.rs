//! What a shell script means: commands, pipelines, words and their pieces.
//!
//! Only shape lives here. The parser builds it, `exec` walks it.

use std::cell::OnceCell;
use std::rc::Rc;

/// A sequence of commands, as in a file, a function body or between parentheses.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Script {
    /// The commands in order.
    pub items: Vec<Item>,
}

/// One command of a script, with what follows it (`;` or `&`).
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// The pipelines joined by `&&` and `||`.
    pub list: AndOr,
    /// True if it ends in `&`.
    pub background: bool,
    /// The source text, shown by `jobs`.
    pub text: Rc<str>,
}

impl Item {
    /// Whether it is one simple command that is waited for, and nothing more.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        let first = &self.list.first;
        let simple = |c: &Command| matches!(c.kind, CommandKind::Simple { .. });
        !self.background
            && self.list.rest.is_empty()
            && !first.negated
            && first.timed.is_none()
            && matches!(first.stages.as_slice(), [one] if simple(one))
    }
}

/// Pipelines joined by `&&` and `||`, which bind equally and to the left.
#[derive(Debug, Clone, PartialEq)]
pub struct AndOr {
    /// The pipeline that always runs.
    pub first: Pipeline,
    /// The others, each with what joins it to the one before.
    pub rest: Vec<(Join, Pipeline)>,
}

/// How two pipelines are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Join {
    /// `&&`: run if the last status is zero.
    And,
    /// `||`: run if the last status is not zero.
    Or,
}

/// How the `time` keyword tells of times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    /// As `TIMEFORMAT` or the shell has it.
    Own,
    /// `time -p`: as POSIX has it.
    Posix,
}

/// Commands joined by `|`.
#[derive(Debug, Clone, PartialEq)]
pub struct Pipeline {
    /// True if it begins with `!`.
    pub negated: bool,
    /// How its times are told, if it begins with the `time` keyword.
    pub timed: Option<Times>,
    /// The source text, named when a signal ends it.
    pub text: Rc<str>,
    /// At least one command.
    pub stages: Vec<Command>,
}

/// One command with its redirections.
#[derive(Debug, Clone, PartialEq)]
pub struct Command {
    /// What it is.
    pub kind: CommandKind,
    /// In the order written; order matters (`2>&1 >file`).
    pub redirects: Vec<Redirect>,
    /// The line it starts on, counted from 1.
    pub line: u32,
}

/// The kinds of command.
#[derive(Debug, Clone, PartialEq)]
pub enum CommandKind {
    /// Assignments, a name and arguments; either part may be missing.
    Simple {
        /// `NAME=word` before the command name.
        assignments: Vec<Assignment>,
        /// The command name and its arguments.
        words: Vec<Word>,
    },
    /// `{ ...; }`
    Group(Rc<Script>),
    /// `( ... )`
    Subshell(Rc<Script>),
    /// `if`, with each condition and its branch, and the `else` branch.
    If {
        /// Conditions and bodies, `if` first, then each `elif`.
        branches: Vec<(Script, Script)>,
        /// The `else` body.
        otherwise: Option<Script>,
    },
    /// `for NAME in words; do ...; done`; without `in` it walks `"$@"`.
    For {
        /// The variable.
        name: String,
        /// The words, `None` if there is no `in`.
        words: Option<Vec<Word>>,
        /// The body.
        body: Rc<Script>,
        /// True for `select`, which asks instead of walking.
        select: bool,
        /// The source up to the words, as `set -x` shows it.
        heading: Rc<str>,
    },
    /// `for ((init; test; step)); do ...; done`
    ArithFor {
        /// The three expressions; any may be empty.
        parts: [Word; 3],
        /// The body.
        body: Rc<Script>,
    },
    /// `while` or `until`.
    While {
        /// True for `until`.
        until: bool,
        /// The condition.
        test: Rc<Script>,
        /// The body.
        body: Rc<Script>,
    },
    /// `case word in pattern) ... ;; esac`
    Case {
        /// The word matched.
        word: Word,
        /// The arms in order.
        arms: Vec<CaseArm>,
    },
    /// `name() command`
    Function {
        /// Its name.
        name: String,
        /// Its body, any compound command.
        body: Rc<Command>,
    },
    /// `[[ ... ]]`
    Test(Cond),
    /// `(( ... ))`
    Arith(Word),
}

/// One arm of a `case`.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseArm {
    /// Alternatives separated by `|`.
    pub patterns: Vec<Word>,
    /// What to run.
    pub body: Script,
    /// What happens after the body.
    pub end: CaseEnd,
}

/// How a `case` arm ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaseEnd {
    /// `;;`
    Break,
    /// `;&`: go on into the next body.
    FallThrough,
    /// `;;&`: go on testing patterns.
    Continue,
}

/// `NAME=value`, `NAME[index]=value` or `NAME=(...)`; `+=` for any of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Assignment {
    /// The variable.
    pub name: String,
    /// The element, if it is one of an array.
    pub index: Option<Word>,
    /// True for `+=`.
    pub append: bool,
    /// True for the list of a declaration (`declare a=(...)`), assigned once that has run.
    pub late: bool,
    /// What is assigned.
    pub value: Assigned,
}

/// The right side of an assignment.
#[derive(Debug, Clone, PartialEq)]
pub enum Assigned {
    /// One value; it is expanded but never split.
    Word(Word),
    /// A whole array.
    List(Vec<Element>),
}

/// A member of the list of an array: `value` or `[index]=value`.
#[derive(Debug, Clone, PartialEq)]
pub struct Element {
    /// Where it goes, if that is said.
    pub index: Option<Word>,
    /// True for `+=`.
    pub append: bool,
    /// The value; without an index it may become several.
    pub value: Word,
}

/// A redirection.
#[derive(Debug, Clone, PartialEq)]
pub struct Redirect {
    /// The descriptor it changes.
    pub fd: u32,
    /// What it does.
    pub kind: RedirectKind,
}

/// What a redirection does to its descriptor.
#[derive(Debug, Clone, PartialEq)]
pub enum RedirectKind {
    /// `<`
    Read(Word),
    /// `>`
    Write(Word),
    /// `>|`, which `set -C` does not hold back.
    Over(Word),
    /// `>>`
    Append(Word),
    /// `<>`
    ReadWrite(Word),
    /// `&>` and `>&word`: standard output and error together.
    Both(Word),
    /// `&>>`
    BothAppend(Word),
    /// `n>&m` and `n<&m`; the word is a number, or `-` to close.
    Duplicate(Word),
    /// `<<` and `<<-`; filled when the parser reaches the body.
    HereDoc(Rc<OnceCell<Word>>),
    /// `<<<`
    HereString(Word),
}

/// An expression inside `[[ ]]`.
#[derive(Debug, Clone, PartialEq)]
pub enum Cond {
    /// `a && b`
    And(Box<Self>, Box<Self>),
    /// `a || b`
    Or(Box<Self>, Box<Self>),
    /// `! a`
    Not(Box<Self>),
    /// `-f word`
    Unary(String, Word),
    /// `word == word`
    Binary(Word, String, Word),
    /// A word alone: true if not empty.
    Word(Word),
}

/// A word before expansion.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Word {
    /// Its pieces, joined without a gap.
    pub pieces: Vec<Piece>,
}

/// A part of a word.
#[derive(Debug, Clone, PartialEq)]
pub enum Piece {
    /// Unquoted text: pattern characters, braces and a leading tilde are special.
    Bare(String),
    /// Quoted text: nothing is special. An empty one keeps an empty word alive.
    Quoted(String),
    /// `"..."`: expansions inside are not split.
    Double(Vec<Self>),
    /// `$name` and `${...}`.
    Param(Rc<Param>),
    /// `$(...)` and backquotes.
    Command(Rc<Script>),
    /// `$((...))`
    Arith(Rc<Word>),
    /// `<(...)` and `>(...)`: the name of a pipe to or from a script.
    Process {
        /// True for `<`: what the script prints is read.
        read: bool,
        /// The script.
        script: Rc<Script>,
    },
}

/// A parameter expansion.
#[derive(Debug, Clone, PartialEq)]
pub struct Param {
    /// A variable's name, a position (`1`), or one of `@ * # ? - $ ! _`.
    pub name: String,
    /// Which element of an array; `@` and `*` are all.
    pub index: Option<Word>,
    /// `${!x}`: the value of the variable whose name is in `x`; with all of an array's elements, their indices.
    pub indirect: bool,
    /// What is done to its value.
    pub op: ParamOp,
}

/// The operation of `${name...}`.
#[derive(Debug, Clone, PartialEq)]
pub enum ParamOp {
    /// `${x}`
    Value,
    /// Not a valid expansion; holds the source, for the message when it is reached.
    Bad(String),
    /// `${#x}`
    Length,
    /// `${!x*}` and `${!x@}`: the names of the variables that begin so.
    Names {
        /// True for `@`.
        apart: bool,
    },
    /// `${x@Q}` and its like, by letter.
    Transform(char),
    /// `${x-w}` and `${x:-w}`; `empty` is true with the colon, and then an empty value counts as unset.
    Default {
        /// An empty value counts as unset.
        empty: bool,
        /// The replacement.
        word: Word,
    },
    /// `${x=w}` and `${x:=w}`.
    Assign {
        /// An empty value counts as unset.
        empty: bool,
        /// The value assigned.
        word: Word,
    },
    /// `${x+w}` and `${x:+w}`.
    Alternate {
        /// An empty value counts as unset.
        empty: bool,
        /// The replacement.
        word: Word,
    },
    /// `${x?w}` and `${x:?w}`.
    Error {
        /// An empty value counts as unset.
        empty: bool,
        /// The message.
        word: Word,
    },
    /// `${x#p}` and `${x##p}`.
    TrimStart {
        /// True for `##`.
        longest: bool,
        /// The pattern.
        pattern: Word,
    },
    /// `${x%p}` and `${x%%p}`.
    TrimEnd {
        /// True for `%%`.
        longest: bool,
        /// The pattern.
        pattern: Word,
    },
    /// `${x/p/r}`, `${x//p/r}`, `${x/#p/r}`, `${x/%p/r}`.
    Replace {
        /// Which matches.
        mode: ReplaceMode,
        /// The pattern.
        pattern: Word,
        /// The replacement.
        with: Word,
    },
    /// `${x:offset}` and `${x:offset:length}`, arithmetic both.
    Slice {
        /// The offset.
        offset: Word,
        /// The length.
        length: Option<Word>,
    },
    /// `${x^}`, `${x^^}`, `${x,}`, `${x,,}`.
    Case {
        /// True for `^`.
        upper: bool,
        /// True if doubled.
        all: bool,
        /// Which characters; all if it is empty.
        pattern: Word,
    },
}

/// Which matches `${x/p/r}` replaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplaceMode {
    /// The first.
    First,
    /// All.
    All,
    /// Only at the start.
    Start,
    /// Only at the end.
    End,
}

impl Param {
    /// A parameter with nothing done to its value.
    #[must_use]
    pub fn plain(name: String) -> Self {
        Self {
            name,
            index: None,
            indirect: false,
            op: ParamOp::Value,
        }
    }

    /// `@` or `*` if it stands for many values: the shell's arguments or all of an array.
    #[must_use]
    pub fn many(&self) -> Option<&str> {
        match &self.index {
            Some(index) => index.as_bare(),
            None => Some(self.name.as_str()),
        }
        .filter(|text| matches!(*text, "@" | "*"))
    }
}

impl Word {
    /// A word of one unquoted piece.
    #[must_use]
    pub fn bare(text: &str) -> Self {
        Self {
            pieces: vec![Piece::Bare(text.to_owned())],
        }
    }

    /// The text, if the word is one unquoted piece: only such a word can be a keyword.
    #[must_use]
    pub fn as_bare(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [Piece::Bare(text)] => Some(text),
            _ => None,
        }
    }

    /// The text, if the word needs no expansion, quoted or not.
    #[must_use]
    pub fn as_literal(&self) -> Option<String> {
        fn push(pieces: &[Piece], out: &mut String) -> Option<()> {
            for piece in pieces {
                match piece {
                    Piece::Bare(text) | Piece::Quoted(text) => out.push_str(text),
                    Piece::Double(inner) => push(inner, out)?,
                    Piece::Param(_)
                    | Piece::Command(_)
                    | Piece::Arith(_)
                    | Piece::Process { .. } => return None,
                }
            }
            Some(())
        }
        let mut out = String::new();
        push(&self.pieces, &mut out)?;
        Some(out)
    }
}
