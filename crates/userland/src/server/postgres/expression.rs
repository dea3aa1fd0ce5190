//! Expressions: read and computed at once.

use super::catalog::Catalog;
use super::sql::{Note, Session, SqlError, not_modelled};
use super::tables::{Type, full_name};
use super::tokens::{Token, syntax};
use super::value::{Value, arithmetic, compare, joined, like, truth};
use std::net::SocketAddr;
use std::rc::Rc;

/// A row whose columns can be named.
pub(super) struct Scope {
    /// What the relation is called in the statement.
    pub(super) alias: String,
    pub(super) columns: Vec<String>,
    pub(super) row: Vec<Value>,
}

/// Reads expressions and computes them on the way.
pub(super) struct Parser<'a> {
    pub(super) tokens: &'a [(Token, usize)],
    pub(super) at: usize,
    pub(super) session: &'a Session,
    pub(super) catalog: &'a Catalog,
    pub(super) scope: Option<Scope>,
    /// The rows that `count` and its like are about, and whether one of them was asked for.
    pub(super) group: Rc<Vec<Vec<Value>>>,
    pub(super) counts: bool,
    /// How many expressions it is within.
    depth: usize,
}

/// How deep expressions nest: far beyond what anybody writes, and well within the stack that they are read on.
const DEEPEST: usize = 100;

/// Words that name nothing.
const RESERVED: &[&str] = &[
    "and",
    "as",
    "asc",
    "between",
    "case",
    "desc",
    "else",
    "end",
    "from",
    "group",
    "having",
    "ilike",
    "in",
    "is",
    "join",
    "left",
    "like",
    "limit",
    "not",
    "offset",
    "on",
    "or",
    "order",
    "returning",
    "select",
    "set",
    "then",
    "union",
    "values",
    "when",
    "where",
];

fn is_reserved(word: &str) -> bool {
    RESERVED
        .iter()
        .any(|known| word.eq_ignore_ascii_case(known))
}

impl<'a> Parser<'a> {
    /// A reader that stands behind the statement's first word.
    pub(super) fn new(
        tokens: &'a [(Token, usize)],
        session: &'a Session,
        catalog: &'a Catalog,
    ) -> Self {
        Self {
            tokens,
            at: 1,
            session,
            catalog,
            scope: None,
            group: Rc::new(vec![Vec::new()]),
            counts: false,
            depth: 0,
        }
    }

