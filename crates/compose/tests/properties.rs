//! What holds for every project: printed by `config` and read again, it is the same.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod support;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use support::{load_with, shown};

/// Lines of a service that stand for themselves, each key once.
const LINES: [&str; 26] = [
    "command: sh -c \"echo 'a  b' && sleep 1d\"",
    "entrypoint: [\"/bin/sh\", \"-e\"]",
    "environment: {A: 1, B: , C: \"x: y\", D: \"$$HOME\"}",
    "labels: [a=b, \"c d\"]",
    "ports: [80, \"8080-8082:80-82/udp\", \"127.0.0.1::53\", \"[::1]:6001:61\", \"5000-5002:5000\"]",
    "expose: [80, \"90-91/tcp\"]",
    "dns: 192.0.2.1",
    "dns_search: [a.test, b.test]",
    "dns_opt: [\"ndots:2\"]",
    "extra_hosts: [\"gw:host-gateway\", \"b=10.0.0.2\", \"six:::1\", \"b=10.0.0.3\"]",
    "external_links: [other, \"db:mysql\"]",
    "hostname: box",
    "domainname: example.test",
    "mac_address: 02:42:ac:11:00:10",
    "sysctls: {net.ipv4.ip_forward: 1}",
    "cap_add: [NET_ADMIN]",
    "restart: on-failure:3",
    "stop_grace_period: 1m30s",
    "healthcheck: {test: curl -f x, interval: 90s, retries: 3, start_interval: 500ms}",
    "deploy: {replicas: 2, endpoint_mode: dnsrr}",
    "profiles: []",
    "volumes: [\"./here:/there:ro\", \"data:/data\", \"/anonymous\"]",
    "ulimits: {nofile: {soft: 10, hard: 20}, nproc: 5}",
    "tmpfs: /run",
    "logging: {driver: json-file, options: {max-file: 3}}",
    "stop_signal: SIGINT",
];

/// How a service is connected.
const NETWORKS: [&str; 7] = [
    "",
    "networks: [front, back]",
    "networks: {front: {aliases: [x, y], ipv4_address: 10.9.0.10, gw_priority: 1}, back: }",
    "networks: {back: {ipv6_address: \"fd00::10\", link_local_ips: [169.254.8.8], interface_name: up0, priority: 5}}",
    "networks: {front: {mac_address: 02:42:0a:09:00:0a, driver_opts: {a: 1}}}",
    "network_mode: host",
    "network_mode: none",
];

const REST: &str = "\
networks:
  front:
    driver: bridge
    driver_opts: {com.docker.network.bridge.name: br-front}
    enable_ipv6: true
    labels: [team=a]
    ipam: {config: [{subnet: 10.9.0.0/24, gateway: 10.9.0.1, aux_addresses: {r: 10.9.0.2}}, {subnet: \"fd00::/64\"}]}
  back: {internal: true, name: the-back, attachable: true}
volumes: {data: }
";

/// A service: its lines, its networks, and those before it that it waits for.
fn service() -> impl Strategy<Value = (Vec<&'static str>, &'static str, bool)> {
    let lines = subsequence(LINES.to_vec(), 0..8);
    (lines, select(NETWORKS.to_vec()), any::<bool>())
}

fn project() -> impl Strategy<Value = String> {
    prop::collection::vec(service(), 1..4).prop_map(|services| {
        let mut text = "services:\n".to_owned();
        for (index, (lines, networks, waits)) in services.into_iter().enumerate() {
            text.push_str(&format!("  s{index}:\n    image: i{index}\n"));
            for line in lines.into_iter().chain([networks]) {
                text.push_str(&format!("    {line}\n"));
            }
            if let (true, Some(before)) = (waits, index.checked_sub(1)) {
                text.push_str(&format!(
                    "    depends_on: {{s{before}: {{condition: service_healthy}}}}\n"
                ));
            }
        }
        text + REST
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_printed_project_is_the_project(text in project()) {
        let first = load_with(&[("compose.yaml", &text)], |_| {});
        let printed = shown(&first);
        prop_assert!(first.project.is_ok(), "{printed}\n{text}");
        let second = load_with(&[("compose.yaml", &printed)], |_| {});
        prop_assert_eq!(&shown(&second), &printed);
        prop_assert_eq!(first.project.unwrap(), second.project.unwrap());
    }
}
