//! `test` and `[`: as programs, and the core that the shells' builtins share.

use kernel::fs::Node;
use kernel::process::files::Fd;
use kernel::sys::Sys;

use crate::Flavour;

/// What is wrong with an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TestError {
    /// Not a number.
    NotANumber(String),
    /// Not an operator.
    UnknownOperator(String),
    /// An operand is missing.
    ArgumentExpected,
    /// More than an expression.
    TooMany,
}

impl TestError {
    /// As bash says it.
    #[must_use]
    pub fn bash(&self) -> String {
        match self {
            Self::NotANumber(text) => format!("{text}: integer expected"),
            Self::UnknownOperator(text) => format!("{text}: unary operator expected"),
            Self::ArgumentExpected => "argument expected".to_owned(),
            Self::TooMany => "too many arguments".to_owned(),
        }
    }

    /// As dash says it.
    #[must_use]
    pub fn dash(&self) -> String {
        match self {
            Self::NotANumber(text) => format!("Illegal number: {text}"),
            Self::UnknownOperator(text) => format!("{text}: unexpected operator"),
            Self::ArgumentExpected => "argument expected".to_owned(),
            Self::TooMany => "unexpected operator".to_owned(),
        }
    }

    /// As busybox says it.
    #[must_use]
    pub fn busybox(&self) -> String {
        match self {
            Self::NotANumber(text) => format!("{text}: bad number"),
            Self::UnknownOperator(text) => format!("{text}: unknown operand"),
            Self::ArgumentExpected => "argument expected".to_owned(),
            Self::TooMany => "too many arguments".to_owned(),
        }
    }
}

/// Evaluates the words between `[` and `]`.
///
/// # Errors
/// [`TestError`].
pub fn evaluate(sys: &Sys, words: &[String]) -> Result<bool, TestError> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    decide(sys, &words, 0)
}

// By number of words, as POSIX wants it; longer ones by precedence.
fn decide(sys: &Sys, words: &[&str], depth: usize) -> Result<bool, TestError> {
    if depth > 60 {
        return Err(TestError::TooMany);
    }
    match words {
        [] => Ok(false),
        [word] => Ok(!word.is_empty()),
        ["!", rest @ ..] if rest.len() <= 3 => decide(sys, rest, depth + 1).map(|yes| !yes),
        [op, word] => {
            unary(sys, op, word).ok_or_else(|| TestError::UnknownOperator((*op).to_owned()))
        }
        [left, op, right] if is_binary(op) => binary_checked(sys, left, op, right),
        ["(", word, ")"] => Ok(!word.is_empty()),
        [_, op, _] if *op != "-a" && *op != "-o" => {
            Err(TestError::UnknownOperator((*op).to_owned()))
        }
        _ => {
            let mut parser = Longer {
                sys,
                words,
                at: 0,
                depth,
            };
            let value = parser.or()?;
            if parser.at < words.len() {
                Err(TestError::TooMany)
            } else {
                Ok(value)
            }
        }
    }
}

struct Longer<'a> {
    sys: &'a Sys,
    words: &'a [&'a str],
    at: usize,
    depth: usize,
}

impl Longer<'_> {
    fn take(&mut self, word: &str) -> bool {
        let yes = self.words.get(self.at) == Some(&word);
        self.at += usize::from(yes);
        yes
    }

    fn or(&mut self) -> Result<bool, TestError> {
        let mut value = self.and()?;
        while self.take("-o") {
            value |= self.and()?;
        }
        Ok(value)
    }

    fn and(&mut self) -> Result<bool, TestError> {
        let mut value = self.not()?;
        while self.take("-a") {
            value &= self.not()?;
        }
        Ok(value)
    }

    fn not(&mut self) -> Result<bool, TestError> {
        self.depth += 1;
        if self.depth > 60 {
            return Err(TestError::TooMany);
        }
        let value = if self.take("!") {
            !self.not()?
        } else {
            self.primary()?
        };
        self.depth -= 1;
        Ok(value)
    }

    fn primary(&mut self) -> Result<bool, TestError> {
        let rest = self.words.get(self.at..).unwrap_or_default();
        match rest {
            ["(", ..] => {
                self.at += 1;
                let value = self.or()?;
                if self.take(")") {
                    Ok(value)
                } else {
                    Err(TestError::ArgumentExpected)
                }
            }
            [left, op, right, ..] if is_binary(op) => {
                self.at += 3;
                binary_checked(self.sys, left, op, right)
            }
            [op, word, ..] if let Some(value) = unary(self.sys, op, word) => {
                self.at += 2;
                Ok(value)
            }
            [word, ..] => {
                self.at += 1;
                Ok(!word.is_empty())
            }
            [] => Err(TestError::ArgumentExpected),
        }
    }
}

