//! Reading a jq filter: definitions, patterns, operators.

use std::rc::Rc;

use super::fault;
use super::filter::{Definition, Filter, Pattern};
use super::json::Json;

mod term;

const MAX_DEPTH: usize = 60;

/// Operators and suffixes in one filter.
const MAX_JOINED: usize = 150;

pub(super) struct Parser {
    chars: Vec<char>,
    at: usize,
    depth: usize,
    /// Operators and suffixes so far: each nests the filter one deeper.
    joined: usize,
}

type Parsed<T = Filter> = Result<T, String>;

/// Binary operators, loosest first; all to the left but `//`.
const LEVELS: [&[&str]; 7] = [
    &["//"],
    &[],
    &["or"],
    &["and"],
    &["==", "!=", "<=", ">=", "<", ">"],
    &["+", "-"],
    &["*", "/", "%"],
];

/// Assignments, which bind tighter than `//` and only once.
const ASSIGNMENTS: [&str; 8] = ["//=", "|=", "+=", "-=", "*=", "/=", "%=", "="];

/// Reads definitions only, as a library holds them.
pub(super) fn definitions(text: &str) -> Parsed<Vec<Rc<Definition>>> {
    let mut parser = Parser {
        chars: text.chars().collect(),
        at: 0,
        depth: 0,
        joined: 0,
    };
    let mut out = Vec::new();
    parser.blanks();
    while parser.take("def") {
        parser.joined = 0;
        out.push(Rc::new(parser.definition()?));
    }
    Ok(out)
}

/// Reads a filter.
pub(super) fn filter(text: &str) -> Parsed {
    let mut parser = Parser {
        chars: text.chars().collect(),
        at: 0,
        depth: 0,
        joined: 0,
    };
    parser.blanks();
    if parser.peek().is_none() {
        return Ok(Filter::Identity);
    }
    let filter = parser.pipe().map_err(|wrong| parser.placed(wrong))?;
    if parser.peek().is_some() {
        Err(parser.unexpected_after("end of file"))
    } else {
        Ok(filter)
    }
}

fn boxed(filter: Filter) -> Box<Filter> {
    Box::new(filter)
}

