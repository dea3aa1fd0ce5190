//! The few statements that the simulated PostgreSQL understands.

use super::catalog::Catalog;
use super::definitions;
use super::expression::Parser;
use super::tokens::{Token, syntax, tokens};
use super::value::Value;
use super::verbs;
use std::net::SocketAddr;

/// What a statement does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Names of columns, and their values.
    Rows(Vec<String>, Vec<Vec<Value>>),
    /// A command without rows, with its tag.
    Done(String),
    /// The same, with a notice before it.
    Noted(String, String),
    Empty,
}

impl Outcome {
    /// A command without rows.
    pub(super) fn done(tag: impl Into<String>) -> Self {
        Self::Done(tag.into())
    }
}

/// What is said beside an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Note {
    Detail(String),
    Hint(String),
}

/// An error: its code, its text, and where in the statement (from 1) it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SqlError {
    pub(super) code: &'static str,
    pub(super) text: String,
    pub(super) position: Option<usize>,
    pub(super) note: Option<Note>,
}

impl SqlError {
    /// An error of the whole statement.
    pub(super) fn new(code: &'static str, text: impl Into<String>) -> Self {
        Self {
            code,
            text: text.into(),
            position: None,
            note: None,
        }
    }

    /// The same, about a place in the statement.
    pub(super) fn at(self, position: usize) -> Self {
        let position = Some(position);
        Self { position, ..self }
    }

    /// The same, with something beside it.
    pub(super) fn noted(self, note: Note) -> Self {
        let note = Some(note);
        Self { note, ..self }
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
        "begin" => {
            catalog.begin(session);
            Ok(Outcome::done("BEGIN"))
        }
        "commit" | "end" => {
            catalog.finish(session, true);
            Ok(Outcome::done("COMMIT"))
        }
        "rollback" | "abort" => {
            catalog.finish(session, false);
            Ok(Outcome::done("ROLLBACK"))
        }
        "set" => Ok(Outcome::done("SET")),
        "create" if is_table(&tokens, 1) => definitions::create(&tokens, session, catalog),
        "drop" if is_table(&tokens, 1) => verbs::drop_table(&tokens, session, catalog),
        verb @ ("create" | "drop") => catalog.change(verb == "create", &tokens, &session.user),
        "insert" => verbs::insert(&tokens, session, catalog),
        "update" => verbs::update(&tokens, session, catalog),
        "delete" => verbs::delete(&tokens, session, catalog),
        "truncate" => verbs::truncate(&tokens, session, catalog),
        "alter" | "with" | "explain" | "copy" | "grant" | "table" | "values" => Err(not_modelled(
            &format!("{} statements", first.to_ascii_uppercase()),
        )),
        _ => Err(syntax(tokens.first().cloned())),
    }
}

