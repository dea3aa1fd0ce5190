//! `awk`: the one-liners of everyday use. Patterns with `print` and `printf` actions over fields; the rest is refused plainly.

use sorted::SortedMap;

use kernel::sys::Sys;

use super::regex::Regex;
use crate::{Flavour, args, io};

/// An expression.
#[derive(Debug, Clone)]
enum Expr {
    Number(f64),
    Text(String),
    Variable(String),
    Field(Box<Self>),
    Regex(Regex),
    Not(Box<Self>),
    Binary(&'static str, Box<Self>, Box<Self>),
    /// `name = e`, `name += e` and so on.
    Assign(String, &'static str, Box<Self>),
    Call(&'static str, Vec<Self>),
}

/// A statement.
#[derive(Debug, Clone)]
enum Statement {
    Print(Vec<Expr>),
    Printf(Vec<Expr>),
    If(Expr, Vec<Self>, Vec<Self>),
    Expr(Expr),
    Next,
    Exit(Option<Expr>),
}

#[derive(Debug, Clone)]
enum Pattern {
    Begin,
    End,
    Always,
    When(Expr),
    Range(Expr, Expr),
}

struct Rule {
    pattern: Pattern,
    action: Vec<Statement>,
    open: bool,
}

const MAX_DEPTH: usize = 50;
const MAX_JOINED: usize = 150;

struct Parser {
    chars: Vec<char>,
    at: usize,
    depth: usize,
    joined: usize,
}

type Parsed<T> = Result<T, String>;

const LEVELS: [&[&str]; 5] = [
    &["||"],
    &["&&"],
    &["<=", ">=", "==", "!=", "!~", "<", ">", "~"],
    &["+", "-"],
    &["*", "/", "%"],
];
const FUNCTIONS: [&str; 8] = [
    "length", "substr", "index", "tolower", "toupper", "int", "sub", "gsub",
];

impl Parser {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while let Some(c) = self.peek().filter(|c| matches!(c, ' ' | '\t' | '\r' | '#')) {
            if c == '#' {
                while self.peek().is_some_and(|c| c != '\n') {
                    self.at += 1;
                }
            } else {
                self.at += 1;
            }
        }
    }

    fn gap(&mut self) {
        self.blanks();
        while self.peek().is_some_and(|c| matches!(c, '\n' | ';')) {
            self.at += 1;
            self.blanks();
        }
    }

    fn at_text(&self, text: &str) -> bool {
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        text.chars()
            .enumerate()
            .all(|(offset, c)| self.chars.get(self.at + offset) == Some(&c))
            && !(text.chars().all(word)
                && self
                    .chars
                    .get(self.at + text.len())
                    .is_some_and(|c| word(*c)))
    }

    fn take(&mut self, text: &str) -> bool {
        self.blanks();
        let yes = self.at_text(text);
        if yes {
            self.at += text.len();
        }
        self.blanks();
        yes
    }

    fn wrong<T>(&self) -> Parsed<T> {
        Err(match self.peek() {
            Some(c) => format!("syntax error at or near {c}"),
            None => "unexpected end of program".to_owned(),
        })
    }

    fn expect(&mut self, text: &str) -> Parsed<()> {
        if self.take(text) {
            Ok(())
        } else {
            self.wrong()
        }
    }

    fn join(&mut self) -> Parsed<()> {
        self.joined += 1;
        if self.joined > MAX_JOINED {
            Err("program too long".to_owned())
        } else {
            Ok(())
        }
    }

    fn program(&mut self) -> Parsed<Vec<Rule>> {
        let mut rules = Vec::new();
        loop {
            self.gap();
            if self.peek().is_none() {
                return Ok(rules);
            }
            let pattern = if self.take("BEGIN") {
                Pattern::Begin
            } else if self.take("END") {
                Pattern::End
            } else if self.peek() == Some('{') {
                Pattern::Always
            } else {
                let first = self.expr()?;
                if self.take(",") {
                    Pattern::Range(first, self.expr()?)
                } else {
                    Pattern::When(first)
                }
            };
            let action = if self.peek() == Some('{') {
                self.block()?
            } else {
                vec![Statement::Print(Vec::new())]
            };
            rules.push(Rule {
                pattern,
                action,
                open: false,
            });
        }
    }

    fn block(&mut self) -> Parsed<Vec<Statement>> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("nested too deep".to_owned());
        }
        self.expect("{")?;
        let mut out = Vec::new();
        loop {
            self.gap();
            if self.take("}") {
                self.depth -= 1;
                return Ok(out);
            }
            out.push(self.statement()?);
            self.blanks();
            if !matches!(self.peek(), Some(';' | '\n' | '}'))
                && !matches!(out.last(), Some(Statement::If(..)))
            {
                return self.wrong();
            }
        }
    }