fn text(value: &str) -> Filter {
    Filter::Literal(Json::String(value.to_owned()))
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while let Some(c) = self.peek() {
            if c == '#' {
                while self.peek().is_some_and(|c| c != '\n') {
                    self.at += 1;
                }
            } else if c.is_whitespace() {
                self.at += 1;
            } else {
                break;
            }
        }
    }

    fn unexpected(&self) -> String {
        self.unexpected_after("")
    }

    /// The same where only a few other tokens were allowed.
    fn unexpected_after(&self, expecting: &str) -> String {
        fault::unexpected(&self.chars, self.at, expecting)
    }

    /// Puts a sentence that tells no place at the beginning.
    fn placed(&self, wrong: String) -> String {
        if wrong.contains(" at <top-level>") {
            return wrong;
        }
        fault::located(&self.chars, &wrong, 0, self.chars.len())
    }

    fn at_text(&self, text: &str) -> bool {
        let matches = text
            .chars()
            .enumerate()
            .all(|(offset, c)| self.chars.get(self.at + offset) == Some(&c));
        let word = text.starts_with(|c: char| c.is_ascii_alphabetic());
        matches
            && !(word
                && self
                    .chars
                    .get(self.at + text.len())
                    .is_some_and(|c| c.is_ascii_alphanumeric() || *c == '_'))
    }

    fn take(&mut self, text: &str) -> bool {
        let yes = self.at_text(text);
        if yes {
            self.at += text.len();
            self.blanks();
        }
        yes
    }

    fn join(&mut self) -> Parsed<()> {
        self.joined += 1;
        if self.joined > MAX_JOINED {
            Err("filter too long".to_owned())
        } else {
            Ok(())
        }
    }

    fn expect(&mut self, text: &str) -> Parsed<()> {
        let expecting = match text {
            "]" | ")" => format!("'|' or ',' or '{text}'"),
            "}" | "|" | "(" => format!("'{text}'"),
            _ => String::new(),
        };
        self.expect_or(text, &expecting)
    }

    fn expect_or(&mut self, text: &str, expecting: &str) -> Parsed<()> {
        if self.take(text) {
            Ok(())
        } else {
            Err(self.unexpected_after(expecting))
        }
    }

    fn pipe(&mut self) -> Parsed {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("filter nested too deep".to_owned());
        }
        if self.take("def") {
            let definition = Rc::new(self.definition()?);
            let rest = self.pipe()?;
            self.depth -= 1;
            return Ok(Filter::Def(definition, boxed(rest)));
        }
        if self.take("label") {
            self.expect("$")?;
            let name = self.name();
            self.expect("|")?;
            let body = self.pipe()?;
            self.depth -= 1;
            return Ok(Filter::Label(name, boxed(body)));
        }
        let left = self.comma()?;
        let result = if self.take("as") {
            let pattern = Box::new(self.pattern()?);
            self.expect("|")?;
            Filter::Bind(boxed(left), pattern, boxed(self.pipe()?))
        } else if self.at_text("|") && !self.at_text("|=") {
            self.take("|");
            Filter::Pipe(boxed(left), boxed(self.pipe()?))
        } else {
            left
        };
        self.depth -= 1;
        Ok(result)
    }

    /// `name(params): body;`
    fn definition(&mut self) -> Parsed<Definition> {
        let name = self.name();
        let mut parameters = Vec::new();
        if self.take("(") {
            loop {
                let dollar = self.take("$");
                let parameter = self.name();
                parameters.push(if dollar {
                    format!("${parameter}")
                } else {
                    parameter
                });
                if !self.take(";") {
                    break;
                }
            }
            self.expect(")")?;
        }
        self.expect(":")?;
        let body = self.pipe()?;
        self.expect(";")?;
        Ok(Definition {
            name,
            parameters,
            body,
        })
    }

    fn pattern(&mut self) -> Parsed<Pattern> {
        self.join()?;
        if self.take("$") {
            return Ok(Pattern::Variable(self.name()));
        }
        if self.take("[") {
            let mut parts = vec![self.pattern()?];
            while self.take(",") {
                parts.push(self.pattern()?);
            }
            self.expect("]")?;
            return Ok(Pattern::Array(parts));
        }
        self.expect("{")?;
        let mut members = Vec::new();
        loop {
            let (key, whole) = match self.peek() {
                Some('$') => {
                    self.take("$");
                    let name = self.name();
                    (text(&name), Some(name))
                }
                Some('(') => {
                    self.take("(");
                    let key = self.pipe()?;
                    self.expect(")")?;
                    (key, None)
                }
                _ => (self.key()?, None),
            };
            let inner = if self.take(":") {
                Some(self.pattern()?)
            } else {
                None
            };
            members.push((key, whole, inner));
            if !self.take(",") {
                break;
            }
        }
        self.expect("}")?;
        Ok(Pattern::Object(members))
    }

    fn comma(&mut self) -> Parsed {
        let mut left = self.binary(0)?;
        while self.take(",") {
            self.join()?;
            left = Filter::Comma(boxed(left), boxed(self.binary(0)?));
        }
        Ok(left)
    }

    fn binary(&mut self, level: usize) -> Parsed {
        let Some(ops) = LEVELS.get(level) else {
            return self.postfix();
        };
        let mut left = self.binary(level + 1)?;
        if ops.is_empty() {
            let op = ASSIGNMENTS
                .into_iter()
                .find(|op| self.at_text(op) && !self.at_text("=="));
            let Some(op) = op else { return Ok(left) };
            self.take(op);
            self.join()?;
            let right = self.binary(0)?;
            return Ok(Filter::Assign(op, boxed(left), boxed(right)));
        }
        loop {
            let assigns = ASSIGNMENTS.iter().any(|op| self.at_text(op)) && !self.at_text("==");
            let op = ops
                .iter()
                .copied()
                .find(|op| self.at_text(op) && !(*op == "/" && self.at_text("//")));
            let Some(op) = op.filter(|_| !assigns) else {
                return Ok(left);
            };
            self.take(op);
            self.join()?;
            if op == "//" {
                return Ok(Filter::Binary(op, boxed(left), boxed(self.binary(level)?)));
            }
            left = Filter::Binary(op, boxed(left), boxed(self.binary(level + 1)?));
        }
    }

    fn name(&mut self) -> String {
        let start = self.at;
        while self
            .peek()
            .is_some_and(|c| c.is_ascii_alphanumeric() || c == '_')
        {
            self.at += 1;
        }
        let name = self
            .chars
            .get(start..self.at)
            .unwrap_or_default()
            .iter()
            .collect();
        self.blanks();
        name
    }
}