fn is_binary(op: &str) -> bool {
    matches!(
        op,
        "=" | "=="
            | "!="
            | "<"
            | ">"
            | "-eq"
            | "-ne"
            | "-lt"
            | "-le"
            | "-gt"
            | "-ge"
            | "-nt"
            | "-ot"
            | "-ef"
    )
}

fn binary_checked(sys: &Sys, left: &str, op: &str, right: &str) -> Result<bool, TestError> {
    if let Some(value) = binary(sys, left, op, right) {
        return Ok(value);
    }
    let number = |text: &str| {
        text.trim()
            .parse::<i64>()
            .map_err(|_not_a_number| TestError::NotANumber(text.to_owned()))
    };
    Ok(compare(op, number(left)?, number(right)?))
}

/// Compares two numbers by `-eq` and its like.
#[must_use]
pub fn compare(op: &str, left: i64, right: i64) -> bool {
    match op {
        "-eq" => left == right,
        "-ne" => left != right,
        "-lt" => left < right,
        "-le" => left <= right,
        "-gt" => left > right,
        "-ge" => left >= right,
        _ => false,
    }
}

/// Compares texts or files; `None` if the operator compares numbers or none.
#[must_use]
pub fn binary(sys: &Sys, left: &str, op: &str, right: &str) -> Option<bool> {
    let time = |path: &str| sys.stat(path, true).ok().map(|meta| meta.modified);
    Some(match op {
        "=" | "==" => left == right,
        "!=" => left != right,
        "<" => left < right,
        ">" => left > right,
        "-nt" => time(left) > time(right),
        "-ot" => time(left) < time(right),
        "-ef" => sys.exists(left) && sys.real_path(left) == sys.real_path(right),
        _ => return None,
    })
}

/// Tests one word; `None` if that is no operator.
#[must_use]
pub fn unary(sys: &Sys, op: &str, word: &str) -> Option<bool> {
    let meta = || sys.stat(word, true).ok();
    Some(match op {
        "-n" => !word.is_empty(),
        "-z" => word.is_empty(),
        "-e" | "-a" => meta().is_some(),
        "-f" => meta().is_some_and(|meta| matches!(meta.node, Node::File(_) | Node::Program(_))),
        "-d" => sys.is_dir(word),
        "-L" | "-h" => sys
            .stat(word, false)
            .is_ok_and(|meta| matches!(meta.node, Node::Symlink(_))),
        "-s" => match meta().map(|meta| meta.node) {
            Some(Node::File(data)) => !data.is_empty(),
            Some(Node::Program(_) | Node::Dir) => true,
            _ => false,
        },
        "-r" | "-w" => meta().is_some(),
        "-x" => meta().is_some_and(|meta| meta.mode & 0o111 != 0),
        "-c" => meta().is_some_and(|meta| matches!(meta.node, Node::Device(_))),
        "-S" => meta().is_some_and(|meta| matches!(meta.node, Node::Socket(_))),
        "-b" | "-p" | "-u" | "-g" | "-k" => false,
        "-O" | "-G" => meta().is_some(),
        "-t" => word.parse().is_ok_and(|number| sys.is_tty(Fd(number))),
        _ => return None,
    })
}

/// The `test` and `[` programs.
pub fn main(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let name = args
        .first()
        .map_or("test", |name| name.rsplit('/').next().unwrap_or(name))
        .to_owned();
    let mut words = args.get(1..).unwrap_or_default();
    if name == "[" {
        match words.split_last() {
            Some((last, rest)) if last == "]" => words = rest,
            _ => {
                sys.err(if flavour == Flavour::Busybox {
                    "[: missing ]\n"
                } else {
                    "[: missing ']'\n"
                });
                return 2;
            }
        }
    }
    match evaluate(&sys, words) {
        Ok(yes) => i32::from(!yes),
        Err(error) => {
            let text = match (&error, flavour) {
                (error, Flavour::Busybox) => error.busybox(),
                (TestError::NotANumber(text), Flavour::Gnu) => format!("invalid integer '{text}'"),
                (TestError::UnknownOperator(text), Flavour::Gnu) => {
                    format!("'{text}': binary operator expected")
                }
                (error, Flavour::Gnu) => error.bash(),
            };
            sys.err(&format!("{name}: {text}\n"));
            2
        }
    }
}