    fn body(&mut self) -> Parsed<Vec<Statement>> {
        self.blanks();
        if self.peek() == Some('{') {
            self.block()
        } else {
            Ok(vec![self.statement()?])
        }
    }

    fn statement(&mut self) -> Parsed<Statement> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("nested too deep".to_owned());
        }
        for unknown in [
            "while", "for", "do", "delete", "function", "getline", "return",
        ] {
            if self.at_text(unknown) {
                return Err(crate::not_modelled!("awk", "{unknown}"));
            }
        }
        let statement = if self.take("printf") {
            Statement::Printf(self.list()?)
        } else if self.take("print") {
            Statement::Print(self.list()?)
        } else if self.take("next") {
            Statement::Next
        } else if self.take("exit") {
            let code = if matches!(self.peek(), None | Some(';' | '\n' | '}')) {
                None
            } else {
                Some(self.expr()?)
            };
            Statement::Exit(code)
        } else if self.take("if") {
            self.expect("(")?;
            let test = self.expr()?;
            self.expect(")")?;
            let yes = self.body()?;
            let mark = self.at;
            self.gap();
            let no = if self.take("else") {
                self.body()?
            } else {
                self.at = mark;
                Vec::new()
            };
            Statement::If(test, yes, no)
        } else {
            Statement::Expr(self.expr()?)
        };
        self.depth -= 1;
        Ok(statement)
    }

    fn list(&mut self) -> Parsed<Vec<Expr>> {
        let mut out = Vec::new();
        if matches!(self.peek(), None | Some(';' | '\n' | '}' | ')')) {
            return Ok(out);
        }
        loop {
            out.push(self.expr()?);
            if !self.take(",") {
                return Ok(out);
            }
        }
    }

    fn expr(&mut self) -> Parsed<Expr> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("nested too deep".to_owned());
        }
        self.blanks();
        let start = self.at;
        if self
            .peek()
            .is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        {
            let name = self.name();
            self.blanks();
            let step = [("++", 1.0), ("--", -1.0)]
                .into_iter()
                .find(|(sign, _)| self.at_text(sign));
            let op = ["+=", "-=", "*=", "/=", "="]
                .into_iter()
                .find(|op| self.at_text(op) && !self.at_text("=="));
            if let Some((sign, by)) = step {
                self.take(sign);
                self.depth -= 1;
                return Ok(Expr::Assign(name, "+", Box::new(Expr::Number(by))));
            }
            if let Some(op) = op {
                self.take(op);
                let value = self.expr()?;
                self.depth -= 1;
                return Ok(Expr::Assign(
                    name,
                    op.strip_suffix('=').unwrap_or(""),
                    Box::new(value),
                ));
            }
            self.at = start;
        }
        let value = self.binary(0)?;
        self.depth -= 1;
        Ok(value)
    }

    fn binary(&mut self, level: usize) -> Parsed<Expr> {
        let Some(ops) = LEVELS.get(level) else {
            return self.primary();
        };
        let mut left = self.binary(level + 1)?;
        loop {
            self.blanks();
            let op = ops.iter().copied().find(|op| self.at_text(op));
            if let Some(op) = op {
                self.take(op);
                self.join()?;
                left = Expr::Binary(op, Box::new(left), Box::new(self.binary(level + 1)?));
            } else if level == 2
                && self
                    .peek()
                    .is_some_and(|c| c == '"' || c == '$' || c == '(' || c.is_ascii_alphanumeric())
                && !self.at_text("in")
            {
                // Two values side by side are joined.
                self.join()?;
                left = Expr::Binary(" ", Box::new(left), Box::new(self.binary(level + 1)?));
            } else {
                return Ok(left);
            }
        }
    }

    fn name(&mut self) -> String {
        let mut out = String::new();
        while let Some(c) = self
            .peek()
            .filter(|c| c.is_ascii_alphanumeric() || *c == '_')
        {
            out.push(c);
            self.at += 1;
        }
        out
    }

    fn quoted(&mut self, end: char) -> Parsed<String> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let Some(c) = self.peek() else {
                return self.wrong();
            };
            self.at += 1;
            if c == end {
                return Ok(out);
            }
            out.push(c);
            if c == '\\'
                && let Some(next) = self.peek()
            {
                self.at += 1;
                if next == end && end == '/' {
                    out.pop();
                }
                out.push(next);
            }
        }
    }

    fn primary(&mut self) -> Parsed<Expr> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("nested too deep".to_owned());
        }
        self.blanks();
        let expr = match self.peek() {
            Some('"') => Expr::Text(crate::shell::quote::unescape_ansi(&self.quoted('"')?)),
            Some('/') => Expr::Regex(Regex::extended(&self.quoted('/')?, false)?),
            Some('$') => {
                self.at += 1;
                Expr::Field(Box::new(self.primary()?))
            }
            Some('!') => {
                self.at += 1;
                Expr::Not(Box::new(self.primary()?))
            }
            Some('-') => {
                self.at += 1;
                Expr::Binary("-", Box::new(Expr::Number(0.0)), Box::new(self.primary()?))
            }
            Some('(') => {
                self.take("(");
                let inner = self.expr()?;
                self.expect(")")?;
                inner
            }
            Some(c) if c.is_ascii_digit() => {
                let start = self.at;
                while self.peek().is_some_and(|c| c.is_ascii_digit() || c == '.') {
                    self.at += 1;
                }
                let digits: String = self
                    .chars
                    .get(start..self.at)
                    .unwrap_or_default()
                    .iter()
                    .collect();
                Expr::Number(digits.parse().unwrap_or(0.0))
            }
            Some(c) if c.is_ascii_alphabetic() || c == '_' => {
                let name = self.name();
                match FUNCTIONS.iter().copied().find(|known| *known == name) {
                    Some(function) => {
                        let arguments = if self.take("(") {
                            let list = self.list()?;
                            self.expect(")")?;
                            list
                        } else {
                            Vec::new()
                        };
                        Expr::Call(function, arguments)
                    }
                    None if matches!(self.peek(), Some('(' | '[')) => {
                        return Err(crate::not_modelled!(
                            "awk",
                            "{name}: arrays and this function"
                        ));
                    }
                    None => Expr::Variable(name),
                }
            }
            _ => return self.wrong(),
        };
        self.blanks();
        self.depth -= 1;
        Ok(expr)
    }
}

