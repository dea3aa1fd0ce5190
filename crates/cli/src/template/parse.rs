//! From tokens to a tree. Source: Go `text/template/parse/parse.go`.

use sorted::SortedMap;

use super::funcs;
use super::lex::{Kind, Token, lex};
use super::value::Value;
use crate::go;

/// One piece of a template.
#[derive(Clone, Debug)]
pub(super) enum Node {
    Text(String),
    /// `{{pipeline}}`
    Action(Pipe),
    If(Branch),
    With(Branch),
    Range(Branch),
    /// `{{template "name" pipeline}}`
    Template {
        at: usize,
        name: String,
        pipe: Option<Pipe>,
    },
    Break,
    Continue,
}

/// `{{if}}`, `{{with}}` or `{{range}}` with what is under it.
#[derive(Clone, Debug)]
pub(super) struct Branch {
    pub(super) pipe: Pipe,
    pub(super) body: Vec<Node>,
    pub(super) otherwise: Vec<Node>,
}

/// Commands joined by `|`, and the variables that they set.
#[derive(Clone, Debug, Default)]
pub(super) struct Pipe {
    pub(super) sets: Vec<String>,
    /// True for `=`, false for `:=`.
    pub(super) assigns: bool,
    pub(super) commands: Vec<Command>,
}

/// A function or value with its arguments.
#[derive(Clone, Debug)]
pub(super) struct Command {
    pub(super) at: usize,
    pub(super) operands: Vec<Operand>,
}

/// A value in a command.
#[derive(Clone, Debug)]
pub(super) struct Operand {
    pub(super) at: usize,
    pub(super) expr: Expr,
}

/// What an operand is.
#[derive(Clone, Debug)]
pub(super) enum Expr {
    Dot,
    Nil,
    Bool(bool),
    /// A number and how it was written.
    Number(Value, String),
    /// A text and how it was written.
    Str(String, String),
    /// `.A.B`
    Field(Vec<String>),
    /// `$x.A.B`
    Variable(String, Vec<String>),
    /// `(...).A.B`
    Chain(Box<Operand>, Vec<String>),
    Function(String),
    Pipe(Pipe),
}

fn dotted(fields: &[String]) -> String {
    fields.iter().map(|f| format!(".{f}")).collect()
}

impl Operand {
    /// What of it was worked out last, which is where Go says that a field behind it is missing.
    pub(super) fn evaluated_last(&self) -> &Self {
        let Expr::Pipe(pipe) = &self.expr else {
            return self;
        };
        let last = pipe.commands.last().and_then(|c| c.operands.last());
        last.map_or(self, Self::evaluated_last)
    }

    /// Returns it as Go writes it in error texts.
    pub(super) fn shown(&self) -> String {
        match &self.expr {
            Expr::Dot => ".".into(),
            Expr::Nil => "nil".into(),
            Expr::Bool(b) => b.to_string(),
            Expr::Number(_, written) | Expr::Str(_, written) => written.clone(),
            Expr::Field(fields) => dotted(fields),
            Expr::Variable(name, fields) => format!("{name}{}", dotted(fields)),
            Expr::Chain(inner, fields) => match inner.expr {
                Expr::Pipe(_) => format!("({}){}", inner.shown(), dotted(fields)),
                _ => format!("{}{}", inner.shown(), dotted(fields)),
            },
            Expr::Function(name) => name.clone(),
            Expr::Pipe(pipe) => pipe.shown(),
        }
    }
}

impl Command {
    /// Returns it as Go writes it in error texts.
    pub(super) fn shown(&self) -> String {
        let parts: Vec<String> = self
            .operands
            .iter()
            .map(|o| match o.expr {
                Expr::Pipe(_) => format!("({})", o.shown()),
                _ => o.shown(),
            })
            .collect();
        parts.join(" ")
    }
}

