//! The tools that ask name servers.

mod common;

use common::{Bench, Kind};

const DNS: &str = "local-ttl=300\naddress=/#/\nhost-record=www.example.test,10.0.0.2\ncname=web.example.test,www.example.test\ntxt-record=example.test,v=demo\nmx-host=example.test,www.example.test,10\nhost-record=v6.example.test,2001:db8:1::50\n";

fn bench() -> Bench {
    let mut b = Bench::new();
    b.container("gnu", "10.0.0.2", Kind::Gnu);
    b.container("busy", "10.0.0.3", Kind::Busybox);
    b.container("dns", "10.0.0.53", Kind::Gnu);
    b.put("dns", "/etc/dnsmasq.conf", DNS);
    b.start("dns", "dnsmasq -k");
    b.settle(10);
    b
}

#[test]
fn dig_prints_sections_as_bind_does() {
    let mut b = bench();
    let (text, code) = b.run("gnu", "dig web.example.test");
    let text = text
        .lines()
        .map(|l| {
            if l.contains("id: ") {
                l.split("id: ").next().unwrap()
            } else {
                l
            }
        })
        .collect::<Vec<_>>()
        .join("\n");
    let expected = "\n; <<>> DiG 9.20.30-1-Debian <<>> web.example.test\n;; global options: +cmd\n;; Got answer:\n;; ->>HEADER<<- opcode: QUERY, status: NOERROR, \n;; flags: qr aa rd ra; QUERY: 1, ANSWER: 2, AUTHORITY: 0, ADDITIONAL: 1\n\n;; OPT PSEUDOSECTION:\n; EDNS: version: 0, flags:; udp: 1232\n;; QUESTION SECTION:\n;web.example.test.\t\tIN\tA\n\n;; ANSWER SECTION:\nweb.example.test.\t300\tIN\tCNAME\twww.example.test.\nwww.example.test.\t300\tIN\tA\t10.0.0.2\n\n;; Query time: 0 msec\n;; SERVER: 10.0.0.53#53(10.0.0.53) (UDP)\n;; WHEN: Mon Nov 10 09:00:00 UTC 2025\n;; MSG SIZE  rcvd: 79\n";
    assert_eq!((text.as_str(), code), (expected, 0));
    assert_eq!(
        b.run("gnu", "dig +short example.test TXT").0,
        "\"v=demo\"\n"
    );
    assert_eq!(
        b.run("gnu", "dig +tcp +short www.example.test").0,
        "10.0.0.2\n"
    );
    assert_eq!(
        b.run("gnu", "dig +noall +answer -x 10.0.0.2").0,
        "2.0.0.10.in-addr.arpa.\t300\tIN\tPTR\twww.example.test.\n"
    );
    let (text, code) = b.run("gnu", "dig @10.0.0.3 lion +time=1 +tries=1");
    assert_eq!(
        text,
        ";; communications error to 10.0.0.3#53: connection refused\n\n; <<>> DiG 9.20.30-1-Debian <<>> @10.0.0.3 lion +time=1 +tries=1\n; (1 server found)\n;; global options: +cmd\n;; no servers could be reached\n"
    );
    assert_eq!(code, 9);
}

#[test]
fn nslookup_differs_between_bind_and_busybox() {
    let mut b = bench();
    assert_eq!(b.run("busy", "nslookup www.example.test"), ("Server:\t\t10.0.0.53\nAddress:\t10.0.0.53:53\n\nName:\twww.example.test\nAddress: 10.0.0.2\n\nNon-authoritative answer:\n\n".into(), 0));
    assert_eq!(b.run("busy", "nslookup nosuch"), ("Server:\t\t10.0.0.53\nAddress:\t10.0.0.53:53\n\n** server can't find nosuch: NXDOMAIN\n\n** server can't find nosuch: NXDOMAIN\n\n".into(), 1));
    assert_eq!(b.run("gnu", "nslookup web.example.test"), ("Server:\t\t10.0.0.53\nAddress:\t10.0.0.53#53\n\nweb.example.test\tcanonical name = www.example.test.\nName:\twww.example.test\nAddress: 10.0.0.2\n\n".into(), 0));
    assert_eq!(
        b.run("gnu", "nslookup v6.example.test").0,
        "Server:\t\t10.0.0.53\nAddress:\t10.0.0.53#53\n\nNon-authoritative answer:\nName:\tv6.example.test\nAddress: 2001:db8:1::50\n\n"
    );
    assert_eq!(
        b.run("gnu", "nslookup 10.0.0.2").0,
        "2.0.0.10.in-addr.arpa\tname = www.example.test.\n\n"
    );
}

#[test]
fn host_and_getent_answer_in_words_and_columns() {
    let mut b = bench();
    assert_eq!(
        b.run("gnu", "host www.example.test"),
        ("www.example.test has address 10.0.0.2\n".into(), 0)
    );
    assert_eq!(
        b.run("gnu", "host nosuch"),
        ("Host nosuch not found: 3(NXDOMAIN)\n".into(), 1)
    );
    assert_eq!(
        b.run("gnu", "getent hosts web.example.test").0,
        "10.0.0.2        www.example.test web.example.test\n"
    );
    assert_eq!(
        b.run("gnu", "getent hosts localhost").0,
        "::1             localhost ip6-localhost ip6-loopback\n"
    );
    assert_eq!(
        b.run("gnu", "getent hosts absent.example.test"),
        (String::new(), 2)
    );
    assert_eq!(
        b.run("gnu", "getent ahostsv4 www.example.test").0,
        "10.0.0.2        STREAM www.example.test\n10.0.0.2        DGRAM  \n10.0.0.2        RAW    \n"
    );
}