/// A value: a text, and whether it counts as a number where that matters.
#[derive(Debug, Clone)]
struct Value {
    text: String,
    number: Option<f64>,
}

impl Value {
    fn number(value: f64) -> Self {
        let text = if value.fract() == 0.0 && value.abs() < 1e16 {
            format!("{value:.0}")
        } else {
            super::printf::general(value, 6)
        };
        Self {
            text,
            number: Some(value),
        }
    }

    fn text(text: String) -> Self {
        Self { text, number: None }
    }

    /// A field or other input, a number if it looks like one.
    fn input(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            number: text.trim().parse().ok(),
        }
    }

    fn as_number(&self) -> f64 {
        self.number.unwrap_or_else(|| {
            let text = self.text.trim_start();
            let length = text
                .char_indices()
                .take_while(|(at, c)| {
                    c.is_ascii_digit() || *c == '.' || (*at == 0 && matches!(c, '-' | '+'))
                })
                .count();
            text.get(..length)
                .and_then(|text| text.parse().ok())
                .unwrap_or(0.0)
        })
    }

    fn truthy(&self) -> bool {
        self.number
            .map_or(!self.text.is_empty(), |number| number != 0.0)
    }
}

#[derive(Default)]
struct Machine {
    variables: SortedMap<String, Value>,
    record: String,
    fields: Vec<String>,
    out: String,
}

enum Flow {
    On,
    Next,
    Exit(i32),
}

impl Machine {
    fn get(&self, name: &str) -> Value {
        match name {
            "NF" => Value::number(self.fields.len() as f64),
            name => self.variables.get(name).cloned().unwrap_or(Value {
                text: String::new(),
                number: Some(0.0),
            }),
        }
    }

    fn separator(&self) -> String {
        self.variables
            .get("FS")
            .map_or_else(|| " ".to_owned(), |value| value.text.clone())
    }