impl Pipe {
    /// Returns it as Go writes it in error texts.
    pub(super) fn shown(&self) -> String {
        let commands: Vec<String> = self.commands.iter().map(Command::shown).collect();
        let sign = if self.assigns { "=" } else { ":=" };
        match self.sets.is_empty() {
            true => commands.join(" | "),
            false => format!("{} {sign} {}", self.sets.join(", "), commands.join(" | ")),
        }
    }
}

/// How a list of nodes ended.
enum Ending {
    End,
    Else,
}

struct Parser {
    tokens: Vec<Token>,
    next: usize,
    name: String,
    variables: Vec<String>,
    in_range: usize,
    defined: SortedMap<String, Vec<Node>>,
    eof: Token,
}

/// A parsed template: its nodes and those of the templates that it defines.
pub(super) type Tree = (Vec<Node>, SortedMap<String, Vec<Node>>);

/// Parses a template; the error is Go's whole sentence.
pub(super) fn parse(name: &str, text: &str) -> Result<Tree, String> {
    let tokens = lex(text);
    let eof = Token {
        kind: Kind::End,
        text: String::new(),
        at: text.len(),
        line: text.matches('\n').count() + 1,
    };
    let mut parser = Parser {
        tokens,
        next: 0,
        name: name.to_owned(),
        variables: vec!["$".into()],
        in_range: 0,
        defined: SortedMap::new(),
        eof,
    };
    let nodes = parser.top()?;
    Ok((nodes, parser.defined))
}

/// How deep actions and parentheses may be nested, so that no template overflows the stack.
const MAX_DEPTH: usize = 200;

impl Parser {
    fn token(&mut self) -> Token {
        let token = self.tokens.get(self.next).unwrap_or(&self.eof).clone();
        self.next += 1;
        token
    }

    fn peek(&self) -> &Token {
        self.tokens.get(self.next).unwrap_or(&self.eof)
    }

    fn back(&mut self) {
        self.next = self.next.saturating_sub(1);
    }

    fn skip_space(&mut self) {
        while self.peek().kind == Kind::Space {
            self.next += 1;
        }
    }

    fn token_after_space(&mut self) -> Token {
        self.skip_space();
        self.token()
    }

    fn error<T>(&self, why: &str) -> Result<T, String> {
        let last = self
            .tokens
            .get(self.next.saturating_sub(1))
            .unwrap_or(&self.eof);
        Err(format!("template: {}:{}: {why}", self.name, last.line))
    }

    fn unexpected<T>(&self, token: &Token, place: &str) -> Result<T, String> {
        match token.kind {
            Kind::Error => self.error(&token.text),
            _ => self.error(&format!("unexpected {} in {place}", token.shown())),
        }
    }

    fn expect_close(&mut self, place: &str) -> Result<(), String> {
        let token = self.token_after_space();
        match token.kind {
            Kind::Close => Ok(()),
            _ => self.unexpected(&token, place),
        }
    }

    fn top(&mut self) -> Result<Vec<Node>, String> {
        let mut nodes = Vec::new();
        while self.peek().kind != Kind::End {
            match self.text_or_action(0)? {
                Ok(Some(node)) => nodes.push(node),
                Ok(None) => {}
                Err(Ending::End) => return self.error("unexpected {{end}}"),
                Err(Ending::Else) => return self.error("unexpected {{else}}"),
            }
        }
        Ok(nodes)
    }

    /// Reads nodes until `{{end}}` or `{{else}}`.
    fn list(&mut self, depth: usize) -> Result<(Vec<Node>, Ending), String> {
        let mut nodes = Vec::new();
        while self.peek().kind != Kind::End {
            match self.text_or_action(depth)? {
                Ok(Some(node)) => nodes.push(node),
                Ok(None) => {}
                Err(ending) => return Ok((nodes, ending)),
            }
        }
        self.next += 1;
        self.error("unexpected EOF")
    }

