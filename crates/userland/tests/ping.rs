//! ping in both flavours, and the name server it asks.

mod common;

use common::{Bench, Kind};
use kernel::process::signal::Signal;

const DNS: &str = "port=53\nlocal-ttl=300\naddress=/#/\nhost-record=www.example.test,10.0.0.2\ncname=web.example.test,www.example.test\n";

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

/// Times differ from world to world.
fn masked(text: &str) -> String {
    text.split(' ')
        .map(|w| if w.starts_with("time=") { "time=T" } else { w })
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn both_say_what_came_back() {
    let mut b = bench();
    let (text, code) = b.run("gnu", "ping -c 2 busy.example.test");
    assert_eq!(
        (text.as_str(), code),
        ("ping: busy.example.test: Name or service not known\n", 2)
    );
    let (text, code) = b.run("gnu", "ping -c 1 web.example.test");
    assert!(masked(&text).starts_with("PING www.example.test (10.0.0.2) 56(84) bytes of data.\n64 bytes from gnu-id (10.0.0.2): icmp_seq=1 ttl=64 time=T ms\n\n--- www.example.test ping statistics ---\n1 packets transmitted, 1 received, 0% packet loss, time 0ms\nrtt min/avg/max/mdev = "), "{text}");
    assert_eq!(code, 0);
    let (text, code) = b.run("busy", "ping -c 2 www.example.test");
    assert!(masked(&text).starts_with("PING www.example.test (10.0.0.2): 56 data bytes\n64 bytes from 10.0.0.2: seq=0 ttl=64 time=T ms\n64 bytes from 10.0.0.2: seq=1 ttl=64 time=T ms\n\n--- www.example.test ping statistics ---\n2 packets transmitted, 2 packets received, 0% packet loss\nround-trip min/avg/max = "), "{text}");
    assert_eq!(code, 0);
    assert_eq!(
        b.run("busy", "ping -c 1 nosuch"),
        ("ping: bad address 'nosuch'\n".into(), 1)
    );
}

#[test]
fn silence_and_errors_are_told() {
    let mut b = bench();
    let (text, code) = b.run("gnu", "ping -c 1 -W 1 10.0.0.99");
    assert_eq!(
        text,
        "PING 10.0.0.99 (10.0.0.99) 56(84) bytes of data.\n\n--- 10.0.0.99 ping statistics ---\n1 packets transmitted, 0 received, 100% packet loss, time 0ms\n\n"
    );
    assert_eq!(code, 1);
    b.settle(10_000);
    let (text, _) = b.run("gnu", "ping -c 1 10.0.0.99");
    assert_eq!(
        text,
        "PING 10.0.0.99 (10.0.0.99) 56(84) bytes of data.\nFrom 10.0.0.2 icmp_seq=1 Destination Host Unreachable\n\n--- 10.0.0.99 ping statistics ---\n1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 0ms\n\n"
    );
    let (text, _) = b.run("gnu", "ping -c 1 10.9.9.9");
    assert!(
        text.contains("From 10.0.0.1 icmp_seq=1 Destination Net Unreachable\n"),
        "{text}"
    );
    b.world
        .kernel(|k| k.link_set_down(k.link_by_name(b.netns("busy"), "eth0").unwrap()))
        .unwrap();
    assert_eq!(
        b.run("busy", "ping -c 1 10.0.0.2"),
        (
            "PING 10.0.0.2 (10.0.0.2): 56 data bytes\nping: sendto: Network is unreachable\n"
                .into(),
            1
        )
    );
}

#[test]
fn ctrl_c_prints_the_statistics() {
    let mut b = bench();
    let job = b.start("gnu", "ping 10.0.0.3");
    b.settle(2500);
    b.signal(&job, Signal::INT);
    b.settle(10);
    let text = b.output(&job);
    assert!(
        text.contains("3 packets transmitted, 3 received, 0% packet loss, time 2000ms\n"),
        "{text}"
    );
}