    fn load(&mut self, record: &str) {
        record.clone_into(&mut self.record);
        let separator = self.separator();
        self.fields = match separator.as_str() {
            " " => record.split_whitespace().map(str::to_owned).collect(),
            _ if record.is_empty() => Vec::new(),
            single if single.chars().count() == 1 => {
                record.split(single).map(str::to_owned).collect()
            }
            pattern => {
                let mut out = Vec::new();
                let mut at = 0;
                if let Ok(regex) = Regex::extended(pattern, false) {
                    while let Some((start, end)) =
                        regex.find_at(record, at).filter(|(start, end)| end > start)
                    {
                        out.push(record.get(at..start).unwrap_or_default().to_owned());
                        at = end;
                    }
                }
                out.push(record.get(at..).unwrap_or_default().to_owned());
                out
            }
        };
    }

    fn eval(&mut self, expr: &Expr) -> Result<Value, String> {
        Ok(match expr {
            Expr::Number(number) => Value::number(*number),
            Expr::Text(text) => Value::text(text.clone()),
            Expr::Variable(name) => self.get(name),
            Expr::Field(index) => {
                let index = self.eval(index)?.as_number();
                if index < 0.0 {
                    return Err(format!("negative field index ${index}"));
                }
                // Saturating: a field beyond the last is empty.
                match index as usize {
                    0 => Value::input(&self.record),
                    index => self
                        .fields
                        .get(index - 1)
                        .map_or_else(|| Value::text(String::new()), |text| Value::input(text)),
                }
            }
            Expr::Regex(regex) => Value::number(f64::from(u8::from(regex.is_match(&self.record)))),
            Expr::Not(inner) => Value::number(f64::from(u8::from(!self.eval(inner)?.truthy()))),
            Expr::Assign(name, op, value) => {
                let value = self.eval(value)?;
                let value = if op.is_empty() {
                    value
                } else {
                    Value::number(calculate(
                        op,
                        self.get(name).as_number(),
                        value.as_number(),
                    )?)
                };
                if name == "NF" {
                    return Err(crate::not_modelled!("awk", "assignment to NF"));
                }
                self.variables.insert(name.clone(), value.clone());
                value
            }
            Expr::Binary(op, left, right) => self.binary(op, left, right)?,
            Expr::Call(name, arguments) => self.call(name, arguments)?,
        })
    }

    fn binary(&mut self, op: &str, left: &Expr, right: &Expr) -> Result<Value, String> {
        let truth = |yes: bool| Value::number(f64::from(u8::from(yes)));
        let a = self.eval(left)?;
        match op {
            "&&" => return Ok(truth(a.truthy() && self.eval(right)?.truthy())),
            "||" => return Ok(truth(a.truthy() || self.eval(right)?.truthy())),
            "~" | "!~" => {
                let regex = match right {
                    Expr::Regex(regex) => regex.clone(),
                    other => Regex::extended(&self.eval(other)?.text, false)?,
                };
                return Ok(truth(regex.is_match(&a.text) == (op == "~")));
            }
            _ => {}
        }
        let b = self.eval(right)?;
        let order = match (a.number, b.number) {
            (Some(a), Some(b)) => a.total_cmp(&b),
            _ => a.text.cmp(&b.text),
        };
        Ok(match op {
            " " => Value::text(a.text + &b.text),
            "==" => truth(order.is_eq()),
            "!=" => truth(order.is_ne()),
            "<" => truth(order.is_lt()),
            "<=" => truth(order.is_le()),
            ">" => truth(order.is_gt()),
            ">=" => truth(order.is_ge()),
            op => Value::number(calculate(op, a.as_number(), b.as_number())?),
        })
    }