    fn text_or_action(&mut self, depth: usize) -> Result<Result<Option<Node>, Ending>, String> {
        let token = self.token();
        match token.kind {
            Kind::Text => Ok(Ok(Some(Node::Text(token.text)))),
            Kind::Open if depth > MAX_DEPTH => self.error("exceeded max depth"),
            Kind::Open => self.action(depth + 1),
            _ => self.unexpected(&token, "input"),
        }
    }

    fn action(&mut self, depth: usize) -> Result<Result<Option<Node>, Ending>, String> {
        let token = self.token_after_space();
        if token.kind != Kind::Keyword {
            self.back();
            return Ok(Ok(Some(Node::Action(self.pipeline(
                "command",
                Kind::Close,
                depth,
            )?))));
        }
        let node = match token.text.as_str() {
            "if" => Node::If(self.branch("if", depth)?),
            "with" => Node::With(self.branch("with", depth)?),
            "range" => Node::Range(self.branch("range", depth)?),
            "end" => {
                self.expect_close("end")?;
                return Ok(Err(Ending::End));
            }
            "else" => {
                self.skip_space();
                if !matches!(self.peek().text.as_str(), "if" | "with") {
                    self.expect_close("else")?;
                }
                return Ok(Err(Ending::Else));
            }
            word @ ("break" | "continue") => {
                let after = self.token_after_space();
                if after.kind != Kind::Close {
                    return self.unexpected(&after, &format!("{{{{{word}}}}}"));
                }
                if self.in_range == 0 {
                    return self.error(&format!("{{{{{word}}}}} outside {{{{range}}}}"));
                }
                if word == "break" {
                    Node::Break
                } else {
                    Node::Continue
                }
            }
            "template" => self.template("template clause", depth)?,
            word @ ("define" | "block") => return self.define(word == "block", depth).map(Ok),
            _ => return self.unexpected(&token, "command"),
        };
        Ok(Ok(Some(node)))
    }

    fn template_name(&mut self, place: &str) -> Result<(usize, String), String> {
        let token = self.token_after_space();
        match token.kind {
            Kind::Str | Kind::RawStr => match unquote(&token.text) {
                Some(name) => Ok((token.at, name)),
                None => self.error("invalid syntax"),
            },
            _ => self.unexpected(&token, place),
        }
    }

    fn template(&mut self, place: &str, depth: usize) -> Result<Node, String> {
        let (at, name) = self.template_name(place)?;
        if self.token_after_space().kind == Kind::Close {
            return Ok(Node::Template {
                at,
                name,
                pipe: None,
            });
        }
        self.back();
        let pipe = self.pipeline(place, Kind::Close, depth)?;
        Ok(Node::Template {
            at,
            name,
            pipe: Some(pipe),
        })
    }

    fn define(&mut self, block: bool, depth: usize) -> Result<Option<Node>, String> {
        let place = if block {
            "block clause"
        } else {
            "define clause"
        };
        let (at, name) = self.template_name(place)?;
        let pipe = match block {
            true => Some(self.pipeline(place, Kind::Close, depth)?),
            false => {
                self.expect_close(place)?;
                None
            }
        };
        let outer = std::mem::replace(&mut self.variables, vec!["$".into()]);
        let (body, ending) = self.list(depth)?;
        self.variables = outer;
        if matches!(ending, Ending::Else) {
            return self.error(&format!("unexpected {{{{else}}}} in {place}"));
        }
        self.defined.insert(name.clone(), body);
        Ok(pipe.map(|pipe| Node::Template {
            at,
            name,
            pipe: Some(pipe),
        }))
    }

    fn branch(&mut self, word: &str, depth: usize) -> Result<Branch, String> {
        let known = self.variables.len();
        let pipe = self.pipeline(word, Kind::Close, depth)?;
        let ranges = usize::from(word == "range");
        self.in_range += ranges;
        let (body, ending) = self.list(depth)?;
        self.in_range -= ranges;
        let mut otherwise = Vec::new();
        if matches!(ending, Ending::Else) {
            if self.peek().kind == Kind::Keyword && self.peek().text == word && depth < MAX_DEPTH {
                self.next += 1;
                let inner = self.branch(word, depth + 1)?;
                otherwise.push(if word == "if" {
                    Node::If(inner)
                } else {
                    Node::With(inner)
                });
            } else {
                let (nodes, ending) = self.list(depth)?;
                if matches!(ending, Ending::Else) {
                    return self.error("expected end; found {{else}}");
                }
                otherwise = nodes;
            }
        }
        self.variables.truncate(known);
        Ok(Branch {
            pipe,
            body,
            otherwise,
        })
    }

