//! Reading a jq filter.

use std::rc::Rc;

use super::json::{Json, Reader};

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
    let filter = parser.pipe()?;
    if parser.peek().is_some() {
        Err(parser.unexpected())
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
        match self.peek() {
            None => "syntax error, unexpected end of file".to_owned(),
            Some(c) => format!("syntax error, unexpected '{c}'"),
        }
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
        if self.take(text) {
            Ok(())
        } else {
            Err(self.unexpected())
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

    fn postfix(&mut self) -> Parsed {
        let mut term = self.term()?;
        loop {
            self.join()?;
            if self.take("?") {
                term = Filter::Try(boxed(term));
            } else if self.at_text(".[") {
                self.at += 1;
            } else if self.peek() == Some('.')
                && self
                    .chars
                    .get(self.at + 1)
                    .is_some_and(|c| c.is_ascii_alphabetic() || *c == '_' || *c == '"')
            {
                self.at += 1;
                term = Filter::Index(boxed(term), boxed(self.key()?));
            } else if self.take("[") {
                term = self.bracket(term)?;
            } else {
                return Ok(term);
            }
        }
    }

    fn key(&mut self) -> Parsed {
        if self.peek() == Some('"') {
            self.string()
        } else {
            Ok(text(&self.name()))
        }
    }

    fn bracket(&mut self, term: Filter) -> Parsed {
        if self.take("]") {
            return Ok(Filter::Each(boxed(term)));
        }
        let from = if self.at_text(":") {
            None
        } else {
            Some(boxed(self.pipe()?))
        };
        let result = if self.take(":") {
            let to = if self.at_text("]") {
                None
            } else {
                Some(boxed(self.pipe()?))
            };
            Filter::Slice(boxed(term), from, to)
        } else {
            Filter::Index(boxed(term), from.ok_or_else(|| self.unexpected())?)
        };
        self.expect("]")?;
        Ok(result)
    }

    fn term(&mut self) -> Parsed {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("filter nested too deep".to_owned());
        }
        let term = self.one_term()?;
        self.depth -= 1;
        Ok(term)
    }

    fn one_term(&mut self) -> Parsed {
        self.blanks();
        let Some(c) = self.peek() else {
            return Err(self.unexpected());
        };
        match c {
            '.' if self.take("..") => Ok(Filter::Recurse),
            '.' => {
                self.at += 1;
                if self
                    .peek()
                    .is_some_and(|c| c.is_ascii_alphabetic() || c == '_' || c == '"')
                {
                    return Ok(Filter::Index(boxed(Filter::Identity), boxed(self.key()?)));
                }
                self.blanks();
                Ok(Filter::Identity)
            }
            '"' => self.string(),
            '(' => {
                self.take("(");
                let inner = self.pipe()?;
                self.expect(")")?;
                Ok(inner)
            }
            '[' => {
                self.take("[");
                if self.take("]") {
                    return Ok(Filter::Array(None));
                }
                let inner = self.pipe()?;
                self.expect("]")?;
                Ok(Filter::Array(Some(boxed(inner))))
            }
            '{' => self.object(),
            '-' => {
                self.take("-");
                let inner = self.postfix()?;
                Ok(Filter::Negate(boxed(inner)))
            }
            '$' => {
                self.at += 1;
                Ok(Filter::Variable(self.name()))
            }
            '@' => {
                self.at += 1;
                let name = self.name();
                if self.peek() != Some('"') {
                    return Ok(Filter::Format(name));
                }
                Ok(match self.string()? {
                    Filter::Interpolated(parts) => Filter::Formatted(name, parts),
                    plain => plain,
                })
            }
            c if c.is_ascii_digit() => {
                let start = self.at;
                while let Some(c) = self.peek() {
                    let before = self.chars.get(self.at.wrapping_sub(1));
                    let signs = matches!(c, '+' | '-') && matches!(before, Some('e' | 'E'));
                    if !(c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E') || signs) {
                        break;
                    }
                    self.at += 1;
                }
                let digits: String = self
                    .chars
                    .get(start..self.at)
                    .unwrap_or_default()
                    .iter()
                    .collect();
                self.blanks();
                digits
                    .parse()
                    .map(|number| Filter::Literal(Json::Number(number)))
                    .map_err(|_not_a_number| format!("Invalid numeric literal '{digits}'"))
            }
            c if c.is_ascii_alphabetic() || c == '_' => self.word(),
            _ => Err(self.unexpected()),
        }
    }

    fn word(&mut self) -> Parsed {
        if self.take("if") {
            return self.conditional();
        }
        let name = self.name();
        Ok(match name.as_str() {
            "null" => Filter::Literal(Json::Null),
            "true" => Filter::Literal(Json::Bool(true)),
            "false" => Filter::Literal(Json::Bool(false)),
            "reduce" | "foreach" => {
                let source = boxed(self.postfix()?);
                self.expect("as")?;
                let pattern = Box::new(self.pattern()?);
                self.expect("(")?;
                let init = boxed(self.pipe()?);
                self.expect(";")?;
                let update = boxed(self.pipe()?);
                let extract = if name == "foreach" && self.take(";") {
                    Some(boxed(self.pipe()?))
                } else {
                    None
                };
                self.expect(")")?;
                if name == "reduce" {
                    Filter::Reduce(source, pattern, init, update)
                } else {
                    Filter::Foreach(source, pattern, init, update, extract)
                }
            }
            "try" => {
                let body = boxed(self.postfix()?);
                if self.take("catch") {
                    Filter::Catch(body, boxed(self.postfix()?))
                } else {
                    Filter::Try(body)
                }
            }
            "break" => {
                self.expect("$")?;
                Filter::Break(self.name())
            }
            "import" | "include" => {
                return Err(crate::not_modelled!("jq", "{name}"));
            }
            _ => {
                let mut arguments = Vec::new();
                if self.take("(") {
                    loop {
                        arguments.push(self.pipe()?);
                        if !self.take(";") {
                            break;
                        }
                    }
                    self.expect(")")?;
                }
                Filter::Call(name, arguments)
            }
        })
    }

    fn conditional(&mut self) -> Parsed {
        let mut branches = Vec::new();
        loop {
            let test = self.pipe()?;
            self.expect("then")?;
            branches.push((test, self.pipe()?));
            if !self.take("elif") {
                break;
            }
        }
        let otherwise = if self.take("else") {
            Some(boxed(self.pipe()?))
        } else {
            None
        };
        self.expect("end")?;
        Ok(Filter::If(branches, otherwise))
    }

    fn object(&mut self) -> Parsed {
        self.take("{");
        let mut members = Vec::new();
        while !self.take("}") {
            let (key, own) = match self.peek() {
                Some('"') => {
                    let key = self.string()?;
                    (
                        key.clone(),
                        Filter::Index(boxed(Filter::Identity), boxed(key)),
                    )
                }
                Some('(') => {
                    self.take("(");
                    let key = self.pipe()?;
                    self.expect(")")?;
                    (
                        key.clone(),
                        Filter::Index(boxed(Filter::Identity), boxed(key)),
                    )
                }
                Some('$') => {
                    self.at += 1;
                    let name = self.name();
                    (text(&name), Filter::Variable(name))
                }
                _ => {
                    let name = self.name();
                    if name.is_empty() {
                        return Err(self.unexpected());
                    }
                    (
                        text(&name),
                        Filter::Index(boxed(Filter::Identity), boxed(text(&name))),
                    )
                }
            };
            let value = if self.take(":") {
                let mut value = self.binary(0)?;
                while self.at_text("|") {
                    self.join()?;
                    self.take("|");
                    value = Filter::Pipe(boxed(value), boxed(self.binary(0)?));
                }
                value
            } else {
                own
            };
            members.push((key, value));
            if !self.take(",") && !self.at_text("}") {
                return Err(self.unexpected());
            }
        }
        Ok(Filter::Object(members))
    }

    fn string(&mut self) -> Parsed {
        self.at += 1;
        let mut parts = Vec::new();
        let mut raw = String::new();
        let decode = |raw: &str| match Reader::new(&format!("\"{raw}\"")).next() {
            Ok(Some(Json::String(text))) => Ok(text),
            _ => Err("invalid string".to_owned()),
        };
        loop {
            match self.peek() {
                None => return Err("syntax error, unterminated string".to_owned()),
                Some('"') => {
                    self.at += 1;
                    self.blanks();
                    if parts.is_empty() {
                        return Ok(text(&decode(&raw)?));
                    }
                    parts.push((decode(&raw)?, None));
                    return Ok(Filter::Interpolated(parts));
                }
                Some('\\') if self.chars.get(self.at + 1) == Some(&'(') => {
                    self.at += 2;
                    self.blanks();
                    let inner = self.pipe()?;
                    if self.peek() != Some(')') {
                        return Err(self.unexpected());
                    }
                    self.at += 1;
                    parts.push((decode(&std::mem::take(&mut raw))?, Some(inner)));
                }
                Some('\\') => {
                    raw.push('\\');
                    raw.extend(self.chars.get(self.at + 1));
                    self.at += 2;
                }
                Some(c) => {
                    raw.push(c);
                    self.at += 1;
                }
            }
        }
    }
}