    fn call(&mut self, name: &str, arguments: &[Expr]) -> Result<Value, String> {
        if name == "sub" || name == "gsub" {
            let [pattern, with] = arguments else {
                return Err(crate::not_modelled!("awk", "{name} with a target"));
            };
            let regex = match pattern {
                Expr::Regex(regex) => regex.clone(),
                other => Regex::extended(&self.eval(other)?.text, false)?,
            };
            let with = self.eval(with)?.text;
            let (mut out, mut at, mut count) = (String::new(), 0, 0);
            while let Some((start, end)) = regex
                .find_at(&self.record, at)
                .filter(|(start, end)| end > start)
            {
                out.push_str(self.record.get(at..start).unwrap_or_default());
                out.push_str(&with.replace('&', self.record.get(start..end).unwrap_or_default()));
                at = end;
                count += 1;
                if name == "sub" {
                    break;
                }
            }
            out.push_str(self.record.get(at..).unwrap_or_default());
            self.load(&out);
            return Ok(Value::number(f64::from(count)));
        }
        let mut values = Vec::new();
        for argument in arguments {
            values.push(self.eval(argument)?);
        }
        let first = values
            .first()
            .cloned()
            .unwrap_or_else(|| Value::text(self.record.clone()));
        let number = |index: usize| values.get(index).map(Value::as_number);
        Ok(match name {
            "length" => Value::number(first.text.chars().count() as f64),
            "tolower" => Value::text(first.text.to_ascii_lowercase()),
            "toupper" => Value::text(first.text.to_ascii_uppercase()),
            "int" => Value::number(first.as_number().trunc()),
            "index" => {
                let part = values.get(1).map_or("", |value| value.text.as_str());
                Value::number(
                    first
                        .text
                        .find(part)
                        .and_then(|at| first.text.get(..at))
                        .map_or(0.0, |before| before.chars().count() as f64 + 1.0),
                )
            }
            _ => {
                let start = number(1).unwrap_or(1.0).round();
                let end = number(2).map_or(f64::INFINITY, |length| start + length.round());
                Value::text(
                    first
                        .text
                        .chars()
                        .enumerate()
                        .filter(|(at, _)| (start..end).contains(&(*at as f64 + 1.0)))
                        .map(|(_, c)| c)
                        .collect(),
                )
            }
        })
    }

    fn run(&mut self, statements: &[Statement]) -> Result<Flow, String> {
        for statement in statements {
            match statement {
                Statement::Print(list) if list.is_empty() => {
                    self.out.push_str(&format!("{}\n", self.record));
                }
                Statement::Print(list) => {
                    let mut cells = Vec::new();
                    for expr in list {
                        cells.push(self.eval(expr)?.text);
                    }
                    let joiner = self
                        .variables
                        .get("OFS")
                        .map_or(" ", |value| value.text.as_str());
                    let end = self
                        .variables
                        .get("ORS")
                        .map_or("\n", |value| value.text.as_str());
                    let line = cells.join(joiner) + end;
                    self.out.push_str(&line);
                }
                Statement::Printf(list) => {
                    let mut cells = Vec::new();
                    for expr in list {
                        cells.push(self.eval(expr)?.text);
                    }
                    if let Some(format) = cells.first_mut() {
                        // The format's escapes were decoded with the string.
                        *format = format.replace('\\', "\\\\");
                    }
                    self.out.push_str(&String::from_utf8_lossy(
                        &super::printf::format(&cells).output,
                    ));
                }
                Statement::If(test, yes, no) => {
                    let branch = if self.eval(test)?.truthy() { yes } else { no };
                    match self.run(branch)? {
                        Flow::On => {}
                        flow => return Ok(flow),
                    }
                }
                Statement::Expr(expr) => {
                    self.eval(expr)?;
                }
                Statement::Next => return Ok(Flow::Next),
                Statement::Exit(code) => {
                    let code = code.as_ref().map_or(Ok(0.0), |code| {
                        self.eval(code).map(|value| value.as_number())
                    })?;
                    return Ok(Flow::Exit(code as i32 & 0xff));
                }
            }
        }
        Ok(Flow::On)
    }

    fn rules(
        &mut self,
        rules: &mut [Rule],
        wanted: impl Fn(&Pattern) -> bool,
    ) -> Result<Flow, String> {
        for rule in rules {
            if !wanted(&rule.pattern) {
                continue;
            }
            let due = match &rule.pattern {
                Pattern::Begin | Pattern::End | Pattern::Always => true,
                Pattern::When(test) => self.eval(test)?.truthy(),
                Pattern::Range(from, to) => {
                    let due = rule.open || self.eval(from)?.truthy();
                    rule.open = due && !self.eval(to)?.truthy();
                    due
                }
            };
            if due {
                match self.run(&rule.action)? {
                    Flow::On => {}
                    flow => return Ok(flow),
                }
            }
        }
        Ok(Flow::On)
    }

    /// Runs a program over lines; gives the exit code.
    fn whole(&mut self, rules: &mut [Rule], lines: &[String]) -> Result<i32, String> {
        let mut code = None;
        if let Flow::Exit(status) =
            self.rules(rules, |pattern| matches!(pattern, Pattern::Begin))?
        {
            return Ok(status);
        }
        for (index, line) in lines.iter().enumerate() {
            self.variables
                .insert("NR".to_owned(), Value::number(index as f64 + 1.0));
            self.load(line);
            if let Flow::Exit(status) = self.rules(rules, |pattern| {
                !matches!(pattern, Pattern::Begin | Pattern::End)
            })? {
                code = Some(status);
                break;
            }
        }
        match self.rules(rules, |pattern| matches!(pattern, Pattern::End))? {
            Flow::Exit(status) => Ok(status),
            _ => Ok(code.unwrap_or(0)),
        }
    }
}

