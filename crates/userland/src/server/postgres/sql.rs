//! The few statements that the simulated PostgreSQL understands.

use crate::net::pgwire;
use std::net::SocketAddr;

/// What an expression comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Int(i64),
    Text(String),
    Bool(bool),
    Null,
}

/// A result column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) value: Value,
}

/// What a statement does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    Row(Vec<Column>),
    /// Names of columns, and rows of text.
    Rows(&'static [&'static str], Vec<Vec<String>>),
    /// A command without rows, with its tag.
    Done(&'static str),
    Empty,
}

/// An error: its code, its text, and where in the statement (from 1) it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SqlError {
    pub(super) code: &'static str,
    pub(super) text: String,
    pub(super) position: Option<usize>,
}

/// The databases and roles that there are.
pub(super) struct Catalog {
    /// Names and owners.
    pub(super) databases: Vec<(String, String)>,
    /// Names, and whether each may do everything.
    pub(super) roles: Vec<(String, bool)>,
}

impl Catalog {
    /// A new cluster's, with the first user's own database.
    pub(super) fn new(user: &str, database: &str) -> Self {
        let mut databases: Vec<(String, String)> = ["postgres", "template0", "template1", database]
            .into_iter()
            .map(|name| (name.to_owned(), user.to_owned()))
            .collect();
        databases.sort();
        databases.dedup();
        Self {
            databases,
            roles: vec![(user.to_owned(), true)],
        }
    }

    /// One of the lists that `psql`'s backslash commands show.
    fn listing(&self, name: &str) -> Option<Outcome> {
        let text = str::to_owned;
        Some(match name {
            "drydock_databases" => {
                let row = |(name, owner): &(String, String)| {
                    let grants = if name.starts_with("template") {
                        format!("=c/{owner}\n{owner}=CTc/{owner}")
                    } else {
                        String::new()
                    };
                    vec![
                        name.clone(),
                        owner.clone(),
                        text("UTF8"),
                        text("libc"),
                        text("C"),
                        text("C"),
                        String::new(),
                        String::new(),
                        grants,
                    ]
                };
                Outcome::Rows(
                    &[
                        "Name",
                        "Owner",
                        "Encoding",
                        "Locale Provider",
                        "Collate",
                        "Ctype",
                        "Locale",
                        "ICU Rules",
                        "Access privileges",
                    ],
                    self.databases.iter().map(row).collect(),
                )
            }
            "drydock_roles" => {
                let row = |(name, all): &(String, bool)| {
                    let rights = if *all {
                        "Superuser, Create role, Create DB, Replication, Bypass RLS"
                    } else {
                        ""
                    };
                    vec![name.clone(), text(rights)]
                };
                Outcome::Rows(
                    &["Role name", "Attributes"],
                    self.roles.iter().map(row).collect(),
                )
            }
            "drydock_schemas" => Outcome::Rows(
                &["Name", "Owner"],
                vec![vec![text("public"), text("pg_database_owner")]],
            ),
            _ => return None,
        })
    }

    /// `CREATE` and `DROP` of databases and roles.
    fn change(
        &mut self,
        create: bool,
        words: &[(Token, usize)],
        user: &str,
    ) -> Result<Outcome, SqlError> {
        let word = |at: usize| match words.get(at) {
            Some((Token::Word(word), _)) => word.to_ascii_lowercase(),
            _ => String::new(),
        };
        let kind = word(1);
        let lenient = word(2) == "if";
        let name = word(if lenient {
            if create { 5 } else { 4 }
        } else {
            2
        });
        let is_database = kind == "database";
        if !is_database && kind != "user" && kind != "role" || name.is_empty() {
            return Err(not_modelled(&format!(
                "{} statements",
                if create { "CREATE" } else { "DROP" }
            )));
        }
        let there = if is_database {
            self.databases.iter().any(|(known, _)| *known == name)
        } else {
            self.roles.iter().any(|(known, _)| *known == name)
        };
        let noun = if is_database { "database" } else { "role" };
        let fault = |code, what: &str| {
            Err(SqlError {
                code,
                text: format!("{noun} \"{name}\" {what}"),
                position: None,
            })
        };
        match (create, there, is_database) {
            (true, true, true) => return fault("42P04", "already exists"),
            (true, true, false) => return fault("42710", "already exists"),
            (false, false, _) if !lenient => {
                return fault(
                    if is_database { "3D000" } else { "42704" },
                    "does not exist",
                );
            }
            (true, false, true) => {
                self.databases.push((name.clone(), user.to_owned()));
                self.databases.sort();
            }
            (true, false, false) => {
                let all = words.iter().any(|(token, _)| matches!(token, Token::Word(w) if w.eq_ignore_ascii_case("superuser")));
                self.roles.push((name.clone(), all));
                self.roles.sort();
            }
            (false, _, true) => self.databases.retain(|(known, _)| *known != name),
            (false, _, false) => self.roles.retain(|(known, _)| *known != name),
        }
        Ok(Outcome::Done(match (create, is_database) {
            (true, true) => "CREATE DATABASE",
            (true, false) => "CREATE ROLE",
            (false, true) => "DROP DATABASE",
            (false, false) => "DROP ROLE",
        }))
    }
}

