//! What the server knows of itself: databases, roles and schemas, as relations that can be read.

use super::sql::{Outcome, Session, SqlError, not_modelled};
use super::tables::Table;
use super::tokens::Token;
use super::value::Value;
use super::views;
use std::net::SocketAddr;

/// The role that made the cluster.
const FIRST_ROLE: i64 = 10;
/// The first number that is not the system's own.
const FIRST_OID: i64 = 16_384;

/// What a role may be allowed, as `CREATE ROLE` says it.
const RIGHTS: [&str; 7] = [
    "superuser",
    "inherit",
    "createrole",
    "createdb",
    "login",
    "replication",
    "bypassrls",
];
const INHERIT: usize = 1;
const LOGIN: usize = 4;

/// The roles of every cluster. Source: `pg_authid.dat` of PostgreSQL 18.
const SYSTEM_ROLES: &[(i64, &str)] = &[
    (6171, "pg_database_owner"),
    (6181, "pg_read_all_data"),
    (6182, "pg_write_all_data"),
    (3373, "pg_monitor"),
    (3374, "pg_read_all_settings"),
    (3375, "pg_read_all_stats"),
    (3377, "pg_stat_scan_tables"),
    (4569, "pg_read_server_files"),
    (4570, "pg_write_server_files"),
    (4571, "pg_execute_server_program"),
    (4200, "pg_signal_backend"),
    (4544, "pg_checkpoint"),
    (6337, "pg_maintain"),
    (4550, "pg_use_reserved_connections"),
    (6304, "pg_create_subscription"),
    (6392, "pg_signal_autovacuum_worker"),
];

/// Numbers, names and owners.
const SCHEMAS: &[(i64, &str, i64)] = &[
    (99, "pg_toast", FIRST_ROLE),
    (11, "pg_catalog", FIRST_ROLE),
    (2200, "public", 6171),
    (13_207, "information_schema", FIRST_ROLE),
];

/// A database.
struct Database {
    oid: i64,
    name: String,
    owner: i64,
}

/// A role.
struct Role {
    oid: i64,
    name: String,
    rights: [bool; RIGHTS.len()],
}

/// The databases and roles that there are.
pub(super) struct Catalog {
    databases: Vec<Database>,
    roles: Vec<Role>,
    pub(super) tables: Vec<Table>,
    /// What the tables were before the transactions that are open, by their clients.
    begun: Vec<(Option<SocketAddr>, Vec<Table>)>,
    next: i64,
}

/// A table that can be read, with the names of its columns.
pub(super) struct Relation {
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<Vec<Value>>,
}

impl Catalog {
    /// A new cluster's, with the first user's own database.
    pub(super) fn new(user: &str, database: &str) -> Self {
        let mut catalog = Self {
            databases: Vec::new(),
            roles: Vec::new(),
            tables: Vec::new(),
            begun: Vec::new(),
            next: FIRST_OID,
        };
        for (oid, name) in [(5, "postgres"), (1, "template1"), (4, "template0")] {
            catalog.databases.push(Database {
                oid,
                name: name.to_owned(),
                owner: FIRST_ROLE,
            });
        }
        catalog.roles.push(Role {
            oid: FIRST_ROLE,
            name: user.to_owned(),
            rights: [true; RIGHTS.len()],
        });
        let system = SYSTEM_ROLES.iter().map(|(oid, name)| Role {
            oid: *oid,
            name: (*name).to_owned(),
            rights: std::array::from_fn(|at| at == INHERIT),
        });
        catalog.roles.extend(system);
        if !catalog.has_database(database) {
            catalog.add_database(database, user);
        }
        catalog
    }

    /// Whether there is a database of that name.
    pub(super) fn has_database(&self, name: &str) -> bool {
        self.databases.iter().any(|known| known.name == name)
    }

    /// Whether a role of that name may log in; `None` if there is none.
    pub(super) fn may_log_in(&self, name: &str) -> Option<bool> {
        let role = self.roles.iter().find(|role| role.name == name)?;
        Some(role.rights.get(LOGIN) == Some(&true))
    }

    /// The name of a role.
    pub(super) fn role_name(&self, oid: i64) -> String {
        let role = self.roles.iter().find(|role| role.oid == oid);
        role.map_or_else(|| format!("unknown (OID={oid})"), |role| role.name.clone())
    }

    fn number(&mut self) -> i64 {
        self.next += 1;
        self.next - 1
    }

    /// The databases that are not every cluster's, and their owners.
    pub(super) fn own_databases(&self) -> Vec<(String, String)> {
        let own = self.databases.iter().filter(|known| known.oid >= FIRST_OID);
        own.map(|known| (known.name.clone(), self.role_name(known.owner)))
            .collect()
    }

    pub(super) fn add_database(&mut self, name: &str, owner: &str) {
        let owner = self.roles.iter().find(|role| role.name == owner);
        let database = Database {
            owner: owner.map_or(FIRST_ROLE, |role| role.oid),
            name: name.to_owned(),
            oid: self.number(),
        };
        // The first one takes a place that was left free when the cluster was made.
        let at = match self.databases.len() {
            3 => 1,
            all => all,
        };
        self.databases.insert(at, database);
    }

    /// A table of a database.
    pub(super) fn table(&self, database: &str, name: &str) -> Option<&Table> {
        let mut tables = self.tables_of(database);
        tables.find(|table| table.name == name)
    }

    /// The tables of a database.
    pub(super) fn tables_of(&self, database: &str) -> impl Iterator<Item = &Table> {
        let tables = self.tables.iter();
        tables.filter(move |table| table.database == database)
    }

