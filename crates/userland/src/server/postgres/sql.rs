//! The few statements that the simulated PostgreSQL understands.

use super::catalog::Catalog;
use super::expression::Parser;
use super::tokens::{Token, syntax, tokens};
use super::value::Value;
use std::net::SocketAddr;

/// What a statement does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Names of columns, and their values.
    Rows(Vec<String>, Vec<Vec<Value>>),
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

/// What functions can ask about the session.
pub(super) struct Session {
    pub(super) user: String,
    pub(super) database: String,
    pub(super) now: String,
    pub(super) version: String,
    pub(super) server: Option<SocketAddr>,
    pub(super) client: Option<SocketAddr>,
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
        "select" => Parser::new(&tokens, session, catalog).select(),
        "show" => show(tokens.get(1), session),
        "begin" => Ok(Outcome::Done("BEGIN")),
        "commit" => Ok(Outcome::Done("COMMIT")),
        "rollback" => Ok(Outcome::Done("ROLLBACK")),
        "set" => Ok(Outcome::Done("SET")),
        verb @ ("create" | "drop") => catalog.change(verb == "create", &tokens, &session.user),
        "insert" | "update" | "delete" | "alter" | "with" | "explain" | "copy" | "grant"
        | "truncate" | "table" | "values" => Err(not_modelled(&format!(
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
    let value = Value::Text(value.to_owned());
    Ok(Outcome::Rows(vec![name.clone()], vec![vec![value]]))
}

pub(super) fn not_modelled(what: &str) -> SqlError {
    SqlError {
        code: "0A000",
        text: crate::not_modelled!("postgres", "{what}"),
        position: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session() -> Session {
        Session {
            user: "postgres".into(),
            database: "shop".into(),
            now: String::new(),
            version: String::new(),
            server: None,
            client: None,
        }
    }

    fn run(sql: &str) -> Result<Outcome, SqlError> {
        execute(sql, &session(), &mut Catalog::new("postgres", "shop"))
    }

    /// Names and rows, each as a line; nothing for an error.
    fn shown(sql: &str) -> Vec<String> {
        let Ok(Outcome::Rows(names, rows)) = run(sql) else {
            return Vec::new();
        };
        let row = |row: Vec<Value>| {
            let cells: Vec<String> = row.iter().map(|v| v.text().unwrap_or_default()).collect();
            cells.join("|")
        };
        std::iter::once(names.join("|"))
            .chain(rows.into_iter().map(row))
            .collect()
    }

    #[test]
    fn expressions_are_computed_and_named() {
        assert_eq!(
            shown("SELECT 1 + 2 * 3, 'it''s' as x, current_database()"),
            ["?column?|x|current_database", "7|it's|shop"]
        );
    }

    #[test]
    fn the_catalogue_is_read() {
        assert_eq!(
            shown("select datname from pg_database"),
            ["datname", "postgres", "shop", "template1", "template0"]
        );
        assert_eq!(
            shown(
                "SELECT d.datname AS \"Name\", CASE d.datlocprovider WHEN 'c' THEN 'libc' END, \
                 pg_catalog.array_to_string(d.datacl, E'\\n') FROM pg_catalog.pg_database d \
                 WHERE NOT datallowconn OR d.oid = 5 ORDER BY 1 DESC"
            ),
            [
                "Name|case|array_to_string",
                "template0|libc|=c/postgres\npostgres=CTc/postgres",
                "postgres|libc|"
            ]
        );
        assert_eq!(
            shown(
                "select nspname, pg_get_userbyid(nspowner) from pg_namespace where nspname !~ '^pg_' order by nspname"
            ),
            [
                "nspname|pg_get_userbyid",
                "information_schema|postgres",
                "public|pg_database_owner"
            ]
        );
        assert_eq!(
            shown("select count(*) from pg_database where datistemplate"),
            ["count", "2"]
        );
        assert_eq!(
            shown("select datname from pg_database where 1 = 2"),
            ["datname"]
        );
    }

    #[test]
    fn roles_have_rights() {
        let mut catalog = Catalog::new("postgres", "shop");
        let mut run = |sql: &str| execute(sql, &session(), &mut catalog);
        run("create role app createdb").unwrap();
        run("create user web").unwrap();
        let Ok(Outcome::Rows(_, rows)) =
            run("select rolcreatedb, rolcanlogin, rolsuper from pg_roles where oid > 16384")
        else {
            panic!("no rows")
        };
        let (yes, no) = (Value::Bool(true), Value::Bool(false));
        assert_eq!(
            rows,
            [[yes.clone(), no.clone(), no.clone()], [no.clone(), yes, no]]
        );
        assert_eq!(catalog.may_log_in("app"), Some(false));
        assert_eq!(catalog.may_log_in("nobody"), None);
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
        for sql in [
            "select * from pg_roles limit 1",
            "select 1 from pg_roles where rolname like 'a%'",
        ] {
            assert_eq!(run(sql).unwrap_err().code, "0A000", "{sql}");
        }
        let position = |sql| run(sql).unwrap_err().position;
        assert_eq!(position("select nope from pg_database"), Some(8));
        assert_eq!(position("select datname, from pg_database"), Some(17));
        assert_eq!(position("select d.datname from pg_database"), Some(8));
    }
}