/// What functions can ask about the session.
pub(super) struct Session {
    pub(super) user: String,
    pub(super) database: String,
    pub(super) now: String,
    pub(super) version: String,
    pub(super) server: Option<SocketAddr>,
    pub(super) client: Option<SocketAddr>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    Number(i64),
    Quoted(String),
    Sign(char),
}

fn tokens(sql: &str) -> Result<Vec<(Token, usize)>, SqlError> {
    let mut out = Vec::new();
    let mut chars = sql.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if c.is_whitespace() {
            continue;
        }
        let mut take = |first: char, wanted: fn(char) -> bool| {
            let mut text = String::from(first);
            while let Some((_, c)) = chars.next_if(|(_, c)| wanted(*c)) {
                text.push(c);
            }
            text
        };
        let token = if c.is_ascii_digit() {
            let digits = take(c, |c| c.is_ascii_digit());
            Token::Number(digits.parse().ok().ok_or_else(|| SqlError {
                code: "22003",
                text: format!("value \"{digits}\" is out of range"),
                position: Some(at + 1),
            })?)
        } else if c.is_alphabetic() || c == '_' {
            Token::Word(take(c, |c| c.is_alphanumeric() || c == '_'))
        } else if c == '\'' || c == '"' {
            let mut text = String::new();
            loop {
                match chars.next() {
                    Some((_, q)) if q == c => {
                        if chars.next_if(|(_, n)| *n == c).is_none() {
                            break;
                        }
                        text.push(c);
                    }
                    Some((_, other)) => text.push(other),
                    None => {
                        let text = format!(
                            "unterminated quoted string at or near \"{}\"",
                            sql.get(at..).unwrap_or_default()
                        );
                        return Err(SqlError {
                            code: "42601",
                            text,
                            position: Some(at + 1),
                        });
                    }
                }
            }
            if c == '"' {
                Token::Word(text)
            } else {
                Token::Quoted(text)
            }
        } else {
            Token::Sign(c)
        };
        out.push((token, at + 1));
    }
    Ok(out)
}

/// Carries out one statement.
pub(super) fn execute(
    sql: &str,
    session: &Session,
    catalog: &mut Catalog,
) -> Result<Outcome, SqlError> {
    let tokens = tokens(sql)?;
    let Some((Token::Word(first), _)) = tokens.first() else {
        return match tokens.first() {
            None => Ok(Outcome::Empty),
            Some((token, at)) => Err(syntax(Some((token.clone(), *at)))),
        };
    };
    match first.to_ascii_lowercase().as_str() {
        "select" => Parser {
            tokens: &tokens,
            at: 1,
            session,
        }
        .select(),
        "show" => show(tokens.get(1), session),
        "begin" => Ok(Outcome::Done("BEGIN")),
        "commit" => Ok(Outcome::Done("COMMIT")),
        "rollback" => Ok(Outcome::Done("ROLLBACK")),
        "set" => Ok(Outcome::Done("SET")),
        verb @ ("create" | "drop") => catalog.change(verb == "create", &tokens, &session.user),
        "table" => match tokens.get(1) {
            Some((Token::Word(name), _)) => {
                catalog.listing(name).ok_or_else(|| not_modelled("tables"))
            }
            other => Err(syntax(other.cloned())),
        },
        "insert" | "update" | "delete" | "alter" | "with" | "explain" | "copy" | "grant"
        | "truncate" | "values" => Err(not_modelled(&format!(
            "{} statements",
            first.to_ascii_uppercase()
        ))),
        _ => Err(syntax(tokens.first().cloned())),
    }
}