/// Whether the word at a place is the one for tables.
fn is_table(tokens: &[(Token, usize)], at: usize) -> bool {
    matches!(tokens.get(at), Some((Token::Word(word), _)) if word.eq_ignore_ascii_case("table"))
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
    SqlError::new("0A000", crate::not_modelled!("postgres", "{what}"))
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
    fn what_nests_too_deep_is_refused() {
        for (open, close) in [
            ("(", ")"),
            ("- ", ""),
            ("upper(", ")"),
            ("case when ", " then 1 end"),
        ] {
            let deep = |times| format!("SELECT {}true{}", open.repeat(times), close.repeat(times));
            let refused = run(&deep(20_000)).err().map(|error| error.code);
            assert_eq!(refused, Some("54001"), "{open}");
            let refused = run(&deep(50)).err().map(|error| error.code);
            assert_ne!(refused, Some("54001"), "{open}");
        }
    }

    #[test]
    fn errors_say_where() {
        let error = run("selec").unwrap_err();
        assert_eq!(
            (error.text.as_str(), error.position),
            ("syntax error at or near \"selec\"", Some(1))
        );
        assert_eq!(run("select nope").unwrap_err().position, Some(8));
        assert_eq!(run("select * from t").unwrap_err().code, "42P01");
        for sql in [
            "select avg(oid) from pg_roles",
            "select 1 from pg_roles group by oid",
            "select count(*), oid from pg_roles",
        ] {
            assert_eq!(run(sql).unwrap_err().code, "0A000", "{sql}");
        }
        let position = |sql| run(sql).unwrap_err().position;
        assert_eq!(position("select nope from pg_database"), Some(8));
        assert_eq!(position("select datname, from pg_database"), Some(17));
        assert_eq!(position("select d.datname from pg_database"), Some(8));
    }

    /// A cluster to which statements are put one after the other.
    struct Cluster(Catalog);

    impl Cluster {
        fn put(&mut self, sql: &str) -> Result<Outcome, SqlError> {
            execute(sql, &session(), &mut self.0)
        }

        fn tag(&mut self, sql: &str) -> String {
            match self.put(sql) {
                Ok(Outcome::Done(tag)) => tag,
                other => format!("{other:?}"),
            }
        }

        fn rows(&mut self, sql: &str) -> String {
            let Ok(Outcome::Rows(_, rows)) = self.put(sql) else {
                return "no rows".into();
            };
            let row = |row: Vec<Value>| {
                let cells: Vec<String> = row.iter().map(|v| v.text().unwrap_or_default()).collect();
                cells.join("|")
            };
            rows.into_iter().map(row).collect::<Vec<_>>().join(" ")
        }

        fn why(&mut self, sql: &str) -> String {
            let error = self.put(sql).unwrap_err();
            match error.note {
                Some(Note::Detail(note) | Note::Hint(note)) => format!("{} / {note}", error.text),
                None => error.text,
            }
        }
    }

    #[test]
    fn tables_hold_what_is_put_into_them() {
        let mut cluster = Cluster(Catalog::new("postgres", "shop"));
        let made = cluster.tag(
            "create table item (id serial primary key, name varchar(4) not null unique, price int default 5)",
        );
        assert_eq!(made, "CREATE TABLE");
        assert_eq!(
            cluster.tag("insert into item (name, price) values ('pen', 2), ('ink', 7)"),
            "INSERT 0 2"
        );
        assert_eq!(
            cluster.tag("insert into item values (default, 'cup')"),
            "INSERT 0 1"
        );
        assert_eq!(
            cluster.rows("select * from item"),
            "1|pen|2 2|ink|7 3|cup|5"
        );
        assert_eq!(
            cluster.rows("select name from item where price between 3 and 9 order by 1 limit 1"),
            "cup"
        );
        assert_eq!(
            cluster.rows("select count(*), max(price), sum(price) from item where name like '%n%'"),
            "2|7|9"
        );
        // What was changed lies behind the others.
        assert_eq!(
            cluster.tag("update item set price = price + 1 where id = 1"),
            "UPDATE 1"
        );
        assert_eq!(cluster.rows("select id, price from item"), "2|7 3|5 1|3");
        assert_eq!(
            cluster.tag("delete from item where name in ('ink', 'cup')"),
            "DELETE 2"
        );
        assert_eq!(
            cluster.rows("select name || '!', price::text from item"),
            "pen!|3"
        );
        assert_eq!(cluster.tag("drop table item"), "DROP TABLE");
    }

    #[test]
    fn tables_refuse_what_breaks_their_rules() {
        let mut cluster = Cluster(Catalog::new("postgres", "shop"));
        cluster
            .put("create table item (id int primary key, name varchar(4))")
            .unwrap();
        cluster.put("insert into item values (1, 'pen')").unwrap();
        assert_eq!(
            cluster.why("insert into item values (1, 'ink')"),
            "duplicate key value violates unique constraint \"item_pkey\" / Key (id)=(1) already exists."
        );
        assert_eq!(
            cluster.why("insert into item (name) values ('ink')"),
            "null value in column \"id\" of relation \"item\" violates not-null constraint / Failing row contains (null, ink)."
        );
        assert_eq!(
            cluster.why("select nam from item"),
            "column \"nam\" does not exist / Perhaps you meant to reference the column \"item.name\"."
        );
        assert_eq!(
            cluster.why("insert into item values ('x', 'y')"),
            "invalid input syntax for type integer: \"x\""
        );
        assert_eq!(
            cluster.why("insert into item values (2, 'paper')"),
            "value too long for type character varying(4)"
        );
        assert_eq!(
            cluster.why("delete from items"),
            "relation \"items\" does not exist"
        );
        assert_eq!(cluster.rows("select count(*) from item"), "1");
    }

    #[test]
    fn a_transaction_is_undone() {
        let mut cluster = Cluster(Catalog::new("postgres", "shop"));
        cluster.put("create table t (a int)").unwrap();
        cluster.put("begin").unwrap();
        cluster.put("insert into t values (1)").unwrap();
        assert_eq!(cluster.rows("select a from t"), "1");
        cluster.put("rollback").unwrap();
        assert_eq!(cluster.rows("select a from t"), "");
    }
}