fn calculate(op: &str, a: f64, b: f64) -> Result<f64, String> {
    Ok(match op {
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        "/" | "%" if b == 0.0 => return Err("division by zero".to_owned()),
        "/" => a / b,
        _ => a % b,
    })
}

fn parse(text: &str) -> Parsed<Vec<Rule>> {
    Parser {
        chars: text.chars().collect(),
        at: 0,
        depth: 0,
        joined: 0,
    }
    .program()
}

/// The `awk` program.
pub async fn main(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let parsed = match args::parse(&args, "+F:v:f:", &[]) {
        Ok(parsed) => parsed,
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    let mut operands = parsed.operands.clone();
    let text = match parsed.value('f') {
        Some(file) => match sys.read_text(file) {
            Ok(text) => text,
            Err(error) => {
                sys.err(&format!("awk: cannot open {file} ({error})\n"));
                return 2;
            }
        },
        None if operands.is_empty() => {
            sys.err("Usage: awk [Options] [Program] [file ...]\n");
            return 2;
        }
        None => operands.remove(0),
    };
    let mut rules = match parse(&text) {
        Ok(rules) => rules,
        Err(error) => {
            sys.err(&format!("awk: line 1: {error}\n"));
            return 2;
        }
    };
    let mut machine = Machine::default();
    if let Some(separator) = parsed.value('F') {
        machine.variables.insert(
            "FS".to_owned(),
            Value::text(crate::shell::quote::unescape_ansi(separator)),
        );
    }
    for setting in parsed.values('v') {
        let (name, value) = setting.split_once('=').unwrap_or((setting, ""));
        machine.variables.insert(
            name.to_owned(),
            Value::input(&crate::shell::quote::unescape_ansi(value)),
        );
    }
    let only_begin = rules
        .iter()
        .all(|rule| matches!(rule.pattern, Pattern::Begin));
    let (lines, fine) = if only_begin {
        (Vec::new(), true)
    } else {
        io::all_lines(&sys, "awk", &operands, flavour).await
    };
    let code = machine.whole(&mut rules, &lines);
    sys.out(&machine.out);
    match code {
        Ok(0) if !fine => 2,
        Ok(code) => code,
        Err(error) => {
            sys.err(&format!("awk: {error}\n"));
            2
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn awk(program: &str, text: &str) -> String {
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let mut machine = Machine::default();
        machine.whole(&mut parse(program).unwrap(), &lines).unwrap();
        machine.out
    }

    #[test]
    fn one_liners_work() {
        let text = "one 1 x\ntwo 20 y\nthree 3 z";
        for (program, expected) in [
            ("{print $1}", "one\ntwo\nthree\n"),
            ("{print $NF, NR \":\" $2}", "x 1:1\ny 2:20\nz 3:3\n"),
            ("/tw/", "two 20 y\n"),
            ("$2 > 2 {n++; s += $2} END {print n, s / n}", "2 11.5\n"),
            ("NR==2{print toupper($1); exit}", "TWO\n"),
            (
                "{ if ($2 == 3) print \"yes\"; else print \"no\" }",
                "no\nno\nyes\n",
            ),
            ("BEGIN{printf \"%s-%03d\\n\", \"a\", 7}", "a-007\n"),
            (
                "NR>1 && $1 ~ /^t/ {print length($1), substr($1, 2, 2)}",
                "3 wo\n5 hr\n",
            ),
            ("{gsub(/e/, \"E\"); print $1}", "onE\ntwo\nthrEE\n"),
            ("NR==1,NR==2 {print NR}", "1\n2\n"),
        ] {
            assert_eq!(awk(program, text), expected, "{program}");
        }
    }

    #[test]
    fn what_is_left_out_says_so() {
        assert!(parse("{ while (1) x }").is_err_and(|error| error.contains("not modelled")));
        assert!(parse("{ a[1] = 2 }").is_err());
        assert!(
            parse(&"(".repeat(5000)).is_err()
                && parse(&"1 + ".repeat(5000)).is_err()
                && parse(&"{if (1) ".repeat(5000)).is_err()
        );
    }
}
