//! traceroute and arping, and the small web servers.

mod common;

use common::{Bench, Kind};

/// Times differ from world to world: every number before `ms` becomes T.
fn masked(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("ms\n") {
        let head = before.trim_end();
        let gap = before.strip_prefix(head).unwrap_or_default();
        out.push_str(head.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.'));
        out.push_str(&format!("T{gap}ms\n"));
        rest = after;
    }
    out + rest
}

#[test]
fn traceroute_shows_hops_and_silence() {
    let mut b = Bench::new();
    b.container("gnu", "10.0.0.2", Kind::Gnu);
    b.container("busy", "10.0.0.3", Kind::Busybox);
    let (text, code) = b.run("gnu", "traceroute -n -m 3 -w 1 -q 1 10.0.0.3");
    assert_eq!(
        (masked(&text).as_str(), code),
        (
            "traceroute to 10.0.0.3 (10.0.0.3), 3 hops max, 60 byte packets\n 1  10.0.0.3  T ms\n",
            0
        )
    );
    let (text, _) = b.run("busy", "traceroute -n -m 3 -w 1 -q 1 10.0.0.2");
    assert_eq!(
        masked(&text),
        "traceroute to 10.0.0.2 (10.0.0.2), 3 hops max, 46 byte packets\n 1  10.0.0.2  T ms\n"
    );
    let (text, _) = b.run("gnu", "traceroute -n -m 2 -w 1 -q 1 10.0.0.99");
    assert_eq!(
        text,
        "traceroute to 10.0.0.99 (10.0.0.99), 2 hops max, 60 byte packets\n 1  *\n 2  *\n"
    );
    let (text, code) = b.run("gnu", "arping -c 2 -I eth0 10.0.0.3");
    let mac = b.world.kernel(|k| {
        let l = k.link_by_name(b.netns("busy"), "eth0").unwrap();
        k.link(l).unwrap().mac.to_string().to_ascii_uppercase()
    });
    assert_eq!(
        masked(&text),
        format!(
            "ARPING 10.0.0.3 from 10.0.0.2 eth0\nUnicast reply from 10.0.0.3 [{mac}]  Tms\nUnicast reply from 10.0.0.3 [{mac}]  Tms\nSent 2 probes (1 broadcast(s))\nReceived 2 response(s)\n"
        )
    );
    assert_eq!(code, 0);
    assert_eq!(b.run("gnu", "arping -c 1 -w 1 -I eth0 10.0.0.200"), ("ARPING 10.0.0.200 from 10.0.0.2 eth0\nSent 1 probes (1 broadcast(s))\nReceived 0 response(s)\n".into(), 1));
}

#[test]
fn small_servers_answer() {
    let mut b = Bench::new();
    b.container("srv", "10.0.0.2", Kind::Gnu);
    b.container("cli", "10.0.0.3", Kind::Gnu);
    b.start("srv", "whoami-server");
    b.start("srv", "node_exporter");
    b.start("srv", "mysqld");
    b.settle(10);
    let (text, _) = b.run("cli", "curl -s http://10.0.0.2");
    assert!(
        text.starts_with("Hostname: srv\nIP: 127.0.0.1\n")
            && text.contains("RemoteAddr: 10.0.0.3:")
            && text.contains("GET / HTTP/1.1\nHost: 10.0.0.2\n"),
        "{text}"
    );
    let (text, _) = b.run("cli", "curl -s http://10.0.0.2:9100/metrics");
    assert!(
        text.contains("node_network_up{device=\"eth0\"} 1\n"),
        "{text}"
    );
    assert_eq!(
        b.run("cli", "mysqladmin -h 10.0.0.2 ping"),
        ("mysqld is alive\n".into(), 0)
    );
    assert_eq!(
        b.run("cli", "mysql -h 10.0.0.3 -e x").0,
        "ERROR 2003 (HY000): Can't connect to MySQL server on '10.0.0.3:3306' (111)\n"
    );
    assert_eq!(
        b.run("cli", "mysql -h 10.0.0.2 -e 'select 1'").0,
        "ERROR 1235 (42000) at line 1: SQL statements are not modelled in Drydock\n"
    );
}
