//! psql, pg_isready and the server they talk to.

mod common;

use common::{Bench, Kind};

#[test]
fn psql_prints_tables_and_errors() {
    let mut b = Bench::new();
    b.container("db", "10.0.0.2", Kind::Gnu);
    b.container("cli", "10.0.0.3", Kind::Gnu);
    b.put(
        "cli",
        "/etc/hosts",
        "127.0.0.1 localhost\n10.0.0.2 db\n10.0.0.3 cli\n",
    );
    b.start("db", "postgres");
    b.settle(10);
    assert_eq!(
        b.run("cli", "psql -h db -U postgres -tc 'select 42'"),
        ("       42\n\n".into(), 0)
    );
    assert_eq!(
        b.run("cli", "psql -h db -U postgres -c 'select 1, 2 as b'")
            .0,
        " ?column? | b \n----------+---\n        1 | 2\n(1 row)\n\n"
    );
    assert_eq!(
        b.run(
            "cli",
            "psql -h db -U postgres -c 'select inet_server_addr(), inet_client_addr()'"
        )
        .0,
        " inet_server_addr | inet_client_addr \n------------------+------------------\n 10.0.0.2         | 10.0.0.3\n(1 row)\n\n"
    );
    assert_eq!(
        b.run("cli", "psql -h db -U postgres -c 'select nope'"),
        (
            "ERROR:  column \"nope\" does not exist\nLINE 1: select nope\n               ^\n"
                .into(),
            1
        )
    );
    assert_eq!(b.run("cli", "psql -h cli -U postgres -c 'select 1'"), ("psql: error: connection to server at \"cli\" (10.0.0.3), port 5432 failed: Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?\n".into(), 2));
    assert_eq!(b.run("cli", "psql -h db -U nobody -c 'select 1'"), ("psql: error: connection to server at \"db\" (10.0.0.2), port 5432 failed: FATAL:  role \"nobody\" does not exist\n".into(), 2));
    let late =
        "psql: error: connection to server at \"10.0.0.99\", port 5432 failed: timeout expired\n";
    assert_eq!(
        b.run(
            "cli",
            "env PGCONNECT_TIMEOUT=2 psql -h 10.0.0.99 -U postgres -c x"
        ),
        (late.into(), 2)
    );
    assert_eq!(
        b.run("cli", "pg_isready -h db"),
        ("db:5432 - accepting connections\n".into(), 0)
    );
    assert_eq!(
        b.run("cli", "pg_isready -h cli"),
        ("cli:5432 - no response\n".into(), 2)
    );
}