    /// A table of a database, to change it.
    pub(super) fn table_mut(&mut self, database: &str, name: &str) -> Result<&mut Table, SqlError> {
        let mut tables = self.tables.iter_mut();
        tables
            .find(|table| table.database == database && table.name == name)
            .ok_or_else(|| SqlError::new("42P01", format!("relation \"{name}\" does not exist")))
    }

    /// Whether a transaction of somebody is open.
    pub(super) fn is_open(&self) -> bool {
        !self.begun.is_empty()
    }

    /// Keeps a new table.
    pub(super) fn add(&mut self, table: Table) {
        self.tables.push(table);
    }

    /// Gives up tables of a database.
    pub(super) fn forget(&mut self, database: &str, names: &[String]) {
        self.tables
            .retain(|table| table.database != database || !names.contains(&table.name));
    }

    /// Begins a transaction. What others change meanwhile is undone with it, which a real server would not do.
    pub(super) fn begin(&mut self, session: &Session) {
        self.begun.push((session.client, self.tables.clone()));
    }

    /// Ends a transaction.
    pub(super) fn finish(&mut self, session: &Session, keep: bool) {
        let mine = self
            .begun
            .iter()
            .position(|(client, _)| *client == session.client);
        if let Some(at) = mine {
            let (_, before) = self.begun.remove(at);
            if !keep {
                self.tables = before;
            }
        }
    }

    /// A relation: a table of the database, or one of the system's catalogue. What this server has nothing of (files,
    /// transactions) has no column there.
    pub(super) fn relation(&self, database: &str, name: &str) -> Option<Relation> {
        if let Some(table) = self.table(database, name) {
            return Some(Relation {
                columns: table
                    .columns
                    .iter()
                    .map(|column| column.name.clone())
                    .collect(),
                rows: table.rows.clone(),
            });
        }
        if let Some(view) = views::view(self, database, name) {
            return Some(view);
        }
        let text = |text: &str| Value::Text(text.to_owned());
        let (columns, rows) = match name {
            "pg_database" => (
                "oid datname datdba encoding datlocprovider datistemplate datallowconn datconnlimit \
                 datcollate datctype datlocale daticurules datcollversion datacl",
                self.databases
                    .iter()
                    .map(|database| {
                        let template = matches!(database.oid, 1 | 4);
                        let owner = self.role_name(database.owner);
                        let grants = format!("{{=c/{owner},{owner}=CTc/{owner}}}");
                        vec![
                            Value::Int(database.oid),
                            text(&database.name),
                            Value::Int(database.owner),
                            Value::Int(6),
                            text("c"),
                            Value::Bool(template),
                            Value::Bool(database.oid != 4),
                            Value::Int(-1),
                            text("C"),
                            text("C"),
                            Value::Null,
                            Value::Null,
                            Value::Null,
                            if template { text(&grants) } else { Value::Null },
                        ]
                    })
                    .collect(),
            ),
            "pg_roles" => (
                "rolname rolsuper rolinherit rolcreaterole rolcreatedb rolcanlogin rolreplication \
                 rolconnlimit rolpassword rolvaliduntil rolbypassrls rolconfig oid",
                self.roles
                    .iter()
                    .map(|role| {
                        let [all, inherits, roles, databases, login, copies, bypasses] =
                            role.rights.map(Value::Bool);
                        vec![
                            text(&role.name),
                            all,
                            inherits,
                            roles,
                            databases,
                            login,
                            copies,
                            Value::Int(-1),
                            text("********"),
                            Value::Null,
                            bypasses,
                            Value::Null,
                            Value::Int(role.oid),
                        ]
                    })
                    .collect(),
            ),
            "pg_namespace" => (
                "oid nspname nspowner nspacl",
                SCHEMAS
                    .iter()
                    .map(|(oid, name, owner)| {
                        let by = self.role_name(*owner);
                        let grants = format!("{{{by}=UC/{by},=U/{by}}}");
                        vec![
                            Value::Int(*oid),
                            text(name),
                            Value::Int(*owner),
                            if *name == "pg_toast" {
                                Value::Null
                            } else {
                                text(&grants)
                            },
                        ]
                    })
                    .collect(),
            ),
            _ => return None,
        };
        Some(Relation {
            columns: columns.split_whitespace().map(str::to_owned).collect(),
            rows,
        })
    }

    /// `CREATE` and `DROP` of databases and roles.
    pub(super) fn change(
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
            self.has_database(&name)
        } else {
            self.may_log_in(&name).is_some()
        };
        let noun = if is_database { "database" } else { "role" };
        let fault = |code, what: &str| {
            Err(SqlError {
                code,
                text: format!("{noun} \"{name}\" {what}"),
                position: None,
                note: None,
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
            (true, false, true) => self.add_database(&name, user),
            (true, false, false) => {
                let says = |wanted: &str| {
                    words.iter().any(|(token, _)| matches!(token, Token::Word(w) if w.eq_ignore_ascii_case(wanted)))
                };
                let mut rights = RIGHTS.map(says);
                if let Some(inherit) = rights.get_mut(INHERIT) {
                    *inherit = !says("noinherit");
                }
                if let Some(login) = rights.get_mut(LOGIN) {
                    *login |= kind == "user" && !says("nologin");
                }
                let oid = self.number();
                self.roles.push(Role { oid, name, rights });
            }
            (false, _, true) => {
                self.databases.retain(|known| known.name != name);
                self.tables.retain(|table| table.database != name);
            }
            (false, _, false) => self.roles.retain(|known| known.name != name),
        }
        Ok(Outcome::done(match (create, is_database) {
            (true, true) => "CREATE DATABASE",
            (true, false) => "CREATE ROLE",
            (false, true) => "DROP DATABASE",
            (false, false) => "DROP ROLE",
        }))
    }
}