    /// The place of the next part in the statement, from 1; 0 at its end.
    pub(super) fn place(&self) -> usize {
        self.tokens.get(self.at).map_or(0, |(_, at)| *at)
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(t, _)| t)
    }

    pub(super) fn next(&mut self) -> Option<(Token, usize)> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    pub(super) fn sign(&mut self, c: char) -> bool {
        let found = self.peek() == Some(&Token::Sign(c));
        self.at += usize::from(found);
        found
    }

    pub(super) fn word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Word(w)) if w.eq_ignore_ascii_case(word));
        self.at += usize::from(found);
        found
    }

    pub(super) fn expect(&mut self, word: &str) -> Result<(), SqlError> {
        if self.word(word) {
            Ok(())
        } else {
            Err(self.misplaced())
        }
    }

    /// A name that may follow something, with `AS` before it or not.
    pub(super) fn label(&mut self) -> Result<Option<String>, SqlError> {
        let must = self.word("as");
        match self.peek().cloned() {
            Some(Token::Word(word)) if must || !is_reserved(&word) => {
                self.at += 1;
                Ok(Some(word))
            }
            _ if must => Err(self.misplaced()),
            _ => Ok(None),
        }
    }

    /// What is said of the next part, which nothing here can take.
    pub(super) fn misplaced(&mut self) -> SqlError {
        match self.next() {
            Some((Token::Word(word), _)) if self.scope.is_some() && is_reserved(&word) => {
                not_modelled(&format!("{} here", word.to_ascii_uppercase()))
            }
            other => syntax(other),
        }
    }

    /// Conditions, from `OR` down.
    pub(super) fn expression(&mut self) -> Result<(Value, String), SqlError> {
        let mut left = self.all()?;
        while self.word("or") {
            let right = self.all()?;
            left = (joined(&left.0, &right.0, true)?, unnamed());
        }
        Ok(left)
    }

    fn all(&mut self) -> Result<(Value, String), SqlError> {
        let mut left = self.comparison()?;
        while self.word("and") {
            let right = self.comparison()?;
            left = (joined(&left.0, &right.0, false)?, unnamed());
        }
        Ok(left)
    }

    fn comparison(&mut self) -> Result<(Value, String), SqlError> {
        let mut denials = 0;
        while self.word("not") {
            denials += 1;
        }
        let (mut value, mut name) = self.sum()?;
        if let Some(found) = self.matched(&value)? {
            (value, name) = (found, unnamed());
        }
        let mut operator = String::new();
        while let Some(Token::Sign(c @ ('=' | '<' | '>' | '!' | '~'))) = self.peek() {
            operator.push(*c);
            self.at += 1;
        }
        if !operator.is_empty() {
            let right = self.sum()?.0;
            value = compare(&operator, &value, &right)?;
            name = unnamed();
        } else if self.word("is") {
            let denied = self.word("not");
            self.expect("null")?;
            value = Value::Bool((value == Value::Null) != denied);
            name = unnamed();
        }
        if denials > 0 {
            value = truth(&value, "NOT")?
                .map_or(Value::Null, |yes| Value::Bool(yes != (denials % 2 == 1)));
            name = unnamed();
        }
        Ok((value, name))
    }

    /// `LIKE`, `IN` and `BETWEEN`, with `NOT` before them or not; `None` if there is none of them.
    fn matched(&mut self, value: &Value) -> Result<Option<Value>, SqlError> {
        let denied = self.word("not");
        let found = if self.word("in") {
            if !self.sign('(') {
                return Err(self.misplaced());
            }
            if matches!(self.peek(), Some(Token::Word(w)) if w.eq_ignore_ascii_case("select")) {
                return Err(not_modelled("queries within queries"));
            }
            let mut found = Value::Bool(false);
            loop {
                let other = self.expression()?.0;
                found = joined(&found, &compare("=", value, &other)?, true)?;
                if !self.sign(',') {
                    break;
                }
            }
            if !self.sign(')') {
                return Err(self.misplaced());
            }
            found
        } else if self.word("between") {
            let low = self.sum()?.0;
            self.expect("and")?;
            let high = self.sum()?.0;
            joined(
                &compare(">=", value, &low)?,
                &compare("<=", value, &high)?,
                false,
            )?
        } else {
            let folds = self.word("ilike");
            if !folds && !self.word("like") {
                return match denied {
                    true => Err(self.misplaced()),
                    false => Ok(None),
                };
            }
            let pattern = self.sum()?.0;
            match (value.text(), pattern.text()) {
                (Some(text), Some(pattern)) if folds => {
                    Value::Bool(like(&pattern.to_lowercase(), &text.to_lowercase()))
                }
                (Some(text), Some(pattern)) => Value::Bool(like(&pattern, &text)),
                _ => Value::Null,
            }
        };
        Ok(Some(match truth(&found, "NOT")? {
            Some(yes) => Value::Bool(yes != denied),
            None => Value::Null,
        }))
    }

    fn sum(&mut self) -> Result<(Value, String), SqlError> {
        let (mut value, mut name) = self.product()?;
        while let Some(Token::Sign(op @ ('+' | '-' | '|'))) = self.peek().cloned() {
            self.at += 1;
            if op == '|' && !self.sign('|') {
                return Err(self.misplaced());
            }
            let (right, _) = self.product()?;
            value = match (op, value.text(), right.text()) {
                ('|', Some(a), Some(b)) => Value::Text(a + &b),
                ('|', ..) => Value::Null,
                _ => arithmetic(op, &value, &right)?,
            };
            name = unnamed();
        }
        Ok((value, name))
    }

    fn product(&mut self) -> Result<(Value, String), SqlError> {
        let (mut value, mut name) = self.cast()?;
        while let Some(Token::Sign(op @ ('*' | '/' | '%'))) = self.peek().cloned() {
            self.at += 1;
            let (right, _) = self.cast()?;
            value = arithmetic(op, &value, &right)?;
            name = unnamed();
        }
        Ok((value, name))
    }

    /// A value, and the type behind `::` that it is turned into.
    fn cast(&mut self) -> Result<(Value, String), SqlError> {
        let (mut value, mut name) = self.primary()?;
        while self.sign(':') {
            let at = self.place();
            let word = match (self.sign(':'), self.next()) {
                (true, Some((Token::Word(word), _))) => word.to_ascii_lowercase(),
                (_, other) => return Err(syntax(other)),
            };
            let of = Type {
                name: full_name(&word).ok_or_else(|| {
                    let text = format!("type \"{word}\" does not exist");
                    SqlError::new("42704", text).at(at)
                })?,
                limit: None,
            };
            value = of.take(value, &name, at)?;
            if name == unnamed() {
                name = if of.name == "integer" {
                    "int4".into()
                } else {
                    word
                };
            }
        }
        Ok((value, name))
    }

    /// Whatever nests comes through here. Source: PostgreSQL `src/backend/utils/misc/stack_depth.c`, `check_stack_depth`.
    fn primary(&mut self) -> Result<(Value, String), SqlError> {
        if self.depth == DEEPEST {
            let hint = "Increase the configuration parameter \"max_stack_depth\" (currently 2048kB), after ensuring the platform's stack depth limit is adequate.";
            return Err(SqlError::new("54001", "stack depth limit exceeded")
                .noted(Note::Hint(hint.to_owned())));
        }
        self.depth += 1;
        let read = self.operand();
        self.depth -= 1;
        read
    }

    fn operand(&mut self) -> Result<(Value, String), SqlError> {
        let plain = |v: Value| Ok((v, unnamed()));
        match self.next() {
            Some((Token::Number(n), _)) => plain(Value::Int(n)),
            Some((Token::Quoted(text), _)) => plain(Value::Text(text)),
            Some((Token::Sign('-'), _)) => {
                let (value, name) = self.primary()?;
                Ok((arithmetic('-', &Value::Int(0), &value)?, name))
            }
            Some((Token::Sign('('), _)) => {
                let inner = self.expression()?;
                if self.sign(')') {
                    Ok(inner)
                } else {
                    Err(self.misplaced())
                }
            }
            Some((Token::Word(word), _)) if word.eq_ignore_ascii_case("case") => self.case(),
            Some((Token::Word(word), at)) if !is_reserved(&word) => self.named(&word, at),
            other => Err(syntax(other)),
        }
    }

    /// `CASE`, with something that is compared or without.
    fn case(&mut self) -> Result<(Value, String), SqlError> {
        let operand = if matches!(self.peek(), Some(Token::Word(w)) if w.eq_ignore_ascii_case("when"))
        {
            None
        } else {
            Some(self.expression()?.0)
        };
        let mut result = None;
        while self.word("when") {
            let when = self.expression()?.0;
            let fits = match &operand {
                Some(value) => compare("=", value, &when)? == Value::Bool(true),
                None => truth(&when, "CASE/WHEN")? == Some(true),
            };
            self.expect("then")?;
            let then = self.expression()?.0;
            if fits {
                result.get_or_insert(then);
            }
        }
        let otherwise = if self.word("else") {
            self.expression()?.0
        } else {
            Value::Null
        };
        self.expect("end")?;
        Ok((result.unwrap_or(otherwise), "case".to_owned()))
    }

    fn named(&mut self, word: &str, at: usize) -> Result<(Value, String), SqlError> {
        let mut name = word.to_ascii_lowercase();
        if self.sign('.') {
            let ours = self.scope.as_ref().is_some_and(|scope| scope.alias == name);
            if !ours && name != "pg_catalog" {
                return Err(SqlError {
                    code: "42P01",
                    text: format!("missing FROM-clause entry for table \"{name}\""),
                    position: Some(at),
                    note: None,
                });
            }
            name = match self.next() {
                Some((Token::Word(word), _)) => word.to_ascii_lowercase(),
                other => return Err(syntax(other)),
            };
        }
        let s = self.session;
        let text = |t: &str| Value::Text(t.to_owned());
        let column = self.scope.as_ref().and_then(|scope| {
            let at = scope.columns.iter().position(|column| **column == name)?;
            scope.row.get(at).cloned()
        });
        let known = match name.as_str() {
            "true" | "false" => return Ok((Value::Bool(name == "true"), "bool".to_owned())),
            "null" => return Ok((Value::Null, unnamed())),
            "current_user" | "session_user" | "user" => Some(text(&s.user)),
            "current_timestamp" => Some(text(&s.now)),
            "current_catalog" => Some(text(&s.database)),
            _ => column,
        };
        if let Some(value) = known {
            return Ok((value, name));
        }
        if !self.sign('(') {
            let error = SqlError::new("42703", format!("column \"{name}\" does not exist"));
            return Err(match self.meant(&name) {
                Some(hint) => error.at(at).noted(Note::Hint(hint)),
                None => error.at(at),
            });
        }
        if matches!(name.as_str(), "count" | "max" | "min" | "sum" | "avg") {
            return self.aggregate(name);
        }
        let mut args = Vec::new();
        if self.peek() != Some(&Token::Sign(')')) {
            args.push(self.expression()?.0);
            while self.sign(',') {
                args.push(self.expression()?.0);
            }
        }
        if !self.sign(')') {
            return Err(self.misplaced());
        }
        let value = match (name.as_str(), args.as_slice()) {
            ("version", []) => text(&s.version),
            ("now", []) => text(&s.now),
            ("current_database", []) => text(&s.database),
            ("pg_is_in_recovery", []) => Value::Bool(false),
            ("inet_server_addr", []) => address(s.server),
            ("inet_server_port", []) => port(s.server),
            ("inet_client_addr", []) => address(s.client),
            ("inet_client_port", []) => port(s.client),
            ("pg_get_userbyid", [Value::Int(oid)]) => Value::Text(self.catalog.role_name(*oid)),
            ("pg_encoding_to_char", [Value::Int(number)]) => {
                text(if *number == 6 { "UTF8" } else { "" })
            }
            // An array's text is in braces.
            ("array_to_string", [Value::Text(array), Value::Text(between)]) => {
                Value::Text(array.trim_matches(['{', '}']).replace(',', between))
            }
            ("upper", [Value::Text(t)]) => {
                Value::Text(t.chars().flat_map(char::to_uppercase).collect())
            }
            ("lower", [Value::Text(t)]) => {
                Value::Text(t.chars().flat_map(char::to_lowercase).collect())
            }
            ("length", [Value::Text(t)]) => Value::Int(t.chars().count() as i64),
            ("upper" | "lower" | "length", [other]) => other.clone(),
            ("array_to_string" | "pg_get_userbyid" | "pg_encoding_to_char", [Value::Null, ..]) => {
                Value::Null
            }
            _ => {
                let kinds: Vec<&str> = args.iter().map(Value::kind).collect();
                return Err(SqlError {
                    code: "42883",
                    text: format!("function {name}({}) does not exist", kinds.join(", ")),
                    position: Some(at),
                    note: None,
                });
            }
        };
        Ok((value, name))
    }
}

/// What a column is called that has no name.
fn unnamed() -> String {
    "?column?".to_owned()
}

fn address(of: Option<SocketAddr>) -> Value {
    of.map_or(Value::Null, |a| {
        Value::Text(a.ip().to_canonical().to_string())
    })
}

fn port(of: Option<SocketAddr>) -> Value {
    of.map_or(Value::Null, |a| Value::Int(i64::from(a.port())))
}
