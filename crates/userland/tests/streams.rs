//! nc, ncat, wget and Redis over simulated wires.

mod common;

use common::{Bench, Kind};
use kernel::process::signal::Signal;

fn bench() -> Bench {
    let mut b = Bench::new();
    b.container("gnu", "10.0.0.2", Kind::Gnu);
    b.container("busy", "10.0.0.3", Kind::Busybox);
    b.container("srv", "10.0.0.4", Kind::Gnu);
    for name in ["gnu", "busy"] {
        b.put(name, "/etc/hosts", "127.0.0.1 localhost\n10.0.0.4 srv\n");
    }
    b.put("srv", "/srv/index.html", "hello\n");
    b
}

#[test]
fn redis_answers_both_protocol_and_plain_lines() {
    let mut b = bench();
    let redis = b.start("srv", "redis-server");
    b.settle(10);
    assert_eq!(b.run("gnu", "redis-cli -h srv ping"), ("PONG\n".into(), 0));
    assert_eq!(b.run("gnu", "redis-cli -h srv incr a").0, "1\n");
    assert_eq!(b.run("gnu", "redis-cli -h srv get nokey").0, "\n");
    assert_eq!(
        b.run("gnu", "redis-cli -h srv foo bar").0,
        "ERR unknown command 'foo', with args beginning with: 'bar' \n\n"
    );
    assert_eq!(
        b.run("gnu", "redis-cli -h srv -p 81 ping"),
        (
            "Could not connect to Redis at srv:81: Connection refused\n".into(),
            1
        )
    );
    assert_eq!(
        b.run("gnu", "curl -sS http://srv:6379"),
        ("curl: (52) Empty reply from server\n".into(), 52)
    );
    assert_eq!(
        b.run_with("gnu", "nc -N srv 6379", "PING\r\n").0,
        "+PONG\n".replace('\n', "\r\n")
    );
    b.signal(&redis, Signal::TERM);
    b.settle(100);
    assert!(
        b.output(&redis)
            .ends_with("# Redis is now ready to exit, bye bye...\n"),
        "{}",
        b.output(&redis)
    );
}

#[test]
fn nc_says_how_connecting_went() {
    let mut b = bench();
    b.start("srv", "httpd -f -p 80 -h /srv");
    b.settle(10);
    assert_eq!(
        b.run("gnu", "nc -zv srv 80"),
        (
            "Connection to srv (10.0.0.4) 80 port [tcp/http] succeeded!\n".into(),
            0
        )
    );
    assert_eq!(
        b.run("gnu", "nc -zv srv 81"),
        (
            "nc: connect to srv (10.0.0.4) port 81 (tcp) failed: Connection refused\n".into(),
            1
        )
    );
    assert_eq!(
        b.run("gnu", "nc -zv -w 2 10.0.0.99 80"),
        (
            "nc: connect to 10.0.0.99 port 80 (tcp) timed out: Operation now in progress\n".into(),
            1
        )
    );
    assert_eq!(b.run("gnu", "nc -zvu -w 1 srv 9998"), (String::new(), 1));
    assert_eq!(
        b.run("busy", "nc -w 1 10.0.0.98 80"),
        ("nc: timed out\n".into(), 1)
    );
    assert_eq!(b.run("busy", "wget -qO- http://srv"), ("hello\n".into(), 0));
    assert_eq!(
        b.run("busy", "wget -qO- http://srv:3001"),
        (
            "wget: can't connect to remote host (10.0.0.4): Connection refused\n".into(),
            1
        )
    );
    assert_eq!(
        b.run("busy", "wget http://srv/nosuch").0,
        "Connecting to srv (10.0.0.4:80)\nwget: server returned error: HTTP/1.1 404 Not Found\n"
    );
}

#[test]
fn ncat_runs_programs_for_streams_and_datagrams() {
    let mut b = bench();
    b.start("srv", "ncat -l -k -e /bin/cat 7");
    b.start("srv", "ncat -u -l -k -e /bin/cat 9");
    b.settle(10);
    assert_eq!(
        b.run_with("gnu", "ncat srv 7", "echo me\n"),
        ("echo me\n".into(), 0)
    );
    assert_eq!(
        b.run_with("gnu", "ncat -u -i 1 srv 9", "echo me\n"),
        (String::new(), 0)
    );
    assert_eq!(
        b.run_with("gnu", "nc -u -w 1 srv 9", "echo me\n"),
        ("echo me\n".into(), 0)
    );
    b.start("srv", "socat TCP-LISTEN:8,fork TCP:127.0.0.1:7");
    b.settle(10);
    assert_eq!(
        b.run_with("gnu", "nc -N srv 8", "through\n"),
        ("through\n".into(), 0)
    );
    let (text, _) = b.run("gnu", "mtr --report -n -c 2 10.0.0.4");
    assert!(
        text.contains("  1.|-- 10.0.0.4                    0.0%     2 "),
        "{text}"
    );
}