/// A setting of the server.
fn show(token: Option<&(Token, usize)>, session: &Session) -> Result<Outcome, SqlError> {
    let Some((Token::Word(name), _)) = token else {
        return Err(syntax(token.cloned()));
    };
    let version = session.version.split(" on ").next().unwrap_or_default();
    let value = match name.as_str() {
        "server_version" => version.trim_start_matches("PostgreSQL "),
        "listen_addresses" => "*",
        "port" => "5432",
        "max_connections" => "100",
        "server_encoding" | "client_encoding" => "UTF8",
        _ => return Err(not_modelled(&format!("SHOW {name}"))),
    };
    Ok(Outcome::Row(vec![Column {
        name: name.clone(),
        value: Value::Text(value.to_owned()),
    }]))
}

fn not_modelled(what: &str) -> SqlError {
    SqlError {
        code: "0A000",
        text: crate::not_modelled!("postgres", "{what}"),
        position: None,
    }
}

fn syntax(token: Option<(Token, usize)>) -> SqlError {
    let (text, position) = match token {
        None => ("syntax error at end of input".to_owned(), None),
        Some((token, at)) => {
            let shown = match token {
                Token::Word(w) => w,
                Token::Number(n) => n.to_string(),
                Token::Quoted(q) => format!("'{q}'"),
                Token::Sign(c) => c.to_string(),
            };
            (format!("syntax error at or near \"{shown}\""), Some(at))
        }
    };
    SqlError {
        code: "42601",
        text,
        position,
    }
}

struct Parser<'a> {
    tokens: &'a [(Token, usize)],
    at: usize,
    session: &'a Session,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(t, _)| t)
    }

    fn next(&mut self) -> Option<(Token, usize)> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    fn sign(&mut self, c: char) -> bool {
        let found = self.peek() == Some(&Token::Sign(c));
        self.at += usize::from(found);
        found
    }

    fn word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Word(w)) if w.eq_ignore_ascii_case(word));
        self.at += usize::from(found);
        found
    }

    fn select(&mut self) -> Result<Outcome, SqlError> {
        let mut columns = Vec::new();
        // What is read of a table is not looked at any further.
        let from = |(token, _): &(Token, usize)| matches!(token, Token::Word(w) if w.eq_ignore_ascii_case("from"));
        if self.tokens.iter().any(from) {
            return Err(not_modelled("tables"));
        }
        loop {
            let (value, mut name) = self.sum()?;
            if self.word("as") {
                match self.next() {
                    Some((Token::Word(w), _)) => name = w,
                    other => return Err(syntax(other)),
                }
            }
            columns.push(Column { name, value });
            if !self.sign(',') {
                break;
            }
        }
        match self.next() {
            None => Ok(Outcome::Row(columns)),
            other => Err(syntax(other)),
        }
    }

    fn sum(&mut self) -> Result<(Value, String), SqlError> {
        let (mut value, mut name) = self.product()?;
        while let Some(Token::Sign(op @ ('+' | '-'))) = self.peek().cloned() {
            self.at += 1;
            let (right, _) = self.product()?;
            value = arithmetic(op, &value, &right)?;
            name = "?column?".to_owned();
        }
        Ok((value, name))
    }

    fn product(&mut self) -> Result<(Value, String), SqlError> {
        let (mut value, mut name) = self.primary()?;
        while let Some(Token::Sign(op @ ('*' | '/' | '%'))) = self.peek().cloned() {
            self.at += 1;
            let (right, _) = self.primary()?;
            value = arithmetic(op, &value, &right)?;
            name = "?column?".to_owned();
        }
        Ok((value, name))
    }

    fn primary(&mut self) -> Result<(Value, String), SqlError> {
        let plain = |v: Value| Ok((v, "?column?".to_owned()));
        match self.next() {
            Some((Token::Number(n), _)) => plain(Value::Int(n)),
            Some((Token::Quoted(text), _)) => plain(Value::Text(text)),
            Some((Token::Sign('-'), _)) => {
                let (value, name) = self.primary()?;
                Ok((arithmetic('-', &Value::Int(0), &value)?, name))
            }
            Some((Token::Sign('('), _)) => {
                let inner = self.sum()?;
                if self.sign(')') {
                    Ok(inner)
                } else {
                    Err(syntax(self.next()))
                }
            }
            Some((Token::Word(word), at)) => self.named(&word, at),
            other => Err(syntax(other)),
        }
    }

    fn named(&mut self, word: &str, at: usize) -> Result<(Value, String), SqlError> {
        let name = word.to_ascii_lowercase();
        let s = self.session;
        let text = |t: &str| Value::Text(t.to_owned());
        let known = match name.as_str() {
            "true" | "false" => return Ok((Value::Bool(name == "true"), "bool".to_owned())),
            "null" => return Ok((Value::Null, "?column?".to_owned())),
            "current_user" | "session_user" | "user" => Some(text(&s.user)),
            "current_timestamp" => Some(text(&s.now)),
            "current_catalog" => Some(text(&s.database)),
            _ => None,
        };
        if let Some(value) = known {
            return Ok((value, name));
        }
        if !self.sign('(') {
            return Err(SqlError {
                code: "42703",
                text: format!("column \"{name}\" does not exist"),
                position: Some(at),
            });
        }
        let value = match name.as_str() {
            "version" => text(&s.version),
            "now" => text(&s.now),
            "current_database" => text(&s.database),
            "pg_is_in_recovery" => Value::Bool(false),
            "inet_server_addr" => s.server.map_or(Value::Null, |a| {
                Value::Text(a.ip().to_canonical().to_string())
            }),
            "inet_server_port" => s
                .server
                .map_or(Value::Null, |a| Value::Int(i64::from(a.port()))),
            "inet_client_addr" => s.client.map_or(Value::Null, |a| {
                Value::Text(a.ip().to_canonical().to_string())
            }),
            "inet_client_port" => s
                .client
                .map_or(Value::Null, |a| Value::Int(i64::from(a.port()))),
            "upper" | "lower" | "length" => match self.sum()?.0 {
                Value::Text(t) if name == "upper" => {
                    Value::Text(t.chars().flat_map(char::to_uppercase).collect())
                }
                Value::Text(t) if name == "lower" => {
                    Value::Text(t.chars().flat_map(char::to_lowercase).collect())
                }
                Value::Text(t) => Value::Int(t.chars().count() as i64),
                other => other,
            },
            _ => {
                return Err(SqlError {
                    code: "42883",
                    text: format!("function {name}() does not exist"),
                    position: Some(at),
                });
            }
        };
        if self.sign(')') {
            Ok((value, name))
        } else {
            Err(syntax(self.next()))
        }
    }
}