    fn pipeline(&mut self, place: &str, end: Kind, depth: usize) -> Result<Pipe, String> {
        if depth > MAX_DEPTH {
            return self.error("exceeded max depth");
        }
        let mut pipe = Pipe::default();
        self.declarations(&mut pipe, place)?;
        loop {
            let token = self.token_after_space();
            match token.kind {
                kind if kind == end => break,
                Kind::Bool
                | Kind::CharConstant
                | Kind::Dot
                | Kind::Field
                | Kind::Word
                | Kind::Number
                | Kind::Nil
                | Kind::RawStr
                | Kind::Str
                | Kind::Variable
                | Kind::LeftParen => {
                    self.back();
                    pipe.commands.push(self.command(depth)?);
                }
                _ => return self.unexpected(&token, place),
            }
        }
        if pipe.commands.is_empty() {
            return self.error(&format!("missing value for {place}"));
        }
        for (stage, command) in pipe.commands.iter().enumerate().skip(1) {
            if matches!(
                command.operands.first().map(|o| &o.expr),
                Some(Expr::Bool(_) | Expr::Dot | Expr::Nil | Expr::Number(..) | Expr::Str(..))
            ) {
                return self.error(&format!(
                    "non executable command in pipeline stage {}",
                    stage + 1
                ));
            }
        }
        Ok(pipe)
    }

    /// Reads `$x :=`, `$x =` or, in a range, `$i, $x :=`.
    fn declarations(&mut self, pipe: &mut Pipe, place: &str) -> Result<(), String> {
        loop {
            self.skip_space();
            if self.peek().kind != Kind::Variable {
                return Ok(());
            }
            let start = self.next;
            let variable = self.token().text;
            let next = self.token_after_space();
            match next.kind {
                Kind::Assign | Kind::Declare => {
                    pipe.assigns = next.kind == Kind::Assign;
                    self.variables.push(variable.clone());
                    pipe.sets.push(variable);
                    return Ok(());
                }
                Kind::Char if next.text == "," => {
                    self.variables.push(variable.clone());
                    pipe.sets.push(variable);
                    if place != "range" || pipe.sets.len() >= 2 {
                        return self.error(&format!("too many declarations in {place}"));
                    }
                    self.skip_space();
                    if !matches!(
                        self.peek().kind,
                        Kind::Variable | Kind::Close | Kind::RightParen
                    ) {
                        return self.error("range can only initialize variables");
                    }
                }
                _ => {
                    self.next = start;
                    return Ok(());
                }
            }
        }
    }

    fn command(&mut self, depth: usize) -> Result<Command, String> {
        self.skip_space();
        let mut command = Command {
            at: self.peek().at,
            operands: Vec::new(),
        };
        loop {
            self.skip_space();
            if let Some(operand) = self.operand(depth)? {
                command.operands.push(operand);
            }
            let token = self.token();
            match token.kind {
                Kind::Space => {}
                Kind::Close | Kind::RightParen => {
                    self.back();
                    break;
                }
                Kind::Pipe => break,
                _ => return self.unexpected(&token, "operand"),
            }
        }
        match command.operands.is_empty() {
            true => self.error("empty command"),
            false => Ok(command),
        }
    }

