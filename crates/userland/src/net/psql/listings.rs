//! What backslash commands ask the server's catalogue for, and how its answers are shown.

/// A backslash command that lists something.
pub(super) struct Listing {
    pub(super) commands: &'static [&'static str],
    pub(super) query: &'static str,
    pub(super) title: &'static str,
    pub(super) counted: bool,
    /// What is made of the answer, if it is not shown as it is.
    pub(super) reshape: Option<fn(&mut Columns, &mut Rows)>,
}

/// Names, and whether each column holds numbers.
pub(super) type Columns = Vec<(String, bool)>;
/// The cells of each row.
pub(super) type Rows = Vec<Vec<String>>;

/// The commands that list databases, roles and schemas.
pub(super) const LISTINGS: &[Listing] = &[
    Listing {
        commands: &["\\l"],
        query: "SELECT d.datname AS \"Name\", pg_catalog.pg_get_userbyid(d.datdba) AS \"Owner\", \
            pg_catalog.pg_encoding_to_char(d.encoding) AS \"Encoding\", CASE d.datlocprovider WHEN 'b' THEN 'builtin' \
            WHEN 'c' THEN 'libc' WHEN 'i' THEN 'icu' END AS \"Locale Provider\", d.datcollate AS \"Collate\", \
            d.datctype AS \"Ctype\", d.datlocale AS \"Locale\", d.daticurules AS \"ICU Rules\", \
            pg_catalog.array_to_string(d.datacl, E'\\n') AS \"Access privileges\" \
            FROM pg_catalog.pg_database d ORDER BY 1",
        title: "List of databases",
        counted: true,
        reshape: None,
    },
    Listing {
        commands: &["\\du", "\\dg"],
        query: "SELECT r.rolname AS \"Role name\", r.rolsuper, r.rolinherit, r.rolcreaterole, r.rolcreatedb, \
            r.rolcanlogin, r.rolreplication, r.rolbypassrls \
            FROM pg_catalog.pg_roles r WHERE r.rolname !~ '^pg_' ORDER BY 1",
        title: "List of roles",
        counted: false,
        reshape: Some(attributes),
    },
    Listing {
        commands: &["\\dn"],
        query: "SELECT n.nspname AS \"Name\", pg_catalog.pg_get_userbyid(n.nspowner) AS \"Owner\" \
            FROM pg_catalog.pg_namespace n WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY 1",
        title: "List of schemas",
        counted: true,
        reshape: None,
    },
];

/// What `\du` says of rights: their answers, and the words for them.
const ATTRIBUTES: [(&str, &str); 7] = [
    ("t", "Superuser"),
    ("f", "No inheritance"),
    ("t", "Create role"),
    ("t", "Create DB"),
    ("f", "Cannot login"),
    ("t", "Replication"),
    ("t", "Bypass RLS"),
];

/// Makes one column of those that say what roles may do.
fn attributes(columns: &mut Columns, rows: &mut Rows) {
    columns.truncate(1);
    columns.push(("Attributes".to_owned(), false));
    for row in rows {
        let rights = row.split_off(row.len().min(1));
        let said = rights
            .iter()
            .zip(ATTRIBUTES)
            .filter(|(is, (when, _))| is == when);
        let words: Vec<&str> = said.map(|(_, (_, words))| words).collect();
        row.push(words.join(", "));
    }
}