fn arithmetic(op: char, left: &Value, right: &Value) -> Result<Value, SqlError> {
    let (Value::Int(a), Value::Int(b)) = (left, right) else {
        return Err(not_modelled("operators on other than integers"));
    };
    let result = match op {
        '+' => a.checked_add(*b),
        '-' => a.checked_sub(*b),
        '*' => a.checked_mul(*b),
        _ if *b == 0 => {
            return Err(SqlError {
                code: "22012",
                text: "division by zero".into(),
                position: None,
            });
        }
        '/' => a.checked_div(*b),
        _ => a.checked_rem(*b),
    };
    result.map(Value::Int).ok_or_else(|| SqlError {
        code: "22003",
        text: "integer out of range".into(),
        position: None,
    })
}

impl Value {
    /// The type's number on the wire.
    pub(super) const fn oid(&self) -> u32 {
        match self {
            Self::Int(_) => pgwire::INT4,
            Self::Bool(_) => pgwire::BOOL,
            Self::Text(_) | Self::Null => pgwire::TEXT,
        }
    }

    /// The text on the wire; `None` for null.
    pub(super) fn text(&self) -> Option<String> {
        match self {
            Self::Int(n) => Some(n.to_string()),
            Self::Bool(b) => Some(if *b { "t" } else { "f" }.to_owned()),
            Self::Text(t) => Some(t.clone()),
            Self::Null => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(sql: &str) -> Result<Outcome, SqlError> {
        let session = Session {
            user: "postgres".into(),
            database: "shop".into(),
            now: String::new(),
            version: String::new(),
            server: None,
            client: None,
        };
        execute(sql, &session, &mut Catalog::new("postgres", "shop"))
    }

    #[test]
    fn expressions_are_computed_and_named() {
        let Ok(Outcome::Row(columns)) = run("SELECT 1 + 2 * 3, 'it''s' as x, current_database()")
        else {
            panic!("no row")
        };
        let shown: Vec<_> = columns
            .iter()
            .map(|c| (c.name.as_str(), c.value.text().unwrap()))
            .collect();
        assert_eq!(
            shown,
            [
                ("?column?", "7".into()),
                ("x", "it's".into()),
                ("current_database", "shop".into())
            ]
        );
    }

    #[test]
    fn errors_say_where() {
        let error = run("selec").unwrap_err();
        assert_eq!(
            (error.text.as_str(), error.position),
            ("syntax error at or near \"selec\"", Some(1))
        );
        assert_eq!(run("select nope").unwrap_err().position, Some(8));
        assert_eq!(run("select * from t").unwrap_err().code, "0A000");
    }
}