    fn operand(&mut self, depth: usize) -> Result<Option<Operand>, String> {
        let Some(term) = self.term(depth)? else {
            return Ok(None);
        };
        if self.peek().kind != Kind::Field {
            return Ok(Some(term));
        }
        let at = self.peek().at;
        let mut more = Vec::new();
        while self.peek().kind == Kind::Field {
            more.push(field_name(&self.token().text));
        }
        let expr = match term.expr {
            Expr::Field(mut fields) => {
                fields.extend(more);
                Expr::Field(fields)
            }
            Expr::Variable(name, mut fields) => {
                fields.extend(more);
                Expr::Variable(name, fields)
            }
            Expr::Bool(_) | Expr::Str(..) | Expr::Number(..) | Expr::Nil | Expr::Dot => {
                return self.error(&format!(
                    "unexpected . after term {}",
                    go::quote(&term.shown())
                ));
            }
            Expr::Chain(..) | Expr::Function(_) | Expr::Pipe(_) => {
                Expr::Chain(Box::new(term), more)
            }
        };
        Ok(Some(Operand { at, expr }))
    }

    fn term(&mut self, depth: usize) -> Result<Option<Operand>, String> {
        let token = self.token_after_space();
        let expr = match token.kind {
            Kind::Word if funcs::exists(&token.text) => Expr::Function(token.text),
            Kind::Word => {
                return self.error(&format!("function {} not defined", go::quote(&token.text)));
            }
            Kind::Dot => Expr::Dot,
            Kind::Nil => Expr::Nil,
            Kind::Variable if self.variables.contains(&token.text) => {
                Expr::Variable(token.text, Vec::new())
            }
            Kind::Variable => {
                return self.error(&format!("undefined variable {}", go::quote(&token.text)));
            }
            Kind::Field => Expr::Field(vec![field_name(&token.text)]),
            Kind::Bool => Expr::Bool(token.text == "true"),
            Kind::Number => match number(&token.text) {
                Some(value) => Expr::Number(value, token.text),
                None => {
                    return self.error(&format!(
                        "illegal number syntax: {}",
                        go::quote(&token.text)
                    ));
                }
            },
            Kind::CharConstant => match unquote(&token.text).and_then(|text| text.chars().next()) {
                Some(c) => Expr::Number(Value::Int(i64::from(c as u32)), token.text),
                None => {
                    return self.error(&format!("malformed character constant: {}", token.text));
                }
            },
            Kind::LeftParen => {
                Expr::Pipe(self.pipeline("parenthesized pipeline", Kind::RightParen, depth + 1)?)
            }
            Kind::Str | Kind::RawStr => match unquote(&token.text) {
                Some(text) => Expr::Str(text, token.text),
                None => return self.error("invalid syntax"),
            },
            _ => {
                self.back();
                return Ok(None);
            }
        };
        Ok(Some(Operand { at: token.at, expr }))
    }
}

fn field_name(token: &str) -> String {
    token.strip_prefix('.').unwrap_or(token).to_owned()
}

fn number(text: &str) -> Option<Value> {
    match go::parse_int(text) {
        Ok(n) => Some(Value::Int(n)),
        Err(_) => text.parse::<f64>().ok().map(Value::Float),
    }
}

/// Undoes the quotes and escapes of a Go literal.
fn unquote(literal: &str) -> Option<String> {
    if let Some(raw) = literal.strip_prefix('`') {
        return raw.strip_suffix('`').map(|raw| raw.replace('\r', ""));
    }
    let inner = literal.get(1..literal.len().checked_sub(1)?)?;
    let mut out = String::new();
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        let letter = chars.next()?;
        let mut code = |first: &str, digits: usize, base: u32| {
            let text: String = first.chars().chain(chars.by_ref().take(digits)).collect();
            u32::from_str_radix(&text, base)
                .ok()
                .and_then(char::from_u32)
        };
        out.push(match letter {
            'a' => '\u{7}',
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\u{b}',
            '\\' | '"' | '\'' => letter,
            'x' => code("", 2, 16)?,
            'u' => code("", 4, 16)?,
            'U' => code("", 8, 16)?,
            '0'..='7' => code(&letter.to_string(), 2, 8)?,
            _ => return None,
        });
    }
    Some(out)
}
